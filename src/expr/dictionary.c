/* dictionary.c - reading the tables, finding in them. They are small and asked for while plans are
 * made, never per event: they are searched from the start. */
#include "expr/dictionary.h"

#include "codec/json.h"
#include "expr/text.h"

static enum status fault_at(struct dictionary_fault *fault, size_t at, const char *why)
{
    *fault = (struct dictionary_fault){at, slice_of(why)};
    return STATUS_INVALID;
}

static bool is_text(const struct document *document, uint32_t node)
{
    enum document_kind kind = (enum document_kind)document->nodes[node].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

static enum status read_entry(const struct document *document, uint32_t at, enum class_id keys,
                              struct arena *arena, struct dictionary_entry *entry,
                              struct dictionary_fault *fault)
{
    size_t start = document->nodes[at].start;

    if (!is_text(document, at + 1))
        return fault_at(fault, document->nodes[at + 1].start, "a label is a text");
    enum status status = document_string(document, at, arena, &entry->key);
    if (status == STATUS_OK) status = document_string(document, at + 1, arena, &entry->label);
    if (status != STATUS_OK) return status;
    if (keys == CLASS_String) {
        entry->value = value_string(entry->key);
        return STATUS_OK;
    }
    if (text_scalar(entry->key, keys, arena, &entry->value) == STATUS_OK) return STATUS_OK;
    return fault_at(fault, start,
                    keys == CLASS_Long ? "a key is no whole number" : "a key is not true or false");
}

static enum status read_entries(const struct document *document, struct arena *arena,
                                struct dictionary *dictionary, struct dictionary_fault *fault)
{
    uint32_t count = document->nodes[0].count;
    struct dictionary_entry *entries = arena_zalloc(arena, count, sizeof(*entries));
    uint32_t at = 1;

    if (entries == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        enum status status = read_entry(document, at, dictionary->keys, arena, &entries[i], fault);
        if (status != STATUS_OK) return status;
        for (uint32_t before = 0; before < i; before++) {
            if (slice_equal(entries[before].key, entries[i].key))
                return fault_at(fault, document->nodes[at].start, "a key is there twice");
        }
        at = document->nodes[at + 1].next;
    }
    dictionary->entries = entries;
    dictionary->count = count;
    return STATUS_OK;
}

enum status dictionary_read(struct slice id, enum class_id keys, struct slice text,
                            struct arena *arena, struct dictionary *dictionary,
                            struct dictionary_fault *fault)
{
    struct document document;
    struct json_error error = {.message = "too large"};
    enum status status = json_parse(text, &json_limits_default, arena, &document, &error);

    ASSERT(keys == CLASS_String || keys == CLASS_Long || keys == CLASS_Boolean);
    *dictionary = (struct dictionary){.id = id, .keys = keys};
    if (status == STATUS_INVALID) return fault_at(fault, error.at, error.message);
    if (status != STATUS_OK) {
        (void)fault_at(fault, 0, "too large");
        return status;
    }
    if (document.nodes[0].kind != DOCUMENT_OBJECT)
        return fault_at(fault, 0, "a dictionary is a JSON object of key and label");
    if (document.nodes[0].count > DICTIONARY_ENTRIES_MAX)
        return fault_at(fault, 0, "a dictionary has at most 4096 entries");
    return read_entries(&document, arena, dictionary, fault);
}

const struct dictionary *dictionary_find(const struct dictionaries *dictionaries, struct slice id)
{
    for (uint32_t i = 0; dictionaries != NULL && i < dictionaries->count; i++) {
        if (slice_equal(dictionaries->items[i].id, id)) return &dictionaries->items[i];
    }
    return NULL;
}

const struct dictionary_entry *dictionary_entry(const struct dictionary *dictionary,
                                                struct slice key)
{
    for (uint32_t i = 0; i < dictionary->count; i++) {
        if (slice_equal(dictionary->entries[i].key, key)) return &dictionary->entries[i];
    }
    for (uint32_t i = 0; i < dictionary->count; i++) {
        if (slice_equal(dictionary->entries[i].label, key)) return &dictionary->entries[i];
    }
    return NULL;
}

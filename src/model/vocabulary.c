/* vocabulary.c - four JSON objects become one table by name.
 *
 * Reading is in two rounds over the same table: the catalogue's names in their order, then the names
 * of items.json that the catalogue lacks; ids, categories and products are filled in by name.
 */
#include "model/vocabulary.h"

#include "base/hash.h"
#include "model/parts.h"

/* By name; of a category only the id counts. */
struct table {
    struct vocabulary_item *at;
    uint32_t *slots;
    uint32_t slot_mask;
    uint32_t count;
};

struct reader {
    const char *directory;
    struct arena *arena;
    struct buffer *message;
    struct table items, cates;
};

/* Where a name is or would be. */
static uint32_t slot_of(const struct vocabulary_item *items, const uint32_t *slots, uint32_t mask,
                        struct slice name)
{
    uint32_t slot = (uint32_t)hash_bytes(name, 0) & mask;

    while (slots[slot] != 0 && !slice_equal(items[slots[slot] - 1].name, name))
        slot = (slot + 1) & mask;
    return slot;
}

const struct vocabulary_item *vocabulary_find(const struct vocabulary *vocabulary,
                                              struct slice name)
{
    uint32_t slot = slot_of(vocabulary->items, vocabulary->slots, vocabulary->slot_mask, name);

    return vocabulary->slots[slot] == 0 ? NULL : &vocabulary->items[vocabulary->slots[slot] - 1];
}

static struct vocabulary_item *item_of(struct table *table, struct slice name, bool add)
{
    uint32_t slot = slot_of(table->at, table->slots, table->slot_mask, name);

    if (table->slots[slot] == 0) {
        if (!add) return NULL;
        table->at[table->count] = (struct vocabulary_item){.name = name, .product = name};
        table->slots[slot] = ++table->count;
    }
    return &table->at[table->slots[slot] - 1];
}

/* Walks the members of an object. */
struct member {
    struct slice name;
    uint32_t node; /* of the value */
    uint32_t next; /* of the next key */
};

static enum status member_read(const struct reader *reader, const struct document *document,
                               uint32_t key, struct member *member)
{
    member->node = document->nodes[key].next;
    member->next = document->nodes[member->node].next;
    return document_string(document, key, reader->arena, &member->name);
}

static enum status out_of_memory(struct reader *reader)
{
    buffer_append_text(reader->message,
                       "items.json: the vocabularies do not fit the memory set aside");
    return STATUS_LIMIT;
}

/* Where ids are read: below `count`, each once. */
struct id_source {
    const char *file;
    const struct document *document;
    uint8_t *seen; /* [count] */
    uint32_t count;
};

static enum status id_read(struct reader *reader, const struct id_source *source, uint32_t node,
                           uint32_t *id)
{
    const struct document *document = source->document;
    int64_t number;

    *id = 0;
    if (document->nodes[node].kind != DOCUMENT_NUMBER ||
        slice_to_i64(document_text(document, node), &number) != STATUS_OK || number < 0) {
        return part_refuse(source->file, document, node, "an id must be a whole number from 0 on",
                           reader->message);
    }
    if (number >= source->count) {
        return part_refuse(source->file, document, node, "the weights have no row for this id",
                           reader->message);
    }
    if (source->seen[number] != 0) {
        return part_refuse(source->file, document, node, "an id stands for two names",
                           reader->message);
    }
    source->seen[number] = 1;
    *id = (uint32_t)number;
    return STATUS_OK;
}

static enum status check_size(struct reader *reader, const char *file,
                              const struct document *document, uint32_t count)
{
    if (document->nodes[0].count == count) return STATUS_OK;
    buffer_append_text(reader->message, file);
    buffer_append_text(reader->message, " has ");
    buffer_append_u64(reader->message, document->nodes[0].count);
    buffer_append_text(reader->message, " names, the weights have ");
    buffer_append_u64(reader->message, count);
    buffer_append_text(reader->message, " rows: they are not of the same training");
    return STATUS_INVALID;
}

/* A file of names and their ids; `field`: where an item of the table has the id. */
static enum status ids_read(struct reader *reader, const char *file,
                            const struct document *document, uint32_t count, struct table *table,
                            size_t field)
{
    struct id_source source = {file, document, arena_zalloc(reader->arena, count, 1), count};
    enum status status = check_size(reader, file, document, count);

    if (source.seen == NULL) return out_of_memory(reader);
    for (uint32_t i = 0, key = 1; status == STATUS_OK && i < count; i++) {
        struct member member;
        uint32_t id;

        if (member_read(reader, document, key, &member) != STATUS_OK) return out_of_memory(reader);
        status = id_read(reader, &source, member.node, &id);
        if (status == STATUS_OK)
            memcpy((uint8_t *)item_of(table, member.name, true) + field, &id, sizeof(id));
        key = member.next;
    }
    return status;
}

static enum status cates_read(struct reader *reader, const struct document *document,
                              uint32_t cate_count)
{
    return ids_read(reader, "cates.json", document, cate_count, &reader->cates,
                    offsetof(struct vocabulary_item, cate));
}

static uint32_t cate_of(struct reader *reader, struct slice name)
{
    const struct vocabulary_item *cate = item_of(&reader->cates, name, false);

    return cate == NULL ? 0 : cate->cate;
}

static enum status catalogue_read(struct reader *reader, const struct document *document)
{
    for (uint32_t i = 0, key = 1; i < document->nodes[0].count; i++) {
        struct member member;
        struct slice cate;

        if (member_read(reader, document, key, &member) != STATUS_OK) return out_of_memory(reader);
        if (document->nodes[member.node].kind != DOCUMENT_STRING &&
            document->nodes[member.node].kind != DOCUMENT_ESCAPED_STRING) {
            return part_refuse("item_category.json", document, member.node,
                               "a category must be a text", reader->message);
        }
        if (document_string(document, member.node, reader->arena, &cate) != STATUS_OK)
            return out_of_memory(reader);
        item_of(&reader->items, member.name, true)->cate = cate_of(reader, cate);
        key = member.next;
    }
    return STATUS_OK;
}

static enum status items_read(struct reader *reader, const struct document *document,
                              uint32_t item_count)
{
    return ids_read(reader, "items.json", document, item_count, &reader->items,
                    offsetof(struct vocabulary_item, item));
}

static enum status products_read(struct reader *reader, const struct document *document,
                                 uint32_t catalogue_count, uint32_t *known)
{
    *known = 0;
    for (uint32_t i = 0, key = 1; i < document->nodes[0].count; i++) {
        struct member member;
        struct vocabulary_item *item;

        if (member_read(reader, document, key, &member) != STATUS_OK) return out_of_memory(reader);
        if (document->nodes[member.node].kind != DOCUMENT_STRING &&
            document->nodes[member.node].kind != DOCUMENT_ESCAPED_STRING) {
            return part_refuse("products.json", document, member.node,
                               "a product id must be a text", reader->message);
        }
        item =
            item_of(&reader->items, member.name, false); /* the shop may sell what is not trained */
        if (item != NULL &&
            document_string(document, member.node, reader->arena, &item->product) != STATUS_OK) {
            return out_of_memory(reader);
        }
        *known += item != NULL && item - reader->items.at < catalogue_count;
        key = member.next;
    }
    return STATUS_OK;
}

static bool table_init(struct table *table, uint32_t names_max, struct arena *arena)
{
    uint32_t slots = 16;

    while (slots < 2 * names_max)
        slots *= 2;
    *table = (struct table){
        .at = arena_zalloc(arena, (size_t)names_max + 1, sizeof(*table->at)),
        .slots = arena_zalloc(arena, slots, sizeof(*table->slots)),
        .slot_mask = slots - 1,
    };
    return table->at != NULL && table->slots != NULL;
}

enum status vocabulary_read(const char *directory, uint32_t item_count, uint32_t cate_count,
                            struct arena *arena, struct vocabulary *vocabulary,
                            struct buffer *message)
{
    static const char *const files[] = {"items.json", "cates.json", "item_category.json",
                                        "products.json"};
    struct reader reader = {.directory = directory, .arena = arena, .message = message};
    struct document documents[COUNT_OF(files)];
    enum status status = STATUS_OK;

    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(files); i++)
        status = part_read_object(directory, files[i], arena, &documents[i], message);
    if (status != STATUS_OK) return status;
    uint32_t names_max = documents[0].nodes[0].count + documents[2].nodes[0].count;
    if (!table_init(&reader.items, names_max, arena) ||
        !table_init(&reader.cates, documents[1].nodes[0].count, arena)) {
        return out_of_memory(&reader);
    }

    status = cates_read(&reader, &documents[1], cate_count);
    if (status == STATUS_OK) status = catalogue_read(&reader, &documents[2]);
    uint32_t catalogue_count = reader.items.count;
    if (status == STATUS_OK) status = items_read(&reader, &documents[0], item_count);
    uint32_t products_known = 0;
    if (status == STATUS_OK)
        status = products_read(&reader, &documents[3], catalogue_count, &products_known);
    if (status == STATUS_OK && catalogue_count == 0) {
        status = part_refuse("item_category.json", &documents[2], 0,
                             "the catalogue is empty: there is nothing to recommend", message);
    }
    *vocabulary = (struct vocabulary){
        .items = reader.items.at,
        .count = reader.items.count,
        .catalogue_count = catalogue_count,
        .products_given = documents[3].nodes[0].count,
        .products_known = products_known,
        .slots = reader.items.slots,
        .slot_mask = reader.items.slot_mask,
    };
    return status;
}

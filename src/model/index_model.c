/* index_model.c - an index's directory: read with messages that name the file, written whole. */
#include "model/index_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "codec/json.h"
#include "model/parts.h"
#include "model/retrieve/index_ranking.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096, SETTINGS_BYTES_MAX = 64 * 1024 };
#define SLOTS_BYTES_MAX ((size_t)1 << 30)

static bool member_is(const struct document *document, const char *name, struct slice text)
{
    uint32_t node = document_member(document, 0, slice_of(name));

    return node != 0 && slice_equal(document_text(document, node), text);
}

bool index_model_is(const struct document *settings)
{
    return member_is(settings, "kind", SLICE("index"));
}

static enum status refuse_setting(const struct document *document, uint32_t node,
                                  const struct index_setting *setting, struct buffer *message)
{
    char what[200];

    (void)snprintf(what, sizeof(what), "%s takes a %snumber from %g to %g", setting->name,
                   setting->whole ? "whole " : "", setting->low, setting->high);
    return part_refuse("headrace.json", document, node, what, message);
}

/* Settings that are not named keep their defaults; unknown ones are refused. */
static enum status settings_read(const struct document *document, struct index_settings *settings,
                                 struct buffer *message)
{
    uint32_t object = document_member(document, 0, SLICE("settings"));

    *settings = index_settings_default;
    if (object == 0) return STATUS_OK;
    if (document->nodes[object].kind != DOCUMENT_OBJECT)
        return part_refuse("headrace.json", document, object, "must be an object", message);
    uint32_t end = document->nodes[object].next;
    for (uint32_t key = object + 1; key < end; key = document->nodes[key + 1].next) {
        const struct index_setting *setting = index_setting_find(document_text(document, key));

        if (setting == NULL)
            return part_refuse("headrace.json", document, key, "is no setting", message);
        bool number = document->nodes[key + 1].kind == DOCUMENT_NUMBER;
        if (!number || !index_setting_put(setting, document_text(document, key + 1), settings))
            return refuse_setting(document, key + 1, setting, message);
    }
    return STATUS_OK;
}

static enum status head_read(struct index_model *model, const char *directory,
                             struct buffer *message)
{
    static const char *const members[] = {"format",  "kind",  "version", "settings",
                                          "learned", "files", NULL};
    struct document document;
    enum status status =
        part_read_object(directory, "headrace.json", &model->arena, &document, message);

    if (status != STATUS_OK) return status;
    if (!index_model_is(&document) || !member_is(&document, "format", SLICE("1"))) {
        return part_refuse("headrace.json", &document, 0,
                           "must be of an index, \"kind\": \"index\" and \"format\": 1", message);
    }
    status = part_members_check("headrace.json", &document, members, message);
    if (status != STATUS_OK) return status;
    uint32_t version = document_member(&document, 0, SLICE("version"));
    if (version == 0 || document.nodes[version].kind != DOCUMENT_STRING)
        return part_refuse("headrace.json", &document, 0, "needs a text \"version\"", message);
    struct slice text = document_text(&document, version);
    char *label = arena_zalloc(&model->arena, text.len + 1, 1);
    if (label == NULL) return STATUS_LIMIT;
    memcpy(label, text.data, text.len);
    model->version = (struct slice){(const uint8_t *)label, text.len};
    return settings_read(&document, &model->settings, message);
}

static enum status bytes_read(struct index_model *model, const char *directory,
                              struct buffer *message)
{
    enum status status = part_read(directory, "index.bin", &model->bytes, message);

    if (status != STATUS_OK) return status;
    size_t before = message->len;
    buffer_append_text(message, "index.bin: ");
    status = index_read(buffer_slice(&model->bytes), &model->arena, message, &model->index);
    if (status == STATUS_OK) message->len = before;
    return status;
}

enum status index_model_open(const char *directory, struct index_model **model,
                             struct buffer *message)
{
    struct index_model *opened = calloc(1, sizeof(*opened));

    *model = NULL;
    if (opened == NULL) return STATUS_LIMIT;
    arena_init(&opened->arena, SLOTS_BYTES_MAX);
    buffer_init(&opened->bytes, INDEX_BYTES_MAX);
    enum status status = head_read(opened, directory, message);
    if (status == STATUS_OK) status = bytes_read(opened, directory, message);
    if (status != STATUS_OK) {
        index_model_close(opened);
        return status;
    }
    for (uint32_t part = 0; part < INDEX_PARTS; part++)
        opened->weight_sum += opened->settings.weights[part];
    *model = opened;
    return STATUS_OK;
}

void index_model_close(struct index_model *model)
{
    if (model == NULL) return;
    buffer_deinit(&model->bytes);
    arena_deinit(&model->arena);
    free(model);
}

/* --- writing ------------------------------------------------------------------------------------- */

static void settings_write(const struct index_settings *settings, const struct learned *learned,
                           uint64_t version, struct buffer *out)
{
    char line[200];

    (void)snprintf(line, sizeof(line),
                   "{\n \"format\": 1,\n \"kind\": \"index\",\n \"version\": \"index-%016llx\",\n"
                   " \"settings\": {",
                   (unsigned long long)version);
    buffer_append_text(out, line);
    for (const struct index_setting *row = index_setting_rows; row->name != NULL; row++) {
        (void)snprintf(line, sizeof(line), "%s\n  \"%s\": %.15g",
                       row == index_setting_rows ? "" : ",", row->name,
                       index_setting_get(row, settings));
        buffer_append_text(out, line);
    }
    buffer_append_text(out, "\n },\n ");
    learned_write(learned, out);
    buffer_append_text(out, "\n}\n");
}

static enum status part_write(const char *directory, const char *name, struct slice bytes,
                              struct buffer *message)
{
    struct buffer path;

    buffer_init(&path, PATH_BYTES_MAX);
    const char *file = file_join(&path, directory, name);
    enum status status = path.failed ? STATUS_LIMIT : file_write(file, bytes);
    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_byte(message, '/');
        buffer_append_text(message, name);
        buffer_append_text(message, ": cannot be written: ");
        buffer_append_text(message, status_meaning(status));
    }
    buffer_deinit(&path);
    return status;
}

enum status index_model_write(const char *directory, struct slice bytes,
                              const struct index_settings *settings, const struct learned *learned,
                              struct buffer *message)
{
    struct buffer head;
    enum status status = file_make_directory(directory, FILE_DIRECTORY);

    if (status != STATUS_OK) {
        buffer_append_text(message, directory);
        buffer_append_text(message, ": cannot be made: ");
        buffer_append_text(message, file_make_trouble(status));
        return status;
    }
    buffer_init(&head, SETTINGS_BYTES_MAX);
    settings_write(settings, learned, hash_bytes(bytes, 0), &head);
    status = part_write(directory, "index.bin", bytes, message);
    if (status == STATUS_OK)
        status = part_write(directory, "headrace.json", buffer_slice(&head), message);
    buffer_deinit(&head);
    return status;
}

/* --- a call -------------------------------------------------------------------------------------- */

enum status index_model_rank(const struct index_model *model, const struct past *past,
                             struct arena *arena, struct index_model_list *out)
{
    struct past_event events[PAST_EVENTS_MAX];
    uint32_t items[PAST_EVENTS_MAX];
    struct context context = {.items = items, .len = 0};
    struct index_list list = {.items = out->items, .wanted = out->wanted};
    uint32_t len = past_by_time(past, events);

    for (uint32_t i = 0; i < len; i++) {
        if (index_find(&model->index, events[i].item, &items[context.len]))
            events[context.len++].item = events[i].item;
    }
    out->count = 0;
    if (out->because != NULL) {
        list.shares = arena_alloc(arena, (size_t)out->wanted * context.len, sizeof(*list.shares));
        if (list.shares == NULL) return STATUS_LIMIT;
    }
    enum status status = index_rank(&model->index, &model->settings, context, arena, &list);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; out->because != NULL && i < list.count; i++) {
        uint32_t click = index_cause(list.shares + (size_t)i * context.len, context.len);

        out->because[i] = click == UINT32_MAX ? (struct slice){0} : events[click].item;
    }
    out->count = list.count;
    return status;
}

/* parts.c - file, position and reason of what is wrong in a model directory. */
#include "model/parts.h"

#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096, NODES_MAX = 16 << 20 };

const struct json_limits part_json_limits = {
    .bytes_max = PART_JSON_BYTES_MAX,
    .depth_max = VALUE_DEPTH_MAX,
    .nodes_max = NODES_MAX,
    .number_bytes_max = 4000,
};

enum status part_refuse_file(const char *path, enum status status, struct buffer *message)
{
    buffer_append_text(message, path);
    if (status == STATUS_INVALID) {
        buffer_append_text(message, ": is a pipe, a device or a directory, not a file");
    } else {
        buffer_append_text(message, ": cannot be read: ");
        buffer_append_text(message, file_trouble(path, status));
    }
    return status;
}

void part_place(const char *directory, size_t from, struct buffer *message)
{
    struct slice place = slice_of(directory);
    size_t tail = message->len - from;

    while (place.len > 1 && place.data[place.len - 1] == '/')
        place.len--;
    if (tail == 0 || buffer_reserve(message, place.len + 1) == NULL) return;
    uint8_t *at = message->data + from;
    memmove(at + place.len + 1, at, tail);
    memcpy(at, place.data, place.len);
    at[place.len] = '/';
    message->len += place.len + 1;
}

static enum status refuse_file(const char *path, enum status status, struct buffer *message)
{
    if (status != STATUS_NOT_FOUND) return part_refuse_file(path, status, message);
    buffer_append_text(message, path);
    buffer_append_text(message,
                       ": no such file; `headrace model` train, import or index makes a directory");
    return status;
}

enum status part_read(const char *directory, const char *name, struct buffer *bytes,
                      struct buffer *message)
{
    struct buffer path;

    buffer_init(&path, PATH_BYTES_MAX);
    if (strlen(directory) + strlen(name) + 2 > PATH_BYTES_MAX) {
        buffer_append_text(message, name);
        buffer_append_text(message, ": the directory's name is too long");
        return STATUS_LIMIT;
    }
    const char *file = file_join(&path, directory, name);
    enum status status = file_read_regular(file, bytes);
    if (status != STATUS_OK) status = refuse_file(name, status, message);
    buffer_deinit(&path);
    return status;
}

void part_position(const char *name, struct slice text, size_t at, struct buffer *message)
{
    uint32_t line;
    uint32_t column;

    json_position(text, at, &line, &column);
    buffer_append_text(message, name);
    buffer_append_text(message, ": line ");
    buffer_append_u64(message, line);
    buffer_append_text(message, ", column ");
    buffer_append_u64(message, column);
    buffer_append_text(message, ": ");
}

enum status part_refuse(const char *name, const struct document *document, uint32_t node,
                        const char *what, struct buffer *message)
{
    part_position(name, document->text, document->nodes[node].start, message);
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

enum status part_read_json(const char *directory, const char *name, struct arena *arena,
                           struct document *document, struct buffer *message)
{
    struct json_error error = {0};
    struct buffer bytes;
    struct slice text;

    buffer_init(&bytes, PART_JSON_BYTES_MAX);
    enum status status = part_read(directory, name, &bytes, message);
    if (status != STATUS_OK) goto done;
    status = arena_copy(arena, buffer_slice(&bytes), &text);
    if (status == STATUS_OK) status = json_parse(text, &part_json_limits, arena, document, &error);
    if (status != STATUS_OK) {
        part_position(name, buffer_slice(&bytes), error.at, message);
        buffer_append_text(message, error.message != NULL ? error.message : "too large");
    }
done:
    buffer_deinit(&bytes);
    return status;
}

enum status part_read_object(const char *directory, const char *name, struct arena *arena,
                             struct document *document, struct buffer *message)
{
    enum status status = part_read_json(directory, name, arena, document, message);

    if (status != STATUS_OK || document->nodes[0].kind == DOCUMENT_OBJECT) return status;
    return part_refuse(name, document, 0, "must be a JSON object", message);
}

enum status part_members_check(const char *name, const struct document *document,
                               const char *const *members, struct buffer *message)
{
    for (uint32_t i = 0, key = 1; i < document->nodes[0].count; i++) {
        struct slice text = document_text(document, key);
        size_t m = 0;

        while (members[m] != NULL && !slice_equal(slice_of(members[m]), text))
            m++;
        if (members[m] == NULL) {
            part_position(name, document->text, document->nodes[key].start, message);
            buffer_append_text(message, "\"");
            buffer_append(message, text);
            buffer_append_text(message, "\" is none of ");
            for (m = 0; members[m] != NULL; m++) {
                if (m > 0) buffer_append_text(message, ", ");
                buffer_append_text(message, members[m]);
            }
            return STATUS_INVALID;
        }
        key = document->nodes[key + 1].next;
    }
    return STATUS_OK;
}

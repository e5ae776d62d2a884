/* topic_tool.c - opening a log for a command, and records as lines of JSON. */
#include "host/topic_tool.h"

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "codec/json.h"
#include "sys/file.h"
#include "value/utf8.h"

enum { MESSAGE_BYTES_MAX = 4096 };

/* --- opening ------------------------------------------------------------------------------------- */

static bool has_log(const char *directory)
{
    struct buffer path;

    buffer_init(&path, MESSAGE_BYTES_MAX);
    bool found = access(file_join(&path, directory, "log/data.mdb"), F_OK) == 0;
    buffer_deinit(&path);
    return found;
}

enum status topic_log_find(const char *directory, bool create, const char *instead,
                           struct log **log, struct buffer *message)
{
    if (!create && !has_log(directory)) {
        buffer_append_text(message, directory);
        buffer_append_text(message, " holds no topics; name the directory a server was run with");
        return STATUS_NOT_FOUND;
    }
    enum status status = log_open(directory, &log_options_default, log, message);
    if (status != STATUS_AGAIN) return status;
    buffer_append_text(message, "; ");
    buffer_append_text(message, instead);
    return status;
}

enum status topic_find(struct log *log, const char *name, struct topic_info *info,
                       struct buffer *message)
{
    if (log_topic_find(log, slice_of(name), info) == STATUS_OK) return STATUS_OK;
    buffer_append_text(message, "there is no topic ");
    buffer_append_text(message, name);
    buffer_append_text(message, "; `headrace topic list` shows them");
    return STATUS_NOT_FOUND;
}

/* Prints the message if there is one, and ends it. */
static enum exit_code say(enum status status, struct buffer *message)
{
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace: %.*s\n", (int)message->len,
                      message->len > 0 ? (const char *)message->data : "");
    }
    buffer_deinit(message);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

enum exit_code topic_log_open(const char *directory, bool create, const char *instead,
                              struct log **log)
{
    struct buffer message;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    return say(topic_log_find(directory, create, instead, log, &message), &message);
}

enum exit_code topic_must_find(struct log *log, const char *name, struct topic_info *info)
{
    struct buffer message;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    return say(topic_find(log, name, info, &message), &message);
}

/* --- writing a line ------------------------------------------------------------------------------ */

static void append_text(struct slice text, struct buffer *out)
{
    static const uint8_t unknown[] = {0xEF, 0xBF, 0xBD}; /* U+FFFD */
    struct buffer sound;

    if (utf8_invalid_at(text) == text.len) {
        json_write_string(text, out);
        return;
    }
    buffer_init(&sound, out->bytes_max);
    while (text.len > 0) {
        size_t good = utf8_invalid_at(text);

        buffer_append(&sound, (struct slice){text.data, good});
        if (good == text.len) break;
        buffer_append(&sound, (struct slice){unknown, sizeof(unknown)});
        text = (struct slice){text.data + good + 1, text.len - good - 1};
    }
    json_write_string(buffer_slice(&sound), out);
    if (sound.failed) out->failed = true;
    buffer_deinit(&sound);
}

static bool stands_for_itself(enum document_kind kind)
{
    switch (kind) {
    case DOCUMENT_FALSE:
    case DOCUMENT_TRUE:
    case DOCUMENT_NUMBER:
    case DOCUMENT_ARRAY:
    case DOCUMENT_OBJECT: return true;
    case DOCUMENT_NULL: /* as text, so that it is not taken for "no value" */
    case DOCUMENT_STRING:
    case DOCUMENT_ESCAPED_STRING: return false;
    }
    UNREACHABLE("document kind outside the enum");
}

static void append_value(struct slice value, struct arena *arena, struct buffer *out)
{
    struct document document;
    struct json_error error;

    if (value.data == NULL) {
        buffer_append_text(out, "null");
    } else if (json_parse(value, &json_limits_default, arena, &document, &error) == STATUS_OK &&
               stands_for_itself((enum document_kind)document.nodes[0].kind)) {
        json_write_document(&document, 0, 0, out);
    } else {
        append_text(value, out);
    }
}

void topic_line_write(struct slice topic, const struct record *record, struct arena *arena,
                      struct buffer *out)
{
    buffer_append_text(out, "{\"topic\":");
    json_write_string(topic, out);
    buffer_append_text(out, ",\"offset\":");
    buffer_append_u64(out, record->offset);
    buffer_append_text(out, ",\"timestamp\":");
    buffer_append_i64(out, record->time_ms);
    buffer_append_text(out, ",\"key\":");
    if (record->key.data == NULL) {
        buffer_append_text(out, "null");
    } else {
        append_text(record->key, out);
    }
    buffer_append_text(out, ",\"value\":");
    append_value(record->value, arena, out);
    buffer_append_text(out, ",\"headers\":[");
    for (uint32_t i = 0; i < record->header_count; i++) {
        buffer_append_text(out, i == 0 ? "[" : ",[");
        append_text(record->headers[i].name, out);
        buffer_append_byte(out, ',');
        append_text(record->headers[i].value, out);
        buffer_append_byte(out, ']');
    }
    buffer_append_text(out, "]}\n");
}

/* --- reading a line ------------------------------------------------------------------------------ */

struct line {
    const struct document *document;
    struct topic_lines *lines;
};

static enum status refuse(const struct line *line, const char *what)
{
    buffer_append_text(&line->lines->message, what);
    return STATUS_INVALID;
}

static enum document_kind kind_of(const struct line *line, uint32_t node)
{
    return (enum document_kind)line->document->nodes[node].kind;
}

static bool is_string(const struct line *line, uint32_t node)
{
    return kind_of(line, node) == DOCUMENT_STRING || kind_of(line, node) == DOCUMENT_ESCAPED_STRING;
}

/* The bytes a member stands for; none if it is missing or null. */
static enum status bytes_read(const struct line *line, uint32_t node, struct slice *bytes)
{
    *bytes = (struct slice){NULL, 0};
    if (node == 0 || kind_of(line, node) == DOCUMENT_NULL) return STATUS_OK;
    if (!is_string(line, node)) {
        *bytes = document_text(line->document, node);
        return STATUS_OK;
    }
    enum status status = document_string(line->document, node, line->lines->arena, bytes);
    if (status == STATUS_OK && bytes->data == NULL) *bytes = SLICE("");
    return status;
}

static enum status time_read(const struct line *line, uint32_t node, int64_t *time)
{
    *time = line->lines->now_ms;
    if (node == 0 || kind_of(line, node) == DOCUMENT_NULL) return STATUS_OK;
    if (kind_of(line, node) == DOCUMENT_NUMBER &&
        slice_to_i64(document_text(line->document, node), time) == STATUS_OK)
        return STATUS_OK;
    return refuse(line, "\"timestamp\" is no number of milliseconds");
}

/* [[name, value] ...] */
static enum status headers_read(const struct line *line, uint32_t node, struct record *record)
{
    record->headers = line->lines->headers;
    record->header_count = 0;
    if (node == 0 || kind_of(line, node) == DOCUMENT_NULL) return STATUS_OK;
    const struct document_node *nodes = line->document->nodes;
    if (kind_of(line, node) != DOCUMENT_ARRAY || nodes[node].count > RECORD_HEADERS_MAX)
        return refuse(line, "\"headers\" is no list of at most 64 pairs");
    uint32_t child = node + 1;
    for (uint32_t i = 0; i < nodes[node].count; i++) {
        struct record_header *header = &line->lines->headers[record->header_count++];

        if (kind_of(line, child) != DOCUMENT_ARRAY || nodes[child].count != 2 ||
            !is_string(line, child + 1) || !is_string(line, child + 2))
            return refuse(line, "\"headers\" is no list of pairs of strings");
        enum status status = bytes_read(line, child + 1, &header->name);
        if (status == STATUS_OK) status = bytes_read(line, child + 2, &header->value);
        if (status != STATUS_OK) return status;
        child = nodes[child].next;
    }
    return STATUS_OK;
}

static enum status object_read(const struct line *line, struct record *record)
{
    const struct document *document = line->document;

    if (kind_of(line, 0) != DOCUMENT_OBJECT)
        return refuse(line, "a line is an object with key, timestamp, value; or use --bare");
    uint32_t value = document_member(document, 0, SLICE("value"));
    uint32_t key = document_member(document, 0, SLICE("key"));
    uint32_t time = document_member(document, 0, SLICE("timestamp"));
    if (value == 0) return refuse(line, "\"value\" is missing; or use --bare");
    enum status status = bytes_read(line, value, &record->value);
    if (status == STATUS_OK) status = bytes_read(line, key, &record->key);
    if (status == STATUS_OK) status = time_read(line, time, &record->time_ms);
    if (status != STATUS_OK) return status;
    return headers_read(line, document_member(document, 0, SLICE("headers")), record);
}

enum status topic_line_read(struct topic_lines *lines, struct slice line, struct record *record)
{
    struct document document;
    struct json_error error;
    struct line parsed = {&document, lines};

    *record = (struct record){.time_ms = lines->now_ms, .value = line};
    if (lines->bare) return STATUS_OK;
    enum status status = json_parse(line, &json_limits_default, lines->arena, &document, &error);
    if (status == STATUS_OK) return object_read(&parsed, record);
    buffer_append_text(&lines->message, "column ");
    buffer_append_u64(&lines->message, error.at + 1);
    buffer_append_text(&lines->message, ": ");
    buffer_append_text(&lines->message, error.message);
    return status;
}

/* sample.c - runs an expression on a sample and writes what came out as JSON. */
#include "expr/sample.h"
#include "expr/machine.h"
#include "expr/request.h"
#include "expr/sample_room.h"
#include "expr/text.h"

enum status sample_scalar(struct slice text, enum class_id class_id, const struct zones *zones,
                          struct arena *arena, struct value *value)
{
    struct expr expr = {.text = text, .zones = zones};
    struct expr_frame frame = {.arena = arena, .limits = &expr_limits_default};
    struct machine machine = {.expr = &expr,
                              .frame = &frame,
                              .fuel = expr_limits_default.fuel,
                              .bytes_left = expr_limits_default.result_bytes_max};

    if (class_id == CLASS_Duration) return text_duration(text, value);
    if (text_to_class(&machine, text, class_id, value) == STATUS_OK) return STATUS_OK;
    *value = value_string(text);
    return STATUS_OK;
}

enum status sample_run(const struct sample *sample, const struct expr_source *source,
                       int64_t now_ms, struct arena *arena, struct sample_result *result)
{
    struct expr_scope scope = {.variables = sample->variables,
                               .count = sample->count,
                               .zones = sample->zones,
                               .dictionaries = sample->dictionaries};
    struct expr_frame frame = {.slots = sample->values,
                               .arena = arena,
                               .limits = &expr_limits_default,
                               .now_ms = now_ms,
                               .random_key = 1};
    const struct expr *expr = NULL;

    *result = (struct sample_result){0};
    enum status status = expr_compile(source, &scope, arena, &result->problems, &expr);
    if (status == STATUS_INVALID || (status == STATUS_LIMIT && result->problems.count > 0)) {
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    result->valid = true;
    result->type = expr_type(expr);
    status = expr_run(expr, &frame, &result->value);
    result->failed = status != STATUS_OK;
    result->message = frame.message;
    return STATUS_OK;
}

/* --- JSON ------------------------------------------------------------------------------------------- */

static void write_value(struct value value, struct arena *arena, struct buffer *out);

static void write_text_of(struct value value, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text, expr_limits_default.result_bytes_max);
    value_to_text(value, &text);
    json_write_string(text.len > 0 ? buffer_slice(&text) : SLICE(""), out);
    buffer_deinit(&text);
}

static void write_items(struct value container, struct arena *arena, struct buffer *out)
{
    bool map = container.kind == VALUE_MAP;
    struct value_cursor cursor = value_cursor(container);
    struct value_entry entry;
    enum status status = STATUS_OK;
    bool first = true;

    buffer_append_byte(out, map ? '{' : '[');
    while (cursor_next(&cursor, arena, &entry, &status)) {
        if (!first) buffer_append_byte(out, ',');
        first = false;
        if (map) {
            write_text_of(entry.key, out);
            buffer_append_byte(out, ':');
        }
        write_value(entry.value, arena, out);
    }
    buffer_append_byte(out, map ? '}' : ']');
}

/* Numbers as numbers, but NaN and infinities as texts; what JSON lacks as its text. */
static void write_value(struct value value, struct arena *arena, struct buffer *out)
{
    switch ((int)value.kind) {
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_BIG_INTEGER:
    case VALUE_BIG_DECIMAL: value_to_text(value, out); return;
    case VALUE_FLOAT:
    case VALUE_DOUBLE:
        if (value.f64 - value.f64 == 0) {
            value_to_text(value, out);
        } else {
            write_text_of(value, out);
        }
        return;
    case VALUE_LIST:
    case VALUE_SET: write_items(value, arena, out); return;
    case VALUE_MAP:
        if (value.class_id == CLASS_MetaVariables) {
            write_text_of(value, out);
        } else {
            write_items(value, arena, out);
        }
        return;
    default: write_text_of(value, out); return;
    }
}

static void write_type(const struct type *type, bool with_values, struct buffer *out)
{
    struct buffer text;

    buffer_init(&text, (size_t)1024 * 1024);
    type_to_text(type, with_values, &text);
    json_write_string(buffer_slice(&text), out);
    buffer_deinit(&text);
}

/* Beside each message where it points, in UTF-16 units. */
static void write_problems(const struct expr_problems *problems, struct slice text,
                           struct buffer *out)
{
    buffer_append_text(out, ",\"valid\":false,\"errors\":[");
    for (uint32_t i = 0; i < problems->count; i++) {
        if (i > 0) buffer_append_byte(out, ',');
        json_write_string(problems->items[i].message, out);
    }
    buffer_append_text(out, "],\"spans\":[");
    for (uint32_t i = 0; i < problems->count; i++) {
        buffer_append_text(out, i > 0 ? ",{" : "{");
        request_write_span(text, problems->items[i].start, problems->items[i].end, out);
        buffer_append_byte(out, '}');
    }
    buffer_append_byte(out, ']');
}

static void write_result(const struct sample_result *result, struct arena *arena,
                         struct buffer *out)
{
    buffer_append_text(out, ",\"valid\":true,\"type\":");
    write_type(result->type, true, out);
    buffer_append_text(out, ",\"typeWithoutValue\":");
    const struct type *plain = type_without_value(result->type, arena);
    write_type(plain != NULL ? plain : &type_unknown, true, out);
    if (result->failed) {
        buffer_append_text(out, ",\"exception\":");
        json_write_string(result->message, out);
        return;
    }
    buffer_append_text(out, ",\"value\":");
    write_value(result->value, arena, out);
    buffer_append_text(out, ",\"valueClass\":");
    if (result->value.kind == VALUE_NULL) {
        buffer_append_text(out, "null");
    } else {
        json_write_string(machine_class_name(result->value), out);
    }
    buffer_append_text(out, ",\"valueToString\":");
    write_text_of(result->value, out);
}

/* --- cases ------------------------------------------------------------------------------------------ */

static void write_answer(const struct request *request, const struct sample_result *result,
                         struct arena *arena, struct buffer *out)
{
    buffer_append_text(out, "{\"id\":");
    json_write_string(request->id.len > 0 ? request->id : SLICE(""), out);
    if (result->valid) {
        write_result(result, arena, out);
    } else {
        write_problems(&result->problems, request->source.text, out);
    }
    buffer_append_byte(out, '}');
}

void sample_answer(const struct sample *sample, struct slice line, int64_t now_ms,
                   struct arena *arena, struct buffer *out)
{
    struct request request;
    struct sample_result result;
    struct slice why;
    enum status status = request_read(line, arena, &request, &why);

    if (status == STATUS_OK) {
        why = SLICE("out of memory");
        status = sample_run(sample, &request.source, now_ms, arena, &result);
    }
    if (status == STATUS_OK) {
        write_answer(&request, &result, arena, out);
    } else {
        request_refuse(request.id, why, out);
    }
}

/* answer.c - completion as JSON lines, for `headrace expr complete` and comparisons. */
#include "expr/complete/complete.h"
#include "expr/request.h"

static void take_variable(const struct expr_scope *scope, struct value name,
                          struct expr_variable *taken, uint32_t *count)
{
    if (name.kind != VALUE_STRING) return;
    for (uint32_t i = 0; i < scope->count; i++) {
        if (!slice_equal(scope->variables[i].name, value_text(name))) continue;
        taken[(*count)++] = scope->variables[i];
    }
}

/* "vars" narrows the scope. */
static enum status read_scope(struct value request, const struct expr_scope *scope,
                              struct arena *arena, struct expr_scope *narrowed)
{
    struct value names;
    struct value_entry entry;
    uint32_t count = 0;
    enum status status = map_get(request, SLICE("vars"), arena, &names);

    *narrowed = *scope;
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK || names.kind != VALUE_LIST) return STATUS_INVALID;
    struct expr_variable *taken = arena_alloc(arena, list_count(names), sizeof(*taken));
    if (taken == NULL) return STATUS_LIMIT;
    struct value_cursor cursor = value_cursor(names);
    while (count < list_count(names) && cursor_next(&cursor, arena, &entry, &status))
        take_variable(scope, entry.value, taken, &count);
    narrowed->variables = taken;
    narrowed->count = count;
    return status;
}

static enum status read_caret(struct value request, struct arena *arena, uint32_t *caret)
{
    struct value number;
    enum status status = map_get(request, SLICE("caret"), arena, &number);

    *caret = UINT32_MAX;
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    bool whole = status == STATUS_OK && (number.kind == VALUE_INTEGER || number.kind == VALUE_LONG);
    if (!whole || number.i64 < 0 || number.i64 > UINT32_MAX) return STATUS_INVALID;
    *caret = (uint32_t)number.i64;
    return STATUS_OK;
}

static enum status read_rest(const struct request *request, const struct expr_scope *scope,
                             struct arena *arena, struct complete_request *asked,
                             struct expr_scope *narrowed, struct slice *why)
{
    struct value members;
    enum status status = document_value(&request->document, 0, arena, &members);

    *asked = (struct complete_request){.text = request->source.text,
                                       .language = request->source.language,
                                       .expected = request->source.expected,
                                       .dictionary = request->source.dictionary,
                                       .scope = narrowed};
    *why = SLICE("\"vars\" is a list of names");
    if (status == STATUS_OK) status = read_scope(members, scope, arena, narrowed);
    if (status != STATUS_OK) return status;
    *why = SLICE("\"caret\" is a position in the text, in UTF-16 units");
    return read_caret(members, arena, &asked->caret);
}

/* --- writing ------------------------------------------------------------------------------------------- */

static void write_text(const char *name, struct slice text, struct buffer *out)
{
    buffer_append_text(out, ",\"");
    buffer_append_text(out, name);
    buffer_append_text(out, "\":");
    json_write_string(text.len > 0 ? text : SLICE(""), out);
}

static void write_span(uint32_t from, uint32_t to, struct buffer *out)
{
    buffer_append_text(out, ",\"from\":");
    buffer_append_u64(out, from);
    buffer_append_text(out, ",\"to\":");
    buffer_append_u64(out, to);
    buffer_append_byte(out, '}');
}

static void write_suggestion(const struct complete_suggestion *suggestion, struct buffer *out)
{
    buffer_append_text(out, "{\"label\":");
    json_write_string(suggestion->label, out);
    write_text("kind", slice_of(complete_kind_name(suggestion->kind)), out);
    write_text("type", suggestion->type, out);
    write_text("signature", suggestion->signature, out);
    write_text("doc", suggestion->doc, out);
    write_text("insert", suggestion->insert, out);
    write_span(suggestion->from, suggestion->to, out);
}

static void write_hover(const struct complete_hover *hover, struct buffer *out)
{
    buffer_append_text(out, ",\"hover\":");
    if (!hover->found) {
        buffer_append_text(out, "null");
        return;
    }
    buffer_append_text(out, "{\"type\":");
    json_write_string(hover->type, out);
    write_text("doc", hover->doc, out);
    write_span(hover->from, hover->to, out);
}

static void write_answer(struct slice id, const struct complete_answer *answer, struct buffer *out)
{
    buffer_append_text(out, "{\"id\":");
    json_write_string(id.len > 0 ? id : SLICE(""), out);
    buffer_append_text(out, ",\"suggestions\":[");
    for (uint32_t i = 0; i < answer->count; i++) {
        if (i > 0) buffer_append_byte(out, ',');
        write_suggestion(&answer->suggestions[i], out);
    }
    buffer_append_byte(out, ']');
    write_hover(&answer->hover, out);
    buffer_append_byte(out, '}');
}

void complete_answer_line(const struct expr_scope *scope, struct slice line, struct arena *arena,
                          struct buffer *out)
{
    struct request request;
    struct complete_request asked;
    struct expr_scope narrowed;
    struct complete_answer answer;
    struct slice why;
    enum status status = request_read(line, arena, &request, &why);

    if (status == STATUS_OK) status = read_rest(&request, scope, arena, &asked, &narrowed, &why);
    if (status == STATUS_OK) {
        why = SLICE("out of memory");
        status = complete_run(&asked, arena, &answer);
    }
    if (status == STATUS_OK) {
        write_answer(request.id, &answer, out);
    } else {
        request_refuse(request.id, why, out);
    }
}

/* complete_answer.c - completion as JSON lines, for `headrace expr complete` and comparisons. */
#include "codec/json.h"
#include "expr/complete.h"

struct asked {
    struct slice id;
    struct complete_request request;
    struct expr_scope scope;
};

static enum status text_member(const struct document *document, const char *name,
                               struct arena *arena, struct slice *text)
{
    uint32_t node = document_member(document, 0, slice_of(name));

    if (node == 0) return STATUS_NOT_FOUND;
    enum document_kind kind = (enum document_kind)document->nodes[node].kind;
    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return STATUS_INVALID;
    return document_string(document, node, arena, text);
}

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
                              struct arena *arena, struct asked *asked)
{
    struct value names;
    struct value_entry entry;
    uint32_t count = 0;
    enum status status = map_get(request, SLICE("vars"), arena, &names);

    asked->scope = *scope;
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK || names.kind != VALUE_LIST) return STATUS_INVALID;
    struct expr_variable *taken = arena_alloc(arena, list_count(names), sizeof(*taken));
    if (taken == NULL) return STATUS_LIMIT;
    struct value_cursor cursor = value_cursor(names);
    while (count < list_count(names) && cursor_next(&cursor, arena, &entry, &status))
        take_variable(scope, entry.value, taken, &count);
    asked->scope.variables = taken;
    asked->scope.count = count;
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

static enum status read_request(struct slice line, const struct expr_scope *scope,
                                struct arena *arena, struct asked *asked, struct slice *why)
{
    struct document *document = arena_alloc(arena, 1, sizeof(*document));
    struct json_error error = {.message = "too large"};
    struct slice language = SLICE("spel");

    *why = SLICE("out of memory");
    if (document == NULL) return STATUS_LIMIT;
    enum status status = json_parse(line, &json_limits_default, arena, document, &error);
    if (status != STATUS_OK) {
        *why = error.message != NULL ? slice_of(error.message) : SLICE("no JSON");
        return status;
    }
    *why = SLICE("a request is a JSON object with the text \"expr\"");
    if (document->nodes[0].kind != DOCUMENT_OBJECT) return STATUS_INVALID;
    status = text_member(document, "expr", arena, &asked->request.text);
    if (status != STATUS_OK) return STATUS_INVALID;
    if (text_member(document, "id", arena, &asked->id) == STATUS_INVALID) return STATUS_INVALID;
    *why = SLICE("unknown language");
    if (text_member(document, "language", arena, &language) == STATUS_INVALID)
        return STATUS_INVALID;
    if (expr_language_find(language, &asked->request.language) != STATUS_OK) return STATUS_INVALID;
    struct value request;
    status = document_value(document, 0, arena, &request);
    if (status != STATUS_OK) return status;
    *why = SLICE("\"vars\" is a list of names");
    status = read_scope(request, scope, arena, asked);
    if (status != STATUS_OK) return status;
    *why = SLICE("\"caret\" is a position in the text, in UTF-16 units");
    return read_caret(request, arena, &asked->request.caret);
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

enum status complete_answer_line(const struct expr_scope *scope, struct slice line,
                                 struct arena *arena, struct buffer *out, struct slice *why)
{
    struct asked asked = {.id = SLICE("")};
    struct complete_answer answer;
    enum status status = read_request(line, scope, arena, &asked, why);

    if (status != STATUS_OK) return status;
    asked.request.scope = &asked.scope;
    *why = SLICE("out of memory");
    status = complete_run(&asked.request, arena, &answer);
    if (status != STATUS_OK) return status;
    buffer_append_text(out, "{\"id\":");
    json_write_string(asked.id, out);
    buffer_append_text(out, ",\"suggestions\":[");
    for (uint32_t i = 0; i < answer.count; i++) {
        if (i > 0) buffer_append_byte(out, ',');
        write_suggestion(&answer.suggestions[i], out);
    }
    buffer_append_byte(out, ']');
    write_hover(&answer.hover, out);
    buffer_append_byte(out, '}');
    return out->failed ? STATUS_LIMIT : STATUS_OK;
}

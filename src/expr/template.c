/* template.c - "text with #{holes}": literal text and expressions by turns.
 *
 * A template of one hole alone is that expression; otherwise it is text. Quotes and braces inside a
 * hole are balanced, so a hole may hold a map.
 */
#include "expr/languages.h"

struct template_reader {
    struct slice text;
    size_t at;
    struct template_part *parts;
    uint32_t count;
};

static const uint8_t *find_hole(struct slice text, size_t from)
{
    for (size_t i = from; i + 1 < text.len; i++) {
        if (text.data[i] == '#' && text.data[i + 1] == '{') return text.data + i;
    }
    return NULL;
}

/* The end of a quoted text that begins at `at`; text.len if it does not end. */
static size_t skip_quoted(struct slice text, size_t at)
{
    uint8_t quote = text.data[at++];

    while (at < text.len && text.data[at] != quote)
        at++;
    return at;
}

/* Where the '}' of a hole stands that begins at `at` (behind "#{"); text.len if nowhere. */
static size_t hole_end(struct slice text, size_t at)
{
    uint32_t depth = 0;

    for (; at < text.len; at++) {
        uint8_t byte = text.data[at];
        if (byte == '\'' || byte == '"') {
            at = skip_quoted(text, at);
        } else if (byte == '{' || byte == '[' || byte == '(') {
            depth++;
        } else if (byte == '}' && depth == 0) {
            return at;
        } else if ((byte == '}' || byte == ']' || byte == ')') && depth > 0) {
            depth--;
        }
    }
    return text.len;
}

bool template_hole(struct slice text, size_t caret, size_t *start, size_t *end)
{
    const uint8_t *hole = find_hole(text, 0);

    while (hole != NULL) {
        *start = (size_t)(hole - text.data) + 2;
        *end = hole_end(text, *start);
        if (caret <= *end) return caret >= *start;
        hole = find_hole(text, *end);
    }
    return false;
}

static enum status fail(struct slice text, size_t at, const char *message, struct arena *plan,
                        struct expr_problems *problems)
{
    struct syntax_problem syntax = {.at = (uint32_t)at, .code = message};
    enum status status = problem_add_syntax(problems, plan, text, &syntax, 0);

    return status == STATUS_OK ? STATUS_INVALID : status;
}

static enum status fail_empty(struct slice text, size_t at, struct arena *plan,
                              struct expr_problems *problems)
{
    uint8_t memory[128];
    struct buffer message = {
        .data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    buffer_append_text(&message, "No expression defined within delimiter '#{}' at character ");
    buffer_append_u64(&message, at);
    buffer_append_byte(&message, 0);
    return fail(text, at, (const char *)memory, plan, problems);
}

static struct slice trimmed(struct slice text, uint32_t *offset)
{
    while (text.len > 0 && text.data[0] <= ' ') {
        text.data++;
        text.len--;
        (*offset)++;
    }
    while (text.len > 0 && text.data[text.len - 1] <= ' ')
        text.len--;
    return text;
}

static uint32_t count_parts(struct slice text)
{
    uint32_t count = 1;

    for (const uint8_t *hole = find_hole(text, 0); hole != NULL;
         hole = find_hole(text, (size_t)(hole - text.data) + 2)) {
        count += 2;
    }
    return count;
}

/* All holes are read, so that all their problems show; the first syntax error ends it. */
static enum status read_parts(struct template_reader *reader, const struct expr_scope *scope,
                              struct arena *plan, struct expr_problems *problems)
{
    struct slice text = reader->text;
    enum status result = STATUS_OK;

    while (reader->at < text.len) {
        const uint8_t *hole = find_hole(text, reader->at);
        size_t start = hole == NULL ? text.len : (size_t)(hole - text.data);
        if (start > reader->at) {
            reader->parts[reader->count++].text =
                (struct slice){text.data + reader->at, start - reader->at};
        }
        if (hole == NULL) break;
        size_t end = hole_end(text, start + 2);
        if (end == text.len) {
            return fail(text, start, "No ending suffix '}' for expression starting at character",
                        plan, problems);
        }
        uint32_t offset = (uint32_t)start + 2;
        struct slice inside =
            trimmed((struct slice){text.data + start + 2, end - start - 2}, &offset);
        if (inside.len == 0) return fail_empty(text, start, plan, problems);
        struct node *root = NULL;
        enum status status = tree_make(inside, offset, scope, plan, problems, &root);
        if (status == STATUS_LIMIT) return status;
        if (status != STATUS_OK) result = status;
        reader->parts[reader->count++].hole = root;
        reader->at = end + 1;
    }
    return result;
}

enum status compile_template(struct slice text, const struct expr_scope *scope,
                             const struct type *expected, struct arena *plan,
                             struct expr_problems *problems, struct expr *expr)
{
    struct template_reader reader = {.text = text};

    reader.parts = arena_zalloc(plan, count_parts(text), sizeof(*reader.parts));
    if (reader.parts == NULL) return STATUS_LIMIT;
    enum status status = read_parts(&reader, scope, plan, problems);
    if (status != STATUS_OK) return status;
    bool single = reader.count == 1 && reader.parts[0].hole != NULL;
    const struct type *type = single ? reader.parts[0].hole->type : type_of_class(CLASS_String);
    status = expected_check(type, expected, text, plan, problems);
    if (status != STATUS_OK) return status;
    expr->type = type;
    if (single) {
        const struct type *wanted = expected != NULL ? expected : type_of_class(CLASS_String);
        if (expected == NULL && type->kind != TYPE_UNKNOWN) {
            /* Alone a hole keeps its value; only what has no text of its own fails. */
            enum class_id class_id = type_class_id(type);
            bool plain = class_is_number(class_id) || class_id == CLASS_Boolean ||
                         class_id == CLASS_Character;
            if (plain) wanted = NULL;
        }
        status = compiler_run(reader.parts[0].hole, text, scope, wanted, plan, expr);
    } else {
        status = compiler_run_template(reader.parts, reader.count, text, scope, plan, expr);
    }
    return status == STATUS_LIMIT ? problem_add_limit(problems, plan, text) : status;
}

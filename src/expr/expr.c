/* expr.c - the folder's door: a text in one of the languages becomes an expression. */
#include "expr/code.h"
#include "expr/languages.h"
#include "expr/typer.h"
#include "value/utf8.h"

static const char *const language_names[EXPR_LANGUAGE_COUNT] = {
    [EXPR_SPEL] = "spel",
    [EXPR_TEMPLATE] = "spelTemplate",
    [EXPR_JSON] = "json",
    [EXPR_DICT_KEY] = "dictKeyWithLabel",
    [EXPR_TABULAR] = "tabularDataDefinition",
};

enum status expr_language_find(struct slice name, enum expr_language *language)
{
    for (uint32_t i = 0; i < EXPR_LANGUAGE_COUNT; i++) {
        if (!slice_equal(name, slice_of(language_names[i]))) continue;
        *language = (enum expr_language)i;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* --- problems ---------------------------------------------------------------------------------------- */

enum status problem_add(struct expr_problems *problems, struct arena *arena, struct span span,
                        struct slice message)
{
    if (problems->count == EXPR_PROBLEMS_MAX) return STATUS_OK;
    struct expr_problem *problem = &problems->items[problems->count];
    enum status status = arena_copy(arena, message, &problem->message);
    if (status != STATUS_OK) return status;
    problem->start = span.start;
    problem->end = span.end;
    problems->count++;
    return STATUS_OK;
}

/* Positions are shown in UTF-16 units; the message names a stray character by its number too. */
static void append_syntax(const struct syntax_problem *problem, struct slice text,
                          struct buffer *out)
{
    const struct slice *parts[] = {&problem->first, &problem->second};
    uint32_t filled = 0;
    const uint8_t *stray = problem->first.data;

    if (!problem->bare) {
        buffer_append_text(out, "Expression [");
        buffer_append(out, text);
        buffer_append_text(out, "] @");
        buffer_append_u64(out, utf8_units((struct slice){text.data, problem->at}));
        buffer_append_text(out, ": ");
    }
    bool numbered = problem->code[0] == 'C';
    for (const char *at = problem->code; *at != '\0'; at++) {
        if (*at == '%' && filled < COUNT_OF(parts)) {
            buffer_append(out, *parts[filled++]);
        } else if (*at == '@' && numbered) {
            buffer_append_u64(out, utf8_next(&stray, problem->first.data + problem->first.len));
        } else {
            buffer_append_byte(out, (uint8_t)*at);
        }
    }
}

enum status problem_add_syntax(struct expr_problems *problems, struct arena *arena,
                               struct slice text, const struct syntax_problem *syntax,
                               uint32_t offset)
{
    struct buffer message;
    struct span span = {syntax->at + offset, syntax->at + offset};

    if (syntax->at < text.len) span.end++;
    buffer_init(&message, (size_t)EXPR_TEXT_BYTES_MAX * 2);
    append_syntax(syntax, text, &message);
    enum status status = problem_add(problems, arena, span, buffer_slice(&message));
    buffer_deinit(&message);
    return status;
}

enum status problem_add_limit(struct expr_problems *problems, struct arena *arena,
                              struct slice text)
{
    struct span span = {
        0, (uint32_t)(text.len < EXPR_TEXT_BYTES_MAX ? text.len : EXPR_TEXT_BYTES_MAX)};
    struct slice message =
        text.len > EXPR_TEXT_BYTES_MAX
            ? SLICE("The expression is longer than 65536 bytes; cut it into several variables")
            : SLICE("The expression is too large to be compiled: at most 16 selections and "
                    "projections inside one another, 256 different variables, 4096 values at once; "
                    "cut it into several variables");
    enum status status = problem_add(problems, arena, span, message);

    return status == STATUS_OK ? STATUS_LIMIT : status;
}

/* --- SpEL --------------------------------------------------------------------------------------------- */

bool text_is_blank(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        if (byte != ' ' && byte != '\t' && byte != '\r' && byte != '\n') return false;
    }
    return true;
}

enum status tree_make(struct slice text, uint32_t offset, const struct expr_scope *scope,
                      struct arena *plan, struct expr_problems *problems, struct node **root)
{
    struct syntax_problem syntax;
    enum status status = parser_run(text, plan, root, &syntax);

    if (status != STATUS_OK && syntax.limit != NULL) {
        uint32_t at = syntax.at + offset;
        status = problem_add(problems, plan, (struct span){at, at + (syntax.at < text.len)},
                             slice_of(syntax.limit));
        return status == STATUS_OK ? STATUS_LIMIT : status;
    }
    if (status != STATUS_OK) return problem_add_limit(problems, plan, text);
    if (syntax.code != NULL) {
        status = problem_add_syntax(problems, plan, text, &syntax, offset);
        return status == STATUS_OK ? STATUS_INVALID : status;
    }
    uint32_t before = problems->count;
    status = typer_run(*root, scope, plan, problems);
    for (uint32_t i = before; i < problems->count; i++) {
        problems->items[i].start += offset;
        problems->items[i].end += offset;
    }
    if (status != STATUS_OK) return problem_add_limit(problems, plan, text);
    return problems->count > before ? STATUS_INVALID : STATUS_OK;
}

enum status expected_check(const struct type *found, const struct type *expected, struct slice text,
                           struct arena *plan, struct expr_problems *problems)
{
    struct buffer message;

    if (expected == NULL || type_assignable(found, expected)) return STATUS_OK;
    buffer_init(&message, (size_t)64 * 1024);
    buffer_append_text(&message, "Bad expression type, expected: ");
    type_to_text(expected, true, &message);
    buffer_append_text(&message, ", found: ");
    type_to_text(found, true, &message);
    enum status status =
        problem_add(problems, plan, (struct span){0, (uint32_t)text.len}, buffer_slice(&message));
    buffer_deinit(&message);
    return status == STATUS_OK ? STATUS_INVALID : status;
}

static enum status compile_spel(struct slice text, const struct expr_scope *scope,
                                const struct type *expected, struct arena *plan,
                                struct expr_problems *problems, struct expr *expr)
{
    struct node *root = NULL;
    enum status status;

    if (text_is_blank(text)) {
        expr->type = &type_null;
        return constant_make(value_null(), &type_null, text, plan, expr);
    }
    status = tree_make(text, 0, scope, plan, problems, &root);
    if (status != STATUS_OK) return status;
    status = expected_check(root->type, expected, text, plan, problems);
    if (status != STATUS_OK) return status;
    expr->type = root->type;
    status = compiler_run(root, text, scope, expected, plan, expr);
    return status == STATUS_LIMIT ? problem_add_limit(problems, plan, text) : status;
}

/* --- the door ----------------------------------------------------------------------------------------- */

enum status constant_make(struct value value, const struct type *type, struct slice text,
                          struct arena *plan, struct expr *expr)
{
    static const struct instruction code[] = {{.opcode = OP_CONSTANT}, {.opcode = OP_RETURN}};
    static const struct span spans[COUNT_OF(code)];
    struct value *constant = arena_alloc(plan, 1, sizeof(*constant));

    if (constant == NULL) return STATUS_LIMIT;
    *constant = value;
    *expr = (struct expr){.text = text,
                          .type = type,
                          .code = code,
                          .spans = spans,
                          .constants = constant,
                          .code_count = COUNT_OF(code),
                          .constant_count = 1,
                          .stack_max = 1,
                          .is_small = true};
    return STATUS_OK;
}

static enum status fail_bytes(struct slice text, struct arena *plan, struct expr_problems *problems)
{
    uint32_t at = (uint32_t)utf8_invalid_at(text);
    enum status status = problem_add(problems, plan, (struct span){at, at + 1},
                                     SLICE("The expression is not valid UTF-8 here"));

    return status == STATUS_OK ? STATUS_INVALID : status;
}

enum status expr_compile(const struct expr_source *source, const struct expr_scope *scope,
                         struct arena *plan, struct expr_problems *problems,
                         const struct expr **expr)
{
    const struct type *expected = source->expected;
    struct expr *made = arena_zalloc(plan, 1, sizeof(*made));
    struct slice text = source->text;
    struct slice copy;

    problems->count = 0;
    if (made == NULL) return STATUS_LIMIT;
    if (text.len > EXPR_TEXT_BYTES_MAX) return problem_add_limit(problems, plan, text);
    if (utf8_invalid_at(text) != text.len) return fail_bytes(text, plan, problems);
    enum status status = arena_copy(plan, text, &copy);
    if (status != STATUS_OK) return status;
    switch (source->language) {
    case EXPR_SPEL: status = compile_spel(copy, scope, expected, plan, problems, made); break;
    case EXPR_TEMPLATE:
        status = compile_template(copy, scope, expected, plan, problems, made);
        break;
    case EXPR_JSON: status = compile_json(copy, expected, plan, problems, made); break;
    case EXPR_DICT_KEY:
        status = compile_dict_key(&(struct expr_source){.text = copy,
                                                        .expected = expected,
                                                        .dictionary = source->dictionary},
                                  scope, plan, problems, made);
        break;
    case EXPR_TABULAR: status = compile_tabular(copy, plan, problems, made); break;
    case EXPR_LANGUAGE_COUNT: UNREACHABLE("language outside the enum");
    }
    made->zones = scope->zones;
    if (status == STATUS_OK) *expr = made;
    return status;
}

const struct type *expr_type(const struct expr *expr)
{
    return expr->type;
}

uint32_t expr_slots_read(const struct expr *expr, const uint32_t **slots)
{
    *slots = expr->slots;
    return expr->slot_count;
}

/* complete.c - completion's door: languages, positions, and the order of the work.
 *
 * The text is parsed as it stands for the hover. For suggestions a missing word is written at the
 * caret first, so that there is always a node to ask about.
 */
#include "expr/complete/room.h"
#include "expr/languages.h"
#include "value/utf8.h"

enum { TEXT_BYTES_MAX = 64 * 1024 };

static const char *const kind_names[COMPLETE_KIND_COUNT] = {
#define COMPLETE_KIND(name) #name,
#include "expr/complete/complete.def"
#undef COMPLETE_KIND
};

const char *complete_kind_name(enum complete_kind kind)
{
    ASSERT(kind < COMPLETE_KIND_COUNT);
    return kind_names[kind];
}

/* --- texts in the arena ----------------------------------------------------------------------------- */

struct slice complete_join(struct completing *work, const struct slice *parts, uint32_t count)
{
    size_t len = 0;
    size_t at = 0;

    for (uint32_t i = 0; i < count; i++)
        len += parts[i].len;
    uint8_t *text = arena_alloc(work->arena, len, 1);
    if (text == NULL) {
        work->failed = true;
        return (struct slice){0};
    }
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].len > 0) memcpy(text + at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    return (struct slice){text, len};
}

struct slice complete_display(struct completing *work, const struct type *type, bool with_values)
{
    struct buffer text;

    buffer_init(&text, TEXT_BYTES_MAX);
    type_to_text(type, with_values, &text);
    struct slice whole = buffer_slice(&text);
    struct slice copy = complete_join(work, &whole, 1);
    buffer_deinit(&text);
    return copy;
}

const char *complete_type_doc(const struct type *type)
{
    switch (type->kind) {
    case TYPE_UNKNOWN: return "a value whose type is known only when it runs; convert it with to()";
    case TYPE_NULL: return "no value";
    case TYPE_CLASS: return class_infos[type->class_id].meaning;
    case TYPE_RECORD: return "fields by name";
    case TYPE_UNION: return "a value of one of these types";
    case TYPE_DICT: return "keys with a name for people; ['key'] is one of them";
    }
    UNREACHABLE("type kind outside the enum");
}

/* --- positions -------------------------------------------------------------------------------------- */

/* Bytes of the characters that lie wholly within the first `units` UTF-16 units. */
static uint32_t bytes_of(struct slice text, uint32_t units)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;

    while (at < end && units > 0) {
        const uint8_t *next = at;
        uint32_t cost = utf8_next(&next, end) > 0xFFFF ? 2 : 1;
        if (cost > units) break;
        units -= cost;
        at = next;
    }
    return (uint32_t)(at - text.data);
}

static uint32_t units_of(struct slice text, uint32_t bytes)
{
    return (uint32_t)utf8_units((struct slice){text.data, bytes});
}

/* --- the work ---------------------------------------------------------------------------------------- */

struct node *complete_tree(struct completing *work, struct slice text)
{
    struct syntax_problem syntax;
    struct node *root = NULL;

    if (parser_run(text, work->arena, &root, &syntax) != STATUS_OK || root == NULL) return NULL;
    work->problems.count = 0;
    work->typer = (struct typer){
        .arena = work->arena, .variables = work->request->scope, .problems = &work->problems};
    type_node(&work->typer, root, NULL);
    if (work->typer.failed) work->failed = true;
    return work->failed ? NULL : root;
}

/* The expression around the caret; false: there is none (literal text). */
static bool find_expression(struct completing *work, uint32_t *offset)
{
    struct slice whole = work->request->text;
    uint32_t caret = bytes_of(whole, work->request->caret);
    size_t start = 0;
    size_t end = whole.len;

    switch (work->request->language) {
    case EXPR_SPEL: break;
    case EXPR_TEMPLATE:
        if (!template_hole(whole, caret, &start, &end)) return false;
        break;
    case EXPR_JSON:
    case EXPR_DICT_KEY:
    case EXPR_TABULAR: break;
    case EXPR_LANGUAGE_COUNT: return false;
    }
    work->text = (struct slice){whole.data + start, end - start};
    work->caret = caret - (uint32_t)start;
    *offset = (uint32_t)start;
    return true;
}

static void complete_spel(struct completing *work, struct complete_hover *hover)
{
    place_find(work);
    if (!work->failed) offer_place(work);
    const struct node *root = complete_tree(work, work->text);
    if (root != NULL) hover_find(work, root, hover);
}

static void finish(struct completing *work, uint32_t offset, struct complete_answer *answer)
{
    struct slice whole = work->request->text;

    for (uint32_t i = 0; i < work->count; i++) {
        work->best[i].from = units_of(whole, offset + work->best[i].from);
        work->best[i].to = units_of(whole, offset + work->best[i].to);
    }
    answer->suggestions = work->best;
    answer->count = work->count;
    answer->hover.from = units_of(whole, offset + answer->hover.from);
    answer->hover.to = units_of(whole, offset + answer->hover.to);
}

enum status complete_run(const struct complete_request *request, struct arena *arena,
                         struct complete_answer *answer)
{
    struct completing work = {.request = request, .arena = arena};
    uint32_t offset = 0;

    *answer = (struct complete_answer){0};
    /* One byte is left for the word that is missing at the caret. */
    if (request->text.len >= EXPR_TEXT_BYTES_MAX) return STATUS_OK;
    if (utf8_invalid_at(request->text) != request->text.len) return STATUS_OK;
    if (!find_expression(&work, &offset)) return STATUS_OK;
    work.best = arena_alloc(arena, COMPLETE_SUGGESTIONS_MAX, sizeof(*work.best));
    work.ranks = arena_alloc(arena, COMPLETE_SUGGESTIONS_MAX, sizeof(*work.ranks));
    if (work.best == NULL || work.ranks == NULL) return STATUS_LIMIT;
    if (request->language == EXPR_SPEL || request->language == EXPR_TEMPLATE) {
        complete_spel(&work, &answer->hover);
    } else {
        complete_json(&work, &answer->hover);
    }
    if (work.failed) return STATUS_LIMIT;
    finish(&work, offset, answer);
    return STATUS_OK;
}

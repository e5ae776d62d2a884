/* place.c - what the caret asks for: the tokens before it say which kind of thing, the
 * typed tree says of what. */
#include "expr/complete/room.h"

/* --- what nodes stand on ---------------------------------------------------------------------------- */

struct walk {
    struct completing *work;
    stand_visit visit;
    void *context;
};

static const struct type *type_of_node(const struct node *node)
{
    return node->type != NULL ? node->type : &type_unknown;
}

/* What a collection or map is made of. */
static const struct type *element_of(struct completing *work, const struct type *type)
{
    struct arena *arena = work->arena;
    enum class_id class_id = type_class_id(type);

    if (type->kind != TYPE_CLASS && type->kind != TYPE_RECORD) return &type_unknown;
    if (class_is(class_id, CLASS_Collection) || class_id == CLASS_Array) {
        return type_parameter(type, 0, arena);
    }
    if (class_id != CLASS_Map) return &type_unknown;
    struct type_field fields[] = {{SLICE("key"), type_parameter(type, 0, arena)},
                                  {SLICE("value"), type_parameter(type, 1, arena)}};
    const struct type *entry = NULL;
    if (fields[0].type != NULL && fields[1].type != NULL) {
        entry = type_record(fields, COUNT_OF(fields), arena);
    }
    if (entry == NULL) work->failed = true;
    return entry != NULL ? entry : &type_unknown;
}

static void walk_node(const struct walk *walk, const struct node *node, const struct stand *stand);

static void walk_children(const struct walk *walk, const struct node *node,
                          const struct stand *inner)
{
    for (uint32_t i = 0; i < node->child_count; i++)
        walk_node(walk, node->children[i], inner);
}

static void walk_path(const struct walk *walk, const struct node *node, const struct stand *stand)
{
    walk_node(walk, node->children[0], stand);
    for (uint32_t i = 1; i < node->child_count; i++) {
        const struct node *before = node->children[i - 1];
        struct stand step = {.receiver = type_of_node(before),
                             .static_context = before->static_context,
                             .before = before,
                             .element = stand->element};
        walk_node(walk, node->children[i], &step);
    }
}

/* Depth is that of the tree, which the parser limits. */
static void walk_node(const struct walk *walk, const struct node *node, const struct stand *stand)
{
    struct stand inner = {.element = stand->element};

    walk->visit(walk->context, node, stand);
    if (node->kind == NODE_PATH) {
        walk_path(walk, node, stand);
        return;
    }
    const struct type *receiver = stand->receiver != NULL ? stand->receiver : stand->element;
    if (node->kind == NODE_INDEX) inner.keyed = receiver;
    if (node->kind == NODE_SELECT || node->kind == NODE_PROJECT) {
        inner.element = receiver != NULL ? element_of(walk->work, receiver) : &type_unknown;
    }
    walk_children(walk, node, &inner);
}

void stand_walk(struct completing *work, const struct node *root, stand_visit visit, void *context)
{
    struct walk walk = {work, visit, context};
    struct stand nothing = {0};

    walk_node(&walk, root, &nothing);
}

/* The innermost node that begins at a byte. */
struct start_search {
    uint32_t start;
    bool found;
    struct stand stand;
};

static void visit_start(void *context, const struct node *node, const struct stand *stand)
{
    struct start_search *search = context;

    if (node->start != search->start || (node->kind == NODE_ERROR && search->found)) return;
    search->found = true;
    search->stand = *stand;
}

static bool find_stand(struct completing *work, struct slice text, uint32_t start)
{
    struct start_search search = {.start = start};
    const struct node *root = complete_tree(work, text);

    if (root == NULL) return false;
    stand_walk(work, root, visit_start, &search);
    work->place.stand = search.stand;
    return search.found;
}

/* --- tokens ------------------------------------------------------------------------------------------- */

struct tokens {
    const struct token *items;
    uint32_t count; /* without END */
};

static struct tokens cut(struct completing *work, struct slice text)
{
    struct syntax_problem problem = {0};
    struct token *items = NULL;
    uint32_t count = 0;

    if (lexer_run(text, work->arena, &items, &count, &problem) != STATUS_OK) {
        work->failed = true;
        return (struct tokens){0};
    }
    return (struct tokens){items, count - 1};
}

static bool is_word_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '$';
}

static bool is_word(const struct token *token)
{
    return token->text.len > 0 && token->kind != TOKEN_LITERAL_STRING &&
           ((token->text.data[0] | 0x20) >= 'a' && (token->text.data[0] | 0x20) <= 'z');
}

/* Names of classes: words and dots without a gap. */
static bool is_name_piece(const struct token *token)
{
    return token->kind == TOKEN_DOT || token->kind == TOKEN_IDENTIFIER || is_word(token);
}

static bool is_operator_word(const struct token *token)
{
    static const char *const words[] = {"and", "or", "instanceof", "matches", "between"};

    if (token->kind != TOKEN_IDENTIFIER) return true;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (slice_equal_ignoring_case(token->text, slice_of(words[i]))) return true;
    }
    return false;
}

static bool ends_value(const struct token *token)
{
    return token->kind == TOKEN_RPAREN || token->kind == TOKEN_RSQUARE ||
           token->kind == TOKEN_RCURLY ||
           (token->kind >= TOKEN_LITERAL_INT && token->kind <= TOKEN_LITERAL_REAL_FLOAT) ||
           !is_operator_word(token);
}

/* --- places ------------------------------------------------------------------------------------------- */

/* Up to the quote that closes the brackets; where none does, the word at the caret. */
static uint32_t key_end(struct slice text, uint32_t caret, uint8_t quote)
{
    uint32_t to = caret;

    while (to < text.len && text.data[to] != quote && text.data[to] != ']')
        to++;
    if (to + 1 == text.len && text.data[to] == quote) return to;
    if (to + 1 < text.len && text.data[to] == quote && text.data[to + 1] == ']') return to;
    for (to = caret; to < text.len && is_word_byte(text.data[to]);)
        to++;
    return to;
}

/* Inside a quoted text: the key of a record, if it stands in brackets. */
static void place_in_quotes(struct completing *work, const struct token *token, bool in_brackets)
{
    struct place *place = &work->place;
    struct slice text = work->text;

    if (!in_brackets || work->caret <= token->start) return;
    if (!find_stand(work, text, token->start) || place->stand.keyed == NULL) return;
    place->kind = AT_KEY;
    place->quote = text.data[token->start];
    place->from = token->start + 1;
    place->to = key_end(text, work->caret, place->quote);
}

/* T(a.b.C and new a.b.C; true if the caret is in such a name. */
static bool place_in_class(struct completing *work, struct tokens tokens, uint32_t at)
{
    uint32_t first = at;
    uint32_t last = at;

    while (first > 0 && is_name_piece(&tokens.items[first - 1]) &&
           tokens.items[first - 1].end == tokens.items[first].start) {
        first--;
    }
    while (last + 1 < tokens.count && is_name_piece(&tokens.items[last + 1]) &&
           tokens.items[last].end == tokens.items[last + 1].start) {
        last++;
    }
    if (first == 0) return false;
    const struct token *before = &tokens.items[first - 1];
    bool created = before->kind == TOKEN_IDENTIFIER && slice_equal(before->text, SLICE("new"));
    bool type = first > 1 && before->kind == TOKEN_LPAREN &&
                slice_equal(tokens.items[first - 2].text, SLICE("T"));
    if (!created && !type) return false;
    work->place.kind = created ? AT_CLASS_NEW : AT_CLASS;
    work->place.from = tokens.items[first].start;
    work->place.to = tokens.items[last].end;
    return true;
}

static void place_by_token(struct completing *work, struct slice text, struct tokens tokens,
                           uint32_t at)
{
    struct place *place = &work->place;
    const struct token *before = at > 0 ? &tokens.items[at - 1] : NULL;
    uint32_t start = tokens.items[at].start;

    if (place_in_class(work, tokens, at)) return;
    if (before != NULL && before->kind == TOKEN_HASH) {
        (void)find_stand(work, text, before->start);
        place->kind = AT_NAME;
    } else if (before != NULL &&
               (before->kind == TOKEN_DOT || before->kind == TOKEN_SAFE_NAVIGATION)) {
        place->safe = before->kind == TOKEN_SAFE_NAVIGATION;
        if (find_stand(work, text, start) && place->stand.receiver != NULL) {
            place->kind = AT_MEMBER;
        }
    } else if (before != NULL && ends_value(before)) {
        place->kind = AT_BETWEEN;
    } else {
        place->kind =
            find_stand(work, text, start) && place->stand.keyed != NULL ? AT_KEY : AT_VALUE;
    }
}

/* The token the caret is in or behind; tokens.count: none. */
static uint32_t token_at(struct tokens tokens, uint32_t start)
{
    uint32_t at = 0;

    while (at < tokens.count && tokens.items[at].start != start)
        at++;
    return at;
}

static bool in_quotes(struct completing *work, struct tokens tokens)
{
    for (uint32_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        if (token->kind != TOKEN_LITERAL_STRING || token->start >= work->caret) continue;
        bool open =
            token->text.len < 2 || token->text.data[token->text.len - 1] != token->text.data[0];
        if (work->caret > token->end || (work->caret == token->end && !open)) continue;
        place_in_quotes(work, token, i > 0 && tokens.items[i - 1].kind == TOKEN_LSQUARE);
        return true;
    }
    return false;
}

/* The text with a word at the caret, if there is none. */
static struct slice with_word(struct completing *work)
{
    struct slice text = work->text;
    struct slice parts[] = {
        {text.data, work->caret}, SLICE("_"), {text.data + work->caret, text.len - work->caret}};

    return complete_join(work, parts, COUNT_OF(parts));
}

void place_find(struct completing *work)
{
    struct place *place = &work->place;
    struct slice text = work->text;
    uint32_t from = work->caret;
    uint32_t to = work->caret;
    struct tokens tokens = cut(work, text);

    if (!work->failed && !in_quotes(work, tokens)) {
        while (from > 0 && is_word_byte(text.data[from - 1]))
            from--;
        while (to < text.len && is_word_byte(text.data[to]))
            to++;
        place->from = from;
        place->to = to;
        bool missing = from == to;
        if (missing) {
            text = with_word(work);
            if (!work->failed) tokens = cut(work, text);
        }
        uint32_t at = token_at(tokens, from);
        if (work->failed || at == tokens.count || !is_name_piece(&tokens.items[at])) return;
        place_by_token(work, text, tokens, at);
        if (missing && place->to > work->caret) place->to--;
    }
    if (place->kind == AT_NOTHING) return;
    work->prefix = (struct slice){work->text.data + place->from, work->caret - place->from};
}

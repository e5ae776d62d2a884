/* json.c - one pass over the text, one node per token.
 *
 * Nearly all bytes of an event are inside strings, so strings are scanned in blocks of 32: one
 * bit per byte that could matter (quote, backslash, control), and the work is done on the bits.
 * UTF-8 is checked beforehand for the whole text, which is one fast step per 64 ASCII bytes.
 */
#include "codec/json.h"

#include "codec/json_scan.h"
#include "value/utf8.h"

const struct json_limits json_limits_default = {
    .bytes_max = 16 * 1024 * 1024,
    .depth_max = VALUE_DEPTH_MAX,
    .nodes_max = 1024 * 1024,
    .number_bytes_max = 4000,
};

enum { NODES_FIRST = 16, BYTES_PER_NODE = 8 }; /* a first guess: one node in 8 bytes of text */

struct parser {
    const uint8_t *text;
    const uint8_t *end;
    struct document_node *nodes;
    uint32_t count;
    uint32_t capacity;
    uint32_t depth;
    bool plain_keys;                /* so far */
    uint32_t open[VALUE_DEPTH_MAX]; /* containers around the current token */
    const struct json_limits *limits;
    struct arena *arena;
    struct json_error *error;
    enum status status;
};

/* Functions below return where the text goes on, or NULL after refuse(). */
static const uint8_t *refuse(struct parser *parser, enum status status, const uint8_t *at,
                             const char *message)
{
    parser->status = status;
    *parser->error = (struct json_error){(size_t)(at - parser->text), message};
    return NULL;
}

static const uint8_t *invalid(struct parser *parser, const uint8_t *at, const char *message)
{
    if (at == parser->end) message = "the text ends too early";
    return refuse(parser, STATUS_INVALID, at, message);
}

/* --- nodes ------------------------------------------------------------------------------------- */

/* More room for nodes, mostly in place: the array is the last thing in the arena. */
static bool nodes_grow(struct parser *parser)
{
    uint32_t room = parser->limits->nodes_max - parser->capacity;
    uint32_t extra = parser->capacity < room ? parser->capacity : room;
    struct arena_mark mark = arena_mark(parser->arena);

    if (extra == 0) return false;
    struct document_node *more = arena_alloc(parser->arena, extra, sizeof(*more));
    if (more != parser->nodes + parser->capacity) {
        if (more != NULL) arena_rewind(parser->arena, mark);
        more = arena_alloc(parser->arena, (size_t)parser->capacity + extra, sizeof(*more));
        if (more == NULL) return false;
        memcpy(more, parser->nodes, parser->count * sizeof(*more));
        parser->nodes = more;
    }
    parser->capacity += extra;
    return true;
}

/* Gives the unused end of the array back. */
static void nodes_trim(struct parser *parser)
{
    struct arena_mark mark = arena_mark(parser->arena);

    if (mark.next == (uint8_t *)(parser->nodes + parser->capacity)) {
        mark.next = (uint8_t *)(parser->nodes + parser->count);
        arena_rewind(parser->arena, mark);
    }
}

/* Adds the node of a token that ends before `end`. */
static inline bool node_add(struct parser *parser, const uint8_t *start, const uint8_t *end,
                            enum document_kind kind)
{
    if (__builtin_expect(parser->count == parser->capacity, 0) && !nodes_grow(parser)) {
        refuse(parser, STATUS_LIMIT, start, "more tokens than allowed");
        return false;
    }
    uint32_t index = parser->count++;
    parser->nodes[index] = (struct document_node){.start = (uint32_t)(start - parser->text),
                                                  .len = (uint32_t)(end - start),
                                                  .next = index + 1,
                                                  .kind = (uint32_t)kind & 0xFU};
    return true;
}

/* --- tokens ------------------------------------------------------------------------------------ */

static inline bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static inline const uint8_t *skip_space(const struct parser *parser, const uint8_t *at)
{
    while (at < parser->end && is_space(*at))
        at++;
    return at;
}

/* The byte at `at`, 0 at the end: no token begins with NUL. */
static inline uint8_t peek(const struct parser *parser, const uint8_t *at)
{
    return at < parser->end ? *at : 0;
}

/* `at` is behind the opening quote. */
static inline const uint8_t *parse_string(struct parser *parser, const uint8_t *at)
{
    bool escaped;
    const uint8_t *end = json_scan_string(at, parser->end, &escaped);

    if (__builtin_expect(end == parser->end || *end != '"', 0)) {
        if (end < parser->end && *end < 0x20)
            return invalid(parser, end, "a control character in a string must be escaped");
        return invalid(parser, end, "this escape does not exist");
    }
    if (!node_add(parser, at, end, escaped ? DOCUMENT_ESCAPED_STRING : DOCUMENT_STRING))
        return NULL;
    return end + 1;
}

static const uint8_t *skip_digits(const struct parser *parser, const uint8_t *at)
{
    while (at < parser->end && (uint8_t)(*at - '0') < 10)
        at++;
    return at;
}

static const uint8_t *parse_number(struct parser *parser, const uint8_t *start)
{
    const uint8_t *whole = start + (*start == '-');
    const uint8_t *at = skip_digits(parser, whole);

    if (at == whole) return invalid(parser, at, "a digit must follow");
    if (*whole == '0' && at - whole > 1)
        return invalid(parser, whole, "a number must not begin with 0");
    if (peek(parser, at) == '.') {
        const uint8_t *fraction = at + 1;

        at = skip_digits(parser, fraction);
        if (at == fraction) return invalid(parser, at, "a digit must follow the point");
    }
    if ((peek(parser, at) | 0x20) == 'e') {
        const uint8_t *exponent = at + 1;

        if (peek(parser, exponent) == '+' || peek(parser, exponent) == '-') exponent++;
        at = skip_digits(parser, exponent);
        if (at == exponent) return invalid(parser, at, "an exponent needs a digit");
    }
    if (at - start > parser->limits->number_bytes_max)
        return refuse(parser, STATUS_LIMIT, start, "a number with too many digits");
    return node_add(parser, start, at, DOCUMENT_NUMBER) ? at : NULL;
}

static const uint8_t *parse_literal(struct parser *parser, const uint8_t *at, struct slice literal,
                                    enum document_kind kind)
{
    const uint8_t *end = at + literal.len;

    if ((size_t)(parser->end - at) < literal.len || memcmp(at, literal.data, literal.len) != 0)
        return refuse(parser, STATUS_INVALID, at, "a value must stand here");
    return node_add(parser, at, end, kind) ? end : NULL;
}

static const uint8_t *parse_scalar(struct parser *parser, const uint8_t *at)
{
    switch (peek(parser, at)) {
    case 't': return parse_literal(parser, at, SLICE("true"), DOCUMENT_TRUE);
    case 'f': return parse_literal(parser, at, SLICE("false"), DOCUMENT_FALSE);
    case 'n': return parse_literal(parser, at, SLICE("null"), DOCUMENT_NULL);
    case '-': return parse_number(parser, at);
    default: break;
    }
    if ((uint8_t)(peek(parser, at) - '0') < 10) return parse_number(parser, at);
    return invalid(parser, at, "a value must stand here");
}

/* --- the plain case ----------------------------------------------------------------------------- */

/* The quote that ends a string without escapes; NULL if it is another kind of string. */
static inline const uint8_t *plain_string_end(const uint8_t *at, const uint8_t *end)
{
    for (; end - at >= JSON_BLOCK_BYTES; at += JSON_BLOCK_BYTES) {
        uint32_t special = json_block_special(at);

        if (special == 0) continue;
        at += __builtin_ctz(special);
        return *at == '"' ? at : NULL;
    }
    return NULL;
}

static inline void node_put_plain(struct parser *parser, uint32_t index, const uint8_t *start,
                                  const uint8_t *end, uint32_t mark)
{
    parser->nodes[index] = (struct document_node){.start = (uint32_t)(start - parser->text),
                                                  .len = (uint32_t)(end - start),
                                                  .next = index + 1,
                                                  .count = mark & 0xFFU,
                                                  .kind = DOCUMENT_STRING};
}

/* Steps over members "key":"value", without escapes and space, which most of an event consists of.
 * Stops where the next member begins: that one is something else, or the last. */
static const uint8_t *parse_plain_members(struct parser *parser, const uint8_t *at)
{
    struct document_node *object = &parser->nodes[parser->open[parser->depth - 1]];
    const uint8_t *end = parser->end;
    uint32_t index = parser->count;

    while (parser->capacity - index >= 2 && at < end && *at == '"') {
        const uint8_t *key = at + 1;
        const uint8_t *key_end = plain_string_end(key, end);

        if (key_end == NULL || end - key_end < 3 || key_end[1] != ':' || key_end[2] != '"') break;
        const uint8_t *value = key_end + 3;
        const uint8_t *value_end = plain_string_end(value, end);
        if (value_end == NULL || end - value_end < 2 || value_end[1] != ',') break;
        node_put_plain(parser, index, key, key_end, document_key_mark(key));
        node_put_plain(parser, index + 1, value, value_end, 0);
        index += 2;
        at = value_end + 2;
    }
    object->count = (object->count + (index - parser->count) / 2) & DOCUMENT_COUNT_MAX;
    parser->count = index;
    return at;
}

/* --- containers -------------------------------------------------------------------------------- */

/* Of the key that was read last. */
static inline void mark_key(struct parser *parser)
{
    struct document_node *key = &parser->nodes[parser->count - 1];

    if (key->kind == DOCUMENT_STRING) {
        key->count = document_key_mark(parser->text + key->start) & 0xFFU;
    } else {
        parser->plain_keys = false;
    }
}

/* A member's key and its colon, after the members that are plain. */
static inline const uint8_t *parse_key(struct parser *parser, const uint8_t *at)
{
    at = skip_space(parser, parse_plain_members(parser, at));
    if (peek(parser, at) != '"') return invalid(parser, at, "a key in quotes must stand here");
    at = parse_string(parser, at + 1);
    if (at == NULL) return NULL;
    mark_key(parser);
    if (peek(parser, at) != ':') at = skip_space(parser, at);
    if (peek(parser, at) != ':') return invalid(parser, at, "':' must follow a key");
    return skip_space(parser, at + 1);
}

static const uint8_t *container_close(struct parser *parser, const uint8_t *at)
{
    struct document_node *node = &parser->nodes[parser->open[--parser->depth]];

    node->len = (uint32_t)(at + 1 - parser->text) - node->start;
    node->next = parser->count;
    return at + 1;
}

static const uint8_t *container_open(struct parser *parser, const uint8_t *at,
                                     enum document_kind kind)
{
    if (parser->depth == parser->limits->depth_max)
        return refuse(parser, STATUS_LIMIT, at, "nested too deeply");
    if (!node_add(parser, at, at + 1, kind)) return NULL;
    parser->open[parser->depth++] = parser->count - 1;
    return skip_space(parser, at + 1);
}

/* What follows a finished value: closes containers that end here, then steps over a comma to the
 * next value. *done: the root is finished. */
static const uint8_t *parse_after(struct parser *parser, const uint8_t *at, bool *done)
{
    while (parser->depth > 0) {
        struct document_node *node = &parser->nodes[parser->open[parser->depth - 1]];
        bool object = node->kind == DOCUMENT_OBJECT;

        if (is_space(peek(parser, at))) at = skip_space(parser, at);
        uint8_t byte = peek(parser, at);
        node->count++;
        if (byte == ',') {
            at = skip_space(parser, at + 1);
            return object ? parse_key(parser, at) : at;
        }
        if (byte != (object ? '}' : ']')) {
            return invalid(parser, at,
                           object ? "',' or '}' must stand here" : "',' or ']' must stand here");
        }
        at = container_close(parser, at);
    }
    *done = true;
    return at;
}

/* One value from its first byte: scalars whole, of containers the way to the first child's value.
 * *open: a child's value comes next. */
static const uint8_t *parse_value(struct parser *parser, const uint8_t *at, bool *open)
{
    uint8_t byte = peek(parser, at);
    bool object = byte == '{';

    *open = false;
    if (byte == '"') return parse_string(parser, at + 1);
    if (!object && byte != '[') return parse_scalar(parser, at);
    at = container_open(parser, at, object ? DOCUMENT_OBJECT : DOCUMENT_ARRAY);
    if (at == NULL) return NULL;
    if (peek(parser, at) == (object ? '}' : ']')) return container_close(parser, at);
    *open = true;
    return object ? parse_key(parser, at) : at;
}

static void parse_text(struct parser *parser)
{
    const uint8_t *at = skip_space(parser, parser->text);
    bool done = false;
    bool open;

    while (!done) {
        at = parse_value(parser, at, &open);
        if (at != NULL && !open) at = parse_after(parser, at, &done);
        if (at == NULL) return;
    }
    at = skip_space(parser, at);
    if (at < parser->end) invalid(parser, at, "nothing may follow the value");
}

static bool parser_init(struct parser *parser, struct slice text)
{
    size_t guess = text.len / BYTES_PER_NODE + NODES_FIRST;

    parser->status = STATUS_OK;
    parser->count = 0;
    parser->depth = 0;
    parser->plain_keys = true;
    parser->text = text.data;
    parser->end = text.data + text.len;
    parser->capacity = (uint32_t)guess;
    if (guess > parser->limits->nodes_max) parser->capacity = parser->limits->nodes_max;
    parser->nodes = arena_alloc(parser->arena, parser->capacity, sizeof(*parser->nodes));
    return parser->nodes != NULL;
}

enum status json_parse(struct slice text, const struct json_limits *limits, struct arena *arena,
                       struct document *document, struct json_error *error)
{
    struct parser parser;

    ASSERT(limits->depth_max > 0 && limits->depth_max <= VALUE_DEPTH_MAX);
    ASSERT(limits->nodes_max > 0 && limits->nodes_max <= DOCUMENT_COUNT_MAX);
    *error = (struct json_error){0};
    if (text.len > limits->bytes_max) {
        *error = (struct json_error){limits->bytes_max, "the text is too long"};
        return STATUS_LIMIT;
    }
    bool ascii = utf8_is_ascii(text);
    size_t invalid_at = ascii ? text.len : utf8_invalid_at(text);
    if (invalid_at < text.len) {
        *error = (struct json_error){invalid_at, "this byte is not UTF-8"};
        return STATUS_INVALID;
    }
    parser.limits = limits;
    parser.arena = arena;
    parser.error = error;
    if (!parser_init(&parser, text)) {
        error->message = "no memory left for the index";
        return STATUS_LIMIT;
    }
    parse_text(&parser);
    if (parser.status != STATUS_OK) return parser.status;
    nodes_trim(&parser);
    *document = (struct document){text, parser.nodes, parser.count, ascii, parser.plain_keys};
    return STATUS_OK;
}

/* document.c - values out of an indexed JSON text. The reader has checked the syntax, so what is
 * malformed here is our bug.
 */
#include "value/document.h"

#include "base/bytes.h"
#include "value/number.h"
#include "value/utf8.h"

/* --- escapes ----------------------------------------------------------------------------------- */

static uint32_t hex_value(uint8_t digit)
{
    return digit <= '9' ? digit - (uint32_t)'0' : (digit | 0x20U) - 'a' + 10U;
}

/* The four digits behind a backslash and u. */
static uint32_t read_hex4(const uint8_t *digits)
{
    return hex_value(digits[0]) << 12 | hex_value(digits[1]) << 8 | hex_value(digits[2]) << 4 |
           hex_value(digits[3]);
}

static bool is_high_surrogate(uint32_t code)
{
    return (code & 0xFC00U) == 0xD800;
}

static bool is_low_surrogate(uint32_t code)
{
    return (code & 0xFC00U) == 0xDC00;
}

/* Reads one escape at *at (on the backslash). Two escapes that are a surrogate pair are one
 * character; a lone surrogate is kept. */
static uint32_t read_escape(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *escape = *at;

    ASSERT(end - escape >= 2);
    *at = escape + 2;
    switch (escape[1]) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'u': break;
    default: return escape[1];
    }
    ASSERT(end - escape >= 6);
    uint32_t code = read_hex4(escape + 2);
    *at = escape + 6;
    if (!is_high_surrogate(code) || end - escape < 12) return code;
    if (escape[6] != '\\' || escape[7] != 'u') return code;
    uint32_t low = read_hex4(escape + 8);
    if (!is_low_surrogate(low)) return code;
    *at = escape + 12;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* Decodes into `target` (at least text.len bytes: no escape grows); returns the length. */
static size_t unescape(struct slice text, uint8_t *target)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;
    uint8_t *out = target;

    while (at < end) {
        const uint8_t *escape = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((escape == NULL ? end : escape) - at);

        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (escape != NULL) out += utf8_put(out, read_escape(&at, end));
    }
    return (size_t)(out - target);
}

enum status document_string(const struct document *document, uint32_t node, struct arena *arena,
                            struct slice *text)
{
    *text = document_text(document, node);
    if (document->nodes[node].kind == DOCUMENT_STRING) return STATUS_OK;
    ASSERT(document->nodes[node].kind == DOCUMENT_ESCAPED_STRING);
    uint8_t *target = arena_alloc(arena, text->len, 1);
    if (target == NULL) return STATUS_LIMIT;
    *text = (struct slice){target, unescape(*text, target)};
    return STATUS_OK;
}

/* --- values ------------------------------------------------------------------------------------ */

/* The text of a string without escapes, which lies in the document. */
static inline void put_plain_string(const struct document *document, uint32_t node,
                                    struct value *value)
{
    const struct document_node *at = &document->nodes[node];

    if (document->ascii) {
        value_put_ascii(value, document->text.data + at->start, at->len);
    } else {
        *value = value_string(document_text(document, node));
    }
}

static inline void put_lazy(enum value_kind kind, const struct document *document, uint32_t node,
                            struct value *value)
{
    value_put(value, value_head(kind, VALUE_LAZY, node), (uint64_t)(uintptr_t)document);
}

enum status document_value(const struct document *document, uint32_t node, struct arena *arena,
                           struct value *value)
{
    struct slice text;
    enum status status;

    ASSERT(node < document->node_count);
    switch ((enum document_kind)document->nodes[node].kind) {
    case DOCUMENT_NULL: *value = value_null(); return STATUS_OK;
    case DOCUMENT_FALSE: *value = value_boolean(false); return STATUS_OK;
    case DOCUMENT_TRUE: *value = value_boolean(true); return STATUS_OK;
    case DOCUMENT_NUMBER: return number_from_json(document_text(document, node), arena, value);
    case DOCUMENT_STRING: put_plain_string(document, node, value); return STATUS_OK;
    case DOCUMENT_ESCAPED_STRING:
        status = document_string(document, node, arena, &text);
        if (status == STATUS_OK) *value = value_string(text);
        return status;
    case DOCUMENT_ARRAY: put_lazy(VALUE_LIST, document, node, value); return STATUS_OK;
    case DOCUMENT_OBJECT: put_lazy(VALUE_MAP, document, node, value); return STATUS_OK;
    }
    UNREACHABLE("document kind outside the enum");
}

/* --- members ----------------------------------------------------------------------------------- */

/* Rare: kept out of the walk below. */
__attribute__((noinline)) static bool escaped_key_equals(struct slice text, struct slice key)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.data + text.len;
    uint8_t bytes[UTF8_BYTES_MAX];

    while (at < end) {
        size_t len = 1;

        bytes[0] = *at;
        if (*at == '\\') {
            len = utf8_put(bytes, read_escape(&at, end));
        } else {
            at++;
        }
        if (key.len < len || memcmp(key.data, bytes, len) != 0) return false;
        key = (struct slice){key.data + len, key.len - len};
    }
    return key.len == 0;
}

/* Keys without escapes are told apart by one word: their length, kind and first byte. */
static inline uint64_t node_word(const struct document_node *node)
{
    uint64_t word;

    memcpy(&word, (const uint8_t *)node + offsetof(struct document_node, len), sizeof(word));
    return word;
}

/* The word of a key without escapes. */
static inline uint64_t sought_word(struct slice key)
{
    const struct document_node sought = {.len = (uint32_t)key.len,
                                         .count = key.len > 0 ? document_key_mark(key.data) & 0xFFU
                                                              : '"',
                                         .kind = DOCUMENT_STRING};

    return node_word(&sought);
}

/* Members are looked at from the front; the last one found counts. */
static uint32_t find_walking(const struct document *document, uint32_t object, struct slice key)
{
    const struct document_node *nodes = document->nodes;
    const uint64_t wanted = sought_word(key);
    uint32_t found = 0;
    uint32_t node = object + 1;

    for (uint32_t i = nodes[object].count; i > 0; i--) {
        if (node_word(&nodes[node]) == wanted
                ? bytes_equal(document->text.data + nodes[node].start, key.data, key.len)
                : nodes[node].kind == DOCUMENT_ESCAPED_STRING &&
                      escaped_key_equals(document_text(document, node), key)) {
            found = node + 1;
        }
        node = nodes[node + 1].next;
    }
    return found;
}

/* The key before `end`, two nodes a member, whose word is the wanted one; NULL if none is.
 * Two are looked at in one step. */
static inline const struct document_node *scan_back(const struct document_node *begin,
                                                    const struct document_node *end,
                                                    uint64_t wanted)
{
    if ((end - begin) % 4 != 0) {
        end -= 2;
        if (node_word(end) == wanted) return end;
    }
    while (end != begin) {
        end -= 4;
        if (node_word(end + 2) == wanted) return end + 2;
        if (node_word(end) == wanted) return end;
    }
    return NULL;
}

/* Where no value has nodes inside, members stand two nodes apart: the last one can be looked for
 * first, and no step waits for the one before it. No key has escapes. */
static uint32_t find_backwards(const struct document *document, uint32_t object, struct slice key)
{
    const struct document_node *begin = &document->nodes[object + 1];
    const struct document_node *at = begin + 2 * (ptrdiff_t)document->nodes[object].count;
    const uint64_t wanted = sought_word(key);

    do {
        at = scan_back(begin, at, wanted);
    } while (at != NULL && !bytes_equal(document->text.data + at->start, key.data, key.len));
    return at != NULL ? (uint32_t)(at - document->nodes) + 1 : 0;
}

static inline uint32_t find_member(const struct document *document, uint32_t object,
                                   struct slice key)
{
    const struct document_node *node = &document->nodes[object];

    ASSERT(node->kind == DOCUMENT_OBJECT && key.len <= UINT32_MAX);
    bool flat = node->next == object + 1 + 2 * node->count;
    return flat && document->plain_keys ? find_backwards(document, object, key)
                                        : find_walking(document, object, key);
}

uint32_t document_member(const struct document *document, uint32_t object, struct slice key)
{
    return find_member(document, object, key);
}

enum status document_get(const struct document *document, uint32_t object, struct slice key,
                         struct arena *arena, struct value *value)
{
    uint32_t node = find_member(document, object, key);

    if (node == 0) return STATUS_NOT_FOUND;
    switch ((int)document->nodes[node].kind) {
    case DOCUMENT_STRING: put_plain_string(document, node, value); return STATUS_OK;
    case DOCUMENT_ARRAY: put_lazy(VALUE_LIST, document, node, value); return STATUS_OK;
    case DOCUMENT_OBJECT: put_lazy(VALUE_MAP, document, node, value); return STATUS_OK;
    default: return document_value(document, node, arena, value);
    }
}

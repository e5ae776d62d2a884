/* value.h - what expressions compute with: Java's values, 16 bytes each, borrowed from an arena.
 *
 * Kinds follow the Java classes the original uses, because arithmetic, equality and printed forms
 * depend on them (an Integer wraps at 32 bits, a BigDecimal keeps its scale). Text is UTF-8 that
 * may carry lone surrogates (three bytes, as in WTF-8); lengths and indices at the language level
 * are UTF-16 units and computed; VALUE_ASCII says that bytes and units coincide.
 *
 * Lists and maps come in two representations behind one interface: eager (items, entries), and
 * lazy: a node of a parsed JSON document that nothing has been built for. Use list_*() and map_*().
 */
#pragma once
#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"

enum value_kind {
    VALUE_NULL,
    VALUE_BOOLEAN,
    VALUE_BYTE,
    VALUE_SHORT,
    VALUE_INTEGER,
    VALUE_LONG,
    VALUE_FLOAT,
    VALUE_DOUBLE,
    VALUE_BIG_INTEGER,
    VALUE_BIG_DECIMAL,
    VALUE_CHARACTER, /* one UTF-16 unit in i64 */
    VALUE_STRING,
    VALUE_LIST,
    VALUE_SET, /* insertion order, no equal members */
    VALUE_MAP, /* records too: insertion order */
    VALUE_DURATION,
    VALUE_CLASS,     /* what T(...) gives: i64 is a class id */
    VALUE_TEMPORAL,  /* a date, time or part of them: value/temporal.h */
    VALUE_OBJECT,    /* of a class that is a few parts, in `items`: value/object.h */
    VALUE_FORMATTER, /* a pattern for dates and times: value/formatter.h */
    VALUE_KIND_COUNT
};

enum value_flags {
    VALUE_ASCII = 1, /* STRING: every byte is below 0x80 */
    VALUE_LAZY = 2,  /* LIST, MAP: `node` of `document` */
    VALUE_WIDE = 4,  /* BIG_INTEGER, BIG_DECIMAL: `big`, not `i64`; TEMPORAL: `moment` or text */
    VALUE_ARRAY = 8, /* LIST: a Java array, which has its own methods and class */
};

struct value_entry;
struct document;
struct big;    /* value/big.h: sign, limbs */
struct moment; /* value/temporal.h: local time, offset, zone */
struct formatter;

struct value {
    uint8_t kind;  /* enum value_kind */
    uint8_t flags; /* enum value_flags */
    union {
        uint8_t temporal; /* TEMPORAL: enum class_id */
        uint8_t class_id; /* OBJECT: its class; ARRAY: that of the items, 0 is Object; MAP: Entry
                             or MetaVariables, which print otherwise, or 0 */
    };
    uint8_t spare; /* 0 */
    union {
        uint32_t len;   /* STRING, ZoneId: bytes */
        uint32_t count; /* LIST, SET, OBJECT: items; MAP: entries */
        uint32_t node;  /* lazy LIST, MAP: index into the document's nodes */
        int32_t scale;  /* BIG_DECIMAL: value = unscaled * 10^-scale */
        int32_t nanos;  /* DURATION: 0..999999999, added to the seconds in i64 */
    };
    union {
        bool boolean;
        int64_t i64; /* BYTE..LONG, CHARACTER, narrow BIG_*: (unscaled) value; DURATION: seconds */
        double f64;  /* FLOAT (exactly a float), DOUBLE */
        const uint8_t *text;
        const struct value *items;
        const struct value_entry *entries;
        const struct document *document;
        const struct big *big;
        const struct moment *moment; /* TEMPORAL with a time zone or offset */
        const struct formatter *formatter;
    };
};
_Static_assert(sizeof(struct value) == 16, "values travel in two registers");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "value_head() and stored bytes say so");

struct value_entry {
    struct value key;
    struct value value;
};

static inline struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

static inline struct value value_boolean(bool boolean)
{
    return (struct value){.kind = VALUE_BOOLEAN, .boolean = boolean};
}

static inline struct value value_integer(int32_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .i64 = integer};
}

static inline struct value value_long(int64_t number)
{
    return (struct value){.kind = VALUE_LONG, .i64 = number};
}

static inline struct value value_double(double number)
{
    return (struct value){.kind = VALUE_DOUBLE, .f64 = number};
}

static inline struct slice value_text(struct value string)
{
    return (struct slice){string.text, string.len};
}

/* The first eight bytes of a value whose `len` (or count, node, ...) is `number`. */
static inline uint64_t value_head(enum value_kind kind, uint32_t flags, uint32_t number)
{
    return (uint64_t)kind | (uint64_t)flags << 8 | (uint64_t)number << 32;
}

/* Puts a value down in one piece. Values are copied 16 bytes at a time; a copy right behind smaller
 * stores would wait until each has landed. */
static inline void value_put(struct value *target, uint64_t head, uint64_t rest)
{
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair both = {head, rest};

    memcpy(target, &both, sizeof(both));
}

/* The same for a value that is in registers. */
static inline void value_put_whole(struct value *target, struct value value)
{
    uint64_t halves[2];

    memcpy(halves, &value, sizeof(halves));
    value_put(target, halves[0], halves[1]);
}

/* A STRING over bytes that are known to be ASCII. */
static inline void value_put_ascii(struct value *target, const uint8_t *text, uint32_t len)
{
    value_put(target, value_head(VALUE_STRING, VALUE_ASCII, len), (uint64_t)(uintptr_t)text);
}

static inline void value_put_boolean(struct value *target, bool boolean)
{
    value_put(target, value_head(VALUE_BOOLEAN, 0, 0), boolean);
}

/* A STRING over the bytes, which must outlive it; sets VALUE_ASCII by looking. len <= UINT32_MAX. It has
 * an address even if the slice, being empty, has none. */
struct value value_string(struct slice text);

/* Simple Java class name of a value ("Integer", "String", "ArrayList" prints as "List"). */
const char *value_kind_name(enum value_kind kind);

/* --- lists and sets ------------------------------------------------------------------------- */

struct value value_list(const struct value *items, uint32_t count);
uint32_t list_count(struct value list);

/* Item `index` (< list_count). Strings with escapes and wide numbers of a lazy list are decoded
 * into the arena. fails  LIMIT when the arena is full */
enum status list_item(struct value list, uint32_t index, struct arena *arena,
                      struct value *item) MUST_USE;

/* --- maps and records ------------------------------------------------------------------------ */

struct value value_map(const struct value_entry *entries, uint32_t count);
uint32_t map_count(struct value map);

/* Entry `index` in insertion order. */
enum status map_entry(struct value map, uint32_t index, struct arena *arena,
                      struct value_entry *entry) MUST_USE;

/* The value under a string key; NOT_FOUND if there is none. In a JSON object with a key twice the
 * last one counts (Jackson's and circe's rule); it keeps the place of the first. */
enum status map_get(struct value map, struct slice key, struct arena *arena,
                    struct value *value) MUST_USE;

/* Walks a list, set or map in order without index arithmetic: O(1) per step on lazy ones too. */
struct value_cursor {
    struct value container;
    uint32_t at;   /* items passed */
    uint32_t node; /* lazy: next node */
};
struct value_cursor value_cursor(struct value container);
bool cursor_next(
    struct value_cursor *cursor, struct arena *arena, struct value_entry *entry,
    enum status *status); /* key is NULL-kind for lists; false at the end or on failure */

/* --- equality and text ----------------------------------------------------------------------- */

/* Java's equals() within a kind; the language's `==` (numbers across kinds) is expr's.
 * Lists by item, maps and sets regardless of order, lazy and eager alike. */
bool value_equals(struct value left, struct value right);
uint64_t value_hash(struct value value); /* equal values, equal hashes */

/* Appends Java's toString(): "[a, b]", "{k=v}", "1.0E10", "PT5M", "null".
 * The buffer's failed mark tells that it did not fit. source  Double.toString (JDK 19 shortest
 * repr is not used: JDK 17's digits are those of the golden files), BigDecimal.toString */
void value_to_text(struct value value, struct buffer *out);

/* Deep copy into an arena: lazy parts become eager, text is copied. depth <= VALUE_DEPTH_MAX. */
enum { VALUE_DEPTH_MAX = 64 };
enum status value_copy(struct value value, struct arena *arena, struct value *copy) MUST_USE;

/* --- stored form ------------------------------------------------------------------------------ */

/* Self-describing versioned bytes for state cells and hand-over records: one kind byte, then
 * varint / fixed / sized parts; every kind round-trips exactly, lazy ones come back eager and do not
 * depend on `bytes`. fails  INVALID: not such bytes; LIMIT: too deep, or the arena is full */
void value_encode(struct value value, struct buffer *out);
enum status value_decode(struct slice bytes, struct arena *arena, struct value *value) MUST_USE;

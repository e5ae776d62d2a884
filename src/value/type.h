/* type.h - what is known of a value before it exists: the typing results of the expression language.
 *
 * Types live in the plan's arena and are immutable. Display is the original's ("List[Integer]",
 * "Record{a: Integer}", "String(abc)"); source: nussknacker-compat §3.3 in docs/expressions.md.
 */
#pragma once
#include "value/value.h"

enum type_kind {
    TYPE_UNKNOWN,
    TYPE_NULL,
    TYPE_CLASS,  /* class_id with parameters: List[T], Map[K,V], Set[T] */
    TYPE_RECORD, /* fields by name, each with its type */
    TYPE_UNION,
    TYPE_DICT, /* a dictionary of the host; `value` is its name */
};

/* Classes by simple name; rows: value/classes.def. */
enum class_id {
#define CLASS(name, java_name, parameter_count, meaning) CLASS_##name,
#include "value/classes.def"
#undef CLASS
    CLASS_COUNT
};

struct class_info {
    const char *name;      /* simple name, as displayed */
    const char *java_name; /* full name, as T(...) takes it */
    uint32_t parameter_count;
    const char *meaning;
};
extern const struct class_info class_infos[CLASS_COUNT];

struct type_field {
    struct slice name;
    const struct type *type;
};

struct type {
    enum type_kind kind;
    enum class_id class_id;               /* CLASS */
    uint32_t count;                       /* CLASS: parameters; RECORD: fields; UNION: members */
    bool known;                           /* `value` is the constant */
    const struct type *const *parameters; /* CLASS, UNION */
    const struct type_field *fields;      /* RECORD, in order of declaration */
    struct value value;
};

extern const struct type type_unknown;
extern const struct type type_null;

/* The parameterless type of a class; static. */
const struct type *type_of_class(enum class_id class_id);

/* Constructors in an arena; NULL when it is full. */
const struct type *type_class(enum class_id class_id, const struct type *first,
                              const struct type *second, struct arena *arena);
const struct type *type_list(const struct type *item, struct arena *arena);
const struct type *type_map(const struct type *key, const struct type *value, struct arena *arena);
const struct type *type_record(const struct type_field *fields, uint32_t count,
                               struct arena *arena);

/* Displayed as "Dict(id=name)". */
const struct type *type_dict(struct slice id, struct arena *arena);

/* The same type with a constant; without any. */
const struct type *type_with_value(const struct type *type, struct value value,
                                   struct arena *arena);
const struct type *type_without_value(const struct type *type, struct arena *arena);

/* The type of a constant, known; of a list or map the item types are joined. */
const struct type *type_of_value(struct value value, struct arena *arena);

/* Is the value known before running? Of a record: when all its fields are. */
bool type_known(const struct type *type, struct arena *arena, struct value *value);

/* "one of these": flattened, without repetition; Unknown swallows all, Null only when alone. */
const struct type *type_union(const struct type *const *members, uint32_t count,
                              struct arena *arena);

/* Type of a display text: "Integer", "List[String]", "Record{a: Integer}", "A | B".
 * fails    INVALID */
enum status type_from_text(struct slice text, struct arena *arena,
                           const struct type **type) MUST_USE;

/* The type of a record's field, NULL if it has none of that name. */
const struct type *type_field(const struct type *record, struct slice name);

/* The class of a CLASS or RECORD (which is a Map); Object for the other kinds. */
enum class_id type_class_id(const struct type *type);

/* Parameter `index` of a class; of a record as Map[String, common type of its fields]. */
const struct type *type_parameter(const struct type *type, uint32_t index, struct arena *arena);

bool type_equal(const struct type *left, const struct type *right);

/* Can a value of `from` be given where `to` is asked for (§3.3, loose rules)? */
bool type_assignable(const struct type *from, const struct type *to);

/* Nearest common supertype; Unknown when classes have nothing in common. */
const struct type *type_common(const struct type *left, const struct type *right,
                               struct arena *arena);

/* Could a value be of both types? What == asks for. */
bool type_comparable(const struct type *left, const struct type *right, struct arena *arena);

/* How the result type of arithmetic follows from its operands'. */
enum promotion {
    PROMOTION_MATH,       /* byte and short become Integer; the widest wins */
    PROMOTION_POWER,      /* BigDecimal, BigInteger, Double, Long, or Integer | Long */
    PROMOTION_MIN_MAX,    /* the widest, kept narrow */
    PROMOTION_LARGE_SUM,  /* integers become Long, floats Double */
    PROMOTION_LARGE_FLOAT /* Double or BigDecimal */
};
const struct type *type_promote(const struct type *left, const struct type *right,
                                enum promotion promotion, struct arena *arena);

/* --- classes ------------------------------------------------------------------------------------ */

bool class_is(enum class_id class_id, enum class_id super); /* itself or a subclass */
bool class_is_ordered(enum class_id class_id);
bool class_is_number(enum class_id class_id);

/* By full Java name, or by simple name. fails  NOT_FOUND */
enum status class_find(struct slice java_name, enum class_id *class_id) MUST_USE;
enum status class_find_simple(struct slice name, enum class_id *class_id) MUST_USE;

/* What `value` is an instance of; a VALUE_NULL is an Object. */
enum class_id class_of_value(struct value value);

/* Classes of kinds that have one; CLASS_COUNT for the others. */
extern const uint8_t class_of_kind[VALUE_KIND_COUNT];

/* Is it of the class? Quick: true is sure, false may be false for arrays and the kinds of many
 * classes. */
static inline bool value_surely_is(const struct value *value, enum class_id class_id)
{
    return class_of_kind[value->kind] == class_id && (value->flags & VALUE_ARRAY) == 0;
}

/* Display form, with known values ("Integer(5)") or without. */
void type_to_text(const struct type *type, bool with_values, struct buffer *out);

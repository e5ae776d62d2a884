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
    const struct type *const *parameters; /* CLASS, UNION */
    const struct type_field *fields;      /* RECORD, in order of declaration */
    bool known;                           /* `value` is the constant */
    struct value value;
};

extern const struct type type_unknown;
extern const struct type type_null;

/* The parameterless type of a class; static. */
const struct type *type_of_class(enum class_id class_id);

/* Constructors in an arena; NULL when it is full. */
const struct type *type_list(const struct type *item, struct arena *arena);
const struct type *type_map(const struct type *key, const struct type *value, struct arena *arena);
const struct type *type_record(const struct type_field *fields, uint32_t count,
                               struct arena *arena);

/* The type of a record's field, NULL if it has none of that name. */
const struct type *type_field(const struct type *record, struct slice name);

/* Can a value of `from` be given where `to` is asked for (§3.3, loose rules)? */
bool type_assignable(const struct type *from, const struct type *to);

/* Display form, with known values ("Integer(5)") or without. */
void type_to_text(const struct type *type, bool with_values, struct buffer *out);

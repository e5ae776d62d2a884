/* schema_room.h - the inside of a schema: shared by the schema_*.c files only. */
#pragma once
#include "scenario/problems.h"
#include "scenario/schema.h"

enum schema_kind {
    SCHEMA_ANY,
    SCHEMA_NOTHING, /* `false` */
    SCHEMA_NULL,
    SCHEMA_BOOLEAN,
    SCHEMA_INTEGER,
    SCHEMA_NUMBER,
    SCHEMA_STRING,
    SCHEMA_TEMPORAL, /* a string with the format of a date or time */
    SCHEMA_ARRAY,
    SCHEMA_OBJECT,
    SCHEMA_UNION, /* oneOf, anyOf, several types: the first that fits */
    SCHEMA_ENUM,
};

struct schema_property {
    struct slice name;
    struct schema *schema;
    bool required;
};

/* Bounds of numbers, and of how long texts and lists may be. */
struct schema_limits {
    const struct value *minimum; /* decimals; NULL: none */
    const struct value *maximum;
    bool above_minimum; /* the bound itself is out */
    bool below_maximum;
    uint32_t count_min; /* UTF-16 units of a text as Java counts, items of a list */
    uint32_t count_max;
    bool has_count_max;
};

struct schema {
    enum schema_kind kind;
    bool typing;                        /* its type is being made: a recursive schema */
    bool has_default;                   /* `initial` */
    const struct type *type;            /* NULL until it is asked for */
    struct value initial;               /* what `default` says */
    enum class_id class_id;             /* INTEGER: Integer, Long or BigInteger; TEMPORAL */
    struct schema_limits limits;        /* INTEGER, NUMBER, STRING, ARRAY */
    struct schema_property *properties; /* OBJECT */
    uint32_t count;                     /* OBJECT properties, UNION members, ENUM values */
    struct schema *additional;          /* OBJECT: of undeclared members; NULL: none may be */
    struct schema *items;               /* ARRAY */
    struct schema **members;            /* UNION */
    struct value *values;               /* ENUM */
};

/* Decoding and encoding visit at most so many schema nodes: unions may be tried many times over. */
enum { SCHEMA_STEPS_MAX = 1000000, SCHEMA_MEMBERS_MAX = 4096 };

/* ... and nest so deep: an alternative may refer to its own union and go down without end. */
enum { SCHEMA_WORK_DEPTH_MAX = 4 * VALUE_DEPTH_MAX };

/* Where in a value the work stands: a list of names from the leaf to the root. */
struct schema_path {
    const struct schema_path *outer;
    struct slice name;
};

/* "#/address/city" */
struct slice schema_path_text(const struct schema_path *path, struct arena *arena);

/* "date-time" and the class its texts become; NULL: no format of a date or time. */
struct schema_format {
    const char *name;
    enum class_id class_id;
    const char *expected;
};
const struct schema_format *schema_format_named(struct slice name);

/* The class of whole numbers within the bounds. */
enum class_id schema_integer_class(const struct schema_limits *limits);

/* May a value of this class be written where the format asks for texts of that one? */
bool schema_format_takes(enum class_id format_class, enum class_id class_id);

/* "[x] is not a valid date. Expected [yyyy-MM-dd]" */
struct slice schema_format_refusal(enum class_id format_class, struct slice text,
                                   struct arena *arena);

/* What is wrong with a number or a count under the limits, in the checker's words; empty: nothing. */
struct slice schema_limits_number(const struct schema_limits *limits, struct value decimal,
                                  struct arena *arena);
struct slice schema_limits_count(const struct schema_limits *limits, enum schema_kind kind,
                                 uint64_t count, struct arena *arena);

/* "Integer", "String", ... as the checker of JSON documents says it. */
struct slice schema_kind_name(enum schema_kind kind);

/* Makes the type once, when the whole graph is there. NULL: out of memory */
const struct type *schema_make_type(struct schema *schema, struct arena *arena);

bool schema_takes_null(const struct schema *schema);

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

struct schema {
    enum schema_kind kind;
    bool typing;                        /* its type is being made: a recursive schema */
    bool has_default;                   /* `initial` */
    const struct type *type;            /* NULL until it is asked for */
    struct value initial;               /* what `default` says */
    enum class_id class_id;             /* INTEGER: Integer, Long or BigInteger */
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

/* "Integer", "String", ... as the checker of JSON documents says it. */
struct slice schema_kind_name(enum schema_kind kind);

bool schema_takes_null(const struct schema *schema);

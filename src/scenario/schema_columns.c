/* schema_columns.c - a record's schema as one column for each leaf, as the sink's editor shows it. */
#include "scenario/schema_room.h"

struct columns {
    struct schema_column *items;
    uint32_t count;
    uint32_t depth;
    uint32_t visits; /* a recursive schema has no end of objects without columns */
    struct arena *arena;
    enum status status;
};

static void flatten(struct columns *columns, const struct schema *schema, struct slice prefix,
                    bool required)
{
    for (uint32_t i = 0; i < schema->count && columns->status == STATUS_OK; i++) {
        const struct schema_property *property = &schema->properties[i];
        const struct schema *inner = property->schema;
        bool must = required && property->required;
        struct slice name = prefix.len == 0
                                ? property->name
                                : TEXT(columns->arena, prefix, SLICE("."), property->name);

        if (columns->count == SCHEMA_COLUMNS_MAX || columns->depth == SCHEMA_DEPTH_MAX ||
            columns->visits++ == SCHEMA_NODES_MAX) {
            columns->status = STATUS_LIMIT;
        } else if (inner->kind == SCHEMA_OBJECT && inner->count > 0) {
            columns->depth++;
            flatten(columns, inner, name, must);
            columns->depth--;
        } else {
            columns->items[columns->count++] =
                (struct schema_column){name, inner, must, inner->has_default};
        }
    }
}

enum status schema_columns(const struct schema *schema, struct arena *arena,
                           const struct schema_column **columns, uint32_t *count)
{
    struct columns made = {.arena = arena};

    *columns = NULL;
    *count = 0;
    if (schema->kind != SCHEMA_OBJECT || schema->count == 0) return STATUS_OK;
    made.items = arena_alloc(arena, SCHEMA_COLUMNS_MAX, sizeof(*made.items));
    if (made.items == NULL) return STATUS_LIMIT;
    flatten(&made, schema, (struct slice){0}, true);
    *columns = made.items;
    *count = made.count;
    return made.status;
}

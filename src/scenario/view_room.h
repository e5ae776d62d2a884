/* view_room.h - between view.c and view_members.c. */
#pragma once
#include "scenario/view.h"

struct builder {
    const struct document *document;
    struct arena *arena;
    struct scenario_problems *problems;
    struct slice node; /* name of the node being read, for problems */
    uint32_t at;       /* its place */
    uint32_t node_count;
    enum status status; /* LIMIT sticks */
};

/* A problem of the node that is read. */
void builder_complain(struct builder *builder, struct slice message);
bool builder_is_string(const struct document *document, uint32_t at);

/* The member, 0 when absent or null. */
uint32_t builder_member(const struct builder *builder, uint32_t object, struct slice name);

/* The member if it is of the kind; 0 with a problem when it is something else. */
uint32_t builder_member_of(struct builder *builder, uint32_t object, struct slice name,
                           enum document_kind kind);
/* A text or zeroed memory; without memory empty, and the status sticks. */
struct slice builder_decode(struct builder *builder, uint32_t at);

/* The member's text; empty when absent, with a problem when it is no text. */
struct slice builder_text(struct builder *builder, uint32_t object, struct slice name);
bool builder_true(const struct builder *builder, uint32_t object, struct slice name);
void *builder_alloc(struct builder *builder, uint32_t count, size_t size);

/* {language, expression} of `object`'s member `name`. */
struct view_expression builder_expression(struct builder *builder, uint32_t object,
                                          struct slice name);

/* `[{name, expression}]` under `key`, with room for one more. */
struct view_expression *builder_parameters(struct builder *builder, uint32_t object,
                                           struct slice key, uint32_t *count);

/* Component and parameters out of `owner` ({typ|id, parameters} or the node itself). */
void builder_component(struct builder *builder, uint32_t owner, struct slice id_key,
                       struct view_node *node);

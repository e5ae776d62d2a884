/* plan_text.c - see plan_text.h */
#include "scenario/plan_text.h"

#include "sys/file.h"
#include "test.h"

static const char *const kind_names[] = {
    "source",  "filter", "variable", "record", "choice",   "split",
    "sliding", "call",   "sink",     "debug",  "dead-end",
};

static void append_slot(const struct plan *plan, uint32_t slot, struct buffer *out)
{
    buffer_append_byte(out, ' ');
    buffer_append(out, plan->slots[slot].name);
    buffer_append_byte(out, ':');
    type_to_text(plan->slots[slot].type, true, out);
    buffer_append_byte(out, '[');
    buffer_append_u64(out, slot);
    buffer_append_byte(out, ']');
}

static void append_slots(const char *word, const uint32_t *slots, uint32_t count,
                         struct buffer *out)
{
    if (count == 0) return;
    buffer_append_byte(out, ' ');
    buffer_append_text(out, word);
    for (uint32_t i = 0; i < count; i++) {
        buffer_append_byte(out, ' ');
        buffer_append_u64(out, slots[i]);
    }
}

static void append_expr(const char *name, const struct expr *expr, struct buffer *out)
{
    const uint32_t *slots;

    buffer_append_text(out, "\n    ");
    buffer_append_text(out, name);
    buffer_append_text(out, ": ");
    if (expr == NULL) {
        buffer_append_text(out, "-");
        return;
    }
    type_to_text(expr_type(expr), false, out);
    uint32_t count = expr_slots_read(expr, &slots);
    append_slots("reads", slots, count, out);
}

static void append_fields(const struct plan_node *node, struct buffer *out)
{
    char name[128];

    for (uint32_t i = 0; i < node->field_count; i++) {
        (void)snprintf(name, sizeof(name), "%.*s", (int)node->fields[i].name.len,
                       (const char *)node->fields[i].name.data);
        append_expr(name, node->fields[i].expr, out);
    }
    if (node->kind == PLAN_SLIDING) {
        append_expr("groupBy", node->sliding.group_by, out);
        append_expr("aggregateBy", node->sliding.aggregate_by, out);
        buffer_append_text(out, "\n    length ");
        buffer_append_i64(out, node->sliding.length_ms);
    }
}

static void append_topic(const struct plan_topic *topic, struct buffer *out)
{
    static const char *const contents[] = {"json", "plain", "schema"};

    buffer_append_text(out, " ");
    buffer_append(out, topic->name);
    buffer_append_text(out, " ");
    buffer_append_text(out, contents[topic->content]);
    if (topic->strict) buffer_append_text(out, " strict");
}

static void append_node(const struct plan *plan, const struct plan_node *node, struct buffer *out)
{
    buffer_append_u64(out, node->index);
    buffer_append_byte(out, ' ');
    buffer_append_text(out, kind_names[node->kind]);
    buffer_append_text(out, " \"");
    buffer_append(out, node->name);
    buffer_append_text(out, "\"");
    if (node->kind == PLAN_SOURCE || node->kind == PLAN_SINK) append_topic(&node->topic, out);
    if (node->kind == PLAN_CALL) {
        buffer_append_text(out, node->call.call_class == CALL_PURE ? " pure" : " outside");
        buffer_append_byte(out, ' ');
        buffer_append(out, node->call.component);
    }
    if (node->output_slot != PLAN_END) append_slot(plan, node->output_slot, out);
    if (node->kind == PLAN_SLIDING) append_slot(plan, node->sliding.key_slot, out);
    append_slots("live", node->live, node->live_count, out);
    if (node->next_count > 0) buffer_append_text(out, " ->");
    for (uint32_t i = 0; i < node->next_count; i++) {
        buffer_append_byte(out, ' ');
        if (node->next[i] == PLAN_END) {
            buffer_append_text(out, "end");
        } else {
            buffer_append_u64(out, node->next[i]);
        }
    }
    append_fields(node, out);
    buffer_append_byte(out, '\n');
}

void plan_to_text(const struct plan *plan, struct buffer *out)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        assert_int_equal(plan->nodes[i].index, i);
        append_node(plan, &plan->nodes[i], out);
    }
}

struct slice data_file(const char *name, struct arena *arena)
{
    char path[256];
    struct buffer text;
    struct slice kept;

    (void)snprintf(path, sizeof(path), TEST_DATA_DIR "/scenario/%s", name);
    buffer_init(&text, SCENARIO_BYTES_MAX);
    if (file_read(path, &text) != STATUS_OK) fail_msg("%s cannot be read", path);
    assert_ok(arena_copy(arena, buffer_slice(&text), &kept));
    buffer_deinit(&text);
    return kept;
}

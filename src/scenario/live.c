/* live.c - which slots an event must carry over a cut: those some node behind it still reads.
 *
 * Backward dataflow. A plan is a forest whose edges point to later nodes, so one pass from the last
 * node to the first is enough. */
#include "scenario/compile.h"

enum { LIVE_WORDS = PLAN_SLOTS_MAX / 64 };
_Static_assert(PLAN_SLOTS_MAX % 64 == 0, "slots fill words");

struct live_set {
    uint64_t words[LIVE_WORDS];
};

static void set_add(struct live_set *set, uint32_t slot)
{
    ASSERT(slot < PLAN_SLOTS_MAX);
    set->words[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void set_remove(struct live_set *set, uint32_t slot)
{
    if (slot == PLAN_END) return;
    ASSERT(slot < PLAN_SLOTS_MAX);
    set->words[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
}

static void set_join(struct live_set *set, const struct live_set *other)
{
    for (size_t word = 0; word < LIVE_WORDS; word++)
        set->words[word] |= other->words[word];
}

static void add_reads(struct live_set *set, const struct expr *expr)
{
    const uint32_t *slots;

    if (expr == NULL) return;
    uint32_t count = expr_slots_read(expr, &slots);
    for (uint32_t i = 0; i < count; i++)
        set_add(set, slots[i]);
}

static void add_node_reads(struct live_set *set, const struct plan_node *node)
{
    for (uint32_t i = 0; i < node->field_count; i++)
        add_reads(set, node->fields[i].expr);
    if (node->kind == PLAN_SLIDING) {
        add_reads(set, node->sliding.group_by);
        add_reads(set, node->sliding.aggregate_by);
    }
    if (node->kind == PLAN_CALL) {
        add_reads(set, node->call.mock);
        add_reads(set, node->call.visitor);
        add_reads(set, node->call.event_id);
    }
}

static bool set_has(const struct live_set *set, uint32_t slot)
{
    return (set->words[slot / 64] >> (slot % 64) & 1) != 0;
}

/* #meta is the plan's: it never travels. */
static void keep(struct compiler *compiler, struct plan_node *node, const struct live_set *live)
{
    uint32_t *slots = compile_alloc(compiler, compiler->slot_count, sizeof(*slots));

    if (slots == NULL) return;
    for (uint32_t slot = SLOT_META + 1; slot < compiler->slot_count; slot++) {
        if (set_has(live, slot)) slots[node->live_count++] = slot;
    }
    node->live = slots;
}

void live_compute(struct compiler *compiler)
{
    struct live_set *before =
        compile_alloc(compiler, compiler->node_count, sizeof(struct live_set));

    if (before == NULL) return;
    for (uint32_t index = compiler->node_count; index-- > 0;) {
        struct plan_node *node = &compiler->nodes[index];
        struct live_set *live = &before[index];

        for (uint32_t i = 0; i < node->next_count; i++) {
            if (node->next[i] == PLAN_END) continue;
            ASSERT(node->next[i] > index && node->next[i] < compiler->node_count);
            set_join(live, &before[node->next[i]]);
        }
        set_remove(live, node->output_slot);
        if (node->kind == PLAN_SLIDING) set_remove(live, node->sliding.key_slot);
        if (node->kind == PLAN_SLIDING || node->kind == PLAN_CALL) keep(compiler, node, live);
        add_node_reads(live, node);
    }
}

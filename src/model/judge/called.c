/* called.c - clicks to arguments of a call, its candidates to items. */
#include "model/judge/called.h"

#include <stdio.h>

#include "base/hash.h"
#include "codec/candidates.h"

struct called {
    const struct model *model;
    const struct dataset *dataset;
    uint32_t *slots; /* names of the data set, open addressing: item + 1 */
    uint32_t mask;
};

static uint32_t *slot_of(const struct called *called, struct slice name)
{
    uint32_t slot = (uint32_t)hash_bytes(name, 0) & called->mask;

    while (called->slots[slot] != 0 &&
           !slice_equal(called->dataset->names[called->slots[slot] - 1], name))
        slot = (slot + 1) & called->mask;
    return &called->slots[slot];
}

/* A time as the signature has it: a text of whole seconds. */
static enum status time_text(double time, struct arena *arena, struct value *value)
{
    char text[32];
    struct slice copy;

    int len = snprintf(text, sizeof(text), "%.0f", time);
    enum status status =
        arena_copy(arena, (struct slice){(const uint8_t *)text, (size_t)len}, &copy);
    if (status == STATUS_OK) *value = value_string(copy);
    return status;
}

static enum status arguments_make(const struct called *called, struct context context,
                                  struct arena *arena, struct value *out)
{
    bool timed = context.times != NULL && context.now > 0.0;
    struct value *items = arena_alloc(arena, context.len, sizeof(*items));
    struct value *times = arena_alloc(arena, context.len, sizeof(*times));
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));
    enum status status =
        items != NULL && times != NULL && entries != NULL ? STATUS_OK : STATUS_LIMIT;

    for (uint32_t i = 0; status == STATUS_OK && i < context.len; i++) {
        items[i] = value_string(called->dataset->names[context.items[i]]);
        if (timed) status = time_text(context.times[i], arena, &times[i]);
    }
    if (status != STATUS_OK) return status;
    entries[0] = (struct value_entry){value_string(SLICE("items")), value_list(items, context.len)};
    entries[1] = (struct value_entry){value_string(SLICE("timestamps")),
                                      value_list(times, timed ? context.len : 0)};
    *out = value_map(entries, 2);
    return STATUS_OK;
}

static enum status score(const void *opaque, struct context context, struct arena *scratch,
                         struct scores *scores)
{
    const struct called *called = opaque;
    struct candidate candidates[CANDIDATES_MAX];
    struct model_answer answer;
    struct value arguments;
    uint32_t count = 0;

    enum status status = arguments_make(called, context, scratch, &arguments);
    if (status == STATUS_OK) {
        status =
            model_call(called->model, arguments, (int64_t)(context.now * 1000.0), scratch, &answer);
    }
    if (status == STATUS_OK) status = candidates_read(answer.candidates, candidates, &count);
    for (uint32_t i = 0; status == STATUS_OK && i < count; i++) {
        uint32_t slot = *slot_of(called, candidates[i].item);
        bool fresh = slot != 0 && !(scores->values[slot - 1] > 0.0);

        if (fresh) scores_add(scores, slot - 1, (double)(count - i));
    }
    return status;
}

enum status called_recommender(const struct model *model, const struct dataset *dataset,
                               const char *name, struct arena *arena,
                               struct recommender *recommender)
{
    struct called *called = arena_zalloc(arena, 1, sizeof(*called));
    uint32_t slots = 16;

    while (slots < 2 * dataset->item_count)
        slots *= 2;
    if (called == NULL) return STATUS_LIMIT;
    *called =
        (struct called){model, dataset, arena_zalloc(arena, slots, sizeof(uint32_t)), slots - 1};
    if (called->slots == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < dataset->item_count; i++)
        *slot_of(called, dataset->names[i]) = i + 1;
    *recommender = (struct recommender){name, called, score};
    return STATUS_OK;
}

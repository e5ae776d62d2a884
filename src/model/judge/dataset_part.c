/* dataset_part.c - what a part asks, without asking anybody. */
#include "model/judge/dataset.h"

/* How many clicks of a sequence come before the first that is asked for. */
static uint32_t known_first(const struct dataset_part *part, uint32_t len)
{
    return part->last_only && len > 1 ? len - 1 : 1;
}

uint32_t dataset_part_questions(const struct dataset_part *part)
{
    uint32_t questions = 0;

    for (uint32_t unit = 0; unit < part->count; unit++) {
        uint32_t len = part->starts[unit + 1] - part->starts[unit];

        questions += len - known_first(part, len);
    }
    return questions;
}

static bool is_barred(const struct dataset_part *part, const uint32_t *items, uint32_t asked)
{
    uint32_t first = part->last_only ? 0 : asked - 1;

    for (uint32_t i = first; i < asked; i++) {
        if (items[i] == items[asked]) return true;
    }
    return false;
}

uint32_t dataset_part_barred(const struct dataset_part *part)
{
    uint32_t barred = 0;

    for (uint32_t unit = 0; unit < part->count; unit++) {
        const uint32_t *items = part->items + part->starts[unit];
        uint32_t len = part->starts[unit + 1] - part->starts[unit];

        for (uint32_t asked = known_first(part, len); asked < len; asked++)
            barred += is_barred(part, items, asked);
    }
    return barred;
}

bool dataset_part_is_known(const struct dataset *dataset, const struct dataset_part *part)
{
    for (uint32_t unit = 0; unit < part->count; unit++) {
        for (uint32_t i = part->starts[unit]; i + 1 < part->starts[unit + 1]; i++) {
            if (part->items[i] < dataset->catalogue_count) return true;
        }
    }
    return false;
}

void dataset_forget_asked(struct dataset *dataset)
{
    dataset->valid = dataset->test = (struct dataset_part){0};
    dataset->item_count = dataset->catalogue_count; /* those without clicks come last */
}

enum status dataset_part_every(const struct dataset_part *part, uint32_t step, struct arena *arena,
                               struct dataset_part *out)
{
    *out = *part;
    if (step <= 1) return STATUS_OK;
    uint32_t room = part->starts[part->count] - part->starts[0];
    uint32_t *starts = arena_zalloc(arena, (size_t)part->count / step + 2, sizeof(*starts));
    uint32_t *items = arena_alloc(arena, room, sizeof(*items));
    double *times = arena_alloc(arena, room, sizeof(*times));
    double *ends = arena_alloc(arena, (size_t)part->count / step + 1, sizeof(*ends));

    if (starts == NULL || items == NULL || times == NULL || ends == NULL) return STATUS_LIMIT;
    out->count = 0;
    for (uint32_t unit = 0; unit < part->count; unit += step) {
        uint32_t from = part->starts[unit];
        uint32_t len = part->starts[unit + 1] - from;
        uint32_t to = starts[out->count];

        memcpy(items + to, part->items + from, len * sizeof(*items));
        memcpy(times + to, part->times + from, len * sizeof(*times));
        ends[out->count++] = part->ends[unit];
        starts[out->count] = to + len;
    }
    out->starts = starts;
    out->items = items;
    out->times = times;
    out->ends = ends;
    return STATUS_OK;
}

/* sample.c - shuffling, histories, negatives. */
#include "model/train/sample.h"

#include <math.h>

#include "model/train/random.h"

enum { TRIES_MAX = 1000, TRIES_PER_ITEM = 100 };
enum {
    STREAM_ORDER = 0x0D3E5,
    STREAM_NEGATIVES = 0x2E6A,
    STREAM_UNKNOWN = 0xABCD,
    STREAM_CROP = 0xC209
};

static uint32_t group_of(const struct train_sampler *sampler)
{
    return sampler->settings.negatives + 1;
}

/* A short rest is dropped, as the original drops it; batch norm needs more rows than that. */
static uint32_t batches_of(uint32_t instances, uint32_t batch)
{
    enum { REST_MIN = 5 };
    uint32_t rest = instances % batch;

    return instances / batch + (rest >= REST_MIN || (rest > 0 && instances < batch));
}

static bool take_memory(struct train_sampler *sampler, struct arena *arena)
{
    size_t steps = (size_t)sampler->settings.batch * sampler->settings.steps;
    size_t group = group_of(sampler);
    size_t rows = sampler->settings.batch * group;
    uint32_t items = sampler->data->item_names.count;

    sampler->order = arena_alloc(arena, sampler->data->train.count, sizeof(*sampler->order));
    sampler->examples = arena_zalloc(arena, sampler->settings.batch, sizeof(*sampler->examples));
    sampler->items = arena_alloc(arena, steps, sizeof(*sampler->items));
    sampler->cates = arena_alloc(arena, steps, sizeof(*sampler->cates));
    sampler->to_now = arena_alloc(arena, steps, sizeof(*sampler->to_now));
    sampler->candidates = arena_zalloc(arena, rows, sizeof(*sampler->candidates));
    sampler->candidate_cates = arena_zalloc(arena, rows, sizeof(*sampler->candidate_cates));
    sampler->shift = arena_zalloc(arena, rows, sizeof(*sampler->shift));
    sampler->pool = arena_zalloc(arena, group, sizeof(*sampler->pool));
    sampler->taken = arena_zalloc(arena, items, sizeof(*sampler->taken));
    sampler->share = arena_zalloc(arena, items, sizeof(*sampler->share));
    return sampler->order != NULL && sampler->examples != NULL && sampler->items != NULL &&
           sampler->cates != NULL && sampler->to_now != NULL && sampler->candidates != NULL &&
           sampler->candidate_cates != NULL && sampler->shift != NULL && sampler->pool != NULL &&
           sampler->taken != NULL && sampler->share != NULL;
}

static uint32_t target(const struct train_sampler *sampler, uint32_t instance)
{
    return sampler->data->items[sampler->data->train.at[instance].event];
}

enum status train_sampler_init(struct train_sampler *sampler, const struct train_data *data,
                               const struct train_sample_settings *settings, struct arena *arena)
{
    *sampler = (struct train_sampler){
        .data = data,
        .settings = *settings,
        .batches = batches_of(data->train.count, settings->batch),
        .epoch = UINT32_MAX,
    };
    if (settings->many && settings->negatives > data->item_names.count - 2)
        sampler->settings.negatives = data->item_names.count - 2; /* all but 0 and the positive */
    if (!take_memory(sampler, arena)) return STATUS_LIMIT;
    for (uint32_t i = 0; i < data->train.count; i++)
        sampler->share[target(sampler, i)] += 1.0 / data->train.count;
    return STATUS_OK;
}

/* --- histories ---------------------------------------------------------------------------------- */

static uint32_t length_of(const struct train_sampler *sampler,
                          const struct train_instance *instance)
{
    uint32_t before = instance->event - instance->first;

    return before < sampler->settings.steps ? before : sampler->settings.steps;
}

/* The instance with the last `len` events before it. */
static struct train_example *take_history(struct train_sampler *sampler, uint32_t at,
                                          const struct train_instance *instance, uint32_t len)
{
    const struct train_data *data = sampler->data;
    const uint32_t steps = sampler->settings.steps;
    uint32_t from = instance->event - len;
    size_t room = (size_t)at * steps;
    struct train_example *example = &sampler->examples[at];

    for (uint32_t t = 0; t < len; t++) {
        double seconds = data->times[instance->event] - data->times[from + t];

        sampler->items[room + t] = data->items[from + t];
        sampler->cates[room + t] = data->cates[from + t];
        sampler->to_now[room + t] = (float)slirec_elapsed(sampler->settings.clock, seconds);
    }
    *example = (struct train_example){
        .len = len,
        .items = sampler->items + room,
        .cates = sampler->cates + room,
        .from_first = data->from_first + from,
        .to_now = sampler->to_now + room,
        .candidates = sampler->candidates + (size_t)at * group_of(sampler),
        .candidate_cates = sampler->candidate_cates + (size_t)at * group_of(sampler),
    };
    return example;
}

struct train_example *train_sampler_history(struct train_sampler *sampler, uint32_t at,
                                            const struct train_instance *instance)
{
    return take_history(sampler, at, instance, length_of(sampler, instance));
}

/* All of a history or, of a share of them, a length from 1 to all whose logarithm is drawn. */
static uint32_t crop(const struct train_sampler *sampler, uint32_t len, struct train_random *random)
{
    if (random_unit(random) >= sampler->settings.crop) return len;
    uint32_t shown = (uint32_t)slirec_exp(random_unit(random) * slirec_log((double)len + 1.0));
    return shown < len ? shown : len;
}

static void hide_some(struct train_sampler *sampler, uint32_t at, uint32_t len,
                      struct train_random *random)
{
    size_t room = (size_t)at * sampler->settings.steps;

    for (uint32_t t = 0; t < len; t++) {
        if (random_unit(random) < sampler->settings.unknown)
            sampler->items[room + t] = sampler->cates[room + t] = 0;
    }
}

/* --- negatives ---------------------------------------------------------------------------------- */

/* An instance whose item differs: of the batch, or, when the batch is all of one item, of all. */
static uint32_t draw_other(const struct train_sampler *sampler, const uint32_t *members,
                           uint32_t count, uint32_t item, struct train_random *random)
{
    for (uint32_t i = 0; i < TRIES_MAX; i++) {
        uint32_t other = members[random_below(random, count)];

        if (target(sampler, other) != item) return other;
    }
    for (uint32_t i = 0; i < sampler->data->train.count; i++) {
        if (target(sampler, i) != item) return i;
    }
    UNREACHABLE("data.c: there are two items to be learnt");
}

static void in_batch(struct train_sampler *sampler, const uint32_t *members, uint32_t count,
                     struct train_random *random)
{
    const struct train_data *data = sampler->data;

    for (uint32_t i = 0; i < count; i++) {
        size_t row = (size_t)i * group_of(sampler);

        for (uint32_t c = 0; c < group_of(sampler); c++) {
            uint32_t chosen =
                c == 0 ? members[i]
                       : draw_other(sampler, members, count, target(sampler, members[i]), random);

            sampler->candidates[row + c] = target(sampler, chosen);
            sampler->candidate_cates[row + c] = data->cates[data->train.at[chosen].event];
        }
    }
}

static bool takes_all(const struct train_sampler *sampler)
{
    return sampler->settings.negatives + 2 == sampler->data->item_names.count;
}

/* As many distinct items as an instance needs, the positive's not among them. */
static void draw_pool(struct train_sampler *sampler, uint32_t positive, struct train_random *random)
{
    uint32_t items = sampler->data->item_names.count;
    uint32_t wanted = sampler->settings.negatives;
    uint32_t mark = ++sampler->mark;
    uint32_t count = 0;

    sampler->taken[positive] = mark;
    for (uint32_t i = 0; !takes_all(sampler) && i < TRIES_PER_ITEM * wanted && count < wanted;
         i++) {
        uint32_t item = target(sampler, random_below(random, sampler->data->train.count));

        if (sampler->taken[item] == mark) continue;
        sampler->taken[item] = mark;
        sampler->pool[count++] = item;
    }
    for (uint32_t item = 1; item < items && count < wanted; item++) { /* targets are fewer */
        if (sampler->taken[item] != mark) sampler->pool[count++] = item;
    }
}

/* Lowers by how likely an item is in the pool. */
static float lowered(const struct train_sampler *sampler, uint32_t item)
{
    double misses = pow(1.0 - sampler->share[item], group_of(sampler));
    double likely = misses < 1.0 ? 1.0 - misses : 1e-6;

    return takes_all(sampler) ? 0.0F : (float)(-sampler->settings.correction * log(likely));
}

static void many(struct train_sampler *sampler, const uint32_t *members, uint32_t count,
                 struct train_random *random)
{
    uint32_t group = group_of(sampler);

    for (uint32_t i = 0; i < count; i++) {
        size_t row = (size_t)i * group;

        sampler->candidates[row] = target(sampler, members[i]);
        draw_pool(sampler, sampler->candidates[row], random);
        memcpy(sampler->candidates + row + 1, sampler->pool, (group - 1) * sizeof(uint32_t));
        for (uint32_t c = 0; c < group; c++) {
            uint32_t item = sampler->candidates[row + c];

            sampler->candidate_cates[row + c] = sampler->data->own_cates[item];
            sampler->shift[row + c] = lowered(sampler, item);
        }
        sampler->examples[i].shift = sampler->shift + row;
    }
}

/* --- batches ------------------------------------------------------------------------------------ */

static void shuffle(struct train_sampler *sampler, uint32_t epoch)
{
    struct train_random random = random_of(sampler->settings.seed, STREAM_ORDER, epoch);
    uint32_t count = sampler->data->train.count;

    if (sampler->epoch == epoch) return;
    for (uint32_t i = 0; i < count; i++)
        sampler->order[i] = i;
    for (uint32_t i = count; i-- > 1;) {
        uint32_t other = random_below(&random, i + 1);
        uint32_t kept = sampler->order[i];

        sampler->order[i] = sampler->order[other];
        sampler->order[other] = kept;
    }
    sampler->epoch = epoch;
}

const struct train_batch *train_sampler_batch(struct train_sampler *sampler, uint32_t epoch,
                                              uint32_t batch)
{
    uint64_t number = (uint64_t)epoch << 32 | batch;
    struct train_random random = random_of(sampler->settings.seed, STREAM_NEGATIVES, number);
    struct train_random cropping = random_of(sampler->settings.seed, STREAM_CROP, number);
    struct train_random unknown = random_of(sampler->settings.seed, STREAM_UNKNOWN, number);

    shuffle(sampler, epoch);
    uint32_t first = batch * sampler->settings.batch;
    uint32_t left = sampler->data->train.count - first;
    uint32_t count = left < sampler->settings.batch ? left : sampler->settings.batch;
    const uint32_t *members = sampler->order + first;
    for (uint32_t i = 0; i < count; i++) {
        const struct train_instance *instance = &sampler->data->train.at[members[i]];
        uint32_t len = crop(sampler, length_of(sampler, instance), &cropping);

        (void)take_history(sampler, i, instance, len);
        if (sampler->settings.unknown > 0) hide_some(sampler, i, len, &unknown);
    }
    (sampler->settings.many ? many : in_batch)(sampler, members, count, &random);
    sampler->out = (struct train_batch){.count = count, .examples = sampler->examples};
    return &sampler->out;
}

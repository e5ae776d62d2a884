/* command_bench_retrieve.c - `headrace bench retrieve`: a list out of a large catalogue, in two stages,
 * on one core.
 *
 * The shop is made up from a seed: sessions of 2 to 12 clicks around an item that is popular by a power
 * law, one click in five somewhere else. The trained model is the one given, its item table filled up
 * with rows drawn from a seed to as many items: what it costs is real, what it prefers is not. Each
 * question is a visit the index has not seen, and no two are alike, so no cache is warm by repetition.
 * Stages are told in the thread's processor time, which others on the machine do not lengthen by being
 * served in between; all of it by the clock as well.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/command.h"
#include "model/model_room.h"
#include "model/retrieve/index.h"
#include "model/slirec_time.h"
#include "model/topk.h"
#include "sys/clock.h"

enum {
    VISIT_CLICKS_MAX = 12,
    QUESTION_CLICKS = 10,
    NAME_BYTES = 16,
    CALL_ARENA_BYTES = 64 << 20,
    MESSAGE_BYTES_MAX = 64 * 1024,
};
#define PROCESS_ARENA_BYTES ((size_t)32 << 30)

struct bench {
    uint32_t items;
    uint32_t clicks;
    uint32_t rounds;
    uint64_t random;
    struct arena arena; /* `process` */
    struct arena call;
    struct buffer bytes;
    struct buffer message;
    struct dataset dataset;
    struct index_settings settings;
    struct index index;
    struct slirec slirec;
    struct slirec_catalogue catalogue;
    uint64_t *stages_ns[4]; /* [rounds] retrieval, scoring, both; both by the clock */
};

static double draw(struct bench *bench)
{
    bench->random = bench->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(bench->random >> 11) * 0x1p-53;
}

static uint32_t draw_below(struct bench *bench, uint32_t bound)
{
    return (uint32_t)(draw(bench) * bound);
}

/* Item numbers of one visit. */
static uint32_t visit(struct bench *bench, uint32_t least, uint32_t *items)
{
    uint32_t len = least + draw_below(bench, VISIT_CLICKS_MAX - least + 1);
    uint32_t centre = (uint32_t)(bench->items * pow(draw(bench), 3.0));

    for (uint32_t i = 0; i < len; i++) {
        uint32_t near = (centre + (uint32_t)(40.0 * pow(draw(bench), 2.0))) % bench->items;

        items[i] = draw_below(bench, 5) == 0 ? draw_below(bench, bench->items) : near;
    }
    return len;
}

static enum status names_make(struct bench *bench)
{
    char *texts = arena_alloc(&bench->arena, bench->items, NAME_BYTES);
    struct slice *names = arena_alloc(&bench->arena, bench->items, sizeof(*names));

    if (texts == NULL || names == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < bench->items; i++) {
        (void)snprintf(texts + (size_t)i * NAME_BYTES, NAME_BYTES, "item%u", i);
        names[i] = slice_of(texts + (size_t)i * NAME_BYTES);
    }
    bench->dataset.names = names;
    return STATUS_OK;
}

static enum status visits_make(struct bench *bench)
{
    uint32_t most = bench->clicks / 2 + 2;
    uint32_t *starts = arena_zalloc(&bench->arena, (size_t)most + 1, sizeof(*starts));
    uint32_t *items = arena_alloc(&bench->arena, (size_t)bench->clicks + VISIT_CLICKS_MAX, 4);
    uint32_t *clicks = arena_zalloc(&bench->arena, bench->items, sizeof(*clicks));
    double *ends = arena_alloc(&bench->arena, most, sizeof(*ends));
    uint32_t count = 0;

    if (starts == NULL || items == NULL || clicks == NULL || ends == NULL) return STATUS_LIMIT;
    while (starts[count] < bench->clicks) {
        starts[count + 1] = starts[count] + visit(bench, 2, items + starts[count]);
        ends[count] = 1700000000.0 + count;
        count++;
    }
    for (uint32_t i = 0; i < starts[count]; i++)
        clicks[items[i]]++;
    bench->dataset.clicks = clicks;
    bench->dataset.item_count = bench->items;
    bench->dataset.catalogue_count = bench->items;
    bench->dataset.click_count = starts[count];
    bench->dataset.train =
        (struct dataset_part){.count = count, .starts = starts, .items = items, .ends = ends};
    return STATUS_OK;
}

static enum status index_make(struct bench *bench)
{
    uint64_t start = clock_monotonic_ns();
    enum status status = names_make(bench);

    if (status == STATUS_OK) status = visits_make(bench);
    if (status == STATUS_OK) {
        status =
            index_write(&bench->dataset, NULL, 0, &bench->settings, &bench->arena, &bench->bytes);
    }
    uint64_t written = clock_monotonic_ns();
    if (status == STATUS_OK) {
        status =
            index_read(buffer_slice(&bench->bytes), &bench->arena, &bench->message, &bench->index);
    }
    if (status != STATUS_OK) return status;
    (void)printf(
        "index      %u items, %llu clicks, %u sessions: %.0f MB, made in %.1f s, opened in "
        "%.2f s\n",
        bench->items, (unsigned long long)bench->dataset.click_count, bench->dataset.train.count,
        (double)bench->bytes.len / 1e6, (double)(written - start) / 1e9,
        (double)(clock_monotonic_ns() - written) / 1e9);
    return STATUS_OK;
}

/* The model's weights with a larger item table; rows are the model's own, shaken. */
static enum status model_grow(struct bench *bench, const struct model *model)
{
    struct slirec_weights weights = model->slirec.weights;
    size_t rows = (size_t)bench->items + 1;
    float *table = arena_alloc(&bench->arena, rows * SLIREC_ITEM_WIDTH, sizeof(*table));
    uint32_t *items = arena_alloc(&bench->arena, bench->items, sizeof(*items));
    uint32_t *cates = arena_alloc(&bench->arena, bench->items, sizeof(*cates));

    if (table == NULL || items == NULL || cates == NULL) return STATUS_LIMIT;
    for (size_t i = 0; i < rows * SLIREC_ITEM_WIDTH; i++) {
        size_t own = i % ((size_t)weights.item_count * SLIREC_ITEM_WIDTH);

        table[i] = weights.item_embedding[own] * (float)(0.5 + draw(bench));
    }
    weights.item_embedding = table;
    weights.item_count = (uint32_t)rows;
    for (uint32_t i = 0; i < bench->items; i++) {
        items[i] = i + 1;
        cates[i] = i % weights.cate_count;
    }
    enum status status =
        slirec_prepare(&weights, model->slirec.kernels, &bench->arena, &bench->slirec);
    if (status != STATUS_OK) return status;
    return slirec_catalogue_init(&bench->slirec, items, cates, bench->items, &bench->arena,
                                 &bench->catalogue);
}

static void history_make(struct bench *bench, const uint32_t *items, uint32_t len,
                         struct slirec_history *history)
{
    double times[SLIREC_STEPS_MAX];
    double from_first[SLIREC_STEPS_MAX];
    double to_now[SLIREC_STEPS_MAX];

    history->len = len;
    for (uint32_t t = 0; t < len; t++) {
        history->items[t] = items[t] + 1;
        history->cates[t] = items[t] % bench->slirec.weights.cate_count;
        times[t] = 1795000000.0 + 86400.0 * t;
    }
    slirec_times(SLIREC_DAYS, times, len, 1795000000.0 + 86400.0 * (len + 1), from_first, to_now);
    for (uint32_t t = 0; t < len; t++) {
        history->from_first[t] = (float)from_first[t];
        history->to_now[t] = (float)to_now[t];
    }
}

/* Scores what was found and takes the best. */
static enum status rerank(struct bench *bench, const struct slirec_history *history,
                          const struct index_list *list)
{
    uint32_t which[INDEX_RANKED_MAX];
    struct ranked best[MODEL_CANDIDATES];
    struct slirec_extras extras = {.which = which, .which_count = list->count};
    struct slirec_user user;
    float *logits = slirec_floats(&bench->call, (size_t)list->count + BLOCK);

    if (logits == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < list->count; i++)
        which[i] = list->items[i].item;
    enum status status = slirec_user_init(&bench->slirec, history, &bench->call, &user);
    if (status == STATUS_OK) {
        status = slirec_score_extra(&bench->slirec, &user, &bench->catalogue, &extras, &bench->call,
                                    logits);
    }
    (void)topk_select(logits, list->count, MODEL_CANDIDATES, best);
    return status;
}

static enum status question(struct bench *bench, uint32_t round)
{
    uint32_t items[VISIT_CLICKS_MAX];
    struct ranked found[INDEX_RANKED_MAX];
    struct index_list list = {.items = found, .wanted = bench->settings.rerank_candidates};
    struct slirec_history history;

    (void)visit(bench, QUESTION_CLICKS, items);
    history_make(bench, items, QUESTION_CLICKS, &history);
    arena_reset(&bench->call);
    uint64_t clock_start = clock_monotonic_ns();
    uint64_t start = clock_thread_ns();
    enum status status =
        index_rank(&bench->index, &bench->settings,
                   (struct context){.items = items, .len = QUESTION_CLICKS}, &bench->call, &list);
    uint64_t middle = clock_thread_ns();
    if (status == STATUS_OK) status = rerank(bench, &history, &list);
    uint64_t end = clock_thread_ns();
    bench->stages_ns[0][round] = middle - start;
    bench->stages_ns[1][round] = end - middle;
    bench->stages_ns[2][round] = end - start;
    bench->stages_ns[3][round] = clock_monotonic_ns() - clock_start;
    return status;
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

static double percentile_us(const uint64_t *sorted_ns, uint32_t count, uint32_t percent)
{
    uint32_t at = (uint32_t)((uint64_t)count * percent / 100);

    return (double)sorted_ns[at] / 1e3;
}

static void tell(const char *name, uint64_t *samples_ns, uint32_t count)
{
    qsort(samples_ns, count, sizeof(*samples_ns), by_size);
    (void)printf("%-10s p50 %7.0f us  p90 %7.0f us  p99 %7.0f us\n", name,
                 percentile_us(samples_ns, count, 50), percentile_us(samples_ns, count, 90),
                 percentile_us(samples_ns, count, 99));
}

static enum status measure(struct bench *bench)
{
    enum status status = STATUS_OK;

    for (int i = 0; i < 4; i++) {
        bench->stages_ns[i] = arena_alloc(&bench->arena, bench->rounds, sizeof(uint64_t));
        if (bench->stages_ns[i] == NULL) return STATUS_LIMIT;
    }
    for (uint32_t i = 0; i < bench->rounds && status == STATUS_OK; i++)
        status = question(bench, i);
    if (status != STATUS_OK) return status;
    (void)printf("%u questions of %d clicks, %u candidates, kernels %s, one thread\n",
                 bench->rounds, QUESTION_CLICKS, bench->settings.rerank_candidates,
                 bench->slirec.kernels->name);
    tell("retrieval", bench->stages_ns[0], bench->rounds);
    tell("scoring", bench->stages_ns[1], bench->rounds);
    tell("together", bench->stages_ns[2], bench->rounds);
    tell("by clock", bench->stages_ns[3], bench->rounds);
    return STATUS_OK;
}

static enum status run_all(struct bench *bench, const char *directory)
{
    struct model *model;
    enum status status = model_open(directory, &model, &bench->message);

    if (status != STATUS_OK) return status;
    if (!model->trained) {
        buffer_append_text(&bench->message, "give a trained model; this is an index");
        status = STATUS_INVALID;
    }
    if (status == STATUS_OK) status = index_make(bench);
    if (status == STATUS_OK) status = model_grow(bench, model);
    if (status == STATUS_OK) status = measure(bench);
    model_close(model);
    return status;
}

/* A whole number between bounds; false: it is none. */
static bool number_read(const char *text, int64_t low, int64_t high, uint32_t *number)
{
    int64_t value;

    if (slice_to_i64(slice_of(text), &value) != STATUS_OK || value < low || value > high)
        return false;
    *number = (uint32_t)value;
    return true;
}

static enum exit_code bench_retrieve_run(const struct command_arguments *arguments)
{
    const char *const *values = arguments->values;
    struct bench *bench = calloc(1, sizeof(*bench));
    enum status status = STATUS_LIMIT;

    if (bench == NULL) return EXIT_RUNTIME;
    if (!number_read(values[1], 1000, 10000000, &bench->items) ||
        !number_read(values[2], 1000, 1000000000, &bench->clicks) ||
        !number_read(values[3], 100, 1000000, &bench->rounds)) {
        (void)fprintf(stderr, "headrace bench retrieve: --items takes 1000 to 10000000, --clicks "
                              "1000 to 1000000000, --rounds 100 to 1000000\n");
        free(bench);
        return EXIT_USAGE;
    }
    bench->random = 1;
    bench->settings = index_settings_default;
    arena_init(&bench->arena, PROCESS_ARENA_BYTES);
    arena_init(&bench->call, CALL_ARENA_BYTES);
    buffer_init(&bench->bytes, INDEX_BYTES_MAX);
    buffer_init(&bench->message, MESSAGE_BYTES_MAX);
    status = run_all(bench, values[0]);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace bench retrieve: %.*s (%s)\n", (int)bench->message.len,
                      (const char *)bench->message.data, status_meaning(status));
    }
    buffer_deinit(&bench->message);
    buffer_deinit(&bench->bytes);
    arena_deinit(&bench->call);
    arena_deinit(&bench->arena);
    free(bench);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

static const struct command_option bench_retrieve_options[] = {
    {"MODEL", NULL, NULL, true, "directory of a trained model; its item table is filled up"},
    {"--items", "NUMBER", "1000000", false, "items of the made-up shop"},
    {"--clicks", "NUMBER", "8000000", false, "clicks in its log"},
    {"--rounds", "NUMBER", "5000", false, "questions"},
    {0},
};

const struct command command_bench_retrieve = {
    "bench retrieve",
    "measure a list out of a large catalogue: retrieval, then a trained model",
    bench_retrieve_options,
    bench_retrieve_run,
};

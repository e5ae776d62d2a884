/* command_bench_score.c - `headrace bench score`: how long one call takes on this machine.
 *
 * A call here is what a click costs: the user side, the candidates, the best 50. Its clicks lie days
 * apart, so that no time feature is at its floor, which would save work. One thread. The median of
 * many calls, since a shared machine disturbs some; the best one besides.
 */
#include <stdio.h>
#include <stdlib.h>

#include "host/bench_naive.h"
#include "host/command.h"
#include "model/live.h"
#include "model/model_room.h"
#include "model/slirec_time.h"
#include "model/topk.h"
#include "sys/clock.h"

enum {
    BENCH_ITEMS_MAX = 10000,
    NAIVE_ITEMS_MAX = 240,
    BENCH_ROUNDS_MAX = 100000,
    BENCH_ARENA_BYTES = 64 << 20,
    NAIVE_ROUNDS = 15,
};

struct bench {
    const struct model *model;
    struct slirec slirec; /* the model's, with the kernels in hand */
    struct slirec_catalogue catalogue;
    uint32_t count; /* of candidates */
    uint32_t items[BENCH_ITEMS_MAX];
    uint32_t cates[BENCH_ITEMS_MAX];
    struct slirec_history history;
    struct arena arena; /* of one call */
    struct live *live;
    uint64_t live_ns;
    uint32_t rounds;
    uint64_t *samples_ns;
    bool json;
    float logits[BENCH_ITEMS_MAX + BLOCK];
};

static void history_make(struct bench *bench, uint32_t clicks)
{
    double times[SLIREC_STEPS_MAX] = {0};
    double from_first[SLIREC_STEPS_MAX];
    double to_now[SLIREC_STEPS_MAX];

    for (uint32_t t = 0; t < clicks; t++) {
        bench->history.items[t] = bench->items[t * 37 % bench->count];
        bench->history.cates[t] = bench->cates[t * 37 % bench->count];
        times[t] = 1795000000.0 + 86400.0 * t;
    }
    slirec_times(SLIREC_DAYS, times, clicks, 1795000000.0 + 86400.0 * (clicks + 1), from_first,
                 to_now);
    for (uint32_t t = 0; t < clicks; t++) {
        bench->history.from_first[t] = (float)from_first[t];
        bench->history.to_now[t] = (float)to_now[t];
    }
    bench->history.len = clicks;
}

/* A click appended to a history whose other steps are known. */
static enum status call_live(struct bench *bench)
{
    struct slirec_history before = bench->history;
    struct slirec_user user;
    struct live_visit visit;
    struct ranked best[MODEL_CANDIDATES];

    before.len--;
    live_begin(bench->live, 1, &before, &visit);
    live_keep(bench->live, &visit, &before); /* what it holds was computed by the first round */
    uint64_t start = clock_monotonic_ns();
    arena_reset(&bench->arena);
    live_begin(bench->live, 1, &bench->history, &visit);
    const struct slirec_extras extras = {.step_logits = visit.rows, .known = visit.known};
    enum status status =
        slirec_user_init_known(&bench->slirec, &bench->history, visit.known, &bench->arena, &user);
    if (status == STATUS_OK) {
        status = slirec_score_extra(&bench->slirec, &user, &bench->catalogue, &extras,
                                    &bench->arena, bench->logits);
    }
    (void)topk_select(bench->logits, bench->count, MODEL_CANDIDATES, best);
    live_keep(bench->live, &visit, &bench->history);
    bench->live_ns = clock_monotonic_ns() - start;
    return status;
}

static enum status call(struct bench *bench, bool naive)
{
    struct slirec_user user;
    struct ranked best[MODEL_CANDIDATES];

    arena_reset(&bench->arena);
    enum status status = slirec_user_init(&bench->slirec, &bench->history, &bench->arena, &user);
    if (status != STATUS_OK) return status;
    if (naive) {
        naive_score(&bench->slirec.weights, &user, bench->items, bench->cates, bench->count,
                    bench->logits);
    } else {
        status =
            slirec_score(&bench->slirec, &user, &bench->catalogue, &bench->arena, bench->logits);
    }
    (void)topk_select(bench->logits, bench->count, MODEL_CANDIDATES, best);
    return status;
}

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

struct timing {
    double median_us;
    double best_us;
};

enum kind { ANEW, LIVE, NAIVE };

static enum status measure(struct bench *bench, enum kind kind, struct timing *timing)
{
    uint32_t rounds = kind == NAIVE ? NAIVE_ROUNDS : bench->rounds;

    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t start = clock_monotonic_ns();
        enum status status = kind == LIVE ? call_live(bench) : call(bench, kind == NAIVE);

        if (status != STATUS_OK) return status;
        bench->samples_ns[i] = kind == LIVE ? bench->live_ns : clock_monotonic_ns() - start;
    }
    qsort(bench->samples_ns, rounds, sizeof(*bench->samples_ns), by_size);
    uint32_t middle = rounds / 2;
    *timing = (struct timing){(double)bench->samples_ns[middle] / 1e3,
                              (double)bench->samples_ns[0] / 1e3};
    return STATUS_OK;
}

static void print_row(const struct bench *bench, const struct timing *ours,
                      const struct timing *live, const struct timing *naive)
{
    const char *kernels = bench->slirec.kernels->name;
    const char *precision = bench->slirec.half ? "bf16" : "float32";
    double ratio = naive->median_us / ours->median_us;

    if (bench->json) {
        (void)printf("{\"bench\": \"score\", \"kernels\": \"%s\", \"precision\": \"%s\", "
                     "\"items\": %u, \"clicks\": %u, \"median_us\": %.1f, \"best_us\": %.1f, "
                     "\"appended_median_us\": %.1f, \"naive_median_us\": %.1f, \"ratio\": %.1f}\n",
                     kernels, precision, bench->count, bench->history.len, ours->median_us,
                     ours->best_us, live->median_us, naive->median_us, ratio);
        return;
    }
    (void)printf("%-10s %-7s %5u items %3u clicks  median %8.1f us  best %8.1f us  appended "
                 "%7.1f us",
                 kernels, precision, bench->count, bench->history.len, ours->median_us,
                 ours->best_us, live->median_us);
    if (naive->median_us > 0) {
        (void)printf("  naive C %9.1f us  ratio %.1f\n", naive->median_us, ratio);
    } else {
        (void)printf("\n");
    }
}

static enum status bench_row(struct bench *bench, uint32_t items, uint32_t clicks)
{
    struct timing ours;
    struct timing live = {0};
    struct timing naive = {0};
    struct arena arena;

    bench->count = items;
    arena_init(&arena, BENCH_ARENA_BYTES);
    enum status status = slirec_catalogue_init(&bench->slirec, bench->items, bench->cates, items,
                                               &arena, &bench->catalogue);
    history_make(bench, clicks);
    if (status == STATUS_OK) status = measure(bench, ANEW, &ours);
    bench->live = live_create((size_t)bench->catalogue.block_count * BLOCK, LIVE_BYTES);
    if (status == STATUS_OK && bench->live != NULL) status = measure(bench, LIVE, &live);
    live_destroy(bench->live);
    if (status == STATUS_OK && items <= NAIVE_ITEMS_MAX) status = measure(bench, NAIVE, &naive);
    if (status == STATUS_OK) print_row(bench, &ours, &live, &naive);
    arena_deinit(&arena);
    return status;
}

static enum status bench_rows(struct bench *bench)
{
    static const struct {
        uint32_t items, clicks;
    } rows[] = {{240, 5}, {240, 7}, {240, 50}, {10000, 10}};
    uint32_t rounds = bench->rounds;
    enum status status = STATUS_OK;

    for (size_t k = 0; k < COUNT_OF(rows) && status == STATUS_OK; k++) {
        bench->rounds = rows[k].items == 240 ? rounds : (rounds + 9) / 10;
        status = bench_row(bench, rows[k].items, rows[k].clicks);
    }
    bench->rounds = rounds;
    return status;
}

static enum status bench_run(struct bench *bench, const char *kernels_name)
{
    const struct kernels *list[KERNELS_MAX + 1];
    bool all = strcmp(kernels_name, "all") == 0;
    bool any = false;
    enum status status = STATUS_OK;

    kernels_available(list);
    for (uint32_t i = 0; list[i] != NULL && status == STATUS_OK; i++) {
        bool best = i == 0 && strcmp(kernels_name, "best") == 0;

        if (!all && !best && strcmp(kernels_name, list[i]->name) != 0) continue;
        any = true;
        bench->slirec.kernels = list[i];
        for (int half = 0; half < 2 && status == STATUS_OK; half++) {
            bench->slirec.half = half == 1;
            status = bench_rows(bench);
        }
    }
    return any ? status : STATUS_NOT_FOUND;
}

/* The model's candidates, repeated. */
static enum status bench_init(struct bench *bench, const struct model *model)
{
    const struct vocabulary *vocabulary = &model->vocabulary;

    bench->model = model;
    bench->slirec = model->slirec;
    bench->samples_ns = calloc(BENCH_ROUNDS_MAX, sizeof(uint64_t));
    arena_init(&bench->arena, BENCH_ARENA_BYTES);
    if (bench->samples_ns == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < BENCH_ITEMS_MAX; i++) {
        bench->items[i] = vocabulary->items[i % vocabulary->catalogue_count].item;
        bench->cates[i] = vocabulary->items[i % vocabulary->catalogue_count].cate;
    }
    return STATUS_OK;
}

static enum exit_code bench_model(struct model *model, uint32_t rounds, const char *kernels,
                                  bool json)
{
    static struct bench bench;

    bench.rounds = rounds;
    bench.json = json;
    enum status status = bench_init(&bench, model);
    if (status == STATUS_OK) status = bench_run(&bench, kernels);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "headrace bench score: %s\n",
                      status == STATUS_NOT_FOUND ? "this processor has no kernels of that name"
                                                 : status_meaning(status));
    }
    free(bench.samples_ns);
    arena_deinit(&bench.arena);
    return status == STATUS_OK ? EXIT_OK : EXIT_RUNTIME;
}

static enum exit_code bench_score_run(const struct command_arguments *arguments)
{
    struct model *model;
    struct buffer message;
    int64_t rounds;

    if (slice_to_i64(slice_of(arguments->values[1]), &rounds) != STATUS_OK || rounds < 1 ||
        rounds > BENCH_ROUNDS_MAX) {
        (void)fprintf(stderr, "headrace bench score: --rounds must be 1 to %d\n", BENCH_ROUNDS_MAX);
        return EXIT_USAGE;
    }
    buffer_init(&message, ARENA_CHUNK_BYTES);
    enum status status = model_open(arguments->values[0], &model, &message);
    enum exit_code code = EXIT_INPUT;
    if (status == STATUS_OK) {
        code = bench_model(model, (uint32_t)rounds, arguments->values[2],
                           arguments->values[3] != NULL);
        model_close(model);
    } else {
        (void)fprintf(stderr, "headrace bench score: %.*s\n", (int)message.len,
                      (const char *)message.data);
    }
    buffer_deinit(&message);
    return code;
}

static const struct command_option bench_score_options[] = {
    {"--model", "DIR", NULL, true, "model directory"},
    {"--rounds", "N", "1000", false, "calls for each row"},
    {"--kernels", "NAME", "best", false, "best, all, avx512bf16, avx512, avx2, neon or portable"},
    {"--json", NULL, NULL, false, "one JSON object a row"},
    {0},
};

const struct command command_bench_score = {
    "bench score",
    "measure scoring of 240 and 10,000 items in float32 and bf16, beside plain C",
    bench_score_options,
    bench_score_run,
};

/* evaluate.c - questions of a part, answers of a model, sums by session. */
#include "model/judge/evaluate.h"

#include <math.h>

enum { PROGRESS_EVERY = 512 };

/* All questions of a part, in order. */
struct questions {
    uint32_t *units;   /* [count] sequence the question is of */
    uint32_t *lens;    /* [count] clicks known */
    uint8_t *segments; /* [count] bits */
    uint32_t count;
};

/* What is gathered while one model answers. */
struct tally {
    struct scores scores;
    struct ranked *best; /* [k max] */
    uint64_t *shown;     /* bits: [k][catalogue] */
    size_t shown_words;  /* of one k */
    double novelty[EVALUATE_KS_MAX];
    uint64_t novelty_count[EVALUATE_KS_MAX];
    uint32_t answered;
    struct sampled sampled;
};

_Static_assert(SEGMENT_COUNT <= 8, "segments are bits of a byte");

static uint8_t segments_of(const struct dataset *dataset, uint32_t len, uint32_t target)
{
    bool first = len == 1;
    bool brief = len <= SHORT_CLICKS_MAX;
    bool cold = dataset->clicks[target] <= COLD_CLICKS_MAX;
    bool fresh = dataset->clicks[target] == 0;
    unsigned bits = 1U << SEGMENT_ALL;

    bits |= (first ? 1U : 0U) << SEGMENT_FIRST;
    bits |= 1U << (brief ? SEGMENT_SHORT : SEGMENT_LONG);
    bits |= (cold ? 1U : 0U) << SEGMENT_COLD;
    bits |= (fresh ? 1U : 0U) << SEGMENT_NEW;
    return (uint8_t)bits;
}

static enum status questions_make(const struct dataset *dataset, const struct dataset_part *part,
                                  struct arena *arena, struct questions *questions)
{
    uint32_t room = part->starts[part->count];

    *questions = (struct questions){
        .units = arena_alloc(arena, room, sizeof(*questions->units)),
        .lens = arena_alloc(arena, room, sizeof(*questions->lens)),
        .segments = arena_alloc(arena, room, sizeof(*questions->segments)),
    };
    if (questions->units == NULL || questions->lens == NULL || questions->segments == NULL)
        return STATUS_LIMIT;
    for (uint32_t unit = 0; unit < part->count; unit++) {
        uint32_t start = part->starts[unit];
        uint32_t len = part->starts[unit + 1] - start;
        uint32_t first = part->last_only && len > 1 ? len - 1 : 1;

        for (uint32_t known = first; known < len; known++) {
            uint32_t at = questions->count++;

            questions->units[at] = unit;
            questions->lens[at] = known;
            questions->segments[at] = segments_of(dataset, known, part->items[start + known]);
        }
    }
    return STATUS_OK;
}

static enum status tally_init(const struct dataset *dataset,
                              const struct evaluate_settings *settings, uint32_t questions,
                              struct arena *arena, struct tally *tally)
{
    *tally = (struct tally){.shown_words = dataset->catalogue_count / 64 + 1};
    tally->best = arena_alloc(arena, settings->ks[settings->k_count - 1], sizeof(*tally->best));
    tally->shown = arena_zalloc(arena, settings->k_count * tally->shown_words, sizeof(uint64_t));
    if (tally->best == NULL || tally->shown == NULL) return STATUS_LIMIT;
    if (sampled_init(&tally->sampled, settings->negatives, questions, arena) != STATUS_OK)
        return STATUS_LIMIT;
    return scores_init(&tally->scores, dataset->item_count, arena);
}

static struct placing placing_of(const struct scores *scores, uint32_t target)
{
    double wanted = scores->values[target];
    struct placing placing = {0};

    if (!(wanted > 0.0)) return placing;
    for (uint32_t i = 0; i < scores->count; i++) {
        double value = scores->values[scores->touched[i]];

        if (value > wanted) placing.above++;
        if (!(value > wanted) && !(value < wanted)) placing.tied++;
    }
    return placing;
}

static void best_count(const struct dataset *dataset, const struct evaluate_settings *settings,
                       struct tally *tally)
{
    uint32_t held = scores_best(&tally->scores, settings->ks[settings->k_count - 1], tally->best);

    if (held > 0) tally->answered++;
    for (uint32_t k = 0; k < settings->k_count; k++) {
        uint64_t *shown = tally->shown + k * tally->shown_words;

        for (uint32_t i = 0; i < held && i < settings->ks[k]; i++) {
            uint32_t item = tally->best[i].item;

            if (item >= dataset->catalogue_count) continue; /* a directory may know more */
            shown[item / 64] |= (uint64_t)1 << (item % 64);
            tally->novelty[k] += log2((double)dataset->click_count / dataset->clicks[item]);
            tally->novelty_count[k]++;
        }
    }
}

static enum status question_ask(const struct evaluation *evaluation,
                                const struct recommender *recommender, struct context context,
                                struct arena *scratch, struct tally *tally)
{
    arena_reset(scratch);
    scores_clear(&tally->scores);
    enum status status = recommender->score(recommender->model, context, scratch, &tally->scores);
    if (status != STATUS_OK) return status;
    sampled_take(&tally->sampled, evaluation->dataset, &tally->scores, context.items[context.len],
                 evaluation->settings->seed);
    uint32_t barred = evaluation->part->last_only ? context.len : 1;
    for (uint32_t i = 1; i <= barred; i++)
        scores_remove(&tally->scores, context.items[context.len - i]);
    best_count(evaluation->dataset, evaluation->settings, tally);
    return STATUS_OK;
}

static bool goes_on(const struct evaluate_settings *settings, const char *model, uint32_t done,
                    uint32_t questions)
{
    bool due = done % PROGRESS_EVERY == 0 || done == questions;

    if (settings->progress == NULL || !due) return true;
    return settings->progress(settings->progress_context, model, done, questions);
}

static enum status model_ask(const struct evaluation *evaluation,
                             const struct recommender *recommender, struct tally *tally,
                             const struct questions *questions, struct placing *placings)
{
    const struct dataset_part *part = evaluation->part;
    struct arena scratch;
    enum status status = STATUS_OK;

    arena_init(&scratch, SIZE_MAX);
    for (uint32_t q = 0; status == STATUS_OK && q < questions->count; q++) {
        uint32_t start = part->starts[questions->units[q]];
        struct context context = {.items = part->items + start, .len = questions->lens[q]};

        if (part->times != NULL) {
            context.times = part->times + start;
            context.now = part->times[start + context.len];
        }

        status = question_ask(evaluation, recommender, context, &scratch, tally);
        placings[q] = placing_of(&tally->scores, context.items[context.len]);
        if (status == STATUS_OK &&
            !goes_on(evaluation->settings, recommender->name, q + 1, questions->count))
            status = STATUS_AGAIN;
    }
    arena_deinit(&scratch);
    return status;
}

/* Where one model puts the items asked for and, if it is held against another, where that one does. */
struct side {
    const struct placing *placings; /* [questions] */
    const struct placing *against;  /* NULL: by itself */
};

static double side_metric(const struct side *side, uint32_t question, enum metric metric,
                          uint32_t k)
{
    double value = metric_at(metric, side->placings[question], k);

    return side->against == NULL ? value : value - metric_at(metric, side->against[question], k);
}

/* Questions of a segment, summed by unit; units without any are left out. */
static enum status segment_sum(const struct questions *questions, enum segment segment,
                               const struct evaluate_settings *settings, const struct side *side,
                               struct arena *arena, struct unit_sums *out)
{
    uint32_t width = settings->k_count * METRIC_COUNT;
    double *sums = arena_zalloc(arena, (size_t)questions->count * width, sizeof(*sums));
    uint32_t *counts = arena_zalloc(arena, questions->count, sizeof(*counts));
    uint32_t unit = UINT32_MAX;
    uint32_t count = 0;

    if (sums == NULL || counts == NULL) return STATUS_LIMIT;
    for (uint32_t q = 0; q < questions->count; q++) {
        if ((questions->segments[q] >> segment & 1) == 0) continue;
        if (questions->units[q] != unit) count++;
        unit = questions->units[q];
        counts[count - 1]++;
        for (uint32_t v = 0; v < width; v++) {
            sums[(size_t)(count - 1) * width + v] +=
                side_metric(side, q, v % METRIC_COUNT, settings->ks[v / METRIC_COUNT]);
        }
    }
    *out = (struct unit_sums){sums, counts, count, width};
    return STATUS_OK;
}

static enum status segment_judge(const struct questions *questions, enum segment segment,
                                 const struct evaluate_settings *settings, const struct side *side,
                                 struct arena *arena, struct segment_result *result)
{
    struct arena_mark mark = arena_mark(arena);
    struct estimate estimates[EVALUATE_KS_MAX * METRIC_COUNT];
    struct unit_sums units;
    enum status status = segment_sum(questions, segment, settings, side, arena, &units);

    if (status == STATUS_OK) {
        status = estimate_bootstrap(&units, settings->resamples, settings->seed, arena, estimates);
    }
    if (status == STATUS_OK) {
        for (uint32_t v = 0; v < units.width; v++)
            result->metrics[v / METRIC_COUNT][v % METRIC_COUNT] = estimates[v];
        result->units = units.count;
        result->questions = 0;
        for (uint32_t i = 0; i < units.count; i++)
            result->questions += units.questions[i];
    }
    arena_rewind(arena, mark);
    return status;
}

static void tally_judge(const struct dataset *dataset, const struct evaluate_settings *settings,
                        const struct tally *tally, uint32_t questions, struct model_result *result)
{
    for (uint32_t k = 0; k < settings->k_count; k++) {
        uint64_t shown = 0;

        for (size_t i = 0; i < tally->shown_words; i++)
            shown += (uint64_t)__builtin_popcountll(tally->shown[k * tally->shown_words + i]);
        result->coverage[k] = (double)shown / dataset->catalogue_count;
        result->novelty[k] = tally->novelty_count[k] == 0
                                 ? 0.0
                                 : tally->novelty[k] / (double)tally->novelty_count[k];
    }
    result->answered = questions == 0 ? 0.0 : (double)tally->answered / questions;
}

static enum status model_ask_all(const struct evaluation *evaluation,
                                 const struct recommender *recommender,
                                 const struct questions *questions, struct arena *arena,
                                 struct placing *placings, struct model_result *result)
{
    struct arena_mark mark = arena_mark(arena);
    struct tally tally;
    enum status status =
        tally_init(evaluation->dataset, evaluation->settings, questions->count, arena, &tally);

    *result = (struct model_result){.name = recommender->name};
    if (status == STATUS_OK)
        status = model_ask(evaluation, recommender, &tally, questions, placings);
    if (status == STATUS_OK) {
        tally_judge(evaluation->dataset, evaluation->settings, &tally, questions->count, result);
        status = sampled_judge(&tally.sampled, evaluation->settings->ks,
                               evaluation->settings->k_count, arena, &result->sampled);
    }
    arena_rewind(arena, mark);
    return status;
}

static enum status model_judge(const struct evaluation *evaluation,
                               const struct questions *questions, struct side side,
                               struct arena *arena, struct model_result *result)
{
    const struct side alone = {side.placings, NULL};
    enum status status = STATUS_OK;

    for (uint32_t s = 0; status == STATUS_OK && s < SEGMENT_COUNT; s++) {
        status =
            segment_judge(questions, s, evaluation->settings, &alone, arena, &result->segments[s]);
    }
    return status == STATUS_OK ? segment_judge(questions, SEGMENT_ALL, evaluation->settings, &side,
                                               arena, &result->difference)
                               : status;
}

enum status evaluate(const struct evaluation *evaluation, struct arena *arena,
                     struct model_result *results)
{
    const struct evaluate_settings *settings = evaluation->settings;
    struct questions questions;
    enum status status = questions_make(evaluation->dataset, evaluation->part, arena, &questions);

    ASSERT(settings->k_count >= 1 && settings->k_count <= EVALUATE_KS_MAX);
    ASSERT(evaluation->against < evaluation->count);
    if (status != STATUS_OK) return status;
    size_t room = questions.count;
    struct placing *placings = arena_alloc(arena, room * evaluation->count, sizeof(*placings));
    if (placings == NULL) return STATUS_LIMIT;
    for (uint32_t m = 0; status == STATUS_OK && m < evaluation->count; m++) {
        status = model_ask_all(evaluation, &evaluation->recommenders[m], &questions, arena,
                               placings + m * room, &results[m]);
    }
    for (uint32_t m = 0; status == STATUS_OK && m < evaluation->count; m++) {
        struct side side = {placings + m * room, placings + evaluation->against * room};

        status = model_judge(evaluation, &questions, side, arena, &results[m]);
    }
    return status;
}

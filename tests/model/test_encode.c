/* test_encode.c - the encoder learns, repeats itself to the bit, goes on where it stopped, and is the
 * same after it has been written and read. */
#include <math.h>
#include <unistd.h>

#include "base/hash.h"
#include "model/encode/fit_room.h"
#include "model/encode/sample.h"
#include "model/encode/store.h"
#include "sys/file.h"
#include "test.h"

enum { ITEMS = 40, SESSIONS = 120, LEN = 9 };

/* Sessions walk through the items by steps of 7 from anywhere: the next item is always foretold. */
struct walk {
    uint32_t starts[SESSIONS + 1];
    uint32_t items[SESSIONS * LEN];
    double ends[SESSIONS];
    uint32_t clicks[ITEMS];
    struct dataset dataset;
};

static struct dataset_part part_of(const struct walk *walk, uint32_t first, uint32_t count)
{
    return (struct dataset_part){
        .count = count,
        .starts = walk->starts + first,
        .items = walk->items,
        .ends = walk->ends,
    };
}

static void walk_make(struct walk *walk)
{
    *walk = (struct walk){0};
    for (uint32_t s = 0; s < SESSIONS; s++) {
        walk->starts[s + 1] = (s + 1) * LEN;
        for (uint32_t t = 0; t < LEN; t++) {
            uint32_t item = (s * 11 + t * 7) % ITEMS;

            walk->items[s * LEN + t] = item;
            walk->clicks[item]++;
        }
    }
    walk->dataset = (struct dataset){
        .clicks = walk->clicks,
        .item_count = ITEMS,
        .catalogue_count = ITEMS,
        .train = part_of(walk, 0, SESSIONS - 20),
        .valid = part_of(walk, SESSIONS - 20, 20),
    };
}

static struct encode_plan plan_make(uint32_t sampled, uint32_t threads)
{
    struct encode_plan plan = encode_plan_default;

    plan.shape =
        (struct encode_shape){.width = 32, .heads = 2, .layers = 1, .inner = 32, .steps = 6};
    plan.settings = (struct encode_settings){.learning_rate = 0.01,
                                             .dropout = 0.1,
                                             .batch = 16,
                                             .sampled = sampled,
                                             .threads = threads,
                                             .seed = 3};
    plan.epochs = 12;
    plan.patience = 0;
    return plan;
}

static const struct encode_watch unwatched = {0};

static bool loss_check(void *context, const struct encode_progress *progress)
{
    (void)context;
    assert_true(isfinite(progress->loss));
    return true;
}

static double quality_of(const struct walk *walk, const struct encode_plan *plan)
{
    const struct encode_watch watch = {loss_check, NULL};
    struct encode_fit *fit;

    assert_ok(encode_fit_create(&walk->dataset, plan, &fit));
    assert_ok(encode_fit_run(fit, &watch));
    double mrr = encode_fit_quality(fit).mrr20;
    assert_int_equal(encode_fit_quality(fit).questions, 20 * (LEN - 1));
    encode_fit_destroy(fit);
    return mrr;
}

static void test_learns(void **state)
{
    struct walk walk;

    (void)state;
    walk_make(&walk);
    for (uint32_t sampled = 0; sampled <= 8; sampled += 8) {
        const struct encode_plan plan = plan_make(sampled, 2);

        assert_true(quality_of(&walk, &plan) > 0.9); /* by chance: about 0.09 */
    }
}

/* Shares of the batch's clicks and of what is drawn evenly, item by item: weighing each item by one over
 * the probability that it is there, all items are counted once on average. */
static void test_sample_stands_for_all_items(void **state)
{
    enum { TRIALS = 4000, BATCH = 6, DRAWN = 5, WIDTH = 16 };
    static const real embeddings[ITEMS * WIDTH];
    const struct encode_shape shape = {.items = ITEMS, .width = WIDTH};
    struct encode_table table = {.width = WIDTH};
    struct sample sample;
    struct arena arena;
    uint32_t clicks[ITEMS];
    uint32_t urn[ITEMS * (ITEMS + 1) / 2];
    uint32_t clicked = 0;
    double sum = 0.0;

    (void)state;
    for (uint32_t i = 0; i < ITEMS; i++) {
        clicks[i] = i + 1;
        for (uint32_t j = 0; j <= i; j++)
            urn[clicked++] = i;
    }
    arena_init(&arena, 1 << 20);
    assert_ok(sample_init(&shape, ITEMS, clicks, &arena, &sample));
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        uint32_t batch[BATCH];

        for (uint32_t i = 0; i < BATCH; i++) {
            uint64_t draw = hash_bytes(SLICE("batch"), trial * BATCH + i);

            batch[i] = urn[(draw >> 32) * clicked >> 32];
        }
        sample_draw(&sample, &(struct encode_sequence){batch, BATCH}, 1, DRAWN, trial);
        sample_gather(&sample, embeddings, &table);
        for (uint32_t i = 0; i < table.count; i++)
            sum += exp((double)table.bias[i]);
    }
    assert_true(fabs(sum / TRIALS - ITEMS) < 0.5);
    arena_deinit(&arena);
}

/* A rate no training survives ends it; what was learned before is not lost. */
static void test_numbers_that_run_away_end_it(void **state)
{
    struct walk walk;
    struct encode_fit *fit;

    (void)state;
    walk_make(&walk);
    struct encode_plan plan = plan_make(0, 1);
    plan.settings.learning_rate = 1e38;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    assert_int_equal(encode_fit_run(fit, &unwatched), STATUS_INVALID);
    assert_int_equal(encode_fit_epochs(fit), 0);
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        assert_true(isfinite(encode_fit_values(fit)[i]));
    encode_fit_destroy(fit);
}

/* Numbers of the trainer that are none, from within. */
static bool spoil(void *context, const struct encode_progress *progress)
{
    struct encode_fit *fit = *(struct encode_fit **)context;

    if (progress->epoch == 2) encode_trainer_state(fit->trainer).value[3] = NAN;
    return true;
}

static void test_last_good_epoch_is_kept(void **state)
{
    struct walk walk;
    struct encode_fit *fit;
    const struct encode_watch watch = {spoil, &fit};

    (void)state;
    walk_make(&walk);
    const struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    assert_int_equal(encode_fit_run(fit, &watch), STATUS_INVALID);
    assert_int_equal(encode_fit_epochs(fit), 1);
    assert_int_equal(encode_fit_best_epoch(fit), 1);
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        assert_true(isfinite(encode_fit_values(fit)[i]));
    encode_fit_destroy(fit);
}

/* A score that is no number is never among the best, whatever stands beside it. */
static void test_no_number_ranks_last(void **state)
{
    struct walk walk;
    struct encode_fit *fit;

    (void)state;
    walk_make(&walk);
    const struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    real *value = encode_trainer_state(fit->trainer).value;
    for (size_t i = 0; i < encode_fit_layout(fit)->count; i++)
        value[i] = NAN;
    struct encode_quality quality = encode_validate(fit->validation);
    assert_int_equal(quality.questions, 20 * (LEN - 1));
    assert_true(quality.hr20 == 0.0 && quality.mrr20 == 0.0);
    encode_fit_destroy(fit);
}

static bool stop_at(void *context, const struct encode_progress *progress)
{
    uint32_t *left = context;

    (void)progress;
    return --*left > 0;
}

static void assert_same_values(const struct encode_fit *left, const struct encode_fit *right)
{
    assert_memory_equal(encode_fit_values(left), encode_fit_values(right),
                        encode_fit_layout(left)->count * sizeof(real));
}

/* Stopped in the middle of an epoch, saved, restored into a new one: as if nothing had been. */
static void test_resumes_to_the_bit(void **state)
{
    struct walk walk;
    struct encode_fit *whole;
    struct encode_fit *first;
    struct encode_fit *second;
    struct buffer saved;
    struct buffer message;
    uint32_t left = 17;

    (void)state;
    walk_make(&walk);
    buffer_init(&saved, 64 << 20);
    buffer_init(&message, 4096);
    const struct encode_plan plan = plan_make(0, 2);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &whole));
    assert_ok(encode_fit_run(whole, &unwatched));
    assert_ok(encode_fit_create(&walk.dataset, &plan, &first));
    assert_int_equal(encode_fit_run(first, &(struct encode_watch){stop_at, &left}), STATUS_AGAIN);
    encode_fit_save(first, &saved);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &second));
    assert_ok(encode_fit_restore(second, buffer_slice(&saved), &message));
    assert_ok(encode_fit_run(second, &unwatched));
    assert_same_values(whole, second);
    assert_int_equal(encode_fit_best_epoch(whole), encode_fit_best_epoch(second));
    assert_int_equal(encode_fit_quality(second).questions, 20 * (LEN - 1));
    encode_fit_destroy(whole);
    encode_fit_destroy(first);
    encode_fit_destroy(second);
    buffer_deinit(&saved);
    buffer_deinit(&message);
}

static void assert_refused(struct encode_fit *fit, struct slice saved, const char *why)
{
    struct buffer message;

    buffer_init(&message, 4096);
    assert_int_equal(encode_fit_restore(fit, saved, &message), STATUS_INVALID);
    buffer_append_byte(&message, 0);
    if (strstr((const char *)message.data, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", (const char *)message.data, why);
    buffer_deinit(&message);
}

static void test_refuses_to_resume(void **state)
{
    struct walk walk;
    struct encode_fit *fit;
    struct encode_fit *other;
    struct buffer saved;

    (void)state;
    walk_make(&walk);
    buffer_init(&saved, 64 << 20);
    struct encode_plan plan = plan_make(0, 1);
    assert_ok(encode_fit_create(&walk.dataset, &plan, &fit));
    encode_fit_save(fit, &saved);
    plan.settings.seed++;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "another seed");
    encode_fit_destroy(other);
    walk.items[5] = walk.items[6];
    plan.settings.seed--;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "other clicks");
    encode_fit_destroy(other);
    plan.shape.width = 64;
    assert_ok(encode_fit_create(&walk.dataset, &plan, &other));
    assert_refused(other, buffer_slice(&saved), "another shape");
    assert_refused(other, (struct slice){saved.data, saved.len / 2}, "cut short");
    assert_refused(other, SLICE("nonsense"), "no saved training");
    assert_refused(other, (struct slice){0}, "no saved training");
    for (size_t i = 0; i < saved.len; i += saved.len / 61) {
        saved.data[i] ^= 1;
        assert_refused(other, buffer_slice(&saved), "damaged");
        saved.data[i] ^= 1;
    }
    encode_fit_destroy(other);
    encode_fit_destroy(fit);
    buffer_deinit(&saved);
}

/* Names "i0", "i1", ... */
static void names_make(struct arena *arena, struct slice names[ITEMS])
{
    for (uint32_t i = 0; i < ITEMS; i++) {
        char *text = arena_alloc(arena, 16, 1);

        (void)snprintf(text, 16, "i%u", i);
        names[i] = slice_of(text);
    }
}

static void scores_of(const struct encoder *encoder, struct arena *scratch, double out[ITEMS])
{
    static const uint32_t clicks[] = {0, 7, 14};
    const struct encoder_setting setting = {.encoder = encoder, .temperature = 1};
    struct recommender recommender = encoder_recommender(&setting);
    struct scores scores;

    assert_ok(scores_init(&scores, ITEMS, scratch));
    assert_ok(recommender.score(recommender.model, (struct context){.items = clicks, .len = 3},
                                scratch, &scores));
    memcpy(out, scores.values, ITEMS * sizeof(*out));
}

struct stored {
    char directory[64];
    struct arena arena;
    struct encode_layout layout;
    real *value;
    struct slice names[ITEMS];
    struct buffer message;
};

static void stored_make(struct stored *stored)
{
    const struct encode_shape shape = {
        .items = ITEMS, .width = 32, .heads = 1, .layers = 2, .inner = 16, .steps = 4};

    arena_init(&stored->arena, SIZE_MAX);
    buffer_init(&stored->message, 4096);
    (void)snprintf(stored->directory, sizeof(stored->directory), "encoder-XXXXXX");
    assert_non_null(mkdtemp(stored->directory));
    encode_layout_init(&shape, &stored->layout);
    size_t count = stored->layout.body + (size_t)train_pad(ITEMS) * shape.width;
    stored->value = arena_zalloc(&stored->arena, count, sizeof(real));
    encode_values_init(&stored->layout, 1, stored->value);
    names_make(&stored->arena, stored->names);
    assert_ok(encoder_model_write(stored->directory, &stored->layout, stored->value, stored->names,
                                  &(struct learned){0}, &stored->message));
}

static void stored_part(const struct stored *stored, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", stored->directory, name);
}

static void stored_end(struct stored *stored)
{
    static const char *const parts[] = {"weights.safetensors", "items.json", "headrace.json"};
    char path[128];

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        stored_part(stored, parts[i], path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(stored->directory), 0);
    buffer_deinit(&stored->message);
    arena_deinit(&stored->arena);
}

static void test_read_is_what_was_written(void **state)
{
    struct stored stored;
    struct encoder before;
    struct encoder_model *model;
    double wanted[ITEMS];
    double got[ITEMS];

    (void)state;
    stored_make(&stored);
    encoder_init(&stored.layout.shape, stored.value, &before);
    assert_ok(encoder_model_open(stored.directory, &model, &stored.message));
    scores_of(&before, &stored.arena, wanted);
    scores_of(encoder_model_encoder(model), &stored.arena, got);
    assert_memory_equal(wanted, got, sizeof(got));
    assert_int_equal(encoder_model_find(model, SLICE("i17")), 17);
    assert_int_equal(encoder_model_find(model, SLICE("j")), UINT32_MAX);
    assert_slice_equal(encoder_model_name(model, 3), SLICE("i3"));
    encoder_model_close(model);
    stored_end(&stored);
}

/* A part replaced, and what the message must say. */
static void assert_spoilt(const char *name, struct slice bytes, const char *why)
{
    struct stored stored;
    struct encoder_model *model = NULL;
    char path[128];

    stored_make(&stored);
    stored_part(&stored, name, path);
    assert_ok(file_write(path, bytes));
    assert_int_not_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_OK);
    buffer_append_byte(&stored.message, 0);
    if (strstr((const char *)stored.message.data, why) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", name, (const char *)stored.message.data, why);
    stored_end(&stored);
}

#define SHAPE_START \
    "{\"format\": 1, \"kind\": \"sasrec\", \"version\": \"v\", \"shape\": {\"items\": "

static void test_refuses_spoilt_parts(void **state)
{
    (void)state;
    assert_spoilt("headrace.json", SLICE("{\"format\": 1, \"kind\": \"slirec\"}"), "no encoder");
    assert_spoilt("headrace.json", SLICE("{\"format\": 2, \"kind\": \"sasrec\"}"), "\"format\"");
    assert_spoilt("headrace.json", SLICE("{"), "headrace.json");
    assert_spoilt("headrace.json", SLICE(SHAPE_START "40, \"width\": 32}}"), "heads");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START
                        "40, \"width\": 33, \"heads\": 1, \"layers\": 2, \"inner\": 16, "
                        "\"steps\": 4}}"),
                  "multiple of 16");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START "4000000000, \"width\": 512, \"heads\": 1, \"layers\": 2, "
                                    "\"inner\": 16, \"steps\": 4}}"),
                  "fewer numbers");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START
                        "40, \"width\": 32, \"heads\": 1, \"layers\": 2, \"inner\": 32, "
                        "\"steps\": 4}}"),
                  "another form");
    assert_spoilt("items.json", SLICE("[\"a\"]"), "as many names");
    assert_spoilt("items.json", SLICE("{}"), "items.json");
    assert_spoilt("weights.safetensors", SLICE("short"), "weights.safetensors");
}

static void test_refuses_numbers_that_are_none(void **state)
{
    struct stored stored;
    struct encoder_model *model = NULL;

    (void)state;
    stored_make(&stored);
    stored.value[stored.layout.body + 5] = NAN;
    assert_ok(encoder_model_write(stored.directory, &stored.layout, stored.value, stored.names,
                                  &(struct learned){0}, &stored.message));
    assert_int_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_INVALID);
    buffer_append_byte(&stored.message, 0);
    assert_non_null(strstr((const char *)stored.message.data, "not finite"));
    stored_end(&stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_sample_stands_for_all_items),
        cmocka_unit_test(test_numbers_that_run_away_end_it),
        cmocka_unit_test(test_last_good_epoch_is_kept),
        cmocka_unit_test(test_no_number_ranks_last),
        cmocka_unit_test(test_resumes_to_the_bit),
        cmocka_unit_test(test_refuses_to_resume),
        cmocka_unit_test(test_read_is_what_was_written),
        cmocka_unit_test(test_refuses_spoilt_parts),
        cmocka_unit_test(test_refuses_numbers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_model_hybrid.c - an encoder with an index beside it answers as the hybrid of `model evaluate`: item by item,
 * on small random shops. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/candidates.h"
#include "index_shop.h"
#include "model/model_room.h"
#include "test.h"

enum { SHOPS = 30, ALL = ITEMS_MAX + COLD + 1, ONLY_ENCODED = ALL - 1, ENCODED = ITEMS_MAX - 1 };
static const char directory[] = "model_hybrid";
static const char *const files[] = {"model_hybrid/weights.safetensors", "model_hybrid/items.json",
                                    "model_hybrid/headrace.json", "model_hybrid/index/index.bin",
                                    "model_hybrid/index/headrace.json"};

/* The encoder knows all clicked items but the first two, some by handle, some by product id, and one that nobody
 * else knows. */
struct bench {
    struct shop shop;
    struct dataset dataset; /* the shop's, with all items */
    uint32_t clicks[ALL];
    struct slice names[ALL];
    uint32_t theirs[ALL], ours[ENCODED];
    struct encode_layout layout;
    struct encoder encoder;
    struct arena arena;
    struct buffer message;
};

static const struct encode_shape shape = {
    .items = ENCODED, .width = 32, .heads = 2, .layers = 1, .inner = 32, .steps = 8};

static void encoder_make(struct bench *bench, uint32_t seed)
{
    struct slice names[ENCODED];

    encode_layout_init(&shape, &bench->layout);
    size_t count = bench->layout.body + (size_t)train_pad(ENCODED) * shape.width;
    real *value = arena_zalloc(&bench->arena, count, sizeof(*value));
    assert_non_null(value);
    encode_values_init(&bench->layout, seed, value);
    for (size_t i = bench->layout.body; i < count; i++)
        value[i] *= 20; /* so that probabilities differ */
    memset(bench->theirs, 0xFF, sizeof(bench->theirs));
    for (uint32_t i = 0; i < ENCODED; i++) {
        uint32_t item = i + 1 < ENCODED ? i + 2 : ONLY_ENCODED;

        bench->theirs[item] = i;
        bench->ours[i] = item;
        names[i] = item == ONLY_ENCODED ? SLICE("only")
                   : item % 2 == 0      ? bench->shop.products[item].handle
                                        : bench->shop.products[item].id;
    }
    encoder_init(&shape, value, &bench->encoder);
    assert_ok(encoder_model_write(directory, &bench->layout, value, names, &(struct learned){0},
                                  &bench->message));
}

static void bench_init(struct bench *bench, uint32_t seed)
{
    memset(bench, 0, sizeof(*bench));
    arena_init(&bench->arena, 64 << 20);
    buffer_init(&bench->message, 4096);
    shop_init(&bench->shop, seed);
    bench->shop.settings.weights[INDEX_CATEGORY] = 0.0; /* the evaluation's blend has neither */
    bench->shop.settings.weights[INDEX_POPULAR] = 1e-9;
    encoder_make(bench, seed + 1);
    memcpy(bench->clicks, bench->shop.clicks, sizeof(bench->shop.clicks));
    bench->dataset = bench->shop.dataset;
    bench->dataset.names = bench->names;
    bench->dataset.clicks = bench->clicks;
    bench->dataset.item_count = bench->dataset.catalogue_count = ALL;
}

static void bench_deinit(struct bench *bench)
{
    for (size_t i = 0; i < COUNT_OF(files); i++)
        (void)unlink(files[i]);
    (void)rmdir("model_hybrid/index");
    (void)rmdir(directory);
    shop_deinit(&bench->shop);
    buffer_deinit(&bench->message);
    arena_deinit(&bench->arena);
}

static struct model *open_with(struct bench *bench, double weight, double temperature)
{
    struct index_settings settings = bench->shop.settings;
    struct model *model;

    settings.hybrid_weight = weight;
    settings.hybrid_temperature = temperature;
    assert_ok(index_model_write("model_hybrid/index", buffer_slice(&bench->shop.bytes), &settings,
                                &(struct learned){0}, &bench->message));
    enum status status = model_open(directory, &model, &bench->message);
    if (status != STATUS_OK)
        fail_msg("%.*s", (int)bench->message.len, (const char *)bench->message.data);
    return model;
}

static uint32_t ask(struct bench *bench, const struct model *model, uint32_t len,
                    struct candidate candidates[CANDIDATES_MAX])
{
    struct value *items = arena_alloc(&bench->arena, len + 1, sizeof(*items));
    struct value *times = arena_alloc(&bench->arena, len + 1, sizeof(*times));
    struct model_answer answer;
    uint32_t count;

    for (uint32_t i = 0; i < len; i++) {
        const struct index_product *product = &bench->shop.products[bench->shop.context_items[i]];

        items[i] = value_string(i % 3 == 0 ? product->id : product->handle);
        times[i] = value_string(SLICE("1795000000"));
    }
    struct value_entry entries[] = {
        {value_string(SLICE("items")), value_list(items, len)},
        {value_string(SLICE("timestamps")), value_list(times, len)},
    };
    assert_ok(model_call(model, value_map(entries, 2), 1795000100000, &bench->arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    return count;
}

/* --- beside the evaluation's own ------------------------------------------------------------------ */

/* As blend_make() of the evaluation puts it together. */
static void oracle(struct bench *bench, double weight, double temperature, uint32_t len,
                   double score[ALL])
{
    const struct index_settings *settings = &bench->shop.settings;
    const struct encoder_setting setting = {&bench->encoder, temperature, bench->theirs,
                                            bench->ours};
    const struct cooccurrence *cooccurrence;
    struct recommender vmis_knn;
    struct recommender hybrid;
    struct scores scores;

    assert_ok(vmis_knn_recommender(&bench->dataset, &settings->vmis_knn, &bench->arena, &vmis_knn));
    assert_ok(cooccurrence_create(&bench->dataset, &settings->cooccurrence, &bench->arena,
                                  &cooccurrence));
    const struct blend_part parts[] = {
        {vmis_knn, settings->weights[INDEX_VMIS_KNN]},
        {cooccurrence_recommender(cooccurrence), settings->weights[INDEX_COOCCURRENCE]},
        {walk_recommender(cooccurrence), settings->weights[INDEX_WALK]},
        {encoder_recommender(&setting), weight},
    };
    assert_ok(blend_recommender(parts, COUNT_OF(parts), &bench->dataset, &bench->arena, &hybrid));
    assert_ok(scores_init(&scores, ALL, &bench->arena));
    assert_ok(hybrid.score(hybrid.model,
                           (struct context){.items = bench->shop.context_items, .len = len},
                           &bench->arena, &scores));
    memcpy(score, scores.values, ALL * sizeof(*score));
}

static uint32_t item_of(const struct bench *bench, struct slice name)
{
    if (slice_equal(name, SLICE("only"))) return ONLY_ENCODED;
    for (uint32_t i = 0; i < ONLY_ENCODED; i++) {
        if (slice_equal(name, bench->shop.products[i].id)) return i;
    }
    fail_msg("%.*s is no product id", (int)name.len, (const char *)name.data);
    return 0;
}

/* Returns how many items both score. */
static uint32_t compare(struct bench *bench, double weight, double temperature)
{
    struct model *model = open_with(bench, weight, temperature);
    double most = model->index->weight_sum + weight;
    uint32_t compared = 0;

    for (uint32_t len = 1; len <= bench->shop.context.len; len++) {
        struct arena_mark mark = arena_mark(&bench->arena);
        struct candidate found[CANDIDATES_MAX];
        bool answered[ALL] = {false};
        double wanted[ALL];

        oracle(bench, weight, temperature, len, wanted);
        uint32_t count = ask(bench, model, len, found);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t item = item_of(bench, found[i].item);

            assert_false(answered[item]);
            answered[item] = true;
            assert_true(i == 0 || found[i].score <= found[i - 1].score);
            assert_true(fabs((double)found[i].score * most - wanted[item]) <=
                        5e-6 * wanted[item] + 1e-8);
            compared += wanted[item] > 1e-8;
        }
        for (uint32_t item = 0; item < ALL; item++)
            assert_true(answered[item] || wanted[item] <= 1e-8);
        arena_rewind(&bench->arena, mark);
    }
    model_close(model);
    return compared;
}

static void answers_are_those_of_the_evaluation(void **state)
{
    static const double weights[] = {1.0, 0.25, 4.0, 0.0};
    static const double temperatures[] = {1.0, 2.0, 0.5};
    uint32_t compared = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct bench bench;

        bench_init(&bench, seed);
        compared += compare(&bench, weights[seed % COUNT_OF(weights)],
                            temperatures[seed % COUNT_OF(temperatures)]);
        bench_deinit(&bench);
    }
    print_message("  %u items compared\n", compared);
    assert_true(compared > 50 * SHOPS);
}

/* --- because -------------------------------------------------------------------------------------- */

static void without_the_encoder_the_index_tells(void **state)
{
    uint32_t named = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct candidate both[CANDIDATES_MAX];
        struct candidate one[CANDIDATES_MAX];
        struct model *alone;
        struct bench bench;

        bench_init(&bench, seed);
        struct model *model = open_with(&bench, 0.0, 1.0);
        uint32_t count = ask(&bench, model, bench.shop.context.len, both);
        assert_ok(model_open("model_hybrid/index", &alone, &bench.message));
        assert_int_equal(ask(&bench, alone, bench.shop.context.len, one), count);
        for (uint32_t i = 0; i < count; i++) {
            assert_slice_equal(both[i].item, one[i].item);
            assert_slice_equal(both[i].because, one[i].because);
            assert_memory_equal(&both[i].score, &one[i].score, sizeof(one[i].score));
            named += both[i].because.len > 0;
        }
        model_close(alone);
        model_close(model);
        bench_deinit(&bench);
    }
    assert_true(named > 5 * SHOPS);
}

/* The clicks that the encoder knows, and their places. */
static uint32_t encoded_clicks(const struct bench *bench, uint32_t items[CONTEXT_MAX],
                               uint32_t places[CONTEXT_MAX])
{
    uint32_t len = 0;

    for (uint32_t i = 0; i < bench->shop.context.len; i++) {
        uint32_t item = bench->theirs[bench->shop.context_items[i]];

        if (item == UINT32_MAX) continue;
        items[len] = item;
        places[len++] = i;
    }
    return len;
}

static uint32_t check_causes(struct bench *bench, const struct candidate *found, uint32_t count)
{
    uint32_t items[CONTEXT_MAX];
    uint32_t places[CONTEXT_MAX];
    struct encoder_absences absences;
    real vector[32];
    uint32_t named = 0;
    uint32_t len = encoded_clicks(bench, items, places);

    if (len == 0) return 0;
    assert_ok(encoder_encode_absences(&bench->encoder, (struct context){.items = items, .len = len},
                                      &bench->arena, vector, &absences));
    for (uint32_t i = 0; i < count; i++) {
        uint32_t item = item_of(bench, found[i].item);
        uint32_t cause = bench->theirs[item];

        if (cause == UINT32_MAX) {
            assert_int_equal(found[i].because.len, 0); /* only popular */
            continue;
        }
        cause = encoder_cause(&bench->encoder, vector, &absences, cause);
        assert_int_equal(cause == UINT32_MAX, found[i].because.len == 0);
        if (cause == UINT32_MAX) continue;
        uint32_t at = places[cause];
        const struct index_product *clicked = &bench->shop.products[bench->shop.context_items[at]];
        assert_slice_equal(found[i].because, at % 3 == 0 ? clicked->id : clicked->handle);
        named++;
    }
    return named;
}

static void without_the_blend_the_encoder_tells(void **state)
{
    uint32_t named = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct candidate found[CANDIDATES_MAX];
        struct bench bench;

        bench_init(&bench, seed);
        for (uint32_t part = 0; part < INDEX_POPULAR; part++)
            bench.shop.settings.weights[part] = 0.0;
        struct model *model = open_with(&bench, 1.0, 1.0);
        uint32_t count = ask(&bench, model, bench.shop.context.len, found);
        named += check_causes(&bench, found, count);
        model_close(model);
        bench_deinit(&bench);
    }
    assert_true(named > 5 * SHOPS);
}

/* --- opening -------------------------------------------------------------------------------------- */

static void an_index_of_other_items_is_refused(void **state)
{
    char strange[ALL][16];
    struct arena arena;
    struct buffer bytes;
    struct bench bench;
    struct model *model;

    (void)state;
    bench_init(&bench, 3);
    arena_init(&arena, 16 << 20);
    buffer_init(&bytes, 16 << 20);
    for (uint32_t i = 0; i < ALL; i++) {
        (void)snprintf(strange[i], sizeof(strange[i]), "strange%u", i);
        bench.names[i] = slice_of(strange[i]);
    }
    assert_ok(index_write(&bench.dataset, NULL, 0, &bench.shop.settings, &arena, &bytes));
    assert_ok(index_model_write("model_hybrid/index", buffer_slice(&bytes), &bench.shop.settings,
                                &(struct learned){0}, &bench.message));
    assert_int_equal(model_open(directory, &model, &bench.message), STATUS_INVALID);
    assert_slice_equal(buffer_slice(&bench.message),
                       SLICE("model_hybrid/index: none of its items is one of the encoder's; make "
                             "it from the clicks the encoder was trained on"));
    buffer_deinit(&bytes);
    arena_deinit(&arena);
    bench_deinit(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_the_evaluation),
        cmocka_unit_test(without_the_encoder_the_index_tells),
        cmocka_unit_test(without_the_blend_the_encoder_tells),
        cmocka_unit_test(an_index_of_other_items_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_evaluate_retrieval.c - retrieval beside slow oracles that follow the definitions word by word,
 * on many small random shops. */
#include <math.h>

#include "model/retrieve/retrieval.h"
#include "test.h"

enum { SHOPS = 150, ITEMS_MAX = 12, SESSIONS_MAX = 30, CLICKS_MAX = 8, CONTEXT_MAX = 14 };

/* A shop made by a seed. */
struct shop {
    uint32_t starts[SESSIONS_MAX + 1];
    uint32_t items[SESSIONS_MAX * CLICKS_MAX];
    double ends[SESSIONS_MAX];
    uint32_t clicks[ITEMS_MAX];
    struct dataset dataset;
    uint32_t context_items[CONTEXT_MAX];
    struct context context;
};

static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*state * bound) >> 32);
}

static void shop_make(struct shop *shop, uint32_t seed)
{
    uint32_t state = seed * 2654435761U + 1;
    uint32_t items = 2 + draw(&state, ITEMS_MAX - 1);
    uint32_t sessions = 1 + draw(&state, SESSIONS_MAX);

    memset(shop, 0, sizeof(*shop));
    for (uint32_t s = 0; s < sessions; s++) {
        uint32_t len = 1 + draw(&state, CLICKS_MAX);

        shop->starts[s + 1] = shop->starts[s] + len;
        shop->ends[s] = 86400.0 * s;
        for (uint32_t i = shop->starts[s]; i < shop->starts[s + 1]; i++) {
            shop->items[i] = draw(&state, items);
            shop->clicks[shop->items[i]]++;
        }
    }
    shop->context =
        (struct context){.items = shop->context_items, .len = 1 + draw(&state, CONTEXT_MAX)};
    for (uint32_t i = 0; i < shop->context.len; i++)
        shop->context_items[i] = draw(&state, ITEMS_MAX); /* some are in no session */
    shop->dataset = (struct dataset){
        .clicks = shop->clicks,
        .item_count = ITEMS_MAX,
        .catalogue_count = ITEMS_MAX,
        .click_count = shop->starts[sessions],
        .train = {.count = sessions,
                  .starts = shop->starts,
                  .items = shop->items,
                  .ends = shop->ends},
    };
}

static bool session_has(const struct shop *shop, uint32_t session, uint32_t item)
{
    for (uint32_t i = shop->starts[session]; i < shop->starts[session + 1]; i++) {
        if (shop->items[i] == item) return true;
    }
    return false;
}

static double oracle_idf(const struct shop *shop, uint32_t item)
{
    double all = 0.0;
    double with = 0.0;

    for (uint32_t s = 0; s < shop->dataset.train.count; s++) {
        for (uint32_t i = 0; i < ITEMS_MAX; i++)
            all += session_has(shop, s, i);
        with += session_has(shop, s, item);
    }
    return log(all / with);
}

/* How alike a session is, times u; 0: nothing in common. */
static uint32_t oracle_alike(const struct shop *shop, const uint32_t *last, uint32_t n,
                             uint32_t session)
{
    uint32_t alike = 0;

    for (uint32_t item = 0; item < ITEMS_MAX; item++) {
        if (!session_has(shop, session, item)) continue;
        for (uint32_t p = 0; p < n; p++) { /* the latest place of the item alone counts */
            if (last[n - 1 - p] != item) continue;
            alike += n - p;
            break;
        }
    }
    return alike;
}

/* Number of sessions that are preferred to this one: by recency, or by likeness first. */
static uint32_t oracle_before(const uint32_t *alike, const bool *taken, uint32_t count,
                              uint32_t session, bool by_likeness)
{
    uint32_t before = 0;

    for (uint32_t s = 0; s < count; s++) {
        if (!taken[s]) continue;
        bool differs = by_likeness && alike[s] != alike[session];

        before += differs ? alike[s] > alike[session] : s > session;
    }
    return before;
}

static void oracle_vmis_knn(const struct shop *shop, const struct vmis_knn_settings *settings,
                            double *scores)
{
    uint32_t n = shop->context.len < settings->last ? shop->context.len : settings->last;
    const uint32_t *last = shop->context.items + shop->context.len - n;
    uint32_t count = shop->dataset.train.count;
    uint32_t alike[SESSIONS_MAX];
    bool shares[SESSIONS_MAX];
    bool candidate[SESSIONS_MAX];
    uint32_t different = 0;

    for (uint32_t i = 0; i < n; i++) {
        bool again = false;

        for (uint32_t j = 0; j < i; j++)
            again = again || last[j] == last[i];
        different += again ? 0 : 1;
    }
    for (uint32_t s = 0; s < count; s++) {
        alike[s] = oracle_alike(shop, last, n, s);
        shares[s] = alike[s] > 0;
    }
    for (uint32_t s = 0; s < count; s++) {
        candidate[s] =
            shares[s] && oracle_before(alike, shares, count, s, false) < settings->sessions;
    }
    for (uint32_t s = 0; s < count; s++) {
        uint32_t place = 0;

        if (!candidate[s] ||
            oracle_before(alike, candidate, count, s, true) >= settings->neighbours)
            continue;
        while (!session_has(shop, s, last[n - 1 - place]))
            place++;
        for (uint32_t item = 0; item < ITEMS_MAX; item++) {
            if (!session_has(shop, s, item)) continue;
            scores[item] +=
                (1.0 - 0.1 * (place + 1)) * alike[s] / different * oracle_idf(shop, item);
        }
    }
    scores[last[n - 1]] = 0.0;
}

/* What stands near the last click, pair by pair. */
static void oracle_cooccurrence(const struct shop *shop,
                                const struct cooccurrence_settings *settings, uint32_t of,
                                double *scores)
{
    const struct dataset_part *train = &shop->dataset.train;

    for (uint32_t s = 0; s < train->count; s++) {
        double days = (train->ends[train->count - 1] - train->ends[s]) / 86400.0;
        double weight = pow(0.5, days / settings->half_life_days);

        for (uint32_t i = train->starts[s]; i < train->starts[s + 1]; i++) {
            for (uint32_t j = train->starts[s]; j < train->starts[s + 1]; j++) {
                uint32_t distance = i < j ? j - i : i - j;

                if (shop->items[i] != of || shop->items[j] == of || distance > settings->window)
                    continue;
                scores[shop->items[j]] += weight / distance * (j > i ? 1.0 : settings->backward);
            }
        }
    }
}

/* Two steps with rows divided by their sums. */
static void oracle_walk(const struct shop *shop, const struct cooccurrence_settings *settings,
                        double *scores)
{
    double rows[ITEMS_MAX][ITEMS_MAX] = {{0}};
    double first[ITEMS_MAX] = {0};
    bool seen[ITEMS_MAX] = {false};
    const struct context *context = &shop->context;

    for (uint32_t item = 0; item < ITEMS_MAX; item++) {
        double sum = 0.0;

        oracle_cooccurrence(shop, settings, item, rows[item]);
        for (uint32_t i = 0; i < ITEMS_MAX; i++)
            sum += rows[item][i];
        for (uint32_t i = 0; i < ITEMS_MAX && sum > 0.0; i++)
            rows[item][i] /= sum;
    }
    for (uint32_t p = 0; p < settings->walk_last && p < context->len; p++) {
        uint32_t item = context->items[context->len - 1 - p];

        for (uint32_t i = 0; i < ITEMS_MAX && !seen[item]; i++)
            first[i] += pow(settings->walk_decay, p) * rows[item][i];
        seen[item] = true;
    }
    first[context->items[context->len - 1]] = 0.0;
    for (uint32_t via = 0; via < ITEMS_MAX; via++) {
        for (uint32_t i = 0; i < ITEMS_MAX; i++)
            scores[i] += first[via] * rows[via][i];
    }
    scores[context->items[context->len - 1]] = 0.0;
}

static void assert_scores(const struct recommender *recommender, const struct shop *shop,
                          const double *wanted, struct arena *arena)
{
    struct scores scores;

    assert_ok(scores_init(&scores, ITEMS_MAX, arena));
    assert_ok(recommender->score(recommender->model, shop->context, arena, &scores));
    for (uint32_t item = 0; item < ITEMS_MAX; item++) {
        if (fabs(scores.values[item] - wanted[item]) > 1e-12 * (1.0 + wanted[item])) {
            fail_msg("%s: item %u has %.17g, the oracle %.17g", recommender->name, item,
                     scores.values[item], wanted[item]);
        }
    }
    for (uint32_t i = 0; i < scores.count; i++) /* what is listed is what has a score */
        assert_true(scores.values[scores.touched[i]] > 0.0);
}

static void vmis_knn_follows_its_definition(void **state)
{
    static const struct vmis_knn_settings settings[] = {{500, 100, 2}, {500, 100, 9}, {7, 3, 5},
                                                        {5, 5, 3},     {1, 1, 1},     {10, 4, 9}};
    struct shop shop;
    struct arena arena;
    uint32_t answered = 0;

    (void)state;
    arena_init(&arena, 16 << 20);
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        shop_make(&shop, seed);
        for (size_t i = 0; i < COUNT_OF(settings); i++) {
            double wanted[ITEMS_MAX] = {0};
            struct recommender recommender;

            arena_reset(&arena);
            oracle_vmis_knn(&shop, &settings[i], wanted);
            assert_ok(vmis_knn_recommender(&shop.dataset, &settings[i], &arena, &recommender));
            assert_scores(&recommender, &shop, wanted, &arena);
            for (uint32_t item = 0; item < ITEMS_MAX; item++)
                answered += wanted[item] > 0.0 ? 1 : 0;
        }
    }
    assert_true(answered > SHOPS); /* the shops are not empty of answers */
    arena_deinit(&arena);
}

static void item_to_item_follows_its_definition(void **state)
{
    static const struct cooccurrence_settings settings[] = {{5, 0.8, 14.0, 500, 5, 0.7, 60},
                                                            {1, 0.0, 1.0, 500, 1, 1.0, 60},
                                                            {100, 1.0, 30, 500, 20, 0.5, 60}};
    struct shop shop;
    struct arena arena;

    (void)state;
    arena_init(&arena, 16 << 20);
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        shop_make(&shop, seed);
        for (size_t i = 0; i < COUNT_OF(settings); i++) {
            double near[ITEMS_MAX] = {0};
            double walked[ITEMS_MAX] = {0};
            const struct cooccurrence *cooccurrence;

            arena_reset(&arena);
            assert_ok(cooccurrence_create(&shop.dataset, &settings[i], &arena, &cooccurrence));
            struct recommender item_to_item = cooccurrence_recommender(cooccurrence);
            struct recommender walk = walk_recommender(cooccurrence);
            oracle_cooccurrence(&shop, &settings[i], shop.context.items[shop.context.len - 1],
                                near);
            oracle_walk(&shop, &settings[i], walked);
            assert_scores(&item_to_item, &shop, near, &arena);
            assert_scores(&walk, &shop, walked, &arena);
        }
    }
    arena_deinit(&arena);
}

static void a_row_keeps_its_best(void **state)
{
    static const struct cooccurrence_settings settings = {5, 1.0, 14.0, 1, 5, 0.7, 60};
    struct shop shop = {.starts = {0, 4}, .items = {0, 1, 2, 0}, .ends = {5}};
    uint32_t last = 0;
    struct arena arena;
    struct scores scores;
    const struct cooccurrence *cooccurrence;

    (void)state;
    shop.clicks[0] = 2;
    shop.clicks[1] = 1;
    shop.clicks[2] = 1;
    shop.dataset = (struct dataset){
        .clicks = shop.clicks,
        .item_count = 3,
        .catalogue_count = 3,
        .click_count = 4,
        .train = {.count = 1, .starts = shop.starts, .items = shop.items, .ends = shop.ends}};
    arena_init(&arena, 1 << 20);
    assert_ok(cooccurrence_create(&shop.dataset, &settings, &arena, &cooccurrence));
    assert_ok(scores_init(&scores, 3, &arena));
    struct recommender recommender = cooccurrence_recommender(cooccurrence);
    assert_ok(recommender.score(recommender.model, (struct context){.items = &last, .len = 1},
                                &arena, &scores));
    assert_int_equal(scores.count, 1); /* 1 and 2 have 1.5 each: the lower number is kept */
    assert_int_equal(scores.touched[0], 1);
    arena_deinit(&arena);
}

static void a_blend_divides_by_the_best(void **state)
{
    struct shop shop;
    struct arena arena;

    (void)state;
    arena_init(&arena, 16 << 20);
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        double popular[ITEMS_MAX] = {0};
        double near[ITEMS_MAX] = {0};
        double wanted[ITEMS_MAX];
        double best[2] = {0.0, 0.0};
        const struct cooccurrence *cooccurrence;
        struct recommender blend;

        arena_reset(&arena);
        shop_make(&shop, seed);
        uint32_t last = shop.context.items[shop.context.len - 1];
        assert_ok(
            cooccurrence_create(&shop.dataset, &cooccurrence_defaults, &arena, &cooccurrence));
        struct blend_part parts[] = {{popular_recommender(&shop.dataset, true), 0.25},
                                     {cooccurrence_recommender(cooccurrence), 2.0}};
        assert_ok(blend_recommender(parts, 2, &shop.dataset, &arena, &blend));
        oracle_cooccurrence(&shop, &cooccurrence_defaults, last, near);
        for (uint32_t i = 0; i < ITEMS_MAX; i++) {
            popular[i] = i == last ? 0.0 : shop.clicks[i];
            best[0] = fmax(best[0], popular[i]);
            best[1] = fmax(best[1], near[i]);
        }
        for (uint32_t i = 0; i < ITEMS_MAX; i++) {
            wanted[i] = (best[0] > 0.0 ? 0.25 * popular[i] / best[0] : 0.0) +
                        (best[1] > 0.0 ? 2.0 * near[i] / best[1] : 0.0);
        }
        assert_scores(&blend, &shop, wanted, &arena);
    }
    arena_deinit(&arena);
}

/* A shop of more items than anybody is shown, each clicked by its own count. */
static void popular_scores_all_by_their_clicks(void **state)
{
    enum { MANY = 5000 };
    static uint32_t clicks[MANY];
    uint32_t last = 17;
    struct dataset dataset = {.clicks = clicks, .item_count = MANY, .catalogue_count = MANY - 3};
    struct arena arena;
    struct scores scores;

    (void)state;
    for (uint32_t i = 0; i < MANY; i++)
        clicks[i] = i < MANY - 3 ? MANY - i : 0;
    arena_init(&arena, 1 << 20);
    assert_ok(scores_init(&scores, MANY, &arena));
    struct recommender popular = popular_recommender(&dataset, true);
    assert_ok(
        popular.score(popular.model, (struct context){.items = &last, .len = 1}, &arena, &scores));
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t wanted = i == last ? 0 : clicks[i];

        if (scores.values[i] < wanted || scores.values[i] > wanted)
            fail_msg("item %u has %g, clicked %u times", i, scores.values[i], wanted);
    }
    assert_int_equal(scores.count, MANY - 4);
    arena_deinit(&arena);
}

static void best_first_and_among_equals_the_more_popular(void **state)
{
    struct arena arena;
    struct scores scores;
    struct ranked best[4];

    (void)state;
    arena_init(&arena, 1 << 20);
    assert_ok(scores_init(&scores, 10, &arena));
    scores_add(&scores, 7, 2.0);
    scores_add(&scores, 3, 1.0);
    scores_add(&scores, 9, 5.0);
    scores_add(&scores, 3, 1.0);
    scores_add(&scores, 5, 2.0);
    scores_remove(&scores, 9);
    scores_remove(&scores, 8);
    assert_int_equal(scores_best(&scores, 4, best), 3);
    assert_int_equal(best[0].item, 3);
    assert_int_equal(best[1].item, 5);
    assert_int_equal(best[2].item, 7);
    assert_int_equal(scores_best(&scores, 1, best), 1);
    assert_int_equal(best[0].item, 3);
    scores_clear(&scores);
    assert_int_equal(scores_best(&scores, 4, best), 0);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vmis_knn_follows_its_definition),
        cmocka_unit_test(item_to_item_follows_its_definition),
        cmocka_unit_test(a_row_keeps_its_best),
        cmocka_unit_test(a_blend_divides_by_the_best),
        cmocka_unit_test(popular_scores_all_by_their_clicks),
        cmocka_unit_test(best_first_and_among_equals_the_more_popular),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

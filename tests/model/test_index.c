/* test_index.c - an index beside the models it is made of, on many small random shops; and files that
 * are damaged or mean harm. */
#include <math.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/retrieve/index.h"
#include "model/retrieve/index_room.h"
#include "test.h"

enum { SHOPS = 120, ITEMS_MAX = 14, SESSIONS_MAX = 30, CLICKS_MAX = 8, CONTEXT_MAX = 14, COLD = 3 };

struct shop {
    uint32_t starts[SESSIONS_MAX + 1];
    uint32_t items[SESSIONS_MAX * CLICKS_MAX];
    double ends[SESSIONS_MAX];
    uint32_t clicks[ITEMS_MAX];
    char texts[ITEMS_MAX + COLD][8];
    struct slice names[ITEMS_MAX];
    struct index_product products[ITEMS_MAX + COLD];
    struct dataset dataset;
    uint32_t context_items[CONTEXT_MAX];
    struct context context;
    struct index_settings settings;
    struct arena arena;
    struct buffer bytes;
    struct buffer message;
    struct index index;
};

static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*state * bound) >> 32);
}

static void clicks_make(struct shop *shop, uint32_t *state)
{
    uint32_t items = 2 + draw(state, ITEMS_MAX - 1);
    uint32_t sessions = 1 + draw(state, SESSIONS_MAX);

    for (uint32_t s = 0; s < sessions; s++) {
        uint32_t len = 1 + draw(state, CLICKS_MAX);

        shop->starts[s + 1] = shop->starts[s] + len;
        shop->ends[s] = 86400.0 * s;
        for (uint32_t i = shop->starts[s]; i < shop->starts[s + 1]; i++) {
            shop->items[i] = draw(state, items);
            shop->clicks[shop->items[i]]++;
        }
    }
    shop->dataset = (struct dataset){
        .names = shop->names,
        .clicks = shop->clicks,
        .item_count = ITEMS_MAX,
        .catalogue_count = ITEMS_MAX,
        .click_count = shop->starts[sessions],
        .train = {.count = sessions,
                  .starts = shop->starts,
                  .items = shop->items,
                  .ends = shop->ends},
    };
    shop->context =
        (struct context){.items = shop->context_items, .len = 1 + draw(state, CONTEXT_MAX)};
    for (uint32_t i = 0; i < shop->context.len; i++)
        shop->context_items[i] = draw(state, ITEMS_MAX + COLD);
}

/* Items 0 .. ITEMS_MAX - 1 are clicked or at least named; COLD more are products only. */
static void shop_init(struct shop *shop, uint32_t seed)
{
    static const char *const categories[] = {"", "shoes", "hats"};
    uint32_t state = seed * 2654435761U + 1;

    memset(shop, 0, sizeof(*shop));
    arena_init(&shop->arena, 64 << 20);
    buffer_init(&shop->bytes, 64 << 20);
    buffer_init(&shop->message, 4096);
    for (uint32_t i = 0; i < ITEMS_MAX + COLD; i++) {
        (void)snprintf(shop->texts[i], sizeof(shop->texts[i]), "item%u", i);
        if (i < ITEMS_MAX) shop->names[i] = slice_of(shop->texts[i]);
        shop->products[i] = (struct index_product){
            .id = {(const uint8_t *)shop->texts[i] + 4, strlen(shop->texts[i]) - 4},
            .handle = slice_of(shop->texts[i]),
            .category = slice_of(categories[draw(&state, 3)]),
        };
    }
    clicks_make(shop, &state);
    shop->settings = index_settings_default;
    shop->settings.vmis_knn.sessions = 1 + draw(&state, 20);
    shop->settings.vmis_knn.neighbours = 1 + draw(&state, 10);
    shop->settings.vmis_knn.last = 1 + draw(&state, VMIS_KNN_LAST_MAX);
    assert_ok(index_write(&shop->dataset, shop->products, ITEMS_MAX + COLD, &shop->settings,
                          &shop->arena, &shop->bytes));
    assert_ok(index_read(buffer_slice(&shop->bytes), &shop->arena, &shop->message, &shop->index));
}

static void shop_deinit(struct shop *shop)
{
    buffer_deinit(&shop->message);
    buffer_deinit(&shop->bytes);
    arena_deinit(&shop->arena);
}

/* One part of the index alone beside the model it stands for, scores divided by the best. */
static void assert_part(struct shop *shop, enum index_part part, struct recommender oracle)
{
    struct index_settings settings = shop->settings;
    struct context known = {.items = shop->context_items, .len = shop->context.len};
    struct ranked ranked[ITEMS_MAX + COLD];
    struct index_list list = {ranked, ITEMS_MAX + COLD, 0};
    struct scores scores;
    double best = 0.0;

    for (uint32_t i = 0; i < known.len; i++)
        shop->context_items[i] %= ITEMS_MAX; /* the oracle knows no others */
    for (uint32_t i = 0; i < INDEX_PARTS; i++)
        settings.weights[i] = i == part ? 2.0 : 0.0;
    assert_ok(scores_init(&scores, ITEMS_MAX, &shop->arena));
    assert_ok(oracle.score(oracle.model, known, &shop->arena, &scores));
    assert_ok(index_rank(&shop->index, &settings, known, &shop->arena, &list));
    assert_int_equal(list.count, scores.count);
    for (uint32_t i = 0; i < ITEMS_MAX; i++)
        best = fmax(best, scores.values[i]);
    for (uint32_t i = 0; i < list.count; i++) {
        double wanted = 2.0 * scores.values[ranked[i].item] / best;

        assert_true(fabs(ranked[i].score - wanted) <= 2e-6 * wanted);
        assert_true(i == 0 || ranked[i].score <= ranked[i - 1].score);
    }
}

static void test_parts_are_the_models(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct shop shop;
        struct recommender vmis_knn;
        const struct cooccurrence *cooccurrence;

        shop_init(&shop, seed);
        assert_ok(
            vmis_knn_recommender(&shop.dataset, &shop.settings.vmis_knn, &shop.arena, &vmis_knn));
        assert_ok(cooccurrence_create(&shop.dataset, &shop.settings.cooccurrence, &shop.arena,
                                      &cooccurrence));
        assert_part(&shop, INDEX_VMIS_KNN, vmis_knn);
        assert_part(&shop, INDEX_COOCCURRENCE, cooccurrence_recommender(cooccurrence));
        assert_part(&shop, INDEX_WALK, walk_recommender(cooccurrence));
        shop_deinit(&shop);
    }
}

/* Whatever was clicked there is an answer, each item once, and never the one clicked last. */
static void test_always_answers(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct shop shop;

        shop_init(&shop, seed);
        for (uint32_t len = 0; len <= shop.context.len; len++) {
            struct context context = {.items = shop.context_items, .len = len};
            struct ranked ranked[ITEMS_MAX + COLD];
            struct index_list list = {ranked, ITEMS_MAX + COLD, 0};
            bool seen[ITEMS_MAX + COLD] = {false};

            assert_ok(index_rank(&shop.index, &shop.settings, context, &shop.arena, &list));
            assert_int_equal(list.count, ITEMS_MAX + COLD - (len > 0 ? 1 : 0));
            for (uint32_t i = 0; i < list.count; i++) {
                assert_true(ranked[i].score > 0.0);
                assert_false(seen[ranked[i].item]);
                seen[ranked[i].item] = true;
            }
            if (len > 0) assert_false(seen[context.items[len - 1]]);
        }
        shop_deinit(&shop);
    }
}

/* A product nobody clicked: what is popular in its category comes first. */
static void test_cold_item_gets_its_category(void **state)
{
    uint32_t asked = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct shop shop;
        struct ranked ranked[ITEMS_MAX + COLD];
        struct index_list list = {ranked, ITEMS_MAX + COLD, 0};
        uint32_t cold = ITEMS_MAX + seed % COLD;
        uint32_t best = cold;

        shop_init(&shop, seed);
        uint32_t category = shop.index.category_of[cold];
        for (uint32_t i = ITEMS_MAX + COLD; i-- > 0;) {
            bool same = category != 0 && shop.index.category_of[i] == category && i != cold;

            if (same && (best == cold || shop.index.trends[i] >= shop.index.trends[best])) best = i;
        }
        assert_ok(index_rank(&shop.index, &shop.settings,
                             (struct context){.items = &cold, .len = 1}, &shop.arena, &list));
        if (best != cold) {
            assert_int_equal(ranked[0].item, best);
            asked++;
        }
        shop_deinit(&shop);
    }
    assert_true(asked > SHOPS / 4);
}

static void test_names_and_product_ids_find(void **state)
{
    struct shop shop;
    uint32_t item;

    (void)state;
    shop_init(&shop, 1);
    assert_true(index_find(&shop.index, SLICE("item3"), &item));
    assert_int_equal(item, 3);
    assert_true(index_find(&shop.index, SLICE("15"), &item));
    assert_slice_equal(index_name(&shop.index, item), SLICE("item15"));
    assert_slice_equal(index_product_id(&shop.index, item), SLICE("15"));
    assert_false(index_find(&shop.index, SLICE("item99"), &item));
    assert_false(index_find(&shop.index, SLICE(""), &item));
    shop_deinit(&shop);
}

static void test_equal_clicks_give_equal_bytes(void **state)
{
    struct shop one;
    struct shop two;

    (void)state;
    shop_init(&one, 7);
    shop_init(&two, 7);
    assert_slice_equal(buffer_slice(&one.bytes), buffer_slice(&two.bytes));
    shop_deinit(&one);
    shop_deinit(&two);
}

/* --- files that are no good ---------------------------------------------------------------------- */

static enum status read_copy(struct slice bytes, struct shop *shop)
{
    uint8_t *copy = malloc(bytes.len + 1); /* of just that length, for the sanitizer */
    struct index index;

    assert_non_null(copy);
    if (bytes.len > 0) memcpy(copy, bytes.data, bytes.len);
    buffer_clear(&shop->message);
    enum status status =
        index_read((struct slice){copy, bytes.len}, &shop->arena, &shop->message, &index);
    if (status == STATUS_OK) { /* then it must be usable, too */
        struct ranked ranked[INDEX_RANKED_MAX];
        struct index_list list = {ranked, INDEX_RANKED_MAX, 0};
        uint32_t items[2] = {0, index.counts.items - 1};

        assert_ok(index_rank(&index, &shop->settings, (struct context){.items = items, .len = 2},
                             &shop->arena, &list));
    } else {
        assert_true(shop->message.len > 0);
    }
    free(copy);
    return status;
}

static void test_cut_off_file_is_refused(void **state)
{
    struct shop shop;

    (void)state;
    shop_init(&shop, 3);
    for (size_t len = 0; len < shop.bytes.len; len++)
        assert_int_equal(read_copy((struct slice){shop.bytes.data, len}, &shop), STATUS_CORRUPT);
    shop_deinit(&shop);
}

static void test_damaged_file_is_refused(void **state)
{
    struct shop shop;

    (void)state;
    shop_init(&shop, 3);
    for (size_t at = 0; at < shop.bytes.len; at++) {
        shop.bytes.data[at] ^= 0x10;
        assert_int_equal(read_copy(buffer_slice(&shop.bytes), &shop), STATUS_CORRUPT);
        shop.bytes.data[at] ^= 0x10;
    }
    shop_deinit(&shop);
}

/* Whoever makes the checksum right still leads nobody out of the arrays; what is taken for an index
 * answers. */
static void test_hostile_file_is_refused_or_answers(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x01, 0x7F, 0xFF};
    struct shop shop;
    uint32_t refused = 0;

    (void)state;
    shop_init(&shop, 5);
    for (size_t at = INDEX_COUNTS_AT; at < shop.bytes.len; at++) {
        uint8_t was = shop.bytes.data[at];
        struct slice behind = {shop.bytes.data + INDEX_COUNTS_AT, shop.bytes.len - INDEX_COUNTS_AT};

        shop.bytes.data[at] = bytes[at % COUNT_OF(bytes)];
        put_le32(shop.bytes.data + INDEX_COUNTS_AT - 4, crc32c(0, behind));
        arena_reset(&shop.arena);
        refused += read_copy(buffer_slice(&shop.bytes), &shop) != STATUS_OK;
        shop.bytes.data[at] = was;
    }
    assert_true(refused > 100);
    shop_deinit(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_are_the_models),
        cmocka_unit_test(test_always_answers),
        cmocka_unit_test(test_cold_item_gets_its_category),
        cmocka_unit_test(test_names_and_product_ids_find),
        cmocka_unit_test(test_equal_clicks_give_equal_bytes),
        cmocka_unit_test(test_cut_off_file_is_refused),
        cmocka_unit_test(test_damaged_file_is_refused),
        cmocka_unit_test(test_hostile_file_is_refused_or_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

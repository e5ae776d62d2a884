/* test_index.c - an index beside the models it is made of, on many small random shops; and files that
 * are damaged or mean harm. */
#include <math.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "codec/json.h"
#include "index_shop.h"
#include "model/retrieve/index_room.h"
#include "test.h"

enum { SHOPS = 120 };

/* One part of the index alone beside the model it stands for, scores divided by the best. */
static void assert_part(struct shop *shop, enum index_part part, struct recommender oracle)
{
    struct index_settings settings = shop->settings;
    struct context known = {.items = shop->context_items, .len = shop->context.len};
    struct ranked ranked[ITEMS_MAX + COLD];
    struct index_list list = {.items = ranked, .wanted = ITEMS_MAX + COLD};
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
            struct index_list list = {.items = ranked, .wanted = ITEMS_MAX + COLD};
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
        struct index_list list = {.items = ranked, .wanted = ITEMS_MAX + COLD};
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

/* As an answer is written. */
static void names_write(const struct index *index)
{
    struct buffer out;

    buffer_init(&out, 1 << 20);
    for (uint32_t item = 0; item < index->counts.items; item++) {
        json_write_string(index_name(index, item), &out);
        json_write_string(index_product_id(index, item), &out);
    }
    buffer_deinit(&out);
}

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
        struct index_list list = {.items = ranked, .wanted = INDEX_RANKED_MAX};
        uint32_t items[2] = {0, index.counts.items - 1};

        assert_ok(index_rank(&index, &shop->settings, (struct context){.items = items, .len = 2},
                             &shop->arena, &list));
        names_write(&index);
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
static void test_names_are_text(void **state)
{
    static const struct {
        const char *bytes;
        const char *says; /* NULL: nothing */
    } rows[] = {
        {"\xE9", "products: a name is not UTF-8"},
        {"\xC3\xA9", NULL},
        {"\xED\xA0\x80", NULL},
        /* JSON can name it */ {"\xED\xA0\x80\xED\xB0\x80", "not UTF-8"},
        {"\xED\xA0", "not UTF-8"},
        {"\xF4\x90\x80\x80", "not UTF-8"},
    };
    struct shop shop;

    (void)state;
    shop_init(&shop, 5);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        shop.products[0].id = slice_of(rows[i].bytes);
        buffer_clear(&shop.bytes);
        arena_reset(&shop.arena);
        assert_ok(index_write(&shop.dataset, shop.products, ITEMS_MAX + COLD, &shop.settings,
                              &shop.arena, &shop.bytes));
        enum status status = read_copy(buffer_slice(&shop.bytes), &shop);
        buffer_append_byte(&shop.message, '\0');
        assert_int_equal(status, rows[i].says == NULL ? STATUS_OK : STATUS_CORRUPT);
        if (rows[i].says != NULL)
            assert_non_null(strstr((const char *)shop.message.data, rows[i].says));
    }
    shop_deinit(&shop);
}

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
        cmocka_unit_test(test_names_are_text),
        cmocka_unit_test(test_hostile_file_is_refused_or_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

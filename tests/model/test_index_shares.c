/* test_index_shares.c - what each click gave to the items of an index's list, beside the definitions of the parts
 * gone through click by click over the sessions themselves. */
#include <math.h>

#include "index_shop.h"
#include "model/retrieve/index_ranking.h"
#include "test.h"

enum { SHOPS = 150, ALL = ITEMS_MAX + COLD, NOBODY = CONTEXT_MAX };

/* By item and click; the last column is what no click gave. */
struct table {
    double at[ALL][CONTEXT_MAX + 1];
};

static double sum_of(const struct table *table, uint32_t item)
{
    double sum = 0.0;

    for (uint32_t click = 0; click <= NOBODY; click++)
        sum += table->at[item][click];
    return sum;
}

/* The part's weight over its largest sum; the item clicked last has none. */
static void fold(struct table *part, uint32_t last, double weight, struct table *total)
{
    double largest = 0.0;

    memset(part->at[last], 0, sizeof(part->at[last]));
    for (uint32_t item = 0; item < ALL; item++)
        largest = fmax(largest, sum_of(part, item));
    for (uint32_t item = 0; item < ALL && largest > 0.0; item++) {
        for (uint32_t click = 0; click <= NOBODY; click++)
            total->at[item][click] += weight * part->at[item][click] / largest;
    }
    memset(part, 0, sizeof(*part));
}

static bool in_session(const struct shop *shop, uint32_t session, uint32_t item)
{
    for (uint32_t i = shop->starts[session]; i < shop->starts[session + 1]; i++) {
        if (shop->items[i] == item) return true;
    }
    return false;
}

/* --- VMIS-kNN: the comment of vmis_knn.c, read aloud ---------------------------------------------- */

static bool clicked_after(const struct shop *shop, uint32_t at)
{
    for (uint32_t i = at + 1; i < shop->context.len; i++) {
        if (shop->context_items[i] == shop->context_items[at]) return true;
    }
    return false;
}

/* Of a session: u r, and 10 lambda; 0: nothing in common. */
static uint32_t alike_of(const struct shop *shop, uint32_t session, uint32_t n, uint32_t *lambda)
{
    uint32_t alike = 0;

    for (uint32_t p = n; p-- > 0;) {
        uint32_t at = shop->context.len - 1 - p;

        if (clicked_after(shop, at) || !in_session(shop, session, shop->context_items[at]))
            continue;
        alike += n - p;
        *lambda = VMIS_KNN_LAST_MAX - p;
    }
    return alike;
}

static double idf_of(const struct shop *shop, uint32_t item)
{
    uint32_t all = 0;
    uint32_t with = 0;

    for (uint32_t session = 0; session < shop->dataset.train.count; session++) {
        for (uint32_t other = 0; other < ITEMS_MAX; other++)
            all += in_session(shop, session, other);
        with += in_session(shop, session, item);
    }
    return with == 0 ? 0.0 : log((double)all / with);
}

static void neighbour_add(const struct shop *shop, uint32_t session, uint32_t n, uint32_t lambda,
                          struct table *part)
{
    for (uint32_t item = 0; item < ITEMS_MAX; item++) {
        if (!in_session(shop, session, item)) continue;
        for (uint32_t p = 0; p < n; p++) {
            uint32_t at = shop->context.len - 1 - p;

            if (!clicked_after(shop, at) && in_session(shop, session, shop->context_items[at]))
                part->at[item][at] += idf_of(shop, item) * lambda * (n - p);
        }
    }
}

static void vmis_knn(const struct shop *shop, struct table *part)
{
    const struct vmis_knn_settings *settings = &shop->settings.vmis_knn;
    uint32_t n = shop->context.len < settings->last ? shop->context.len : settings->last;
    uint32_t alike[SESSIONS_MAX] = {0};
    uint32_t lambda[SESSIONS_MAX] = {0};
    uint32_t found = 0;

    for (uint32_t session = shop->dataset.train.count; session-- > 0;) {
        if (found < settings->sessions)
            alike[session] = alike_of(shop, session, n, &lambda[session]);
        found += alike[session] > 0;
    }
    for (uint32_t taken = 0; taken < settings->neighbours; taken++) {
        uint32_t best = 0;

        for (uint32_t session = 0; session < shop->dataset.train.count; session++) {
            if (alike[session] >= alike[best]) best = session;
        }
        if (alike[best] == 0) return;
        neighbour_add(shop, best, n, lambda[best], part);
        alike[best] = 0;
    }
}

/* --- item to item --------------------------------------------------------------------------------- */

static double row_at(const struct cooccurrence *cooccurrence, uint32_t item, uint32_t other,
                     double *sum)
{
    uint32_t count;
    const struct ranked *row;

    *sum = 1.0;
    if (item >= ITEMS_MAX) return 0.0; /* products nobody clicked */
    row = cooccurrence_row(cooccurrence, item, &count, sum);
    for (uint32_t i = 0; i < count; i++) {
        if (row[i].item == other) return row[i].score;
    }
    if (count == 0) *sum = 1.0;
    return 0.0;
}

static void walk(const struct shop *shop, const struct cooccurrence *cooccurrence,
                 struct table *part)
{
    const struct cooccurrence_settings *settings = &shop->settings.cooccurrence;
    uint32_t last = shop->context_items[shop->context.len - 1];
    struct table first = {0};
    double weight = 1.0;

    for (uint32_t back = 1; back <= settings->walk_last && back <= shop->context.len; back++) {
        uint32_t at = shop->context.len - back;

        for (uint32_t item = 0; item < ITEMS_MAX && !clicked_after(shop, at); item++) {
            double sum;
            double score = row_at(cooccurrence, shop->context_items[at], item, &sum);

            first.at[item][at] += weight * score / sum;
        }
        weight *= settings->walk_decay;
    }
    memset(first.at[last], 0, sizeof(first.at[last]));
    assert_true(settings->walk_branches >= ITEMS_MAX); /* none is let go */
    for (uint32_t branch = 0; branch < ITEMS_MAX; branch++) {
        for (uint32_t item = 0; item < ITEMS_MAX; item++) {
            double sum;
            double score = row_at(cooccurrence, branch, item, &sum);

            for (uint32_t click = 0; click < shop->context.len; click++)
                part->at[item][click] += first.at[branch][click] * score / sum;
        }
    }
}

/* --- together ------------------------------------------------------------------------------------- */

static void fill(const struct shop *shop, struct table *category, struct table *popular)
{
    const struct index *index = &shop->index;
    uint32_t at = shop->context.len;
    uint32_t of = 0;

    while (of == 0 && at-- > 0)
        of = index->category_of[shop->context_items[at]];
    for (uint32_t item = 0; item < ALL; item++) {
        double trend = (double)index->trends[item] + 1e-30;

        popular->at[item][NOBODY] = trend;
        if (of != 0 && index->category_of[item] == of) category->at[item][at] = trend;
    }
}

static void oracle(struct shop *shop, struct table *total)
{
    const struct cooccurrence *cooccurrence;
    uint32_t last = shop->context_items[shop->context.len - 1];
    const double *weights = shop->settings.weights;
    struct table part = {0};
    struct table category = {0};

    memset(total, 0, sizeof(*total));
    assert_ok(cooccurrence_create(&shop->dataset, &shop->settings.cooccurrence, &shop->arena,
                                  &cooccurrence));
    vmis_knn(shop, &part);
    fold(&part, last, weights[INDEX_VMIS_KNN], total);
    for (uint32_t item = 0; item < ITEMS_MAX; item++) {
        double sum;

        part.at[item][shop->context.len - 1] = row_at(cooccurrence, last, item, &sum);
    }
    fold(&part, last, weights[INDEX_COOCCURRENCE], total);
    walk(shop, cooccurrence, &part);
    fold(&part, last, weights[INDEX_WALK], total);
    fill(shop, &category, &part);
    fold(&category, last, weights[INDEX_CATEGORY], total);
    fold(&part, last, weights[INDEX_POPULAR], total);
}

static bool near(double got, double wanted)
{
    return fabs(got - wanted) <= 3e-6 * fabs(wanted) + 1e-9; /* rows are floats in the file */
}

static void shares_are_those_of_the_definitions(void **state)
{
    uint32_t checked = 0;

    (void)state;
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        static struct table wanted;
        double shares[ALL * CONTEXT_MAX];
        struct ranked ranked[ALL];
        struct index_list list = {.items = ranked, .wanted = ALL, .shares = shares};
        struct shop shop;

        shop_init(&shop, seed);
        shop.settings.weights[INDEX_CATEGORY] = 0.3; /* so that it is seen in the sums */
        oracle(&shop, &wanted);
        assert_ok(index_rank(&shop.index, &shop.settings, shop.context, &shop.arena, &list));
        for (uint32_t i = 0; i < list.count; i++) {
            const double *own = shares + (size_t)i * shop.context.len;
            uint32_t item = ranked[i].item;
            double most = 0.0;

            assert_true(near(ranked[i].score, sum_of(&wanted, item)));
            for (uint32_t click = 0; click < shop.context.len; click++) {
                assert_true(near(own[click], wanted.at[item][click]));
                most = fmax(most, wanted.at[item][click]);
            }
            uint32_t cause = index_cause(own, shop.context.len);
            assert_true(cause == UINT32_MAX ? most < 1e-9 : near(wanted.at[item][cause], most));
            checked += cause != UINT32_MAX;
        }
        shop_deinit(&shop);
    }
    print_message("  %u items due to a click\n", checked);
    assert_true(checked > 5 * SHOPS);
}

static void the_later_of_equals_is_the_cause(void **state)
{
    static const double shares[] = {0.0, 0.5, 0.25, 0.5, 0.0};

    (void)state;
    assert_int_equal(index_cause(shares, 5), 3);
    assert_int_equal(index_cause(shares, 3), 1);
    assert_int_equal(index_cause(shares, 1), UINT32_MAX);
    assert_int_equal(index_cause(shares, 0), UINT32_MAX);
}

static void without_a_click_there_is_no_cause(void **state)
{
    double shares[1];
    struct ranked ranked[ALL];
    struct index_list list = {.items = ranked, .wanted = ALL, .shares = shares};
    struct shop shop;

    (void)state;
    shop_init(&shop, 1);
    assert_ok(
        index_rank(&shop.index, &shop.settings, (struct context){.len = 0}, &shop.arena, &list));
    assert_true(list.count > 0);
    shop_deinit(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_definitions),
        cmocka_unit_test(the_later_of_equals_is_the_cause),
        cmocka_unit_test(without_a_click_there_is_no_cause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

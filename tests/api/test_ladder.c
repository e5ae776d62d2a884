/* test_ladder.c - what a page shows, on many random shops: rungs in their order, filters that hold, an
 * answer as long as there is a product. */
#include "api/ladder.h"
#include "sys/file.h"
#include "test.h"

#define CATALOGUE_FILE "ladder_catalogue.json"

enum { SHOPS = 400, PRODUCTS_MAX = 24, CATEGORIES = 4 };

struct shop {
    struct catalogue *catalogue;
    char names[PRODUCTS_MAX][16]; /* handles; the id is "gid/" and the handle */
    char ids[PRODUCTS_MAX][24];
    uint32_t count;
    uint32_t cold[PRODUCTS_MAX];
    uint32_t rungs[3][PRODUCTS_MAX]; /* items of the item, category and popular rung */
    uint32_t rung_counts[3];
    struct visitor visitor;
    struct ladder_request request;
    struct slice excludes[LADDER_EXCLUDES_MAX];
    struct slice bought[2];
};

static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*state * bound) >> 32);
}

static enum status source(void *context, enum rung rung, const struct visitor *visitor,
                          struct arena *arena, struct candidate items[CANDIDATES_MAX],
                          uint32_t *count)
{
    const struct shop *shop = context;
    uint32_t at = (uint32_t)rung - RUNG_ITEM;

    (void)visitor;
    (void)arena;
    assert_in_range(rung, RUNG_ITEM, RUNG_POPULAR);
    *count = shop->rung_counts[at];
    for (uint32_t i = 0; i < *count; i++)
        items[i] =
            (struct candidate){.item = slice_of(shop->ids[shop->rungs[at][i]]), .score = 1.0F};
    return STATUS_OK;
}

static void catalogue_make(struct shop *shop, uint32_t *state)
{
    struct buffer text;
    struct buffer message;

    buffer_init(&text, 1 << 16);
    buffer_init(&message, 4096);
    for (uint32_t i = 0; i < shop->count; i++) {
        uint32_t category = draw(state, CATEGORIES);
        char line[200];

        (void)snprintf(shop->names[i], sizeof(shop->names[i]), "p%u", i);
        (void)snprintf(shop->ids[i], sizeof(shop->ids[i]), "gid/p%u", i);
        (void)snprintf(line, sizeof(line),
                       "%c{\"id\":\"%s\",\"handle\":\"%s\",\"available\":%s%s%u%s}",
                       i == 0 ? '[' : ',', shop->ids[i], shop->names[i],
                       draw(state, 4) == 0 ? "false" : "true",
                       category == 0 ? ",\"none\":\"" : ",\"category\":\"c", category, "\"");
        buffer_append_text(&text, line);
    }
    buffer_append_text(&text, "]");
    assert_ok(file_write(CATALOGUE_FILE, buffer_slice(&text)));
    assert_ok(catalogue_open(CATALOGUE_FILE, &shop->catalogue, &message));
    buffer_deinit(&message);
    buffer_deinit(&text);
}

static void visitor_make(struct shop *shop, uint32_t *state)
{
    struct visitor *visitor = &shop->visitor;

    visitor->catalogue = shop->catalogue;
    visitor->from_model = draw(state, 3) > 0;
    visitor->count = draw(state, shop->count + 1);
    for (uint32_t i = 0; i < visitor->count; i++) {
        uint32_t product = draw(state, PRODUCTS_MAX); /* may be none of the catalogue */

        visitor->candidates[i] = (struct candidate){
            .item = product < shop->count ? slice_of(shop->ids[product]) : SLICE("gid/gone"),
            .score = 0.5F};
    }
    visitor->seen.count = draw(state, CANDIDATES_SEEN_MAX + 1);
    for (uint32_t i = 0; i < visitor->seen.count; i++)
        visitor->seen.items[i] = slice_of(shop->names[draw(state, shop->count)]);
    visitor->random = draw(state, UINT32_MAX);
    visitor->bought = shop->bought;
    visitor->bought_count = draw(state, COUNT_OF(shop->bought) + 1);
    for (uint32_t i = 0; i < visitor->bought_count; i++)
        shop->bought[i] = slice_of(shop->names[draw(state, shop->count)]);
}

static void shop_make(struct shop *shop, uint32_t seed)
{
    uint32_t state = seed * 2654435761U + 1;

    *shop = (struct shop){.count = 1 + draw(&state, PRODUCTS_MAX)};
    catalogue_make(shop, &state);
    visitor_make(shop, &state);
    for (uint32_t rung = 0; rung < 3; rung++) {
        shop->rung_counts[rung] = draw(&state, shop->count + 1);
        for (uint32_t i = 0; i < shop->rung_counts[rung]; i++)
            shop->rungs[rung][i] = draw(&state, shop->count);
    }
    shop->request = (struct ladder_request){
        .settings = {draw(&state, 4), draw(&state, 11), draw(&state, 2) * draw(&state, 51)},
        .source = source,
        .context = shop,
        .limit = 1 + draw(&state, 12),
        .excludes = shop->excludes,
        .exclude_count = draw(&state, 4),
        .cold = shop->cold,
    };
    for (uint32_t i = 0; i < shop->request.exclude_count; i++)
        shop->excludes[i] = slice_of(shop->names[draw(&state, shop->count)]);
    for (uint32_t i = 0; i < shop->count; i++) {
        if (draw(&state, 3) == 0) shop->cold[shop->request.cold_count++] = i;
    }
}

static bool named(const struct slice *names, uint32_t count, const struct product *product)
{
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(names[i], product->handle)) return true;
    }
    return false;
}

/* What the definition says may be shown at all; soft: also by the filters that give way. */
static bool allowed(const struct shop *shop, const struct product *product, bool soft)
{
    uint32_t hidden = shop->request.settings.hide_viewed;

    if (hidden > shop->visitor.seen.count) hidden = shop->visitor.seen.count;
    if (!product->available) return false;
    if (named(shop->excludes, shop->request.exclude_count, product)) return false;
    if (named(shop->bought, shop->visitor.bought_count, product)) return false;
    return !soft || !named(shop->visitor.seen.items, hidden, product);
}

static uint32_t allowed_count(const struct shop *shop, bool soft)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < shop->count; i++)
        count += allowed(shop, catalogue_product(shop->catalogue, i), soft);
    return count;
}

static void assert_filters(const struct shop *shop, const struct picks *picks, bool soft)
{
    uint32_t most = shop->request.settings.category_max;

    assert_true(picks->count <= shop->request.limit);
    for (uint32_t i = 0; i < picks->count; i++) {
        const struct product *product = picks->items[i].product;
        uint32_t same = 0;

        assert_true(allowed(shop, product, soft));
        for (uint32_t j = 0; j <= i; j++) {
            assert_true(j == i || picks->items[j].product != product);
            same += slice_equal(picks->items[j].product->category, product->category);
        }
        assert_true(!soft || most == 0 || product->category.len == 0 || same <= most);
    }
}

/* Rungs come in their order, but for products that are explored; the first names the list. */
static void assert_rungs(const struct shop *shop, const struct picks *picks)
{
    enum rung last = RUNG_MODEL;

    assert_int_equal(picks->rung, picks->count == 0 ? RUNG_CATALOGUE : picks->items[0].rung);
    for (uint32_t i = 0; i < picks->count; i++) {
        enum rung rung = picks->items[i].rung;

        assert_true(rung != RUNG_MODEL || shop->visitor.from_model);
        if (rung == RUNG_EXPLORE) {
            assert_true(i > 0 && shop->request.settings.explore_percent > 0);
            continue;
        }
        assert_true(rung >= last);
        last = rung;
    }
}

static void what_is_shown_may_be_shown(void **state)
{
    struct arena arena;
    uint32_t relaxed = 0;
    uint32_t explored = 0;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct shop shop;
        struct picks picks;
        struct picks again;

        shop_make(&shop, seed);
        arena_reset(&arena);
        assert_ok(ladder_pick(&shop.request, &shop.visitor, &arena, &picks));
        bool soft = allowed_count(&shop, true) > 0;
        assert_filters(&shop, &picks, soft);
        assert_rungs(&shop, &picks);
        if (allowed_count(&shop, false) > 0) assert_true(picks.count > 0);
        relaxed += !soft && picks.count > 0;
        for (uint32_t i = 0; i < picks.count; i++)
            explored += picks.items[i].rung == RUNG_EXPLORE;
        assert_ok(ladder_pick(&shop.request, &shop.visitor, &arena, &again));
        assert_int_equal(again.count, picks.count);
        for (uint32_t i = 0; i < picks.count; i++)
            assert_ptr_equal(again.items[i].product, picks.items[i].product);
        catalogue_close(shop.catalogue);
    }
    assert_true(relaxed > 5);
    assert_true(explored > 20);
    arena_deinit(&arena);
}

/* Without caps a page is as long as there are products for it. */
static void a_page_is_full_while_there_are_products(void **state)
{
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (uint32_t seed = 0; seed < SHOPS; seed++) {
        struct shop shop;
        struct picks picks;

        shop_make(&shop, seed);
        shop.request.settings.category_max = 0;
        arena_reset(&arena);
        assert_ok(ladder_pick(&shop.request, &shop.visitor, &arena, &picks));
        uint32_t most = allowed_count(&shop, true);
        if (most > shop.request.limit) most = shop.request.limit;
        if (most > 0) assert_int_equal(picks.count, most);
        catalogue_close(shop.catalogue);
    }
    arena_deinit(&arena);
}

/* The share of places that are explored is the one asked for, and another event draws others. */
static void exploration_takes_its_share(void **state)
{
    struct arena arena;
    struct shop shop;
    struct picks picks;
    uint32_t explored = 0;
    uint32_t places = 0;

    (void)state;
    arena_init(&arena, 1 << 20);
    for (uint32_t seed = 0; shop_make(&shop, seed), shop.count < PRODUCTS_MAX; seed++)
        catalogue_close(shop.catalogue);
    shop.request.settings = (struct ladder_settings){0, 0, 20};
    shop.request.limit = 4;
    shop.request.exclude_count = 0;
    shop.request.cold_count = shop.count;
    for (uint32_t i = 0; i < shop.count; i++)
        shop.cold[i] = i;
    for (uint32_t i = 0; i < 2000; i++) {
        shop.visitor.random = i;
        arena_reset(&arena);
        assert_ok(ladder_pick(&shop.request, &shop.visitor, &arena, &picks));
        for (uint32_t k = 1; k < picks.count; k++)
            explored += picks.items[k].rung == RUNG_EXPLORE;
        places += picks.count - 1;
    }
    assert_in_range(explored * 1000 / places, 170, 230); /* 6000 places: .2 +- .03 is six sigma */
    catalogue_close(shop.catalogue);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_shown_may_be_shown),
        cmocka_unit_test(a_page_is_full_while_there_are_products),
        cmocka_unit_test(exploration_takes_its_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

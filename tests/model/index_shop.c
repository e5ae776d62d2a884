/* index_shop.c - drawn by a seed. */
#include "index_shop.h"

#include <stdio.h>

#include "test.h"

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

void shop_init(struct shop *shop, uint32_t seed)
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

void shop_deinit(struct shop *shop)
{
    buffer_deinit(&shop->message);
    buffer_deinit(&shop->bytes);
    arena_deinit(&shop->arena);
}

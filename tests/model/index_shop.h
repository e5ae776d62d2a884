/* index_shop.h - small random shops: clicks, products, a context, and the index of them. */
#pragma once
#include "model/retrieve/index.h"

enum { ITEMS_MAX = 14, SESSIONS_MAX = 30, CLICKS_MAX = 8, CONTEXT_MAX = 14, COLD = 3 };

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

/* Items 0 .. ITEMS_MAX - 1 are clicked or at least named; COLD more are products only. The same seed, the same shop. */
void shop_init(struct shop *shop, uint32_t seed);
void shop_deinit(struct shop *shop);

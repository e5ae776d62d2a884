/* vocabulary.h - names of items and categories to the ids the weights are indexed by, and the
 * catalogue: which items are candidates, in which order, under which product ids.
 *
 *   items.json          {"default_mid": 0, "laptop": 27, ...}   one id for every row of E_i
 *   cates.json          {"default_cat": 0, "Home": 1, ...}
 *   item_category.json  {"laptop": "Electronics", ...}          its order is the catalogue's
 *   products.json       {"laptop": "gid://shopify/Product/1"}   a handle that lacks is its own id
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

struct vocabulary_item {
    struct slice name;
    struct slice product; /* what answers call it */
    uint32_t item;        /* 0: not in the weights */
    uint32_t cate;        /* 0: unknown */
};

struct vocabulary {
    const struct vocabulary_item *items; /* the catalogue, then known items outside of it */
    uint32_t count;
    uint32_t catalogue_count;
    uint32_t products_given; /* handles in products.json */
    uint32_t products_known; /* of them, the catalogue's */
    const uint32_t *slots;   /* open addressing: index + 1 into items, 0 empty */
    uint32_t slot_mask;
};

/* in       how many rows the weights have for items and categories
 * lives    in the arena
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message says which file, where, what */
enum status vocabulary_read(const char *directory, uint32_t item_count, uint32_t cate_count,
                            struct arena *arena, struct vocabulary *vocabulary,
                            struct buffer *message) MUST_USE;

/* NULL: an unknown item. */
const struct vocabulary_item *vocabulary_find(const struct vocabulary *vocabulary,
                                              struct slice name);

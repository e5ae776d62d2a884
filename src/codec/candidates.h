/* candidates.h - a scored list as bytes: what a model call leaves for the store.
 *
 *   | version u8 = 1 | count varint | { item sized, score f32 le } ... |     best first
 */
#pragma once
#include "base/buffer.h"
#include "base/bytes.h"

enum { CANDIDATES_VERSION = 1, CANDIDATES_MAX = 200 };

struct candidate {
    struct slice item; /* id as the model names it, e.g. gid://shopify/Product/1 */
    float score;
};

void candidates_write(const struct candidate *candidates, uint32_t count, struct buffer *out);

/* Walks stored bytes; INVALID if they are not such a list. */
enum status candidates_read(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                            uint32_t *count) MUST_USE;

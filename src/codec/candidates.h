/* candidates.h - a scored list as bytes: what a model call leaves for the store.
 *
 *   | version u8 = 1 | count varint | { item sized, score f32 le } ... |     best first
 *   | version u8 = 2 | clicks varint | { item sized } ...
 *                    | count varint | { item sized, score f32 le, because varint } ... |
 *
 *   | version u8 = 3 | clicks varint | { item sized } ... | seen varint
 *                    | count varint | { item sized, score f32 le, because varint } ... |
 *
 * because: 0 none, else 1 + the place among the clicks. seen: so many of the clicks, the first ones,
 * are what the visitor looked at, newest first. The lowest version that says it all is written.
 */
#pragma once
#include "base/buffer.h"
#include "base/bytes.h"

enum { CANDIDATES_VERSION = 1, CANDIDATES_VERSION_BECAUSE = 2, CANDIDATES_VERSION_SEEN = 3 };
enum { CANDIDATES_MAX = 200, CANDIDATES_SEEN_MAX = 10 };

struct candidate {
    struct slice item; /* id as the model names it, e.g. gid://shopify/Product/1 */
    float score;
    struct slice
        because; /* the visitor's click it is due to most, as the history names it; empty: none */
};

/* What a visitor looked at, newest first; none of them empty. */
struct seen_items {
    struct slice items[CANDIDATES_SEEN_MAX];
    uint32_t count;
};

/* Bytes that candidates_write() needs at most; what is seen not counted. */
size_t candidates_size_max(const struct candidate *candidates, uint32_t count);

void candidates_write(const struct candidate *candidates, uint32_t count, struct buffer *out);

void candidates_write_seen(const struct candidate *candidates, uint32_t count,
                           const struct seen_items *seen, struct buffer *out);

/* Walks stored bytes; INVALID if they are not such a list. */
enum status candidates_read(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                            uint32_t *count) MUST_USE;
enum status candidates_read_seen(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                                 uint32_t *count, struct seen_items *seen) MUST_USE;

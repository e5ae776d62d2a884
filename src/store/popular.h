/* popular.h - items viewed most, recently: counts that decay with event time.
 *
 * A view at t weighs 2^((t - landmark) / half life); sums of such weights keep their order whatever
 * "now" is, so nothing has to be touched as time passes (forward decay). When the table is full the
 * lighter half goes, and a new item starts from nothing.
 * source   Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay (ICDE 2009)
 */
#pragma once
#include "base/arena.h"
#include "codec/candidates.h"

struct popular;

enum {
    POPULAR_ITEM_BYTES_MAX = 1024,        /* longer ids are not counted */
    POPULAR_BYTES_MAX = 64 * 1024 * 1024, /* of the stored form */
};

/* NULL: no memory. items_max >= 2. */
struct popular *popular_create(uint32_t items_max, int64_t half_life_ms);
void popular_destroy(struct popular *popular);

/* fails  LIMIT (memory) */
enum status popular_add(struct popular *popular, struct slice item, int64_t time_ms) MUST_USE;

/* The best, best first; score = views, decayed to now_ms. Ids are copied into the arena. */
uint32_t popular_best(const struct popular *popular, int64_t now_ms, struct arena *arena,
                      struct candidate *items, uint32_t capacity);

/* | version u8 = 1 | landmark_ms i64 | count u32 | { item sized, weight f64 } ... | */
void popular_write(const struct popular *popular, struct buffer *out);
/* Replaces the contents. fails  CORRUPT, LIMIT */
enum status popular_read(struct popular *popular, struct slice bytes) MUST_USE;

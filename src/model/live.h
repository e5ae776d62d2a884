/* live.h - what scoring keeps of visitors between their clicks: the attention's logits.
 *
 * The logit of step t for an item is a function of the history up to t and of the item. When a click
 * is appended and the time features of the older ones are unchanged (all at their floor, say), the older
 * steps' logits are what they were, bit for bit; only the new step is computed. A click put before
 * others gives them another past: the recurrence leaves nothing of a step that follows from its own item
 * alone, but the long term, which costs nothing. A pure cache: what is kept is compared with the
 * history in hand, id by id and bit by bit, and used as far as both agree. So it may be lost at any
 * time, and a visitor's name is only a hint where to look.
 *
 *   visitor -> entry: history, pages          page: one step's logits of the whole catalogue
 *
 * Everything is allocated at once and bounded; the visitor seen longest ago gives way.
 * runs on  one thread
 */
#pragma once
#include "model/slirec.h"

struct live;

enum { LIVE_BYTES = 64 << 20 }; /* usual room: some 8,500 visitors with 7 clicks and 240 items */

/* in   row_floats: block_count * BLOCK of the catalogue
 * out  NULL: no memory, or bytes_max does not hold one long history */
struct live *live_create(size_t row_floats, size_t bytes_max);
void live_destroy(struct live *live);

/* Room for one call: rows [len][row_floats], the first `known` of them filled. */
struct live_visit {
    uint32_t entry;
    uint32_t known;
    float *rows[SLIREC_STEPS_MAX];
};

/* lives    the rows until the next live_begin */
void live_begin(struct live *live, uint64_t visitor, const struct slirec_history *history,
                struct live_visit *visit);

/* All rows are filled: they count from now on. Without it only those known before are kept. */
void live_keep(struct live *live, const struct live_visit *visit,
               const struct slirec_history *history);

/* Steps asked for and steps that were known, ever. */
struct live_counts {
    uint64_t steps, known;
};
struct live_counts live_counts(const struct live *live);

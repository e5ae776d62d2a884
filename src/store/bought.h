/* bought.h - what a visitor has in the cart or ordered of late, by visitor; in the state alone.
 *
 * Written by one thread, in the transaction that also says how far of the log it goes; read by the
 * front door's thread as of the last commit. Bounded: BOUGHT_ITEMS_MAX items of a visitor, the newest;
 * bought_sweep() drops what is too old and the visitors over their bound.
 *
 *   row   token -> | version u8 = 1 | { how u8, time_ms i64 le, item sized } ... |     newest first
 */
#pragma once
#include "store/results.h"
#include "store/state.h"

enum { BOUGHT_ITEMS_MAX = 50, BOUGHT_ITEM_BYTES_MAX = 255 };

enum bought_how {
    BOUGHT_CART,
    BOUGHT_ORDER,
    BOUGHT_UNCART /* is taken out of the cart */,
    BOUGHT_HOWS
};

struct bought_event {
    char token[VISITOR_TOKEN_BYTES];
    enum bought_how how;
    struct slice item; /* over BOUGHT_ITEM_BYTES_MAX or empty: passed over */
    int64_t time_ms;
};

/* in       arena: scratch
 * out      fresh: the visitor had no row before
 * fails    as state_put, state_txn_get; LIMIT: arena */
enum status bought_note(struct state_txn *txn, const struct bought_event *event,
                        struct arena *arena, bool *fresh) MUST_USE;

/* Items newer than `since_ms`, newest first; none is count 0.
 * lives    in the arena
 * fails    as state_get */
enum status bought_get(struct state *state, struct slice token, int64_t since_ms,
                       struct arena *arena, struct slice items[BOUGHT_ITEMS_MAX],
                       uint32_t *count) MUST_USE;

/* Removes visitors without an item newer than `since_ms`, and those over `visitors_max` whose newest
 * is oldest. Transactions of its own, a thousand rows each.
 * fails    as state_scan, state_commit; LIMIT: memory */
enum status bought_sweep(struct state *state, int64_t since_ms, uint32_t visitors_max) MUST_USE;

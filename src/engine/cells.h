/* cells.h - keyed state in memory, decoded: a flat hash table from (node, key, name space).
 *
 * A cell is loaded from the host on first touch, stays decoded, and is written by a checkpoint only
 * if it changed. Clean cells leave memory when there are more than keys_max; changed ones stay
 * until the next checkpoint. Stored form of a cell:
 *
 *   | content (sliding.h, or the bytes of a waiting call) | armed i64 le |
 *
 * `armed` is the time of the cell's timer; it is not part of the state's digest.
 */
#pragma once
#include "engine/sliding.h"
#include "engine/timers.h"

enum { CELL_KEY_BYTES_MAX = 32 * 1024 };

/* Time of a cell without a timer. */
#define CELL_NOT_ARMED INT64_MAX

struct cell {
    uint64_t hash;
    uint64_t stored_hash; /* of the stored content; 0: nothing is stored */
    int64_t armed_ms;
    int64_t stored_armed_ms;
    uint32_t node;
    uint32_t key_len;
    uint32_t space_len;
    bool dirty;
    uint32_t written_in; /* the checkpoint that wrote it last; 0: none */
    bool gone;           /* removed, but the store does not know yet */
    bool touched;        /* since the sweep last passed */
    union {
        struct sliding sliding;
        struct {
            uint8_t *bytes; /* pool block */
            uint32_t len;
        } waiting;
    };
    uint8_t key[]; /* key, then name space */
};

/* The hash stands beside the pointer: a probe touches the cell only when it is the one. */
struct cell_slot {
    struct cell *cell; /* NULL: empty */
    uint64_t hash;
};

struct cells {
    const struct engine_host *host;
    const struct sliding_plan *sliding; /* by node; aggregator NULL: the node's cells are calls */
    struct pool *pool;
    struct arena *scratch;
    struct cell_slot *slots;
    uint32_t mask; /* slots - 1 */
    uint32_t count;
    uint32_t sweep;       /* where the search for clean cells goes on */
    uint64_t stored_sum;  /* of the hashes of everything stored */
    uint32_t checkpoints; /* begun; a host begins one when it has stored the one before */
    struct buffer encoded;
    struct buffer one;
};

enum status cells_init(struct cells *cells, const struct engine_host *host,
                       const struct sliding_plan *sliding, struct pool *pool,
                       struct arena *scratch) MUST_USE;
void cells_deinit(struct cells *cells); /* the pool frees the cells themselves */

struct cell_key cell_key_of(const struct cell *cell);

/* The cell in memory or in the store; with `create` a new empty one if there is neither.
 * fails    NOT_FOUND; LIMIT: memory; CORRUPT, IO: the store */
enum status cells_get(struct cells *cells, const struct cell_key *key, bool create,
                      struct cell **cell) MUST_USE;

/* Ends a cell's state; its timer, if any, is forgotten. */
void cells_remove(struct cells *cells, struct cell *cell);

/* Lets clean cells go while there are more than keys_max. */
void cells_shrink(struct cells *cells, uint32_t keys_max);

/* Writes what changed; see engine_checkpoint(). */
enum status cells_checkpoint(struct cells *cells, const struct cell_writer *writer) MUST_USE;

uint64_t cells_digest(struct cells *cells);

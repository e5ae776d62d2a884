/* state.h - the state environment: checkpointed cells, timers, results, outbox entries; LMDB.
 *
 * Tables are named dbis of one environment; a commit is atomic over them and carries *tags*: names
 * with the log position (lsn) the table's contents reflect. Every value has a version byte and a
 * CRC32C over table, key and bytes; keys over 511 bytes are hashed and verified.
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

struct state;

enum state_table {
    STATE_CELLS,
    STATE_TIMERS,
    STATE_RESULTS,
    STATE_OUTBOX,
    STATE_DEAD_LETTERS,
    STATE_VIEWS,
    STATE_TAGS,
    STATE_BOUGHT, /* last: a table's number is part of what is stored */
    STATE_TABLE_COUNT
};

enum { STATE_KEY_BYTES_MAX = 64 * 1024 };

enum status state_open(const char *directory, uint64_t map_bytes, struct state **state,
                       struct buffer *message) MUST_USE;
void state_close(struct state *state);

/* One write transaction at a time in the process; others wait. It is begun, used and ended on one
 * thread. fails  FULL (disk, or nine tenths of the map), IO, LIMIT (a key over STATE_KEY_BYTES_MAX) */
struct state_txn;
enum status state_begin(struct state *state, struct state_txn **txn) MUST_USE;
enum status state_put(struct state_txn *txn, enum state_table table, struct slice key,
                      struct slice bytes) MUST_USE;
enum status state_remove(struct state_txn *txn, enum state_table table, struct slice key) MUST_USE;
enum status state_set_tag(struct state_txn *txn, struct slice name, uint64_t lsn) MUST_USE;
/* As this transaction sees it. NOT_FOUND; CORRUPT. The bytes are copied into the arena. */
enum status state_txn_get(struct state_txn *txn, enum state_table table, struct slice key,
                          struct arena *arena, struct slice *bytes) MUST_USE;
/* The tag as this transaction sees it. NOT_FOUND; CORRUPT */
enum status state_txn_tag(struct state_txn *txn, struct slice name, uint64_t *lsn) MUST_USE;
enum status state_commit(struct state_txn *txn) MUST_USE; /* synced */
void state_abort(struct state_txn *txn);

/* Reads see the last commit. NOT_FOUND; CORRUPT. Bytes are copied into the arena. */
enum status state_get(struct state *state, enum state_table table, struct slice key,
                      struct arena *arena, struct slice *bytes) MUST_USE;
enum status state_tag(struct state *state, struct slice name, uint64_t *lsn) MUST_USE;

/* Every entry whose key starts with `prefix`, in key order (keys over 511 bytes that share their first
 * 478 come in no particular order); `visit` returns not OK to stop (that status is returned), must copy
 * what it keeps and may write. Read transactions of at most 50 ms a piece: what is written meanwhile
 * may be seen or not. */
enum status state_scan(struct state *state, enum state_table table, struct slice prefix,
                       void *context,
                       enum status (*visit)(void *context, struct slice key,
                                            struct slice bytes)) MUST_USE;

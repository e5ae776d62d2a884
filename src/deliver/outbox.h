/* outbox.h - the tables behind deliver, without threads: used by the server and by the command line.
 *
 *   STATE_OUTBOX         name (entry.h)                      -> entry
 *   STATE_DEAD_LETTERS   00 | sequence be64 | name           -> dead entry
 *                        01 | lane key                       -> sequence le64: the newest call delivered
 *                                                               since that lane has had a dead letter
 *   lane key             scenario | 00 | node be32 | coalescing key
 */
#pragma once
#include "deliver/entry.h"
#include "store/state.h"

enum { OUTBOX_BYTES_MAX = 32 * 1024 * 1024 }; /* of one stored entry */

/* `scratch` is cleared and used for keys and bytes. */
enum status outbox_put(struct state_txn *txn, const struct entry *entry,
                       struct buffer *scratch) MUST_USE;

enum status outbox_remove(struct state_txn *txn, struct slice scenario,
                          const struct identity *identity, struct buffer *scratch) MUST_USE;
enum status dead_letter_put(struct state_txn *txn, const struct entry *dead,
                            struct buffer *scratch) MUST_USE;
enum status dead_letter_remove(struct state_txn *txn, const struct entry *entry,
                               struct buffer *scratch) MUST_USE;

/* lives    in the arena. fails  NOT_FOUND, CORRUPT, IO */
enum status outbox_get(struct state *state, struct slice scenario, const struct identity *identity,
                       struct arena *arena, struct entry *entry) MUST_USE;

/* Slices of the visited entry are valid during the visit. */
struct outbox_visitor {
    void *context;
    enum status (*visit)(void *context, const struct entry *entry);
};
enum status outbox_scan(struct state *state, const struct outbox_visitor *visitor) MUST_USE;
enum status dead_letters_scan(struct state *state,
                              const struct outbox_visitor *visitor) MUST_USE; /* oldest first */

/* Notes that a call of this entry's lane was delivered. */
enum status lane_set_newest(struct state_txn *txn, const struct entry *entry,
                            struct buffer *scratch) MUST_USE;
/* Whether a call newer than the dead one has been delivered to its lane. */
enum status dead_letter_superseded(struct state *state, const struct entry *dead,
                                   struct arena *arena, bool *superseded) MUST_USE;

/* A dead letter's id is "<scenario>/<identity>". lives  in the arena. fails  NOT_FOUND */
enum status dead_letter_find(struct state *state, struct slice id, struct arena *arena,
                             struct entry *dead) MUST_USE;

/* Moves it back into the outbox, marked ENTRY_REPLAYED. fails  INVALID: superseded, and not forced */
enum status dead_letter_replay(struct state *state, const struct entry *dead, bool force,
                               struct arena *arena) MUST_USE;

void dead_letter_write_id(const struct entry *dead, struct buffer *out);

/* {id, scenario, node, url, attempts, error, time, superseded} */
void dead_letter_write(const struct entry *dead, bool superseded, struct arena *arena,
                       struct buffer *json);

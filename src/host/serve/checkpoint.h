/* checkpoint.h - a shard's state on its way to disk.
 *
 * The shard writes down what changed (cells, timers, its position) and goes on; a thread waits until
 * the outputs and calls up to that position are safe, then commits everything with the tag that says
 * where replay starts. One checkpoint at a time. A failed one fails the shard, which starts over from
 * the last that succeeded.
 */
#pragma once
#include "store/results.h"
#include "store/state.h"

enum { CHECKPOINT_BYTES_MAX = 1 << 30 };

struct checkpoint;

/* What must be true before the commit, as of the moment of checkpoint_submit(); runs on the thread.
 * Anything but OK drops the checkpoint. */
typedef enum status (*checkpoint_wait_safe)(void *context, uint64_t outputs, uint64_t calls);

/* tag: name of the tag; must outlive the checkpoint. */
enum status checkpoint_create(struct state *state, struct results *results, struct slice tag,
                              checkpoint_wait_safe wait_safe, void *context,
                              struct checkpoint **checkpoint) MUST_USE;
void checkpoint_destroy(struct checkpoint *checkpoint); /* finishes what was submitted */

/* Whether a new one may be written: the last is done. *status is how it ended. */
bool checkpoint_is_idle(struct checkpoint *checkpoint, enum status *status);

/* Writing down, by the shard, while idle. Empty bytes: remove. */
void checkpoint_begin(struct checkpoint *checkpoint);
enum status checkpoint_write(struct checkpoint *checkpoint, enum state_table table,
                             struct slice key, struct slice bytes) MUST_USE;

/* Hands it to the thread. outputs, calls: how many must be safe first. */
void checkpoint_submit(struct checkpoint *checkpoint, uint64_t lsn, uint64_t outputs,
                       uint64_t calls);

/* Waits for the last one. */
enum status checkpoint_finish(struct checkpoint *checkpoint) MUST_USE;

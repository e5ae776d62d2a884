/* call_queue.h - outside calls on their way from a scenario to the outbox.
 *
 * Storing calls is a commit of its own. The scenario must not wait for it (the next click does), so
 * it leaves copies here and goes on; a thread stores what has gathered in one commit. A checkpoint
 * waits until everything before it is stored (call_queue_drain); calls lost with the process come
 * again by replay, because the outbox's tag is behind them.
 */
#pragma once
#include "deliver/deliver.h"

enum { CALL_QUEUE_BYTES = 16 << 20, CALL_QUEUE_CALLS = 1 << 16 };

struct call_queue;

/* tag: the outbox tag that says up to where calls are stored; must outlive the queue. */
enum status call_queue_create(struct deliver *deliver, struct slice tag,
                              struct call_queue **queue) MUST_USE;
void call_queue_destroy(struct call_queue *queue); /* what is not stored yet is left to replay */

/* Before the first push: the tag as it is stored. Nothing may wait in the queue. */
void call_queue_begin(struct call_queue *queue, uint64_t lsn);

/* Copies a call made by the group that ends at `lsn`; waits while the queue is full.
 * fails    as deliver_submit did for calls before; LIMIT: larger than the queue */
enum status call_queue_push(struct call_queue *queue, const struct deliver_call *call,
                            uint64_t lsn) MUST_USE;

/* The group is complete: its calls may be stored, and with them the tag. */
void call_queue_close_group(struct call_queue *queue, uint64_t lsn);

/* How many groups with calls were closed; and waiting until so many are stored.
 * fails    as deliver_submit; AGAIN: stopped before */
uint64_t call_queue_position(struct call_queue *queue);
enum status call_queue_wait(struct call_queue *queue, uint64_t position) MUST_USE;

/* Waits until every closed group is stored. fails  as deliver_submit; AGAIN: stopped before */
enum status call_queue_drain(struct call_queue *queue) MUST_USE;

/* From another thread: gives up waiting for a full outbox. */
void call_queue_stop(struct call_queue *queue);

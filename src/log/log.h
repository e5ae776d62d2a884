/* log.h - durable, replayable topics on LMDB (D2, D3).
 *
 * One committer thread orders everything: each batch gets its topic's next offsets and the next log
 * sequence number (lsn), is shown to readers at once (not yet durable), and committed with whatever
 * else waits. What must wait for durability compares an lsn with log_durable_lsn().
 *
 * dbi      records   (topic id u32 BE, first offset u64 BE) -> record batch (codec/record.h)
 *          sequence  lsn u64 BE -> records key
 *          topics    name -> id, next offset, retention ...      versioned, CRC32C
 *          progress  consumer name -> lsn, extra                  versioned, CRC32C
 */
#pragma once
#include "codec/record.h"

struct log;

struct log_options {
    uint64_t map_bytes;       /* address space of the LMDB map: the most it can hold */
    uint32_t queue_bytes_max; /* waiting for the committer; over it: STATUS_AGAIN */
    uint32_t tail_bytes_max;  /* newest batches kept in memory for readers */
    bool
        prove_ack_before_sync; /* known bugs, re-enabled only to prove that tests find them: `done` */
    bool prove_output_before_commit; /* and log_durable_lsn() run ahead of the commit */
};
extern const struct log_options log_options_default;

/* Opens or creates DIR/log; one process owns it (a lock file says which pid otherwise).
 * fails    IO, CORRUPT, AGAIN (another process owns it); `message` says what and what to do */
enum status log_open(const char *directory, const struct log_options *options, struct log **log,
                     struct buffer *message) MUST_USE;
void log_close(struct log *log); /* waits for what is queued */

/* --- topics --------------------------------------------------------------------------------------- */

enum { TOPIC_NAME_MAX = 249, TOPICS_MAX = 1000, LOG_CONSUMER_MAX = 255 };

struct topic_options {
    int64_t retention_ms;    /* -1: for ever */
    int64_t retention_bytes; /* -1: no bound */
};
/* As of the last commit. */
struct topic_info {
    uint32_t id;
    char name[TOPIC_NAME_MAX + 1];
    uint64_t first_offset; /* oldest kept */
    uint64_t next_offset;
    uint64_t bytes;
    struct topic_options options;
};
/* Declares a topic (idempotent; updates its options). Names: letters, digits, '.', '_', '-'. */
enum status log_topic_declare(struct log *log, struct slice name,
                              const struct topic_options *options, uint32_t *topic_id) MUST_USE;
enum status log_topic_find(struct log *log, struct slice name, struct topic_info *info) MUST_USE;
/* Up to `capacity` topics in order of name; returns how many there are. */
uint32_t log_topic_list(struct log *log, struct topic_info *infos, uint32_t capacity);

/* --- appending ------------------------------------------------------------------------------------ */

struct log_part {
    uint32_t topic_id;
    struct slice batch; /* record_batch_begin/add, not sealed; copied by log_submit */
};

/* Called once on the committer's thread, after the commit (OK) or its failure (FULL, IO): must be
 * short and must not call the log. first_offset is that of part 0, lsn that of the last part (each
 * part has one of its own). After a failure nothing of it was or will be stored or shown to readers,
 * but when the process or the disk ends in the middle of it. */
typedef void (*log_done)(void *context, enum status status, uint64_t first_offset, uint64_t lsn);

struct log_append {
    const struct log_part *parts; /* all in one commit, or none */
    uint32_t part_count;
    struct slice consumer; /* not empty: also sets this consumer's progress in the same commit; at
                              most LOG_CONSUMER_MAX bytes */
    uint64_t progress_lsn;
    log_done done; /* may be NULL */
    void *context;
};
/* fails    AGAIN (queue full), FULL (disk or map), IO (a sync failed: the process must end) */
enum status log_submit(struct log *log, const struct log_append *append) MUST_USE;

uint64_t log_durable_lsn(const struct log *log); /* everything up to it is on disk; 0: nothing */
/* fails    IO (a sync failed); FULL: the disk is, and log_stop_waiting() was called */
enum status log_wait_durable(struct log *log, uint64_t lsn) MUST_USE;
/* Before whoever waits for the log is told to end: from now on nobody waits until a full disk has room. An
 * append that was in the middle of it is answered FULL, and so is every one after it. */
void log_stop_waiting(struct log *log);
bool log_stopped_waiting(const struct log *log);
enum status log_progress(struct log *log, struct slice consumer,
                         uint64_t *lsn) MUST_USE; /* NOT_FOUND: none yet */

/* Calls `wake(context)` whenever batches were added or became durable; from the committer's thread.
 * At most LOG_WAKERS_MAX; typically an eventfd write; must not call log_waker_add or _remove. */
enum { LOG_WAKERS_MAX = 64 };
enum status log_waker_add(struct log *log, void (*wake)(void *context), void *context) MUST_USE;
void log_waker_remove(struct log *log, void (*wake)(void *context), void *context);

/* --- reading: topics merged in the order of their commit ------------------------------------------- */

struct log_reader;
struct log_view {
    uint32_t topic_id;
    uint64_t lsn;
    struct slice
        bytes; /* a sealed batch: record_batch_open(); valid until the next log_reader_next */
};
/* Batches of these topics with lsn > after_lsn, in lsn order, from memory when they are recent.
 * fails    CORRUPT: the log ends before after_lsn (it is not the one that position was taken from) */
enum status log_reader_open(struct log *log, const uint32_t *topic_ids, uint32_t topic_count,
                            uint64_t after_lsn, struct log_reader **reader) MUST_USE;
/* Check a view with log_view_each() or record_batch_open() before believing it.
 * fails    AGAIN: nothing new (never waits); CORRUPT (again and again); IO */
enum status log_reader_next(struct log_reader *reader, struct log_view *view) MUST_USE;
void log_reader_close(struct log_reader *reader);

/* Reads one topic from an offset, for tools: durable batches only; the first may begin before it. */
enum status log_read_topic(struct log *log, uint32_t topic_id, uint64_t offset,
                           struct log_reader **reader) MUST_USE;

/* Each record is checked before it is shown; its slices live until `visit` returns. */
typedef enum status (*log_record_visit)(void *context, const struct record *record);

/* fails    CORRUPT; as `visit` */
enum status log_view_each(const struct log_view *view, void *context,
                          log_record_visit visit) MUST_USE;

/* A topic's durable records from an offset on; a `visit` that says AGAIN ends it, with OK.
 * fails    CORRUPT, IO; as `visit` */
enum status log_topic_each(struct log *log, uint32_t topic_id, uint64_t offset, void *context,
                           log_record_visit visit) MUST_USE;

/* Deletes a little of what retention no longer keeps; called by the committer, exposed for tests. */
enum status log_retain(struct log *log, int64_t now_ms) MUST_USE;

/* Counters for /metrics. */
struct log_counters {
    uint64_t commits;
    uint64_t batches;
    uint64_t records;
    uint64_t bytes;
    uint64_t commit_ns_total;
    uint64_t commit_ns_max;
    uint64_t queue_bytes;
};
void log_counters(const struct log *log, struct log_counters *counters);

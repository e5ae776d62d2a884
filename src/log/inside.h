/* inside.h - what the rooms of log/ share; nobody else includes it.
 *
 *   submit ──▶ queue ──▶ committer: number, seal ──▶ tail ──▶ LMDB ──▶ done callbacks
 *                                                     └──▶ readers ◀──┘
 *
 * Stored rows (little-endian but for keys):
 *   row        | version u8 = 1 | 0 | 0 | 0 | crc32c u32 | body |   crc over table name, key, body
 *   records    (topic u32 BE, first offset u64 BE) -> sealed batch (carries its own crc)
 *   sequence   lsn u64 BE -> body | topic u32 | bytes u32 | first offset u64 | appended_ms i64 |
 *   topics     name -> body | id u32 | 0 u32 | first u64 | next u64 | bytes u64 | ms i64 | bytes i64 |
 *              "*"  -> body | last lsn u64 |
 *   progress   consumer -> body | lsn u64 |
 *
 * Locks, in the order of taking: writer_lock, topics_lock, tail.lock, queue_lock. Only wakers_lock
 * is held over a callback. The committer alone numbers batches.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "log/log.h"
#include "sys/environment.h"

enum {
    COMMIT_BYTES_MAX = 16 * 1024 * 1024, /* one transaction; what else waits makes the next */
    RESERVE_SLACK_BYTES = 1024 * 1024,   /* tree pages a transaction may copy */
    RETAIN_PER_COMMIT = 8,               /* deletions beside those that pay for what was added */
    RETAIN_IDLE_MS = 1000,               /* between looks when nothing is written */
    FULL_RETRY_MS = 100,                 /* between looks for space */
    READER_HELD_MAX = 32,                /* batches a reader takes at once */
    READER_HELD_BYTES_MAX = 1024 * 1024, /* ... from the disk */
    READER_SCAN_MAX = 4096,              /* rows looked at in one read transaction */
    RETAIN_IDLE_BUDGET = 64,             /* deletions in a transaction of their own */
    BATCH_LSN_AT = 8,                    /* places in a batch's header, codec/record.h */
    BATCH_FIRST_OFFSET_AT = 16,
    ROW_HEADER_BYTES = 8,
    ROW_VERSION = 1,
    RECORDS_KEY_BYTES = 12,
    SEQUENCE_BODY_BYTES = 24,
    TOPIC_BODY_BYTES = 48,
    LSN_BODY_BYTES = 8,
    ROW_BYTES_MAX = ROW_HEADER_BYTES + TOPIC_BODY_BYTES,
};

/* --- rows.c: keys, bodies, checksums ------------------------------------------------------------- */

enum log_table { TABLE_RECORDS, TABLE_SEQUENCE, TABLE_TOPICS, TABLE_PROGRESS, TABLE_COUNT };
extern const char *const table_names[TABLE_COUNT];

/* Writes version, crc and body; returns the length. */
size_t row_write(enum log_table table, struct slice key, struct slice body,
                 uint8_t row[ROW_BYTES_MAX]);
/* The body of a row if it is sound and body_bytes long. fails  CORRUPT */
enum status row_read(enum log_table table, struct slice key, MDB_val row, size_t body_bytes,
                     struct byte_reader *body) MUST_USE;
void records_key(uint32_t topic_id, uint64_t offset, uint8_t key[RECORDS_KEY_BYTES]);

struct sequence_row {
    uint32_t topic_id;
    uint32_t bytes;
    uint64_t first_offset;
    int64_t appended_ms; /* wall clock of the commit: what retention by age goes by */
};
size_t sequence_write(uint64_t lsn, const struct sequence_row *sequence,
                      uint8_t row[ROW_BYTES_MAX]);
enum status sequence_read(MDB_val key, MDB_val data, struct sequence_row *sequence) MUST_USE;

struct topic_row {
    uint32_t id;
    uint64_t first_offset;
    uint64_t next_offset;
    uint64_t bytes;
    struct topic_options options;
};
size_t topic_write(struct slice name, const struct topic_row *topic, uint8_t row[ROW_BYTES_MAX]);
enum status topic_read(struct slice name, MDB_val data, struct topic_row *topic) MUST_USE;

/* --- tail.c: the newest batches in memory -------------------------------------------------------- */

/* One sealed batch; immutable once published. */
struct log_batch {
    atomic_uint references;
    uint32_t topic_id;
    uint32_t count;
    uint64_t lsn;
    uint64_t first_offset;
    size_t len;
    uint8_t bytes[];
};
struct log_batch *batch_create(uint32_t topic_id, struct slice bytes); /* NULL: no memory */
struct log_batch *batch_hold(struct log_batch *batch);
void batch_release(struct log_batch *batch);

struct log_tail {
    pthread_mutex_t lock;
    struct log_batch **ring; /* slot of an lsn: lsn modulo capacity */
    size_t capacity;         /* a power of two */
    uint64_t first_lsn;      /* the oldest here; all up to next_lsn - 1 are */
    uint64_t next_lsn;
    size_t bytes;
    size_t bytes_max; /* what is not durable stays whatever this says */
};
enum status tail_init(struct log_tail *tail, uint64_t next_lsn, size_t bytes_max) MUST_USE;
void tail_deinit(struct log_tail *tail);
/* Makes room for `count` more, so that tail_push cannot fail. fails  LIMIT (memory) */
enum status tail_reserve(struct log_tail *tail, uint32_t count) MUST_USE;
void tail_push(struct log_tail *tail, struct log_batch *batch); /* takes its own reference */
void tail_trim(struct log_tail *tail, uint64_t durable_lsn);

/* --- the log ------------------------------------------------------------------------------------- */

struct log_item; /* one log_submit, in committer.c */

struct log_topic {
    char name[TOPIC_NAME_MAX + 1];
    uint64_t next_offset;     /* given out; the committer's */
    struct topic_row stored;  /* as of the last commit; topics_lock */
    struct topic_row pending; /* what the running transaction makes of it; writer_lock */
    bool touched;             /* pending differs from stored; writer_lock */
    bool damaged;             /* its oldest batch is not sound: retention leaves it alone */
    int64_t oldest_ms;        /* append time of the oldest batch; 0: not known; writer_lock */
};

struct log_waker {
    void (*wake)(void *context);
    void *context;
};

struct log {
    struct log_options options;
    struct environment environment;
    MDB_dbi tables[TABLE_COUNT];
    int owner_fd;
    pthread_mutex_t writer_lock; /* a write transaction and what it makes of the topics */

    pthread_mutex_t queue_lock;
    pthread_cond_t queue_changed;   /* something waits, or closing */
    pthread_cond_t durable_changed; /* durable_lsn or health moved */
    struct log_item *queue_first;
    struct log_item *queue_last;
    atomic_size_t queue_bytes;
    bool closing;
    _Atomic bool stopped_waiting; /* for space; set under queue_lock */
    bool given_up;                /* of the committer: readers have seen what is not stored */
    atomic_int health;            /* enum status: OK, FULL until space returns, IO for good */
    pthread_t committer;

    uint64_t last_lsn; /* given out; the committer's */
    atomic_uint_fast64_t assigned_lsn;
    atomic_uint_fast64_t durable_lsn;

    struct log_tail tail;

    pthread_mutex_t topics_lock;
    struct log_topic *topics[TOPICS_MAX]; /* by id - 1; never removed */
    atomic_uint topic_count;
    uint32_t retain_next; /* topic to look at first; writer_lock */

    pthread_mutex_t wakers_lock;
    struct log_waker wakers[LOG_WAKERS_MAX];
    uint32_t waker_count;

    atomic_uint_fast64_t commits;
    atomic_uint_fast64_t batches;
    atomic_uint_fast64_t records;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t commit_ns_total;
    atomic_uint_fast64_t commit_ns_max;
};

static inline enum status log_health(const struct log *log)
{
    return (enum status)atomic_load(&log->health);
}

/* log.c: one write transaction, begun and ended under writer_lock. The end writes topic rows and
 * commits if `status` is OK, else forgets everything; returns the outcome. */
enum status writer_begin(struct log *log, MDB_txn **txn) MUST_USE;
enum status writer_end(struct log *log, MDB_txn *txn, enum status status) MUST_USE;

/* owner.c: the lock file. fails  AGAIN (another process; message), IO */
enum status owner_lock(const char *directory, int *fd, struct buffer *message) MUST_USE;
void owner_unlock(int fd);

/* queue.c: what waits for the committer. */
struct log_item {
    struct log_item *next;
    log_done done;
    void *context;
    uint64_t progress_lsn;
    const uint8_t *consumer; /* behind the parts */
    size_t consumer_len;     /* 0: none */
    size_t bytes;
    uint32_t part_count;
    struct log_batch *parts[];
};

/* What one transaction takes. */
struct log_group {
    struct log_item *first;
    struct log_item *last;
    size_t bytes;
    uint32_t batch_count;
};

/* Takes what waits, in order, up to COMMIT_BYTES_MAX; waits at most timeout_ms for something.
 * Returns false when there is nothing and never will be. */
bool queue_take(struct log *log, int64_t timeout_ms, struct log_group *group);
void queue_wait_ms(struct log *log, int64_t timeout_ms); /* under queue_lock */
void queue_answer(const struct log *log, const struct log_group *group, enum status status);
void queue_group_free(struct log_group *group);

/* Whoever waits for the log learns what became of it. IO is for good. */
void log_wake_all(struct log *log);
void log_health_set(struct log *log, enum status health);
void log_durable_set(struct log *log, uint64_t lsn);

/* committer.c */
enum status committer_start(struct log *log) MUST_USE;
void committer_stop(struct log *log); /* after what is queued */

/* topics.c */
enum status topics_load(struct log *log, MDB_txn *txn) MUST_USE;
void topics_free(struct log *log);
struct log_topic *topic_by_id(const struct log *log, uint32_t id);
/* Writes the rows of topics whose pending row differs. */
enum status topics_write(struct log *log, MDB_txn *txn) MUST_USE;
/* After the transaction: pending becomes stored, or is forgotten. */
void topics_end(struct log *log, bool committed);

/* retention.c: deletes at most `budget` batches inside a write transaction. */
enum status retention_step(struct log *log, MDB_txn *txn, int64_t now_ms, uint32_t budget) MUST_USE;
/* Whether any topic keeps more than it should, judged by what is known without reading.
 * runs on  the committer */
bool retention_due(struct log *log, int64_t now_ms);

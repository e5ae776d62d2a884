/* environment.h - one LMDB environment: opening it, its statuses, and room on the disk.
 *
 * A full disk is found before a transaction is begun: the file is extended ahead of the writes, and
 * a tenth of the map is kept free, so that deletions always have pages to copy into.
 */
#pragma once
#include <lmdb.h>

#include "base/buffer.h"

enum {
    ENVIRONMENT_READERS_MAX = 256,
    ENVIRONMENT_STEP_BYTES = 16 * 1024 * 1024, /* the file grows by this at a time */
    ENVIRONMENT_MAP_BYTES_MIN = 1024 * 1024,
};

struct environment {
    MDB_env *env;
    uint64_t map_bytes;
    uint64_t page_bytes;
    uint64_t file_bytes; /* extent known to be allocated */
};

/* What an LMDB return code means to us. */
enum status environment_status(int code) MUST_USE;

/* Opens or creates DIRECTORY/{data,lock}.mdb with up to `table_count` named tables; `flags` adds to
 * MDB_NOTLS. Frees the slots of dead readers.
 * fails    IO, FULL, CORRUPT; `message` says what and what to do */
enum status environment_open(const char *directory, uint64_t map_bytes, uint32_t table_count,
                             unsigned flags, struct environment *environment,
                             struct buffer *message) MUST_USE;
void environment_close(struct environment *environment);

/* Room for a transaction of about `bytes` new bytes. fails  FULL (disk, or nine tenths of the map), IO
 * runs on  the thread that is going to write */
enum status environment_reserve(struct environment *environment, uint64_t bytes) MUST_USE;

static inline MDB_val val_of(struct slice bytes)
{
    MDB_val val = {bytes.len, NULL};

    memcpy(&val.mv_data, &bytes.data, sizeof(val.mv_data)); /* LMDB's type knows no const */
    return val;
}

static inline struct slice slice_of_val(MDB_val val)
{
    return (struct slice){val.mv_data, val.mv_size};
}

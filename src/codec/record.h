/* record.h - one record of a topic, and the batch of records that is stored as one value.
 *
 *   batch    | version u8 | flags u8 | 0 u16 | crc32c u32 | lsn u64 | first_offset u64 | base_time_ms i64 |
 *            | count u32 | reserved u32 | record ... record |                      40 bytes, then records
 *   record   | varint body_len | zigzag time - base | key: varint len+1 (0: none) bytes |
 *            | value: varint len+1 (0: null) bytes | header_count varint { name sized, value sized } |
 *
 * crc32c covers (topic id u32 BE, first_offset u64 BE) and everything after the crc field. Encoding
 * happens in the writer's thread; only lsn, first_offset and crc are filled in by the committer.
 */
#pragma once
#include "base/base.h"
#include "base/buffer.h"
#include "base/bytes.h"

enum {
    RECORD_BATCH_VERSION = 1,
    RECORD_BATCH_HEADER_BYTES = 40,
    RECORD_BATCH_BYTES_MAX = 64 * 1024, /* soft: a batch closes before it would pass this */
    RECORD_BYTES_MAX = 4 * 1024 * 1024, /* one record, a batch of its own if it is large */
    RECORD_HEADERS_MAX = 64,
};

struct record_header {
    struct slice name;
    struct slice value;
};

/* key.data == NULL: no key; value.data == NULL: null value (tombstone). */
struct record {
    uint64_t offset; /* filled in by readers */
    int64_t time_ms; /* event time = the record's timestamp */
    struct slice key;
    struct slice value;
    const struct record_header *headers;
    uint32_t header_count;
};

/* Names of the headers we write. */
#define RECORD_HEADER_EVENT_ID "eid"      /* one per event in a collected record */
#define RECORD_HEADER_IDENTITY "identity" /* output identity: text of struct identity */

/* Starts an empty batch in the buffer (cleared first). */
void record_batch_begin(struct buffer *batch, int64_t base_time_ms);

/* Appends one record; STATUS_LIMIT if it would pass RECORD_BYTES_MAX, STATUS_AGAIN if the batch is
 * not empty and would pass RECORD_BATCH_BYTES_MAX (submit it, begin another). */
enum status record_batch_add(struct buffer *batch, const struct record *record) MUST_USE;
uint32_t record_batch_count(struct slice batch);

/* Fills in place and order, then the crc. */
void record_batch_seal(uint8_t *batch, size_t len, uint32_t topic_id, uint64_t first_offset,
                       uint64_t lsn);

struct record_batch {
    uint64_t lsn;
    uint64_t first_offset;
    uint32_t count;
    uint32_t read; /* records already given out */
    int64_t base_time_ms;
    struct byte_reader reader;
};

/* Checks version and crc. fails  CORRUPT */
enum status record_batch_open(struct slice bytes, uint32_t topic_id,
                              struct record_batch *batch) MUST_USE;

/* Next record; its slices point into the batch; headers are decoded into `headers`
 * [RECORD_HEADERS_MAX]. NOT_FOUND at the end, CORRUPT if the bytes are not a record. */
enum status record_batch_next(struct record_batch *batch, struct record_header *headers,
                              struct record *record) MUST_USE;

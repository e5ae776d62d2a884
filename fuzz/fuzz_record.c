/* fuzz_record.c - record batches, candidate lists and stored values from any bytes. The checksum is
 * put right first, else nothing behind it would ever be reached. What is read must be written the
 * same again.
 */
#include <stdlib.h>

#include "base/hash.h"
#include "codec/candidates.h"
#include "codec/record.h"
#include "value/value.h"

enum { TOPIC = 1, BYTES_MAX = 8 << 20 };

static void expect(bool holds)
{
    if (!holds) abort();
}

static void check_batch(const uint8_t *data, size_t len)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record record;
    struct record_batch batch;
    struct buffer again;
    uint8_t *bytes = malloc(len);

    expect(bytes != NULL);
    memcpy(bytes, data, len);
    record_batch_seal(bytes, len, TOPIC, get_le64(bytes + 16), get_le64(bytes + 8));
    if (record_batch_open((struct slice){bytes, len}, TOPIC, &batch) != STATUS_OK) {
        free(bytes);
        return;
    }
    buffer_init(&again, BYTES_MAX);
    record_batch_begin(&again, batch.base_time_ms);
    while (record_batch_next(&batch, headers, &record) == STATUS_OK) {
        struct record_batch reread;
        struct record_header reread_headers[RECORD_HEADERS_MAX];
        struct record second;

        record_batch_begin(&again, batch.base_time_ms);
        if (record_batch_add(&again, &record) != STATUS_OK) break;
        record_batch_seal(again.data, again.len, TOPIC, record.offset, batch.lsn);
        expect(record_batch_open(buffer_slice(&again), TOPIC, &reread) == STATUS_OK);
        expect(record_batch_next(&reread, reread_headers, &second) == STATUS_OK);
        expect(second.offset == record.offset && second.time_ms == record.time_ms);
        expect(slice_equal(second.key, record.key) && slice_equal(second.value, record.value));
        expect(second.header_count == record.header_count);
    }
    buffer_deinit(&again);
    free(bytes);
}

static void check_candidates(struct slice bytes)
{
    static struct candidate candidates[CANDIDATES_MAX];
    static struct candidate reread[CANDIDATES_MAX];
    struct buffer again;
    uint32_t count;
    uint32_t reread_count;
    struct seen_items seen;
    struct seen_items reread_seen;

    if (candidates_read_seen(bytes, candidates, &count, &seen) != STATUS_OK) return;
    buffer_init(&again, BYTES_MAX);
    candidates_write_seen(candidates, count, &seen, &again);
    expect(candidates_read_seen(buffer_slice(&again), reread, &reread_count, &reread_seen) ==
           STATUS_OK);
    expect(count == reread_count && seen.count == reread_seen.count);
    for (uint32_t i = 0; i < count; i++)
        expect(slice_equal(candidates[i].because, reread[i].because));
    buffer_deinit(&again);
}

static void check_value(struct slice bytes)
{
    struct arena arena;
    struct buffer again;
    struct value value;
    struct value reread;

    arena_init(&arena, 64 << 20);
    buffer_init(&again, BYTES_MAX);
    if (value_decode(bytes, &arena, &value) == STATUS_OK) {
        value_encode(value, &again);
        expect(!again.failed);
        expect(value_decode(buffer_slice(&again), &arena, &reread) == STATUS_OK);
        value_to_text(value, &again);
        expect(value_hash(value) == value_hash(reread));
    }
    buffer_deinit(&again);
    arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0) return 0;
    struct slice rest = {data + 1, len - 1};

    switch (data[0] % 3) {
    case 0:
        if (rest.len >= RECORD_BATCH_HEADER_BYTES) check_batch(rest.data, rest.len);
        break;
    case 1: check_candidates(rest); break;
    default: check_value(rest); break;
    }
    return 0;
}

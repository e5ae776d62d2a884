/* record.c - writing and reading record batches. A record's length is computed before anything is
 * written, so a batch is never left with half of one. */
#include "codec/record.h"

#include "base/hash.h"

enum {
    AT_VERSION = 0,
    AT_CRC = 4,
    AT_LSN = 8,
    AT_FIRST_OFFSET = 16,
    AT_BASE_TIME = 24,
    AT_COUNT = 32,
    CRC_FROM = AT_LSN,
};

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (0 - (uint64_t)(value < 0));
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)((value >> 1) ^ (0 - (value & 1)));
}

static size_t varint_bytes(uint64_t value)
{
    size_t bytes = 1;

    while (value >= 0x80) {
        value >>= 7;
        bytes++;
    }
    return bytes;
}

static size_t sized_bytes(struct slice bytes)
{
    return varint_bytes(bytes.len) + bytes.len;
}

/* A slice that may be absent: its length plus one, 0 for none. */
static size_t optional_bytes(struct slice bytes)
{
    return bytes.data == NULL ? 1 : varint_bytes(bytes.len + 1) + bytes.len;
}

static uint8_t *put_bytes(uint8_t *at, struct slice bytes)
{
    if (bytes.len > 0) memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

static uint8_t *put_optional(uint8_t *at, struct slice bytes)
{
    if (bytes.data == NULL) return at + put_varint(at, 0);
    at += put_varint(at, bytes.len + 1);
    return put_bytes(at, bytes);
}

/* Times far apart wrap around and come back the same way. */
static uint64_t time_delta(int64_t time_ms, int64_t base_time_ms)
{
    return zigzag((int64_t)((uint64_t)time_ms - (uint64_t)base_time_ms));
}

static size_t body_bytes(const struct record *record, uint64_t delta)
{
    size_t bytes = varint_bytes(delta) + optional_bytes(record->key) +
                   optional_bytes(record->value) + varint_bytes(record->header_count);

    for (uint32_t i = 0; i < record->header_count; i++) {
        bytes += sized_bytes(record->headers[i].name) + sized_bytes(record->headers[i].value);
    }
    return bytes;
}

static uint8_t *put_body(uint8_t *at, const struct record *record, uint64_t delta)
{
    at += put_varint(at, delta);
    at = put_optional(at, record->key);
    at = put_optional(at, record->value);
    at += put_varint(at, record->header_count);
    for (uint32_t i = 0; i < record->header_count; i++) {
        at += put_varint(at, record->headers[i].name.len);
        at = put_bytes(at, record->headers[i].name);
        at += put_varint(at, record->headers[i].value.len);
        at = put_bytes(at, record->headers[i].value);
    }
    return at;
}

void record_batch_begin(struct buffer *batch, int64_t base_time_ms)
{
    buffer_clear(batch);
    uint8_t *header = buffer_reserve(batch, RECORD_BATCH_HEADER_BYTES);
    if (header == NULL) return; /* the buffer remembers */
    memset(header, 0, RECORD_BATCH_HEADER_BYTES);
    header[AT_VERSION] = RECORD_BATCH_VERSION;
    put_le64(header + AT_BASE_TIME, (uint64_t)base_time_ms);
    batch->len = RECORD_BATCH_HEADER_BYTES;
}

enum status record_batch_add(struct buffer *batch, const struct record *record)
{
    if (batch->failed) return STATUS_LIMIT;
    ASSERT(batch->len >= RECORD_BATCH_HEADER_BYTES);
    if (record->header_count > RECORD_HEADERS_MAX) return STATUS_LIMIT;
    uint64_t delta = time_delta(record->time_ms, (int64_t)get_le64(batch->data + AT_BASE_TIME));
    size_t body = body_bytes(record, delta);
    if (body > RECORD_BYTES_MAX) return STATUS_LIMIT;
    size_t bytes = varint_bytes(body) + body;
    uint32_t count = get_le32(batch->data + AT_COUNT);
    if (count > 0 && batch->len + bytes > RECORD_BATCH_BYTES_MAX) return STATUS_AGAIN;
    uint8_t *at = buffer_reserve(batch, bytes);
    if (at == NULL) return STATUS_LIMIT;
    uint8_t *end = put_body(at + put_varint(at, body), record, delta);
    ASSERT((size_t)(end - at) == bytes);
    batch->len += bytes;
    put_le32(batch->data + AT_COUNT, count + 1);
    return STATUS_OK;
}

uint32_t record_batch_count(struct slice batch)
{
    return batch.len < RECORD_BATCH_HEADER_BYTES ? 0 : get_le32(batch.data + AT_COUNT);
}

static uint32_t batch_crc(struct slice bytes, uint32_t topic_id, uint64_t first_offset)
{
    uint8_t place[12];

    put_be32(place, topic_id);
    put_be64(place + 4, first_offset);
    uint32_t crc = crc32c(0, (struct slice){place, sizeof(place)});
    return crc32c(crc, (struct slice){bytes.data + CRC_FROM, bytes.len - CRC_FROM});
}

void record_batch_seal(uint8_t *batch, size_t len, uint32_t topic_id, uint64_t first_offset,
                       uint64_t lsn)
{
    ASSERT(len >= RECORD_BATCH_HEADER_BYTES);
    put_le64(batch + AT_LSN, lsn);
    put_le64(batch + AT_FIRST_OFFSET, first_offset);
    put_le32(batch + AT_CRC, batch_crc((struct slice){batch, len}, topic_id, first_offset));
}

enum status record_batch_open(struct slice bytes, uint32_t topic_id, struct record_batch *batch)
{
    if (bytes.len < RECORD_BATCH_HEADER_BYTES) return STATUS_CORRUPT;
    uint64_t first_offset = get_le64(bytes.data + AT_FIRST_OFFSET);
    bool plain = bytes.data[AT_VERSION] == RECORD_BATCH_VERSION && bytes.data[1] == 0 &&
                 bytes.data[2] == 0 && bytes.data[3] == 0;
    if (!plain || get_le32(bytes.data + AT_CRC) != batch_crc(bytes, topic_id, first_offset))
        return STATUS_CORRUPT;
    *batch = (struct record_batch){
        .lsn = get_le64(bytes.data + AT_LSN),
        .first_offset = first_offset,
        .count = get_le32(bytes.data + AT_COUNT),
        .base_time_ms = (int64_t)get_le64(bytes.data + AT_BASE_TIME),
        .reader = byte_reader((struct slice){bytes.data + RECORD_BATCH_HEADER_BYTES,
                                             bytes.len - RECORD_BATCH_HEADER_BYTES}),
    };
    return STATUS_OK;
}

static struct slice read_optional(struct byte_reader *reader)
{
    uint64_t len = read_varint(reader);

    if (len == 0) return (struct slice){NULL, 0};
    return read_bytes(reader, len - 1);
}

static enum status body_read(struct byte_reader *body, int64_t base_time_ms,
                             struct record_header *headers, struct record *record)
{
    int64_t delta = unzigzag(read_varint(body));

    record->time_ms = (int64_t)((uint64_t)base_time_ms + (uint64_t)delta);
    record->key = read_optional(body);
    record->value = read_optional(body);
    uint64_t header_count = read_varint(body);
    if (body->bad || header_count > RECORD_HEADERS_MAX) return STATUS_CORRUPT;
    for (uint64_t i = 0; i < header_count; i++) {
        headers[i].name = read_sized(body);
        headers[i].value = read_sized(body);
    }
    record->headers = headers;
    record->header_count = (uint32_t)header_count;
    return body->bad || body->next != body->end ? STATUS_CORRUPT : STATUS_OK;
}

enum status record_batch_next(struct record_batch *batch, struct record_header *headers,
                              struct record *record)
{
    if (batch->read == batch->count) {
        return batch->reader.next == batch->reader.end ? STATUS_NOT_FOUND : STATUS_CORRUPT;
    }
    struct byte_reader body = byte_reader(read_sized(&batch->reader));
    if (batch->reader.bad) return STATUS_CORRUPT;
    record->offset = batch->first_offset + batch->read;
    enum status status = body_read(&body, batch->base_time_ms, headers, record);
    if (status == STATUS_OK) batch->read++;
    return status;
}

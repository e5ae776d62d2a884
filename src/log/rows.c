/* rows.c - the small rows of the log. The table's name is part of each checksum, so that bytes that
 * strayed into another table or under another key are not believed. */
#include "base/hash.h"
#include "log/inside.h"

const char *const table_names[TABLE_COUNT] = {
    [TABLE_RECORDS] = "records",
    [TABLE_SEQUENCE] = "sequence",
    [TABLE_TOPICS] = "topics",
    [TABLE_PROGRESS] = "progress",
};

static uint32_t row_crc(enum log_table table, struct slice key, struct slice body)
{
    return crc32c(crc32c(crc32c(0, slice_of(table_names[table])), key), body);
}

size_t row_write(enum log_table table, struct slice key, struct slice body,
                 uint8_t row[ROW_BYTES_MAX])
{
    ASSERT(body.len <= ROW_BYTES_MAX - ROW_HEADER_BYTES);
    memset(row, 0, ROW_HEADER_BYTES);
    row[0] = ROW_VERSION;
    put_le32(row + 4, row_crc(table, key, body));
    memcpy(row + ROW_HEADER_BYTES, body.data, body.len);
    return ROW_HEADER_BYTES + body.len;
}

enum status row_read(enum log_table table, struct slice key, MDB_val row, size_t body_bytes,
                     struct byte_reader *body)
{
    const uint8_t *bytes = row.mv_data;
    struct slice content = {bytes + ROW_HEADER_BYTES, body_bytes};

    if (row.mv_size != ROW_HEADER_BYTES + body_bytes) return STATUS_CORRUPT;
    if (bytes[0] != ROW_VERSION) return STATUS_CORRUPT;
    if (get_le32(bytes + 4) != row_crc(table, key, content)) return STATUS_CORRUPT;
    *body = byte_reader(content);
    return STATUS_OK;
}

void records_key(uint32_t topic_id, uint64_t offset, uint8_t key[RECORDS_KEY_BYTES])
{
    put_be32(key, topic_id);
    put_be64(key + 4, offset);
}

size_t sequence_write(uint64_t lsn, const struct sequence_row *sequence, uint8_t row[ROW_BYTES_MAX])
{
    uint8_t key[8];
    uint8_t body[SEQUENCE_BODY_BYTES];

    put_be64(key, lsn);
    put_le32(body, sequence->topic_id);
    put_le32(body + 4, sequence->bytes);
    put_le64(body + 8, sequence->first_offset);
    put_le64(body + 16, (uint64_t)sequence->appended_ms);
    return row_write(TABLE_SEQUENCE, (struct slice){key, sizeof(key)},
                     (struct slice){body, sizeof(body)}, row);
}

enum status sequence_read(MDB_val key, MDB_val data, struct sequence_row *sequence)
{
    struct byte_reader body;
    enum status status =
        row_read(TABLE_SEQUENCE, slice_of_val(key), data, SEQUENCE_BODY_BYTES, &body);

    if (status != STATUS_OK) return status;
    sequence->topic_id = read_le32(&body);
    sequence->bytes = read_le32(&body);
    sequence->first_offset = read_le64(&body);
    sequence->appended_ms = (int64_t)read_le64(&body);
    return STATUS_OK;
}

size_t topic_write(struct slice name, const struct topic_row *topic, uint8_t row[ROW_BYTES_MAX])
{
    uint8_t body[TOPIC_BODY_BYTES];

    put_le32(body, topic->id);
    put_le32(body + 4, 0);
    put_le64(body + 8, topic->first_offset);
    put_le64(body + 16, topic->next_offset);
    put_le64(body + 24, topic->bytes);
    put_le64(body + 32, (uint64_t)topic->options.retention_ms);
    put_le64(body + 40, (uint64_t)topic->options.retention_bytes);
    return row_write(TABLE_TOPICS, name, (struct slice){body, sizeof(body)}, row);
}

enum status topic_read(struct slice name, MDB_val data, struct topic_row *topic)
{
    struct byte_reader body;
    enum status status = row_read(TABLE_TOPICS, name, data, TOPIC_BODY_BYTES, &body);

    if (status != STATUS_OK) return status;
    topic->id = read_le32(&body);
    (void)read_le32(&body);
    topic->first_offset = read_le64(&body);
    topic->next_offset = read_le64(&body);
    topic->bytes = read_le64(&body);
    topic->options.retention_ms = (int64_t)read_le64(&body);
    topic->options.retention_bytes = (int64_t)read_le64(&body);
    return topic->first_offset <= topic->next_offset ? STATUS_OK : STATUS_CORRUPT;
}

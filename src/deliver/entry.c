/* entry.c - the stored bytes, both ways. */
#include "deliver/entry.h"

#include "base/bytes.h"

void entry_write(const struct entry *entry, bool dead, struct buffer *out)
{
    buffer_append_byte(out, ENTRY_VERSION);
    buffer_append_byte(out, entry->flags);
    buffer_append_le64(out, entry->sequence);
    buffer_append_le64(out, (uint64_t)entry->stored_ms);
    buffer_append_le32(out, entry->node);
    buffer_append_sized(out, entry->coalescing_key);
    buffer_append_sized(out, entry->origin);
    buffer_append_sized(out, entry->request);
    if (!dead) return;
    buffer_append_le64(out, (uint64_t)entry->died_ms);
    buffer_append_le32(out, entry->attempts);
    buffer_append_sized(out, entry->error);
}

enum status entry_read(struct slice bytes, bool dead, struct entry *entry)
{
    struct byte_reader reader = byte_reader(bytes);

    if (read_u8(&reader) != ENTRY_VERSION) return STATUS_CORRUPT;
    entry->flags = read_u8(&reader);
    entry->sequence = read_le64(&reader);
    entry->stored_ms = (int64_t)read_le64(&reader);
    entry->node = read_le32(&reader);
    entry->coalescing_key = read_sized(&reader);
    entry->origin = read_sized(&reader);
    entry->request = read_sized(&reader);
    if (dead) {
        entry->died_ms = (int64_t)read_le64(&reader);
        entry->attempts = read_le32(&reader);
        entry->error = read_sized(&reader);
    }
    return reader.bad || reader.next != reader.end ? STATUS_CORRUPT : STATUS_OK;
}

void entry_write_name(struct slice scenario, const struct identity *identity, struct buffer *out)
{
    buffer_append(out, scenario);
    buffer_append_byte(out, '\0');
    identity_to_text(identity, out);
}

enum status entry_read_name(struct slice name, struct entry *entry)
{
    size_t at = name.len;

    while (at > 0 && name.data[at - 1] != '\0')
        at--;
    if (at == 0) return STATUS_CORRUPT;
    entry->scenario = (struct slice){name.data, at - 1};
    struct slice identity = {name.data + at, name.len - at};
    return identity_from_text(identity, &entry->identity) == STATUS_OK ? STATUS_OK : STATUS_CORRUPT;
}

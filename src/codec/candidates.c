/* candidates.c - the stored form of a scored list. */
#include "codec/candidates.h"

void candidates_write(const struct candidate *candidates, uint32_t count, struct buffer *out)
{
    ASSERT(count <= CANDIDATES_MAX);
    buffer_append_byte(out, CANDIDATES_VERSION);
    buffer_append_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &candidates[i].score, sizeof(bits));
        buffer_append_sized(out, candidates[i].item);
        buffer_append_le32(out, bits);
    }
}

enum status candidates_read(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                            uint32_t *count)
{
    struct byte_reader reader = byte_reader(bytes);

    if (read_u8(&reader) != CANDIDATES_VERSION) return STATUS_INVALID;
    uint64_t stored = read_varint(&reader);
    if (stored > CANDIDATES_MAX) return STATUS_INVALID;
    for (uint64_t i = 0; i < stored; i++) {
        candidates[i].item = read_sized(&reader);
        uint32_t bits = read_le32(&reader);
        memcpy(&candidates[i].score, &bits, sizeof(bits));
    }
    if (reader.bad || reader.next != reader.end) return STATUS_INVALID;
    *count = (uint32_t)stored;
    return STATUS_OK;
}

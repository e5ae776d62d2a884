/* candidates.c - the stored form of a scored list. */
#include "codec/candidates.h"

/* The clicks that candidates are due to, each once. */
struct clicks {
    struct slice items[CANDIDATES_MAX + CANDIDATES_SEEN_MAX];
    uint32_t count;
};

/* 1 + its place, 0 for none. */
static uint32_t click_find(const struct clicks *clicks, struct slice item)
{
    if (item.len == 0) return 0;
    for (uint32_t i = 0; i < clicks->count; i++) {
        if (slice_equal(clicks->items[i], item)) return i + 1;
    }
    return 0;
}

static void clicks_gather(const struct candidate *candidates, uint32_t count, struct clicks *clicks)
{
    for (uint32_t i = 0; i < count; i++) {
        struct slice item = candidates[i].because;

        if (item.len > 0 && click_find(clicks, item) == 0) clicks->items[clicks->count++] = item;
    }
}

size_t candidates_size_max(const struct candidate *candidates, uint32_t count)
{
    size_t size = 1 + (size_t)2 * VARINT_BYTES_MAX;

    for (uint32_t i = 0; i < count; i++) {
        size += candidates[i].item.len + candidates[i].because.len + sizeof(float) +
                (size_t)3 * VARINT_BYTES_MAX;
    }
    return size;
}

void candidates_write(const struct candidate *candidates, uint32_t count, struct buffer *out)
{
    candidates_write_seen(candidates, count, &(struct seen_items){.count = 0}, out);
}

void candidates_write_seen(const struct candidate *candidates, uint32_t count,
                           const struct seen_items *seen, struct buffer *out)
{
    struct clicks clicks = {.count = seen->count};

    ASSERT(count <= CANDIDATES_MAX && seen->count <= CANDIDATES_SEEN_MAX);
    memcpy(clicks.items, seen->items, seen->count * sizeof(*seen->items));
    clicks_gather(candidates, count, &clicks);
    bool because = clicks.count > 0;
    buffer_append_byte(out, seen->count > 0 ? CANDIDATES_VERSION_SEEN
                            : because       ? CANDIDATES_VERSION_BECAUSE
                                            : CANDIDATES_VERSION);
    if (because) buffer_append_varint(out, clicks.count);
    for (uint32_t i = 0; i < clicks.count; i++)
        buffer_append_sized(out, clicks.items[i]);
    if (seen->count > 0) buffer_append_varint(out, seen->count);
    buffer_append_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &candidates[i].score, sizeof(bits));
        buffer_append_sized(out, candidates[i].item);
        buffer_append_le32(out, bits);
        if (because) buffer_append_varint(out, click_find(&clicks, candidates[i].because));
    }
}

/* fails  INVALID: more than can be */
static enum status read_seen(struct byte_reader *reader, const struct clicks *clicks,
                             struct seen_items *seen)
{
    uint64_t count = read_varint(reader);

    if (count > CANDIDATES_SEEN_MAX || count > clicks->count) return STATUS_INVALID;
    seen->count = (uint32_t)count;
    memcpy(seen->items, clicks->items, seen->count * sizeof(*seen->items));
    return STATUS_OK;
}

/* fails  INVALID: more than can be, or an empty one */
static enum status read_clicks(struct byte_reader *reader, struct clicks *clicks)
{
    uint64_t count = read_varint(reader);

    if (count > COUNT_OF(clicks->items)) return STATUS_INVALID;
    for (clicks->count = 0; clicks->count < count; clicks->count++) {
        struct slice *item = &clicks->items[clicks->count];

        *item = read_sized(reader);
        if (item->len == 0) return STATUS_INVALID;
    }
    return STATUS_OK;
}

enum status candidates_read(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                            uint32_t *count)
{
    struct seen_items seen;

    return candidates_read_seen(bytes, candidates, count, &seen);
}

enum status candidates_read_seen(struct slice bytes, struct candidate candidates[CANDIDATES_MAX],
                                 uint32_t *count, struct seen_items *seen)
{
    struct byte_reader reader = byte_reader(bytes);
    struct clicks clicks = {.count = 0};
    uint8_t version = read_u8(&reader);

    seen->count = 0;
    if (version < CANDIDATES_VERSION || version > CANDIDATES_VERSION_SEEN) return STATUS_INVALID;
    bool because = version != CANDIDATES_VERSION;
    if (because && read_clicks(&reader, &clicks) != STATUS_OK) return STATUS_INVALID;
    if (version == CANDIDATES_VERSION_SEEN && read_seen(&reader, &clicks, seen) != STATUS_OK)
        return STATUS_INVALID;
    uint64_t stored = read_varint(&reader);
    if (stored > CANDIDATES_MAX) return STATUS_INVALID;
    for (uint64_t i = 0; i < stored; i++) {
        candidates[i] = (struct candidate){.item = read_sized(&reader)};
        uint32_t bits = read_le32(&reader);
        uint64_t click = because ? read_varint(&reader) : 0;

        memcpy(&candidates[i].score, &bits, sizeof(bits));
        if (click > clicks.count) return STATUS_INVALID;
        if (click > 0) candidates[i].because = clicks.items[click - 1];
    }
    if (reader.bad || reader.next != reader.end) return STATUS_INVALID;
    *count = (uint32_t)stored;
    return STATUS_OK;
}

/* sliding.c - the operator's state machine. Buckets are searched from the newest: most events are
 * in order. */
#include "engine/sliding.h"

#include "base/bytes.h"

static size_t stride(const struct sliding_plan *plan)
{
    return sizeof(int64_t) + plan->aggregate.leaf_count * sizeof(struct leaf);
}

static uint8_t *bucket_at(const struct sliding *sliding, const struct sliding_plan *plan,
                          uint32_t index)
{
    return sliding->buckets + index * stride(plan);
}

static int64_t bucket_start(const struct sliding *sliding, const struct sliding_plan *plan,
                            uint32_t index)
{
    int64_t start_ms;

    memcpy(&start_ms, bucket_at(sliding, plan, index), sizeof(start_ms));
    return start_ms;
}

static struct leaf *bucket_leaves(const struct sliding *sliding, const struct sliding_plan *plan,
                                  uint32_t index)
{
    return (struct leaf *)(void *)(bucket_at(sliding, plan, index) + sizeof(int64_t));
}

/* Everything an event will look at lies in blocks of its own: they are asked for at once. */
static void prefetch(const struct sliding *sliding, const struct sliding_plan *plan)
{
    for (uint32_t i = 0; i < sliding->bucket_count; i++) {
        const struct leaf *leaves = bucket_leaves(sliding, plan, i);

        for (uint32_t j = 0; j < plan->aggregate.leaf_count; j++)
            __builtin_prefetch(leaves[j].items);
    }
}

/* Event times are anything a producer wrote: arithmetic saturates. */
static int64_t plus(int64_t left, int64_t right)
{
    int64_t sum;

    if (!__builtin_add_overflow(left, right, &sum)) return sum;
    return right > 0 ? INT64_MAX : INT64_MIN;
}

static int64_t window_start(int64_t time_ms, const struct sliding_plan *plan)
{
    return plus(plus(time_ms, -plan->length_ms), 1);
}

/* Index of the first bucket at or after the start; bucket_count if there is none. */
static uint32_t bucket_find(const struct sliding *sliding, const struct sliding_plan *plan,
                            int64_t start_ms)
{
    uint32_t index = sliding->bucket_count;

    while (index > 0 && bucket_start(sliding, plan, index - 1) >= start_ms)
        index--;
    return index;
}

static bool bucket_is(const struct sliding *sliding, const struct sliding_plan *plan,
                      uint32_t index, int64_t start_ms)
{
    return index < sliding->bucket_count && bucket_start(sliding, plan, index) == start_ms;
}

/* --- changing ---------------------------------------------------------------------------------- */

static enum status bucket_insert(struct sliding *sliding, const struct sliding_plan *plan,
                                 uint32_t index, int64_t start_ms, struct pool *pool)
{
    size_t step = stride(plan);
    uint8_t *buckets = pool_grow(pool, sliding->buckets, (sliding->bucket_count + 1) * step);

    if (buckets == NULL) return STATUS_LIMIT;
    sliding->buckets = buckets;
    uint8_t *place = buckets + index * step;

    memmove(place + step, place, (sliding->bucket_count - index) * step);
    memset(place, 0, step);
    memcpy(place, &start_ms, sizeof(start_ms));
    sliding->bucket_count++;
    return STATUS_OK;
}

static void trim(struct sliding *sliding, const struct sliding_plan *plan, int64_t bucket_ms,
                 struct pool *pool)
{
    int64_t oldest_ms = plus(window_start(bucket_ms, plan), -plan->length_ms);
    uint32_t count = 0;

    for (; count < sliding->bucket_count; count++) {
        if (bucket_start(sliding, plan, count) >= oldest_ms) break;
        struct leaf *leaves = bucket_leaves(sliding, plan, count);

        sliding->element_count -= aggregate_elements(&plan->aggregate, leaves);
        aggregate_free(&plan->aggregate, leaves, pool);
    }
    if (count == 0) return;
    sliding->bucket_count -= count;
    memmove(sliding->buckets, sliding->buckets + count * stride(plan),
            sliding->bucket_count * stride(plan));
}

/* A pending timer; equal times are one. */
static enum status time_add(struct sliding *sliding, int64_t time_ms, struct pool *pool)
{
    uint32_t at = sliding->time_count;

    while (at > 0 && sliding->times[at - 1] > time_ms)
        at--;
    if (at > 0 && sliding->times[at - 1] == time_ms) return STATUS_OK;
    int64_t *times =
        pool_grow(pool, sliding->times, (sliding->time_count + 1) * sizeof(*sliding->times));

    if (times == NULL) return STATUS_LIMIT;
    sliding->times = times;
    memmove(times + at + 1, times + at, (sliding->time_count - at) * sizeof(*times));
    times[at] = time_ms;
    sliding->time_count++;
    return STATUS_OK;
}

static enum status store(struct sliding *sliding, const struct sliding_plan *plan,
                         int64_t bucket_ms, struct value element, const struct sliding_room *room)
{
    uint32_t added = 0;
    enum status status = STATUS_OK;

    trim(sliding, plan, bucket_ms, room->pool);
    uint32_t index = bucket_find(sliding, plan, bucket_ms);

    if (!bucket_is(sliding, plan, index, bucket_ms))
        status = bucket_insert(sliding, plan, index, bucket_ms, room->pool);
    if (status == STATUS_OK) {
        status = aggregate_add(&plan->aggregate, bucket_leaves(sliding, plan, index), element,
                               room->pool, room->scratch, &added);
    }
    sliding->element_count += added;
    return status;
}

static bool is_full(const struct sliding *sliding, const struct sliding_plan *plan,
                    uint32_t elements_max)
{
    uint64_t allowed = (uint64_t)elements_max * plan->aggregate.leaf_count;

    return (uint64_t)sliding->element_count + plan->aggregate.leaf_count > allowed;
}

enum status sliding_add(struct sliding *sliding, const struct sliding_plan *plan, int64_t time_ms,
                        struct value element, const struct sliding_room *room,
                        struct slice *message)
{
    int64_t bucket_ms = time_ms / SLIDING_BUCKET_MS * SLIDING_BUCKET_MS;
    int64_t leaves_at_ms = plus(bucket_ms, plan->length_ms);
    uint32_t index = bucket_find(sliding, plan, bucket_ms);
    bool exists = bucket_is(sliding, plan, index, bucket_ms);
    bool neutral = false;

    prefetch(sliding, plan);
    enum status status =
        aggregate_is_neutral(&plan->aggregate, exists ? bucket_leaves(sliding, plan, index) : NULL,
                             element, room->scratch, message, &neutral);

    if (status != STATUS_OK) return status;
    if (!neutral && is_full(sliding, plan, room->elements_max)) {
        trim(sliding, plan, bucket_ms, room->pool);
        *message = SLICE("the window holds as many elements as elements_max allows");
        if (is_full(sliding, plan, room->elements_max)) return STATUS_LIMIT;
    }
    if (!neutral) status = store(sliding, plan, bucket_ms, element, room);
    if (status == STATUS_OK && plan->emit_when_left)
        status = time_add(sliding, leaves_at_ms, room->pool);
    if (leaves_at_ms > sliding->eviction_ms) sliding->eviction_ms = leaves_at_ms;
    if (status != STATUS_OK) *message = SLICE("no memory for the window");
    return status;
}

/* --- looking ----------------------------------------------------------------------------------- */

enum status sliding_result(const struct sliding *sliding, const struct sliding_plan *plan,
                           int64_t time_ms, struct arena *arena, struct slice *message,
                           struct value *result)
{
    uint32_t from = bucket_find(sliding, plan, window_start(time_ms, plan));
    uint32_t until = sliding->bucket_count;

    while (until > from && bucket_start(sliding, plan, until - 1) > time_ms)
        until--;
    const struct leaf **buckets = arena_alloc(arena, until - from, sizeof(const struct leaf *));

    if (buckets == NULL) {
        *message = SLICE("the window is too large for one event's memory");
        return STATUS_LIMIT;
    }
    for (uint32_t i = from; i < until; i++)
        buckets[i - from] = bucket_leaves(sliding, plan, i);
    return aggregate_result(&plan->aggregate, buckets, until - from, arena, message, result);
}

int64_t sliding_next_ms(const struct sliding *sliding, const struct sliding_plan *plan)
{
    if (!plan->emit_when_left || sliding->time_count == 0) return sliding->eviction_ms;
    return sliding->times[0];
}

static bool has_leaving(const struct sliding *sliding, const struct sliding_plan *plan,
                        int64_t time_ms)
{
    if (sliding->bucket_count == 0) return false;
    int64_t newest_ms = bucket_start(sliding, plan, sliding->bucket_count - 1);
    int64_t from_ms = window_start(newest_ms, plan);
    int64_t until_ms = plus(time_ms, -plan->length_ms);
    uint32_t index = bucket_find(sliding, plan, from_ms);

    return index < sliding->bucket_count && bucket_start(sliding, plan, index) <= until_ms;
}

void sliding_fire(struct sliding *sliding, const struct sliding_plan *plan, int64_t time_ms,
                  bool *emit, bool *ended)
{
    *emit = false;
    *ended = time_ms >= sliding->eviction_ms;
    if (!plan->emit_when_left || sliding->time_count == 0) return;
    ASSERT(sliding->times[0] == time_ms);
    sliding->time_count--;
    memmove(sliding->times, sliding->times + 1, sliding->time_count * sizeof(*sliding->times));
    *emit = has_leaving(sliding, plan, time_ms);
}

void sliding_free(struct sliding *sliding, const struct sliding_plan *plan, struct pool *pool)
{
    for (uint32_t i = 0; i < sliding->bucket_count; i++)
        aggregate_free(&plan->aggregate, bucket_leaves(sliding, plan, i), pool);
    pool_free(pool, sliding->buckets);
    pool_free(pool, sliding->times);
    *sliding = (struct sliding){.eviction_ms = INT64_MIN};
}

/* --- stored form ------------------------------------------------------------------------------- */

static void leaf_encode(const struct leaf *leaf, struct buffer *one, struct buffer *out)
{
    buffer_append_le64(out, (uint64_t)leaf->number);
    buffer_append_varint(out, leaf->count);
    for (uint32_t i = 0; i < leaf->count; i++) {
        buffer_clear(one);
        value_encode(leaf->items[i], one);
        if (one->failed) out->failed = true;
        buffer_append_sized(out, buffer_slice(one));
    }
}

void sliding_encode(const struct sliding *sliding, const struct sliding_plan *plan,
                    struct buffer *one, struct buffer *out)
{
    buffer_append_byte(out, SLIDING_VERSION);
    buffer_append_le64(out, (uint64_t)sliding->eviction_ms);
    buffer_append_varint(out, plan->aggregate.leaf_count);
    buffer_append_varint(out, sliding->time_count);
    for (uint32_t i = 0; i < sliding->time_count; i++)
        buffer_append_le64(out, (uint64_t)sliding->times[i]);
    buffer_append_varint(out, sliding->bucket_count);
    for (uint32_t i = 0; i < sliding->bucket_count; i++) {
        const struct leaf *leaves = bucket_leaves(sliding, plan, i);

        buffer_append_le64(out, (uint64_t)bucket_start(sliding, plan, i));
        for (uint32_t j = 0; j < plan->aggregate.leaf_count; j++)
            leaf_encode(&leaves[j], one, out);
    }
}

static enum status leaf_decode(struct byte_reader *reader, struct leaf *leaf, struct pool *pool,
                               struct arena *scratch)
{
    leaf->number = (int64_t)read_le64(reader);
    uint64_t count = read_varint(reader);

    if (reader->bad || count > (size_t)(reader->end - reader->next)) return STATUS_CORRUPT;
    if (count == 0) return STATUS_OK;
    leaf->items = pool_alloc(pool, count * sizeof(*leaf->items));
    if (leaf->items == NULL) return STATUS_LIMIT;
    leaf->capacity = (uint32_t)(pool_capacity(leaf->items) / sizeof(*leaf->items));
    for (uint64_t i = 0; i < count; i++) {
        struct value value;
        struct slice bytes = read_sized(reader);

        if (reader->bad || value_decode(bytes, scratch, &value) != STATUS_OK) return STATUS_CORRUPT;
        enum status status = value_own(pool, scratch, value, &leaf->items[leaf->count]);

        if (status != STATUS_OK) return status;
        leaf->count++;
    }
    return STATUS_OK;
}

static enum status bucket_decode(struct byte_reader *reader, const struct sliding_plan *plan,
                                 struct pool *pool, struct arena *scratch, struct sliding *sliding)
{
    int64_t start_ms = (int64_t)read_le64(reader);
    uint32_t last = sliding->bucket_count;

    if (reader->bad || (last > 0 && bucket_start(sliding, plan, last - 1) >= start_ms))
        return STATUS_CORRUPT;
    enum status status = bucket_insert(sliding, plan, last, start_ms, pool);
    struct leaf *leaves = bucket_leaves(sliding, plan, last);

    for (uint32_t i = 0; status == STATUS_OK && i < plan->aggregate.leaf_count; i++)
        status = leaf_decode(reader, &leaves[i], pool, scratch);
    if (status == STATUS_OK) sliding->element_count += aggregate_elements(&plan->aggregate, leaves);
    return status;
}

static enum status parts_decode(struct byte_reader *reader, const struct sliding_plan *plan,
                                struct pool *pool, struct arena *scratch, struct sliding *sliding)
{
    enum status status = STATUS_OK;

    if (read_u8(reader) != SLIDING_VERSION) return STATUS_CORRUPT;
    sliding->eviction_ms = (int64_t)read_le64(reader);
    if (read_varint(reader) != plan->aggregate.leaf_count) return STATUS_CORRUPT;
    uint64_t time_count = read_varint(reader);

    for (uint64_t i = 0; i < time_count && status == STATUS_OK; i++) {
        int64_t time_ms = (int64_t)read_le64(reader);

        status = reader->bad ? STATUS_CORRUPT : time_add(sliding, time_ms, pool);
    }
    uint64_t bucket_count = read_varint(reader);

    for (uint64_t i = 0; i < bucket_count && status == STATUS_OK; i++)
        status = bucket_decode(reader, plan, pool, scratch, sliding);
    if (status == STATUS_OK && (reader->bad || reader->next != reader->end)) return STATUS_CORRUPT;
    return status;
}

enum status sliding_decode(struct slice bytes, const struct sliding_plan *plan, struct pool *pool,
                           struct arena *scratch, struct sliding *sliding)
{
    struct byte_reader reader = byte_reader(bytes);

    *sliding = (struct sliding){.eviction_ms = INT64_MIN};
    enum status status = parts_decode(&reader, plan, pool, scratch, sliding);

    if (status != STATUS_OK) sliding_free(sliding, plan, pool);
    return status;
}

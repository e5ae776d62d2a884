/* equality.c - Java's equals() and a hash that agrees with it.
 *
 * Sets and maps are equal regardless of order. Small ones are compared by looking each member up;
 * larger ones are sorted by hash first, so that size costs n log n. What lazy parts need to be
 * decoded lives in a scratch arena for the length of one call.
 */
#include "base/hash.h"
#include "value/big.h"
#include "value/collection.h"
#include "value/formatter.h"
#include "value/temporal.h"

enum { LOOKED_UP_ONE_BY_ONE = 8 };

struct comparison {
    struct arena scratch;
    bool failed; /* no memory: nothing is called equal */
};

static bool equal(struct comparison *comparison, struct value left, struct value right);
static uint64_t hash(struct comparison *comparison, struct value value);

/* --- numbers ----------------------------------------------------------------------------------- */

/* Double.equals: NaN equals itself, 0.0 and -0.0 differ. */
static uint64_t double_bits(double number)
{
    uint64_t bits;

    if (number != number) return UINT64_C(0x7FF8) << 48;
    memcpy(&bits, &number, sizeof(bits));
    return bits;
}

static bool big_equal(struct value left, struct value right)
{
    if (left.flags != right.flags) return false; /* one form each: narrow is not wide */
    if ((left.flags & VALUE_WIDE) == 0) return left.i64 == right.i64;
    return left.big->negative == right.big->negative &&
           left.big->limb_count == right.big->limb_count &&
           memcmp(left.big->limbs, right.big->limbs,
                  left.big->limb_count * sizeof(left.big->limbs[0])) == 0;
}

static uint64_t mix(uint64_t number)
{
    number = (number ^ number >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    number = (number ^ number >> 32) * UINT64_C(0xD6E8FEB86659FD93);
    return number ^ number >> 32;
}

static uint64_t big_hash(struct value number)
{
    if ((number.flags & VALUE_WIDE) == 0) return mix((uint64_t)number.i64);
    struct slice limbs = {(const uint8_t *)number.big->limbs,
                          number.big->limb_count * sizeof(number.big->limbs[0])};
    return hash_bytes(limbs, number.big->negative);
}

/* --- members without order --------------------------------------------------------------------- */

/* A list, set or map laid out as entries, with their hashes once they are sorted. */
struct members {
    struct value_entry *entries;
    uint64_t *hashes;
    uint32_t count;
};

static uint32_t container_count(struct value container)
{
    return container.kind == VALUE_MAP ? map_count(container) : list_count(container);
}

static bool members_read(struct comparison *comparison, struct value container,
                         struct members *members)
{
    struct value_cursor cursor = value_cursor(container);
    enum status status = STATUS_OK;
    uint32_t i = 0;

    members->count = container_count(container);
    members->hashes = NULL;
    members->entries =
        arena_alloc(&comparison->scratch, members->count, sizeof(struct value_entry));
    if (members->entries == NULL) return false;
    while (i < members->count &&
           cursor_next(&cursor, &comparison->scratch, &members->entries[i], &status))
        i++;
    return status == STATUS_OK;
}

/* What a member is found by: a map's key, a set's item. */
static struct value member_key(const struct members *members, uint32_t at, bool map)
{
    return map ? members->entries[at].key : members->entries[at].value;
}

static void sift_down(struct members *members, uint32_t root, uint32_t count)
{
    for (;;) {
        uint32_t child = 2 * root + 1;

        if (child >= count) return;
        if (child + 1 < count && members->hashes[child + 1] > members->hashes[child]) child++;
        if (members->hashes[root] >= members->hashes[child]) return;
        struct value_entry entry = members->entries[root];
        uint64_t hash_of = members->hashes[root];
        members->entries[root] = members->entries[child];
        members->hashes[root] = members->hashes[child];
        members->entries[child] = entry;
        members->hashes[child] = hash_of;
        root = child;
    }
}

/* Heap sort by hash: in place, no recursion, no bad input. */
static void members_sort(struct members *members)
{
    for (uint32_t i = members->count / 2; i > 0; i--)
        sift_down(members, i - 1, members->count);
    for (uint32_t last = members->count; last > 1; last--) {
        struct value_entry entry = members->entries[0];
        uint64_t hash_of = members->hashes[0];

        members->entries[0] = members->entries[last - 1];
        members->hashes[0] = members->hashes[last - 1];
        members->entries[last - 1] = entry;
        members->hashes[last - 1] = hash_of;
        sift_down(members, 0, last - 1);
    }
}

static bool members_index(struct comparison *comparison, struct members *members, bool map)
{
    members->hashes = arena_alloc(&comparison->scratch, members->count, sizeof(uint64_t));
    if (members->hashes == NULL) return false;
    for (uint32_t i = 0; i < members->count; i++)
        members->hashes[i] = hash(comparison, member_key(members, i, map));
    members_sort(members);
    return true;
}

/* First member that may be the one: 0, or by binary search the first with that hash. */
static uint32_t members_from(const struct members *members, uint64_t hash_of)
{
    uint32_t low = 0;
    uint32_t high = members->hashes == NULL ? 0 : members->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (members->hashes[middle] < hash_of) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool members_contain(struct comparison *comparison, const struct members *members,
                            const struct value_entry *entry, bool map)
{
    struct value key = map ? entry->key : entry->value;
    uint64_t hash_of = members->hashes == NULL ? 0 : hash(comparison, key);

    for (uint32_t i = members_from(members, hash_of); i < members->count; i++) {
        if (members->hashes != NULL && members->hashes[i] != hash_of) return false;
        if (!equal(comparison, member_key(members, i, map), key)) continue;
        return !map || equal(comparison, members->entries[i].value, entry->value);
    }
    return false;
}

/* Keys and items are unique within each side, so equal counts and containment suffice. */
static bool members_equal(struct comparison *comparison, struct value left, struct value right)
{
    bool map = left.kind == VALUE_MAP;
    struct members a;
    struct members b;

    if (!members_read(comparison, left, &a) || !members_read(comparison, right, &b) ||
        (b.count > LOOKED_UP_ONE_BY_ONE && !members_index(comparison, &b, map))) {
        comparison->failed = true;
        return false;
    }
    if (a.count != b.count) return false;
    for (uint32_t i = 0; i < a.count; i++)
        if (!members_contain(comparison, &b, &a.entries[i], map)) return false;
    return true;
}

static bool unordered_equal(struct comparison *comparison, struct value left, struct value right)
{
    struct arena_mark mark = arena_mark(&comparison->scratch);
    bool result = members_equal(comparison, left, right);

    arena_rewind(&comparison->scratch, mark);
    return result;
}

/* --- lists ------------------------------------------------------------------------------------- */

static bool lists_equal(struct comparison *comparison, struct value left, struct value right)
{
    struct value_cursor a = value_cursor(left);
    struct value_cursor b = value_cursor(right);
    struct value_entry x;
    struct value_entry y;
    enum status status = STATUS_OK;
    enum status right_status = STATUS_OK;

    if (list_count(left) != list_count(right)) return false;
    for (;;) {
        struct arena_mark mark = arena_mark(&comparison->scratch);
        bool more = cursor_next(&a, &comparison->scratch, &x, &status) &&
                    cursor_next(&b, &comparison->scratch, &y, &right_status);

        if (!more) break;
        if (!equal(comparison, x.value, y.value)) return false;
        arena_rewind(&comparison->scratch, mark);
    }
    if (status != STATUS_OK || right_status != STATUS_OK) comparison->failed = true;
    return !comparison->failed;
}

/* --- all kinds --------------------------------------------------------------------------------- */

static bool objects_equal(struct comparison *comparison, struct value left, struct value right)
{
    if (left.class_id != right.class_id || left.count != right.count) return false;
    for (uint32_t i = 0; i < left.count; i++) {
        if (!equal(comparison, left.items[i], right.items[i])) return false;
    }
    return true;
}

static uint64_t object_hash(struct comparison *comparison, struct value object)
{
    uint64_t sum = object.class_id;

    for (uint32_t i = 0; i < object.count; i++)
        sum = mix(sum) + hash(comparison, object.items[i]);
    return sum;
}

static bool equal(struct comparison *comparison, struct value left, struct value right)
{
    if (left.kind != right.kind) return false;
    switch ((enum value_kind)left.kind) {
    case VALUE_NULL: return true;
    case VALUE_BOOLEAN: return left.boolean == right.boolean;
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_CHARACTER:
    case VALUE_CLASS: return left.i64 == right.i64;
    case VALUE_FLOAT:
    case VALUE_DOUBLE: return double_bits(left.f64) == double_bits(right.f64);
    case VALUE_BIG_INTEGER: return big_equal(left, right);
    case VALUE_BIG_DECIMAL: return left.scale == right.scale && big_equal(left, right);
    case VALUE_STRING: return slice_equal(value_text(left), value_text(right));
    case VALUE_LIST: return lists_equal(comparison, left, right);
    case VALUE_SET:
    case VALUE_MAP: return unordered_equal(comparison, left, right);
    case VALUE_DURATION: return left.i64 == right.i64 && left.nanos == right.nanos;
    case VALUE_TEMPORAL: return temporal_equals(left, right);
    case VALUE_OBJECT: return objects_equal(comparison, left, right);
    case VALUE_FORMATTER: return formatter_equal(left.formatter, right.formatter);
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

bool value_equals(struct value left, struct value right)
{
    struct comparison comparison = {.failed = false};

    if (left.kind != right.kind) return false;
    arena_init(&comparison.scratch, VALUE_SCRATCH_MAX);
    bool result = equal(&comparison, left, right);
    arena_deinit(&comparison.scratch);
    return result && !comparison.failed;
}

/* Lists chain the hashes of their items; sets and maps add them up, so that order is lost. */
static uint64_t container_hash(struct comparison *comparison, struct value container)
{
    struct value_cursor cursor = value_cursor(container);
    struct value_entry entry;
    struct arena_mark mark = arena_mark(&comparison->scratch);
    enum status status = STATUS_OK;
    uint64_t sum = container.kind;

    while (cursor_next(&cursor, &comparison->scratch, &entry, &status)) {
        uint64_t item = hash(comparison, entry.value);

        if (container.kind == VALUE_MAP) item = mix(item) + hash(comparison, entry.key);
        sum = container.kind == VALUE_LIST ? mix(sum) + item : sum + mix(item);
    }
    arena_rewind(&comparison->scratch, mark);
    if (status != STATUS_OK) comparison->failed = true;
    return sum;
}

static uint64_t hash(struct comparison *comparison, struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NULL: return 0;
    case VALUE_BOOLEAN: return mix(2 + (uint64_t)value.boolean);
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_CHARACTER:
    case VALUE_CLASS: return mix((uint64_t)value.i64 + ((uint64_t)value.kind << 56));
    case VALUE_FLOAT:
    case VALUE_DOUBLE: return mix(double_bits(value.f64) + value.kind);
    case VALUE_BIG_INTEGER: return big_hash(value);
    case VALUE_BIG_DECIMAL: return big_hash(value) + mix((uint64_t)value.scale);
    case VALUE_STRING: return hash_bytes(value_text(value), value.kind);
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_MAP: return container_hash(comparison, value);
    case VALUE_DURATION: return mix((uint64_t)value.i64) + (uint64_t)value.nanos;
    case VALUE_TEMPORAL: return temporal_hash(value);
    case VALUE_OBJECT: return object_hash(comparison, value);
    case VALUE_FORMATTER: return formatter_hash(value.formatter);
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

uint64_t value_hash(struct value value)
{
    struct comparison comparison = {.failed = false};

    arena_init(&comparison.scratch, VALUE_SCRATCH_MAX);
    uint64_t result = hash(&comparison, value);
    arena_deinit(&comparison.scratch);
    return result;
}

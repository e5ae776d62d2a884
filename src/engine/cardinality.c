/* cardinality.c - the sketch. A hash's first 5 bits choose the register, its first 10 the sparse
 * index; a register keeps the largest count of leading zeros + 1 behind its bits. */
#include "engine/cardinality.h"

#include <math.h>

#include "base/bytes.h"

enum {
    REGISTER_BITS = 5,
    SPARSE_BITS = 10,
    SPARSE_SIZE = 1 << SPARSE_BITS,
    DENSE = 255,
    SKETCH_HEAD = CARDINALITY_REGISTERS + 1,
    SKETCH_BYTES = SKETCH_HEAD + 2 * (CARDINALITY_SPARSE_MAX + 1),
    PRINTED_BYTES_MAX = 1024 * 1024,
    NEIGHBOURS = 6,
};

/* Mean raw estimate when 1, 2, 3 ... different elements were added (the paper's appendix for 32
 * registers): the bias at the k-th is raw[k - 1] - k. */
static const double raw_estimates[] = {
    23,       23.1194,  23.8208,  24.2318,  24.77,    25.2436,  25.7774,  26.2848,  26.8224,
    27.3742,  27.9336,  28.503,   29.0494,  29.6292,  30.2124,  30.798,   31.367,   31.9728,
    32.5944,  33.217,   33.8438,  34.3696,  35.0956,  35.7044,  36.324,   37.0668,  37.6698,
    38.3644,  39.049,   39.6918,  40.4146,  41.082,   41.687,   42.5398,  43.2462,  43.857,
    44.6606,  45.4168,  46.1248,  46.9222,  47.6804,  48.447,   49.3454,  49.9594,  50.7636,
    51.5776,  52.331,   53.19,    53.9676,  54.7564,  55.5314,  56.4442,  57.3708,  57.9774,
    58.9624,  59.8796,  60.755,   61.472,   62.2076,  63.1024,  63.8908,  64.7338,  65.7728,
    66.629,   67.413,   68.3266,  69.1524,  70.2642,  71.1806,  72.0566,  72.9192,  73.7598,
    74.3516,  75.5802,  76.4386,  77.4916,  78.1524,  79.1892,  79.8414,  80.8798,  81.8376,
    82.4698,  83.7656,  84.331,   85.5914,  86.6012,  87.7016,  88.5582,  89.3394,  90.3544,
    91.4912,  92.308,   93.3552,  93.9746,  95.2052,  95.727,   97.1322,  98.3944,  98.7588,
    100.242,  101.1914, 102.2538, 102.8776, 103.6292, 105.1932, 105.9152, 107.0868, 107.6728,
    108.7144, 110.3114, 110.8716, 111.245,  112.7908, 113.7064, 114.636,  115.7464, 116.1788,
    117.7464, 118.4896, 119.6166, 120.5082, 121.7798, 122.9028, 123.4426, 124.8854, 125.705,
    126.4652, 128.3464, 128.3462, 130.0398, 131.0342, 131.0042, 132.4766, 133.511,  134.7252,
    135.425,  136.5172, 138.0572, 138.6694, 139.3712, 140.8598, 141.4594, 142.554,  143.4006,
    144.7374, 146.1634, 146.8994, 147.605,  147.9304, 149.1636, 150.2468, 151.5876, 152.2096,
    153.7032, 154.7146, 155.807,  156.9228, 157.0372, 158.5852};

/* MurmurHash64A with the seed the original uses. */
static uint64_t murmur(struct slice bytes)
{
    const uint64_t multiplier = 0xc6a4a7935bd1e995ULL;
    const uint64_t seed = 0xe17a1465ULL;
    uint64_t hash = seed ^ (bytes.len * multiplier);
    size_t whole = bytes.len / 8 * 8;

    for (size_t i = 0; i < whole; i += 8) {
        uint64_t part = get_le64(bytes.data + i) * multiplier;

        part = (part ^ (part >> 47U)) * multiplier;
        hash = (hash ^ part) * multiplier;
    }
    if (bytes.len > whole) {
        uint64_t rest = 0;

        for (size_t i = bytes.len; i > whole; i--)
            rest = rest << 8U | bytes.data[i - 1];
        hash = (hash ^ rest) * multiplier;
    }
    hash = (hash ^ (hash >> 47U)) * multiplier;
    return hash ^ (hash >> 47U);
}

/* By the printed form: Integer 1, Long 1 and "1" count once. */
static enum status element_hash(struct value element, struct arena *arena, uint64_t *hash)
{
    struct arena_mark mark = arena_mark(arena);
    struct buffer text = {0};

    *hash = 0;
    if (element.kind == VALUE_NULL) return STATUS_OK;
    if (element.kind == VALUE_STRING) {
        *hash = murmur(value_text(element));
        return STATUS_OK;
    }
    for (size_t room = 256; room <= PRINTED_BYTES_MAX; room *= 4) {
        uint8_t *bytes = arena_alloc(arena, room, 1);

        if (bytes == NULL) return STATUS_LIMIT;
        text = (struct buffer){.data = bytes, .capacity = room, .bytes_max = room};
        value_to_text(element, &text);
        if (!text.failed) *hash = murmur(buffer_slice(&text));
        arena_rewind(arena, mark);
        if (!text.failed) return STATUS_OK;
    }
    return STATUS_LIMIT;
}

/* --- sketches ---------------------------------------------------------------------------------- */

static enum status sketch_copy(struct value sketch, struct arena *arena, uint8_t **bytes)
{
    *bytes = arena_zalloc(arena, SKETCH_BYTES, 1);
    if (*bytes == NULL) return STATUS_LIMIT;
    if (sketch.kind == VALUE_NULL) return STATUS_OK;
    if (sketch.len < SKETCH_HEAD || sketch.len > SKETCH_BYTES) return STATUS_TYPE;
    memcpy(*bytes, sketch.text, sketch.len);
    return STATUS_OK;
}

static struct value sketch_value(const uint8_t *bytes)
{
    uint8_t count = bytes[CARDINALITY_REGISTERS];

    return (struct value){.kind = VALUE_STRING,
                          .len = SKETCH_HEAD + (count == DENSE ? 0U : 2U * count),
                          .text = bytes};
}

static void index_add(uint8_t *bytes, uint16_t index)
{
    uint8_t *count = &bytes[CARDINALITY_REGISTERS];
    uint8_t *indices = bytes + SKETCH_HEAD;
    uint32_t at = 0;

    if (*count == DENSE) return;
    while (at < *count && get_le16(indices + (size_t)at * 2) < index)
        at++;
    if (at < *count && get_le16(indices + (size_t)at * 2) == index) return;
    memmove(indices + (size_t)(at + 1) * 2, indices + (size_t)at * 2, (size_t)(*count - at) * 2);
    put_le16(indices + (size_t)at * 2, index);
    if (++*count > CARDINALITY_SPARSE_MAX) *count = DENSE;
}

static void register_raise(uint8_t *bytes, uint32_t at, uint8_t rank)
{
    if (rank > bytes[at]) bytes[at] = rank;
}

static uint8_t rank_of(uint64_t hash)
{
    return (uint8_t)(__builtin_clzll(hash << REGISTER_BITS | 1U << (REGISTER_BITS - 1)) + 1);
}

enum status cardinality_add(struct value sketch, struct value element, struct arena *arena,
                            struct value *out)
{
    uint8_t *bytes;
    uint64_t hash;
    enum status status = element_hash(element, arena, &hash);

    if (status == STATUS_OK) status = sketch_copy(sketch, arena, &bytes);
    if (status != STATUS_OK) return status;
    register_raise(bytes, (uint32_t)(hash >> (64 - REGISTER_BITS)), rank_of(hash));
    index_add(bytes, (uint16_t)(hash >> (64 - SPARSE_BITS)));
    *out = sketch_value(bytes);
    return STATUS_OK;
}

enum status cardinality_has(struct value sketch, struct value element, struct arena *arena,
                            bool *has)
{
    struct value grown;
    enum status status = cardinality_add(sketch, element, arena, &grown);

    *has = status == STATUS_OK && sketch.kind != VALUE_NULL &&
           slice_equal(value_text(sketch), value_text(grown));
    return status;
}

enum status cardinality_merge(struct value left, struct value right, struct arena *arena,
                              struct value *out)
{
    uint8_t *bytes;
    uint8_t *other;
    enum status status = sketch_copy(left, arena, &bytes);

    if (status == STATUS_OK) status = sketch_copy(right, arena, &other);
    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < CARDINALITY_REGISTERS; i++)
        register_raise(bytes, i, other[i]);
    if (other[CARDINALITY_REGISTERS] == DENSE) {
        bytes[CARDINALITY_REGISTERS] = DENSE;
    } else {
        for (uint32_t i = 0; i < other[CARDINALITY_REGISTERS]; i++)
            index_add(bytes, get_le16(other + SKETCH_HEAD + (size_t)i * 2));
    }
    *out = sketch_value(bytes);
    return STATUS_OK;
}

/* --- estimates --------------------------------------------------------------------------------- */

static double linear(double size, double empty)
{
    return size * log(size / empty);
}

/* Mean bias of the six table entries nearest to the estimate. */
static double bias_at(double estimate)
{
    bool used[COUNT_OF(raw_estimates)] = {false};
    double sum = 0;

    for (int round = 0; round < NEIGHBOURS; round++) {
        size_t best = 0;
        double best_distance = INFINITY;

        for (size_t i = 0; i < COUNT_OF(raw_estimates); i++) {
            double distance = fabs(estimate - raw_estimates[i]);

            if (used[i] || distance >= best_distance) continue;
            best = i;
            best_distance = distance;
        }
        used[best] = true;
        sum += raw_estimates[best] - (double)(best + 1);
    }
    return sum / NEIGHBOURS;
}

int64_t cardinality_estimate(struct value sketch)
{
    const double size = CARDINALITY_REGISTERS;
    double sum = 0;
    uint32_t zeros = 0;

    if (sketch.kind == VALUE_NULL) return 0;
    uint8_t count = sketch.text[CARDINALITY_REGISTERS];

    if (count != DENSE) return (int64_t)floor(linear(SPARSE_SIZE, SPARSE_SIZE - count) + 0.5);
    for (uint32_t i = 0; i < CARDINALITY_REGISTERS; i++) {
        sum += ldexp(1.0, -sketch.text[i]);
        zeros += sketch.text[i] == 0;
    }
    double estimate = 0.697 * size * size / sum;

    if (estimate <= 5 * size) estimate -= bias_at(estimate);
    if (zeros > 0) {
        double few = linear(size, zeros);

        if (few <= 20) estimate = few;
    }
    return (int64_t)floor(estimate + 0.5);
}

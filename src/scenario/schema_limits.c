/* schema_limits.c - what a schema says beyond the kind: formats of texts, bounds of numbers, counts. The
 * words are those of the checker that the original uses. */
#include "scenario/schema_room.h"
#include "value/decimal.h"

static const struct schema_format formats[] = {
    {"date-time", CLASS_ZonedDateTime,
     "[yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,9}Z]"},
    {"date", CLASS_LocalDate, "[yyyy-MM-dd]"},
    {"time", CLASS_OffsetTime, "[HH:mm:ssZ, HH:mm:ss.[0-9]{1,9}Z]"},
};

const struct schema_format *schema_format_named(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (slice_equal(slice_of(formats[i].name), name)) return &formats[i];
    }
    return NULL;
}

bool schema_format_takes(enum class_id format_class, enum class_id class_id)
{
    if (class_id == format_class) return true;
    return format_class == CLASS_ZonedDateTime && class_id == CLASS_OffsetDateTime;
}

struct slice schema_format_refusal(enum class_id format_class, struct slice text,
                                   struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (formats[i].class_id != format_class) continue;
        return TEXT(arena, SLICE("["), text, SLICE("] is not a valid "), slice_of(formats[i].name),
                    SLICE(". Expected "), slice_of(formats[i].expected));
    }
    UNREACHABLE("a class no format has");
}

static struct slice number_text(struct value decimal, struct arena *arena)
{
    struct buffer buffer;
    struct slice text = {0};

    buffer_init(&buffer, 1 << 16);
    decimal_to_plain(decimal, &buffer);
    if (buffer.failed || arena_copy(arena, buffer_slice(&buffer), &text) != STATUS_OK)
        text = SLICE("the number");
    buffer_deinit(&buffer);
    return text;
}

static struct slice beyond(struct value decimal, struct slice words, struct value bound,
                           struct arena *arena)
{
    return TEXT(arena, number_text(decimal, arena), words, number_text(bound, arena));
}

struct slice schema_limits_number(const struct schema_limits *limits, struct value decimal,
                                  struct arena *arena)
{
    int least = limits->minimum == NULL ? 1 : decimal_compare(decimal, *limits->minimum);
    int most = limits->maximum == NULL ? -1 : decimal_compare(decimal, *limits->maximum);

    if (limits->above_minimum ? least <= 0 : least < 0) {
        return beyond(decimal,
                      limits->above_minimum ? SLICE(" is not greater than ")
                                            : SLICE(" is not greater or equal to "),
                      *limits->minimum, arena);
    }
    if (limits->below_maximum ? most >= 0 : most > 0) {
        return beyond(decimal,
                      limits->below_maximum ? SLICE(" is not less than ")
                                            : SLICE(" is not less or equal to "),
                      *limits->maximum, arena);
    }
    return (struct slice){0};
}

static struct slice count_text(uint64_t count, struct arena *arena)
{
    uint8_t digits[20];
    struct buffer text = {.data = digits, .capacity = sizeof(digits), .bytes_max = sizeof(digits)};

    buffer_append_u64(&text, count);
    return TEXT(arena, buffer_slice(&text));
}

struct slice schema_limits_count(const struct schema_limits *limits, enum schema_kind kind,
                                 uint64_t count, struct arena *arena)
{
    bool few = count < limits->count_min;
    struct slice what;

    if (!few && !(limits->has_count_max && count > limits->count_max)) return (struct slice){0};
    if (kind == SCHEMA_ARRAY) {
        what =
            few ? SLICE("expected minimum item count: ") : SLICE("expected maximum item count: ");
    } else {
        what = few ? SLICE("expected minLength: ") : SLICE("expected maxLength: ");
    }
    return TEXT(arena, what, count_text(few ? limits->count_min : limits->count_max, arena),
                kind == SCHEMA_ARRAY ? SLICE(", found: ") : SLICE(", actual: "),
                count_text(count, arena));
}

/* Is the bound one of a type of so many bits? A missing one is no bound of any. */
static bool within(const struct value *bound, int64_t least, int64_t most)
{
    return decimal_compare(*bound, decimal_of(least, 0)) >= 0 &&
           decimal_compare(*bound, decimal_of(most, 0)) <= 0;
}

enum class_id schema_integer_class(const struct schema_limits *limits)
{
    const struct value *least = limits->minimum;
    const struct value *most = limits->maximum;

    if ((least != NULL && !within(least, INT64_MIN, INT64_MAX)) ||
        (most != NULL && !within(most, INT64_MIN, INT64_MAX)))
        return CLASS_BigInteger;
    if (least != NULL && most != NULL && within(least, INT32_MIN, INT32_MAX) &&
        within(most, INT32_MIN, INT32_MAX))
        return CLASS_Integer;
    return CLASS_Long;
}

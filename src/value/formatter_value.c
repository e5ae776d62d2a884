/* formatter_value.c - formatters as values: copies, equality, the stored form.
 *
 * One made of a pattern is the same as another of that pattern, locale, leniency and zone. Stored:
 *
 *   | constant u8 |                      one of Java's own; 0:
 *   | lenient u8 | locale tag, sized | pattern, sized |      compiled again when read
 *   | zone, sized |                      only with WITH_ZONE in `constant`
 */
#include "base/bytes.h"
#include "base/hash.h"
#include "value/formatter.h"
#include "value/formatter_room.h"

enum { WITH_ZONE = 0x80 };

bool formatter_equal(const struct formatter *left, const struct formatter *right)
{
    return left == right ||
           (left->constant == right->constant && left->lenient == right->lenient &&
            strcmp(left->locale.tag, right->locale.tag) == 0 &&
            slice_equal(left->pattern, right->pattern) && slice_equal(left->zone, right->zone));
}

uint64_t formatter_hash(const struct formatter *formatter)
{
    return hash_bytes(formatter->pattern, formatter->constant + VALUE_FORMATTER);
}

/* Java's own have their steps in a table. */
static enum status copy_steps(struct formatter *copy, struct arena *arena)
{
    if (copy->constant != 0) return STATUS_OK;
    struct formatter_step *steps = arena_alloc(arena, copy->step_count, sizeof *steps);
    if (steps == NULL) return STATUS_LIMIT;
    if (copy->step_count > 0) memcpy(steps, copy->steps, copy->step_count * sizeof *steps);
    copy->steps = steps;
    enum status status = arena_copy(arena, copy->pattern, &copy->pattern);
    return status == STATUS_OK ? arena_copy(arena, copy->text, &copy->text) : status;
}

enum status formatter_copy(const struct formatter *formatter, struct arena *arena,
                           const struct formatter **result)
{
    *result = formatter;
    if (formatter->constant != 0 && formatter->zone.len == 0) return STATUS_OK;
    struct formatter *copy = arena_alloc(arena, 1, sizeof *copy);
    if (copy == NULL) return STATUS_LIMIT;
    *copy = *formatter;
    *result = copy;
    enum status status = copy_steps(copy, arena);
    return status == STATUS_OK ? arena_copy(arena, copy->zone, &copy->zone) : status;
}

enum status formatter_with_zone(const struct formatter *formatter, struct slice zone,
                                struct arena *arena, const struct formatter **result)
{
    struct formatter *copy = arena_alloc(arena, 1, sizeof *copy);

    if (copy == NULL) return STATUS_LIMIT;
    *copy = *formatter;
    *result = copy;
    return arena_copy(arena, zone, &copy->zone);
}

void formatter_encode(const struct formatter *formatter, struct buffer *out)
{
    bool with_zone = formatter->zone.len > 0;

    buffer_append_byte(out, formatter->constant | (with_zone ? WITH_ZONE : 0));
    if (formatter->constant == 0) {
        buffer_append_byte(out, formatter->lenient);
        buffer_append_sized(out, slice_of(formatter->locale.tag));
        buffer_append_sized(out, formatter->pattern);
    }
    if (with_zone) buffer_append_sized(out, formatter->zone);
}

static enum status decode_pattern(struct byte_reader *reader, struct arena *arena,
                                  const struct formatter **formatter)
{
    struct locale locale;
    struct fault fault = {.len = 0};
    uint8_t lenient = read_u8(reader);
    struct slice tag = read_sized(reader);
    struct slice pattern = read_sized(reader);

    if (reader->bad || lenient > 1 || locale_from_tag(tag, &locale) != STATUS_OK)
        return STATUS_INVALID;
    return formatter_compile(pattern, &locale, lenient == 1, arena, formatter, &fault);
}

enum status formatter_decode(struct byte_reader *reader, struct arena *arena,
                             const struct formatter **formatter)
{
    uint8_t head = read_u8(reader);
    uint8_t constant = head & (WITH_ZONE - 1);
    enum status status = STATUS_OK;

    if (constant == 0) {
        status = decode_pattern(reader, arena, formatter);
    } else {
        *formatter = constant != FORMATTER_INSTANT_TEXT ? formatter_constant(constant) : NULL;
        if (*formatter == NULL) status = STATUS_INVALID;
    }
    if (status != STATUS_OK || (head & WITH_ZONE) == 0) return status;
    struct slice zone = read_sized(reader);
    if (reader->bad || zone.len == 0) return STATUS_INVALID;
    return formatter_with_zone(*formatter, zone, arena, formatter);
}

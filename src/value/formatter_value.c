/* formatter_value.c - formatters as values: copies, equality, the stored form.
 *
 * One made of a pattern is the same as another of that pattern, locale and leniency. Stored:
 *
 *   | constant u8 |                      one of Java's own; 0:
 *   | lenient u8 | locale tag, sized | pattern, sized |      compiled again when read
 */
#include "base/bytes.h"
#include "base/hash.h"
#include "value/formatter.h"
#include "value/formatter_room.h"

bool formatter_equal(const struct formatter *left, const struct formatter *right)
{
    return left == right ||
           (left->constant == 0 && right->constant == 0 && left->lenient == right->lenient &&
            strcmp(left->locale.tag, right->locale.tag) == 0 &&
            slice_equal(left->pattern, right->pattern));
}

uint64_t formatter_hash(const struct formatter *formatter)
{
    return hash_bytes(formatter->pattern, formatter->constant + VALUE_FORMATTER);
}

enum status formatter_copy(const struct formatter *formatter, struct arena *arena,
                           const struct formatter **result)
{
    *result = formatter;
    if (formatter->constant != 0) return STATUS_OK;
    struct formatter *copy = arena_alloc(arena, 1, sizeof *copy);
    struct formatter_step *steps =
        arena_alloc(arena, formatter->step_count, sizeof *formatter->steps);
    if (copy == NULL || steps == NULL) return STATUS_LIMIT;
    *copy = *formatter;
    if (formatter->step_count > 0)
        memcpy(steps, formatter->steps, formatter->step_count * sizeof *steps);
    copy->steps = steps;
    enum status status = arena_copy(arena, formatter->pattern, &copy->pattern);
    if (status == STATUS_OK) status = arena_copy(arena, formatter->text, &copy->text);
    *result = copy;
    return status;
}

void formatter_encode(const struct formatter *formatter, struct buffer *out)
{
    buffer_append_byte(out, formatter->constant);
    if (formatter->constant != 0) return;
    buffer_append_byte(out, formatter->lenient);
    buffer_append_sized(out, slice_of(formatter->locale.tag));
    buffer_append_sized(out, formatter->pattern);
}

enum status formatter_decode(struct byte_reader *reader, struct arena *arena,
                             const struct formatter **formatter)
{
    uint8_t constant = read_u8(reader);
    struct locale locale;
    struct fault fault = {.len = 0};

    if (constant != 0) {
        *formatter = constant != FORMATTER_INSTANT_TEXT ? formatter_constant(constant) : NULL;
        return *formatter != NULL ? STATUS_OK : STATUS_INVALID;
    }
    uint8_t lenient = read_u8(reader);
    struct slice tag = read_sized(reader);
    struct slice pattern = read_sized(reader);
    if (reader->bad || lenient > 1 || locale_from_tag(tag, &locale) != STATUS_OK)
        return STATUS_INVALID;
    return formatter_compile(pattern, &locale, lenient == 1, arena, formatter, &fault);
}

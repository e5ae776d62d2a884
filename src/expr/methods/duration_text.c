/* duration_text.c - java.time.Duration out of text: PnDTnHnMn.nS, each part with its own sign. */
#include "expr/methods/duration.h"
#include "expr/text.h"

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

static bool take(struct reader *reader, char upper)
{
    bool found = reader->at < reader->end &&
                 (*reader->at == (uint8_t)upper || *reader->at == (uint8_t)(upper + 32));

    if (found) reader->at++;
    return found;
}

static bool digit_at(const struct reader *reader)
{
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* A signed number with up to nine decimals, in nanoseconds of its unit's second. */
static bool read_number(struct reader *reader, wide *nanos, bool *fraction)
{
    bool negative = reader->at < reader->end && *reader->at == '-';
    wide whole = 0;
    wide part = 0;
    int32_t unit = NANOS_PER_SECOND;

    if (reader->at < reader->end && (*reader->at == '-' || *reader->at == '+')) reader->at++;
    if (!digit_at(reader)) return false;
    while (digit_at(reader)) {
        whole = whole * 10 + (*reader->at++ - '0');
        if (whole > INT64_MAX) return false;
    }
    *fraction = reader->at < reader->end && (*reader->at == '.' || *reader->at == ',');
    if (*fraction) reader->at++;
    while (*fraction && digit_at(reader)) {
        unit /= 10;
        if (unit == 0) return false;
        part += (wide)(*reader->at++ - '0') * unit;
    }
    *nanos = whole * NANOS_PER_SECOND + part;
    if (negative) *nanos = -*nanos;
    return true;
}

static bool read_duration(struct slice text, wide *total)
{
    static const struct {
        char letter;
        int32_t seconds;
    } units[] = {{'D', SECONDS_PER_DAY}, {'H', 3600}, {'M', 60}, {'S', 1}};
    struct reader reader = {text.data, text.data + text.len};
    bool negative = reader.at < reader.end && *reader.at == '-';
    size_t unit = 0;
    uint32_t parts = 0;
    bool time = false;
    wide nanos = 0;

    if (reader.at < reader.end && (*reader.at == '-' || *reader.at == '+')) reader.at++;
    if (!take(&reader, 'P')) return false;
    *total = 0;
    while (reader.at < reader.end) {
        bool fraction = false;
        if (!time && take(&reader, 'T')) {
            time = true;
            unit = unit == 0 ? 1 : unit;
            if (reader.at == reader.end) return false;
        }
        if (!read_number(&reader, &nanos, &fraction)) return false;
        while (unit < COUNT_OF(units) && !take(&reader, units[unit].letter))
            unit++;
        bool allowed = unit < COUNT_OF(units) && (unit == 0) != time &&
                       (!fraction || units[unit].letter == 'S');
        if (!allowed) return false;
        *total += nanos * units[unit++].seconds;
        parts++;
    }
    if (negative) *total = -*total;
    return parts > 0;
}

enum status text_duration(struct slice text, struct value *duration)
{
    wide total = 0;

    if (!read_duration(text, &total)) return STATUS_INVALID;
    wide seconds = duration_floor_div(total, NANOS_PER_SECOND);
    if (seconds > INT64_MAX || seconds < INT64_MIN) return STATUS_INVALID;
    *duration = duration_make((int64_t)seconds, (int32_t)(total - seconds * NANOS_PER_SECOND));
    return STATUS_OK;
}

enum status method_duration_parse(struct call *call)
{
    struct value text;
    wide total = 0;
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    if (!read_duration(value_text(text), &total)) {
        return call_fail(call, "Text cannot be parsed to a Duration", (struct slice){0});
    }
    return duration_give(call, total);
}

/* formatter_iso.c - the formatters Java has ready: ISO 8601 and RFC 1123, as tables of steps.
 *
 * A formatter that contains another keeps it in a GROUP, as it shows in its text. Jumps (`at` of GROUP
 * and OPTION, the index of their END) are held by the test that prints them all.
 */
#include "value/formatter.h"

#define NUMBER(id, min, max, how)                                                                 \
    {                                                                                             \
        .op = STEP_NUMBER, .field = FIELD_##id, .least = (min), .most = (max), .sign = SIGN_##how \
    }
#define TWO(id) NUMBER(id, 2, 2, NOT_NEGATIVE)
#define CHARACTER(c)                        \
    {                                       \
        .op = STEP_CHARACTER, .letter = (c) \
    }
#define OPTION(end)                    \
    {                                  \
        .op = STEP_OPTION, .at = (end) \
    }
#define GROUP(end)                    \
    {                                 \
        .op = STEP_GROUP, .at = (end) \
    }
#define END            \
    {                  \
        .op = STEP_END \
    }
#define ANY_CASE                   \
    {                              \
        .op = STEP_CASE, .sign = 0 \
    }
#define SAME_CASE                  \
    {                              \
        .op = STEP_CASE, .sign = 1 \
    }
#define LENIENT                      \
    {                                \
        .op = STEP_STRICT, .sign = 0 \
    }
#define STRICT                       \
    {                                \
        .op = STEP_STRICT, .sign = 1 \
    }
#define OFFSET(row, c)                                \
    {                                                 \
        .op = STEP_OFFSET, .at = (row), .letter = (c) \
    }
#define FRACTION                                                                     \
    {                                                                                \
        .op = STEP_FRACTION, .field = FIELD_NANO_OF_SECOND, .most = 9, .letter = '.' \
    }

/* Five steps of a day; ten of a time from step `at` on, with its two options. */
#define DATE                                                                              \
    NUMBER(YEAR, 4, 10, EXCEEDS_PAD), CHARACTER('-'), TWO(MONTH_OF_YEAR), CHARACTER('-'), \
        TWO(DAY_OF_MONTH)
#define TIME(at)                                                                             \
    TWO(HOUR_OF_DAY), CHARACTER(':'), TWO(MINUTE_OF_HOUR), OPTION((at) + 9), CHARACTER(':'), \
        TWO(SECOND_OF_MINUTE), OPTION((at) + 8), FRACTION, END, END
#define ID 6 /* "+HH:MM:ss" */

static const struct formatter_step local_date[] = {DATE};
static const struct formatter_step local_time[] = {TIME(0)};
static const struct formatter_step local_date_time[] = {ANY_CASE,       GROUP(7),  DATE,     END,
                                                        CHARACTER('T'), GROUP(20), TIME(10), END};
static const struct formatter_step offset_date[] = {ANY_CASE, GROUP(7), DATE, END, OFFSET(ID, 'Z')};
static const struct formatter_step offset_time[] = {ANY_CASE, GROUP(12), TIME(2), END,
                                                    OFFSET(ID, 'Z')};
static const struct formatter_step date[] = {ANY_CASE,   GROUP(7),        DATE, END,
                                             OPTION(10), OFFSET(ID, 'Z'), END};
static const struct formatter_step time[] = {ANY_CASE,   GROUP(12),       TIME(2), END,
                                             OPTION(15), OFFSET(ID, 'Z'), END};

/* 23 steps from `at`, the last of them the END of the group. */
#define WHOLE(at)                                                                             \
    GROUP((at) + 22), ANY_CASE, GROUP((at) + 8), DATE, END, CHARACTER('T'), GROUP((at) + 21), \
        TIME((at) + 11), END, END

static const struct formatter_step offset_date_time[] = {ANY_CASE, WHOLE(1), LENIENT,
                                                         OFFSET(ID, 'Z'), STRICT};
static const struct formatter_step zoned_date_time[] = {
    GROUP(28), ANY_CASE,   WHOLE(2),       LENIENT,   OFFSET(ID, 'Z'),          STRICT,
    END,       OPTION(34), CHARACTER('['), SAME_CASE, {.op = STEP_ZONE_REGION}, CHARACTER(']'),
    END};
static const struct formatter_step date_time[] = {WHOLE(0),
                                                  OPTION(31),
                                                  OFFSET(ID, 'Z'),
                                                  OPTION(30),
                                                  CHARACTER('['),
                                                  SAME_CASE,
                                                  {.op = STEP_ZONE_REGION},
                                                  CHARACTER(']'),
                                                  END,
                                                  END};
static const struct formatter_step ordinal_date[] = {ANY_CASE,
                                                     NUMBER(YEAR, 4, 10, EXCEEDS_PAD),
                                                     CHARACTER('-'),
                                                     NUMBER(DAY_OF_YEAR, 3, 3, NOT_NEGATIVE),
                                                     OPTION(6),
                                                     OFFSET(ID, 'Z'),
                                                     END};
static const struct formatter_step week_date_steps[] = {ANY_CASE,
                                                        NUMBER(WEEK_BASED_YEAR, 4, 10, EXCEEDS_PAD),
                                                        {.op = STEP_TEXT, .at = 0, .len = 2},
                                                        TWO(WEEK_OF_YEAR),
                                                        CHARACTER('-'),
                                                        NUMBER(DAY_OF_WEEK, 1, 1, NOT_NEGATIVE),
                                                        OPTION(8),
                                                        OFFSET(ID, 'Z'),
                                                        END};
static const struct formatter_step instant[] = {ANY_CASE, {.op = STEP_INSTANT}};
/* What an instant is read as. */
static const struct formatter_step instant_text[] = {
    DATE,           CHARACTER('T'),        TWO(HOUR_OF_DAY), CHARACTER(':'), TWO(MINUTE_OF_HOUR),
    CHARACTER(':'), TWO(SECOND_OF_MINUTE), FRACTION,         OFFSET(ID, 'Z')};
static const struct formatter_step basic_date[] = {ANY_CASE,
                                                   {.op = STEP_NUMBER,
                                                    .field = FIELD_YEAR,
                                                    .least = 4,
                                                    .most = 4,
                                                    .sign = SIGN_NOT_NEGATIVE,
                                                    .next = 4},
                                                   {.op = STEP_NUMBER,
                                                    .field = FIELD_MONTH_OF_YEAR,
                                                    .least = 2,
                                                    .most = 2,
                                                    .sign = SIGN_NOT_NEGATIVE,
                                                    .next = -1},
                                                   {.op = STEP_NUMBER,
                                                    .field = FIELD_DAY_OF_MONTH,
                                                    .least = 2,
                                                    .most = 2,
                                                    .sign = SIGN_NOT_NEGATIVE,
                                                    .next = -1},
                                                   OPTION(8),
                                                   LENIENT,
                                                   OFFSET(5, 'Z'),
                                                   STRICT,
                                                   END};
static const struct formatter_step rfc_1123[] = {
    ANY_CASE,
    LENIENT,
    OPTION(5),
    {.op = STEP_NAME_FIXED, .field = FIELD_DAY_OF_WEEK, .style = STYLE_SHORT},
    {.op = STEP_TEXT, .at = 0, .len = 2},
    END,
    NUMBER(DAY_OF_MONTH, 1, 2, NOT_NEGATIVE),
    CHARACTER(' '),
    {.op = STEP_NAME_FIXED, .field = FIELD_MONTH_OF_YEAR, .style = STYLE_SHORT},
    CHARACTER(' '),
    NUMBER(YEAR, 4, 4, NOT_NEGATIVE),
    CHARACTER(' '),
    TWO(HOUR_OF_DAY),
    CHARACTER(':'),
    TWO(MINUTE_OF_HOUR),
    OPTION(18),
    CHARACTER(':'),
    TWO(SECOND_OF_MINUTE),
    END,
    CHARACTER(' '),
    OFFSET(3, 'G')};

/* The week of ISO 8601: from Monday, four days in the first. */
#define ISO_LOCALE                                                       \
    {                                                                    \
        .names = LOCALE_en, .first_day = 1, .least_days = 4, .tag = "en" \
    }
#define ROW(place, steps_of, strictly, literal)                                                \
    {                                                                                          \
        .steps = (steps_of), .step_count = (uint16_t)COUNT_OF(steps_of), .strict = (strictly), \
        .constant = (place), .text = {(const uint8_t *)(literal), sizeof(literal) - 1},        \
        .locale = ISO_LOCALE                                                                   \
    }

static const struct {
    const char *name;
    struct formatter formatter;
} formatters[] = {
    {"BASIC_ISO_DATE", ROW(1, basic_date, true, "")},
    {"ISO_DATE", ROW(2, date, true, "")},
    {"ISO_DATE_TIME", ROW(3, date_time, true, "")},
    {"ISO_INSTANT", ROW(4, instant, true, "")},
    {"ISO_LOCAL_DATE", ROW(5, local_date, true, "")},
    {"ISO_LOCAL_DATE_TIME", ROW(6, local_date_time, true, "")},
    {"ISO_LOCAL_TIME", ROW(7, local_time, true, "")},
    {"ISO_OFFSET_DATE", ROW(8, offset_date, true, "")},
    {"ISO_OFFSET_DATE_TIME", ROW(9, offset_date_time, true, "")},
    {"ISO_OFFSET_TIME", ROW(10, offset_time, true, "")},
    {"ISO_ORDINAL_DATE", ROW(11, ordinal_date, true, "")},
    {"ISO_TIME", ROW(12, time, true, "")},
    {"ISO_WEEK_DATE", ROW(13, week_date_steps, true, "-W")},
    {"ISO_ZONED_DATE_TIME", ROW(14, zoned_date_time, true, "")},
    {"RFC_1123_DATE_TIME", ROW(15, rfc_1123, false, ", ")},
    {"", ROW(16, instant_text, true, "")},
};

const struct formatter *formatter_constant(uint8_t constant)
{
    return constant >= 1 && constant <= COUNT_OF(formatters) ? &formatters[constant - 1].formatter
                                                             : NULL;
}

const struct formatter *formatter_named(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(formatters) && name.len > 0; i++) {
        if (slice_equal(name, slice_of(formatters[i].name))) return &formatters[i].formatter;
    }
    return NULL;
}

/* formatter.h - dates and times as text and back, by pattern: java.time.format.DateTimeFormatter.
 *
 * A pattern is compiled once into a flat program of steps; the same program prints, reads and shows
 * itself. The ISO formatters are programs in a table (formatter_iso.c).
 *
 *   pattern ── formatter_compile ──▶ steps ─┬─ formatter_print ◀── temporal_fields
 *                                           └─ formatter_parse ──▶ parsed fields ── resolve ──▶ temporal_fields
 *
 * What a zone's rules are is asked outside: fields carry an offset in seconds and a zone's name.
 * source  java.time.format of JDK 17: documentation, and answers held in tests/data/expr/formats.tsv
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "value/locale.h"
#include "value/type.h"
#include "value/zone.h"

enum formatter_field {
#define FIELD(id, name, least, most, of) FIELD_##id,
#include "value/formatter_fields.def"
#undef FIELD
    FIELD_COUNT
};

enum {
    FORMATTER_PATTERN_BYTES_MAX = 1000,
    FORMATTER_STEPS_MAX = 1024,
    FORMATTER_DEPTH_MAX = 8, /* of [ in [ */
    FORMATTER_DIGITS_MAX = 19
};

enum formatter_op {
    STEP_NUMBER,      /* field, least..most digits, sign */
    STEP_REDUCED,     /* a year's last digits, from 2000 on */
    STEP_FRACTION,    /* nanoseconds; sign 1: with a point */
    STEP_WEEK,        /* a number that depends on the locale's week; letter */
    STEP_NAME,        /* field, style */
    STEP_NAME_FIXED,  /* the same in English, as RFC 1123 has it */
    STEP_CHARACTER,   /* letter */
    STEP_TEXT,        /* at, len of the formatter's text */
    STEP_OFFSET,      /* at: row of offset styles; letter: the text for none */
    STEP_OFFSET_NAME, /* GMT+2; style SHORT or FULL */
    STEP_ZONE_ID,
    STEP_ZONE_REGION,
    STEP_ZONE_NAME, /* style; sign 1: generic */
    STEP_PERIOD,    /* style */
    STEP_INSTANT,
    STEP_CASE,   /* sign 1: letters must agree in case */
    STEP_STRICT, /* sign 1: strict from here on, 0: lenient */
    STEP_PAD,    /* the next step is least wide */
    STEP_OPTION, /* what may be missing, up to the step `at` */
    STEP_GROUP,  /* what is printed in brackets, up to the step `at` */
    STEP_END
};

enum sign_style { SIGN_NORMAL, SIGN_ALWAYS, SIGN_NEVER, SIGN_NOT_NEGATIVE, SIGN_EXCEEDS_PAD };

struct formatter_step {
    uint8_t op;
    uint8_t field;
    uint8_t least;
    uint8_t most;
    uint8_t sign;  /* enum sign_style, or a switch */
    uint8_t style; /* enum name_style */
    uint8_t letter;
    int8_t next; /* NUMBER and its like: digits of the steps right behind; -1: least digits only */
    uint16_t at;
    uint16_t len;
};

struct formatter {
    const struct formatter_step *steps;
    uint16_t step_count;
    bool strict;      /* no day is moved into its month, no 24:00 */
    bool lenient;     /* made by lenientFormatter */
    uint8_t constant; /* place among the ISO formatters + 1; 0: made of `pattern` */
    struct slice pattern;
    struct slice text; /* unquoted parts of the pattern */
    struct locale locale;
    struct slice zone; /* what is written is shown there, and read there where the text has none */
};

/* Why something did not work, in Java's words. */
struct fault {
    uint8_t text[512];
    size_t len; /* what does not fit is cut */
};
void fault_add(struct fault *fault, struct slice text);
void fault_number(struct fault *fault, int64_t number);
static inline struct slice fault_slice(const struct fault *fault)
{
    return (struct slice){fault->text, fault->len};
}
/* Sets the fault: `%` stands for the detail. Returns INVALID. */
enum status fault_set(struct fault *fault, const char *message, struct slice detail);

/* What a date or time has, seen by a formatter. */
struct temporal_fields {
    struct value value; /* for messages; DayOfWeek and Month have no more than themselves */
    bool has_date;
    bool has_time;
    bool has_offset;
    bool has_instant;
    int64_t day;     /* since 1970-01-01 */
    int64_t nano;    /* of the day */
    int64_t instant; /* seconds since the epoch */
    int32_t instant_nanos;
    int32_t offset_seconds; /* east of UTC */
    struct slice zone;      /* "Europe/Warsaw"; empty: none */
    bool summer;            /* daylight saving is in force */
};

/* fails    INVALID: the fault says why; LIMIT: too long, or the arena is full */
enum status formatter_compile(struct slice pattern, const struct locale *locale, bool lenient,
                              struct arena *arena, const struct formatter **result,
                              struct fault *fault) MUST_USE;

/* "ISO_LOCAL_DATE", "RFC_1123_DATE_TIME" and so on. NULL: none of that name */
const struct formatter *formatter_named(struct slice name);
const struct formatter *formatter_constant(uint8_t constant);

/* Java's toString() of a DateTimeFormatter. */
void formatter_to_text(const struct formatter *formatter, struct buffer *out);

/* fails    INVALID: the fault says which field is missing or does not fit */
enum status formatter_print(const struct formatter *formatter, const struct temporal_fields *fields,
                            struct buffer *out, struct fault *fault) MUST_USE;

/* Reads the whole text and resolves what a value of the class needs: a day, a time of day, both; an
 * offset, a zone. Local times stay local: what a zone makes of them is the caller's; `zones`
 * says which names there are.
 * fails    INVALID: the fault says where or why; lives  the zone's name is part of `text` */
enum status formatter_parse(const struct formatter *formatter, struct slice text,
                            enum class_id class_id, const struct zones *zones,
                            struct temporal_fields *fields, struct fault *fault) MUST_USE;

/* Java's pattern of an offset step ("+HH:MM"), and its text for no offset. */
struct slice formatter_offset_pattern(const struct formatter_step *step);
struct slice formatter_offset_none(const struct formatter_step *step);

/* As values: two of one pattern are equal; stored as their pattern. */
struct byte_reader;
bool formatter_equal(const struct formatter *left, const struct formatter *right);
uint64_t formatter_hash(const struct formatter *formatter);
enum status formatter_copy(const struct formatter *formatter, struct arena *arena,
                           const struct formatter **result) MUST_USE;
/* The same in a time zone; empty: in none. The steps are shared. fails  LIMIT */
enum status formatter_with_zone(const struct formatter *formatter, struct slice zone,
                                struct arena *arena, const struct formatter **result) MUST_USE;
void formatter_encode(const struct formatter *formatter, struct buffer *out);
enum status formatter_decode(struct byte_reader *reader, struct arena *arena,
                             const struct formatter **formatter) MUST_USE;

/* A value of kind FORMATTER. */
struct value value_formatter(const struct formatter *formatter);

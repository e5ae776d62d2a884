/* locale.h - how languages word dates: names of months, days, halves of the day, quarters, eras.
 *
 * Pure tables (locale_names.def) for English, Polish, German, French and Spanish with their regions;
 * a locale of another language is known by its tag only and has no names.
 */
#pragma once
#include "base/base.h"

enum locale_id {
#define LOCALE(id, language, regions) LOCALE_##id,
#define NAMES(locale, field, style, names)
#define WEEK(first_day, least_days, regions)
#include "value/locale_names.def"
#undef LOCALE
#undef NAMES
#undef WEEK
    LOCALE_COUNT /* a language without names */
};

enum name_field {
    NAME_MONTH,
    NAME_DAY, /* of the week, from Monday */
    NAME_HALF,
    NAME_QUARTER,
    NAME_ERA,
    NAME_PERIOD, /* of the day: see locale_period() */
    NAME_FIELD_COUNT
};

/* ALONE: in the form a name has by itself ("styczeń", not "stycznia"). */
enum name_style {
    STYLE_FULL,
    STYLE_FULL_ALONE,
    STYLE_SHORT,
    STYLE_SHORT_ALONE,
    STYLE_NARROW,
    STYLE_NARROW_ALONE,
    STYLE_COUNT
};

enum { LOCALE_TAG_BYTES = 12 };

struct locale {
    uint8_t names;                  /* enum locale_id */
    uint8_t first_day;              /* of the week: 1 (Monday) to 7 */
    uint8_t least_days;             /* that the first week of a year has in it */
    char tag[LOCALE_TAG_BYTES + 1]; /* "pl" or "pl-PL" */
};

/* The locale dates are worded in when none is named: English of the United States. */
extern const struct locale locale_default;

/* "pl", "pl-PL", "pl_PL". fails  INVALID: no tag of a language and perhaps a region */
enum status locale_from_tag(struct slice tag, struct locale *locale) MUST_USE;

const char *locale_language(enum locale_id locale); /* "" of one without names */

/* Part number `index` of "a|b|c"; empty behind the last. */
struct slice locale_part(const char *list, uint32_t index);

/* Name number `index` (from 0); empty if there is none. */
struct slice locale_name(enum locale_id locale, enum name_field field, enum name_style style,
                         uint32_t index);

/* Period of the day ("in the afternoon") number `index` and the minute of the day it begins
 * at; empty behind the last. */
struct slice locale_period(enum locale_id locale, enum name_style style, uint32_t index,
                           int32_t *first_minute);

/* formatter_zones.c - what zones are called in text: CET, Central European Summer Time. */
#include "value/formatter.h"
#include "value/formatter_room.h"

enum { LANGUAGES = 5 };
static const char *const languages[LANGUAGES] = {"en", "pl", "de", "fr", "es"};

/* "winter|summer|any time"; "": as in English. */
static const struct {
    const char *brief[LANGUAGES];
    const char *full[LANGUAGES];
} names[] = {
#define ZONE_NAMES(b0, b1, b2, b3, b4, f0, f1, f2, f3, f4) \
    {{b0, b1, b2, b3, b4}, {f0, f1, f2, f3, f4}},
#define ZONE(id, row)
#include "value/zone_names.def"
#undef ZONE_NAMES
#undef ZONE
};

static const struct {
    const char *id;
    uint32_t row;
} rows[] = {
#define ZONE_NAMES(b0, b1, b2, b3, b4, f0, f1, f2, f3, f4)
#define ZONE(id, row) {id, row},
#include "value/zone_names.def"
#undef ZONE_NAMES
#undef ZONE
};

static uint32_t language_of(enum locale_id locale)
{
    for (uint32_t i = 0; i < LANGUAGES; i++) {
        if (strcmp(languages[i], locale_language(locale)) == 0) return i;
    }
    return 0;
}

/* COUNT_OF(names): a zone without names. */
static uint32_t row_of(struct slice zone)
{
    size_t low = 0;
    size_t high = COUNT_OF(rows);

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(slice_of(rows[middle].id), zone);
        if (order == 0) return rows[middle].row;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return COUNT_OF(names);
}

struct slice zone_name(struct slice zone, enum locale_id locale, const struct formatter_step *step,
                       bool summer)
{
    uint32_t row = row_of(zone);
    uint32_t language = language_of(locale);

    if (row >= COUNT_OF(names)) return zone;
    const char *const *texts = step->style == STYLE_FULL ? names[row].full : names[row].brief;
    const char *text = texts[language][0] != '\0' ? texts[language] : texts[0];
    struct slice winter = locale_part(text, 0);
    struct slice any_time = locale_part(text, 2);
    struct slice in_summer = locale_part(text, 1);
    if (step->sign != 0) return any_time;
    return summer && in_summer.len > 0 ? in_summer : winter;
}

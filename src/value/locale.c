/* locale.c - finding a locale by its tag, and its names in the table. */
#include "value/locale.h"

static const struct {
    const char *language;
    const char *regions; /* "" for the language itself */
} locales[LOCALE_COUNT] = {
#define LOCALE(id, language, regions) {language, regions},
#define NAMES(locale, field, style, names)
#define WEEK(first_day, least_days, regions)
#include "value/locale_names.def"
#undef LOCALE
#undef NAMES
#undef WEEK
};

static const char *const names[LOCALE_COUNT][NAME_FIELD_COUNT][STYLE_COUNT] = {
#define LOCALE(id, language, regions)
#define NAMES(locale, field, style, names) [LOCALE_##locale][NAME_##field][STYLE_##style] = (names),
#define WEEK(first_day, least_days, regions)
#include "value/locale_names.def"
#undef LOCALE
#undef NAMES
#undef WEEK
};

static const struct {
    uint8_t first_day;
    uint8_t least_days;
    const char *regions;
} weeks[] = {
#define LOCALE(id, language, regions)
#define NAMES(locale, field, style, names)
#define WEEK(first_day, least_days, regions) {first_day, least_days, regions},
#include "value/locale_names.def"
#undef LOCALE
#undef NAMES
#undef WEEK
};

const struct locale locale_default = {
    .names = LOCALE_en, .first_day = 7, .least_days = 1, .tag = "en-US"};

/* --- tags --------------------------------------------------------------------------------------------- */

/* Is the word one of those parted by spaces? */
static bool lists(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; len > 0 && *at != '\0';) {
        size_t end = 0;
        while (at[end] != ' ' && at[end] != '\0')
            end++;
        if (end == len && memcmp(at, word, len) == 0) return true;
        at += end + (at[end] == ' ');
    }
    return false;
}

static bool is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* Splits "pl-PL"; the language in small, the region in capital letters. */
static enum status split(struct slice tag, char language[4], char region[4])
{
    size_t at = 0;
    size_t count = 0;

    while (at < tag.len && is_letter(tag.data[at]) && at < 3) {
        language[at] = (char)(tag.data[at] | 0x20);
        at++;
    }
    if (at < 2) return STATUS_INVALID;
    if (at == tag.len) return STATUS_OK;
    if (tag.data[at] != '-' && tag.data[at] != '_') return STATUS_INVALID;
    for (at++; at < tag.len && count < 3; at++, count++) {
        uint8_t byte = tag.data[at];
        bool digit = byte >= '0' && byte <= '9';
        if (!digit && !is_letter(byte)) return STATUS_INVALID;
        region[count] = (char)(digit ? byte : byte & ~0x20);
    }
    bool number = count == 3 && region[0] <= '9' && region[1] <= '9' && region[2] <= '9';
    bool letters = count == 2 && region[0] > '9' && region[1] > '9';
    return at == tag.len && (number || letters) ? STATUS_OK : STATUS_INVALID;
}

enum status locale_from_tag(struct slice tag, struct locale *locale)
{
    char language[4] = {0};
    char region[4] = {0};

    if (split(tag, language, region) != STATUS_OK) return STATUS_INVALID;
    *locale = (struct locale){.names = LOCALE_COUNT, .first_day = 7, .least_days = 1};
    for (uint32_t i = 0; i < LOCALE_COUNT; i++) {
        if (strcmp(locales[i].language, language) != 0) continue;
        bool whole = locales[i].regions[0] == '\0';
        if (whole || lists(locales[i].regions, region)) locale->names = (uint8_t)i;
    }
    for (size_t i = 0; i < COUNT_OF(weeks); i++) {
        if (!lists(weeks[i].regions, region)) continue;
        locale->first_day = weeks[i].first_day;
        locale->least_days = weeks[i].least_days;
    }
    memcpy(locale->tag, language, strlen(language));
    if (region[0] != '\0') {
        locale->tag[strlen(language)] = '-';
        memcpy(locale->tag + strlen(language) + 1, region, strlen(region));
    }
    return STATUS_OK;
}

const char *locale_language(enum locale_id locale)
{
    return locale < LOCALE_COUNT ? locales[locale].language : "";
}

/* --- names -------------------------------------------------------------------------------------------- */

/* The row of the language that a region's row adds to. */
static enum locale_id language_row(enum locale_id locale)
{
    for (uint32_t i = 0; i < LOCALE_COUNT; i++) {
        bool same = strcmp(locales[i].language, locales[locale].language) == 0;
        if (same && locales[i].regions[0] == '\0') return (enum locale_id)i;
    }
    UNREACHABLE("a region without its language");
}

static const char *names_of(enum locale_id locale, enum name_field field, enum name_style style)
{
    if (locale >= LOCALE_COUNT) return "";
    enum name_style within = (enum name_style)(style & ~1U);
    const enum locale_id rows[2] = {locale, language_row(locale)};

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (names[rows[i]][field][style] != NULL) return names[rows[i]][field][style];
        if (names[rows[i]][field][within] != NULL) return names[rows[i]][field][within];
    }
    return "";
}

struct slice locale_part(const char *list, uint32_t index)
{
    struct slice rest = slice_of(list);

    while (true) {
        const uint8_t *end = rest.len > 0 ? memchr(rest.data, '|', rest.len) : NULL;
        size_t len = end != NULL ? (size_t)(end - rest.data) : rest.len;
        if (index == 0) return (struct slice){rest.data, len};
        if (end == NULL) return (struct slice){0};
        rest = (struct slice){end + 1, rest.len - len - 1};
        index--;
    }
}

struct slice locale_name(enum locale_id locale, enum name_field field, enum name_style style,
                         uint32_t index)
{
    return locale_part(names_of(locale, field, style), index);
}

struct slice locale_period(enum locale_id locale, enum name_style style, uint32_t index,
                           int32_t *first_minute)
{
    struct slice row = locale_part(names_of(locale, NAME_PERIOD, style), index);

    *first_minute = 0;
    if (row.len < 5) return (struct slice){0};
    const uint8_t *d = row.data;
    *first_minute = ((d[0] - '0') * 10 + (d[1] - '0')) * 60 + (d[2] - '0') * 10 + (d[3] - '0');
    return (struct slice){d + 5, row.len - 5};
}

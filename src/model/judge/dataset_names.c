/* dataset_names.c - names to numbers, and times out of texts. */
#include <math.h>

#include "base/hash.h"
#include "model/judge/dataset_room.h"
#include "model/name_text.h"
#include "model/number_text.h"

enum { NAMES_CAPACITY_FIRST = 1024 };
#define MILLISECONDS_FROM 1e11 /* as seconds this is the year 5138 */
#define SECONDS_MAX       1e12

static enum status names_grow(struct names *names, uint32_t capacity)
{
    struct slice *texts = arena_alloc(names->arena, capacity, sizeof(*texts));
    uint32_t *slots = arena_zalloc(names->arena, 2 * (size_t)capacity, sizeof(*slots));

    if (texts == NULL || slots == NULL) return STATUS_LIMIT;
    if (names->count > 0) memcpy(texts, names->texts, names->count * sizeof(*texts));
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t mask = 2 * capacity - 1;
        uint32_t slot = (uint32_t)hash_bytes(texts[i], 0) & mask;

        while (slots[slot] != 0)
            slot = (slot + 1) & mask;
        slots[slot] = i + 1;
    }
    names->texts = texts;
    names->slots = slots;
    names->capacity = capacity;
    return STATUS_OK;
}

enum status names_init(struct names *names, struct arena *arena)
{
    *names = (struct names){.arena = arena};
    return names_grow(names, NAMES_CAPACITY_FIRST);
}

enum status names_number(struct names *names, struct slice text, uint32_t *number)
{
    if (names->count == names->capacity) {
        if (names->capacity > UINT32_MAX / 4) return STATUS_LIMIT;
        enum status status = names_grow(names, 2 * names->capacity);
        if (status != STATUS_OK) return status;
    }
    uint32_t mask = 2 * names->capacity - 1;
    uint32_t slot = (uint32_t)hash_bytes(text, 0) & mask;

    while (names->slots[slot] != 0 && !slice_equal(names->texts[names->slots[slot] - 1], text))
        slot = (slot + 1) & mask;
    if (names->slots[slot] == 0) {
        if (name_trouble(text) != NULL) return STATUS_INVALID;
        names->texts[names->count] = text;
        names->slots[slot] = ++names->count;
    }
    *number = names->slots[slot] - 1;
    return STATUS_OK;
}

/* `digits` digits at the front of the text; false if they are not there. */
static bool take_number(struct slice *text, uint32_t digits, int64_t *number)
{
    *number = 0;
    if (text->len < digits) return false;
    for (uint32_t i = 0; i < digits; i++) {
        if (text->data[i] < '0' || text->data[i] > '9') return false;
        *number = *number * 10 + (text->data[i] - '0');
    }
    *text = (struct slice){text->data + digits, text->len - digits};
    return true;
}

static bool take_byte(struct slice *text, const char *any_of)
{
    if (text->len == 0 || text->data[0] == '\0' || strchr(any_of, text->data[0]) == NULL)
        return false;
    *text = (struct slice){text->data + 1, text->len - 1};
    return true;
}

/* Days since 1970; the year begins in March, so that the leap day is its last.
 * source  Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t march_year = month <= 2 ? year - 1 : year;
    int64_t era = march_year / 400;
    int64_t year_of_era = march_year % 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

/* HH:MM[:SS[.fraction]][Z] */
static bool time_of_day(struct slice text, double *seconds)
{
    int64_t hour;
    int64_t minute;
    int64_t second = 0;
    double fraction = 0.0;

    if (!take_number(&text, 2, &hour) || !take_byte(&text, ":") || !take_number(&text, 2, &minute))
        return false;
    if (take_byte(&text, ":") && !take_number(&text, 2, &second)) return false;
    if (text.len > 0 && text.data[text.len - 1] == 'Z') text.len--;
    if (text.len > 0 && (text.data[0] != '.' || !number_text(text, &fraction))) return false;
    *seconds = (double)(hour * 3600 + minute * 60 + second) + fraction;
    return hour < 24 && minute < 60 && second < 61;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month < 1 || month > 12 || day < 1) return false;
    return day <= lengths[month - 1] + (month == 2 && leap);
}

static bool calendar_time(struct slice text, double *seconds)
{
    int64_t year;
    int64_t month;
    int64_t day;
    double of_day = 0.0;

    if (!take_number(&text, 4, &year) || !take_byte(&text, "-") || !take_number(&text, 2, &month) ||
        !take_byte(&text, "-") || !take_number(&text, 2, &day))
        return false;
    if (!is_date(year, month, day)) return false;
    if (text.len > 0 && (!take_byte(&text, "T ") || !time_of_day(text, &of_day))) return false;
    *seconds = (double)(days_of(year, month, day) * 86400) + of_day;
    return true;
}

bool dataset_time(struct slice text, double *seconds)
{
    if (!number_text(text, seconds)) return calendar_time(text, seconds) && *seconds >= 0.0;
    if (*seconds >= MILLISECONDS_FROM) *seconds /= 1000.0;
    return *seconds >= 0.0 && *seconds < SECONDS_MAX;
}

void bare_dates_note(struct bare_dates *dates, struct slice time, uint32_t line)
{
    int64_t year;
    int64_t month;
    int64_t day;
    bool bare = time.len == 8 && take_number(&time, 4, &year) && take_number(&time, 2, &month) &&
                take_number(&time, 2, &day) && year >= 1990 && year < 2100 &&
                is_date(year, month, day);

    if (!bare) return;
    if (dates->count++ == 0) dates->line = line;
}

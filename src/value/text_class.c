/* text_class.c - which literal texts may stand for a date, time, zone, identifier and so on. */
#include "value/object.h"
#include "value/type_room.h"

struct digits {
    const uint8_t *at;
    const uint8_t *end;
    bool bad;
};

static int32_t take_digits(struct digits *digits, uint32_t count)
{
    int32_t number = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (digits->at == digits->end || *digits->at < '0' || *digits->at > '9') {
            digits->bad = true;
            return 0;
        }
        number = number * 10 + (*digits->at++ - '0');
    }
    return number;
}

static bool take_byte(struct digits *digits, char byte)
{
    if (digits->at == digits->end || *digits->at != (uint8_t)byte) return false;
    digits->at++;
    return true;
}

static void take_date(struct digits *digits)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t year = take_digits(digits, 4);
    bool dashes = take_byte(digits, '-');
    int32_t month = take_digits(digits, 2);
    dashes = take_byte(digits, '-') && dashes;
    int32_t day = take_digits(digits, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (!dashes || digits->bad || month < 1 || month > 12) {
        digits->bad = true;
        return;
    }
    int32_t last = days[month - 1] + (month == 2 && leap ? 1 : 0);
    digits->bad = day < 1 || day > last;
}

static void take_fraction(struct digits *digits)
{
    uint32_t count = 0;

    while (digits->at < digits->end && *digits->at >= '0' && *digits->at <= '9') {
        digits->at++;
        count++;
    }
    digits->bad = digits->bad || count > 9;
}

static void take_time(struct digits *digits)
{
    int32_t hour = take_digits(digits, 2);
    bool colon = take_byte(digits, ':');
    int32_t minute = take_digits(digits, 2);
    int32_t second = 0;

    if (take_byte(digits, ':')) {
        second = take_digits(digits, 2);
        if (take_byte(digits, '.')) take_fraction(digits);
    }
    digits->bad = digits->bad || !colon || hour > 23 || minute > 59 || second > 59;
}

static bool fits_date_time(struct slice text, bool date, bool time)
{
    struct digits digits = {.at = text.data, .end = text.data + text.len};

    if (date) take_date(&digits);
    if (date && time && !take_byte(&digits, 'T')) return false;
    if (time) take_time(&digits);
    return !digits.bad && digits.at == digits.end;
}

static bool fits_offset(struct slice text)
{
    struct digits digits = {.at = text.data, .end = text.data + text.len};

    if (slice_equal(text, SLICE("Z"))) return true;
    if (!take_byte(&digits, '+') && !take_byte(&digits, '-')) return false;
    int32_t hours = take_digits(&digits, text.len == 2 ? 1 : 2);
    if (digits.at < digits.end) {
        take_byte(&digits, ':');
        if (take_digits(&digits, 2) > 59) return false;
    }
    return !digits.bad && digits.at == digits.end && hours <= 18;
}

/* "Area/City" or one of the short names that are always there. */
static bool fits_zone(struct slice text)
{
    static const char *const areas[] = {"Africa/", "America/",  "Antarctica/", "Arctic/",
                                        "Asia/",   "Atlantic/", "Australia/",  "Etc/",
                                        "Europe/", "Indian/",   "Pacific/"};
    static const char *const names[] = {"UTC", "GMT", "UT", "Z", "CET", "EET", "WET", "MET"};

    for (size_t i = 0; i < COUNT_OF(areas); i++) {
        struct slice area = slice_of(areas[i]);
        if (slice_starts_with(text, area) && text.len > area.len) return true;
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(text, slice_of(names[i]))) return true;
    }
    return fits_offset(text);
}

bool text_fits_class(struct slice text, enum class_id class_id)
{
    if (class_id == CLASS_LocalDate || class_id == CLASS_ChronoLocalDate) {
        return fits_date_time(text, true, false);
    }
    if (class_id == CLASS_LocalDateTime || class_id == CLASS_ChronoLocalDateTime) {
        return fits_date_time(text, true, true);
    }
    if (class_id == CLASS_LocalTime) return fits_date_time(text, false, true);
    if (class_id == CLASS_ZoneOffset) return fits_offset(text);
    if (class_id == CLASS_ZoneId) return fits_zone(text);
    return object_from_text(text, class_id, NULL, NULL) == STATUS_OK;
}

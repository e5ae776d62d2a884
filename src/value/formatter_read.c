/* formatter_read.c - what single steps read: numbers, names, periods of the day, offsets, zones. */
#include "value/formatter_reader.h"
#include "value/utf8.h"

/* NOT_FOUND: the text does not go on as the step wants. INVALID: a fault is set. */
enum status reader_miss(struct reader *reader, size_t at)
{
    reader->at = at;
    return STATUS_NOT_FOUND;
}

/* Keeps a field; the same one read twice must say the same. */
enum status reader_keep(struct reader *reader, enum formatter_field field, int64_t number,
                        size_t start, size_t end)
{
    struct parsed *parsed = &reader->parsed;
    bool differs = parsed_has(parsed, field) && parsed->values[field] != number;

    parsed->values[field] = number;
    parsed->present |= 1U << field;
    if (differs) return reader_miss(reader, start);
    reader->at = end;
    return STATUS_OK;
}

/* --- letters ------------------------------------------------------------------------------------------ */

/* Small letter of the alphabets that the names in the tables are written in. */
static uint32_t small_letter(uint32_t code)
{
    if (code < 0x80) return code >= 'A' && code <= 'Z' ? code + 0x20 : code;
    if (code >= 0xC0 && code <= 0xDE && code != 0xD7) return code + 0x20;
    bool odd_pairs = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
    if (code >= 0x100 && code <= 0x17F && code != 0x178)
        return (code & 1) == odd_pairs ? code + 1 : code;
    return code;
}

/* Bytes of the text at `at` that are the word; 0: it is another one. */
static size_t match(const struct reader *reader, size_t at, struct slice word)
{
    const uint8_t *text = reader->text.data + at;
    const uint8_t *text_end = reader->text.data + reader->end;
    const uint8_t *letter = word.data;
    const uint8_t *word_end = word.data + word.len;

    if (reader->same_case) {
        bool fits = word.len <= reader->end - at && memcmp(text, word.data, word.len) == 0;
        return fits ? word.len : 0;
    }
    while (letter < word_end) {
        if (text == text_end) return 0;
        if (small_letter(utf8_next(&text, text_end)) != small_letter(utf8_next(&letter, word_end)))
            return 0;
    }
    return (size_t)(text - reader->text.data) - at;
}

enum status reader_literal(struct reader *reader, struct slice word)
{
    size_t len = match(reader, reader->at, word);

    if (len == 0) return reader_miss(reader, reader->at);
    reader->at += len;
    return STATUS_OK;
}

/* --- numbers ------------------------------------------------------------------------------------------ */

static bool digit_at(const struct reader *reader, size_t at)
{
    return at < reader->end && reader->text.data[at] >= '0' && reader->text.data[at] <= '9';
}

static bool is_fixed(const struct reader *reader, const struct formatter_step *step)
{
    if (step->op == STEP_REDUCED && !reader->strict) return false;
    return step->next == -1 ||
           (step->next > 0 && step->least == step->most && step->sign == SIGN_NOT_NEGATIVE);
}

static bool sign_allowed(const struct reader *reader, const struct formatter_step *step, bool plus)
{
    switch ((enum sign_style)step->sign) {
    case SIGN_NORMAL: return !plus || !reader->strict;
    case SIGN_ALWAYS:
    case SIGN_EXCEEDS_PAD: return true;
    case SIGN_NEVER:
    case SIGN_NOT_NEGATIVE: return !reader->strict && step->least != step->most;
    }
    UNREACHABLE("sign style outside the enum");
}

/* Strictly: no -0, and a plus if and only if there are more digits than the pattern has. */
static bool sign_fits(const struct formatter_step *step, bool plus, bool minus, int64_t number,
                      size_t digits)
{
    if (minus) return number != 0;
    return step->sign != SIGN_EXCEEDS_PAD || plus == (digits > step->least);
}

/* A year by its last two digits is one from 2000 on. */
static int64_t whole_year(const struct formatter_step *step, int64_t number, size_t digits)
{
    return step->op == STEP_REDUCED && digits == step->least && number >= 0 ? 2000 + number
                                                                            : number;
}

/* Digits from `at` on, at most `most`; the widest number that 64 bits hold. */
static size_t read_digits(const struct reader *reader, size_t at, size_t most, int64_t *number)
{
    size_t count = 0;

    *number = 0;
    while (count < most && digit_at(reader, at + count)) {
        int64_t next = 0;
        if (__builtin_mul_overflow(*number, 10, &next) ||
            __builtin_add_overflow(next, reader->text.data[at + count] - '0', &next))
            break;
        *number = next;
        count++;
    }
    return count;
}

enum status reader_number(struct reader *reader, const struct formatter_step *step)
{
    size_t start = reader->at;
    size_t at = start;
    int64_t number = 0;

    if (at == reader->end) return reader_miss(reader, start);
    bool plus = reader->text.data[at] == '+';
    bool minus = reader->text.data[at] == '-';
    if ((plus || minus) && !sign_allowed(reader, step, plus)) return reader_miss(reader, start);
    at += plus || minus;
    bool exact = reader->strict || is_fixed(reader, step);
    size_t least = exact ? step->least : 1;
    size_t most = exact ? step->most : 9;
    size_t reserved = step->next > 0 ? (size_t)step->next : 0;
    size_t count = read_digits(reader, at, most + reserved, &number);
    if (count >= least && reserved > 0) {
        most = count - (count < reserved ? count : reserved);
        count = read_digits(reader, at, most > least ? most : least, &number);
    }
    if (count < least) return reader_miss(reader, at);
    if (reader->strict && !sign_fits(step, plus, minus, number, count))
        return reader_miss(reader, start);
    number = whole_year(step, minus ? -number : number, count);
    return reader_keep(reader, (enum formatter_field)step->field, number, at, at + count);
}

enum status reader_fraction(struct reader *reader, const struct formatter_step *step)
{
    bool point = step->letter == '.';
    bool exact = reader->strict; /* one with a point has its own bounds, too */
    size_t least = exact ? step->least : 0;
    size_t at = reader->at;
    int64_t number = 0;

    if (at == reader->end) return least > 0 ? reader_miss(reader, at) : STATUS_OK;
    if (point) {
        if (reader->text.data[at] != '.') return least > 0 ? reader_miss(reader, at) : STATUS_OK;
        at++;
    }
    size_t count = read_digits(reader, at, exact ? step->most : 9, &number);
    if (count < least) return reader_miss(reader, at);
    for (size_t i = count; i < 9; i++)
        number *= 10;
    return reader_keep(reader, (enum formatter_field)step->field, number, at, at + count);
}

/* --- names -------------------------------------------------------------------------------------------- */

static const uint8_t name_counts[NAME_FIELD_COUNT] = {12, 7, 2, 4, 2, 0};

/* The longest name that the text goes on with; a lenient reader takes any style. */
static size_t longest_name(const struct reader *reader, const struct formatter_step *step,
                           int64_t *index)
{
    enum name_field field = name_field_of((enum formatter_field)step->field);
    size_t longest = 0;

    for (uint32_t style = 0; style < STYLE_COUNT; style++) {
        if (reader->strict && style != step->style) continue;
        for (uint32_t i = 0; i < name_counts[field]; i++) {
            struct slice name = locale_name((enum locale_id)reader->formatter->locale.names, field,
                                            (enum name_style)style, i);
            size_t len = name.len > 0 ? match(reader, reader->at, name) : 0;
            if (len == 0 || len < longest) continue;
            longest = len;
            *index = i;
        }
    }
    return longest;
}

enum status reader_name(struct reader *reader, const struct formatter_step *step)
{
    static const struct formatter_step plain = {
        .op = STEP_NUMBER, .least = 1, .most = FORMATTER_DIGITS_MAX, .sign = SIGN_NORMAL};
    enum formatter_field field = (enum formatter_field)step->field;
    int64_t index = 0;
    size_t len = longest_name(reader, step, &index);

    if (len > 0) {
        bool from_zero = field == FIELD_ERA || field == FIELD_AMPM_OF_DAY;
        return reader_keep(reader, field, from_zero ? index : index + 1, reader->at,
                           reader->at + len);
    }
    if (reader->strict) return reader_miss(reader, reader->at);
    struct formatter_step number = plain;
    number.field = step->field;
    return reader_number(reader, &number);
}

/* The last period of a day goes on behind midnight where the first ones have the same name. */
static int32_t period_end(const struct reader *reader, const struct formatter_step *step,
                          uint32_t index, struct slice name)
{
    enum locale_id locale = (enum locale_id)reader->formatter->locale.names;
    enum name_style style = (enum name_style)step->style;
    int32_t first = 0;

    if (locale_period(locale, style, index + 1, &first).len > 0) return first;
    for (uint32_t i = 0; i < 2; i++) {
        if (!slice_equal(locale_period(locale, style, i, &first), name)) continue;
        (void)locale_period(locale, style, i + 1, &first);
        return first + MINUTES_PER_DAY;
    }
    return MINUTES_PER_DAY;
}

enum status reader_period(struct reader *reader, const struct formatter_step *step)
{
    enum locale_id locale = (enum locale_id)reader->formatter->locale.names;
    size_t longest = 0;
    int32_t first = 0;

    for (uint32_t i = 0;; i++) {
        struct slice name = locale_period(locale, (enum name_style)step->style, i, &first);
        if (name.len == 0) break;
        size_t len = match(reader, reader->at, name);
        if (len == 0 || len < longest) continue;
        reader->parsed.period_first = first;
        reader->parsed.period_end = period_end(reader, step, i, name);
        longest = len;
    }
    if (longest == 0) return reader_miss(reader, reader->at);
    reader->at += longest;
    return STATUS_OK;
}

/* --- offsets ------------------------------------------------------------------------------------------ */

/* Two digits up to 59, perhaps behind a colon. */
static bool read_pair(struct reader *reader, bool colon, int32_t *number)
{
    size_t at = reader->at;

    if (colon && (at >= reader->end || reader->text.data[at] != ':')) return false;
    at += colon;
    if (!digit_at(reader, at) || !digit_at(reader, at + 1)) return false;
    *number = (reader->text.data[at] - '0') * 10 + (reader->text.data[at + 1] - '0');
    if (*number > 59) return false;
    reader->at = at + 2;
    return true;
}

/* Rows of offset patterns: are minutes and seconds there, and must they be? */
static bool read_offset_parts(struct reader *reader, uint16_t row, int32_t parts[3])
{
    bool colon = row > 0 && row % 2 == 0;
    bool minutes_wanted = row >= 3 && row <= 8;
    bool seconds_wanted = row == 7 || row == 8;

    if (!read_pair(reader, false, &parts[0])) return false;
    bool minutes = row >= 1 && read_pair(reader, colon, &parts[1]);
    if (!minutes) return !minutes_wanted;
    bool seconds = row >= 5 && read_pair(reader, colon, &parts[2]);
    return seconds || !seconds_wanted;
}

enum status reader_offset(struct reader *reader, const struct formatter_step *step)
{
    size_t start = reader->at;
    int32_t parts[3] = {0};
    uint16_t row = step->at;

    if (start == reader->end) return reader_miss(reader, start);
    size_t none = match(reader, start, formatter_offset_none(step));
    if (none > 0) return reader_keep(reader, FIELD_OFFSET_SECONDS, 0, start, start + none);
    bool minus = reader->text.data[start] == '-';
    if (!minus && reader->text.data[start] != '+') return reader_miss(reader, start);
    if (!reader->strict) {
        bool colon = (row > 0 && row % 2 == 0) ||
                     (row == 0 && start + 3 < reader->end && reader->text.data[start + 3] == ':');
        row = colon ? 10 : 9;
    }
    reader->at = start + 1;
    if (!read_offset_parts(reader, row, parts)) return reader_miss(reader, start);
    if (parts[0] > 23) {
        return fault_set(reader->fault,
                         "Value out of range: Hour[0-23], Minute[0-59], Second[0-59]",
                         (struct slice){0});
    }
    int32_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
    return reader_keep(reader, FIELD_OFFSET_SECONDS, minus ? -seconds : seconds, start, reader->at);
}

/* GMT, GMT+2, GMT+02:00 */
enum status reader_offset_name(struct reader *reader, const struct formatter_step *step)
{
    size_t start = reader->at;
    int64_t hours = 0;
    int32_t minutes = 0;
    int32_t seconds = 0;
    bool full = step->style == STYLE_FULL;
    const char *tag = reader->formatter->locale.tag;
    bool french = tag[0] == 'f' && tag[1] == 'r';
    size_t len = match(reader, start, french ? SLICE("UTC") : SLICE("GMT"));

    if (len == 0) return reader_miss(reader, start);
    size_t at = start + len;
    bool minus = at < reader->end && reader->text.data[at] == '-';
    if (at == reader->end || (!minus && reader->text.data[at] != '+'))
        return reader_keep(reader, FIELD_OFFSET_SECONDS, 0, start, at);
    size_t count = read_digits(reader, at + 1, 2, &hours);
    if (count < (full ? 2U : 1U)) return reader_miss(reader, start);
    reader->at = at + 1 + count;
    if (!read_pair(reader, true, &minutes) && full) return reader_miss(reader, start);
    (void)read_pair(reader, true, &seconds);
    int64_t total = hours * 3600 + (int64_t)minutes * 60 + seconds;
    return reader_keep(reader, FIELD_OFFSET_SECONDS, minus ? -total : total, start, reader->at);
}

/* --- zones -------------------------------------------------------------------------------------------- */

static bool of_zone_name(uint8_t byte)
{
    static const uint8_t others[] = {'/', '_', '+', '-', '.', '~', ':'};
    bool letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';

    return letter || (byte >= '0' && byte <= '9') || memchr(others, byte, sizeof others) != NULL;
}

/* The longest text from here on that names a zone: "Z", an offset, "UTC+1", a region. */
enum status reader_zone(struct reader *reader, const struct formatter_step *step)
{
    size_t start = reader->at;
    size_t len = 0;
    struct zone_id_room room;
    struct zone zone;

    (void)step;
    while (len < ZONE_ID_BYTES_MAX && start + len < reader->end &&
           of_zone_name(reader->text.data[start + len]))
        len++;
    for (; len > 0; len--) {
        struct slice id = {reader->text.data + start, len};
        if (zone_read(reader->zones, id, &room, &zone) != ZONE_GOOD) continue;
        reader->parsed.zone = id;
        reader->at = start + len;
        return STATUS_OK;
    }
    return reader_miss(reader, start);
}

/* formatter_letters.c - what each letter of a pattern stands for, by how many there are of it.
 *
 * Numbers that stand side by side share their digits: the first takes what the fixed ones behind it
 * leave (`next` counts their digits), as in yyyyMMdd.
 */
#include "value/formatter_pattern.h"

static enum status add_number(struct pattern_reader *reader, struct formatter_step step)
{
    int32_t first = reader->number;
    bool fixed = step.least == step.most && step.sign == SIGN_NOT_NEGATIVE;

    if (first < 0) {
        bool padded = reader->count > 0 && reader->steps[reader->count - 1].op == STEP_PAD;
        enum status status = pattern_step(reader, step);
        reader->number = padded ? -1 : reader->count - 1;
        return status;
    }
    if (fixed) {
        reader->steps[first].next = (int8_t)(reader->steps[first].next + (int8_t)step.most);
        step.next = -1;
        enum status status = pattern_step(reader, step);
        reader->number = first;
        return status;
    }
    reader->steps[first].next = -1;
    enum status status = pattern_step(reader, step);
    reader->number = reader->count - 1;
    return status;
}

static enum status number(struct pattern_reader *reader, enum formatter_field field, uint32_t least,
                          uint32_t most, enum sign_style sign)
{
    if (least > FORMATTER_DIGITS_MAX) {
        (void)fault_set(reader->fault,
                        least == most ? "The width must be from 1 to 19 inclusive but was "
                                      : "The minimum width must be from 1 to 19 inclusive but was ",
                        (struct slice){0});
        fault_number(reader->fault, least);
        return STATUS_INVALID;
    }
    return add_number(reader, (struct formatter_step){.op = STEP_NUMBER,
                                                      .field = (uint8_t)field,
                                                      .least = (uint8_t)least,
                                                      .most = (uint8_t)most,
                                                      .sign = (uint8_t)sign});
}

/* One letter: as wide as it is; two: exactly so wide. */
static enum status plain_number(struct pattern_reader *reader, enum formatter_field field,
                                uint32_t count)
{
    return count == 1 ? number(reader, field, 1, FORMATTER_DIGITS_MAX, SIGN_NORMAL)
                      : number(reader, field, count, count, SIGN_NOT_NEGATIVE);
}

static enum status too_many(struct pattern_reader *reader, uint8_t letter)
{
    return pattern_fail(reader, "Too many pattern letters: %", letter);
}

static enum status year(struct pattern_reader *reader, enum formatter_field field, uint32_t count)
{
    if (count == 2) {
        return add_number(reader, (struct formatter_step){.op = STEP_REDUCED,
                                                          .field = (uint8_t)field,
                                                          .least = 2,
                                                          .most = 2,
                                                          .sign = SIGN_NOT_NEGATIVE});
    }
    return number(reader, field, count, FORMATTER_DIGITS_MAX,
                  count < 4 ? SIGN_NORMAL : SIGN_EXCEEDS_PAD);
}

static enum status fraction(struct pattern_reader *reader, uint32_t count)
{
    if (count > 9) {
        (void)fault_set(reader->fault, "Minimum width must be from 0 to 9 inclusive but was ",
                        (struct slice){0});
        fault_number(reader->fault, count);
        return STATUS_INVALID;
    }
    struct formatter_step step = {.op = STEP_FRACTION,
                                  .field = FIELD_NANO_OF_SECOND,
                                  .least = (uint8_t)count,
                                  .most = (uint8_t)count,
                                  .sign = SIGN_NOT_NEGATIVE};
    return add_number(reader, step);
}

static enum status week(struct pattern_reader *reader, uint8_t letter, uint32_t count)
{
    uint32_t most = letter == 'W' ? 1 : letter == 'w' ? 2 : FORMATTER_DIGITS_MAX;

    if (count > most && letter != 'Y') return too_many(reader, letter);
    if (count > FORMATTER_DIGITS_MAX) return too_many(reader, letter);
    bool fixed = letter == 'e' || letter == 'c' || letter == 'W';
    uint32_t widest = fixed ? count : letter == 'w' || count == 2 ? 2 : FORMATTER_DIGITS_MAX;
    return add_number(reader, (struct formatter_step){.op = STEP_WEEK,
                                                      .letter = letter,
                                                      .least = (uint8_t)count,
                                                      .most = (uint8_t)widest,
                                                      .sign = SIGN_NOT_NEGATIVE});
}

static enum status name(struct pattern_reader *reader, enum formatter_field field,
                        enum name_style style)
{
    reader->needs_names = true;
    return pattern_step(
        reader,
        (struct formatter_step){.op = STEP_NAME, .field = (uint8_t)field, .style = (uint8_t)style});
}

/* M L Q q E e c: a number for one or two letters, else a name. */
static enum status named_number(struct pattern_reader *reader, enum formatter_field field,
                                uint8_t letter, uint32_t count)
{
    bool alone = letter == 'c' || letter == 'L' || letter == 'q';

    if (letter == 'c' && count == 1) return week(reader, letter, count);
    if (letter == 'c' && count == 2) {
        return fault_set(reader->fault, "Invalid pattern \"cc\"", (struct slice){0});
    }
    if (count > 5) return too_many(reader, letter);
    if (count <= 2 && letter == 'e') return week(reader, letter, count);
    if (count <= 2 && letter != 'E') return plain_number(reader, field, count);
    enum name_style style = count == 4 ? STYLE_FULL : count == 5 ? STYLE_NARROW : STYLE_SHORT;
    return name(reader, field, (enum name_style)(style + alone));
}

static enum status offset(struct pattern_reader *reader, uint8_t letter, uint32_t count)
{
    struct formatter_step step = {.op = STEP_OFFSET};

    if (letter == 'O' || (letter == 'Z' && count == 4)) {
        if (count != 1 && count != 4) {
            return pattern_fail(reader, "Pattern letter count must be 1 or 4: %", letter);
        }
        step.op = STEP_OFFSET_NAME;
        step.style = count == 1 ? STYLE_SHORT : STYLE_FULL;
        return pattern_step(reader, step);
    }
    if (count > 5) return too_many(reader, letter);
    if (letter == 'Z') {
        step.at = count < 4 ? 3 : 6;
        step.letter = count < 4 ? '4' : 'Z';
        return pattern_step(reader, step);
    }
    step.at = (uint16_t)(count + (count == 1 ? 0 : 1));
    step.letter = letter == 'X' ? 'Z' : count == 1 ? '2' : count % 2 == 0 ? '4' : ':';
    return pattern_step(reader, step);
}

static enum status zone(struct pattern_reader *reader, uint8_t letter, uint32_t count)
{
    struct formatter_step step = {.op = STEP_ZONE_NAME,
                                  .sign = letter == 'v',
                                  .style = count == 4 ? STYLE_FULL : STYLE_SHORT};

    if (letter == 'z' && count > 4) return too_many(reader, letter);
    if (letter == 'V' && count != 2)
        return pattern_fail(reader, "Pattern letter count must be 2: %", letter);
    if (letter == 'v' && count != 1 && count != 4)
        return pattern_fail(reader, "Wrong number of pattern letters: %", letter);
    if (letter != 'V') reader->needs_names = true;
    if (letter == 'V') step = (struct formatter_step){.op = STEP_ZONE_ID};
    return pattern_step(reader, step);
}

static enum status period(struct pattern_reader *reader, uint32_t count)
{
    if (count != 1 && count != 4 && count != 5)
        return pattern_fail(reader, "Wrong number of pattern letters: %", 'B');
    reader->needs_names = true;
    enum name_style style = count == 1 ? STYLE_SHORT : count == 4 ? STYLE_FULL : STYLE_NARROW;
    return pattern_step(reader,
                        (struct formatter_step){.op = STEP_PERIOD, .style = (uint8_t)style});
}

/* Numbers of at most two digits, and how many letters they take. */
static const struct {
    uint8_t letter;
    uint8_t field;
} short_numbers[] = {{'d', FIELD_DAY_OF_MONTH},    {'h', FIELD_CLOCK_HOUR_OF_AMPM},
                     {'H', FIELD_HOUR_OF_DAY},     {'k', FIELD_CLOCK_HOUR_OF_DAY},
                     {'K', FIELD_HOUR_OF_AMPM},    {'m', FIELD_MINUTE_OF_HOUR},
                     {'s', FIELD_SECOND_OF_MINUTE}};

static enum status short_number(struct pattern_reader *reader, uint8_t letter, uint32_t count)
{
    for (size_t i = 0; i < COUNT_OF(short_numbers); i++) {
        if (short_numbers[i].letter != letter) continue;
        if (count > 2) return too_many(reader, letter);
        return plain_number(reader, (enum formatter_field)short_numbers[i].field, count);
    }
    return pattern_fail(reader, "Unknown pattern letter: %", letter);
}

static enum status letters(struct pattern_reader *reader, uint8_t letter, uint32_t count)
{
    switch (letter) {
    case 'G':
        if (count > 5) return too_many(reader, letter);
        return name(reader, FIELD_ERA,
                    count == 4   ? STYLE_FULL
                    : count == 5 ? STYLE_NARROW
                                 : STYLE_SHORT);
    case 'y': return year(reader, FIELD_YEAR_OF_ERA, count);
    case 'u': return year(reader, FIELD_YEAR, count);
    case 'M':
    case 'L': return named_number(reader, FIELD_MONTH_OF_YEAR, letter, count);
    case 'Q':
    case 'q': return named_number(reader, FIELD_QUARTER_OF_YEAR, letter, count);
    case 'E':
    case 'e':
    case 'c': return named_number(reader, FIELD_DAY_OF_WEEK, letter, count);
    case 'Y':
    case 'w':
    case 'W': return week(reader, letter, count);
    case 'a':
        return count > 1 ? too_many(reader, letter) : name(reader, FIELD_AMPM_OF_DAY, STYLE_SHORT);
    case 'B': return period(reader, count);
    case 'D':
        if (count > 3) return too_many(reader, letter);
        return count == 1 ? plain_number(reader, FIELD_DAY_OF_YEAR, 1)
                          : number(reader, FIELD_DAY_OF_YEAR, count, 3, SIGN_NOT_NEGATIVE);
    case 'F':
        return count > 1 ? too_many(reader, letter)
                         : plain_number(reader, FIELD_ALIGNED_DAY_OF_WEEK, 1);
    case 'g':
        return number(reader, FIELD_MODIFIED_JULIAN_DAY, count, FORMATTER_DIGITS_MAX, SIGN_NORMAL);
    case 'S': return fraction(reader, count);
    case 'A':
        return number(reader, FIELD_MILLI_OF_DAY, count, FORMATTER_DIGITS_MAX, SIGN_NOT_NEGATIVE);
    case 'n':
        return number(reader, FIELD_NANO_OF_SECOND, count, FORMATTER_DIGITS_MAX, SIGN_NOT_NEGATIVE);
    case 'N':
        return number(reader, FIELD_NANO_OF_DAY, count, FORMATTER_DIGITS_MAX, SIGN_NOT_NEGATIVE);
    case 'O':
    case 'X':
    case 'x':
    case 'Z': return offset(reader, letter, count);
    case 'V':
    case 'v':
    case 'z': return zone(reader, letter, count);
    default: return short_number(reader, letter, count);
    }
}

bool pattern_is_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static uint32_t same_letters(struct pattern_reader *reader)
{
    uint8_t letter = reader->pattern.data[reader->at];
    uint32_t count = 0;

    while (reader->at < reader->pattern.len && reader->pattern.data[reader->at] == letter) {
        reader->at++;
        count++;
    }
    return count;
}

enum status pattern_letters(struct pattern_reader *reader)
{
    uint8_t letter = reader->pattern.data[reader->at];
    uint32_t count = same_letters(reader);

    if (letter != 'p') return letters(reader, letter, count);
    if (reader->at == reader->pattern.len || !pattern_is_letter(reader->pattern.data[reader->at])) {
        return fault_set(reader->fault, "Pad letter 'p' must be followed by valid pad pattern: %",
                         reader->pattern);
    }
    if (count > UINT8_MAX) return STATUS_LIMIT;
    bool side_by_side = reader->number >= 0;
    int32_t first = reader->number;
    enum status status =
        pattern_step(reader, (struct formatter_step){.op = STEP_PAD, .least = (uint8_t)count});
    if (side_by_side) reader->number = first;
    if (status != STATUS_OK) return status;
    letter = reader->pattern.data[reader->at];
    count = same_letters(reader);
    return letters(reader, letter, count);
}

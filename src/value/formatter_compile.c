/* formatter_compile.c - a pattern to steps: letters (formatter_letters.c), quotes, [optional parts]. */
#include "value/formatter_pattern.h"

enum status pattern_step(struct pattern_reader *reader, struct formatter_step step)
{
    if (reader->count == FORMATTER_STEPS_MAX) return STATUS_LIMIT;
    reader->steps[reader->count++] = step;
    reader->number = -1;
    return STATUS_OK;
}

enum status pattern_fail(struct pattern_reader *reader, const char *message, uint8_t letter)
{
    return fault_set(reader->fault, message, (struct slice){&letter, 1});
}

/* --- the rest ----------------------------------------------------------------------------------------- */

static enum status literal(struct pattern_reader *reader, uint16_t start)
{
    uint16_t len = (uint16_t)(reader->text_len - start);
    struct formatter_step step = {.op = STEP_TEXT, .at = start, .len = len};

    return pattern_step(reader, step);
}

/* 'quoted', with '' for a quote; '' alone is a quote. */
static enum status quoted(struct pattern_reader *reader)
{
    uint16_t start = reader->text_len;
    bool closed = false;

    reader->at++;
    while (reader->at < reader->pattern.len && !closed) {
        uint8_t byte = reader->pattern.data[reader->at++];
        bool quote = byte == '\'';
        bool twice =
            quote && reader->at < reader->pattern.len && reader->pattern.data[reader->at] == '\'';
        if (twice) reader->at++;
        closed = quote && !twice;
        if (!closed) reader->text[reader->text_len++] = byte;
    }
    if (!closed) {
        return fault_set(reader->fault, "Pattern ends with an incomplete string literal: %",
                         reader->pattern);
    }
    if (reader->text_len == start) reader->text[reader->text_len++] = '\'';
    return literal(reader, start);
}

static enum status option_start(struct pattern_reader *reader)
{
    if (reader->depth == FORMATTER_DEPTH_MAX) return STATUS_LIMIT;
    reader->options[reader->depth++] = reader->count;
    return pattern_step(reader, (struct formatter_step){.op = STEP_OPTION});
}

/* An option with nothing in it is none. */
static enum status option_end(struct pattern_reader *reader)
{
    uint16_t start = reader->options[--reader->depth];

    reader->number = -1;
    if (reader->count == start + 1) {
        reader->count--;
        return STATUS_OK;
    }
    reader->steps[start].at = reader->count;
    return pattern_step(reader, (struct formatter_step){.op = STEP_END});
}

/* Any other character stands for itself; one of several bytes is one step too. */
static enum status character(struct pattern_reader *reader)
{
    uint16_t start = reader->text_len;

    do {
        reader->text[reader->text_len++] = reader->pattern.data[reader->at++];
    } while (reader->at < reader->pattern.len && (reader->pattern.data[reader->at] & 0xC0) == 0x80);
    return literal(reader, start);
}

static enum status pattern_part(struct pattern_reader *reader)
{
    uint8_t byte = reader->pattern.data[reader->at];

    if (pattern_is_letter(byte)) return pattern_letters(reader);
    switch (byte) {
    case '\'': return quoted(reader);
    case '[': reader->at++; return option_start(reader);
    case ']':
        reader->at++;
        if (reader->depth > 0) return option_end(reader);
        return fault_set(reader->fault, "Pattern invalid as it contains ] without previous [",
                         (struct slice){0});
    case '{':
    case '}':
    case '#': return pattern_fail(reader, "Pattern includes reserved character: '%'", byte);
    default: return character(reader);
    }
}

static enum status compile(struct pattern_reader *reader, bool lenient)
{
    enum status status = STATUS_OK;

    if (lenient) {
        status = pattern_step(reader, (struct formatter_step){.op = STEP_STRICT, .sign = 0});
        if (status == STATUS_OK)
            status = pattern_step(reader, (struct formatter_step){.op = STEP_CASE, .sign = 0});
    }
    while (status == STATUS_OK && reader->at < reader->pattern.len)
        status = pattern_part(reader);
    while (status == STATUS_OK && reader->depth > 0)
        status = option_end(reader);
    return status;
}

enum status formatter_compile(struct slice pattern, const struct locale *locale, bool lenient,
                              struct arena *arena, const struct formatter **result,
                              struct fault *fault)
{
    struct pattern_reader reader = {.pattern = pattern, .number = -1, .fault = fault};

    if (pattern.len > FORMATTER_PATTERN_BYTES_MAX) return STATUS_LIMIT;
    struct formatter *formatter = arena_alloc(arena, 1, sizeof *formatter);
    struct slice copy = {0};
    size_t most = 2 * pattern.len + 2; /* p and the step it pads; [ and its end; two switches */
    if (most > FORMATTER_STEPS_MAX) most = FORMATTER_STEPS_MAX;
    reader.steps = arena_alloc(arena, most, sizeof *reader.steps);
    reader.text = arena_alloc(arena, pattern.len + 1, 1);
    if (formatter == NULL || reader.steps == NULL || reader.text == NULL) return STATUS_LIMIT;
    enum status status = arena_copy(arena, pattern, &copy);
    if (status == STATUS_OK) status = compile(&reader, lenient);
    if (status != STATUS_OK) return status;
    if (reader.needs_names && locale->names == LOCALE_COUNT) {
        return fault_set(fault,
                         "The names of months and days are known in en, pl, de, fr, es, not in %",
                         slice_of(locale->tag));
    }
    *formatter = (struct formatter){.steps = reader.steps,
                                    .step_count = reader.count,
                                    .lenient = lenient,
                                    .pattern = copy,
                                    .text = {reader.text, reader.text_len},
                                    .locale = *locale};
    *result = formatter;
    return STATUS_OK;
}

/* formatter_text.c - a formatter as Java's toString() shows it: its steps. */
#include "value/formatter.h"
#include "value/formatter_room.h"

static const char *const offset_patterns[] = {"+HH",       "+HHmm",   "+HH:mm",    "+HHMM",
                                              "+HH:MM",    "+HHMMss", "+HH:MM:ss", "+HHMMSS",
                                              "+HH:MM:SS", "+HHmmss", "+HH:mm:ss"};

struct slice formatter_offset_pattern(const struct formatter_step *step)
{
    ASSERT(step->at < COUNT_OF(offset_patterns));
    return slice_of(offset_patterns[step->at]);
}

struct slice formatter_offset_none(const struct formatter_step *step)
{
    switch (step->letter) {
    case '2': return SLICE("+00");
    case '4': return SLICE("+0000");
    case ':': return SLICE("+00:00");
    case 'G': return SLICE("GMT");
    default: return SLICE("Z");
    }
}

static const char *style_name(uint8_t style)
{
    static const char *const names[STYLE_COUNT] = {
        "FULL", "FULL_STANDALONE", "SHORT", "SHORT_STANDALONE", "NARROW", "NARROW_STANDALONE"};

    return names[style];
}

static const char *sign_name(uint8_t sign)
{
    static const char *const names[] = {"NORMAL", "ALWAYS", "NEVER", "NOT_NEGATIVE", "EXCEEDS_PAD"};

    return names[sign];
}

static void append_numbers(struct buffer *out, uint8_t least, uint8_t most)
{
    buffer_append_byte(out, ',');
    buffer_append_u64(out, least);
    buffer_append_byte(out, ',');
    buffer_append_u64(out, most);
}

static void number_to_text(const struct formatter_step *step, struct buffer *out)
{
    buffer_append_text(out, "Value(");
    buffer_append_text(out, field_infos[step->field].name);
    bool plain =
        step->least == 1 && step->most == FORMATTER_DIGITS_MAX && step->sign == SIGN_NORMAL;
    bool fixed = step->least == step->most && step->sign == SIGN_NOT_NEGATIVE;
    if (fixed) {
        buffer_append_byte(out, ',');
        buffer_append_u64(out, step->least);
    } else if (!plain) {
        append_numbers(out, step->least, step->most);
        buffer_append_byte(out, ',');
        buffer_append_text(out, sign_name(step->sign));
    }
    buffer_append_byte(out, ')');
}

static void reduced_to_text(const char *name, struct buffer *out)
{
    buffer_append_text(out, "ReducedValue(");
    buffer_append_text(out, name);
    buffer_append_text(out, ",2,2,2000-01-01)");
}

static void week_to_text(const struct formatter_step *step, struct buffer *out)
{
    struct formatter_step number = week_number(step);

    buffer_append_text(out, "Localized(");
    if (step->letter == 'Y' && step->least == 2) {
        reduced_to_text(field_infos[number.field].name, out);
    } else {
        buffer_append_text(out, field_infos[number.field].name);
        if (step->letter != 'Y') {
            buffer_append_byte(out, ',');
            buffer_append_u64(out, step->least);
        } else if (step->least > 1) {
            append_numbers(out, step->least, number.most);
            buffer_append_byte(out, ',');
            buffer_append_text(out, sign_name(number.sign));
        }
    }
    buffer_append_byte(out, ')');
}

/* 'text' with its quotes doubled; a quote alone is ''. */
static void literal_to_text(struct slice text, struct buffer *out)
{
    if (slice_equal(text, SLICE("'"))) {
        buffer_append_text(out, "''");
        return;
    }
    buffer_append_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\'') buffer_append_byte(out, '\'');
        buffer_append_byte(out, text.data[i]);
    }
    buffer_append_byte(out, '\'');
}

static void named_to_text(const char *head, const char *field, const char *style,
                          struct buffer *out)
{
    buffer_append_text(out, head);
    if (field != NULL) buffer_append_text(out, field);
    if (field != NULL && style != NULL) buffer_append_byte(out, ',');
    if (style != NULL) buffer_append_text(out, style);
    buffer_append_byte(out, ')');
}

static void fraction_to_text(const struct formatter_step *step, struct buffer *out)
{
    buffer_append_text(out, "Fraction(");
    buffer_append_text(out, field_infos[step->field].name);
    append_numbers(out, step->least, step->most);
    if (step->letter == '.') buffer_append_text(out, ",DecimalPoint");
    buffer_append_byte(out, ')');
}

static void offset_to_text(const struct formatter_step *step, struct buffer *out)
{
    buffer_append_text(out, "Offset(");
    buffer_append(out, formatter_offset_pattern(step));
    buffer_append_text(out, ",'");
    buffer_append(out, formatter_offset_none(step));
    buffer_append_text(out, "')");
}

static void step_to_text(const struct formatter *formatter, const struct formatter_step *step,
                         struct buffer *out)
{
    const char *name = field_infos[step->field].name;
    const char *style = style_name(step->style);

    switch ((enum formatter_op)step->op) {
    case STEP_NUMBER: number_to_text(step, out); return;
    case STEP_REDUCED: reduced_to_text(name, out); return;
    case STEP_FRACTION: fraction_to_text(step, out); return;
    case STEP_WEEK: week_to_text(step, out); return;
    case STEP_NAME:
        named_to_text("Text(", name, step->style == STYLE_FULL ? NULL : style, out);
        return;
    case STEP_NAME_FIXED: named_to_text("Text(", name, NULL, out); return;
    case STEP_CHARACTER: literal_to_text((struct slice){&step->letter, 1}, out); return;
    case STEP_TEXT:
        literal_to_text((struct slice){formatter->text.data + step->at, step->len}, out);
        return;
    case STEP_OFFSET: offset_to_text(step, out); return;
    case STEP_OFFSET_NAME: named_to_text("LocalizedOffset(", NULL, style, out); return;
    case STEP_ZONE_ID: buffer_append_text(out, "ZoneId()"); return;
    case STEP_ZONE_REGION: buffer_append_text(out, "ZoneRegionId()"); return;
    case STEP_ZONE_NAME: named_to_text("ZoneText(", NULL, style, out); return;
    case STEP_PERIOD: named_to_text("DayPeriod(", NULL, style, out); return;
    case STEP_INSTANT: buffer_append_text(out, "Instant()"); return;
    case STEP_CASE:
        named_to_text("ParseCaseSensitive(", NULL, step->sign != 0 ? "true" : "false", out);
        return;
    case STEP_STRICT:
        named_to_text("ParseStrict(", NULL, step->sign != 0 ? "true" : "false", out);
        return;
    case STEP_PAD: buffer_append_text(out, "Pad("); return;
    case STEP_OPTION: buffer_append_byte(out, '['); return;
    case STEP_GROUP: buffer_append_byte(out, '('); return;
    case STEP_END: return;
    }
    UNREACHABLE("step outside the enum");
}

void formatter_to_text(const struct formatter *formatter, struct buffer *out)
{
    uint8_t closers[FORMATTER_DEPTH_MAX + 1] = {0};
    uint32_t depth = 0;
    const struct formatter_step *pad = NULL;

    for (uint16_t i = 0; i < formatter->step_count; i++) {
        const struct formatter_step *step = &formatter->steps[i];
        step_to_text(formatter, step, out);
        if (step->op == STEP_OPTION || step->op == STEP_GROUP) {
            ASSERT(depth < COUNT_OF(closers));
            closers[depth++] = step->op == STEP_OPTION ? ']' : ')';
        }
        if (step->op == STEP_END && depth > 0) buffer_append_byte(out, closers[--depth]);
        if (pad != NULL) {
            buffer_append_byte(out, ',');
            buffer_append_u64(out, pad->least);
            buffer_append_byte(out, ')');
        }
        pad = step->op == STEP_PAD ? step : NULL;
    }
}

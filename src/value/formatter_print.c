/* formatter_print.c - dates and times to text, step by step.
 *
 * Inside [ ] a missing field ends the part, and what it had printed goes again; outside it fails.
 */
#include "value/formatter.h"
#include "value/formatter_room.h"
#include "value/temporal.h"
#include "value/utf8.h"

struct printer {
    const struct formatter *formatter;
    const struct temporal_fields *fields;
    struct buffer *out;
    struct fault *fault;
    uint32_t optional; /* how many options around */
};

static const int64_t powers[] = {1,       10,       100,       1000,       10000,      100000,
                                 1000000, 10000000, 100000000, 1000000000, 10000000000};

/* What Java asks a date for when it lacks the field. */
static const char *missing_name(const struct printer *printer, enum formatter_field field)
{
    bool week = field == FIELD_LOCAL_DAY_OF_WEEK || field == FIELD_WEEK_OF_MONTH ||
                ((field == FIELD_WEEK_OF_YEAR || field == FIELD_WEEK_BASED_YEAR) &&
                 printer->formatter->constant == 0);

    if (field == FIELD_MODIFIED_JULIAN_DAY) return "EpochDay";
    return week ? "DayOfWeek" : field_infos[field].name;
}

/* NOT_FOUND: the part around is left out. */
static enum status get(struct printer *printer, enum formatter_field field, int64_t *number)
{
    if (field_supported(printer->fields, field)) {
        *number = field_of(printer->fields, field, formatter_week(printer->formatter));
        return STATUS_OK;
    }
    if (printer->optional > 0) return STATUS_NOT_FOUND;
    return fault_set(printer->fault, "Unsupported field: %",
                     slice_of(missing_name(printer, field)));
}

/* --- numbers ------------------------------------------------------------------------------------------ */

static enum status fail_number(struct printer *printer, const struct formatter_step *step,
                               int64_t number, bool wide)
{
    struct fault *fault = printer->fault;

    (void)fault_set(fault, "Field % cannot be printed as the value ",
                    slice_of(field_infos[step->field].name));
    fault_number(fault, number);
    if (wide) {
        fault_add(fault, SLICE(" exceeds the maximum print width of "));
        fault_number(fault, step->most);
    } else {
        fault_add(fault, SLICE(" cannot be negative according to the SignStyle"));
    }
    return STATUS_INVALID;
}

static uint32_t digit_count(uint64_t number)
{
    uint32_t count = 1;

    for (; number >= 10; number /= 10)
        count++;
    return count;
}

static enum status put_number(struct printer *printer, const struct formatter_step *step,
                              int64_t number)
{
    uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    if (digit_count(size) > step->most) return fail_number(printer, step, number, true);
    if (number < 0 && step->sign == SIGN_NOT_NEGATIVE)
        return fail_number(printer, step, number, false);
    if (number < 0) buffer_append_byte(printer->out, '-');
    bool plus = number >= 0 && step->sign == SIGN_EXCEEDS_PAD && digit_count(size) > step->least;
    if (plus) buffer_append_byte(printer->out, '+');
    buffer_append_padded(printer->out, size, step->least);
    return STATUS_OK;
}

static enum status print_number(struct printer *printer, const struct formatter_step *step)
{
    int64_t number = 0;
    enum status status = get(printer, (enum formatter_field)step->field, &number);

    if (status != STATUS_OK) return status;
    if (step->op == STEP_REDUCED) number = (number < 0 ? -number : number) % 100;
    return put_number(printer, step, number);
}

/* The first digits of the fraction, at least `least`, without zeros at the end behind those. */
static enum status print_fraction(struct printer *printer, const struct formatter_step *step)
{
    int64_t nanos = 0;
    uint32_t width = step->most;
    enum status status = get(printer, FIELD_NANO_OF_SECOND, &nanos);

    if (status != STATUS_OK) return status;
    int64_t shown = nanos / powers[9 - width];
    while (width > step->least && shown % 10 == 0) {
        shown /= 10;
        width--;
    }
    if (width == 0) return STATUS_OK;
    if (step->letter == '.') buffer_append_byte(printer->out, '.');
    buffer_append_padded(printer->out, (uint64_t)shown, width);
    return STATUS_OK;
}

/* --- names -------------------------------------------------------------------------------------------- */

static enum status print_name(struct printer *printer, const struct formatter_step *step)
{
    enum formatter_field field = (enum formatter_field)step->field;
    int64_t number = 0;
    enum status status = get(printer, field, &number);

    if (status != STATUS_OK) return status;
    bool from_zero = field == FIELD_ERA || field == FIELD_AMPM_OF_DAY;
    struct slice name =
        locale_name((enum locale_id)printer->formatter->locale.names, name_field_of(field),
                    (enum name_style)step->style, (uint32_t)(from_zero ? number : number - 1));
    buffer_append(printer->out, name);
    return STATUS_OK;
}

static enum status print_period(struct printer *printer, const struct formatter_step *step)
{
    enum locale_id locale = (enum locale_id)printer->formatter->locale.names;
    int64_t second = 0;
    int32_t first = 0;
    struct slice name = {0};
    enum status status = get(printer, FIELD_SECOND_OF_DAY, &second);

    if (status != STATUS_OK) {
        return status == STATUS_INVALID
                   ? fault_set(printer->fault, "Unsupported field: HourOfDay", (struct slice){0})
                   : status;
    }
    for (uint32_t i = 0;; i++) {
        struct slice next = locale_period(locale, (enum name_style)step->style, i, &first);
        if (next.len == 0 || first > second / 60) break;
        name = next;
    }
    buffer_append(printer->out, name);
    return STATUS_OK;
}

/* --- offsets and zones -------------------------------------------------------------------------------- */

static void append_part(struct buffer *out, bool colon, int32_t number)
{
    if (colon) buffer_append_byte(out, ':');
    buffer_append_padded(out, (uint64_t)number, 2);
}

static enum status print_offset(struct printer *printer, const struct formatter_step *step)
{
    int64_t total = 0;
    enum status status = get(printer, FIELD_OFFSET_SECONDS, &total);

    if (status != STATUS_OK) return status;
    int32_t size = (int32_t)(total < 0 ? -total : total);
    int32_t minutes = size / 60 % 60;
    int32_t seconds = size % 60;
    uint16_t row =
        step->at; /* 0 +HH, odd without colons; minutes and seconds: capital ones always */
    bool colon = row > 0 && row % 2 == 0;
    bool with_minutes =
        (row >= 3 && row <= 8) || (row >= 9 && seconds > 0) || (row >= 1 && minutes > 0);
    bool with_seconds = with_minutes && (row == 7 || row == 8 || (row >= 5 && seconds > 0));
    int32_t shown = size / 3600 + (with_minutes ? minutes : 0) + (with_seconds ? seconds : 0);
    if (total == 0 || shown == 0) {
        buffer_append(printer->out, formatter_offset_none(step));
        return STATUS_OK;
    }
    buffer_append_byte(printer->out, total < 0 ? '-' : '+');
    append_part(printer->out, false, size / 3600);
    if (with_minutes) append_part(printer->out, colon, minutes);
    if (with_seconds) append_part(printer->out, colon, seconds);
    return STATUS_OK;
}

/* GMT, GMT+2, GMT+02:00 */
static enum status print_offset_name(struct printer *printer, const struct formatter_step *step)
{
    int64_t total = 0;
    enum status status = get(printer, FIELD_OFFSET_SECONDS, &total);
    bool full = step->style == STYLE_FULL;

    if (status != STATUS_OK) return status;
    int32_t size = (int32_t)(total < 0 ? -total : total);
    bool french =
        printer->formatter->locale.tag[0] == 'f' && printer->formatter->locale.tag[1] == 'r';
    buffer_append_text(printer->out, french ? "UTC" : "GMT");
    if (total == 0) return STATUS_OK;
    buffer_append_byte(printer->out, total < 0 ? '-' : '+');
    buffer_append_padded(printer->out, (uint64_t)(size / 3600), full ? 2 : 1);
    if (full || size % 3600 != 0) append_part(printer->out, true, size / 60 % 60);
    if (size % 60 != 0) append_part(printer->out, true, size % 60);
    return STATUS_OK;
}

static enum status fail_query(struct printer *printer, struct slice what)
{
    struct buffer shown;

    if (printer->optional > 0) return STATUS_NOT_FOUND;
    (void)fault_set(printer->fault, "Unable to extract % from temporal ", what);
    buffer_init(&shown, sizeof printer->fault->text);
    value_to_text(printer->fields->value, &shown);
    fault_add(printer->fault, buffer_slice(&shown));
    buffer_deinit(&shown);
    return STATUS_INVALID;
}

static enum status print_zone(struct printer *printer, const struct formatter_step *step)
{
    struct slice zone = printer->fields->zone;
    bool region = step->op == STEP_ZONE_REGION;

    if (region && (zone.len == 0 || zone_id_is_offset(zone)))
        return fail_query(printer, SLICE("ZoneRegionId()"));
    if (zone.len == 0) return fail_query(printer, SLICE("ZoneId"));
    if (step->op == STEP_ZONE_NAME) {
        zone = zone_name(zone, (enum locale_id)printer->formatter->locale.names, step,
                         printer->fields->summer);
    }
    buffer_append(printer->out, zone);
    return STATUS_OK;
}

/* --- instants ----------------------------------------------------------------------------------------- */

/* As Instant.toString(): no, three, six or nine decimals. */
static enum status print_instant(struct printer *printer)
{
    int64_t seconds = 0;
    int64_t nanos = 0;
    enum status status = get(printer, FIELD_INSTANT_SECONDS, &seconds);

    if (status == STATUS_OK) status = get(printer, FIELD_NANO_OF_SECOND, &nanos);
    if (status != STATUS_OK) return status;
    temporal_to_text(temporal_make(CLASS_Instant, seconds, (int32_t)nanos), printer->out);
    return STATUS_OK;
}

/* --- steps -------------------------------------------------------------------------------------------- */

static enum status print_steps(struct printer *printer, uint16_t from, uint16_t to);

/* A part that may go missing: prints all of it or nothing. */
static enum status print_part(struct printer *printer, uint16_t at)
{
    const struct formatter_step *step = &printer->formatter->steps[at];
    size_t start = printer->out->len;

    printer->optional += step->op == STEP_OPTION;
    enum status status = print_steps(printer, at + 1, step->at);
    printer->optional -= step->op == STEP_OPTION;
    if (status != STATUS_NOT_FOUND) return status;
    printer->out->len = start;
    return STATUS_OK;
}

static enum status print_step(struct printer *printer, const struct formatter_step *step)
{
    struct formatter_step number;

    switch ((enum formatter_op)step->op) {
    case STEP_NUMBER:
    case STEP_REDUCED: return print_number(printer, step);
    case STEP_FRACTION: return print_fraction(printer, step);
    case STEP_WEEK: number = week_number(step); return print_number(printer, &number);
    case STEP_NAME:
    case STEP_NAME_FIXED: return print_name(printer, step);
    case STEP_CHARACTER: buffer_append_byte(printer->out, step->letter); return STATUS_OK;
    case STEP_TEXT:
        buffer_append(printer->out,
                      (struct slice){printer->formatter->text.data + step->at, step->len});
        return STATUS_OK;
    case STEP_OFFSET: return print_offset(printer, step);
    case STEP_OFFSET_NAME: return print_offset_name(printer, step);
    case STEP_ZONE_ID:
    case STEP_ZONE_REGION:
    case STEP_ZONE_NAME: return print_zone(printer, step);
    case STEP_PERIOD: return print_period(printer, step);
    case STEP_INSTANT: return print_instant(printer);
    case STEP_CASE:
    case STEP_STRICT:
    case STEP_PAD:
    case STEP_OPTION:
    case STEP_GROUP:
    case STEP_END: return STATUS_OK;
    }
    UNREACHABLE("step outside the enum");
}

static enum status print_padded(struct printer *printer, const struct formatter_step *pad)
{
    size_t start = printer->out->len;
    enum status status = print_step(printer, pad + 1);

    if (status != STATUS_OK) return status;
    if (printer->out->failed) return STATUS_LIMIT;
    struct slice printed = {printer->out->data + start, printer->out->len - start};
    size_t units = utf8_units(printed);
    if (units > pad->least) {
        (void)fault_set(printer->fault, "Cannot print as output of ", (struct slice){0});
        fault_number(printer->fault, (int64_t)units);
        fault_add(printer->fault, SLICE(" characters exceeds pad width of "));
        fault_number(printer->fault, pad->least);
        return STATUS_INVALID;
    }
    size_t missing = pad->least - units;
    for (size_t i = 0; i < missing; i++)
        buffer_append_byte(printer->out, ' ');
    if (printer->out->failed) return STATUS_LIMIT;
    memmove(printer->out->data + start + missing, printer->out->data + start, printed.len);
    memset(printer->out->data + start, ' ', missing);
    return STATUS_OK;
}

static enum status print_steps(struct printer *printer, uint16_t from, uint16_t to)
{
    enum status status = STATUS_OK;

    for (uint16_t i = from; i < to && status == STATUS_OK; i++) {
        const struct formatter_step *step = &printer->formatter->steps[i];
        if (step->op == STEP_OPTION || step->op == STEP_GROUP) {
            status = print_part(printer, i);
            i = step->at;
        } else if (step->op == STEP_PAD) {
            status = print_padded(printer, step);
            i++;
        } else {
            status = print_step(printer, step);
        }
    }
    return status;
}

enum status formatter_print(const struct formatter *formatter, const struct temporal_fields *fields,
                            struct buffer *out, struct fault *fault)
{
    struct printer printer = {.formatter = formatter, .fields = fields, .out = out, .fault = fault};
    enum status status = print_steps(&printer, 0, formatter->step_count);

    if (status == STATUS_OK && out->failed) return STATUS_LIMIT;
    ASSERT(status != STATUS_NOT_FOUND);
    return status;
}

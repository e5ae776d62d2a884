/* duration.c - java.time.Duration: seconds and nanoseconds, exact, with Java's overflow. */
#include "expr/methods/duration.h"
#include "expr/text.h"

struct value duration_make(int64_t seconds, int32_t nanos)
{
    return (struct value){.kind = VALUE_DURATION, .nanos = nanos, .i64 = seconds};
}

static enum status fail_overflow(struct call *call)
{
    return call_fail(call, "long overflow", (struct slice){0});
}

static wide total_of(struct value duration)
{
    return (wide)duration.i64 * NANOS_PER_SECOND + duration.nanos;
}

enum status duration_give(struct call *call, wide nanos)
{
    wide seconds = nanos / NANOS_PER_SECOND;
    wide rest = nanos % NANOS_PER_SECOND;

    if (rest < 0) {
        rest += NANOS_PER_SECOND;
        seconds--;
    }
    if (seconds > INT64_MAX || seconds < INT64_MIN) return fail_overflow(call);
    return call_return(call, duration_make((int64_t)seconds, (int32_t)rest));
}

static enum status give_long(struct call *call, wide number)
{
    if (number > INT64_MAX || number < INT64_MIN) return fail_overflow(call);
    return call_return(call, value_long((int64_t)number));
}

wide duration_floor_div(wide number, wide divisor)
{
    wide quotient = number / divisor;

    return number % divisor < 0 ? quotient - 1 : quotient;
}

static enum status duration_argument(struct call *call, uint32_t index, struct value *duration)
{
    *duration = call->arguments[index];
    if (duration->kind == VALUE_DURATION) return STATUS_OK;
    return call_fail(call, "A Duration is needed, not %", machine_class_name(*duration));
}

/* --- text: PnDTnHnMn.nS, each part with its own sign ---------------------------------------------------- */

/* --- making ------------------------------------------------------------------------------------------- */

enum status method_duration_zero(struct call *call)
{
    return call_return(call, duration_make(0, 0));
}

static enum status make_of(struct call *call, wide unit)
{
    int64_t amount = 0;
    enum status status = call_integer(call, 1, &amount);

    return status == STATUS_OK ? duration_give(call, amount * unit) : status;
}

enum status method_duration_of_days(struct call *call)
{
    return make_of(call, (wide)SECONDS_PER_DAY * NANOS_PER_SECOND);
}

enum status method_duration_of_hours(struct call *call)
{
    return make_of(call, (wide)3600 * NANOS_PER_SECOND);
}

enum status method_duration_of_minutes(struct call *call)
{
    return make_of(call, (wide)60 * NANOS_PER_SECOND);
}

enum status method_duration_of_seconds(struct call *call)
{
    int64_t nanos = 0;
    enum status status = make_of(call, NANOS_PER_SECOND);

    if (status == STATUS_OK && call->count == 2) {
        struct value seconds = *call->result;
        status = call_integer(call, 2, &nanos);
        if (status == STATUS_OK) status = duration_give(call, total_of(seconds) + nanos);
    }
    return status;
}

enum status method_duration_of_millis(struct call *call)
{
    return make_of(call, NANOS_PER_MILLI);
}

enum status method_duration_of_nanos(struct call *call)
{
    return make_of(call, 1);
}

/* --- computing ---------------------------------------------------------------------------------------- */

static enum status add(struct call *call, int sign, wide unit)
{
    int64_t amount = 0;
    enum status status = call_integer(call, 1, &amount);

    return status == STATUS_OK
               ? duration_give(call, total_of(call->arguments[0]) + sign * unit * amount)
               : status;
}

static enum status add_duration(struct call *call, int sign)
{
    struct value other;
    enum status status = duration_argument(call, 1, &other);

    return status == STATUS_OK
               ? duration_give(call, total_of(call->arguments[0]) + sign * total_of(other))
               : status;
}

enum status method_duration_plus(struct call *call)
{
    return call->count == 1 ? add_duration(call, 1) : method_unavailable(call);
}

enum status method_duration_minus(struct call *call)
{
    return call->count == 1 ? add_duration(call, -1) : method_unavailable(call);
}

#define DURATION_ADD(unit_name, unit)                                \
    enum status method_duration_plus_##unit_name(struct call *call)  \
    {                                                                \
        return add(call, 1, unit);                                   \
    }                                                                \
    enum status method_duration_minus_##unit_name(struct call *call) \
    {                                                                \
        return add(call, -1, unit);                                  \
    }

DURATION_ADD(days, (wide)SECONDS_PER_DAY *NANOS_PER_SECOND)
DURATION_ADD(hours, (wide)3600 * NANOS_PER_SECOND)
DURATION_ADD(minutes, (wide)60 * NANOS_PER_SECOND)
DURATION_ADD(seconds, NANOS_PER_SECOND)
DURATION_ADD(millis, NANOS_PER_MILLI)
DURATION_ADD(nanos, 1)

enum status method_duration_multiplied_by(struct call *call)
{
    int64_t factor = 0;
    wide product;
    enum status status = call_integer(call, 1, &factor);

    if (status != STATUS_OK) return status;
    if (__builtin_mul_overflow(total_of(call->arguments[0]), (wide)factor, &product)) {
        return fail_overflow(call);
    }
    return duration_give(call, product);
}

enum status method_duration_divided_by(struct call *call)
{
    int64_t divisor = 0;
    wide total = total_of(call->arguments[0]);

    if (call->arguments[1].kind == VALUE_DURATION) {
        wide other = total_of(call->arguments[1]);
        if (other == 0) {
            return call_fail(call, total == 0 ? "Division undefined" : "Division by zero",
                             (struct slice){0});
        }
        return give_long(call, total / other);
    }
    enum status status = call_integer(call, 1, &divisor);
    if (status != STATUS_OK) return status;
    if (divisor == 0) return call_fail(call, "Cannot divide by zero", (struct slice){0});
    return duration_give(call, total / divisor);
}

enum status method_duration_negated(struct call *call)
{
    return duration_give(call, -total_of(call->arguments[0]));
}

enum status method_duration_abs(struct call *call)
{
    wide total = total_of(call->arguments[0]);

    return duration_give(call, total < 0 ? -total : total);
}

/* --- asking ------------------------------------------------------------------------------------------- */

enum status method_duration_is_zero(struct call *call)
{
    return call_return(call, value_boolean(total_of(call->arguments[0]) == 0));
}

enum status method_duration_is_negative(struct call *call)
{
    return call_return(call, value_boolean(call->arguments[0].i64 < 0));
}

enum status method_duration_get_seconds(struct call *call)
{
    return call_return(call, value_long(call->arguments[0].i64));
}

enum status method_duration_get_nano(struct call *call)
{
    return call_return(call, value_integer(call->arguments[0].nanos));
}

enum status method_duration_compare_to(struct call *call)
{
    struct value other;
    enum status status = duration_argument(call, 1, &other);

    if (status != STATUS_OK) return status;
    wide left = total_of(call->arguments[0]);
    wide right = total_of(other);
    return call_return(call, value_integer(left < right ? -1 : left > right));
}

static enum status whole_units(struct call *call, wide seconds)
{
    return call_return(call, value_long((int64_t)(call->arguments[0].i64 / seconds)));
}

enum status method_duration_to_days(struct call *call)
{
    return whole_units(call, SECONDS_PER_DAY);
}

enum status method_duration_to_days_part(struct call *call)
{
    return whole_units(call, SECONDS_PER_DAY);
}

enum status method_duration_to_hours(struct call *call)
{
    return whole_units(call, 3600);
}

enum status method_duration_to_minutes(struct call *call)
{
    return whole_units(call, 60);
}

enum status method_duration_to_seconds(struct call *call)
{
    return whole_units(call, 1);
}

enum status method_duration_to_millis(struct call *call)
{
    return give_long(call, duration_floor_div(total_of(call->arguments[0]), NANOS_PER_MILLI));
}

enum status method_duration_to_nanos(struct call *call)
{
    return give_long(call, total_of(call->arguments[0]));
}

static enum status part_of(struct call *call, int64_t seconds, int64_t modulus)
{
    return call_return(call, value_integer((int32_t)(call->arguments[0].i64 / seconds % modulus)));
}

enum status method_duration_to_hours_part(struct call *call)
{
    return part_of(call, 3600, 24);
}

enum status method_duration_to_minutes_part(struct call *call)
{
    return part_of(call, 60, 60);
}

enum status method_duration_to_seconds_part(struct call *call)
{
    return part_of(call, 1, 60);
}

enum status method_duration_to_millis_part(struct call *call)
{
    return call_return(call, value_integer(call->arguments[0].nanos / NANOS_PER_MILLI));
}

enum status method_duration_to_nanos_part(struct call *call)
{
    return call_return(call, value_integer(call->arguments[0].nanos));
}

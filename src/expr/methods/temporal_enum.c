/* temporal_enum.c - DayOfWeek and Month. */
#include "expr/methods/temporal.h"

enum status method_temporal_enum(struct call *call)
{
    struct value value = call->arguments[0];
    struct slice text;
    int64_t amount = 0;
    bool month = temporal_class(value) == CLASS_Month;
    int64_t cycle = month ? 12 : 7;

    if (temporal_named(call, "value")) return call_return_integer(call, value.i64);
    if (temporal_named(call, "ordinal")) return call_return_integer(call, value.i64 - 1);
    if (temporal_named(call, "name")) {
        enum status status = machine_text(call->machine, value, &text);
        return status == STATUS_OK ? call_return(call, value_string(text)) : status;
    }
    if (temporal_named(call, "length")) {
        bool leap = call->arguments[1].kind == VALUE_BOOLEAN && call->arguments[1].boolean;
        return call_return_integer(call, days_of_month(leap ? 2024 : 2023, (int32_t)value.i64));
    }
    if (temporal_named(call, "minLength"))
        return call_return_integer(call, days_of_month(2023, (int32_t)value.i64));
    if (temporal_named(call, "maxLength"))
        return call_return_integer(call, days_of_month(2024, (int32_t)value.i64));
    if (temporal_named(call, "firstMonthOfQuarter")) {
        return call_return(call, temporal_make(CLASS_Month, (value.i64 - 1) / 3 * 3 + 1, 0));
    }
    if (temporal_named(call, "firstDayOfYear")) {
        bool leap = call->arguments[1].kind == VALUE_BOOLEAN && call->arguments[1].boolean;
        struct civil_date first = {leap ? 2024 : 2023, (int32_t)value.i64, 1};
        struct civil_date january = {first.year, 1, 1};
        return call_return_integer(call, days_from_civil(first) - days_from_civil(january) + 1);
    }
    enum status status = call_integer(call, 1, &amount);
    if (status != STATUS_OK) return status;
    amount %= cycle;
    if (temporal_named(call, "minus")) amount = -amount;
    int64_t moved = value.i64 - 1 + amount + cycle;
    return call_return(call, temporal_make(temporal_class(value), moved % cycle + 1, 0));
}

/* Month.values(), DayOfWeek.values() */
enum status method_temporal_values(struct call *call)
{
    enum class_id class_id = call->method->receiver;
    uint32_t count = class_id == CLASS_Month ? 12 : 7;
    struct value *items = machine_alloc(call->machine, count, sizeof(*items));

    if (items == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < count; i++)
        items[i] = temporal_make(class_id, i + 1, 0);
    struct value list = value_list(items, count);
    list.flags |= VALUE_ARRAY;
    list.class_id = (uint8_t)class_id;
    return call_return(call, list);
}

/* call.c - what the functions of methods/ use: their arguments as they must be, failing, what every object has. */
#include "expr/machine.h"
#include "expr/method.h"
#include "expr/methods/methods.h"

enum status call_fail(struct call *call, const char *message, struct slice detail)
{
    return machine_fail_one(call->machine, message, detail);
}

enum status call_status(struct call *call, enum status status, const char *message)
{
    if (status == STATUS_OK) return STATUS_OK;
    if (status == STATUS_LIMIT) return machine_limit_number(call->machine, (struct slice){0});
    return call_fail(call, message, (struct slice){0});
}

enum status call_string(struct call *call, uint32_t index, struct value *string)
{
    ASSERT(index <= call->count);
    *string = call->arguments[index];
    if (string->kind == VALUE_STRING) return STATUS_OK;
    /* A number becomes a String where one is asked for, not a CharSequence. */
    bool number =
        value_is_number(*string) && method_parameter(call->method, index - 1) != CLASS_CharSequence;
    if (string->kind == VALUE_CHARACTER || number) {
        struct slice text;
        enum status status = machine_text(call->machine, *string, &text);
        *string = value_string(text);
        return status;
    }
    if (string->kind == VALUE_NULL) {
        return call_fail_null_argument(call, index, "text");
    }
    return call_fail_argument(call);
}

enum status call_number(struct call *call, uint32_t index, struct value *number)
{
    ASSERT(index <= call->count);
    *number = call->arguments[index];
    return value_is_number(*number) ? STATUS_OK : call_fail_argument(call);
}

enum status call_integer(struct call *call, uint32_t index, int64_t *integer)
{
    struct value number = call->arguments[index];
    struct value whole;

    if (number.kind == VALUE_INTEGER || number.kind == VALUE_LONG) {
        ASSERT(index <= call->count);
        *integer = number.i64;
        return STATUS_OK;
    }
    enum status status = call_number(call, index, &number);

    if (status != STATUS_OK) return status;
    if (number_convert(number, VALUE_LONG, call_arena(call), &whole) != STATUS_OK) {
        return call_fail_argument(call);
    }
    *integer = whole.i64;
    return STATUS_OK;
}

enum status call_double(struct call *call, uint32_t index, double *result)
{
    struct value number;
    enum status status = call_number(call, index, &number);

    if (status == STATUS_OK) *result = number_to_double(number);
    return status;
}

enum status call_collection(struct call *call, uint32_t index, struct value *list)
{
    ASSERT(index <= call->count);
    *list = call->arguments[index];
    if (list->kind == VALUE_LIST || list->kind == VALUE_SET) return STATUS_OK;
    if (list->kind == VALUE_NULL) {
        return call_fail_null_argument(call, index, "list");
    }
    return call_fail_argument(call);
}

enum status call_map(struct call *call, uint32_t index, struct value *map)
{
    ASSERT(index <= call->count);
    *map = call->arguments[index];
    if (map->kind == VALUE_MAP) return STATUS_OK;
    if (map->kind == VALUE_NULL) {
        return call_fail_null_argument(call, index, "map");
    }
    return call_fail_argument(call);
}

enum status call_items(struct call *call, struct value list, const struct value **items,
                       uint32_t *count)
{
    uint32_t total = list.kind == VALUE_MAP ? map_count(list) : list_count(list);
    enum status status = machine_spend(call->machine, total);

    if (status != STATUS_OK) return status;
    *count = total;
    if (list.kind != VALUE_MAP && (list.flags & VALUE_LAZY) == 0) {
        *items = list.items;
        return STATUS_OK;
    }
    struct value *copy = machine_alloc(call->machine, total, sizeof(*copy));
    struct value_cursor cursor = value_cursor(list);
    struct value_entry entry;
    uint32_t filled = 0;
    if (copy == NULL) return machine_limit(call->machine);
    while (filled < total && cursor_next(&cursor, call_arena(call), &entry, &status)) {
        copy[filled++] = entry.value;
    }
    *items = copy;
    *count = filled;
    return status == STATUS_OK ? STATUS_OK : machine_limit(call->machine);
}

uint32_t find_equal(const struct value *items, uint32_t start, uint32_t count, struct value item)
{
    while (start < count && !value_equals(items[start], item))
        start++;
    return start;
}

enum status method_unavailable(struct call *call)
{
    return call_fail(call, "% is not available here", slice_of(call->method->name));
}

enum status method_any_itself(struct call *call)
{
    return call_return(call, call->arguments[0]);
}

enum status method_any_to_string(struct call *call)
{
    struct slice text;
    enum status status = machine_text(call->machine, call->arguments[0], &text);

    if (status == STATUS_OK && call->arguments[0].kind != VALUE_STRING) {
        *call->result = value_string(text);
    }
    return status;
}

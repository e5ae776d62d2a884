/* convert.c - conversions: text to numbers and back, to(...), toLong() and their kin.
 *
 * A value of the class asked for is given as it is; numbers convert to numbers, text is read. What
 * does not fit is an error, null with ...OrNull, false with canBe...
 */
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/decimal.h"
#include "value/number.h"
#include "value/object.h"
#include "value/temporal.h"

/* --- text -------------------------------------------------------------------------------------------- */

struct slice text_trimmed(struct slice text)
{
    while (text.len > 0 && text.data[0] <= ' ') {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && text.data[text.len - 1] <= ' ')
        text.len--;
    return text;
}

/* Java's parseInt and parseLong: a sign, digits, nothing else. */
static bool read_whole(struct slice text, int64_t *number)
{
    struct slice digits = text;

    if (digits.len > 1 && digits.data[0] == '+' && digits.data[1] != '-') {
        digits.data++;
        digits.len--;
    }
    return slice_to_i64(digits, number) == STATUS_OK;
}

enum status text_number(struct slice text, struct arena *arena, struct value *number)
{
    int64_t whole;
    double real;

    if (read_whole(text, &whole)) {
        *number = whole == (int32_t)whole ? value_integer((int32_t)whole) : value_long(whole);
        return STATUS_OK;
    }
    if (number_parse_double(text, &real) == STATUS_OK) {
        *number = value_double(real);
        return STATUS_OK;
    }
    return decimal_parse(text, arena, number);
}

static bool read_boolean(struct slice text, bool *boolean)
{
    *boolean = slice_equal_ignoring_case(text, SLICE("true"));
    return *boolean || slice_equal_ignoring_case(text, SLICE("false"));
}

/* Java's exponents have 32 bits: a text with a larger one is no number, whatever our limits are. */
static bool has_wide_exponent(struct slice text)
{
    int64_t exponent = 0;
    size_t at = 0;

    while (at < text.len && text.data[at] != 'e' && text.data[at] != 'E')
        at++;
    if (at == text.len) return false;
    at += at + 1 < text.len && text.data[at + 1] == '+' ? 2 : 1;
    if (slice_to_i64((struct slice){text.data + at, text.len - at}, &exponent) != STATUS_OK)
        return true;
    return exponent > INT32_MAX || exponent < -INT32_MAX;
}

/* Decimals are read exactly: their digits do not pass through a double. */
static enum status read_decimal(struct slice text, struct arena *arena, struct value *decimal)
{
    enum status status = decimal_parse(text, arena, decimal);

    if (status == STATUS_LIMIT && has_wide_exponent(text)) return STATUS_INVALID;
    if (status != STATUS_OK || decimal->scale >= 18) return status;
    return decimal_rescale(*decimal, 18, ROUND_HALF_EVEN, arena, decimal);
}

static enum status text_to_number(struct slice text, enum value_kind kind, struct arena *arena,
                                  struct value *number)
{
    struct value read;

    if (kind == VALUE_BIG_DECIMAL) return read_decimal(text, arena, number);
    enum status status = text_number(text, arena, &read);
    return status == STATUS_OK ? number_convert(read, kind, arena, number) : status;
}

enum status text_scalar(struct slice text, enum class_id class_id, struct arena *arena,
                        struct value *value)
{
    bool boolean;

    if (class_id == CLASS_String) {
        *value = value_string(text);
        return STATUS_OK;
    }
    if (class_id == CLASS_Boolean) {
        if (!read_boolean(text, &boolean)) return STATUS_INVALID;
        *value = value_boolean(boolean);
        return STATUS_OK;
    }
    if (number_kind_of_class(class_id) == VALUE_NULL) return STATUS_INVALID;
    return text_to_number(text_trimmed(text), number_kind_of_class(class_id), arena, value);
}

enum status text_to_class(struct machine *machine, struct slice text, enum class_id class_id,
                          struct value *value)
{
    enum status status =
        temporal_from_text(text, class_id, machine->expr->zones, machine->frame->arena, value);
    if (status != STATUS_OK) {
        status = object_from_text(text, class_id, machine->frame->arena, value);
    }
    if (status == STATUS_LIMIT) return machine_limit(machine);
    return status == STATUS_OK ? STATUS_OK : STATUS_NOT_FOUND;
}

/* --- values ------------------------------------------------------------------------------------------ */

static enum status list_of_map(struct call *call, struct value map, struct value *list)
{
    uint32_t count = map_count(map);
    struct value *items = machine_alloc(call->machine, count, sizeof(*items));
    struct value_entry *fields = machine_alloc(call->machine, (size_t)count * 2, sizeof(*fields));
    struct value_cursor cursor = value_cursor(map);
    struct value_entry entry;
    enum status status = STATUS_OK;
    uint32_t filled = 0;

    if (items == NULL || fields == NULL) return machine_limit(call->machine);
    while (filled < count && cursor_next(&cursor, call_arena(call), &entry, &status)) {
        struct value_entry *pair = fields + (size_t)filled * 2;
        pair[0] = (struct value_entry){value_string(SLICE("key")), entry.key};
        pair[1] = (struct value_entry){value_string(SLICE("value")), entry.value};
        items[filled++] = value_map(pair, 2);
    }
    *list = value_list(items, filled);
    return status == STATUS_OK ? STATUS_OK : machine_limit(call->machine);
}

static enum status put_entry(struct value_entry *entries, uint32_t *count, struct value key,
                             struct value value)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (!value_equals(entries[i].key, key)) continue;
        entries[i].value = value;
        return STATUS_OK;
    }
    entries[(*count)++] = (struct value_entry){key, value};
    return STATUS_OK;
}

static enum status map_of_list(struct call *call, struct value list, struct value *map)
{
    const struct value *items;
    uint32_t total = 0;
    uint32_t count = 0;
    enum status status = call_items(call, list, &items, &total);
    if (status == STATUS_OK) {
        status = machine_spend(call->machine, (uint64_t)total * total / 8);
    }
    if (status != STATUS_OK) return status;
    struct value_entry *entries = machine_alloc(call->machine, total, sizeof(*entries));
    if (entries == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < total; i++) {
        struct value key;
        struct value value;
        if (items[i].kind != VALUE_MAP ||
            map_get(items[i], SLICE("key"), call_arena(call), &key) != STATUS_OK ||
            map_get(items[i], SLICE("value"), call_arena(call), &value) != STATUS_OK) {
            return STATUS_INVALID;
        }
        status = put_entry(entries, &count, key, value);
        if (status != STATUS_OK) return status;
    }
    *map = value_map(entries, count);
    return STATUS_OK;
}

/* Text in `*result` to the class. fails  as convert */
static enum status convert_text(struct call *call, struct value *result, enum class_id class_id)
{
    struct slice text = value_text(*result);
    enum status status = text_scalar(text, class_id, call_arena(call), result);

    if (status == STATUS_LIMIT) return machine_limit_number(call->machine, text_trimmed(text));
    if (status == STATUS_INVALID) status = text_to_class(call->machine, text, class_id, result);
    if (status == STATUS_LIMIT) return status;
    return status == STATUS_OK ? STATUS_OK : STATUS_INVALID;
}

bool text_whole(struct slice text, enum class_id class_id, struct value *number)
{
    int64_t whole;

    if (!read_whole(text_trimmed(text), &whole)) return false;
    if (class_id == CLASS_Integer && whole != (int32_t)whole) return false;
    value_put(number, value_head(class_id == CLASS_Long ? VALUE_LONG : VALUE_INTEGER, 0, 0),
              (uint64_t)whole);
    return true;
}

/* Most texts that are asked for a number are whole ones. False: it is another case. */
static bool convert_digits(struct value text, enum class_id class_id, struct value *result)
{
    return text.kind == VALUE_STRING && (class_id == CLASS_Long || class_id == CLASS_Integer) &&
           text_whole(value_text(text), class_id, result);
}

/* fails  INVALID: cannot become one (nothing said); LIMIT (said) */
static enum status convert(struct call *call, struct value value, enum class_id class_id,
                           struct value *result)
{
    enum value_kind kind = number_kind_of_class(class_id);
    struct slice text;
    enum status status;

    *result = value;
    if (value.kind == VALUE_STRING && kind != VALUE_NULL)
        return convert_text(call, result, class_id);
    if (value.kind != VALUE_CLASS && class_is(class_of_value(value), class_id)) return STATUS_OK;
    if (class_id == CLASS_String) {
        status = machine_text(call->machine, value, &text);
        if (status == STATUS_OK) *result = value_string(text);
        return status;
    }
    if (class_id == CLASS_List && value.kind == VALUE_MAP) return list_of_map(call, value, result);
    if (class_id == CLASS_List && (value.kind == VALUE_SET || value.kind == VALUE_LIST)) {
        result->kind = VALUE_LIST;
        result->flags &= (uint8_t)~VALUE_ARRAY;
        result->class_id = 0;
        return STATUS_OK;
    }
    if (class_id == CLASS_Map && (value.kind == VALUE_LIST || value.kind == VALUE_SET)) {
        return map_of_list(call, value, result);
    }
    if (value_is_number(value) && kind != VALUE_NULL) {
        status = number_convert(value, kind, call_arena(call), result);
    } else if (value.kind == VALUE_STRING) {
        return convert_text(call, result, class_id);
    } else {
        return STATUS_INVALID;
    }
    if (status == STATUS_LIMIT) return machine_limit_number(call->machine, (struct slice){0});
    return status == STATUS_OK ? STATUS_OK : STATUS_INVALID;
}

/* --- rows -------------------------------------------------------------------------------------------- */

enum outcome { OUTCOME_ERROR, OUTCOME_NULL, OUTCOME_TRUTH };

static enum status fail_cast(struct call *call, struct slice name)
{
    struct slice parts[2] = {SLICE(""), name};
    enum status status = machine_text(call->machine, call->arguments[0], &parts[0]);

    if (status != STATUS_OK) return status;
    return machine_fail(call->machine, STATUS_INVALID, "Cannot cast or convert value: % to: '%'",
                        parts, COUNT_OF(parts));
}

static enum status convert_as(struct call *call, enum class_id class_id, struct slice name,
                              enum outcome outcome)
{
    struct value result;
    enum status status = convert(call, call->arguments[0], class_id, &result);

    if (status == STATUS_LIMIT) return status;
    if (outcome == OUTCOME_TRUTH) return call_return(call, value_boolean(status == STATUS_OK));
    if (status == STATUS_OK) return call_return(call, result);
    return outcome == OUTCOME_NULL ? call_return(call, value_null()) : fail_cast(call, name);
}

static enum status convert_named(struct call *call, enum outcome outcome)
{
    enum class_id class_id = call->method->receiver;

    return convert_as(call, class_id, slice_of(class_infos[class_id].name), outcome);
}

/* canBe() knows codes and charsets, to() does not: their classes have no methods to offer. */
static bool find_class(struct slice name, enum outcome outcome, enum class_id *class_id)
{
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        if (slice_equal_ignoring_case(name, slice_of(class_infos[i].name)) ||
            slice_equal_ignoring_case(name, slice_of(class_infos[i].java_name))) {
            *class_id = (enum class_id)i;
            return method_class_known(*class_id) ||
                   (outcome == OUTCOME_TRUTH && object_part_count(*class_id) > 0) ||
                   slice_starts_with(slice_of(class_infos[i].name), SLICE("Chrono"));
        }
    }
    return false;
}

static enum status convert_given(struct call *call, enum outcome outcome)
{
    struct value name;
    enum class_id class_id;
    enum status status = call_string(call, 1, &name);

    if (status != STATUS_OK) return status;
    if (!find_class(value_text(name), outcome, &class_id)) {
        return call_fail(call, "Cannot find class with name: %", value_text(name));
    }
    return convert_as(call, class_id, value_text(name), outcome);
}

enum status method_convert_can_be(struct call *call)
{
    return convert_given(call, OUTCOME_TRUTH);
}

enum status method_convert_to(struct call *call)
{
    return convert_given(call, OUTCOME_ERROR);
}

enum status method_convert_to_or_null(struct call *call)
{
    return convert_given(call, OUTCOME_NULL);
}

enum status method_convert_can_be_named(struct call *call)
{
    return convert_named(call, OUTCOME_TRUTH);
}

enum status method_convert_to_named(struct call *call)
{
    if (convert_digits(call->arguments[0], call->method->receiver, call->result)) return STATUS_OK;
    return convert_named(call, OUTCOME_ERROR);
}

enum status method_convert_to_named_or_null(struct call *call)
{
    return convert_named(call, OUTCOME_NULL);
}

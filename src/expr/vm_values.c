/* vm_values.c - what instructions do with values: operators, members, indexes, lists and maps. */
#include "expr/machine.h"
#include "expr/text.h"
#include "value/object.h"

/* --- names for messages ------------------------------------------------------------------------------ */

/* The classes arrays are made of in practice. */
static struct slice array_class_name(enum class_id item)
{
    switch ((int)item) {
    case CLASS_String: return SLICE("[Ljava.lang.String;");
    case CLASS_Boolean: return SLICE("[Ljava.lang.Boolean;");
    case CLASS_Integer: return SLICE("[Ljava.lang.Integer;");
    case CLASS_Long: return SLICE("[Ljava.lang.Long;");
    case CLASS_Double: return SLICE("[Ljava.lang.Double;");
    case CLASS_BigDecimal: return SLICE("[Ljava.math.BigDecimal;");
    case CLASS_Number: return SLICE("[Ljava.lang.Number;");
    default: return SLICE("[Ljava.lang.Object;");
    }
}

struct slice machine_class_name(struct value value)
{
    if (value.kind == VALUE_NULL) return SLICE("null");
    if (value.kind == VALUE_LIST && (value.flags & VALUE_ARRAY) != 0) {
        return array_class_name((enum class_id)value.class_id);
    }
    if (value.kind == VALUE_LIST) return SLICE("java.util.ArrayList");
    if (value.kind == VALUE_MAP) return SLICE("java.util.LinkedHashMap");
    if (value.kind == VALUE_SET) return SLICE("java.util.LinkedHashSet");
    if (value.kind == VALUE_CLASS && !class_is_helper(class_of_value(value))) {
        return SLICE("java.lang.Class");
    }
    if (value.kind == VALUE_OBJECT) return slice_of(object_class_name(value));
    if (class_of_value(value) == CLASS_ZoneId) return SLICE("java.time.ZoneRegion");
    return slice_of(class_infos[class_of_value(value)].java_name);
}

struct slice machine_class_shape(struct value value)
{
    if (value.kind == VALUE_LIST) return SLICE("java.util.ArrayList<?>");
    if (value.kind == VALUE_MAP) return SLICE("java.util.LinkedHashMap<?, ?>");
    if (value.kind == VALUE_SET) return SLICE("java.util.LinkedHashSet<?>");
    return machine_class_name(value);
}

static enum status fail_conversion(struct machine *machine, struct value value, struct slice to)
{
    struct slice parts[] = {machine_class_shape(value), to};

    return machine_fail(machine, STATUS_TYPE,
                        "EL1001E: Type conversion problem, cannot convert from % to %", parts,
                        COUNT_OF(parts));
}

enum status machine_boolean(struct machine *machine, struct value value)
{
    if (value.kind == VALUE_BOOLEAN) return STATUS_OK;
    return fail_conversion(
        machine, value, value.kind == VALUE_NULL ? SLICE("boolean") : SLICE("java.lang.Boolean"));
}

/* --- operators --------------------------------------------------------------------------------------- */

static enum operator operator_of(enum opcode opcode)
{
    switch ((int)opcode) {
    case OP_ADD: return OPERATOR_ADD;
    case OP_SUBTRACT: return OPERATOR_SUBTRACT;
    case OP_MULTIPLY: return OPERATOR_MULTIPLY;
    case OP_DIVIDE: return OPERATOR_DIVIDE;
    case OP_REMAINDER: return OPERATOR_REMAINDER;
    default: return OPERATOR_POWER;
    }
}

static enum status fail_operator(struct machine *machine, enum opcode opcode, struct value left,
                                 struct value right)
{
    static const char *const names[] = {"ADD",    "SUBTRACT", "MULTIPLY",
                                        "DIVIDE", "MODULUS",  "POWER"};
    struct slice parts[] = {slice_of(names[opcode - OP_ADD]), machine_class_name(left),
                            machine_class_name(right)};

    return machine_fail(machine, STATUS_TYPE,
                        "EL1030E: The operator '%' is not supported between objects of type '%' "
                        "and '%'",
                        parts, COUNT_OF(parts));
}

static enum status concatenate(struct machine *machine, struct value left, struct value right,
                               struct value *result)
{
    struct value parts[2] = {left, right};

    for (uint32_t i = 0; i < 2; i++) {
        struct slice text;
        enum status status = machine_text(machine, parts[i], &text);
        if (status != STATUS_OK) return status;
        parts[i] = value_string(text);
    }
    enum status status = machine_join(machine, parts, 2);
    *result = parts[0];
    return status;
}

static enum status calculate(struct machine *machine, enum opcode opcode, struct value left,
                             struct value right, struct value *result)
{
    const char *why = "";
    enum status status =
        arithmetic_apply(operator_of(opcode), left, right, machine->frame->arena, result, &why);

    if (status == STATUS_OK) return STATUS_OK;
    if (status == STATUS_TYPE) return fail_operator(machine, opcode, left, right);
    if (status == STATUS_LIMIT) return machine_limit(machine);
    return machine_fail(machine, status, why[0] != '\0' ? why : "Infinite or NaN", NULL, 0);
}

static enum status add(struct machine *machine, struct value left, struct value right,
                       struct value *result)
{
    bool text = left.kind == VALUE_STRING || right.kind == VALUE_STRING;

    return text ? concatenate(machine, left, right, result)
                : calculate(machine, OP_ADD, left, right, result);
}

static enum status fail_order(struct machine *machine, struct value left, struct value right)
{
    struct slice parts[] = {machine_class_name(left), machine_class_name(right)};

    return machine_fail(machine, STATUS_TYPE,
                        "EL1013E: Cannot compare instances of class % and class %", parts,
                        COUNT_OF(parts));
}

/* What comparing gave, in words: infinities and NaN are no decimals. */
static enum status compared(struct machine *machine, enum status status)
{
    if (status == STATUS_OK) return status;
    if (status == STATUS_LIMIT) return machine_limit(machine);
    return machine_fail(machine, status, "Infinite or NaN", NULL, 0);
}

/* Null is below everything. */
static enum status order_of(struct machine *machine, struct value left, struct value right,
                            int *order)
{
    enum status status;

    if (left.kind == VALUE_NULL || right.kind == VALUE_NULL) {
        *order = (left.kind != VALUE_NULL) - (right.kind != VALUE_NULL);
        return STATUS_OK;
    }
    if (value_is_number(left) && value_is_number(right)) {
        status = arithmetic_compare(left, right, machine->frame->arena, order);
    } else {
        status = values_compare(left, right, machine->frame->arena, order);
    }
    if (status == STATUS_TYPE) return fail_order(machine, left, right);
    return compared(machine, status);
}

static enum status relate(struct machine *machine, enum opcode opcode, struct value left,
                          struct value right, struct value *result)
{
    int order = 0;
    bool holds;
    enum status status = order_of(machine, left, right, &order);

    if (opcode == OP_LESS) {
        holds = order < 0;
    } else if (opcode == OP_LESS_EQUAL) {
        holds = order <= 0;
    } else if (opcode == OP_GREATER) {
        holds = order > 0 && order != UNORDERED;
    } else {
        holds = order >= 0 && order != UNORDERED;
    }
    *result = value_boolean(holds);
    return status;
}

static enum status equate(struct machine *machine, enum opcode opcode, struct value left,
                          struct value right, struct value *result)
{
    bool equal = false;
    enum status status = values_equal(left, right, machine->frame->arena, &equal);

    *result = value_boolean(equal == (opcode == OP_EQUAL));
    return compared(machine, status);
}

static enum status between(struct machine *machine, struct value value, struct value ends,
                           struct value *result)
{
    struct value low;
    struct value high;
    int below = 0;
    int above = 0;

    if (ends.kind != VALUE_LIST || list_count(ends) != 2) {
        return machine_fail(machine, STATUS_TYPE,
                            "EL1017E: Right operand for the between operator has to be a "
                            "two-element list",
                            NULL, 0);
    }
    enum status status = list_item(ends, 0, machine->frame->arena, &low);
    if (status == STATUS_OK) status = list_item(ends, 1, machine->frame->arena, &high);
    if (status != STATUS_OK) return machine_limit(machine);
    status = order_of(machine, value, low, &below);
    if (status == STATUS_OK) status = order_of(machine, value, high, &above);
    *result = value_boolean(below >= 0 && below != UNORDERED && above <= 0);
    return status;
}

static enum status matches(struct machine *machine, struct value text, struct value pattern,
                           struct value *result)
{
    bool matched = false;

    if (text.kind == VALUE_NULL || pattern.kind == VALUE_NULL) {
        const char *message =
            text.kind == VALUE_NULL
                ? "EL1037E: First operand to matches operator must be a string. '%' is not"
                : "EL1038E: Second operand to matches operator must be a regular expression. '%' "
                  "is not";
        return machine_fail_one(machine, message, SLICE("null"));
    }
    if (text.kind != VALUE_STRING || pattern.kind != VALUE_STRING) {
        return machine_fail_one(
            machine, "EL1037E: First operand to matches operator must be a string. '%' is not",
            machine_class_name(text));
    }
    enum status status = regex_matches(machine, value_text(text), value_text(pattern), &matched);
    *result = value_boolean(matched);
    return status;
}

static enum status instance_of(struct machine *machine, struct value value, struct value of,
                               struct value *result)
{
    if (of.kind != VALUE_CLASS) {
        return machine_fail_one(machine,
                                "EL1028E: The operator instanceof needs the right operand to be a "
                                "class, not a '%'",
                                machine_class_name(of));
    }
    *result = value_boolean(value.kind != VALUE_NULL &&
                            class_is(class_of_value(value), (enum class_id)of.i64));
    return STATUS_OK;
}

enum status machine_binary(struct machine *machine, enum opcode opcode, struct value left,
                           struct value right, struct value *result)
{
    switch ((int)opcode) {
    case OP_ADD: return add(machine, left, right, result);
    case OP_EQUAL:
    case OP_NOT_EQUAL: return equate(machine, opcode, left, right, result);
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL: return relate(machine, opcode, left, right, result);
    case OP_MATCHES: return matches(machine, left, right, result);
    case OP_BETWEEN: return between(machine, left, right, result);
    case OP_INSTANCE_OF: return instance_of(machine, left, right, result);
    default: return calculate(machine, opcode, left, right, result);
    }
}

static bool is_binary_zero(struct value number)
{
    return (number.kind == VALUE_DOUBLE || number.kind == VALUE_FLOAT) && number.f64 == 0;
}

enum status machine_negate(struct machine *machine, struct value *top)
{
    struct value operand = *top;
    enum status status = arithmetic_negate(operand, machine->frame->arena, top);

    if (status == STATUS_TYPE) {
        return fail_operator(machine, OP_SUBTRACT, operand, value_null());
    }
    /* The original computes 0 - x, which is never -0.0. */
    if (status == STATUS_OK && is_binary_zero(*top)) top->f64 = 0;
    return status == STATUS_LIMIT ? machine_limit(machine) : status;
}

/* --- members and indexes ----------------------------------------------------------------------------- */

static enum status fail_property(struct machine *machine, struct slice name, const char *why,
                                 struct slice detail)
{
    struct slice parts[] = {name, slice_of(why), detail};

    if (detail.len == 0) {
        return machine_fail(machine, STATUS_INVALID,
                            "EL1021E: A problem occurred whilst attempting to access the property "
                            "'%': '%'",
                            parts, 2);
    }
    parts[1] = detail;
    return machine_fail(machine, STATUS_INVALID,
                        "EL1021E: A problem occurred whilst attempting to access the property "
                        "'%': 'Cannot invoke method/property % on null object'",
                        parts, 2);
}

/* What fails inside a property is reported as the property's failure. */
static enum status access(struct machine *machine, const struct method *row, struct value *top)
{
    enum status status = machine_call(machine, row, top, 0);
    size_t prefix =
        machine->expr->text.len + sizeof("Expression [] evaluation failed, message: ") - 1;
    struct slice message = machine->frame->message;

    if (status == STATUS_OK || status == STATUS_LIMIT || message.len < prefix) return status;
    struct slice parts[] = {slice_of(row->name), {message.data + prefix, message.len - prefix}};
    return machine_fail(machine, status,
                        "EL1021E: A problem occurred whilst attempting to access the property "
                        "'%': '%'",
                        parts, COUNT_OF(parts));
}

/* A row callable as a property: of the value's own class, or one every object has. */
static const struct method *row_without_arguments(struct value object, struct slice name)
{
    enum class_id classes[2] = {class_of_value(object), CLASS_Object};
    bool on_class = object.kind == VALUE_CLASS && !class_is_helper(classes[0]);
    const struct method *row;

    for (uint32_t i = 0; i < (on_class ? 1U : 2U); i++) {
        enum method_place place = on_class ? PLACE_STATIC : PLACE_INSTANCE;
        for (uint32_t j = 0; (row = method_find(classes[i], place, name, j)) != NULL; j++) {
            if (method_takes(row, 0)) return row;
        }
    }
    return NULL;
}

enum status machine_property(struct machine *machine, const struct method *row, struct value *top)
{
    struct slice name = slice_of(row->name);
    struct value receiver = *top;

    if (receiver.kind == VALUE_NULL) return fail_property(machine, name, "", name);
    if (row->place == PLACE_INSTANCE && class_of_value(receiver) != row->receiver) {
        return machine_member(machine, name, top);
    }
    return access(machine, row, top);
}

enum status machine_member(struct machine *machine, struct slice name, struct value *top)
{
    struct value object = *top;

    if (object.kind == VALUE_NULL) return fail_property(machine, name, "", name);
    if (object.kind == VALUE_MAP) {
        enum status status = map_get(object, name, machine->frame->arena, top);
        if (status == STATUS_OK) return STATUS_OK;
        if (status != STATUS_NOT_FOUND) return machine_limit(machine);
    }
    const struct method *row = row_without_arguments(object, name);
    if (row != NULL) return access(machine, row, top);
    if (object.kind == VALUE_MAP && slice_equal(name, SLICE("class"))) {
        return fail_property(machine, name,
                             "The getClass method call on type LinkedHashMap is not allowed",
                             (struct slice){0});
    }
    if (object.kind == VALUE_MAP) {
        *top = value_null();
        return STATUS_OK;
    }
    struct slice parts[] = {name, machine_class_name(object)};
    return machine_fail(machine, STATUS_TYPE,
                        "EL1008E: Property or field '%' cannot be found on object of type '%' - "
                        "maybe not public or not valid?",
                        parts, COUNT_OF(parts));
}

static enum status number_text(struct machine *machine, int64_t number, struct slice *text)
{
    return machine_text(machine, value_long(number), text);
}

static enum status fail_index(struct machine *machine, const char *message, int64_t count,
                              int64_t index)
{
    struct slice parts[2] = {SLICE(""), SLICE("")};
    enum status status = number_text(machine, count, &parts[0]);

    if (status == STATUS_OK) status = number_text(machine, index, &parts[1]);
    return status == STATUS_OK ? machine_fail(machine, STATUS_INVALID, message, parts, 2) : status;
}

static enum status index_of(struct machine *machine, struct value key, int64_t *index)
{
    struct value whole;

    if (key.kind == VALUE_NULL) return machine_fail(machine, STATUS_INVALID, "No index", NULL, 0);
    if (value_is_number(key) &&
        number_convert(key, VALUE_INTEGER, machine->frame->arena, &whole) == STATUS_OK) {
        *index = whole.i64;
        return STATUS_OK;
    }
    return fail_conversion(machine, key, SLICE("java.lang.Integer"));
}

static enum status index_list(struct machine *machine, struct value list, struct value key,
                              struct value *result)
{
    int64_t index = 0;
    int64_t count = list_count(list);
    enum status status = index_of(machine, key, &index);

    if (status != STATUS_OK) return status;
    if (index < 0) {
        struct slice parts[2];
        status = number_text(machine, index, &parts[0]);
        if (status == STATUS_OK) status = number_text(machine, count, &parts[1]);
        return status != STATUS_OK ? status
                                   : machine_fail(machine, STATUS_INVALID,
                                                  "Index % out of bounds for length %", parts, 2);
    }
    if (index >= count) {
        return fail_index(machine,
                          (list.flags & VALUE_ARRAY) != 0
                              ? "EL1024E: The array has '%' elements, index '%' is invalid"
                              : "EL1025E: The collection has '%' elements, index '%' is invalid",
                          count, index);
    }
    status = list_item(list, (uint32_t)index, machine->frame->arena, result);
    return status == STATUS_OK ? STATUS_OK : machine_limit(machine);
}

static enum status index_map(struct machine *machine, struct value map, struct value key,
                             struct value *result)
{
    enum status status = STATUS_NOT_FOUND;

    if (key.kind == VALUE_NULL) return machine_fail(machine, STATUS_INVALID, "No index", NULL, 0);
    if (key.kind == VALUE_STRING) {
        status = map_get(map, value_text(key), machine->frame->arena, result);
    }
    if (status == STATUS_NOT_FOUND) *result = value_null();
    return status == STATUS_LIMIT ? machine_limit(machine) : STATUS_OK;
}

enum status machine_index(struct machine *machine, struct value object, struct value key,
                          struct value *result)
{
    int64_t index = 0;

    switch ((int)object.kind) {
    case VALUE_MAP: return index_map(machine, object, key, result);
    case VALUE_LIST:
    case VALUE_SET: return index_list(machine, object, key, result);
    case VALUE_NULL:
        return machine_fail(machine, STATUS_INVALID, "EL1012E: Cannot index into a null value",
                            NULL, 0);
    case VALUE_STRING: {
        enum status status = index_of(machine, key, &index);
        if (status != STATUS_OK) return status;
        size_t units = text_units(object);
        if (index < 0 || (size_t)index >= units) {
            return fail_index(machine, "EL1024E: The array has '%' elements, index '%' is invalid",
                              (int64_t)units, index);
        }
        *result = text_slice(object, (size_t)index, (size_t)index + 1, machine->frame->arena);
        return STATUS_OK;
    }
    default:
        return machine_fail_one(machine, "EL1027E: Indexing into type '%' is not supported",
                                machine_class_name(object));
    }
}

/* --- building ----------------------------------------------------------------------------------------- */

enum status machine_list(struct machine *machine, struct value *first, uint32_t count)
{
    struct value *items = machine_alloc(machine, count, sizeof(*items));

    if (items == NULL) return machine_limit(machine);
    if (count > 0) memcpy(items, first, count * sizeof(*items));
    *first = value_list(items, count);
    return STATUS_OK;
}

enum status machine_map(struct machine *machine, struct value *first, const struct value *keys,
                        uint32_t count)
{
    struct value_entry *entries = machine_alloc(machine, count, sizeof(*entries));

    if (entries == NULL) return machine_limit(machine);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){keys[i], first[i]};
    *first = value_map(entries, count);
    return STATUS_OK;
}

enum status machine_join(struct machine *machine, struct value *first, uint32_t count)
{
    size_t len = 0;
    bool ascii = true;

    for (uint32_t i = 0; i < count; i++) {
        len += first[i].len;
        ascii = ascii && (first[i].flags & VALUE_ASCII) != 0;
    }
    enum status status = machine_spend(machine, len / 16);
    if (status != STATUS_OK) return status;
    uint8_t *text = machine_alloc(machine, len, 1);
    if (text == NULL || len > UINT32_MAX) return machine_limit(machine);
    uint8_t *at = text;
    for (uint32_t i = 0; i < count; i++) {
        if (first[i].len > 0) memcpy(at, first[i].text, first[i].len);
        at += first[i].len;
    }
    *first = ascii ? (struct value){.kind = VALUE_STRING,
                                    .flags = VALUE_ASCII,
                                    .len = (uint32_t)len,
                                    .text = text}
                   : value_string((struct slice){text, len});
    return STATUS_OK;
}

/* --- texts and conversions ---------------------------------------------------------------------------- */

/* Value texts are written by buffers; here into the arena, twice as big each time it did not fit. */
enum status machine_text(struct machine *machine, struct value value, struct slice *text)
{
    if (value.kind == VALUE_STRING) {
        *text = value_text(value);
        return STATUS_OK;
    }
    for (size_t capacity = 64; capacity <= machine->bytes_left; capacity *= 4) {
        struct arena_mark mark = arena_mark(machine->frame->arena);
        uint8_t *memory = arena_alloc(machine->frame->arena, capacity, 1);
        if (memory == NULL) break;
        struct buffer buffer = {.data = memory, .capacity = capacity, .bytes_max = capacity};
        value_to_text(value, &buffer);
        if (!buffer.failed) {
            machine->bytes_left -= (uint32_t)capacity;
            *text = buffer_slice(&buffer);
            return machine_spend(machine, buffer.len / 16);
        }
        arena_rewind(machine->frame->arena, mark);
    }
    return machine_limit(machine);
}

static enum value_kind kind_of_class(enum class_id class_id)
{
    switch ((int)class_id) {
    case CLASS_Byte: return VALUE_BYTE;
    case CLASS_Short: return VALUE_SHORT;
    case CLASS_Integer: return VALUE_INTEGER;
    case CLASS_Long: return VALUE_LONG;
    case CLASS_Float: return VALUE_FLOAT;
    case CLASS_Double: return VALUE_DOUBLE;
    case CLASS_BigInteger: return VALUE_BIG_INTEGER;
    case CLASS_BigDecimal: return VALUE_BIG_DECIMAL;
    default: return VALUE_NULL;
    }
}

/* Numbers to a class of numbers. */
static enum status convert_number(struct machine *machine, enum class_id class_id,
                                  struct value *top)
{
    struct value number = *top;
    enum status status =
        number_convert(number, kind_of_class(class_id), machine->frame->arena, top);

    if (status == STATUS_LIMIT) return machine_limit(machine);
    if (status == STATUS_OK) return STATUS_OK;
    return fail_conversion(machine, number, slice_of(class_infos[class_id].java_name));
}

static bool is_instance(struct value value, enum class_id class_id)
{
    return value.kind == VALUE_NULL || class_is(class_of_value(value), class_id);
}

/* Literal texts become what a parameter asks for (dates, zones); they were checked by the typer. */
static enum status convert_text(struct machine *machine, enum class_id class_id, struct value *top)
{
    struct value text = *top;
    enum status status = text_to_class(machine, value_text(text), class_id, top);

    if (status == STATUS_NOT_FOUND) {
        return fail_conversion(machine, text, slice_of(class_infos[class_id].java_name));
    }
    return status;
}

enum status machine_convert(struct machine *machine, enum class_id class_id, struct value *top)
{
    if (is_instance(*top, class_id)) return STATUS_OK;
    if (value_is_number(*top) && kind_of_class(class_id) != VALUE_NULL) {
        return convert_number(machine, class_id, top);
    }
    if (top->kind == VALUE_STRING && class_id != CLASS_Boolean) {
        return convert_text(machine, class_id, top);
    }
    return fail_conversion(machine, *top, slice_of(class_infos[class_id].java_name));
}

/* The result an expression was asked for: scalars also become texts, texts numbers. */
enum status machine_expect(struct machine *machine, enum class_id class_id, struct value *top)
{
    bool scalar =
        value_is_number(*top) || top->kind == VALUE_BOOLEAN || top->kind == VALUE_CHARACTER;

    if (!is_instance(*top, class_id) && class_id == CLASS_String && scalar) {
        struct slice text = {0};
        enum status status = machine_text(machine, *top, &text);
        if (status == STATUS_OK) *top = value_string(text);
        return status;
    }
    return machine_convert(machine, class_id, top);
}

/* A template's hole: only what converts to text by itself; null is empty. */
enum status machine_hole(struct machine *machine, struct value *top)
{
    if (top->kind == VALUE_NULL) {
        *top = value_string(SLICE(""));
        return STATUS_OK;
    }
    return machine_expect(machine, CLASS_String, top);
}

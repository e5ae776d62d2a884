/* vm_operators.c - what operators do with two values, or with one. */
#include "expr/machine.h"
#include "expr/text.h"

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
    if (status == STATUS_LIMIT) return machine_limit_number(machine, (struct slice){0});
    return machine_fail(machine, status, why[0] != '\0' ? why : "Infinite or NaN", NULL, 0);
}

static enum status add(struct machine *machine, struct value left, struct value right,
                       struct value *result)
{
    bool text = left.kind == VALUE_STRING || right.kind == VALUE_STRING;

    if (left.kind == VALUE_STRING && right.kind == VALUE_STRING) {
        struct value parts[2] = {left, right};
        enum status status = machine_join(machine, parts, 2);
        *result = parts[0];
        return status;
    }
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
    if (status == STATUS_LIMIT) return machine_limit_number(machine, (struct slice){0});
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
    return status == STATUS_LIMIT ? machine_limit_number(machine, (struct slice){0}) : status;
}

/* vm_plain.c - every instruction as its row says, with all the care values of any kind need. The loop
 * of vm.c does the usual cases itself. */
#include "expr/machine.h"

static void go_on_at(struct machine *machine, uint32_t at)
{
    machine->next = machine->expr->code + at;
}

static bool is_blank(struct value value)
{
    return value.kind == VALUE_NULL || (value.kind == VALUE_STRING && value.len == 0);
}

/* Where an instruction that may jump goes on. */
static enum status run_jump(struct machine *machine, struct instruction instruction)
{
    struct value top = *machine->top;
    enum status status = STATUS_OK;

    switch ((int)instruction.opcode) {
    case OP_JUMP: go_on_at(machine, instruction.operand); return STATUS_OK;
    case OP_JUMP_IF_NULL:
        if (top.kind == VALUE_NULL) go_on_at(machine, instruction.operand);
        return STATUS_OK;
    case OP_JUMP_UNLESS:
        status = machine_boolean(machine, top);
        if (status == STATUS_OK && !top.boolean) go_on_at(machine, instruction.operand);
        machine->top--;
        return status;
    case OP_ELVIS:
        if (!is_blank(top)) {
            go_on_at(machine, instruction.operand);
        } else {
            machine->top--;
        }
        return STATUS_OK;
    default: break;
    }
    status = machine_boolean(machine, top);
    if (status == STATUS_OK && top.boolean == (instruction.opcode == OP_OR)) {
        go_on_at(machine, instruction.operand);
    } else {
        machine->top--;
    }
    return status;
}

static enum status run_loop(struct machine *machine, struct instruction instruction)
{
    enum status status = STATUS_OK;

    switch ((int)instruction.opcode) {
    case OP_LOOP_SELECT:
    case OP_LOOP_PROJECT:
        machine->top--;
        return machine_loop_begin(machine, machine->top[1], instruction.opcode == OP_LOOP_PROJECT,
                                  (enum select_kind)instruction.small);
    case OP_LOOP_NEXT:
        if (!machine_loop_next(machine, &status)) go_on_at(machine, instruction.operand);
        return status;
    case OP_LOOP_KEEP:
        machine->top--;
        if (machine_loop_keep(machine, machine->top[1], &status))
            go_on_at(machine, instruction.operand);
        return status;
    case OP_LOOP_ADD:
        machine_loop_add(machine, *machine->top);
        machine->top--;
        return STATUS_OK;
    default: break;
    }
    *++machine->top = machine_loop_end(machine);
    return STATUS_OK;
}

static enum status run_call(struct machine *machine, struct instruction instruction)
{
    struct value *arguments = machine->top - instruction.small;

    machine->top = arguments;
    if (instruction.opcode == OP_CALL) {
        return machine_call(machine, machine->expr->methods[instruction.operand], arguments,
                            instruction.small);
    }
    return machine_call_named(machine, value_text(machine->expr->constants[instruction.operand]),
                              arguments, instruction.small);
}

static enum status run_build(struct machine *machine, struct instruction instruction)
{
    uint32_t count = instruction.opcode == OP_MAP ? instruction.small : instruction.operand;
    struct value *first = machine->top + 1 - count;

    machine->top = first;
    switch ((int)instruction.opcode) {
    case OP_LIST: return machine_list(machine, first, count);
    case OP_JOIN: return machine_join(machine, first, count);
    default:
        return machine_map(machine, first,
                           count > 0 ? &machine->expr->constants[instruction.operand] : NULL,
                           count);
    }
}

static enum status run_unary(struct machine *machine, struct instruction instruction)
{
    struct value *top = machine->top;
    enum status status;

    switch ((int)instruction.opcode) {
    case OP_NEGATE: return machine_negate(machine, top);
    case OP_NOT:
        status = machine_boolean(machine, *top);
        if (status == STATUS_OK) *top = value_boolean(!top->boolean);
        return status;
    case OP_PLUS: return STATUS_OK;
    case OP_TO_BOOLEAN: return machine_boolean(machine, *top);
    case OP_CONVERT: return machine_convert(machine, (enum class_id)instruction.operand, top);
    case OP_EXPECT: return machine_expect(machine, (enum class_id)instruction.operand, top);
    case OP_HOLE: return machine_hole(machine, top);
    default: break;
    }
    return machine_fail_one(machine, "%",
                            value_text(machine->expr->constants[instruction.operand]));
}

static enum status run_member(struct machine *machine, struct instruction instruction)
{
    const struct expr *expr = machine->expr;

    switch ((int)instruction.opcode) {
    case OP_PROPERTY:
        return machine_property(machine, expr->methods[instruction.operand], machine->top);
    case OP_INDEX_KEY:
        return machine_index(machine, *machine->top, expr->constants[instruction.operand],
                             machine->top);
    case OP_INDEX:
        machine->top--;
        return machine_index(machine, machine->top[0], machine->top[1], machine->top);
    default: break;
    }
    return machine_member(machine, value_text(expr->constants[instruction.operand]), machine->top);
}

static enum status run_binary(struct machine *machine, struct instruction instruction)
{
    struct value *left = --machine->top;

    return machine_binary(machine, (enum opcode)instruction.opcode, left[0], left[1], left);
}

static enum status run_push(struct machine *machine, struct instruction instruction)
{
    struct value *top = ++machine->top;

    switch ((int)instruction.opcode) {
    case OP_CONSTANT: *top = machine->expr->constants[instruction.operand]; break;
    case OP_SLOT: *top = machine->frame->slots[instruction.operand]; break;
    default: *top = *machine_element(machine); break;
    }
    return STATUS_OK;
}

/* Any instruction but RETURN, as its row says. Longer than a function should be, because it is a
 * table. */
enum status machine_step(struct machine *machine, struct instruction instruction)
{
    if (opcode_is_fused(instruction.opcode)) {
        instruction.opcode = (uint16_t)opcode_plain((enum opcode)instruction.opcode);
    }
    switch ((enum opcode)instruction.opcode) {
    case OP_CONSTANT:
    case OP_SLOT:
    case OP_THIS: return run_push(machine, instruction);
    case OP_POP: machine->top--; return STATUS_OK;
    case OP_MEMBER:
    case OP_PROPERTY:
    case OP_INDEX:
    case OP_INDEX_KEY: return run_member(machine, instruction);
    case OP_CALL:
    case OP_CALL_NAMED: return run_call(machine, instruction);
    case OP_NEGATE:
    case OP_PLUS:
    case OP_NOT:
    case OP_CONVERT:
    case OP_TO_BOOLEAN:
    case OP_HOLE:
    case OP_EXPECT:
    case OP_FAIL: return run_unary(machine, instruction);
    case OP_ADD:
    case OP_SUBTRACT:
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_REMAINDER:
    case OP_POWER:
    case OP_EQUAL:
    case OP_NOT_EQUAL:
    case OP_LESS:
    case OP_LESS_EQUAL:
    case OP_GREATER:
    case OP_GREATER_EQUAL:
    case OP_MATCHES:
    case OP_BETWEEN:
    case OP_INSTANCE_OF: return run_binary(machine, instruction);
    case OP_JUMP:
    case OP_JUMP_UNLESS:
    case OP_JUMP_IF_NULL:
    case OP_AND:
    case OP_OR:
    case OP_ELVIS: return run_jump(machine, instruction);
    case OP_LIST:
    case OP_MAP:
    case OP_JOIN: return run_build(machine, instruction);
    case OP_LOOP_SELECT:
    case OP_LOOP_PROJECT:
    case OP_LOOP_NEXT:
    case OP_LOOP_KEEP:
    case OP_LOOP_ADD:
    case OP_LOOP_END: return run_loop(machine, instruction);
    case OP_RETURN:
    case OP_SLOT_PATH:
    case OP_KEPT_PATH:
    case OP_THIS_PATH:
    case OP_COMPARE:
    case OP_COMPARE_NULL:
    case OP_SAFE_TEXT:
    case OP_TEXT:
    case OP_SAFE_DIGITS:
    case OP_DIGITS:
    case OP_COUNT: break;
    }
    UNREACHABLE("no plain opcode");
}

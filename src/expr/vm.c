/* vm.c - the machine: a stack, a dispatch loop, fuel.
 *
 * Every instruction costs one step; what walks data pays by the item. The compiler has proved the
 * depth of stack and loops, so the loop below checks neither.
 */
#include "expr/machine.h"

const struct expr_limits expr_limits_default = {.fuel = 1000000,
                                                .result_bytes_max = 4 * 1024 * 1024};

enum { STACK_INLINE = 32, LOOPS_INLINE = 2, MESSAGE_BYTES_MAX = 128 * 1024 };

/* --- failing ---------------------------------------------------------------------------------------- */

enum status machine_fail(struct machine *machine, enum status status, const char *message,
                         const struct slice *parts, uint32_t part_count)
{
    struct expr_frame *frame = machine->frame;
    struct slice copy = SLICE("out of memory");
    struct buffer text;
    uint32_t filled = 0;

    buffer_init(&text, MESSAGE_BYTES_MAX);
    buffer_append_text(&text, "Expression [");
    buffer_append(&text, machine->expr->text);
    buffer_append_text(&text, "] evaluation failed, message: ");
    for (const char *at = message; *at != '\0'; at++) {
        if (*at == '%' && filled < part_count) {
            buffer_append(&text, parts[filled++]);
        } else {
            buffer_append_byte(&text, (uint8_t)*at);
        }
    }
    if (arena_copy(frame->arena, buffer_slice(&text), &copy) == STATUS_OK) {
        frame->message = copy;
    } else {
        frame->message = SLICE("out of memory");
    }
    buffer_deinit(&text);
    if (machine->expr->spans != NULL) {
        frame->start = machine->expr->spans[machine->at].start;
        frame->end = machine->expr->spans[machine->at].end;
    }
    return status;
}

enum status machine_fail_one(struct machine *machine, const char *message, struct slice part)
{
    return machine_fail(machine, STATUS_INVALID, message, &part, 1);
}

enum status machine_limit(struct machine *machine)
{
    bool steps = machine->fuel == 0;
    uint8_t memory[24];
    struct buffer number = {
        .data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    buffer_append_u64(&number, steps ? machine->frame->limits->fuel
                                     : machine->frame->limits->result_bytes_max);
    struct slice most = buffer_slice(&number);
    return machine_fail(
        machine, STATUS_LIMIT,
        steps ? "The expression takes too many steps, the limit is %; walk shorter lists, or raise "
                "engine.fuel"
              : "The expression needs too much memory, the limit is % bytes; build shorter texts "
                "and lists",
        &most, 1);
}

void *machine_alloc(struct machine *machine, size_t count, size_t size)
{
    if (size > 0 && count > machine->bytes_left / size) return NULL;
    void *memory = arena_alloc(machine->frame->arena, count, size);
    if (memory != NULL) machine->bytes_left -= (uint32_t)(count * size);
    return memory;
}

enum status machine_spend(struct machine *machine, uint64_t steps)
{
    if (steps >= machine->fuel) {
        machine->fuel = 0;
        return machine_limit(machine);
    }
    machine->fuel -= (uint32_t)steps;
    return STATUS_OK;
}

/* --- the loop --------------------------------------------------------------------------------------- */

static bool is_blank(struct value value)
{
    return value.kind == VALUE_NULL || (value.kind == VALUE_STRING && value.len == 0);
}

/* The operations on two whole numbers that need no care: most of what scenarios compute. */
static bool fast_binary(enum opcode opcode, const struct value *left, const struct value *right,
                        struct value *result)
{
    if (left->kind == VALUE_STRING && right->kind == VALUE_STRING &&
        (opcode == OP_EQUAL || opcode == OP_NOT_EQUAL)) {
        bool same = left->len == right->len && memcmp(left->text, right->text, left->len) == 0;
        *result = value_boolean(same == (opcode == OP_EQUAL));
        return true;
    }
    if (left->kind == VALUE_NULL || right->kind == VALUE_NULL) {
        if (opcode != OP_EQUAL && opcode != OP_NOT_EQUAL) return false;
        *result = value_boolean((left->kind == right->kind) == (opcode == OP_EQUAL));
        return true;
    }
    return false;
}

/* Where an instruction that may jump goes on. */
static enum status run_jump(struct machine *machine, struct instruction instruction, uint32_t *next)
{
    struct value top = *machine->top;
    enum status status = STATUS_OK;

    switch ((int)instruction.opcode) {
    case OP_JUMP: *next = instruction.operand; return STATUS_OK;
    case OP_JUMP_IF_NULL:
        if (top.kind == VALUE_NULL) *next = instruction.operand;
        return STATUS_OK;
    case OP_JUMP_UNLESS:
        status = machine_boolean(machine, top);
        if (status == STATUS_OK && !top.boolean) *next = instruction.operand;
        machine->top--;
        return status;
    case OP_ELVIS:
        if (!is_blank(top)) {
            *next = instruction.operand;
        } else {
            machine->top--;
        }
        return STATUS_OK;
    default: break;
    }
    status = machine_boolean(machine, top);
    if (status == STATUS_OK && top.boolean == (instruction.opcode == OP_OR)) {
        *next = instruction.operand;
    } else {
        machine->top--;
    }
    return status;
}

static enum status run_loop(struct machine *machine, struct instruction instruction, uint32_t *next)
{
    enum status status = STATUS_OK;

    switch ((int)instruction.opcode) {
    case OP_LOOP_SELECT:
    case OP_LOOP_PROJECT:
        machine->top--;
        return machine_loop_begin(machine, machine->top[1], instruction.opcode == OP_LOOP_PROJECT,
                                  (enum select_kind)instruction.small);
    case OP_LOOP_NEXT:
        if (!machine_loop_next(machine, &status)) *next = instruction.operand;
        return status;
    case OP_LOOP_KEEP:
        machine->top--;
        if (machine_loop_keep(machine, machine->top[1], &status)) *next = instruction.operand;
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
    enum opcode opcode = (enum opcode)instruction.opcode;
    struct value *left = --machine->top;

    if (fast_binary(opcode, left, left + 1, left)) return STATUS_OK;
    return machine_binary(machine, opcode, left[0], left[1], left);
}

static struct value this_element(const struct machine *machine)
{
    ASSERT(machine->loop_count > 0);
    return machine->loops[machine->loop_count - 1].element;
}

/* Dispatch: longer than a function should be, because it is a table. */
static enum status run(struct machine *machine)
{
    const struct expr *expr = machine->expr;
    enum status status = STATUS_OK;
    uint32_t next = 0;

    while (status == STATUS_OK) {
        struct instruction instruction = expr->code[next];
        machine->at = next++;
        if (machine->fuel-- <= 1) {
            machine->fuel = 0;
            return machine_limit(machine);
        }
        switch ((enum opcode)instruction.opcode) {
        case OP_CONSTANT: *++machine->top = expr->constants[instruction.operand]; break;
        case OP_SLOT: *++machine->top = machine->frame->slots[instruction.operand]; break;
        case OP_THIS: *++machine->top = this_element(machine); break;
        case OP_POP: machine->top--; break;
        case OP_MEMBER:
        case OP_PROPERTY:
        case OP_INDEX:
        case OP_INDEX_KEY: status = run_member(machine, instruction); break;
        case OP_CALL:
        case OP_CALL_NAMED: status = run_call(machine, instruction); break;
        case OP_NEGATE:
        case OP_PLUS:
        case OP_NOT:
        case OP_CONVERT:
        case OP_TO_BOOLEAN:
        case OP_HOLE:
        case OP_EXPECT:
        case OP_FAIL: status = run_unary(machine, instruction); break;
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
        case OP_INSTANCE_OF: status = run_binary(machine, instruction); break;
        case OP_JUMP:
        case OP_JUMP_UNLESS:
        case OP_JUMP_IF_NULL:
        case OP_AND:
        case OP_OR:
        case OP_ELVIS: status = run_jump(machine, instruction, &next); break;
        case OP_LIST:
        case OP_MAP:
        case OP_JOIN: status = run_build(machine, instruction); break;
        case OP_LOOP_SELECT:
        case OP_LOOP_PROJECT:
        case OP_LOOP_NEXT:
        case OP_LOOP_KEEP:
        case OP_LOOP_ADD:
        case OP_LOOP_END: status = run_loop(machine, instruction, &next); break;
        case OP_RETURN: return STATUS_OK;
        case OP_COUNT: UNREACHABLE("opcode outside the enum");
        }
    }
    return status;
}

enum status expr_run(const struct expr *expr, struct expr_frame *frame, struct value *result)
{
    struct value stack_inline[STACK_INLINE + 1];
    struct loop loops_inline[LOOPS_INLINE];
    struct value *stack = stack_inline;
    struct machine machine = {.expr = expr,
                              .frame = frame,
                              .loops = loops_inline,
                              .fuel = frame->limits->fuel,
                              .bytes_left = frame->limits->result_bytes_max};

    frame->message = (struct slice){0};
    if (expr->stack_max > STACK_INLINE) {
        stack = arena_alloc(frame->arena, expr->stack_max + 1, sizeof(struct value));
    }
    if (expr->loops_max > LOOPS_INLINE) {
        machine.loops = arena_alloc(frame->arena, expr->loops_max, sizeof(struct loop));
    }
    if (stack == NULL || machine.loops == NULL) return machine_limit(&machine);
    stack[0] = value_null();
    machine.top = stack;
    enum status status = run(&machine);
    if (status == STATUS_OK) *result = *machine.top;
    return status;
}

/* vm.c - the machine: a stack, a dispatch loop, fuel.
 *
 * Every instruction costs one step; what walks data pays by the item. The compiler has proved the
 * depth of stack and loops, so the loop below checks neither. It does itself what scenarios mostly
 * do: variables, members of maps, comparisons of text, jumps. The rest takes care, in vm_plain.c.
 */
#include "expr/vm_usual.h"

const struct expr_limits expr_limits_default = {.fuel = 1000000,
                                                .result_bytes_max = 4 * 1024 * 1024};

/* --- the loop ---------------------------------------------------------------------------------------- */

/* What the loop keeps in registers; the machine has it while an instruction takes care. */
struct run {
    const struct instruction *next;
    struct value *top;
    uint32_t fuel;
};

static inline void run_leave(const struct run *run, struct machine *machine)
{
    machine->next = run->next;
    machine->top = run->top;
    machine->fuel = run->fuel;
}

static inline void run_enter(struct run *run, const struct machine *machine)
{
    run->next = machine->next;
    run->top = machine->top;
    run->fuel = machine->fuel;
}

static inline enum status take_care(struct machine *machine, struct run *run,
                                    const struct instruction *at)
{
    run_leave(run, machine);
    enum status status = machine_step(machine, *at);
    run_enter(run, machine);
    return status;
}

/* Is the row the receiver's own? Then nothing has to be looked for. */
static inline bool runs_on(const struct method *row, const struct value *receiver)
{
    return row->place == PLACE_INSTANCE && value_surely_is(receiver, row->receiver) &&
           receiver->kind != VALUE_NULL;
}

static inline enum status call(struct machine *machine, struct run *run,
                               const struct instruction *at)
{
    struct value *arguments = run->top - at->small;
    const struct method *row = machine->expr->methods[at->operand];

    run->top = arguments;
    run_leave(run, machine);
    enum status status = runs_on(row, arguments)
                             ? method_run_row(machine, row, arguments, at->small)
                             : machine_call(machine, row, arguments, at->small);
    run->fuel = machine->fuel;
    return status;
}

static inline enum status property(struct machine *machine, struct run *run,
                                   const struct instruction *at)
{
    const struct method *row = machine->expr->methods[at->operand];
    enum status status;

    run_leave(run, machine);
    if (runs_on(row, run->top)) {
        status = method_run_row(machine, row, run->top, 0);
        if (status != STATUS_OK) status = machine_property_failed(machine, row, status);
    } else {
        status = machine_property(machine, row, run->top);
    }
    run->fuel = machine->fuel;
    return status;
}

static inline enum status loop_begin(struct machine *machine, struct run *run,
                                     const struct instruction *at)
{
    run_leave(run, machine);
    run->top--;
    return machine_loop_begin(machine, run->top[1], at->opcode == OP_LOOP_PROJECT,
                              (enum select_kind)at->small);
}

static inline enum status loop_next(struct machine *machine, struct run *run,
                                    const struct instruction *at)
{
    enum status status = STATUS_OK;

    run_leave(run, machine);
    if (!machine_loop_next(machine, &status)) run->next = machine->expr->code + at->operand;
    return status;
}

static inline enum status loop_keep(struct machine *machine, struct run *run,
                                    const struct instruction *at)
{
    enum status status = STATUS_OK;

    run_leave(run, machine);
    if (machine_loop_keep(machine, *run->top--, &status)) {
        run->next = machine->expr->code + at->operand;
    }
    return status;
}

static inline enum status build_map(struct machine *machine, struct run *run,
                                    const struct instruction *at)
{
    run->top -= at->small;
    run->top++;
    run_leave(run, machine);
    /* A part that is run while it is compiled may have no constants yet. */
    const struct value *keys = at->small > 0 ? machine->expr->constants + at->operand : NULL;
    return machine_map(machine, run->top, keys, at->small);
}

static inline enum status build_list(struct machine *machine, struct run *run,
                                     const struct instruction *at)
{
    run->top -= at->operand;
    run->top++;
    run_leave(run, machine);
    return machine_list(machine, run->top, at->operand);
}

static enum status out_of_fuel(struct machine *machine, const struct run *run)
{
    run_leave(run, machine);
    machine->fuel = 0;
    return machine_limit(machine);
}

/* Is there fuel for so many instructions more? */
static inline bool has_fuel(const struct run *run, uint32_t more)
{
    return run->fuel > more;
}

static inline void pass(struct run *run, uint32_t instructions)
{
    run->next += instructions;
    run->fuel -= instructions;
}

/* Pushes a value, takes members of maps as long as they are there; the next plain instruction goes on
 * from where it stops. The value itself is put down only if it stays: what is read where it was
 * just written has to wait. */
ALWAYS_INLINE bool take_path(const struct machine *machine, struct run *run,
                             const struct value *from, uint32_t count)
{
    const struct instruction *name = run->next;
    const struct instruction *end = name + count;
    struct value *top = ++run->top;
    struct arena *arena = machine->frame->arena;

    if (!has_fuel(run, count) || !take_member(machine->expr, name->operand, arena, from, top)) {
        *top = *from;
        return false;
    }
    for (name++; name != end; name++) {
        if (!take_member(machine->expr, name->operand, arena, top, top)) break;
    }
    pass(run, (uint32_t)(name - run->next));
    return name == end;
}

/* A variable does not change during a run, and neither do its members. */
static inline void take_kept_path(struct machine *machine, struct run *run,
                                  const struct instruction *at)
{
    if (machine->has_kept && has_fuel(run, at->small)) {
        *++run->top = machine->kept;
        pass(run, at->small);
    } else if (take_path(machine, run, &machine->frame->slots[at->operand], at->small)) {
        machine->kept = *run->top;
        machine->has_kept = true;
    }
}

static inline bool equate(struct run *run, const struct instruction *at)
{
    bool equal;

    if (!simply_equal(run->top - 1, run->top, &equal)) return false;
    value_put_boolean(--run->top, equal == (at->opcode == OP_EQUAL));
    return true;
}

static inline bool compare(const struct machine *machine, struct run *run,
                           const struct instruction *at)
{
    bool equal;

    if (!has_fuel(run, at->small) ||
        !simply_equal(run->top, &machine->expr->constants[at->operand], &equal)) {
        return false;
    }
    value_put_boolean(run->top, equal == (run->next->opcode == OP_EQUAL));
    pass(run, at->small);
    return true;
}

static inline bool compare_null(struct run *run, const struct instruction *at)
{
    if (!has_fuel(run, at->small)) return false;
    bool null = run->top->kind == VALUE_NULL;

    value_put_boolean(run->top, null == (run->next->opcode == OP_EQUAL));
    pass(run, at->small);
    return true;
}

/* Texts are put together here, all else takes care. */
static inline enum status add(struct machine *machine, struct run *run,
                              const struct instruction *at)
{
    if (run->top->kind != VALUE_STRING || run->top[-1].kind != VALUE_STRING) {
        return take_care(machine, run, at);
    }
    run->top--;
    run_leave(run, machine);
    enum status status = machine_join(machine, run->top, 2);
    run->fuel = machine->fuel;
    return status;
}

/* toString() of text is that text, whatever row the compiler has found. */
static inline bool keep_text(struct run *run, const struct instruction *at)
{
    if (run->top->kind != VALUE_STRING || !has_fuel(run, at->small)) return false;
    pass(run, at->small);
    return true;
}

/* toLong() or toInteger() of a text of digits. */
static inline bool take_digits(const struct machine *machine, struct run *run,
                               const struct instruction *at)
{
    const struct method *row = machine->expr->methods[at[at->small].operand];

    if (run->top->kind != VALUE_STRING || !has_fuel(run, at->small)) return false;
    if (!text_whole(value_text(*run->top), row->receiver, run->top)) return false;
    pass(run, at->small);
    return true;
}

static inline void jump(const struct machine *machine, struct run *run, uint32_t target)
{
    run->next = machine->expr->code + target;
}

static inline void jump_if_null(const struct machine *machine, struct run *run, uint32_t target)
{
    if (run->top->kind == VALUE_NULL) jump(machine, run, target);
}

static inline bool jump_unless(const struct machine *machine, struct run *run, uint32_t target)
{
    if (run->top->kind != VALUE_BOOLEAN) return false;
    if (!run->top->boolean) jump(machine, run, target);
    run->top--;
    return true;
}

/* AND keeps false, OR keeps true. */
static inline bool keep_or_pop(const struct machine *machine, struct run *run, uint32_t target,
                               bool kept)
{
    if (run->top->kind != VALUE_BOOLEAN) return false;
    if (run->top->boolean == kept) {
        jump(machine, run, target);
    } else {
        run->top--;
    }
    return true;
}

/* Dispatch. What is done here is what is usual; all else takes care. */
ALWAYS_INLINE enum status run(struct machine *machine)
{
    const struct value *constants = machine->expr->constants;
    const struct value *slots = machine->frame->slots;
    enum status status = STATUS_OK;
    struct run run;

    run_enter(&run, machine);
    while (status == STATUS_OK) {
        const struct instruction *at = run.next++;
        bool done = true;

        if (run.fuel-- <= 1) return out_of_fuel(machine, &run);
        if (at->opcode >= OP_COUNT) __builtin_unreachable();
        switch ((int)at->opcode) {
        case OP_CONSTANT: *++run.top = constants[at->operand]; break;
        case OP_SLOT: *++run.top = slots[at->operand]; break;
        case OP_SLOT_PATH: (void)take_path(machine, &run, &slots[at->operand], at->small); break;
        case OP_KEPT_PATH: take_kept_path(machine, &run, at); break;
        case OP_THIS_PATH:
            (void)take_path(machine, &run, machine_element(machine), at->small);
            break;
        case OP_COMPARE: done = compare(machine, &run, at); break;
        case OP_COMPARE_NULL: done = compare_null(&run, at); break;
        case OP_ADD: status = add(machine, &run, at); break;
        case OP_EQUAL:
        case OP_NOT_EQUAL: done = equate(&run, at); break;
        case OP_SAFE_TEXT:
        case OP_TEXT: done = keep_text(&run, at); break;
        case OP_SAFE_DIGITS:
        case OP_DIGITS: done = take_digits(machine, &run, at); break;
        case OP_JUMP: jump(machine, &run, at->operand); break;
        case OP_JUMP_IF_NULL: jump_if_null(machine, &run, at->operand); break;
        case OP_JUMP_UNLESS: done = jump_unless(machine, &run, at->operand); break;
        case OP_AND: done = keep_or_pop(machine, &run, at->operand, false); break;
        case OP_OR: done = keep_or_pop(machine, &run, at->operand, true); break;
        case OP_EXPECT: done = is_expected(run.top, at->operand); break;
        case OP_CALL: status = call(machine, &run, at); break;
        case OP_PROPERTY: status = property(machine, &run, at); break;
        case OP_MAP: status = build_map(machine, &run, at); break;
        case OP_LIST: status = build_list(machine, &run, at); break;
        case OP_LOOP_SELECT:
        case OP_LOOP_PROJECT: status = loop_begin(machine, &run, at); break;
        case OP_LOOP_NEXT: status = loop_next(machine, &run, at); break;
        case OP_LOOP_KEEP: status = loop_keep(machine, &run, at); break;
        case OP_LOOP_END: *++run.top = machine_loop_end(machine); break;
        case OP_RETURN: machine->top = run.top; return STATUS_OK;
        default: done = false; break;
        }
        if (!done) status = take_care(machine, &run, at);
    }
    return status;
}

/* --- the door ---------------------------------------------------------------------------------------- */

/* Larger ones than fit beside the machine. */
static bool make_room(const struct expr *expr, struct machine *machine)
{
    struct arena *arena = machine->frame->arena;

    if (expr->stack_max > STACK_INLINE) {
        machine->top = arena_alloc(arena, expr->stack_max + 1, sizeof(struct value));
    }
    if (expr->loops_max > LOOPS_INLINE) {
        machine->loops = arena_alloc(arena, expr->loops_max, sizeof(struct loop));
    }
    return machine->top != NULL && machine->loops != NULL;
}

enum status expr_run_machine(const struct expr *expr, struct expr_frame *frame,
                             struct value *result)
{
    struct value stack[STACK_INLINE + 1];
    struct loop loops[LOOPS_INLINE];
    struct machine machine;

    machine.expr = expr;
    machine.frame = frame;
    machine.next = expr->code;
    stack[0] = value_null();
    machine.top = stack;
    machine.loops = loops;
    machine.loop_count = 0;
    machine.has_kept = false;
    machine.fuel = frame->limits->fuel;
    machine.bytes_left = frame->limits->result_bytes_max;
    if (__builtin_expect(!expr->is_small, 0) && !make_room(expr, &machine)) {
        machine.next++;
        return machine_limit(&machine);
    }
    enum status status = run(&machine);
    if (status == STATUS_OK) value_take(machine.top, result);
    return status;
}

enum status expr_run(const struct expr *expr, struct expr_frame *frame, struct value *result)
{
    frame->message = (struct slice){0};
    if (!expr->is_short) return expr_run_machine(expr, frame, result);
    return expr->code->opcode == OP_SLOT ? expr_run_slot(expr, frame, result)
                                         : expr_run_path(expr, frame, result);
}

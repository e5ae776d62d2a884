/* machine.h - the running machine, shared by vm.c and its rooms (vm_*.c).
 *
 * Everything lives in the frame's arena and ends with it; memory and steps are counted against the
 * frame's limits.
 */
#pragma once
#include "expr/arithmetic.h"
#include "expr/code.h"

struct loop {
    struct value_cursor cursor;
    struct value element;
    struct value_entry entry; /* of a map: what the element was made of */
    struct value result;
    void *items; /* values, or entries when a map is selected from */
    uint32_t count;
    bool over_map;
    bool projects;
    uint8_t select; /* enum select_kind */
};

struct machine {
    const struct expr *expr;
    struct expr_frame *frame;
    const struct instruction *next; /* behind the one being run */
    struct value *top;              /* the value on top */
    struct loop *loops;
    uint32_t loop_count;
    uint32_t fuel;
    uint32_t bytes_left;
    bool has_kept;
    struct value kept; /* what the path that is named more than once has given */
};

/* The ways of expr_run(). The machine can run any expression, the others what code_is_short(): one
 * that names members, or none. They are apart because each saves on entry only what it needs. */
enum status expr_run_machine(const struct expr *expr, struct expr_frame *frame,
                             struct value *result) MUST_USE;
enum status expr_run_path(const struct expr *expr, struct expr_frame *frame,
                          struct value *result) MUST_USE;
enum status expr_run_slot(const struct expr *expr, struct expr_frame *frame,
                          struct value *result) MUST_USE;

/* Sets the frame's message: `%` stands for the parts in order. Returns the status. */
enum status machine_fail(struct machine *machine, enum status status, const char *message,
                         const struct slice *parts, uint32_t part_count);
enum status machine_fail_one(struct machine *machine, const char *message, struct slice part);
enum status machine_fail_conversion(struct machine *machine, struct value value, struct slice to);
enum status machine_limit(struct machine *machine);
/* LIMIT of a number: of the text it was read from, or of a result (an empty text). */
enum status machine_limit_number(struct machine *machine, struct slice text);
/* LIMIT of a node of a JSON text, or none (0): a number, or memory. */
enum status machine_limit_node(struct machine *machine, const struct document *document,
                               uint32_t node);

/* Memory of the frame's arena, counted against the limit; NULL: that is too much. */
static inline void *machine_alloc(struct machine *machine, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > machine->bytes_left) return NULL;
    void *memory = arena_alloc(machine->frame->arena, count, size);
    if (memory != NULL) machine->bytes_left -= (uint32_t)bytes;
    return memory;
}

/* Steps of what walks data. */
MUST_USE static inline enum status machine_spend(struct machine *machine, uint64_t steps)
{
    if (steps >= machine->fuel) {
        machine->fuel = 0;
        return machine_limit(machine);
    }
    machine->fuel -= (uint32_t)steps;
    return STATUS_OK;
}

/* Text of a value, borrowed where it is text already. */
enum status machine_text(struct machine *machine, struct value value, struct slice *text) MUST_USE;

/* Java's name of a value's class as messages show it: "java.lang.Integer", "null". */
struct slice machine_class_name(struct value value);
struct slice machine_class_shape(struct value value); /* with "<?>" for containers */

/* Any instruction but RETURN; a fused one as the plain one it stands for. */
enum status machine_step(struct machine *machine, struct instruction instruction) MUST_USE;

/* --- operations: operands below the top are popped by the caller ---------------------------------- */

enum status machine_binary(struct machine *machine, enum opcode opcode, struct value left,
                           struct value right, struct value *result) MUST_USE;
enum status machine_negate(struct machine *machine, struct value *top) MUST_USE;
enum status machine_index(struct machine *machine, struct value object, struct value key,
                          struct value *result) MUST_USE;
enum status machine_member(struct machine *machine, struct slice name, struct value *top) MUST_USE;
/* The kind of a class's numbers; VALUE_NULL: no class of numbers. */
enum value_kind number_kind_of_class(enum class_id class_id);

enum status machine_boolean(struct machine *machine, struct value value) MUST_USE;
enum status machine_convert(struct machine *machine, enum class_id class_id,
                            struct value *top) MUST_USE;
enum status machine_expect(struct machine *machine, enum class_id class_id,
                           struct value *top) MUST_USE;
enum status machine_hole(struct machine *machine, struct value *top) MUST_USE;
enum status machine_join(struct machine *machine, struct value *first, uint32_t count) MUST_USE;
enum status machine_list(struct machine *machine, struct value *first, uint32_t count) MUST_USE;
enum status machine_map(struct machine *machine, struct value *first, const struct value *keys,
                        uint32_t count) MUST_USE;

/* Calls a row; arguments[0] is the receiver and takes the result. */
enum status machine_call(struct machine *machine, const struct method *row, struct value *arguments,
                         uint32_t count) MUST_USE;
enum status machine_call_named(struct machine *machine, struct slice name, struct value *arguments,
                               uint32_t count) MUST_USE;
/* The status of a property whose row failed, and the message that says so. */
enum status machine_property_failed(struct machine *machine, const struct method *row,
                                    enum status status) MUST_USE;
enum status machine_property(struct machine *machine, const struct method *row,
                             struct value *top) MUST_USE;

/* The element of the innermost loop. */
static inline const struct value *machine_element(const struct machine *machine)
{
    ASSERT(machine->loop_count > 0);
    return &machine->loops[machine->loop_count - 1].element;
}

/* --- loops ------------------------------------------------------------------------------------------ */

enum status machine_loop_begin(struct machine *machine, struct value collection, bool projects,
                               enum select_kind select) MUST_USE;
bool machine_loop_next(struct machine *machine, enum status *status);
bool machine_loop_keep(struct machine *machine, struct value keep, enum status *status);
void machine_loop_add(struct machine *machine, struct value value);
struct value machine_loop_end(struct machine *machine);

/* fuse.c - usual sequences of instructions get a shorter way through the machine.
 *
 * Only the first instruction's opcode changes. The rest stays, so jumps into the middle, spans, fuel
 * and failures are those of the plain code.
 */
#include "expr/methods/methods.h"

static const uint16_t plain_opcodes[OP_COUNT] = {
#define OPCODE(name, effect, meaning) [OP_##name] = OP_##name,
#define FUSED(name, plain, meaning)   [OP_##name] = OP_##plain,
#include "expr/opcodes.def"
#undef OPCODE
#undef FUSED
};

enum opcode opcode_plain(enum opcode opcode)
{
    ASSERT(opcode < OP_COUNT);
    return (enum opcode)plain_opcodes[opcode];
}

/* What is being looked through: instructions `code` to `end`. */
struct window {
    struct instruction *code;
    const struct instruction *end;
    const struct value *constants;
    const struct method *const *methods;
};

static bool is_at(const struct window *window, uint32_t at, enum opcode opcode)
{
    return window->code + at < window->end && window->code[at].opcode == opcode;
}

static bool is_text_call(const struct window *window, uint32_t at)
{
    return is_at(window, at, OP_CALL) && window->code[at].small == 0 &&
           window->methods[window->code[at].operand]->run == method_any_to_string;
}

static bool is_number_call(const struct window *window, uint32_t at)
{
    if (!is_at(window, at, OP_CALL) || window->code[at].small != 0) return false;
    const struct method *row = window->methods[window->code[at].operand];
    return row->run == method_convert_to_named &&
           (row->receiver == CLASS_Long || row->receiver == CLASS_Integer);
}

/* Members named one after another. */
static uint16_t names_behind(const struct window *window)
{
    uint16_t count = 0;

    while (count < UINT8_MAX &&
           (is_at(window, count + 1U, OP_MEMBER) || is_at(window, count + 1U, OP_INDEX_KEY))) {
        count++;
    }
    return count;
}

/* An operator behind a constant, perhaps held to be a Boolean, which it is. */
static uint16_t comparison_behind(const struct window *window)
{
    if (!is_at(window, 1, OP_EQUAL) && !is_at(window, 1, OP_NOT_EQUAL)) return 0;
    return is_at(window, 2, OP_TO_BOOLEAN) ? 2 : 1;
}

static enum opcode comparison_of(const struct window *window)
{
    bool null = window->constants[window->code->operand].kind == VALUE_NULL;

    return null ? OP_COMPARE_NULL : OP_COMPARE;
}

static void put(struct window *window, enum opcode opcode, uint16_t behind)
{
    window->code->opcode = (uint16_t)opcode;
    window->code->small = behind;
}

static void fuse(struct window *window)
{
    uint16_t names = names_behind(window);

    switch ((int)window->code->opcode) {
    case OP_SLOT:
        if (names > 0) put(window, OP_SLOT_PATH, names);
        return;
    case OP_THIS:
        if (names > 0) put(window, OP_THIS_PATH, names);
        return;
    case OP_CONSTANT:
        if (comparison_behind(window) > 0) {
            put(window, comparison_of(window), comparison_behind(window));
        }
        return;
    case OP_JUMP_IF_NULL:
        if (is_text_call(window, 1)) put(window, OP_SAFE_TEXT, 1);
        if (is_number_call(window, 1)) put(window, OP_SAFE_DIGITS, 1);
        return;
    case OP_CALL:
        if (is_text_call(window, 0)) put(window, OP_TEXT, 0);
        if (is_number_call(window, 0)) put(window, OP_DIGITS, 0);
        return;
    default: return;
    }
}

/* --- paths named more than once --------------------------------------------------------------------- */

enum { TWIN_DISTANCE_MAX = 64 }; /* looking for one costs so much at most */

static bool names_equal(const struct value *constants, uint32_t left, uint32_t right)
{
    return slice_equal(value_text(constants[left]), value_text(constants[right]));
}

/* Do both take the same members of the same variable? */
static bool paths_equal(const struct instruction *left, const struct instruction *right,
                        const struct value *constants)
{
    if (right->opcode != OP_SLOT_PATH || left->operand != right->operand ||
        left->small != right->small) {
        return false;
    }
    for (uint32_t i = 1; i <= left->small; i++) {
        if (!names_equal(constants, left[i].operand, right[i].operand)) return false;
    }
    return true;
}

/* Marks the twins of the path at `first`, and it if there are any. */
static bool keep_path(struct instruction *first, const struct instruction *end,
                      const struct value *constants)
{
    bool found = false;

    if (end - first > TWIN_DISTANCE_MAX) end = first + TWIN_DISTANCE_MAX;
    for (struct instruction *at = first + 1; at < end; at++) {
        if (!paths_equal(first, at, constants)) continue;
        at->opcode = OP_KEPT_PATH;
        found = true;
    }
    if (found) first->opcode = OP_KEPT_PATH;
    return found;
}

void code_fuse(struct instruction *code, uint32_t count, const struct value *constants,
               const struct method *const *methods)
{
    /* From the front: what stands behind an instruction is still plain when it is looked at. */
    for (uint32_t i = 0; i < count; i++) {
        struct window window = {code + i, code + count, constants, methods};
        fuse(&window);
    }
    /* The machine has room for one. */
    for (uint32_t i = 0; i < count; i++) {
        if (code[i].opcode == OP_SLOT_PATH && keep_path(code + i, code + count, constants)) return;
    }
}

/* May the instruction stand behind a variable, or behind its members? */
static bool ends_short(uint16_t opcode, bool members)
{
    bool digits = opcode == OP_SAFE_DIGITS || opcode == OP_DIGITS;

    return opcode == OP_SAFE_TEXT || opcode == OP_TEXT || opcode == OP_COMPARE ||
           opcode == OP_COMPARE_NULL || (digits && members);
}

bool code_is_short(const struct instruction *code, uint32_t count)
{
    bool members = code[0].opcode == OP_SLOT_PATH;
    uint32_t at = 1;

    if (code[0].opcode != OP_SLOT && !members) return false;
    if (members) at += code[0].small;
    if (ends_short(code[at].opcode, members)) at += code[at].small + 1U;
    if (code[at].opcode == OP_EXPECT) at++;
    return at == count - 1 && code[at].opcode == OP_RETURN;
}

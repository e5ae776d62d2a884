/* fuse.c - usual sequences of instructions get a shorter way through the machine.
 *
 * Only the first instruction's opcode changes. The rest stays, so jumps into the middle, spans, fuel
 * and failures are those of the plain code.
 */
#include "expr/methods.h"

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
        if (comparison_behind(window) > 0) put(window, OP_COMPARE, comparison_behind(window));
        return;
    case OP_JUMP_IF_NULL:
        if (is_text_call(window, 1)) put(window, OP_SAFE_TEXT, 1);
        return;
    case OP_CALL:
        if (is_text_call(window, 0)) put(window, OP_TEXT, 0);
        return;
    default: return;
    }
}

void code_fuse(struct instruction *code, uint32_t count, const struct method *const *methods)
{
    /* From the front: what stands behind an instruction is still plain when it is looked at. */
    for (uint32_t i = 0; i < count; i++) {
        struct window window = {code + i, code + count, methods};
        fuse(&window);
    }
}

bool code_is_short(const struct instruction *code, uint32_t count)
{
    uint32_t at = 1;

    if (code[0].opcode != OP_SLOT && code[0].opcode != OP_SLOT_PATH) return false;
    if (code[0].opcode == OP_SLOT_PATH) at += code[0].small;
    if (code[at].opcode == OP_SAFE_TEXT || code[at].opcode == OP_TEXT ||
        code[at].opcode == OP_COMPARE) {
        at += code[at].small + 1U;
    }
    if (code[at].opcode == OP_EXPECT) at++;
    return at == count - 1 && code[at].opcode == OP_RETURN;
}

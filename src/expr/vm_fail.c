/* vm_fail.c - how an evaluation fails: the message, where it points, and Java's names for it. */
#include "expr/machine.h"
#include "value/big.h"
#include "value/decimal.h"
#include "value/document.h"
#include "value/object.h"

enum { MESSAGE_BYTES_MAX = 128 * 1024 };

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
        size_t at = (size_t)(machine->next - machine->expr->code) - 1;
        frame->start = machine->expr->spans[at].start;
        frame->end = machine->expr->spans[at].end;
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

/* An operation on two numbers within the limits finds this enough. */
enum { NUMBER_ROOM_BYTES = 16 * BIG_LIMBS_MAX * 8, NUMBER_SHOWN_BYTES = 40 };

static bool has_room(struct arena *arena)
{
    struct arena_mark mark = arena_mark(arena);
    bool room = arena_alloc(arena, NUMBER_ROOM_BYTES, 1) != NULL;

    arena_rewind(arena, mark);
    return room;
}

enum status machine_limit_number(struct machine *machine, struct slice text)
{
    static const char most[] = "at most 19000 digits, at most 1000000 places before or behind the "
                               "point";
    _Static_assert(BIG_DIGITS_MAX == 19000 && DECIMAL_SCALE_MAX == 1000000, "as it is said");
    bool whole = text.len <= NUMBER_SHOWN_BYTES;
    struct slice parts[] = {{text.data, whole ? text.len : NUMBER_SHOWN_BYTES},
                            slice_of(whole ? "" : "..."),
                            slice_of(most)};

    if (machine->fuel == 0 || !has_room(machine->frame->arena)) return machine_limit(machine);
    if (text.len > 0) {
        return machine_fail(machine, STATUS_LIMIT, "The number %% is beyond a limit: %", parts, 3);
    }
    return machine_fail(machine, STATUS_LIMIT, "The result is beyond a limit of numbers: %",
                        parts + 2, 1);
}

enum status machine_limit_node(struct machine *machine, const struct document *document,
                               uint32_t node)
{
    bool number = node < document->node_count && document->nodes[node].kind == DOCUMENT_NUMBER;

    return number ? machine_limit_number(machine, document_text(document, node))
                  : machine_limit(machine);
}

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
    if (value.kind == VALUE_MAP && value.class_id == CLASS_Entry) {
        return SLICE("java.util.LinkedHashMap$Entry");
    }
    if (value.kind == VALUE_MAP && value.class_id == CLASS_MetaVariables) {
        return slice_of(class_infos[CLASS_MetaVariables].java_name);
    }
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

enum status machine_fail_conversion(struct machine *machine, struct value value, struct slice to)
{
    struct slice parts[] = {machine_class_shape(value), to};

    return machine_fail(machine, STATUS_TYPE,
                        "EL1001E: Type conversion problem, cannot convert from % to %", parts,
                        COUNT_OF(parts));
}

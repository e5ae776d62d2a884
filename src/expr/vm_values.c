/* vm_values.c - what instructions make of values: lists, maps, texts, conversions. */
#include "expr/machine.h"
#include "expr/text.h"
#include "value/object.h"

/* --- building ----------------------------------------------------------------------------------------- */

enum status machine_list(struct machine *machine, struct value *first, uint32_t count)
{
    struct value *items = machine_alloc(machine, count, sizeof(*items));

    if (items == NULL) return machine_limit(machine);
    if (count > 0) memcpy(items, first, count * sizeof(*items));
    value_put(first, value_head(VALUE_LIST, 0, count), (uint64_t)(uintptr_t)items);
    return STATUS_OK;
}

enum status machine_map(struct machine *machine, struct value *first, const struct value *keys,
                        uint32_t count)
{
    struct value_entry *entries = machine_alloc(machine, count, sizeof(*entries));

    if (entries == NULL) return machine_limit(machine);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){keys[i], first[i]};
    value_put(first, value_head(VALUE_MAP, 0, count), (uint64_t)(uintptr_t)entries);
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
    if (ascii) {
        value_put_ascii(first, text, (uint32_t)len);
    } else {
        *first = value_string((struct slice){text, len});
    }
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

enum status machine_boolean(struct machine *machine, struct value value)
{
    if (value.kind == VALUE_BOOLEAN) return STATUS_OK;
    return machine_fail_conversion(
        machine, value, value.kind == VALUE_NULL ? SLICE("boolean") : SLICE("java.lang.Boolean"));
}

enum value_kind number_kind_of_class(enum class_id class_id)
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
        number_convert(number, number_kind_of_class(class_id), machine->frame->arena, top);

    if (status == STATUS_LIMIT) return machine_limit_number(machine, (struct slice){0});
    if (status == STATUS_OK) return STATUS_OK;
    return machine_fail_conversion(machine, number, slice_of(class_infos[class_id].java_name));
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
        return machine_fail_conversion(machine, text, slice_of(class_infos[class_id].java_name));
    }
    return status;
}

enum status machine_convert(struct machine *machine, enum class_id class_id, struct value *top)
{
    if (is_instance(*top, class_id)) return STATUS_OK;
    if (value_is_number(*top) && number_kind_of_class(class_id) != VALUE_NULL) {
        return convert_number(machine, class_id, top);
    }
    if (top->kind == VALUE_STRING && class_id != CLASS_Boolean) {
        return convert_text(machine, class_id, top);
    }
    return machine_fail_conversion(machine, *top, slice_of(class_infos[class_id].java_name));
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

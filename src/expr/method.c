/* method.c - the table of everything that can be called, and finding rows in it. */
#include "expr/methods/methods.h"

static const struct method methods[] = {
#define METHOD(receiver, place, name, parameters, variable, result, function, meaning) \
    {CLASS_##receiver, PLACE_##place,     name,   parameters, variable,                \
     result,           method_##function, meaning},
#include "expr/methods/collection.def"
#include "expr/methods/conversions.def"
#include "expr/methods/helpers.def"
#include "expr/methods/number.def"
#include "expr/methods/text.def"
#include "expr/methods/time.def"
#undef METHOD
};

const struct method *method_row(uint32_t index)
{
    return index < COUNT_OF(methods) ? &methods[index] : NULL;
}

static bool is_container(enum class_id class_id)
{
    return class_id == CLASS_Map || class_id == CLASS_Array || class_is(class_id, CLASS_Collection);
}

/* On which classes a row of conversions.def is offered. */
static bool converts(const struct method *row, enum class_id receiver)
{
    bool open = receiver == CLASS_Object;

    switch (row->place) {
    case PLACE_TEXT: return open || receiver == CLASS_String;
    case PLACE_NUMBER:
        return open || receiver == CLASS_String ||
               (class_is_number(receiver) && receiver != row->receiver);
    case PLACE_COLLECTION: return open || (is_container(receiver) && receiver != row->receiver);
    case PLACE_CONVERT:
        return open || receiver == CLASS_String || receiver == CLASS_Comparable ||
               class_is_number(receiver) || is_container(receiver);
    case PLACE_INSTANCE:
    case PLACE_STATIC:
    case PLACE_NEW:
    case PLACE_UNKNOWN: break;
    }
    return false;
}

bool method_offered(const struct method *row, enum class_id receiver, enum method_place place)
{
    if (row->place >= PLACE_TEXT) return place == PLACE_INSTANCE && converts(row, receiver);
    return row->place == place && row->receiver == receiver;
}

const struct method *method_find(enum class_id receiver, enum method_place place, struct slice name,
                                 uint32_t index)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        const struct method *row = &methods[i];
        if (!method_offered(row, receiver, place)) continue;
        if (!slice_equal(name, slice_of(row->name))) continue;
        if (index-- == 0) return row;
    }
    return NULL;
}

bool method_class_known(enum class_id receiver)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (methods[i].receiver == receiver && methods[i].place < PLACE_TEXT) return true;
    }
    return receiver == CLASS_Comparable;
}

bool class_is_helper(enum class_id class_id)
{
    return class_id >= CLASS_collection && class_id <= CLASS_dateFormat;
}

/* --- parameters ------------------------------------------------------------------------------------- */

/* Parameter texts by position; the variable part repeats. */
static struct slice parameter_text(const struct method *row, uint32_t index)
{
    const char *at = row->parameters;
    uint32_t depth = 0;
    uint32_t place = 0;
    const char *start = at;

    for (; *at != '\0'; at++) {
        if (*at == '[') depth++;
        if (*at == ']') depth--;
        if (*at != ',' || depth > 0) continue;
        if (place == index) break;
        place++;
        start = at + 2;
    }
    if (place == index && row->parameters[0] != '\0') {
        return (struct slice){(const uint8_t *)start, (size_t)(at - start)};
    }
    return row->variable != NULL ? slice_of(row->variable) : (struct slice){0};
}

static uint32_t parameter_count(const struct method *row)
{
    uint32_t count = row->parameters[0] == '\0' ? 0 : 1;
    uint32_t depth = 0;

    for (const char *at = row->parameters; *at != '\0'; at++) {
        if (*at == '[') depth++;
        if (*at == ']') depth--;
        if (*at == ',' && depth == 0) count++;
    }
    return count;
}

bool method_takes(const struct method *row, uint32_t count)
{
    uint32_t fixed = parameter_count(row);

    return count == fixed || (count > fixed && row->variable != NULL);
}

enum class_id method_parameter(const struct method *row, uint32_t index)
{
    struct slice text = parameter_text(row, index);
    size_t end = 0;
    enum class_id class_id;

    if (memchr(text.data, '|', text.len) != NULL) return CLASS_Object;
    while (end < text.len && text.data[end] != '[')
        end++;
    if (class_find_simple((struct slice){text.data, end}, &class_id) != STATUS_OK) {
        return CLASS_Object;
    }
    return class_id;
}

/* How far an argument is from a parameter: 0 equal, 1 a subclass, 2 converted, 3 unknown, 4 no. */
static uint32_t distance(const struct method *row, uint32_t index, const struct type *argument,
                         struct arena *arena)
{
    enum class_id wanted = method_parameter(row, index);
    const struct type *type = type_of_class(wanted);

    (void)arena;
    if (argument->kind == TYPE_UNKNOWN || argument->kind == TYPE_UNION) return 3;
    if (type_class_id(argument) == wanted) return 0;
    if (argument->kind == TYPE_NULL || class_is(type_class_id(argument), wanted)) return 1;
    return type_assignable(argument, type) ? 2 : 4;
}

bool method_closer(const struct method *row, const struct method *other, const struct node *call,
                   struct arena *arena)
{
    uint32_t own = 0;
    uint32_t others = 0;

    for (uint32_t i = 0; i < call->child_count; i++) {
        uint32_t a = distance(row, i, call->children[i]->type, arena);
        uint32_t b = distance(other, i, call->children[i]->type, arena);
        own += a * a * a;
        others += b * b * b;
    }
    return own < others;
}

/* --- calling ---------------------------------------------------------------------------------------- */

/* "name(java.lang.Integer,null)" as messages show a call. */
static enum status append_call(struct machine *machine, const char *message, struct slice name,
                               const struct value *arguments, uint32_t count, struct slice last)
{
    uint8_t memory[1024];
    struct buffer text = {.data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};

    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) buffer_append_byte(&text, ',');
        buffer_append(&text, machine_class_name(arguments[i + 1]));
    }
    struct slice parts[] = {name, buffer_slice(&text), last};
    return machine_fail(machine, STATUS_TYPE, message, parts, COUNT_OF(parts));
}

static enum status fail_on_null(struct machine *machine, struct slice name,
                                const struct value *arguments, uint32_t count)
{
    return append_call(machine,
                       "EL1011E: Method call: Attempted to call method %(%) on null context object",
                       name, arguments, count, (struct slice){0});
}

/* A class whose static is called stands for itself. */
static struct slice receiver_name(struct value receiver)
{
    return receiver.kind == VALUE_CLASS ? slice_of(class_infos[receiver.i64].java_name)
                                        : machine_class_name(receiver);
}

enum status machine_call(struct machine *machine, const struct method *row, struct value *arguments,
                         uint32_t count)
{
    struct call call = {.machine = machine,
                        .method = row,
                        .arguments = arguments,
                        .count = count,
                        .result = arguments};

    if (arguments[0].kind == VALUE_NULL) {
        return fail_on_null(machine, slice_of(row->name), arguments, count);
    }
    bool bound = row->place == PLACE_INSTANCE && row->receiver != CLASS_Object;
    if (bound && class_of_value(arguments[0]) != row->receiver &&
        !class_is(class_of_value(arguments[0]), row->receiver)) {
        return machine_call_named(machine, slice_of(row->name), arguments, count);
    }
    return row->run(&call);
}

/* Is the value what a row's parameter takes, perhaps after conversion? */
static bool fits(struct machine *machine, const struct method *row, uint32_t index,
                 struct value value)
{
    enum class_id wanted = method_parameter(row, index);
    enum class_id class_id = class_of_value(value);

    (void)machine;
    return value.kind == VALUE_NULL || class_is(class_id, wanted) ||
           (wanted == CLASS_String && class_is_number(class_id)) ||
           (class_is_number(wanted) && class_is_number(class_id));
}

static const struct method *find_for_values(struct machine *machine, enum class_id receiver,
                                            enum method_place place, struct slice name,
                                            const struct value *arguments, uint32_t count)
{
    const struct method *row;

    for (uint32_t i = 0; (row = method_find(receiver, place, name, i)) != NULL; i++) {
        bool takes = method_takes(row, count);
        for (uint32_t j = 0; j < count && takes; j++) {
            takes = fits(machine, row, j, arguments[j + 1]);
        }
        if (takes) return row;
    }
    return NULL;
}

enum status machine_call_named(struct machine *machine, struct slice name, struct value *arguments,
                               uint32_t count)
{
    struct value receiver = arguments[0];
    enum class_id class_id = class_of_value(receiver);
    bool on_class = receiver.kind == VALUE_CLASS && !class_is_helper(class_id);

    if (receiver.kind == VALUE_NULL) return fail_on_null(machine, name, arguments, count);
    const struct method *row = find_for_values(
        machine, class_id, on_class ? PLACE_STATIC : PLACE_INSTANCE, name, arguments, count);
    /* What every object has is found on each, whatever its class. */
    if (row == NULL && !on_class) {
        row = find_for_values(machine, CLASS_Object, PLACE_INSTANCE, name, arguments, count);
    }
    if (row == NULL) {
        return append_call(machine, "EL1004E: Method call: Method %(%) cannot be found on type %",
                           name, arguments, count, receiver_name(receiver));
    }
    for (uint32_t i = 0; i < count; i++) {
        enum status status = machine_convert(machine, method_parameter(row, i), &arguments[i + 1]);
        if (status != STATUS_OK) return status;
    }
    return method_run_row(machine, row, arguments, count);
}

/* --- what the functions use ------------------------------------------------------------------------- */

enum status call_fail_argument(struct call *call)
{
    return append_call(call->machine, "EL1004E: Method call: Method %(%) cannot be found on type %",
                       slice_of(call->method->name), call->arguments, call->count,
                       receiver_name(call->arguments[0]));
}

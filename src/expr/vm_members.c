/* vm_members.c - members by name, and what stands at an index. */
#include "expr/machine.h"
#include "expr/text.h"
#include "value/document.h"

static enum status fail_property(struct machine *machine, struct slice name, const char *why,
                                 struct slice detail)
{
    struct slice parts[] = {name, slice_of(why), detail};

    if (detail.len == 0) {
        return machine_fail(machine, STATUS_INVALID,
                            "EL1021E: A problem occurred whilst attempting to access the property "
                            "'%': '%'",
                            parts, 2);
    }
    parts[1] = detail;
    return machine_fail(machine, STATUS_INVALID,
                        "EL1021E: A problem occurred whilst attempting to access the property "
                        "'%': 'Cannot invoke method/property % on null object'",
                        parts, 2);
}

/* What fails inside a property is reported as the property's failure. */
enum status machine_property_failed(struct machine *machine, const struct method *row,
                                    enum status status)
{
    size_t prefix =
        machine->expr->text.len + sizeof("Expression [] evaluation failed, message: ") - 1;
    struct slice message = machine->frame->message;

    if (status == STATUS_LIMIT || message.len < prefix) return status;
    struct slice parts[] = {slice_of(row->name), {message.data + prefix, message.len - prefix}};
    return machine_fail(machine, status,
                        "EL1021E: A problem occurred whilst attempting to access the property "
                        "'%': '%'",
                        parts, COUNT_OF(parts));
}

static enum status access(struct machine *machine, const struct method *row, struct value *top)
{
    enum status status = machine_call(machine, row, top, 0);

    return status == STATUS_OK ? status : machine_property_failed(machine, row, status);
}

/* A row callable as a property: of the value's own class, or one every object has. */
static const struct method *row_without_arguments(struct value object, struct slice name)
{
    enum class_id classes[2] = {class_of_value(object), CLASS_Object};
    bool on_class = object.kind == VALUE_CLASS && !class_is_helper(classes[0]);
    const struct method *row;

    for (uint32_t i = 0; i < (on_class ? 1U : 2U); i++) {
        enum method_place place = on_class ? PLACE_STATIC : PLACE_INSTANCE;
        for (uint32_t j = 0; (row = method_find(classes[i], place, name, j)) != NULL; j++) {
            if (method_takes(row, 0)) return row;
        }
    }
    return NULL;
}

enum status machine_property(struct machine *machine, const struct method *row, struct value *top)
{
    struct slice name = slice_of(row->name);
    struct value receiver = *top;

    if (receiver.kind == VALUE_NULL) return fail_property(machine, name, "", name);
    if (row->place == PLACE_INSTANCE && class_of_value(receiver) != row->receiver) {
        return machine_member(machine, name, top);
    }
    return access(machine, row, top);
}

static enum status fail_member(struct machine *machine, struct value map, struct slice name)
{
    if ((map.flags & VALUE_LAZY) == 0) return machine_limit(machine);
    return machine_limit_node(machine, map.document, document_member(map.document, map.node, name));
}

static enum status fail_item(struct machine *machine, struct value list, uint32_t index)
{
    if ((list.flags & VALUE_LAZY) == 0) return machine_limit(machine);
    uint32_t node = list.node + 1;
    for (uint32_t i = 0; i < index; i++)
        node = list.document->nodes[node].next;
    return machine_limit_node(machine, list.document, node);
}

enum status machine_member(struct machine *machine, struct slice name, struct value *top)
{
    struct value object = *top;

    if (object.kind == VALUE_NULL) return fail_property(machine, name, "", name);
    if (object.kind == VALUE_MAP) {
        enum status status = map_get(object, name, machine->frame->arena, top);
        if (status == STATUS_OK) return STATUS_OK;
        if (status != STATUS_NOT_FOUND) return fail_member(machine, object, name);
    }
    const struct method *row = row_without_arguments(object, name);
    if (row != NULL) return access(machine, row, top);
    if (object.kind == VALUE_MAP && slice_equal(name, SLICE("class"))) {
        return fail_property(machine, name,
                             "The getClass method call on type LinkedHashMap is not allowed",
                             (struct slice){0});
    }
    if (object.kind == VALUE_MAP) {
        *top = value_null();
        return STATUS_OK;
    }
    struct slice parts[] = {name, machine_class_name(object)};
    if (object.kind == VALUE_CLASS) parts[1] = slice_of(class_infos[object.i64].java_name);
    return machine_fail(machine, STATUS_TYPE,
                        "EL1008E: Property or field '%' cannot be found on object of type '%' - "
                        "maybe not public or not valid?",
                        parts, COUNT_OF(parts));
}

static enum status number_text(struct machine *machine, int64_t number, struct slice *text)
{
    return machine_text(machine, value_long(number), text);
}

static enum status fail_index(struct machine *machine, const char *message, int64_t count,
                              int64_t index)
{
    struct slice parts[2] = {SLICE(""), SLICE("")};
    enum status status = number_text(machine, count, &parts[0]);

    if (status == STATUS_OK) status = number_text(machine, index, &parts[1]);
    return status == STATUS_OK ? machine_fail(machine, STATUS_INVALID, message, parts, 2) : status;
}

static enum status index_of(struct machine *machine, struct value key, int64_t *index)
{
    struct value whole;

    if (key.kind == VALUE_NULL) return machine_fail(machine, STATUS_INVALID, "No index", NULL, 0);
    if (value_is_number(key) &&
        number_convert(key, VALUE_INTEGER, machine->frame->arena, &whole) == STATUS_OK) {
        *index = whole.i64;
        return STATUS_OK;
    }
    return machine_fail_conversion(machine, key, SLICE("java.lang.Integer"));
}

static enum status index_list(struct machine *machine, struct value list, struct value key,
                              struct value *result)
{
    int64_t index = 0;
    int64_t count = list_count(list);
    enum status status = index_of(machine, key, &index);

    if (status != STATUS_OK) return status;
    if (index < 0) {
        struct slice parts[2];
        status = number_text(machine, index, &parts[0]);
        if (status == STATUS_OK) status = number_text(machine, count, &parts[1]);
        return status != STATUS_OK ? status
                                   : machine_fail(machine, STATUS_INVALID,
                                                  "Index % out of bounds for length %", parts, 2);
    }
    if (index >= count) {
        return fail_index(machine,
                          (list.flags & VALUE_ARRAY) != 0
                              ? "EL1024E: The array has '%' elements, index '%' is invalid"
                              : "EL1025E: The collection has '%' elements, index '%' is invalid",
                          count, index);
    }
    status = list_item(list, (uint32_t)index, machine->frame->arena, result);
    return status == STATUS_OK ? STATUS_OK : fail_item(machine, list, (uint32_t)index);
}

static enum status index_map(struct machine *machine, struct value map, struct value key,
                             struct value *result)
{
    enum status status = STATUS_NOT_FOUND;

    if (key.kind == VALUE_NULL) return machine_fail(machine, STATUS_INVALID, "No index", NULL, 0);
    if (key.kind == VALUE_STRING) {
        status = map_get(map, value_text(key), machine->frame->arena, result);
    }
    if (status == STATUS_NOT_FOUND) *result = value_null();
    return status == STATUS_LIMIT ? fail_member(machine, map, value_text(key)) : STATUS_OK;
}

enum status machine_index(struct machine *machine, struct value object, struct value key,
                          struct value *result)
{
    int64_t index = 0;

    switch ((int)object.kind) {
    case VALUE_MAP: return index_map(machine, object, key, result);
    case VALUE_LIST:
    case VALUE_SET: return index_list(machine, object, key, result);
    case VALUE_NULL:
        return machine_fail(machine, STATUS_INVALID, "EL1012E: Cannot index into a null value",
                            NULL, 0);
    case VALUE_STRING: {
        enum status status = index_of(machine, key, &index);
        if (status != STATUS_OK) return status;
        size_t units = text_units(object);
        if (index < 0 || (size_t)index >= units) {
            return fail_index(machine, "EL1024E: The array has '%' elements, index '%' is invalid",
                              (int64_t)units, index);
        }
        *result = text_slice(object, (size_t)index, (size_t)index + 1, machine->frame->arena);
        return STATUS_OK;
    }
    default:
        return machine_fail_one(machine, "EL1027E: Indexing into type '%' is not supported",
                                machine_class_name(object));
    }
}

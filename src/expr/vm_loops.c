/* vm_loops.c - selections and projections: walking lists, sets and maps, keeping what is asked. */
#include "expr/machine.h"
#include "value/document.h"

static bool is_collection(struct value value)
{
    return value.kind == VALUE_LIST || value.kind == VALUE_SET || value.kind == VALUE_MAP;
}

static uint32_t collection_count(struct value value)
{
    return value.kind == VALUE_MAP ? map_count(value) : list_count(value);
}

enum status machine_loop_begin(struct machine *machine, struct value collection, bool projects,
                               enum select_kind select)
{
    struct loop *loop = &machine->loops[machine->loop_count];

    if (!is_collection(collection)) {
        return machine_fail_one(machine,
                                projects ? "EL1019E: Projection is not supported on the type '%'"
                                         : "EL1015E: Cannot perform selection on input data of "
                                           "type '%'",
                                machine_class_name(collection));
    }
    loop->cursor.container = collection;
    loop->cursor.at = 0;
    loop->cursor.node = collection.node + 1;
    loop->over_map = collection.kind == VALUE_MAP;
    loop->select = (uint8_t)select;
    loop->count = 0;
    loop->items = NULL;
    loop->result = value_null();
    loop->element = value_null();
    machine->loop_count++;
    if (!projects && select != SELECT_ALL) return STATUS_OK;
    bool keeps_entries = loop->over_map && !projects;
    loop->items = machine_alloc(machine, collection_count(collection),
                                keeps_entries ? sizeof(struct value_entry) : sizeof(struct value));
    if (loop->items == NULL && collection_count(collection) > 0) return machine_limit(machine);
    /* `result` says what to build at the end. */
    loop->result.kind = keeps_entries ? VALUE_MAP : VALUE_LIST;
    loop->result.flags = collection.flags & VALUE_ARRAY;
    loop->result.class_id = projects ? CLASS_Object : collection.class_id;
    loop->projects = projects;
    return STATUS_OK;
}

/* An entry as the element of a loop: a record of key and value. */
static enum status entry_element(struct machine *machine, struct loop *loop)
{
    struct value_entry *fields = machine_alloc(machine, 2, sizeof(*fields));

    if (fields == NULL) return machine_limit(machine);
    fields[0] = (struct value_entry){value_string(SLICE("key")), loop->entry.key};
    fields[1] = (struct value_entry){value_string(SLICE("value")), loop->entry.value};
    loop->element = value_map(fields, 2);
    loop->element.class_id = CLASS_Entry; /* how it prints */
    return STATUS_OK;
}

/* The next item of a list in JSON. */
static bool next_of_document(struct machine *machine, struct loop *loop, enum status *status)
{
    struct value_cursor *cursor = &loop->cursor;
    const struct document *document = cursor->container.document;

    if (cursor->at == document->nodes[cursor->container.node].count) return false;
    *status = document_value(document, cursor->node, machine->frame->arena, &loop->element);
    if (*status != STATUS_OK) *status = machine_limit_node(machine, document, cursor->node);
    cursor->node = document->nodes[cursor->node].next;
    cursor->at++;
    return *status == STATUS_OK;
}

bool machine_loop_next(struct machine *machine, enum status *status)
{
    struct loop *loop = &machine->loops[machine->loop_count - 1];
    struct value_cursor *cursor = &loop->cursor;

    if (!loop->over_map && (cursor->container.flags & VALUE_LAZY) != 0) {
        return next_of_document(machine, loop, status);
    }
    if (!loop->over_map) {
        if (cursor->at == cursor->container.count) return false;
        loop->element = cursor->container.items[cursor->at++];
        return true;
    }
    if (!cursor_next(&loop->cursor, machine->frame->arena, &loop->entry, status)) {
        if (*status != STATUS_OK) *status = machine_limit(machine);
        return false;
    }
    *status = entry_element(machine, loop);
    return *status == STATUS_OK;
}

/* Keeps the element at hand; of a single one also when it comes from a map. */
static enum status keep(struct machine *machine, struct loop *loop)
{
    if (loop->select == SELECT_ALL && loop->over_map) {
        ((struct value_entry *)loop->items)[loop->count++] = loop->entry;
    } else if (loop->select == SELECT_ALL) {
        ((struct value *)loop->items)[loop->count++] = loop->element;
    } else if (loop->over_map) {
        struct value_entry *entry = machine_alloc(machine, 1, sizeof(*entry));
        if (entry == NULL) return machine_limit(machine);
        *entry = loop->entry;
        loop->result = value_map(entry, 1);
    } else {
        loop->result = loop->element;
    }
    return STATUS_OK;
}

/* True when the search is over. */
bool machine_loop_keep(struct machine *machine, struct value keeps, enum status *status)
{
    struct loop *loop = &machine->loops[machine->loop_count - 1];

    if (keeps.kind != VALUE_BOOLEAN) {
        *status = machine_fail(machine, STATUS_TYPE,
                               "EL1016E: Result of selection criteria is not boolean", NULL, 0);
        return false;
    }
    if (!keeps.boolean) return false;
    *status = keep(machine, loop);
    return loop->select == SELECT_FIRST;
}

void machine_loop_add(struct machine *machine, struct value value)
{
    struct loop *loop = &machine->loops[machine->loop_count - 1];

    ((struct value *)loop->items)[loop->count++] = value;
}

/* The class of an array made of the values: theirs if it is one, Number for numbers. */
static uint8_t class_of_items(const struct value *items, uint32_t count)
{
    enum class_id common = CLASS_Object;

    ASSERT(items != NULL || count == 0);
    for (uint32_t i = 0; i < count; i++) {
        enum class_id own = class_of_value(items[i]);
        if (items[i].kind == VALUE_NULL || own == common) continue;
        if (common == CLASS_Object) {
            common = own;
        } else if (class_is_number(own) && class_is_number(common)) {
            common = CLASS_Number;
        } else {
            return CLASS_Object;
        }
    }
    return (uint8_t)common;
}

struct value machine_loop_end(struct machine *machine)
{
    struct loop *loop = &machine->loops[--machine->loop_count];

    if (loop->items == NULL && loop->select != SELECT_ALL) return loop->result;
    struct value result = loop->result.kind == VALUE_MAP ? value_map(loop->items, loop->count)
                                                         : value_list(loop->items, loop->count);
    if ((loop->result.flags & VALUE_ARRAY) == 0) return result;
    result.flags |= VALUE_ARRAY;
    result.class_id =
        loop->projects ? class_of_items(loop->items, loop->count) : loop->result.class_id;
    return result;
}

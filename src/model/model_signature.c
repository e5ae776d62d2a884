/* model_signature.c - what every model takes and gives, and whether an MLmodel says the same. */
#include "model/model_room.h"

static const struct type *text_list(struct arena *arena)
{
    return type_list(type_of_class(CLASS_String), arena);
}

enum status model_signature(struct arena *arena, const struct type **inputs,
                            const struct type **outputs)
{
    const struct type_field in[] = {
        {SLICE("userId"), type_of_class(CLASS_String)},
        {SLICE("items"), text_list(arena)},
        {SLICE("timestamps"), text_list(arena)},
    };
    const struct type_field out[] = {
        {SLICE("itemIds"), text_list(arena)},
        {SLICE("preds"), type_list(type_of_class(CLASS_Double), arena)},
    };

    for (size_t i = 1; i < COUNT_OF(in); i++) {
        if (in[i].type == NULL || out[i - 1].type == NULL) return STATUS_LIMIT;
    }
    *inputs = type_record(in, COUNT_OF(in), arena);
    *outputs = type_record(out, COUNT_OF(out), arena);
    return *inputs != NULL && *outputs != NULL ? STATUS_OK : STATUS_LIMIT;
}

/* Two records with the same fields, in any order. */
static bool same_columns(const struct type *declared, const struct type *wanted)
{
    struct buffer left;
    struct buffer right;
    bool same = declared != NULL && declared->count == wanted->count;

    buffer_init(&left, 4096);
    buffer_init(&right, 4096);
    for (uint32_t i = 0; same && i < wanted->count; i++) {
        const struct type *field = type_field(declared, wanted->fields[i].name);

        buffer_clear(&left);
        buffer_clear(&right);
        if (field != NULL) type_to_text(field, false, &left);
        type_to_text(wanted->fields[i].type, false, &right);
        same = field != NULL && slice_equal(buffer_slice(&left), buffer_slice(&right));
    }
    buffer_deinit(&left);
    buffer_deinit(&right);
    return same;
}

enum status model_signature_check(struct model *model, const struct mlmodel *mlmodel,
                                  struct buffer *message)
{
    const struct type *inputs;
    const struct type *outputs;
    enum status status = model_signature(&model->arena, &inputs, &outputs);

    if (status != STATUS_OK) return status;
    if (same_columns(mlmodel->inputs, inputs) && same_columns(mlmodel->outputs, outputs))
        return STATUS_OK;
    buffer_append_text(message, "MLmodel: the signature must be ");
    type_to_text(inputs, false, message);
    buffer_append_text(message, " -> ");
    type_to_text(outputs, false, message);
    return STATUS_INVALID;
}

/* slirec_weights.c - 60 named arrays, each looked for, checked and copied by its row of the table. */
#include "codec/safetensors.h"
#include "model/slirec.h"

#define EMBEDDING "sequential/embedding/"
#define LONG      "sequential/sli_rec/long_term_asvd/"
#define CELL      "sequential/sli_rec/rnn/time4lstm/time4lstm_cell/"
#define SHORT     "sequential/sli_rec/attention_fcn/attention_fcn/"

enum { ITEMS = -1, CATES = -2 };

struct weight_row {
    const char *name;
    int32_t rows;
    int32_t columns; /* 0: a vector */
    size_t field;
};

/* NOLINTBEGIN(bugprone-macro-parentheses): names of members and texts side by side */
#define ROW(field, name, rows, columns) \
    {name, (rows), (columns), offsetof(struct slirec_weights, field)},
#define LAYER(field, prefix, number, norm, input, output)        \
    ROW(field.weight, prefix "w_nn_layer" number, input, output) \
    ROW(field.bias, prefix "b_nn_layer" number, output, 0)       \
    ROW(field.gamma, prefix norm "/gamma", output, 0)            \
    ROW(field.beta, prefix norm "/beta", output, 0)              \
    ROW(field.mean, prefix norm "/moving_mean", output, 0)       \
    ROW(field.variance, prefix norm "/moving_variance", output, 0)
#define NETWORK(field, prefix, input, first, second)                          \
    LAYER(field.hidden1, prefix, "0", "batch_normalization", input, first)    \
    LAYER(field.hidden2, prefix, "1", "batch_normalization_1", first, second) \
    ROW(field.weight3, prefix "w_nn_output", second, 1)                       \
    ROW(field.bias3, prefix "b_nn_output", 1, 0)
#define WEIGHT(field, name, rows, columns) ROW(field, name, rows, columns)
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct weight_row weight_rows[] = {
#include "model/slirec_weights.def"
};

struct reader {
    struct safetensors file;
    struct arena *arena;
    struct slirec_weights *weights;
    struct buffer *message;
};

static enum status refuse(struct reader *reader, const struct weight_row *row, const char *what)
{
    buffer_append_text(reader->message, "variable ");
    buffer_append_text(reader->message, row->name);
    buffer_append_text(reader->message, what);
    return STATUS_INVALID;
}

static void append_shape(struct buffer *message, const struct safetensor *tensor)
{
    for (uint32_t i = 0; i < tensor->rank; i++) {
        if (i > 0) buffer_append_text(message, " x ");
        buffer_append_u64(message, tensor->shape[i]);
    }
}

static enum status refuse_shape(struct reader *reader, const struct weight_row *row,
                                const struct safetensor *tensor)
{
    (void)refuse(reader, row, " has the shape ");
    append_shape(reader->message, tensor);
    buffer_append_text(reader->message, ", this build computes SLi-Rec with ");
    if (row->rows < 0) {
        buffer_append_text(reader->message, "1 to ");
        buffer_append_u64(reader->message, SLIREC_ITEMS_MAX);
    } else {
        buffer_append_i64(reader->message, row->rows);
    }
    if (row->columns > 0) {
        buffer_append_text(reader->message, " x ");
        buffer_append_i64(reader->message, row->columns);
    }
    return STATUS_INVALID;
}

/* How many rows it must have; the embeddings' own count is taken as it comes. */
static bool shape_fits(struct reader *reader, const struct weight_row *row,
                       const struct safetensor *tensor)
{
    uint64_t rows = tensor->rank > 0 ? tensor->shape[0] : 0;

    if (tensor->rank != (row->columns > 0 ? 2U : 1U)) return false;
    if (row->columns > 0 && tensor->shape[1] != (uint64_t)row->columns) return false;
    if (row->rows >= 0) return rows == (uint64_t)row->rows;
    if (rows == 0 || rows > SLIREC_ITEMS_MAX) return false;
    if (row->rows == ITEMS) reader->weights->item_count = (uint32_t)rows;
    if (row->rows == CATES) reader->weights->cate_count = (uint32_t)rows;
    return true;
}

static bool all_finite(const float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!(numbers[i] - numbers[i] == 0.0F)) return false; /* inf - inf and NaN are NaN */
    }
    return true;
}

static bool none_negative(const float *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] < 0.0F) return false;
    }
    return true;
}

static enum status read_weight(struct reader *reader, const struct weight_row *row)
{
    const struct safetensor *tensor = safetensors_find(&reader->file, slice_of(row->name));

    if (tensor == NULL) return refuse(reader, row, " is missing: is this a SLi-Rec checkpoint?");
    if (tensor->dtype != SAFETENSORS_F32) return refuse(reader, row, " is not of dtype F32");
    if (!shape_fits(reader, row, tensor)) return refuse_shape(reader, row, tensor);

    size_t count = tensor->data.len / sizeof(float);
    float *copy = slirec_floats(reader->arena, count);
    if (copy == NULL) {
        (void)refuse(reader, row, " does not fit the memory set aside for a model");
        return STATUS_LIMIT;
    }
    memcpy(copy, tensor->data.data, tensor->data.len);
    if (!all_finite(copy, count)) return refuse(reader, row, " holds a NaN or an infinity");
    if (slice_ends_with(tensor->name, SLICE("moving_variance")) && !none_negative(copy, count))
        return refuse(reader, row, " holds a negative variance");
    memcpy((uint8_t *)reader->weights + row->field, &(const float *){copy}, sizeof(const float *));
    return STATUS_OK;
}

enum status slirec_weights_read(struct slice file, struct arena *arena,
                                struct slirec_weights *weights, struct buffer *message)
{
    struct reader reader = {.arena = arena, .weights = weights, .message = message};
    struct safetensors_error error;
    enum status status = safetensors_parse(file, arena, &reader.file, &error);

    if (status != STATUS_OK) {
        buffer_append_text(message, "byte ");
        buffer_append_u64(message, error.at);
        buffer_append_text(message, ": ");
        buffer_append_text(message, error.message);
        return status;
    }
    for (size_t i = 0; i < COUNT_OF(weight_rows); i++) {
        status = read_weight(&reader, &weight_rows[i]);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

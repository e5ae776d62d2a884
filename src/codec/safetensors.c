/* safetensors.c - the header is JSON of our own reader; what it claims is checked against the data.
 */
#include "codec/safetensors.h"

#include "base/bytes.h"
#include "codec/json.h"

enum { LENGTH_BYTES = 8 };

static const struct {
    const char *name;
    enum safetensors_dtype dtype;
    uint32_t width; /* bytes */
} dtypes[] = {
    {"F32", SAFETENSORS_F32, 4},   {"F64", SAFETENSORS_F64, 8},    {"I32", SAFETENSORS_I32, 4},
    {"I64", SAFETENSORS_I64, 8},   {"U8", SAFETENSORS_U8, 1},      {"BOOL", SAFETENSORS_OTHER, 1},
    {"I8", SAFETENSORS_OTHER, 1},  {"I16", SAFETENSORS_OTHER, 2},  {"U16", SAFETENSORS_OTHER, 2},
    {"F16", SAFETENSORS_OTHER, 2}, {"BF16", SAFETENSORS_OTHER, 2}, {"U32", SAFETENSORS_OTHER, 4},
    {"U64", SAFETENSORS_OTHER, 8},
};

struct parser {
    struct slice data;
    struct document header;
    struct arena *arena;
    struct safetensors_error *error;
};

static enum status refuse(struct parser *parser, uint32_t node, const char *message)
{
    *parser->error =
        (struct safetensors_error){LENGTH_BYTES + parser->header.nodes[node].start, message};
    return STATUS_INVALID;
}

/* A number as it stands in the header: digits only, so that 1e3 or -1 is refused. */
static bool node_number(const struct parser *parser, uint32_t node, uint64_t *number)
{
    int64_t value;

    if (parser->header.nodes[node].kind != DOCUMENT_NUMBER) return false;
    if (slice_to_i64(document_text(&parser->header, node), &value) != STATUS_OK) return false;
    *number = (uint64_t)value;
    return value >= 0;
}

static bool read_shape(const struct parser *parser, uint32_t node, struct safetensor *tensor,
                       uint64_t *elements)
{
    const struct document_node *shape = &parser->header.nodes[node];

    if (shape->kind != DOCUMENT_ARRAY || shape->count > SAFETENSORS_RANK_MAX) return false;
    tensor->rank = shape->count;
    *elements = 1;
    for (uint32_t i = 0, at = node + 1; i < tensor->rank; i++) {
        if (!node_number(parser, at, &tensor->shape[i])) return false;
        if (__builtin_mul_overflow(*elements, tensor->shape[i], elements)) return false;
        at = parser->header.nodes[at].next;
    }
    return true;
}

static uint32_t read_dtype(const struct parser *parser, uint32_t node, struct safetensor *tensor)
{
    if (parser->header.nodes[node].kind != DOCUMENT_STRING) return 0;
    for (size_t i = 0; i < COUNT_OF(dtypes); i++) {
        if (!slice_equal(document_text(&parser->header, node), slice_of(dtypes[i].name))) continue;
        tensor->dtype = dtypes[i].dtype;
        return dtypes[i].width;
    }
    return 0;
}

static enum status read_tensor(struct parser *parser, uint32_t node, struct safetensor *tensor)
{
    const struct document *header = &parser->header;
    uint64_t elements;
    uint64_t bytes;
    uint64_t begin;
    uint64_t end;

    if (header->nodes[node].kind != DOCUMENT_OBJECT)
        return refuse(parser, node, "a tensor must be an object");
    uint32_t dtype = document_member(header, node, SLICE("dtype"));
    uint32_t shape = document_member(header, node, SLICE("shape"));
    uint32_t offsets = document_member(header, node, SLICE("data_offsets"));
    if (dtype == 0 || shape == 0 || offsets == 0)
        return refuse(parser, node, "a tensor needs dtype, shape and data_offsets");

    uint32_t width = read_dtype(parser, dtype, tensor);
    if (width == 0) return refuse(parser, dtype, "unknown dtype");
    if (!read_shape(parser, shape, tensor, &elements) ||
        __builtin_mul_overflow(elements, width, &bytes)) {
        return refuse(parser, shape, "shape must be at most 8 sizes whose product fits 64 bits");
    }
    if (header->nodes[offsets].kind != DOCUMENT_ARRAY || header->nodes[offsets].count != 2 ||
        !node_number(parser, offsets + 1, &begin) || !node_number(parser, offsets + 2, &end)) {
        return refuse(parser, offsets, "data_offsets must be [begin, end]");
    }
    if (begin > end || end > parser->data.len)
        return refuse(parser, offsets, "data_offsets lie outside the file: is it truncated?");
    if (end - begin != bytes) return refuse(parser, offsets, "data_offsets do not fit the shape");
    tensor->data = (struct slice){parser->data.data + begin, bytes};
    return STATUS_OK;
}

/* Lengths that add up to the data's, and no two tensors in one place: then there are no gaps. */
static bool covers_data(const struct parser *parser, const struct safetensor *tensors,
                        uint32_t count)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct slice *one = &tensors[i].data;

        sum += one->len;
        for (uint32_t k = 0; k < i; k++) {
            const struct slice *other = &tensors[k].data;

            if (one->len == 0 || other->len == 0) continue; /* nothing lies anywhere */
            if (one->data < other->data + other->len && other->data < one->data + one->len)
                return false;
        }
    }
    return sum == parser->data.len;
}

static enum status read_tensors(struct parser *parser, struct safetensors *safetensors)
{
    const struct document *header = &parser->header;
    uint32_t members = header->nodes[0].count;
    struct safetensor *tensors = arena_zalloc(parser->arena, members + 1, sizeof(*tensors));
    uint32_t count = 0;

    if (tensors == NULL) {
        (void)refuse(parser, 0, "no memory left for the header");
        return STATUS_LIMIT;
    }
    for (uint32_t i = 0, key = 1; i < members; i++) {
        uint32_t node = header->nodes[key].next;
        struct safetensor *tensor = &tensors[count];

        if (header->nodes[key].kind != DOCUMENT_STRING)
            return refuse(parser, key, "names with escapes are not supported");
        tensor->name = document_text(header, key);
        if (!slice_equal(tensor->name, SLICE("__metadata__"))) {
            enum status status = read_tensor(parser, node, tensor);

            if (status != STATUS_OK) return status;
            count++;
        }
        key = header->nodes[node].next;
    }
    if (!covers_data(parser, tensors, count))
        return refuse(parser, 0, "the tensors overlap or leave gaps");
    *safetensors = (struct safetensors){tensors, count};
    return STATUS_OK;
}

enum status safetensors_parse(struct slice file, struct arena *arena,
                              struct safetensors *safetensors, struct safetensors_error *error)
{
    struct parser parser = {.arena = arena, .error = error};
    struct json_limits limits = json_limits_default;
    struct json_error json;

    *error = (struct safetensors_error){0, "a safetensors file begins with its header's length"};
    if (file.len < LENGTH_BYTES) return STATUS_INVALID;
    uint64_t length = get_le64(file.data);
    if (length > SAFETENSORS_HEADER_BYTES_MAX || length > file.len - LENGTH_BYTES) {
        error->message = "the header's length is beyond the file or above 1 MiB";
        return STATUS_INVALID;
    }
    limits.bytes_max = SAFETENSORS_HEADER_BYTES_MAX;
    limits.depth_max = 4;
    limits.nodes_max = 16 * SAFETENSORS_COUNT_MAX;
    struct slice header = {file.data + LENGTH_BYTES, (size_t)length};
    enum status status = json_parse(header, &limits, arena, &parser.header, &json);
    if (status != STATUS_OK) {
        *error = (struct safetensors_error){LENGTH_BYTES + json.at, json.message};
        return status;
    }
    parser.data = (struct slice){header.data + header.len, file.len - LENGTH_BYTES - header.len};
    if (parser.header.nodes[0].kind != DOCUMENT_OBJECT)
        return refuse(&parser, 0, "the header must be an object");
    if (parser.header.nodes[0].count > SAFETENSORS_COUNT_MAX)
        return refuse(&parser, 0, "more than 1024 tensors");
    return read_tensors(&parser, safetensors);
}

const struct safetensor *safetensors_find(const struct safetensors *safetensors, struct slice name)
{
    for (uint32_t i = 0; i < safetensors->count; i++) {
        if (slice_equal(safetensors->tensors[i].name, name)) return &safetensors->tensors[i];
    }
    return NULL;
}

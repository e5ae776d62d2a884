/* golden.c - JSON index and raw numbers of the golden vectors. */
#include "golden.h"

#include "codec/json.h"
#include "sys/file.h"
#include "test.h"

enum { GOLDEN_BYTES_MAX = 16 << 20 };

static struct buffer numbers;
static struct document directory;
static struct arena memory;

static struct slice read_golden(const char *name, struct buffer *out)
{
    char path[512];

    (void)snprintf(path, sizeof(path), TEST_DATA_DIR "/model/golden/%s", name);
    buffer_init(out, GOLDEN_BYTES_MAX);
    assert_ok(file_read(path, out));
    return buffer_slice(out);
}

static void load(void)
{
    static struct buffer text;
    struct json_error error;

    if (numbers.len > 0) return;
    arena_init(&memory, GOLDEN_BYTES_MAX);
    (void)read_golden("inference.bin", &numbers);
    struct slice json = read_golden("inference.json", &text);
    assert_ok(json_parse(json, &json_limits_default, &memory, &directory, &error));
}

double golden_number(const struct document *document, uint32_t node)
{
    struct slice text = document_text(document, node);
    char copy[64];

    assert_true(text.len < sizeof(copy));
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return strtod(copy, NULL);
}

uint32_t golden_numbers(const struct document *document, const char *key, double *out,
                        uint32_t count_max)
{
    uint32_t list = document_member(document, 0, slice_of(key));
    uint32_t count = document->nodes[list].count;

    assert_true(list != 0 && count <= count_max);
    for (uint32_t i = 0, at = list + 1; i < count; i++) {
        out[i] = golden_number(document, at);
        at = document->nodes[at].next;
    }
    return count;
}

static struct golden_tensor read_tensor(uint32_t node)
{
    uint32_t offset = document_member(&directory, node, SLICE("offset"));
    uint32_t shape = document_member(&directory, node, SLICE("shape"));
    struct golden_tensor tensor = {
        .data = numbers.data + (size_t)golden_number(&directory, offset),
        .rank = directory.nodes[shape].count,
    };

    for (uint32_t k = 0; k < tensor.rank; k++)
        tensor.shape[k] = (uint32_t)golden_number(&directory, shape + 1 + k);
    return tensor;
}

struct golden_tensor golden_tensor(const char *name)
{
    enum { TENSORS_MAX = 64 };
    static struct slice names[TENSORS_MAX];
    static struct golden_tensor tensors[TENSORS_MAX];
    static uint32_t count;

    load();
    if (count == 0) {
        uint32_t list = document_member(&directory, 0, SLICE("tensors"));

        assert_true(directory.nodes[list].count <= TENSORS_MAX);
        for (uint32_t at = list + 1; count < directory.nodes[list].count; count++) {
            names[count] =
                document_text(&directory, document_member(&directory, at, SLICE("name")));
            tensors[count] = read_tensor(at);
            at = directory.nodes[at].next;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (slice_equal(names[i], slice_of(name))) return tensors[i];
    }
    fail_msg("no golden tensor %s", name);
    return (struct golden_tensor){0};
}

const float *golden_f32(const char *name)
{
    return golden_tensor(name).data;
}

const double *golden_f64(const char *name)
{
    return golden_tensor(name).data;
}

const int32_t *golden_i32(const char *name)
{
    return golden_tensor(name).data;
}

void golden_case(uint32_t index, struct oracle_case *one)
{
    size_t row = (size_t)index * SLIREC_STEPS_MAX;

    *one = (struct oracle_case){0};
    for (uint32_t t = 0; t < SLIREC_STEPS_MAX; t++) {
        one->items[t] = (uint32_t)golden_i32("item_history")[row + t];
        one->cates[t] = (uint32_t)golden_i32("item_cate_history")[row + t];
        one->mask[t] = (double)golden_f32("mask")[row + t];
        one->from_first[t] = (double)golden_f32("time_from_first_action")[row + t];
        one->to_now[t] = (double)golden_f32("time_to_now")[row + t];
    }
}

void golden_history(uint32_t index, struct slirec_history *history)
{
    struct oracle_case one;

    golden_case(index, &one);
    *history = (struct slirec_history){0};
    while (history->len < SLIREC_STEPS_MAX && one.mask[history->len] != 0.0) {
        uint32_t t = history->len++;

        history->items[t] = one.items[t];
        history->cates[t] = one.cates[t];
        history->from_first[t] = (float)one.from_first[t];
        history->to_now[t] = (float)one.to_now[t];
    }
}

void golden_lines(const char *name,
                  void (*each)(void *context, const struct document *line, struct arena *arena),
                  void *context)
{
    struct buffer text;
    struct arena arena;
    struct slice rest = read_golden(name, &text);

    arena_init(&arena, GOLDEN_BYTES_MAX);
    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);
        struct document line;
        struct json_error error;

        assert_ok(json_parse((struct slice){rest.data, len}, &json_limits_default, &arena, &line,
                             &error));
        each(context, &line, &arena);
        arena_reset(&arena);
        len += end != NULL;
        rest = (struct slice){rest.data + len, rest.len - len};
    }
    arena_deinit(&arena);
    buffer_deinit(&text);
}

struct model *golden_model(const char *folder)
{
    struct model *model = NULL;
    struct buffer message;

    buffer_init(&message, 4096);
    if (model_import(TEST_DATA_DIR "/model", folder, TEST_DATA_DIR "/model/inventory.json",
                     MODEL_FLOAT32, &message) != STATUS_OK ||
        model_open(folder, &model, &message) != STATUS_OK) {
        fail_msg("%.*s", (int)message.len, (const char *)message.data);
    }
    buffer_deinit(&message);
    return model;
}

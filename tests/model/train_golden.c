/* train_golden.c - reads a set, makes batches of its feeds. */
#include "train_golden.h"

#include "codec/json.h"
#include "sys/file.h"
#include "test.h"

enum { NUMBERS_BYTES_MAX = 4 << 20, NAME_MAX = 256 };

#define PUBLISHED 21, 6, 32, 8
#define LITTLE    21, 6, 6, 2, 8, 9, 5, 10, 7

const struct train_golden train_golden_sets[TRAIN_GOLDEN_SETS] = {
    {.name = "plain", .shape = {PUBLISHED, 50, 80, 40, 100, 64}, .settings = {0}, .steps = 10},
    {.name = "small", .shape = {LITTLE}, .settings = {0}, .steps = 10},
    {.name = "regularised",
     .shape = {LITTLE},
     .settings = {.embed_l2 = 1e-2, .embed_l1 = 1e-3, .layer_l2 = 1e-3, .layer_l1 = 1e-4},
     .steps = 10},
    {.name = "clipped", .shape = {LITTLE}, .settings = {.clip_norm = 0.02}, .steps = 10},
    {.name = "dropout",
     .shape = {PUBLISHED, 8, 80, 40, 100, 64},
     .settings = {.dropout = 0.3},
     .steps = 2,
     .drops = true},
};

static void read_whole(const char *set, const char *end, struct buffer *out)
{
    char path[512];

    (void)snprintf(path, sizeof(path), TEST_DATA_DIR "/model/golden/train_%s%s", set, end);
    buffer_init(out, NUMBERS_BYTES_MAX);
    assert_ok(file_read(path, out));
}

void train_golden_open(struct train_golden *golden, const struct train_golden *set)
{
    struct json_error error;
    struct buffer text;
    struct slice copy;

    *golden = *set;
    golden->settings.learning_rate = 1e-3;
    golden->settings.group = TRAIN_GOLDEN_GROUP;
    golden->settings.examples_max = TRAIN_GOLDEN_EXAMPLES;
    arena_init(&golden->arena, NUMBERS_BYTES_MAX);
    read_whole(set->name, ".bin", &golden->numbers);
    read_whole(set->name, ".json", &text);
    assert_ok(arena_copy(&golden->arena, buffer_slice(&text), &copy));
    assert_ok(json_parse(copy, &json_limits_default, &golden->arena, &golden->document, &error));
    buffer_deinit(&text);
}

void train_golden_close(struct train_golden *golden)
{
    buffer_deinit(&golden->numbers);
    arena_deinit(&golden->arena);
}

const void *train_golden_tensor(const struct train_golden *golden, const char *group,
                                const char *name)
{
    const struct document *document = &golden->document;
    uint32_t list = document_member(document, 0, SLICE("tensors"));
    char wanted[NAME_MAX];

    (void)snprintf(wanted, sizeof(wanted), "%s%s%s", group, name[0] != '\0' ? "/" : "", name);
    for (uint32_t i = 0, at = list + 1; i < document->nodes[list].count; i++) {
        uint32_t offset = document_member(document, at, SLICE("offset"));
        int64_t place;

        if (slice_equal(document_text(document, document_member(document, at, SLICE("name"))),
                        slice_of(wanted))) {
            assert_ok(slice_to_i64(document_text(document, offset), &place));
            return golden->numbers.data + place;
        }
        at = document->nodes[at].next;
    }
    return NULL;
}

struct trainer *train_golden_trainer(const struct train_golden *golden,
                                     const struct train_kernels *kernels, uint32_t threads)
{
    struct train_settings settings = golden->settings;
    struct trainer *trainer;

    settings.threads = threads;
    assert_ok(trainer_create(&golden->shape, &settings, kernels, &trainer));
    const struct train_layout *layout = trainer_layout(trainer);
    struct train_state state = trainer_state(trainer);
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];
        const float *from = train_golden_tensor(golden, "initial", tensor->name);

        assert_non_null(from);
        for (size_t j = 0; j < tensor->count; j++)
            state.value[tensor->at + j] = (real)from[j];
    }
    return trainer;
}

static const struct train_keep *read_keep(struct train_golden *golden, uint32_t step)
{
    static const char *const names[TRAIN_LAYERS] = {
        "sequential/sli_rec/attention_fcn/attention_fcn/att_fcn/nn_part/dropout",
        "sequential/sli_rec/attention_fcn/attention_fcn/att_fcn/nn_part/dropout_1",
        "sequential/sli_rec/alpha/fcn_alpha/nn_part/dropout",
        "sequential/sli_rec/alpha/fcn_alpha/nn_part/dropout_1",
        "sequential/logit_fcn/nn_part/dropout",
        "sequential/logit_fcn/nn_part/dropout_1",
    };
    char group[NAME_MAX];

    (void)snprintf(group, sizeof(group), "keep%u", step + 1);
    for (size_t i = 0; i < TRAIN_LAYERS; i++) {
        golden->keep.of[i] = train_golden_tensor(golden, group, names[i]);
        assert_non_null(golden->keep.of[i]);
    }
    return &golden->keep;
}

const struct train_batch *train_golden_feed(struct train_golden *golden, uint32_t step)
{
    const uint32_t steps = golden->shape.steps;
    const float *mask = train_golden_tensor(golden, "feed", "mask");
    const uint32_t *items = train_golden_tensor(golden, "feed", "item_history");
    const uint32_t *cates = train_golden_tensor(golden, "feed", "item_cate_history");
    const float *from_first = train_golden_tensor(golden, "feed", "time_from_first_action");
    const float *to_now = train_golden_tensor(golden, "feed", "time_to_now");
    const uint32_t *candidates = train_golden_tensor(golden, "feed", "items");
    const uint32_t *candidate_cates = train_golden_tensor(golden, "feed", "cates");

    for (uint32_t i = 0; i < TRAIN_GOLDEN_EXAMPLES; i++) {
        size_t row = ((size_t)step * TRAIN_GOLDEN_EXAMPLES + i) * TRAIN_GOLDEN_GROUP;
        uint32_t len = 0;

        while (len < steps && mask[row * steps + len] > 0)
            len++;
        golden->examples[i] = (struct train_example){
            .len = len,
            .items = items + row * steps,
            .cates = cates + row * steps,
            .from_first = from_first + row * steps,
            .to_now = to_now + row * steps,
            .candidates = candidates + row,
            .candidate_cates = candidate_cates + row,
        };
    }
    golden->batch = (struct train_batch){
        .count = TRAIN_GOLDEN_EXAMPLES,
        .examples = golden->examples,
        .keep = golden->drops ? read_keep(golden, step) : NULL,
    };
    return &golden->batch;
}

/* test_encode_store.c - an encoder is the same after it has been written and read; what a directory must
 * not hold is said. */
#include <math.h>
#include <unistd.h>

#include "model/encode/store.h"
#include "model/name_text.h"
#include "sys/file.h"
#include "test.h"

enum { ITEMS = 40 };

/* Names "i0", "i1", ... */
static void names_make(struct arena *arena, struct slice names[ITEMS])
{
    for (uint32_t i = 0; i < ITEMS; i++) {
        char *text = arena_alloc(arena, 16, 1);

        (void)snprintf(text, 16, "i%u", i);
        names[i] = slice_of(text);
    }
}

static void scores_of(const struct encoder *encoder, struct arena *scratch, double out[ITEMS])
{
    static const uint32_t clicks[] = {0, 7, 14};
    const struct encoder_setting setting = {.encoder = encoder, .temperature = 1};
    struct recommender recommender = encoder_recommender(&setting);
    struct scores scores;

    assert_ok(scores_init(&scores, ITEMS, scratch));
    assert_ok(recommender.score(recommender.model, (struct context){.items = clicks, .len = 3},
                                scratch, &scores));
    memcpy(out, scores.values, ITEMS * sizeof(*out));
}

struct stored {
    char directory[64];
    struct arena arena;
    struct encode_layout layout;
    real *value;
    struct slice names[ITEMS];
    struct buffer message;
};

static void stored_make(struct stored *stored)
{
    const struct encode_shape shape = {
        .items = ITEMS, .width = 32, .heads = 1, .layers = 2, .inner = 16, .steps = 4};

    arena_init(&stored->arena, SIZE_MAX);
    buffer_init(&stored->message, 4096);
    (void)snprintf(stored->directory, sizeof(stored->directory), "encoder-XXXXXX");
    assert_non_null(mkdtemp(stored->directory));
    encode_layout_init(&shape, &stored->layout);
    size_t count = stored->layout.body + (size_t)train_pad(ITEMS) * shape.width;
    stored->value = arena_zalloc(&stored->arena, count, sizeof(real));
    encode_values_init(&stored->layout, 1, stored->value);
    names_make(&stored->arena, stored->names);
    assert_ok(encoder_model_write(stored->directory, &stored->layout, stored->value, stored->names,
                                  &(struct learned){0}, &stored->message));
}

static void stored_part(const struct stored *stored, const char *name, char path[128])
{
    (void)snprintf(path, 128, "%s/%s", stored->directory, name);
}

static void stored_end(struct stored *stored)
{
    static const char *const parts[] = {"weights.safetensors", "items.json", "headrace.json"};
    char path[128];

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        stored_part(stored, parts[i], path);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(stored->directory), 0);
    buffer_deinit(&stored->message);
    arena_deinit(&stored->arena);
}

static void test_read_is_what_was_written(void **state)
{
    struct stored stored;
    struct encoder before;
    struct encoder_model *model;
    double wanted[ITEMS];
    double got[ITEMS];

    (void)state;
    stored_make(&stored);
    encoder_init(&stored.layout.shape, stored.value, &before);
    assert_ok(encoder_model_open(stored.directory, &model, &stored.message));
    scores_of(&before, &stored.arena, wanted);
    scores_of(encoder_model_encoder(model), &stored.arena, got);
    assert_memory_equal(wanted, got, sizeof(got));
    assert_int_equal(encoder_model_find(model, SLICE("i17")), 17);
    assert_int_equal(encoder_model_find(model, SLICE("j")), UINT32_MAX);
    assert_slice_equal(encoder_model_name(model, 3), SLICE("i3"));
    encoder_model_close(model);
    stored_end(&stored);
}

/* A part replaced, and what the message must say. */
static void assert_spoilt(const char *name, struct slice bytes, const char *why)
{
    struct stored stored;
    struct encoder_model *model = NULL;
    char path[128];

    stored_make(&stored);
    stored_part(&stored, name, path);
    assert_ok(file_write(path, bytes));
    assert_int_not_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_OK);
    buffer_append_byte(&stored.message, 0);
    if (strstr((const char *)stored.message.data, why) == NULL)
        fail_msg("%s: \"%s\" does not say \"%s\"", name, (const char *)stored.message.data, why);
    stored_end(&stored);
}

#define SHAPE_START \
    "{\"format\": 1, \"kind\": \"sasrec\", \"version\": \"v\", \"shape\": {\"items\": "

static void test_refuses_spoilt_parts(void **state)
{
    (void)state;
    assert_spoilt(
        "headrace.json", SLICE("{\"format\": 1, \"kind\": \"slirec\"}"),
        "headrace.json: line 1, column 24: \"kind\" is not \"sasrec\": this is no encoder");
    assert_spoilt("headrace.json", SLICE("{\"kind\": \"sasrec\",\n \"format\": 2}"),
                  "headrace.json: line 2, column 12: \"format\" must be 1");
    assert_spoilt("headrace.json", SLICE("{\"kind\": \"sasrec\"}"),
                  "headrace.json: line 1, column 1: \"format\" must be 1");
    assert_spoilt("headrace.json", SLICE("{\"kind\": \"sasrec\", \"format\": 1, \"shapes\": {}}"),
                  "headrace.json: line 1, column 34: \"shapes\" is none of format, kind, ");
    assert_spoilt("headrace.json", SLICE("{"), "headrace.json: line 1, column 2: ");
    assert_spoilt("headrace.json", SLICE(SHAPE_START "40, \"width\": 32}}"), "heads");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START
                        "40, \"width\": 33, \"heads\": 1, \"layers\": 2, \"inner\": 16, "
                        "\"steps\": 4}}"),
                  "multiple of 16");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START "4000000000, \"width\": 512, \"heads\": 1, \"layers\": 2, "
                                    "\"inner\": 16, \"steps\": 4}}"),
                  "fewer numbers");
    assert_spoilt("headrace.json",
                  SLICE(SHAPE_START
                        "40, \"width\": 32, \"heads\": 1, \"layers\": 2, \"inner\": 32, "
                        "\"steps\": 4}}"),
                  "another form");
    assert_spoilt("items.json", SLICE("[\"a\"]"), "as many names");
    assert_spoilt("items.json", SLICE("{}"), "items.json: line 1, column 1: ");
    assert_spoilt("items.json", SLICE("[\"a\",\n b]"), "items.json: line 2, column 2: ");
    assert_spoilt("weights.safetensors", SLICE("short"), "weights.safetensors: byte 0: ");
}

/* Each is finite, what is computed of them is not. */
static void test_refuses_numbers_too_large_to_compute_with(void **state)
{
    struct stored stored;
    struct encoder_model *model = NULL;

    (void)state;
    stored_make(&stored);
    for (size_t i = 0; i < stored.layout.count; i++)
        stored.value[i] = 3e38F;
    assert_ok(encoder_model_write(stored.directory, &stored.layout, stored.value, stored.names,
                                  &(struct learned){0}, &stored.message));
    assert_int_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_INVALID);
    buffer_append_byte(&stored.message, 0);
    assert_non_null(strstr((const char *)stored.message.data,
                           "weights.safetensors: the numbers are too large to compute with"));
    stored_end(&stored);
}

static void test_a_name_has_an_end(void **state)
{
    struct stored stored;
    struct encoder_model *model = NULL;
    char name[NAME_BYTES_MAX + 2];

    (void)state;
    stored_make(&stored);
    memset(name, 'a', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    stored.names[3] = slice_of(name);
    assert_ok(encoder_model_write(stored.directory, &stored.layout, stored.value, stored.names,
                                  &(struct learned){0}, &stored.message));
    assert_int_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_INVALID);
    buffer_append_byte(&stored.message, 0);
    assert_non_null(strstr((const char *)stored.message.data,
                           "items.json: line 5, column 2: is longer than 4096 bytes"));
    stored_end(&stored);
}

static void test_refuses_numbers_that_are_none(void **state)
{
    struct stored stored;
    struct encoder_model *model = NULL;

    (void)state;
    stored_make(&stored);
    stored.value[stored.layout.body + 5] = NAN;
    assert_ok(encoder_model_write(stored.directory, &stored.layout, stored.value, stored.names,
                                  &(struct learned){0}, &stored.message));
    assert_int_equal(encoder_model_open(stored.directory, &model, &stored.message), STATUS_INVALID);
    buffer_append_byte(&stored.message, 0);
    assert_non_null(strstr((const char *)stored.message.data, "not finite"));
    stored_end(&stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_is_what_was_written),
        cmocka_unit_test(test_refuses_spoilt_parts),
        cmocka_unit_test(test_refuses_numbers_that_are_none),
        cmocka_unit_test(test_refuses_numbers_too_large_to_compute_with),
        cmocka_unit_test(test_a_name_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

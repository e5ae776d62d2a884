/* test_safetensors.c - the container of the weights. */
#include "base/bytes.h"
#include "codec/safetensors.h"
#include "test.h"

/* A header over twelve bytes of data. */
static const struct {
    const char *about;
    const char *header;
    enum status status;
    size_t at; /* where it is wrong */
} rows[] = {
    {"two tensors",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[8,12]}}",
     STATUS_OK, 0},
    {"metadata is skipped, order is free",
     "{\"__metadata__\":{\"x\":\"y\"},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[8,12]"
     "},"
     "\"a\":{\"shape\":[],\"data_offsets\":[0,8],\"dtype\":\"F64\"}}",
     STATUS_OK, 0},
    {"a tensor of no elements",
     "{\"e\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[4,4]},"
     "\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
     STATUS_OK, 0},
    {"no JSON", "{\"a\":", STATUS_INVALID, 13},
    {"no object", "[]", STATUS_INVALID, 8},
    {"a tensor that is a number", "{\"a\":1}", STATUS_INVALID, 13},
    {"a tensor without a shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,12]}}",
     STATUS_INVALID, 13},
    {"an unknown dtype", "{\"a\":{\"dtype\":\"F33\",\"shape\":[3],\"data_offsets\":[0,12]}}",
     STATUS_INVALID, 23},
    {"a negative size", "{\"a\":{\"dtype\":\"F32\",\"shape\":[-3],\"data_offsets\":[0,12]}}",
     STATUS_INVALID, 36},
    {"sizes whose product overflows",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
     STATUS_INVALID, 36},
    {"offsets beyond the data", "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
     STATUS_INVALID, 55},
    {"offsets the wrong way round",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[12,0]}}", STATUS_INVALID, 55},
    {"three offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12,0]}}",
     STATUS_INVALID, 55},
    {"a shape of other bytes", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}",
     STATUS_INVALID, 55},
    {"a gap", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", STATUS_INVALID,
     8},
    {"an overlap",
     "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
     "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
     STATUS_INVALID, 8},
};

static void headers_are_checked_against_the_data(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint8_t file[512] = {0};
        size_t len = strlen(rows[i].header);
        struct safetensors_error error;
        struct safetensors safetensors;
        struct arena arena;

        arena_init(&arena, 1 << 20);
        put_le64(file, len);
        memcpy(file + 8, rows[i].header, len);
        enum status status =
            safetensors_parse((struct slice){file, 8 + len + 12}, &arena, &safetensors, &error);
        if (status != rows[i].status || (status != STATUS_OK && error.at != rows[i].at)) {
            fail_msg("%s: %s at %zu: %s", rows[i].about, status_name(status), error.at,
                     error.message);
        }
        if (status == STATUS_OK) {
            assert_non_null(safetensors_find(&safetensors, SLICE("a")));
            assert_null(safetensors_find(&safetensors, SLICE("c")));
        }
        arena_deinit(&arena);
    }
}

static void a_tensor_is_where_its_offsets_say(void **state)
{
    static const char header[] =
        "{\"b\":{\"dtype\":\"I32\",\"shape\":[1,2],\"data_offsets\":[4,12]},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
    uint8_t file[256] = {0};
    size_t len = sizeof(header) - 1;
    struct safetensors_error error;
    struct safetensors safetensors;
    struct arena arena;

    (void)state;
    arena_init(&arena, 1 << 20);
    put_le64(file, len);
    memcpy(file + 8, header, len);
    assert_ok(safetensors_parse((struct slice){file, 8 + len + 12}, &arena, &safetensors, &error));
    const struct safetensor *b = safetensors_find(&safetensors, SLICE("b"));
    assert_int_equal(b->dtype, SAFETENSORS_I32);
    assert_int_equal(b->rank, 2);
    assert_int_equal(b->shape[1], 2);
    assert_ptr_equal(b->data.data, file + 8 + len + 4);
    assert_int_equal(b->data.len, 8);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_checked_against_the_data),
        cmocka_unit_test(a_tensor_is_where_its_offsets_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

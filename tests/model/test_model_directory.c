/* test_model_directory.c - what is wrong with a model directory is said: file, place, reason. */
#include <unistd.h>

#include "golden.h"
#include "sys/file.h"
#include "test.h"

#define DIRECTORY "model_directory"

enum change {
    REMOVE,  /* the file */
    REPLACE, /* its whole text by `to` */
    CUT,     /* after `at` bytes */
    SWAP,    /* the first `from` by `to` */
    FLOATS,  /* four bytes, `at` bytes after the end of a safetensors header, by `to` */
};

static const struct {
    const char *about;
    const char *file;
    enum change change;
    size_t at;
    const char *from;
    const char *to;
    enum status status;
    const char *message; /* part of it */
} rows[] = {
    {"no settings", "headrace.json", REMOVE, 0, "", "", STATUS_NOT_FOUND,
     DIRECTORY
     "/headrace.json: no such file; `headrace model` train, import or index makes a directory"},
    {"settings that are no JSON", "headrace.json", REPLACE, 0, "", "{\n \"format\": 1,\n oops}",
     STATUS_INVALID, "headrace.json: line 3, column 2: "},
    {"settings that are a list", "headrace.json", REPLACE, 0, "", "[]", STATUS_INVALID,
     "headrace.json: line 1, column 1: must be a JSON object"},
    {"a later format", "headrace.json", SWAP, 0, "\"format\": 1", "\"format\": 2", STATUS_INVALID,
     "headrace.json: format must be 1"},
    {"a kind nobody knows", "headrace.json", REPLACE, 0, "", "{\"format\": 1, \"kind\": \"x\"}",
     STATUS_INVALID,
     "headrace.json: line 1, column 24: \"kind\" must be \"index\" or \"sasrec\"; a SLi-Rec has "
     "none"},
    {"a member of another name", "headrace.json", SWAP, 0, "\"format\"",
     "\"prezision\": \"bf16\", \"format\"", STATUS_INVALID,
     "headrace.json: line 2, column 3: \"prezision\" is none of format, arithmetic, order, "},
    {"other arithmetic", "headrace.json", SWAP, 0, "compat", "exact", STATUS_INVALID,
     "headrace.json: arithmetic must be \"compat\" or \"fixed\""},
    {"another size", "headrace.json", SWAP, 0, "[80,40]", "[80, 41]", STATUS_INVALID,
     "headrace.json: hyper_parameters: att_fcn_layer_sizes must be [80,40]"},
    {"hyper-parameters that are a text", "headrace.json", REPLACE, 0, "",
     "{\"format\":1,\"arithmetic\":\"compat\",\"hyper_parameters\":\"none\"}", STATUS_INVALID,
     "headrace.json: hyper_parameters: model_type must be \"sli_rec\""},

    {"no MLmodel", "MLmodel", REMOVE, 0, "", "", STATUS_NOT_FOUND, "MLmodel: no such file"},
    {"MLmodel that is no YAML", "MLmodel", REPLACE, 0, "", "signature:\n  inputs: [\n",
     STATUS_INVALID, "MLmodel: line "},
    {"MLmodel that is a list", "MLmodel", REPLACE, 0, "", "- a\n", STATUS_INVALID,
     "MLmodel: line 1, column 1: a mapping is expected here"},
    {"an alias", "MLmodel", REPLACE, 0, "", "a: &x 1\nb: *x\n", STATUS_INVALID,
     "MLmodel: line 2, column 4: aliases are not supported"},
    {"no signature", "MLmodel", REPLACE, 0, "", "model_id: m-1\n", STATUS_INVALID,
     "MLmodel: the signature must be Record{items: List[String]"},
    {"a signature that is no JSON", "MLmodel", REPLACE, 0, "",
     "signature:\n  inputs: '[{\"type\" \"string\"}]'\n", STATUS_INVALID,
     "MLmodel: signature.inputs: byte 9: "},
    {"a column of unknown type", "MLmodel", REPLACE, 0, "",
     "signature:\n  inputs: '[{\"type\": \"tensor\", \"name\": \"x\"}]'\n", STATUS_INVALID,
     "MLmodel: signature.inputs: byte 1: this type of column is not supported"},
    {"another signature", "MLmodel", SWAP, 0, "\"name\": \"items\"", "\"name\": \"views\"",
     STATUS_INVALID, "MLmodel: the signature must be "},

    {"no weights", "weights.safetensors", REMOVE, 0, "", "", STATUS_NOT_FOUND,
     "weights.safetensors: no such file"},
    {"empty weights", "weights.safetensors", CUT, 0, "", "", STATUS_INVALID,
     "weights.safetensors: byte 0: a safetensors file begins with its header's length"},
    {"weights cut in the header", "weights.safetensors", CUT, 1000, "", "", STATUS_INVALID,
     "weights.safetensors: byte 0: the header's length is beyond the file"},
    {"weights cut in the data", "weights.safetensors", CUT, 300000, "", "", STATUS_INVALID,
     "data_offsets lie outside the file: is it truncated?"},
    {"weights with another shape", "weights.safetensors", SWAP, 0, "\"shape\":[40,40]",
     "\"shape\":[80,20]", STATUS_INVALID,
     "attention_mat has the shape 80 x 20, this build computes SLi-Rec with 40 x 40"},
    {"a shape that does not fit its bytes", "weights.safetensors", SWAP, 0, "\"shape\":[40,40]",
     "\"shape\":[40,41]", STATUS_INVALID, "data_offsets do not fit the shape"},
    {"a variable of another name", "weights.safetensors", SWAP, 0, "long_term_asvd/query",
     "long_term_asvd/quary", STATUS_INVALID,
     "variable sequential/sli_rec/long_term_asvd/query is missing"},
    {"another dtype", "weights.safetensors", SWAP, 0, "item_embedding\":{\"dtype\":\"F32\"",
     "item_embedding\":{\"dtype\":\"I32\"", STATUS_INVALID, "item_embedding is not of dtype F32"},
    {"a NaN", "weights.safetensors", FLOATS, 9536, "", "\xFF\xFF\xFF\x7F", STATUS_INVALID,
     "item_embedding holds a NaN or an infinity"},
    {"an infinity", "weights.safetensors", FLOATS, 39616, "", "\x01\x01\x80\xFF", STATUS_INVALID,
     "cate_embedding holds a NaN or an infinity"},

    {"no items", "items.json", REMOVE, 0, "", "", STATUS_NOT_FOUND, "items.json: no such file"},
    {"items that are no JSON", "items.json", CUT, 100, "", "", STATUS_INVALID, "items.json: line "},
    {"items of another training", "items.json", REPLACE, 0, "", "{\"default_mid\": 0}",
     STATUS_INVALID, "items.json has 1 names, the weights have 235 rows"},
    {"an id beyond the weights", "items.json", SWAP, 0, "\"novel\": 5,", "\"novel\": 235,",
     STATUS_INVALID, "items.json: line 7, column 10: the weights have no row for this id"},
    {"an id twice", "items.json", SWAP, 0, "\"novel\": 5,", "\"novel\": 4,", STATUS_INVALID,
     "items.json: line 7, column 10: an id stands for two names"},
    {"an id that is a text", "items.json", SWAP, 0, "\"novel\": 5,", "\"novel\": \"5\",",
     STATUS_INVALID, "items.json: line 7, column 11: an id must be a whole number from 0 on"},
    {"a negative id", "items.json", SWAP, 0, "\"novel\": 5,", "\"novel\": -5,", STATUS_INVALID,
     "an id must be a whole number"},
    {"categories of another training", "cates.json", REPLACE, 0, "", "{}", STATUS_INVALID,
     "cates.json has 0 names, the weights have 11 rows"},
    {"a category id twice", "cates.json", SWAP, 0, "\"Books\": 2", "\"Books\": 1", STATUS_INVALID,
     "cates.json: line 4, column 10: an id stands for two names"},
    {"an item whose category is a number", "item_category.json", REPLACE, 0, "", "{\"lamp\": 3}",
     STATUS_INVALID, "item_category.json: line 1, column 10: a category must be a text"},
    {"an empty catalogue", "item_category.json", REPLACE, 0, "", "{}", STATUS_INVALID,
     "item_category.json: line 1, column 1: the catalogue is empty"},
    {"a product id that is a number", "products.json", REPLACE, 0, "", "{\"lamp\": 3}",
     STATUS_INVALID, "products.json: line 1, column 10: a product id must be a text"},
    {"raw bytes that are no UTF-8", "products.json", REPLACE, 0, "", "{\"\xFF\": \"x\"}",
     STATUS_INVALID, "products.json: line 1, column "},
};

static const uint8_t *find(struct slice in, const char *what)
{
    size_t len = strlen(what);

    for (size_t i = 0; i + len <= in.len; i++) {
        if (memcmp(in.data + i, what, len) == 0) return in.data + i;
    }
    return NULL;
}

/* The changed bytes of a file. */
static void change(size_t row, struct slice good, struct buffer *out)
{
    const char *to = rows[row].to;

    buffer_clear(out);
    if (rows[row].change == REPLACE) buffer_append_text(out, to);
    if (rows[row].change == CUT) buffer_append(out, (struct slice){good.data, rows[row].at});
    if (rows[row].change == FLOATS) {
        size_t at = 8 + (size_t)(good.data[0] | good.data[1] << 8) + rows[row].at;

        buffer_append(out, good);
        memcpy(out->data + at, to, 4);
    }
    if (rows[row].change == SWAP) {
        const uint8_t *hit = find(good, rows[row].from);

        assert_non_null(hit);
        size_t rest = (size_t)(hit - good.data) + strlen(rows[row].from);
        buffer_append(out, (struct slice){good.data, (size_t)(hit - good.data)});
        buffer_append_text(out, to);
        buffer_append(out, (struct slice){good.data + rest, good.len - rest});
    }
    assert_false(out->failed);
}

static void check_row(size_t row)
{
    char path[256];
    struct buffer good;
    struct buffer bad;
    struct buffer message;
    struct model *model;

    (void)snprintf(path, sizeof(path), DIRECTORY "/%s", rows[row].file);
    buffer_init(&good, 1 << 20);
    buffer_init(&bad, 1 << 20);
    buffer_init(&message, 4096);
    assert_ok(file_read(path, &good));
    change(row, buffer_slice(&good), &bad);
    if (rows[row].change == REMOVE) {
        assert_int_equal(unlink(path), 0);
    } else {
        assert_ok(file_write(path, buffer_slice(&bad)));
    }
    enum status status = model_open(DIRECTORY, &model, &message);
    if (status != rows[row].status || find(buffer_slice(&message), rows[row].message) == NULL) {
        fail_msg("%s: %s, \"%.*s\"", rows[row].about, status_name(status), (int)message.len,
                 (const char *)message.data);
    }
    assert_null(model);
    assert_ok(file_write(path, buffer_slice(&good)));
    buffer_deinit(&good);
    buffer_deinit(&bad);
    buffer_deinit(&message);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    model_close(golden_model(DIRECTORY));
    for (size_t row = 0; row < COUNT_OF(rows); row++)
        check_row(row);
    model_close(golden_model(DIRECTORY));
}

static void a_folder_that_is_no_source_is_refused(void **state)
{
    struct buffer message;

    (void)state;
    buffer_init(&message, 4096);
    assert_int_equal(
        model_import(TEST_DATA_DIR, "model_directory_2", NULL, MODEL_FLOAT32, &message),
        STATUS_NOT_FOUND);
    assert_non_null(find(buffer_slice(&message), "hparams.json: no such file"));
    buffer_clear(&message);
    assert_int_equal(model_import(TEST_DATA_DIR "/model", "model_directory_2",
                                  TEST_DATA_DIR "/model/vocab_items.json", MODEL_FLOAT32, &message),
                     STATUS_INVALID);
    assert_non_null(find(buffer_slice(&message), "handle_to_id_dict"));
    buffer_deinit(&message);
}

static void a_failed_import_leaves_the_model_that_was_there(void **state)
{
    struct buffer message;
    struct model *model;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(
        model_import(TEST_DATA_DIR "/model", "model_directory_3/", NULL, MODEL_FLOAT32, &message));
    assert_int_equal(model_import(TEST_DATA_DIR "/model", "model_directory_3",
                                  TEST_DATA_DIR "/model/vocab_items.json", MODEL_FLOAT32, &message),
                     STATUS_INVALID);
    assert_ok(file_make_directory("model_source", FILE_DIRECTORY));
    assert_ok(file_write("model_source/hparams.json", SLICE("{}")));
    assert_int_equal(
        model_import("model_source", "model_directory_3", NULL, MODEL_FLOAT32, &message),
        STATUS_INVALID);
    assert_int_equal(
        model_import("model_source", "model_directory_4", NULL, MODEL_FLOAT32, &message),
        STATUS_INVALID);
    assert_ok(model_open("model_directory_3", &model, &message));
    model_close(model);
    assert_int_equal(access("model_directory_3.new", F_OK), -1);
    assert_int_equal(access("model_directory_4", F_OK), -1);
    buffer_deinit(&message);
}

static void an_import_says_the_precision_and_opening_reads_it(void **state)
{
    struct buffer message;
    struct model *model;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(
        model_import(TEST_DATA_DIR "/model", "model_directory_2", NULL, MODEL_BF16, &message));
    assert_ok(model_open("model_directory_2", &model, &message));
    assert_true(model->half);
    model_close(model);
    assert_ok(
        model_import(TEST_DATA_DIR "/model", "model_directory_2", NULL, MODEL_FLOAT32, &message));
    assert_ok(model_open("model_directory_2", &model, &message));
    assert_false(model->half);
    model_close(model);
    buffer_deinit(&message);
}

static void without_an_inventory_handles_are_the_ids(void **state)
{
    struct buffer message;
    struct model *model;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(
        model_import(TEST_DATA_DIR "/model", "model_directory_2", NULL, MODEL_FLOAT32, &message));
    assert_ok(model_open("model_directory_2", &model, &message));
    assert_slice_equal(model->vocabulary.items[0].product, SLICE("thermometer"));
    assert_int_equal(strncmp(model_version_label(model), "slirec-", 7), 0);
    model_close(model);
    buffer_deinit(&message);
}

/* The file MLflow wrote for this model. */
static void mlflows_own_file_is_read(void **state)
{
    struct buffer yaml;
    struct buffer text;
    struct arena arena;
    struct mlmodel mlmodel;

    (void)state;
    buffer_init(&yaml, MLMODEL_BYTES_MAX);
    buffer_init(&text, 4096);
    arena_init(&arena, 1 << 20);
    assert_ok(file_read(TEST_DATA_DIR "/model/golden/MLmodel", &yaml));
    assert_ok(mlmodel_parse(buffer_slice(&yaml), &arena, &mlmodel, &text));
    assert_slice_equal(mlmodel.model_id, SLICE("m-b9d2b5782a7f466fbaab13c99057de9c"));
    type_to_text(mlmodel.inputs, false, &text);
    type_to_text(mlmodel.outputs, false, &text);
    assert_slice_equal(buffer_slice(&text),
                       SLICE("Record{items: List[String], timestamps: List[String], userId: "
                             "String}Record{itemIds: List[String], preds: List[Double]}"));
    arena_deinit(&arena);
    buffer_deinit(&yaml);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_folder_that_is_no_source_is_refused),
        cmocka_unit_test(a_failed_import_leaves_the_model_that_was_there),
        cmocka_unit_test(an_import_says_the_precision_and_opening_reads_it),
        cmocka_unit_test(without_an_inventory_handles_are_the_ids),
        cmocka_unit_test(mlflows_own_file_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_model_hostile.c - model directories that somebody else made, with ill will: never waits, never
 * elsewhere, says what is wrong; a model in service goes on. */
#include <sys/stat.h>
#include <unistd.h>

#include "golden.h"
#include "sys/file.h"
#include "test.h"

#define DIRECTORY "model_hostile"

static const char *const files[] = {"headrace.json", "MLmodel",    "weights.safetensors",
                                    "items.json",    "cates.json", "item_category.json",
                                    "products.json"};

static bool contains(const struct buffer *text, const char *what)
{
    size_t len = strlen(what);

    for (size_t i = 0; i + len <= text->len; i++) {
        if (memcmp(text->data + i, what, len) == 0) return true;
    }
    return false;
}

static const char *path_of(const char *file)
{
    static char path[256];

    (void)snprintf(path, sizeof(path), DIRECTORY "/%s", file);
    return path;
}

static void hold_refused(const char *file, const char *what)
{
    struct buffer message;
    struct model *model;

    buffer_init(&message, 4096);
    (void)alarm(60); /* a reader that waits for a pipe would wait for ever */
    assert_true(model_open(DIRECTORY, &model, &message) != STATUS_OK);
    (void)alarm(0);
    assert_null(model);
    if (!contains(&message, what) || !contains(&message, file))
        fail_msg("%s: \"%.*s\"", file, (int)message.len, (const char *)message.data);
    buffer_deinit(&message);
}

static void what_is_no_file_is_not_read(void **state)
{
    (void)state;
    model_close(golden_model(DIRECTORY));
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const char *path = path_of(files[i]);
        char kept[300];

        (void)snprintf(kept, sizeof(kept), "%s.kept", path);
        assert_int_equal(rename(path, kept), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        hold_refused(files[i], "is a pipe, a device or a directory, not a file");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("/dev/zero", path), 0);
        hold_refused(files[i], "is a pipe, a device or a directory, not a file");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkdir(path, 0700), 0);
        hold_refused(files[i], "is a pipe, a device or a directory, not a file");
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(symlink(files[i], path), 0); /* to itself */
        hold_refused(files[i], "cannot be read");
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rename(kept, path), 0);
    }
    model_close(golden_model(DIRECTORY));
}

/* A file of more bytes than there are disks for, without a byte in it. */
static void an_endless_file_is_refused_by_its_size(void **state)
{
    (void)state;
    model_close(golden_model(DIRECTORY));
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct buffer good;

        buffer_init(&good, 1 << 20);
        assert_ok(file_read(path_of(files[i]), &good));
        assert_int_equal(truncate(path_of(files[i]), (off_t)1 << 40), 0);
        hold_refused(files[i], "it is larger than may be");
        assert_ok(file_write(path_of(files[i]), buffer_slice(&good)));
        buffer_deinit(&good);
    }
}

#define SIGNATURE                                                                            \
    "signature:\n  inputs: '[{\"type\": \"string\", \"name\": \"userId\"},"                  \
    "{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"items\"},"         \
    "{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"timestamps\"}]'\n" \
    "  outputs: '[{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": "       \
    "\"itemIds\"},"                                                                          \
    "{\"type\": \"array\", \"items\": {\"type\": \"double\"}, \"name\": \"preds\"}]'\n"

/* What a loader of Python models would follow is nothing to us: only the signature and a name are read. */
static void an_mlmodel_leads_nowhere(void **state)
{
    static const char yaml[] = "artifact_path: ../../../../etc/passwd\n"
                               "flavors:\n  python_function:\n    loader_module: os\n    "
                               "python_model: ../../../../etc/shadow\n"
                               "    code: /tmp\n    env: {conda: /dev/zero}\n"
                               "model_size_bytes: 99999999999999999999999999999999999999\n"
                               "model_id: m-1\n" SIGNATURE;
    struct buffer message;
    struct model *model;

    (void)state;
    buffer_init(&message, 4096);
    model_close(golden_model(DIRECTORY));
    assert_ok(file_write(path_of("MLmodel"), SLICE(yaml)));
    assert_ok(model_open(DIRECTORY, &model, &message));
    assert_string_equal(model_version_label(model), "m-1");
    model_close(model);
    buffer_deinit(&message);
}

static const struct {
    const char *file;
    const char *text;
    const char *message;
} texts[] = {
    {"MLmodel", "model_id: \"a\\e[2Jb\"\n" SIGNATURE, "model_id must be at most 200 printable"},
    {"MLmodel", "model_id: \"two words\"\n" SIGNATURE, "model_id must be at most 200 printable"},
    {"MLmodel", "signature: {inputs: {inputs: {inputs: 1}}}\n", "the signature must be"},
    {"MLmodel",
     "signature:\n  inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"shape\": [-1, "
     "99999999999999999999]}}]'\n",
     "not supported"},
    {"MLmodel", "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{", "MLmodel: line 1"},
    {"MLmodel", "a: !!python/object/apply:os.system ['touch model_hostile_ran']\n",
     "the signature must be"},
    {"headrace.json", "{\"format\": 1e400}", "headrace.json"},
    {"headrace.json", "{\"format\": 99999999999999999999999999999}", "format must be 1"},
    {"items.json", "{\"default_mid\": 99999999999999999999}", "items.json"},
    {"items.json", "{\"default_mid\": 1e3}", "items.json"},
    {"cates.json", "{\"default_cat\": 4294967296}", "cates.json"},
    {"item_category.json", "{\"../../../../etc/passwd\": {\"a\": []}}", "item_category.json"},
    {"weights.safetensors", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF{}", "beyond the file"},
    {"weights.safetensors", "\x80\x02\x7D\x71\x00\x2E\x00\x00 a pickle",
     "weights.safetensors: byte"},
};

static void texts_of_ill_will_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        model_close(golden_model(DIRECTORY));
        assert_ok(file_write(path_of(texts[i].file), slice_of(texts[i].text)));
        hold_refused(texts[i].file, texts[i].message);
    }
    assert_int_equal(access("model_hostile_ran", F_OK), -1);
}

/* --- in service ---------------------------------------------------------------------------------- */

static void call(const struct model *model, struct arena *arena, struct model_answer *answer)
{
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));
    struct value *item = arena_alloc(arena, 1, sizeof(*item));

    assert_true(entries != NULL && item != NULL);
    *item = value_string(SLICE("lamp"));
    entries[0] = (struct value_entry){value_string(SLICE("items")), value_list(item, 1)};
    entries[1] = (struct value_entry){value_string(SLICE("timestamps")), value_list(NULL, 0)};
    assert_ok(model_call(model, value_map(entries, 2), 1795000000000, arena, answer));
}

static void a_model_in_service_goes_on(void **state)
{
    struct model *model = golden_model(DIRECTORY);
    struct model_answer before;
    struct model_answer after;
    struct buffer message;
    struct arena arena;

    (void)state;
    arena_init(&arena, 8 << 20);
    buffer_init(&message, 4096);
    call(model, &arena, &before);
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_int_equal(truncate(path_of(files[i]), 3), 0);
    assert_true(model_import(DIRECTORY, DIRECTORY, NULL, MODEL_FLOAT32, &message) != STATUS_OK);
    call(model, &arena, &after);
    assert_slice_equal(before.candidates, after.candidates);
    assert_true(value_equals(before.value, after.value));
    model_close(model);
    buffer_deinit(&message);
    arena_deinit(&arena);
}

/* --- import -------------------------------------------------------------------------------------- */

static void hold_import(const char *inventory, const char *what)
{
    struct buffer message;

    buffer_init(&message, 4096);
    (void)alarm(60);
    assert_true(model_import("model_hostile_source", "model_hostile_to", inventory, MODEL_FLOAT32,
                             &message) != STATUS_OK);
    (void)alarm(0);
    if (!contains(&message, what))
        fail_msg("\"%.*s\"", (int)message.len, (const char *)message.data);
    assert_int_equal(access("model_hostile_to", F_OK), -1);
    assert_int_equal(access("model_hostile_to.new", F_OK), -1);
    buffer_deinit(&message);
}

static void copy(const char *name)
{
    char to[256];
    char from[512];
    struct buffer bytes;

    (void)snprintf(from, sizeof(from), "%s/model/%s", TEST_DATA_DIR, name);
    (void)snprintf(to, sizeof(to), "model_hostile_source/%s", name);
    buffer_init(&bytes, 1 << 20);
    assert_ok(file_read(from, &bytes));
    assert_ok(file_write(to, buffer_slice(&bytes)));
    buffer_deinit(&bytes);
}

static void an_import_says_what_the_source_lacks(void **state)
{
    static const char *const parts[] = {"hparams.json", "vocab_items.json", "vocab_cates.json",
                                        "vocab_item_category.json"};
    char path[256];

    (void)state;
    assert_ok(file_make_directory("model_hostile_source", FILE_DIRECTORY));
    for (size_t i = 0; i < COUNT_OF(parts); i++) { /* of a run before */
        (void)snprintf(path, sizeof(path), "model_hostile_source/%s", parts[i]);
        (void)unlink(path);
    }
    (void)unlink("model_hostile_source/weights.safetensors");
    hold_import(NULL, "model_hostile_source/hparams.json: no such file; a source has weights.saf");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        copy(parts[i]);
    assert_ok(file_write("model_hostile_source/python_model.pkl", SLICE("cos\nsystem\n")));
    hold_import(NULL, "python_model.pkl is a pickle, which would run code and is never read");
    assert_int_equal(unlink("model_hostile_source/python_model.pkl"), 0);
    copy("weights.safetensors");
    hold_import("model_hostile_none.json", "model_hostile_none.json: cannot be read: ");
    assert_ok(file_write("model_hostile_source/vocab_items.json", SLICE("{\"default_mid\": 0}")));
    hold_import(NULL, "model_hostile_source makes no model (its vocab_items.json is items.json");
    assert_int_equal(unlink("model_hostile_source/vocab_items.json"), 0);
    assert_int_equal(mkfifo("model_hostile_source/vocab_items.json", 0600), 0);
    hold_import(NULL, "vocab_items.json: is a pipe, a device or a directory, not a file");
    assert_int_equal(unlink("model_hostile_source/vocab_items.json"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file_is_not_read),
        cmocka_unit_test(an_endless_file_is_refused_by_its_size),
        cmocka_unit_test(an_mlmodel_leads_nowhere),
        cmocka_unit_test(texts_of_ill_will_are_refused),
        cmocka_unit_test(a_model_in_service_goes_on),
        cmocka_unit_test(an_import_says_what_the_source_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

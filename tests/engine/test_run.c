/* test_run.c - `headrace run` over small files: the scenarios of others unchanged, the lines that come
 * out compared byte for byte with tests/data/run/. */
#include "host/run.h"
#include "model/model.h"
#include "sys/file.h"
#include "test.h"

#define DATA(name)     TEST_DATA_DIR "/run/" name
#define SCENARIO(name) TEST_DATA_DIR "/scenario/" name

static const struct {
    const char *about;
    const char *scenario;
    const char *input;
    const char *config;
    bool bare;
    enum exit_code code;
    const char *output; /* file; NULL: none */
} rows[] = {
    {"transactions typed by their schema", SCENARIO("DetectLargeTransactions.json"),
     DATA("large.jsonl"), DATA("large.yaml"), false, EXIT_OK, DATA("large.out.jsonl")},
    {"bare values of the one source", SCENARIO("DetectLargeTransactions.json"),
     DATA("large.bare.jsonl"), DATA("large.yaml"), true, EXIT_OK, DATA("large.bare.out.jsonl")},
    {"clicks, no model configured, mocks",
     SCENARIO("shopify-realtime-recommendations-scenario.json"), DATA("shopify.jsonl"), NULL, false,
     EXIT_OK, DATA("shopify.out.jsonl")},
    {"clicks, the model answers", SCENARIO("shopify-realtime-recommendations-scenario.json"),
     DATA("shopify.jsonl"), "test_run_model.yaml", false, EXIT_OK, DATA("shopify.model.out.jsonl")},
    {"a line that is no JSON stops the run", SCENARIO("DetectLargeTransactions.json"),
     DATA("large.yaml"), DATA("large.yaml"), false, EXIT_INPUT, NULL},
    {"a file that is no scenario", DATA("large.yaml"), DATA("large.jsonl"), NULL, false,
     EXIT_PROBLEMS, NULL},
    {"a scenario that is not there", DATA("nothing.json"), DATA("large.jsonl"), NULL, false,
     EXIT_INPUT, NULL},
    {"an input that is not there", SCENARIO("DetectLargeTransactions.json"), DATA("nothing"),
     DATA("large.yaml"), false, EXIT_INPUT, NULL},
};

/* The configuration of the row with a real model; made here, in the build's folder. */
#define MODEL_CONFIG "test_run_model.yaml"

static void make_model(void)
{
    struct buffer message;
    static const char config[] =
        "models:\n  slirec_shopify_model/1:\n    directory: test_run_model\n";

    buffer_init(&message, 1 << 16);
    if (model_import(TEST_DATA_DIR "/model", "test_run_model",
                     TEST_DATA_DIR "/model/inventory.json", MODEL_FLOAT32, &message) != STATUS_OK)
        fail_msg("%.*s", (int)message.len, (const char *)message.data);
    assert_ok(file_write(MODEL_CONFIG, SLICE(config)));
    buffer_deinit(&message);
}

static size_t read_all(FILE *file, char *text, size_t size)
{
    rewind(file);
    size_t len = fread(text, 1, size - 1, file);

    text[len] = '\0';
    return len;
}

static void runs_give_the_lines_expected(void **state)
{
    static char text[1 << 20];
    static char complaint[1 << 16];

    (void)state;
    make_model();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct run_options options = {.scenario = rows[i].scenario,
                                      .input = rows[i].input,
                                      .config = rows[i].config,
                                      .bare = rows[i].bare,
                                      .out = tmpfile(),
                                      .messages = tmpfile()};
        struct buffer expected;

        assert_non_null(options.out);
        assert_non_null(options.messages);
        buffer_init(&expected, 1 << 20);
        enum exit_code code = run_scenario(&options);
        size_t len = read_all(options.out, text, sizeof(text));

        (void)read_all(options.messages, complaint, sizeof(complaint));
        if (getenv("RUN_SHOW") != NULL)
            (void)printf("%s: %d\n%s%s", rows[i].about, code, complaint, text);
        if (code != rows[i].code) fail_msg("%s: exit %d: %s", rows[i].about, code, complaint);
        assert_true((code == EXIT_OK) == (complaint[0] == '\0'));
        if (rows[i].output != NULL) {
            assert_ok(file_read(rows[i].output, &expected));
            assert_slice_equal(((struct slice){(const uint8_t *)text, len}),
                               buffer_slice(&expected));
        }
        buffer_deinit(&expected);
        (void)fclose(options.out);
        (void)fclose(options.messages);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_give_the_lines_expected)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_command_evaluate.c - `headrace model evaluate` as a person calls it: what it prints and how it
 * ends. */
#include <sys/wait.h>
#include <unistd.h>

#include "codec/json.h"
#include "host/command.h"
#include "model/model.h"
#include "model/number_text.h"
#include "sys/file.h"
#include "test.h"

#define FILE_OUT   "command_evaluate_out.txt"
#define FILE_ERROR "command_evaluate_error.txt"
#define TRAIN      TEST_DATA_DIR "/model/serenade/train.txt"
#define VALID      TEST_DATA_DIR "/model/serenade/valid.txt"

enum { WORDS_MAX = 32, TEXT_BYTES_MAX = 1 << 20 };

/* What the last command printed. */
struct printed {
    struct buffer out;
    struct buffer error;
};

static int printed_init(void **state)
{
    static struct printed printed;

    buffer_init(&printed.out, TEXT_BYTES_MAX);
    buffer_init(&printed.error, TEXT_BYTES_MAX);
    *state = &printed;
    return 0;
}

static int printed_deinit(void **state)
{
    struct printed *printed = *state;

    buffer_deinit(&printed->out);
    buffer_deinit(&printed->error);
    return 0;
}

/* Runs `headrace model evaluate WORDS` in a process of its own; the words are separated by blanks. */
static int run(struct printed *printed, const char *words)
{
    char text[1024];
    char *argv[WORDS_MAX] = {"headrace", "model", "evaluate"};
    int argc = 3;
    int ended = 0;
    char *rest = text;

    (void)snprintf(text, sizeof(text), "%s", words);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_int_not_equal(child, -1);
    if (child == 0) {
        if (freopen(FILE_OUT, "w", stdout) == NULL || freopen(FILE_ERROR, "w", stderr) == NULL)
            _exit(99);
        int code = (int)command_main(argc, argv);
        (void)fflush(NULL);
        _exit(code);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_ok(file_read(FILE_OUT, &printed->out));
    assert_ok(file_read(FILE_ERROR, &printed->error));
    assert_true(WIFEXITED(ended));
    return WEXITSTATUS(ended);
}

static void assert_contains(const struct buffer *buffer, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= buffer->len; i++) {
        if (memcmp(buffer->data + i, part, len) == 0) return;
    }
    fail_msg("\"%s\" is not in \"%.*s\"", part, (int)buffer->len, (const char *)buffer->data);
}

static void prints_a_table_and_keeps_progress_apart(void **state)
{
    struct printed *printed = *state;

    assert_int_equal(run(printed, "--train " TRAIN " --valid " VALID " --format sessions --k 20"),
                     EXIT_OK);
    assert_contains(&printed->out, "training: 1546 sessions, 7466 clicks, 3821 items");
    assert_contains(&printed->out, "valid  vmis-knn        20  0.1518 [");
    assert_contains(&printed->out, "valid  cold-item     blend");
    assert_contains(&printed->error, "336 of 336 questions");
    assert_contains(&printed->error, "rows where time goes backwards within a session");
}

static void prints_one_json_object(void **state)
{
    struct printed *printed = *state;
    struct arena arena;
    struct document document;
    struct json_error error;

    arena_init(&arena, 16 << 20);
    assert_int_equal(run(printed, "--train " TRAIN " --format sessions --json --seed 5 --k 5,20"
                                  " --models popular,blend"),
                     EXIT_OK);
    assert_ok(
        json_parse(buffer_slice(&printed->out), &json_limits_default, &arena, &document, &error));
    uint32_t results = document_member(&document, 0, SLICE("results"));
    assert_int_not_equal(results, 0);
    assert_int_equal(document.nodes[results].count,
                     2 * 2 * 6 * 2); /* parts, models, segments, ks */
    arena_deinit(&arena);
}

static void settings_change_what_is_judged(void **state)
{
    struct printed *printed = *state;
    static const char line[] =
        "--train " TRAIN " --valid " VALID " --format sessions --models vmis-knn --k 20";
    char with[512];

    assert_int_equal(run(printed, line), EXIT_OK);
    assert_contains(&printed->out, "20  0.1518 [");
    (void)snprintf(with, sizeof(with), "%s --settings vmis-knn.last=1,vmis-knn.k=1", line);
    assert_int_equal(run(printed, with), EXIT_OK);
    for (size_t i = 0; i + 9 < printed->out.len; i++)
        assert_memory_not_equal(printed->out.data + i, "20  0.1518", 10);
}

#define SMALL                                                                                  \
    "--settings sasrec.width=16,sasrec.heads=1,sasrec.layers=1,sasrec.inner=16,sasrec.epochs=" \
    "1,sasrec.steps=8"

static void trains_and_blends_in_the_run(void **state)
{
    struct printed *printed = *state;
    static const char line[] = "--train " TRAIN " --valid " VALID
                               " --format sessions --k 20 --models vmis-knn,sasrec,hybrid"
                               " --threads 2 --negatives 50 " SMALL;
    struct buffer first;

    buffer_init(&first, TEXT_BYTES_MAX);
    assert_int_equal(run(printed, line), EXIT_OK);
    assert_contains(&printed->out, "valid  sasrec          20  0.");
    assert_contains(&printed->out, "valid  hybrid          20  0.");
    assert_contains(&printed->out, "valid  sampled          k  AUC");
    assert_contains(&printed->error, "epoch 1 of at most 1, loss ");
    buffer_append(&first, buffer_slice(&printed->out));
    assert_int_equal(run(printed, line), EXIT_OK);
    assert_slice_equal(buffer_slice(&first), buffer_slice(&printed->out));
    buffer_deinit(&first);
}

/* MRR over all questions, from the run's JSON. */
static double mrr_of(const struct printed *printed, const char *model)
{
    struct arena arena;
    struct document document;
    struct json_error error;
    double found = -1.0;

    arena_init(&arena, 16 << 20);
    assert_ok(
        json_parse(buffer_slice(&printed->out), &json_limits_default, &arena, &document, &error));
    uint32_t results = document_member(&document, 0, SLICE("results"));
    for (uint32_t i = 0, at = results + 1; i < document.nodes[results].count; i++) {
        struct slice name;
        struct slice segment;
        uint32_t mrr = document_member(&document, at, SLICE("mrr"));

        assert_ok(document_string(&document, document_member(&document, at, SLICE("model")), &arena,
                                  &name));
        assert_ok(document_string(&document, document_member(&document, at, SLICE("segment")),
                                  &arena, &segment));
        if (slice_equal(name, slice_of(model)) && slice_equal(segment, SLICE("all")))
            assert_true(number_text(document_text(&document, mrr), &found));
        at = document.nodes[at].next;
    }
    arena_deinit(&arena);
    assert_true(found >= 0.0);
    return found;
}

static void an_encoder_that_learned_nothing_does_not_spoil_the_hybrid(void **state)
{
    struct printed *printed = *state;
    static const char line[] = "--train " TRAIN " --valid " VALID
                               " --format sessions --k 20 --json --models blend,hybrid " SMALL;
    char fixed[1024];

    (void)snprintf(fixed, sizeof(fixed), "%s,hybrid.sasrec=1", line);
    assert_int_equal(run(printed, fixed), EXIT_OK);
    assert_true(mrr_of(printed, "hybrid") < mrr_of(printed, "blend"));
    assert_int_equal(run(printed, line), EXIT_OK);
    assert_contains(&printed->error, " is best on valid (0.");
    assert_true(mrr_of(printed, "hybrid") >= mrr_of(printed, "blend"));
}

/* 1,546 sessions are some 14 batches: 300 without a better one take more than 20 epochs. */
static void patience_is_not_lost_with_small_epochs(void **state)
{
    struct printed *printed = *state;

    assert_int_equal(
        run(printed,
            "--train " TRAIN " --valid " VALID " --format sessions --k 20 --models sasrec " SMALL
            ",sasrec.epochs=60,sasrec.patience=1,sasrec.batch=128,sasrec.rate=0.00001"),
        EXIT_OK);
    assert_contains(&printed->error, "epoch 20 of at most 60, loss ");
}

static void tunes_on_the_valid_part(void **state)
{
    struct printed *printed = *state;

    assert_int_equal(run(printed, "--train " TRAIN " --valid " VALID
                                  " --format sessions --k 20 --models vmis-knn,blend --tune "
                                  "vmis-knn.last=1/2,blend.walk=0/0.3"),
                     EXIT_OK);
    assert_contains(&printed->out, "MRR at k = 20 on valid; 4 of 4 combinations");
    assert_contains(&printed->out, "vmis-knn.last=2,blend.walk=0.3  vmis-knn 0.0927  blend 0.1");
    assert_contains(&printed->out, "best of vmis-knn: 0.0");
    assert_contains(&printed->out, "best of blend: 0.1");
    assert_int_equal(run(printed, "--train " TRAIN " --valid " VALID
                                  " --format sessions --k 20 --models vmis-knn --tune "
                                  "vmis-knn.last=1/2/3/4 --trials 2"),
                     EXIT_OK);
    assert_contains(&printed->out, "2 of 4 combinations");
}

/* The clicks of two days: too few to be better than looking up, enough to be no worse. */
static void the_encoder_learns_clicks_of_a_real_shop(void **state)
{
    struct printed *printed = *state;

    if (getenv("HEADRACE_LONG") == NULL) skip();
    assert_int_equal(run(printed, "--train " TRAIN " --valid " VALID
                                  " --format sessions --k 20 --models popular,sasrec --threads 2"
                                  " --settings sasrec.dropout=0.3 --tune sasrec.temperature=1"),
                     EXIT_OK);
    char text[4096];
    (void)snprintf(text, sizeof(text), "%.*s", (int)printed->out.len,
                   (const char *)printed->out.data);
    const char *best = strstr(text, "best of sasrec: ");
    assert_non_null(best);
    assert_true(strtod(best + strlen("best of sasrec: "), NULL) > 0.08); /* popular: .003 */
}

/* The best items the model names after two clicks, those clicks left out. */
static uint32_t best_of_slirec(const char *directory, struct arena *arena, struct slice *names)
{
    static struct value items[2];
    static struct value_entry entries[2];
    struct candidate candidates[CANDIDATES_MAX];
    struct model_answer answer;
    struct model *model;
    struct buffer message;
    uint32_t count = 0;
    uint32_t held = 0;

    items[0] = value_string(SLICE("milk"));
    items[1] = value_string(SLICE("coffee"));
    entries[0] = (struct value_entry){value_string(SLICE("items")), value_list(items, 2)};
    entries[1] = (struct value_entry){value_string(SLICE("timestamps")), value_list(items, 0)};
    buffer_init(&message, TEXT_BYTES_MAX);
    assert_ok(model_import(TEST_DATA_DIR "/model", directory, NULL, MODEL_FLOAT32, &message));
    assert_ok(model_open(directory, &model, &message));
    assert_ok(model_call(model, value_map(entries, 2), 0, arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, &count));
    for (uint32_t i = 0; i < count; i++) {
        struct slice name = candidates[i].item;

        if (slice_equal(name, SLICE("milk")) || slice_equal(name, SLICE("coffee"))) continue;
        assert_ok(arena_copy(arena, name, &names[held++]));
    }
    model_close(model);
    buffer_deinit(&message);
    return held;
}

static void a_slirec_directory_is_asked_as_a_scenario_would(void **state)
{
    struct printed *printed = *state;
    struct slice names[CANDIDATES_MAX] = {0};
    struct arena arena;
    struct buffer text;

    arena_init(&arena, 64 << 20);
    buffer_init(&text, TEXT_BYTES_MAX);
    uint32_t count = best_of_slirec("command_evaluate_slirec", &arena, names);
    assert_true(count >= 20);
    buffer_append_text(&text, "u1 milk coffee");
    for (uint32_t i = 0; i < count; i++) {
        buffer_append_byte(&text, ' ');
        buffer_append(&text, names[i]);
    }
    buffer_append_text(&text, "\nu2 coffee milk\n");
    assert_ok(file_write("command_evaluate_train.txt", buffer_slice(&text)));
    buffer_clear(&text);
    buffer_append_text(&text, "v1 milk coffee ");
    buffer_append(&text, names[0]);
    buffer_append_text(&text, "\nv2 milk coffee ");
    buffer_append(&text, names[9]);
    buffer_append_byte(&text, '\n');
    assert_ok(file_write("command_evaluate_test.txt", buffer_slice(&text)));
    assert_int_equal(run(printed, "--train command_evaluate_train.txt --test "
                                  "command_evaluate_test.txt --format sequences --protocol "
                                  "leave-one-out --k 1,9,10 --models dir:command_evaluate_slirec"),
                     EXIT_OK);
    assert_contains(&printed->out, "  1  0.5000 [0.0000 1.0000]  0.5000 [0.0000 1.0000]");
    assert_contains(&printed->out, "  9  0.5000 [0.0000 1.0000]  0.5000 [0.0000 1.0000]");
    assert_contains(&printed->out, " 10  1.0000 [1.0000 1.0000]  0.5500 [0.1000 1.0000]");
    assert_int_equal(run(printed, "--train " TRAIN " --valid " VALID " --format sessions --models "
                                  "popular,dir:command_evaluate_slirec"),
                     EXIT_OK);
    assert_contains(
        &printed->error,
        "dir:command_evaluate_slirec answered no question with an item of these clicks");
    buffer_deinit(&text);
    arena_deinit(&arena);
}

static void says_what_is_wrong_and_ends_accordingly(void **state)
{
    static const struct {
        const char *words;
        int code;
        const char *message;
    } rows[] = {
        {"--train x", EXIT_USAGE, "give either --train with --format, or --from-log"},
        {"--train x --format tsv", EXIT_USAGE, "\"tsv\" is not one of:\n  sessions"},
        {"--train x --format events --protocol last", EXIT_USAGE, "\"last\" is not one of:"},
        {"--train x --format events --models popular,als", EXIT_USAGE,
         "\"als\" is no model; there"},
        {"--train x --format events --models ,", EXIT_USAGE, "\"\" is no model"},
        {"--train x --format events --models popular --against blend", EXIT_USAGE,
         "\"blend\" is not among --models"},
        {"--train x --format events --k 20,10", EXIT_USAGE, "\"10\" does not fit; give up to 4"},
        {"--train x --format events --k 0", EXIT_USAGE, "\"0\" does not fit"},
        {"--train x --format events --k 1001", EXIT_USAGE, "\"1001\" does not fit"},
        {"--train x --format events --columns a,b", EXIT_USAGE, "is not SESSION,ITEM,TIME"},
        {"--train x --format events --columns a,,b", EXIT_USAGE, "is not SESSION,ITEM,TIME"},
        {"--train x --format events --threads 65", EXIT_USAGE, "no whole number from 1 to 64"},
        {"--train x --format events --negatives 1001", EXIT_USAGE, "--negatives: \"1001\""},
        {"--train x --format events --trials 0", EXIT_USAGE, "--trials: \"0\""},
        {"--train x --format events --settings sasrec.width=40", EXIT_USAGE, "multiple of 16"},
        {"--train " TRAIN " --format sessions --models popular --negatives 1000 --tune walk",
         EXIT_USAGE, "--tune: \"walk\" is not NAME=A/B/C"},
        {"--train " TRAIN " --format sessions --tune walk.lost=1/2", EXIT_USAGE, "is no setting"},
        {"--train " TRAIN " --format sessions --tune walk.last=1/x", EXIT_USAGE, "does not fit"},
        {"--train " TRAIN " --format sessions --models dir:no/such", EXIT_INPUT,
         "no/such/headrace.json: no such file"},
        {"--train x --format events --seed soon", EXIT_USAGE, "\"soon\" is no whole number"},
        {"--train x --format events --settings k", EXIT_USAGE, "\"k\" is not NAME=NUMBER"},
        {"--train x --format events --settings k=1", EXIT_USAGE, "\"k\" is no setting; there are:"},
        {"--train x --format events --settings vmis-knn.last=10", EXIT_USAGE,
         "vmis-knn.last takes a whole number from 1 to 9"},
        {"--train x --format events --settings vmis-knn.m=1.5", EXIT_USAGE, "takes a whole number"},
        {"--train no-such-file --format events", EXIT_INPUT, "no-such-file: there is no such file"},
        {"--train " TRAIN " --format events", EXIT_INPUT,
         ":1: the header has no column \"session_id\""},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(run(*state, rows[i].words), rows[i].code);
        assert_contains(&((struct printed *)*state)->error, rows[i].message);
        assert_int_equal(((struct printed *)*state)->out.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_a_table_and_keeps_progress_apart),
        cmocka_unit_test(prints_one_json_object),
        cmocka_unit_test(settings_change_what_is_judged),
        cmocka_unit_test(trains_and_blends_in_the_run),
        cmocka_unit_test(an_encoder_that_learned_nothing_does_not_spoil_the_hybrid),
        cmocka_unit_test(patience_is_not_lost_with_small_epochs),
        cmocka_unit_test(tunes_on_the_valid_part),
        cmocka_unit_test(the_encoder_learns_clicks_of_a_real_shop),
        cmocka_unit_test(a_slirec_directory_is_asked_as_a_scenario_would),
        cmocka_unit_test(says_what_is_wrong_and_ends_accordingly),
    };

    return cmocka_run_group_tests(tests, printed_init, printed_deinit);
}

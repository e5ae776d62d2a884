/* test_train_sasrec.c - `model train --model sasrec` from files of each format to a directory that can be
 * asked; stopped and taken up again; what cannot be used is said. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "codec/candidates.h"
#include "codec/safetensors.h"
#include "model/encode/store.h"
#include "model/model.h"
#include "model/train/course.h"
#include "sys/file.h"
#include "test.h"

enum { USERS = 60, ITEMS = 30 };

struct bench {
    char directory[64];
    char data[96], output[96];
    struct buffer message, notes;
    uint32_t left; /* calls until the watch stops; 0: never */
    uint32_t epochs_seen;
};

static bool watch_progress(void *context, const struct course_progress *progress)
{
    struct bench *bench = context;

    if (progress->metric != NULL) bench->epochs_seen++;
    return bench->left == 0 || --bench->left > 0;
}

static void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    (void)snprintf(bench->directory, sizeof(bench->directory), "sasrec-XXXXXX");
    assert_non_null(mkdtemp(bench->directory));
    (void)snprintf(bench->data, sizeof(bench->data), "%s/clicks", bench->directory);
    (void)snprintf(bench->output, sizeof(bench->output), "%s/model", bench->directory);
    buffer_init(&bench->message, 1 << 16);
    buffer_init(&bench->notes, 1 << 16);
}

static void bench_deinit(struct bench *bench)
{
    static const char *const parts[] = {"model/weights.safetensors",
                                        "model/items.json",
                                        "model/headrace.json",
                                        "model/card.md",
                                        "model/checkpoint",
                                        "again/weights.safetensors",
                                        "again/items.json",
                                        "again/headrace.json",
                                        "again/card.md",
                                        "again/checkpoint",
                                        "clicks"};
    char path[160];

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", bench->directory, parts[i]);
        (void)unlink(path);
    }
    (void)snprintf(path, sizeof(path), "%s/model", bench->directory);
    (void)rmdir(path);
    (void)snprintf(path, sizeof(path), "%s/again", bench->directory);
    (void)rmdir(path);
    assert_int_equal(rmdir(bench->directory), 0);
    buffer_deinit(&bench->message);
    buffer_deinit(&bench->notes);
}

static const struct course *course_find(const char *name)
{
    const struct course *course = courses;

    while (course->name != NULL && strcmp(course->name, name) != 0)
        course++;
    assert_non_null(course->name);
    return course;
}

static enum status train(struct bench *bench, const struct course_request *request)
{
    const struct course_watch watch = {watch_progress, bench, &bench->notes};

    buffer_clear(&bench->message);
    return course_find("sasrec")->run(request, &watch, &bench->message);
}

static struct course_request request_of(const struct bench *bench, enum course_format format)
{
    return (struct course_request){
        .data = bench->data,
        .format = format,
        .output = bench->output,
        .threads = 2,
        .seed = 1,
        .epochs = 4,
        .settings = "width=16,heads=1,layers=1,inner=16,steps=8,batch=16,rate=0.01,dropout=0.1",
    };
}

/* Users walk through the items by steps of 7. */
static void clicks_write(const struct bench *bench, enum course_format format)
{
    static const char *const headers[] = {
        [COURSE_INTERACTIONS] = "",
        [COURSE_SESSIONS] = "SessionId\tItemId\tTime\n",
        [COURSE_EVENTS] = "session_id,item_id,time\n",
        [COURSE_SEQUENCES] = "",
    };
    struct buffer out;
    char line[96];

    buffer_init(&out, 1 << 20);
    buffer_append_text(&out, headers[format]);
    for (uint32_t user = 0; user < USERS; user++) {
        if (format == COURSE_SEQUENCES) {
            (void)snprintf(line, sizeof(line), "u%u", user);
            buffer_append_text(&out, line);
        }
        for (uint32_t t = 0; t < 8; t++) {
            uint32_t item = (user * 11 + t * 7) % ITEMS;
            uint32_t time = 1600000000 + user * 1000 + t * 10;

            if (format == COURSE_SEQUENCES) {
                (void)snprintf(line, sizeof(line), " i%u", item);
            } else if (format == COURSE_INTERACTIONS) {
                (void)snprintf(line, sizeof(line), "1\tu%u\ti%u\t%u\tc\n", user, item, time);
            } else {
                char s = format == COURSE_EVENTS ? ',' : '\t';

                (void)snprintf(line, sizeof(line), "u%u%ci%u%c%u\n", user, s, item, s, time);
            }
            buffer_append_text(&out, line);
        }
        if (format == COURSE_SEQUENCES) buffer_append_text(&out, "\n");
    }
    assert_ok(file_write(bench->data, buffer_slice(&out)));
    buffer_deinit(&out);
}

static void test_trains_from_every_format(void **state)
{
    (void)state;
    for (enum course_format format = COURSE_INTERACTIONS; format <= COURSE_SEQUENCES; format++) {
        struct encoder_model *model;
        struct bench bench;

        bench_init(&bench);
        clicks_write(&bench, format);
        const struct course_request request = request_of(&bench, format);
        assert_ok(train(&bench, &request));
        assert_int_equal(bench.epochs_seen, 4);
        assert_true(encoder_model_is(bench.output));
        assert_ok(encoder_model_open(bench.output, &model, &bench.message));
        assert_int_equal(encoder_model_encoder(model)->layout.shape.items, ITEMS);
        assert_int_not_equal(encoder_model_find(model, SLICE("i29")), UINT32_MAX);
        encoder_model_close(model);
        bench_deinit(&bench);
    }
}

static void assert_same_weights(const struct bench *bench)
{
    char path[160];
    struct buffer whole;
    struct buffer stopped;

    buffer_init(&whole, 1 << 20);
    buffer_init(&stopped, 1 << 20);
    (void)snprintf(path, sizeof(path), "%s/model/weights.safetensors", bench->directory);
    assert_ok(file_read(path, &whole));
    (void)snprintf(path, sizeof(path), "%s/again/weights.safetensors", bench->directory);
    assert_ok(file_read(path, &stopped));
    assert_slice_equal(buffer_slice(&whole), buffer_slice(&stopped));
    buffer_deinit(&whole);
    buffer_deinit(&stopped);
}

static struct value texts_of(const char *const *texts, uint32_t count, struct value *values)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = value_string(slice_of(texts[i]));
    return value_list(values, count);
}

static void call(const struct model *model, struct value items, struct arena *arena,
                 struct candidate candidates[CANDIDATES_MAX], uint32_t *count)
{
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));
    struct model_answer answer;

    entries[0] = (struct value_entry){value_string(SLICE("items")), items};
    entries[1] = (struct value_entry){value_string(SLICE("timestamps")), value_list(NULL, 0)};
    assert_ok(model_call(model, value_map(entries, 2), 1800000000000, arena, &answer));
    assert_ok(candidates_read(answer.candidates, candidates, count));
}

/* As a scenario calls it: the item clicked last is never an answer, unknown items are passed over, an
 * unknown visitor gets what is clicked most. */
static void test_answers_as_a_model_of_a_scenario(void **state)
{
    static const char *const clicks[] = {"i0", "no such item", "i7", "i14"};
    struct candidate candidates[CANDIDATES_MAX];
    struct value values[COUNT_OF(clicks)];
    struct model *model;
    struct bench bench;
    struct arena arena;
    uint32_t count;

    (void)state;
    arena_init(&arena, 16 << 20);
    bench_init(&bench);
    clicks_write(&bench, COURSE_SEQUENCES);
    struct course_request request = request_of(&bench, COURSE_SEQUENCES);
    request.epochs = 20;
    assert_ok(train(&bench, &request));
    assert_ok(model_open(bench.output, &model, &bench.message));
    assert_int_equal(strlen(model_version_label(model)), 16);
    call(model, texts_of(clicks, COUNT_OF(clicks), values), &arena, candidates, &count);
    assert_int_equal(count, ITEMS - 1);
    assert_slice_equal(candidates[0].item, SLICE("i21")); /* a step of 7 on */
    assert_true(candidates[0].score == 1.0F && candidates[1].score < 1.0F);
    for (uint32_t i = 0; i < count; i++)
        assert_false(slice_equal(candidates[i].item, SLICE("i14")));
    call(model, texts_of(clicks + 1, 1, values), &arena, candidates, &count);
    assert_int_equal(count, ITEMS);
    call(model, value_list(NULL, 0), &arena, candidates, &count);
    assert_int_equal(count, ITEMS);
    model_close(model);
    bench_deinit(&bench);
    arena_deinit(&arena);
}

static void test_goes_on_where_it_was_stopped(void **state)
{
    struct bench bench;
    char again[160];

    (void)state;
    bench_init(&bench);
    clicks_write(&bench, COURSE_SEQUENCES);
    struct course_request request = request_of(&bench, COURSE_SEQUENCES);
    assert_ok(train(&bench, &request));
    (void)snprintf(again, sizeof(again), "%s/again", bench.directory);
    request.output = again;
    bench.left = 6;
    assert_int_equal(train(&bench, &request), STATUS_AGAIN);
    assert_false(encoder_model_is(again));
    bench.left = 0;
    request.resume = true;
    assert_ok(train(&bench, &request));
    assert_same_weights(&bench);
    bench_deinit(&bench);
}

static void assert_says(const struct bench *bench, const char *what)
{
    char text[1024];

    (void)snprintf(text, sizeof(text), "%.*s", (int)bench->message.len,
                   (const char *)bench->message.data);
    if (strstr(text, what) == NULL) fail_msg("\"%s\" does not say \"%s\"", text, what);
}

/* All numbers so large that products of them are none. */
static void checkpoint_spoil(const struct bench *bench)
{
    struct safetensors_error error;
    struct safetensors tensors;
    struct buffer saved;
    struct arena arena;
    char path[160];
    const float large = 3e38F;

    arena_init(&arena, 1 << 16);
    buffer_init(&saved, 16 << 20);
    (void)snprintf(path, sizeof(path), "%s/checkpoint", bench->output);
    assert_ok(file_read(path, &saved));
    struct slice file = {saved.data, saved.len - 4};
    assert_ok(safetensors_parse(file, &arena, &tensors, &error));
    struct slice value = safetensors_find(&tensors, SLICE("value"))->data;
    for (size_t i = 0; i < value.len; i += sizeof(large))
        memcpy(saved.data + (value.data - saved.data) + i, &large, sizeof(large));
    saved.len -= 4;
    buffer_append_le32(&saved, crc32c(0, file));
    assert_ok(file_write(path, buffer_slice(&saved)));
    buffer_deinit(&saved);
    arena_deinit(&arena);
}

static void test_loss_that_is_no_number_ends_it(void **state)
{
    struct encoder_model *model;
    struct bench bench;

    (void)state;
    bench_init(&bench);
    clicks_write(&bench, COURSE_SEQUENCES);
    struct course_request request = request_of(&bench, COURSE_SEQUENCES);
    request.epochs = 1;
    assert_ok(train(&bench, &request));
    checkpoint_spoil(&bench);
    request.epochs = 3;
    request.resume = true;
    assert_int_equal(train(&bench, &request), STATUS_LIMIT);
    assert_says(&bench, "no number any more in epoch 2; give a smaller rate");
    assert_says(&bench, "the model of epoch 1 is in");
    assert_ok(encoder_model_open(bench.output, &model, &bench.message));
    encoder_model_close(model);
    bench_deinit(&bench);
}

static void test_a_checkpoint_is_a_file(void **state)
{
    struct bench bench;
    char path[160];

    (void)state;
    bench_init(&bench);
    clicks_write(&bench, COURSE_SEQUENCES);
    struct course_request request = request_of(&bench, COURSE_SEQUENCES);
    (void)snprintf(path, sizeof(path), "%s/checkpoint", bench.output);
    assert_int_equal(mkdir(bench.output, 0700), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    request.resume = true;
    assert_int_equal(train(&bench, &request), STATUS_INVALID);
    assert_says(&bench, "checkpoint: it is a pipe, a device or a directory, not a file");
    bench_deinit(&bench);
}

static void test_says_what_cannot_be_used(void **state)
{
    static const struct {
        const char *settings, *columns, *arithmetic;
        const char *says;
    } rows[] = {
        {"depth=3", NULL, NULL, "\"depth=3\" is no setting; there are: width"},
        {"width=lots", NULL, NULL, "has no number in its range"},
        {"width=40", NULL, NULL, "multiple of 16"},
        {NULL, "user,item", NULL, "--columns"},
        {NULL, NULL, "fixed", "--arithmetic"},
    };
    struct bench bench;

    (void)state;
    bench_init(&bench);
    clicks_write(&bench, COURSE_EVENTS);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct course_request request = request_of(&bench, COURSE_EVENTS);

        request.settings = rows[i].settings;
        request.columns = rows[i].columns;
        request.arithmetic = rows[i].arithmetic;
        assert_int_equal(train(&bench, &request), STATUS_INVALID);
        assert_says(&bench, rows[i].says);
    }
    struct course_request request = request_of(&bench, COURSE_EVENTS);
    assert_ok(file_write(bench.data, SLICE("session_id,item_id,time\na,b,yesterday\n")));
    assert_int_equal(train(&bench, &request), STATUS_INVALID);
    assert_says(&bench, "clicks:2: ");
    assert_ok(file_write(bench.data, SLICE("session_id,item_id\na,b\n")));
    assert_int_equal(train(&bench, &request), STATUS_INVALID);
    assert_says(&bench, "no column \"time\"");
    request.resume = true;
    clicks_write(&bench, COURSE_EVENTS);
    assert_int_equal(train(&bench, &request), STATUS_NOT_FOUND);
    assert_says(&bench, "checkpoint");
    bench_deinit(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trains_from_every_format),
        cmocka_unit_test(test_answers_as_a_model_of_a_scenario),
        cmocka_unit_test(test_goes_on_where_it_was_stopped),
        cmocka_unit_test(test_a_checkpoint_is_a_file),
        cmocka_unit_test(test_loss_that_is_no_number_ends_it),
        cmocka_unit_test(test_says_what_cannot_be_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

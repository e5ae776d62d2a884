/* test_evaluate_dataset.c - clicks out of files: what is understood, what is mended, and what is said
 * about a file that cannot be used. */
#include "model/judge/dataset.h"
#include "model/name_text.h"
#include "test.h"

#define FILE_TRAIN "evaluate_dataset_train.txt"
#define FILE_TEST  "evaluate_dataset_test.txt"

struct fixture {
    struct arena arena;
    struct buffer notes;
    struct buffer message;
    struct dataset dataset;
};

static void fixture_init(struct fixture *fixture)
{
    arena_init(&fixture->arena, 64 << 20);
    buffer_init(&fixture->notes, 4096);
    buffer_init(&fixture->message, 4096);
}

static void fixture_deinit(struct fixture *fixture)
{
    buffer_deinit(&fixture->message);
    buffer_deinit(&fixture->notes);
    arena_deinit(&fixture->arena);
}

static enum status read_source(struct fixture *fixture, const struct dataset_source *source)
{
    return dataset_read(source, &fixture->arena, &fixture->notes, &fixture->message,
                        &fixture->dataset);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static bool contains(const struct buffer *buffer, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= buffer->len; i++) {
        if (memcmp(buffer->data + i, part, len) == 0) return true;
    }
    return false;
}

static void assert_contains(const struct buffer *buffer, const char *part)
{
    if (contains(buffer, part)) return;
    fail_msg("\"%s\" is not in \"%.*s\"", part, (int)buffer->len, (const char *)buffer->data);
}

#define HEADER "SessionId\tItemId\tTime\n"

static const struct {
    enum dataset_format format;
    enum dataset_protocol protocol;
    const char *text;
    const char *message; /* in it: the place, and what to do */
} refused[] = {
    {DATASET_SESSIONS, 0, "", ".txt: the file is empty; it needs a header"},
    {DATASET_SESSIONS, 0, HEADER, ".txt:1: the file ends without a single click"},
    {DATASET_SESSIONS, 0, "SessionId\tTime\n1\t2\n", ".txt:1: the header has no column \"ItemId\""},
    {DATASET_SESSIONS, 0, "a,b,c\n1,2,3\n", "a CSV file is --format events"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t1\n1\tb\tsoon\n",
     ".txt:3: \"soon\" is no time; write seconds"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t-5\n", ".txt:2: \"-5\" is no time"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\tnan\n", ".txt:2: \"nan\" is no time"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t2026-13-01\n", ".txt:2: \"2026-13-01\" is no time"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t2026-02-29\n", ".txt:2: \"2026-02-29\" is no time"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t2026-04-31\n", ".txt:2: \"2026-04-31\" is no time"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t20260130\n1\tb\t20260131\n",
     ".txt:2: all times are like 20260131, which is a second of August 1970; write 2026-01-31"},
    {DATASET_SESSIONS, 0, "SessionId\tItemId\tTime\tItemId\n1\ta\t1\tb\n",
     ".txt:1: the header has the column \"ItemId\" twice; rename one"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\n", ".txt:2: has 2 cells, the header has 3; mend or remove"},
    {DATASET_SESSIONS, 0, HEADER "\ta\t1\n", ".txt:2: the session is empty; remove the row"},
    {DATASET_SESSIONS, 0, HEADER "1\t\t1\n", ".txt:2: the item is empty; remove the row"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t1\n1\tb\xE9\t2\n", ".txt:3: a name is not UTF-8; save"},
    {DATASET_SESSIONS, 0, HEADER "\xE9\ta\t1\n", ".txt:2: a name is not UTF-8; save"},
    {DATASET_SESSIONS, 0, "\xFF\xFES\n", ".txt:1: the header is not UTF-8; save"},
    {DATASET_SEQUENCES, 0, "u a b\nv a \xC3\n", ".txt:2: a name is not UTF-8; save"},
    {DATASET_SEQUENCES, 0, "u\xC0\x80 a b\n", ".txt:1: a name is not UTF-8; save"},
    {DATASET_SESSIONS, 0, HEADER "1\ta\t1\n1\tb\t2\n", "fewer than 10 sessions, too few to split"},
    {DATASET_EVENTS, 0, "user;item;at\n1;2;3\n", "name the file's own with --columns SESSION,ITEM"},
    {DATASET_SEQUENCES, DATASET_LEAVE_ONE_OUT, "", ".txt: the file ends without a single click"},
    {DATASET_SEQUENCES, DATASET_LEAVE_ONE_OUT, "u a b\nv\n",
     ".txt:2: \"v\" has no items; a line is"},
    {DATASET_SEQUENCES, DATASET_LEAVE_ONE_OUT, "u a b\nv c\nu d\n",
     ".txt:3: \"u\" has a line already; put all items of a user on one line"},
    {DATASET_SEQUENCES, DATASET_LEAVE_ONE_OUT, "u a b\nv c\n", "no sequence has three items"},
    {DATASET_SEQUENCES, DATASET_LEAVE_ONE_OUT, "u a a a a\nv a a a\n", "clicks on one item only"},
};

static void says_what_is_wrong_where_and_what_to_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct dataset_source source = {
            .train = FILE_TRAIN, .format = refused[i].format, .protocol = refused[i].protocol};
        struct fixture fixture;

        fixture_init(&fixture);
        write_text(FILE_TRAIN, refused[i].text);
        assert_int_equal(read_source(&fixture, &source), STATUS_INVALID);
        assert_contains(&fixture.message, FILE_TRAIN);
        assert_contains(&fixture.message, refused[i].message);
        fixture_deinit(&fixture);
    }
}

/* A column that is not read may be in any encoding; a name may have any letters. */
static void only_what_is_read_must_be_text(void **state)
{
    struct dataset_source source = {.train = FILE_TRAIN, .whole = true};
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN, "SessionId\tItemId\tTime\tTitle\n1\t\xC3\xA9\t1\tcaf\xE9\n"
                           "1\t\xF0\x9F\x8D\x8E\t2\t\n");
    assert_ok(read_source(&fixture, &source));
    assert_slice_equal(fixture.dataset.names[0], SLICE("\xC3\xA9"));
    fixture_deinit(&fixture);
}

/* Seconds since the first click, of which one happens to look like a date; a leap day. */
static void a_number_that_looks_like_a_date_is_a_number(void **state)
{
    struct dataset_source source = {.train = FILE_TRAIN, .whole = true};
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN, HEADER "1\ta\t20260131\n1\tb\t20260199\n2\ta\t2024-02-29\n");
    assert_ok(read_source(&fixture, &source));
    assert_true(fixture.dataset.train.ends[0] == 20260199.0);
    assert_true(fixture.dataset.train.ends[1] == 1709164800.0);
    fixture_deinit(&fixture);
}

static void a_directory_is_no_file(void **state)
{
    struct dataset_source source = {.train = "."};
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    assert_int_equal(read_source(&fixture, &source), STATUS_INVALID);
    assert_contains(&fixture.message, ".: cannot be read: it is a directory");
    fixture_deinit(&fixture);
}

static void a_name_has_an_end(void **state)
{
    struct dataset_source source = {
        .train = FILE_TRAIN, .format = DATASET_SEQUENCES, .whole = true};
    struct fixture fixture;
    char text[NAME_BYTES_MAX + 16] = "u b ";

    (void)state;
    fixture_init(&fixture);
    memset(text + 4, 'a', NAME_BYTES_MAX);
    write_text(FILE_TRAIN, text);
    assert_ok(read_source(&fixture, &source));
    text[4 + NAME_BYTES_MAX] = 'a';
    write_text(FILE_TRAIN, text);
    assert_int_equal(read_source(&fixture, &source), STATUS_INVALID);
    assert_contains(&fixture.message, ".txt:1: a name is longer than 4096 bytes; check");
    fixture_deinit(&fixture);
}

static void names_the_file_that_is_not_there(void **state)
{
    struct dataset_source source = {.train = FILE_TRAIN, .test = "evaluate_dataset_no_such_file"};
    struct fixture fixture;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN, HEADER "1\ta\t1\n1\tb\t2\n");
    assert_int_equal(read_source(&fixture, &source), STATUS_NOT_FOUND);
    assert_contains(&fixture.message, "evaluate_dataset_no_such_file: there is no such file");
    fixture_deinit(&fixture);
}

/* The items of one sequence as text, "a b c". */
static void assert_sequence(const struct dataset *dataset, const struct dataset_part *part,
                            uint32_t sequence, const char *wanted)
{
    char text[256] = "";

    for (uint32_t i = part->starts[sequence]; i < part->starts[sequence + 1]; i++) {
        struct slice name = dataset->names[part->items[i]];
        size_t len = strlen(text);

        (void)snprintf(text + len, sizeof(text) - len, "%s%.*s", len > 0 ? " " : "", (int)name.len,
                       (const char *)name.data);
    }
    assert_string_equal(text, wanted);
}

static void mends_order_and_repetition_and_says_so(void **state)
{
    struct dataset_source source = {.train = FILE_TRAIN, .test = FILE_TEST};
    struct fixture fixture;
    const struct dataset *dataset = &fixture.dataset;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN,
               HEADER "9\ta\t300\r\n9\tb\t100\r\n9\tb\t100\r\n\r\n7\tb\t50\r\n7\tc\t60\r\n");
    write_text(FILE_TEST, HEADER "9\tz\t900\n9\tb\t901\n");
    assert_ok(read_source(&fixture, &source));
    assert_contains(&fixture.notes, FILE_TRAIN ":3: 1 rows where time goes backwards");
    assert_contains(&fixture.notes, FILE_TRAIN ":4: 1 rows repeat");
    assert_int_equal(dataset->train.count, 2);
    assert_sequence(dataset, &dataset->train, 0, "b c"); /* it ended first */
    assert_sequence(dataset, &dataset->train, 1, "b a");
    assert_sequence(dataset, &dataset->test, 0, "z b");
    assert_slice_equal(dataset->names[0], SLICE("b")); /* the most clicked */
    assert_int_equal(dataset->clicks[0], 2);
    assert_int_equal(dataset->catalogue_count, 3);
    assert_int_equal(dataset->item_count, 4); /* z is not in training */
    assert_int_equal(dataset->click_count, 4);
    assert_int_equal(dataset->valid.count, 0);
    fixture_deinit(&fixture);
}

static void reads_csv_with_columns_of_any_name(void **state)
{
    struct dataset_source source = {
        .train = FILE_TRAIN,
        .test = FILE_TEST,
        .format = DATASET_EVENTS,
        .columns = {SLICE("who"), SLICE("what"), SLICE("when")},
    };
    struct fixture fixture;
    const struct dataset *dataset = &fixture.dataset;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN, "\xEF\xBB\xBFwhen;note;what;who\n"
                           "2026-01-31T12:00:01Z;\"x;\"\"y\";\"lamp; red\";s\n"
                           "2026-01-31 12:00;;desk;s\n"
                           "1769860802500;\"\";\"desk\";s\n");
    write_text(FILE_TEST, "who,what,when\ns,desk,1\ns,sofa,2");
    assert_ok(read_source(&fixture, &source));
    assert_sequence(dataset, &dataset->train, 0, "desk lamp; red desk");
    assert_true(dataset->train.ends[0] > 1769860802.4 && dataset->train.ends[0] < 1769860802.6);
    assert_sequence(dataset, &dataset->test, 0, "desk sofa");
    assert_contains(&fixture.notes, "all clicks are of one session or user");
    fixture_deinit(&fixture);
}

static void leaves_the_last_two_of_each_sequence_out(void **state)
{
    struct dataset_source source = {
        .train = FILE_TRAIN, .format = DATASET_SEQUENCES, .protocol = DATASET_LEAVE_ONE_OUT};
    struct fixture fixture;
    const struct dataset *dataset = &fixture.dataset;

    (void)state;
    fixture_init(&fixture);
    write_text(FILE_TRAIN, "u a b c d\n\nv  b\ta \nw b c a\n");
    assert_ok(read_source(&fixture, &source));
    assert_int_equal(dataset->train.count, 3);
    assert_sequence(dataset, &dataset->train, 0, "a b");
    assert_sequence(dataset, &dataset->train, 1, "b a"); /* too short to leave any out */
    assert_sequence(dataset, &dataset->train, 2, "b");
    assert_int_equal(dataset->valid.count, 2);
    assert_sequence(dataset, &dataset->valid, 0, "a b c");
    assert_sequence(dataset, &dataset->test, 1, "b c a");
    assert_true(dataset->test.last_only);
    assert_int_equal(dataset->catalogue_count, 2); /* c and d are only asked for */
    fixture_deinit(&fixture);
}

static void splits_sessions_by_time(void **state)
{
    struct dataset_source source = {.train = FILE_TRAIN};
    struct fixture fixture;
    const struct dataset *dataset = &fixture.dataset;
    char text[1024] = HEADER;

    (void)state;
    for (int session = 0; session < 20; session++) { /* the file is in reverse order of time */
        size_t len = strlen(text);

        (void)snprintf(text + len, sizeof(text) - len, "s%d\ta\t%d\ns%d\tb%d\t%d\n", session,
                       9000 - 10 * session, session, session, 9001 - 10 * session);
    }
    fixture_init(&fixture);
    write_text(FILE_TRAIN, text);
    assert_ok(read_source(&fixture, &source));
    assert_int_equal(dataset->train.count, 16);
    assert_int_equal(dataset->valid.count, 2);
    assert_int_equal(dataset->test.count, 2);
    assert_sequence(dataset, &dataset->train, 0, "a b19");
    assert_sequence(dataset, &dataset->valid, 0, "a b3");
    assert_sequence(dataset, &dataset->test, 1, "a b0");
    fixture_deinit(&fixture);
}

enum { MUTATIONS = 400 };

/* Bytes changed, doubled or cut out anywhere: the file is read, or it is said why not. */
static void any_bytes_end_in_a_dataset_or_a_message(void **state)
{
    static const char *const texts[] = {
        HEADER "1\ta\t1592337718.0\n1\tb\t1592337765.5\n2\ta\t3\n2\tc\t2\n",
        "u a b c d\nv b c d e\nw c d\nx a b a b c\ny d e\n",
        "session_id,item_id,time\n1,\"a,\"\"b\",2026-01-31T12:00:01Z\n1,b,1769860802500\n",
    };
    static const char bytes[] = "\t\n\r\";, .-0eZ\xff";
    uint32_t random = 1;
    uint32_t read = 0;

    (void)state;
    for (uint32_t round = 0; round < MUTATIONS; round++) {
        struct dataset_source source = {.train = FILE_TRAIN, .valid = FILE_TEST};
        struct fixture fixture;
        char text[256];

        source.format = round % COUNT_OF(texts);
        (void)snprintf(text, sizeof(text), "%s", texts[source.format]);
        write_text(FILE_TEST, text);
        for (uint32_t change = 0; change <= round % 4; change++) {
            random = random * 1664525U + 1013904223U;
            text[(random >> 8) % strlen(text)] = bytes[(random >> 24) % (sizeof(bytes) - 1)];
            if (random >> 30 == 0) text[strlen(text) - 1 - (random >> 4) % 8] = '\0';
        }
        write_text(FILE_TRAIN, text);
        fixture_init(&fixture);
        bool fine = read_source(&fixture, &source) == STATUS_OK;
        assert_true(fine == (fixture.message.len == 0));
        read += fine ? 1 : 0;
        fixture_deinit(&fixture);
    }
    assert_in_range(read, MUTATIONS / 10, MUTATIONS * 9 / 10);
}

static int remove_files(void **state)
{
    (void)state;
    remove(FILE_TRAIN);
    remove(FILE_TEST);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong_where_and_what_to_do),
        cmocka_unit_test(only_what_is_read_must_be_text),
        cmocka_unit_test(a_number_that_looks_like_a_date_is_a_number),
        cmocka_unit_test(a_directory_is_no_file),
        cmocka_unit_test(a_name_has_an_end),
        cmocka_unit_test(names_the_file_that_is_not_there),
        cmocka_unit_test(mends_order_and_repetition_and_says_so),
        cmocka_unit_test(reads_csv_with_columns_of_any_name),
        cmocka_unit_test(leaves_the_last_two_of_each_sequence_out),
        cmocka_unit_test(splits_sessions_by_time),
        cmocka_unit_test(any_bytes_end_in_a_dataset_or_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, remove_files);
}

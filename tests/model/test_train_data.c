/* test_train_data.c - a file of interactions: what it becomes, and what is said of a bad one. */
#include "model/learned.h"
#include "model/train/data.h"
#include "test.h"

static struct arena arena;
static struct buffer message;
static struct train_data data;

static enum status read_as(const char *text, enum course_format format, const char *columns,
                           const struct train_data_options *options)
{
    struct train_rows rows;

    arena_deinit(&arena);
    arena_init(&arena, 16 << 20);
    buffer_clear(&message);
    assert_ok(train_rows_init(&rows, "train_data.tsv", &arena));
    enum status status = train_rows_parse(slice_of(text), format, columns, &rows, &message);
    return status == STATUS_OK ? train_data_make(&rows, options, &data, &message) : status;
}

static enum status read_text(const char *text, bool by_time)
{
    return read_as(text, COURSE_INTERACTIONS, NULL,
                   &(struct train_data_options){.by_time = by_time});
}

static int prepare(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    buffer_init(&message, 4096);
    return 0;
}

static int tidy(void **state)
{
    (void)state;
    arena_deinit(&arena);
    buffer_deinit(&message);
    return 0;
}

/* Two users, their lines mixed; the third has too few. */
static const char mixed[] = "1\tann\that\t0\tclothes\n"
                            "1\tbob\tpen\t100\toffice\n"
                            "1\tann\tcap\t172800\tclothes\n"
                            "1\tann\tpen\t86400\toffice\n"
                            "1\tbob\that\t200\tclothes\r\n"
                            "1\tann\that\t259200\tgifts\n"
                            "1\tbob\tcup\t300\tkitchen\n"
                            "1\tann\tmug\t345600\tkitchen\n"
                            "\n"
                            "1\tcid\tpen\t5\toffice\n"
                            "1\tbob\tpen\t400\toffice";

static void users_become_instances(void **state)
{
    (void)state;
    assert_ok(read_text(mixed, false));
    assert_int_equal(data.event_count, 10);
    assert_int_equal(data.user_count, 3);
    assert_int_equal(data.short_users, 1);
    /* ann: 5 events, 0..4, of which 1 and 2 are learnt; bob: 4, of which one is */
    assert_int_equal(data.train.count, 3);
    assert_int_equal(data.train.at[0].event, 1);
    assert_int_equal(data.train.at[1].event, 2);
    assert_int_equal(data.train.at[1].first, 0);
    assert_int_equal(data.train.at[2].event, 6);
    assert_int_equal(data.train.at[2].first, 5);
    assert_int_equal(data.valid.count, 2);
    assert_int_equal(data.valid.at[0].event, 3);
    assert_int_equal(data.test.at[1].event, 8);
}

static void ids_follow_how_often_a_name_is_learnt_from(void **state)
{
    (void)state;
    assert_ok(read_text(mixed, false));
    /* hat: twice in ann's histories, once bob's target; cap: a target and a history; pen: a target, a
     * history; mug and cup are never learnt */
    assert_int_equal(data.item_names.count, 4);
    assert_slice_equal(data.item_names.at[1], SLICE("hat"));
    assert_slice_equal(data.item_names.at[2], SLICE("pen"));
    assert_slice_equal(data.item_names.at[3], SLICE("cap"));
    assert_int_equal(data.items[0], 1);
    assert_int_equal(data.items[4], 0);
    assert_int_equal(data.cate_names.count, 3);
    assert_slice_equal(data.cate_names.at[1], SLICE("clothes"));
}

static void the_catalogue_has_every_item_with_its_last_category(void **state)
{
    (void)state;
    assert_ok(read_text(mixed, false));
    assert_int_equal(data.catalogue_count, 5);
    assert_slice_equal(data.catalogue[0], SLICE("hat"));
    assert_slice_equal(data.catalogue_cates[0], SLICE("gifts"));
    assert_slice_equal(data.catalogue[4], SLICE("mug"));
}

static void time_may_go_backwards_or_be_sorted(void **state)
{
    (void)state;
    assert_ok(read_text(mixed, false));
    assert_int_equal(data.backwards, 1);
    assert_int_equal(data.backwards_line, 4);
    assert_float_equal(data.from_first[0], 0.693147F, 1e-6); /* ln of two days */
    assert_float_equal(data.from_first[5], -0.693147F, 1e-6);
    assert_ok(read_text(mixed, true));
    assert_float_equal(data.times[1], 86400.0, 0.0);
    assert_float_equal(data.from_first[0], 0.0F, 1e-6);
}

static void repeated_lines_are_kept_and_counted(void **state)
{
    (void)state;
    assert_ok(read_text(
        "1\ta\tx\t1\tc\n1\ta\tx\t1\tc\n1\ta\ty\t2\tc\n1\ta\tx\t3\tc\n1\ta\ty\t4\tc\n", false));
    assert_int_equal(data.repeats, 1);
    assert_int_equal(data.repeats_line, 2);
    assert_int_equal(data.train.count, 2);
}

static void a_bad_file_is_refused_with_line_and_advice(void **state)
{
    static const struct {
        const char *text;
        const char *wanted;
    } rows[] = {
        {"1\ta\tx\t1\tc\n1\ta\tx\t1\n", "train_data.tsv: line 2: wants 5 columns"},
        {"1\ta\tx\t1\tc\td\n", "train_data.tsv: line 1: wants 5 columns"},
        {"label\tuser\titem\ttime\tcategory\n", "line 1: column 1 (label) is \"label\", must be 1"},
        {"0\ta\tx\t1\tc\n", "line 1: column 1 (label) is \"0\", must be 1"},
        {"1\ta\tx\tyesterday\tc\n", "line 1: column 4 (time) is \"yesterday\", must be a number"},
        {"\n1\ta\t\t1\tc\n", "line 2: column 3 (item) is empty"},
        {"1\ta\xE9\tx\t1\tc\n", "line 1: the user is not UTF-8; save"},
        {"1\ta\tx\t1\tc\n1\ta\t\xE9\t1\tc\n", "line 2: the item is not UTF-8; save"},
        {"1\ta\tx\t1\t\xE9\n", "line 1: the category is not UTF-8; save"},
        {"1\ta\tx\t1\tc\n1\ta\ty\t2\tc\n", "nothing to learn from: a user needs 4 lines"},
        {"", "nothing to learn from"},
        {"1\ta\tx\t1\tc\n1\ta\tx\t2\tc\n1\ta\tx\t3\tc\n1\ta\tx\t4\tc\n1\ta\tx\t5\tc\n",
         "every instance asks for the same item"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(read_text(rows[i].text, false), STATUS_INVALID);
        buffer_append_byte(&message, '\0');
        if (strstr((const char *)message.data, rows[i].wanted) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", (const char *)message.data, rows[i].wanted);
    }
    arena_reset(&arena);
    buffer_clear(&message);
    struct train_rows none;
    assert_ok(train_rows_init(&none, "no/such.tsv", &arena));
    assert_int_equal(train_rows_read("no/such.tsv", COURSE_INTERACTIONS, NULL, &none, &message),
                     STATUS_NOT_FOUND);
    assert_true(message.len > 0);
    assert_int_equal(train_rows_read(".", COURSE_INTERACTIONS, NULL, &none, &message),
                     STATUS_INVALID);
}

/* The same rows with a header; Category may be missing. */
static void tables_have_named_columns_and_perhaps_no_category(void **state)
{
    static const struct train_data_options fixed = {
        .by_time = true, .own_cates = true, .clock = SLIREC_SECONDS};

    (void)state;
    assert_ok(read_as("time;item_id;session_id\n300;x;a\n100;y;a\n200;\"z\";a\n"
                      "1970-01-01T00:06:40Z;y;a\n500;x;a\n",
                      COURSE_EVENTS, NULL, &fixed));
    assert_int_equal(data.train.count, 2);
    assert_true(data.times[3] == 400.0);
    assert_int_equal(data.cate_names.count, 2);
    assert_ok(read_as("who,what,when,kind\n"
                      "a,x,1700000000000,k\na,y,1700000001000,k\na,x,1700000002000,l\n"
                      "a,y,1700000003000,k\na,x,1700000004000,m\n",
                      COURSE_EVENTS, "who,what,when,kind", &fixed));
    assert_true(data.times[1] - data.times[0] == 1.0);
    assert_float_equal(data.from_first[1], 0.693147F, 1e-6); /* ln of two seconds */
    /* x has the category of its last row, m, wherever it stands */
    assert_int_equal(data.cates[0], data.cates[2]);
    assert_slice_equal(data.cate_names.at[data.own_cates[data.items[0]]], SLICE("m"));
}

/* Seconds and milliseconds in one file: put in order by what they mean, not by their digits. */
static void times_are_sorted_in_one_unit(void **state)
{
    static const struct train_data_options fixed = {.by_time = true, .clock = SLIREC_SECONDS};

    (void)state;
    assert_ok(read_as("1\ta\tx\t200000000\tc\n1\ta\ty\t100000000000\tc\n1\ta\tz\t300000000\tc\n"
                      "1\ta\tx\t400000000000\tc\n1\ta\ty\t500000000\tc\n",
                      COURSE_INTERACTIONS, NULL, &fixed));
    for (uint32_t i = 0; i < 5; i++)
        assert_true(data.times[i] == (i + 1) * 1e8);
}

/* As spreadsheets save it. */
static void a_mark_at_the_start_of_a_file_is_passed_over(void **state)
{
    static const struct train_data_options given = {0};

    (void)state;
    assert_ok(read_as("\xEF\xBB\xBF"
                      "1\ta\tx\t1\tc\r\n1\ta\ty\t2\tc\r\n1\ta\tz\t3\tc\r\n"
                      "1\ta\tx\t4\tc\r\n1\ta\ty\t5\tc\r\n",
                      COURSE_INTERACTIONS, NULL, &given));
    assert_ok(read_as("\xEF\xBB\xBF"
                      "session_id,item_id,time\n1,x,1\n1,y,2\n1,z,3\n1,x,4\n1,y,5\n",
                      COURSE_EVENTS, "session_id,item_id,time", &given));
}

static void a_bad_table_is_refused_with_line_and_advice(void **state)
{
    static const struct {
        enum course_format format;
        const char *text;
        const char *wanted;
    } rows[] = {
        {COURSE_SESSIONS, "", "train_data.tsv: is empty"},
        {COURSE_SESSIONS, "SessionId\tTime\n",
         "line 1: a column that the header lacks is \"ItemId\""},
        {COURSE_SESSIONS, "SessionId\tItemId\tTime\n1\t2\n",
         "line 2: has 2 cells, the header has 3; mend or remove the line"},
        {COURSE_SESSIONS, "SessionId\tItemId\tTime\n1\t2\t\n",
         "line 2: a column without a value is \"Time\""},
        {COURSE_EVENTS, "session_id,item_id,time\n1,2,3,4\n",
         "line 2: has 4 cells, the header has 3; mend or remove the line"},
        {COURSE_EVENTS, "session_id,item_id,time,item_id\n1,2,3,4\n",
         "line 1: a column that the header has twice is \"item_id\"; rename one"},
        {COURSE_EVENTS, "session_id,item_id,time\n1,2,2026-02-30\n",
         "line 2: the time is \"2026-02-30\", must be"},
        {COURSE_EVENTS, "session_id,item_id,time\n1,2,20260130\n1,3,20260131\n",
         "line 2: all times are like 20260131, which is a second of August 1970; write 2026-01-31"},
        {COURSE_INTERACTIONS, "1\ta\tx\t20260131\tc\n",
         "line 1: all times are like 20260131, which is a second of August 1970; write seconds"},
        {COURSE_SESSIONS, "SessionId\tItemId\tTime\n1\t2\tsoon\n",
         "line 2: the time is \"soon\", must be seconds"},
        {COURSE_SESSIONS, "SessionId\tItemId\tTime\n1\t\xE9\t2\n", "line 2: the item is not UTF-8"},
        {COURSE_EVENTS, "\xFE\xFFs\n", "line 1: the header is not UTF-8; save"},
        {COURSE_SESSIONS, "SessionId\tItemId\tTime\n", "nothing to learn from"},
        {COURSE_SEQUENCES, "a x y z\n", "sequences have no times"},
        {COURSE_INTERACTIONS, "1\ta\tx\t1e400\tc\n",
         "line 1: column 4 (time) is \"1e400\", must be a number: seconds since 1970"},
        {COURSE_INTERACTIONS, "1\ta\tx\t1e15\tc\n", "line 1: column 4 (time) is \"1e15\""},
        {COURSE_INTERACTIONS, "1\ta\tx\t-5\tc\n", "line 1: column 4 (time) is \"-5\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(
            read_as(rows[i].text, rows[i].format, NULL, &(struct train_data_options){0}),
            STATUS_INVALID);
        buffer_append_byte(&message, '\0');
        if (strstr((const char *)message.data, rows[i].wanted) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", (const char *)message.data, rows[i].wanted);
    }
}

/* Browsers' clocks are anything, and a log keeps what they say. */
static void a_time_before_1970_is_none_in_a_fingerprint(void **state)
{
    (void)state;
    assert_true(learned_click(SLICE("hat"), -7e14) == learned_click(SLICE("hat"), 0.0));
    assert_true(learned_click(SLICE("hat"), 1.0) != learned_click(SLICE("hat"), 0.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_become_instances),
        cmocka_unit_test(ids_follow_how_often_a_name_is_learnt_from),
        cmocka_unit_test(the_catalogue_has_every_item_with_its_last_category),
        cmocka_unit_test(time_may_go_backwards_or_be_sorted),
        cmocka_unit_test(repeated_lines_are_kept_and_counted),
        cmocka_unit_test(a_bad_file_is_refused_with_line_and_advice),
        cmocka_unit_test(tables_have_named_columns_and_perhaps_no_category),
        cmocka_unit_test(times_are_sorted_in_one_unit),
        cmocka_unit_test(a_mark_at_the_start_of_a_file_is_passed_over),
        cmocka_unit_test(a_time_before_1970_is_none_in_a_fingerprint),
        cmocka_unit_test(a_bad_table_is_refused_with_line_and_advice),
    };

    return cmocka_run_group_tests(tests, prepare, tidy);
}

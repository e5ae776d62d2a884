/* test_expr_golden.c - the original's answers to 3451 expressions against ours.
 *
 * Agreement: the same validity; the same error messages (or the same once quoted parts are taken
 * out); the same types; the same value (numbers by their text, containers by content: the order of
 * hash maps and Java's wrapper classes are accidents) and printed form; for a failure its message.
 * What disagrees stands in known_differences.txt with a reason; a row that is missing there fails
 * the test, and so does one that agrees by now. Floors hold what each category has reached.
 */
#include "test.h"

#include "answers.h"
#include "expr/sample.h"
#include "lines.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"

enum { ROWS_MAX = 8192, CATEGORIES_MAX = 64, FILE_BYTES_MAX = 16 * 1024 * 1024 };

struct row {
    struct slice line;
    struct slice id;
    struct slice category;
    bool apart; /* a quirk of the original, not deterministic, or its typer crashed */
    bool agrees;
    bool listed;
};

struct category {
    struct slice name;
    uint32_t rows;
    uint32_t agreeing;
};

struct golden {
    struct buffer expressions;
    struct buffer newer;
    struct buffer variables;
    struct buffer known;
    struct arena arena; /* the variables */
    struct arena call;  /* one row */
    struct zones zones;
    struct sample sample;
    struct row *rows;
    uint32_t row_count;
    struct category categories[CATEGORIES_MAX];
    uint32_t category_count;
};

static void read_data(const char *name, struct buffer *out)
{
    struct buffer path;

    buffer_init(&path, 4096);
    buffer_init(out, FILE_BYTES_MAX);
    assert_ok(file_read(file_join(&path, TEST_DATA_DIR "/expr", name), out));
    buffer_deinit(&path);
}

/* When the rows are asked: behind every date of the variables, as the original's clock was. */
static const int64_t now = 1750000000000;

static bool row_agrees(struct golden *golden, struct slice line, struct buffer *answer)
{
    buffer_clear(answer);
    sample_answer(&golden->sample, line, now, &golden->call, answer);
    struct document want = parse(line, &golden->call);
    struct document got = parse(buffer_slice(answer), &golden->call);
    if (is_true(&want, "valid") != is_true(&got, "valid")) return false;
    return is_true(&want, "valid") ? results_agree(&want, &got, &golden->call)
                                   : errors_agree(&want, &got, &golden->call);
}

/* --- rows -------------------------------------------------------------------------------------------- */

static struct row *find_row(struct golden *golden, struct slice id)
{
    for (uint32_t i = 0; i < golden->row_count; i++) {
        if (slice_equal(golden->rows[i].id, id)) return &golden->rows[i];
    }
    return NULL;
}

static void describe(struct golden *golden, struct row *row)
{
    struct document document = parse(row->line, &golden->call);

    row->apart = is_true(&document, "quirk") || is_true(&document, "nondeterministic") ||
                 is_null(&document, "valid");
    row->id = text_of(&document, "id", &golden->arena);
    row->category = text_of(&document, "category", &golden->arena);
    arena_reset(&golden->call);
}

static void read_rows(struct golden *golden)
{
    struct slice rest = buffer_slice(&golden->expressions);
    struct slice line;

    golden->rows = calloc(ROWS_MAX, sizeof(*golden->rows));
    assert_non_null(golden->rows);
    while (next_line(&rest, &line)) {
        assert_true(golden->row_count < ROWS_MAX);
        struct row *row = &golden->rows[golden->row_count++];
        row->line = line;
        describe(golden, row);
    }
    /* Where the newer version answers differently, its answer is the one to reach. */
    rest = buffer_slice(&golden->newer);
    while (next_line(&rest, &line)) {
        struct row newer = {.line = line};
        describe(golden, &newer);
        struct row *row = find_row(golden, newer.id);
        if (row != NULL) *row = newer;
    }
}

static struct category *category_of(struct golden *golden, struct slice name)
{
    for (uint32_t i = 0; i < golden->category_count; i++) {
        if (slice_equal(golden->categories[i].name, name)) return &golden->categories[i];
    }
    assert_true(golden->category_count < CATEGORIES_MAX);
    golden->categories[golden->category_count].name = name;
    return &golden->categories[golden->category_count++];
}

/* "id reason..." a line; '#' begins a heading. */
static void read_known(struct golden *golden)
{
    struct slice rest = buffer_slice(&golden->known);
    struct slice line;

    while (next_line(&rest, &line)) {
        if (line.len == 0 || line.data[0] == '#') continue;
        const uint8_t *space = memchr(line.data, ' ', line.len);
        if (space != NULL) line.len = (size_t)(space - line.data);
        struct row *row = find_row(golden, line);
        if (row == NULL) fail_msg("unknown id %.*s", (int)line.len, (const char *)line.data);
        row->listed = true;
    }
}

static int golden_setup(void **state)
{
    struct golden *golden = calloc(1, sizeof(*golden));
    struct slice why;

    assert_non_null(golden);
    read_data("expressions.jsonl", &golden->expressions);
    read_data("expressions_v1.19_differences.jsonl", &golden->newer);
    read_data("variables.json", &golden->variables);
    read_data("known_differences.txt", &golden->known);
    arena_init(&golden->arena, 256 * 1024 * 1024);
    arena_init(&golden->call, 256 * 1024 * 1024);
    assert_ok(zoneinfo_load(ZONEINFO_DIRECTORY, &golden->arena, &golden->zones));
    enum status status = sample_read(buffer_slice(&golden->variables), &golden->zones,
                                     &golden->arena, &golden->sample, &why);
    if (status != STATUS_OK) fail_msg("%.*s", (int)why.len, (const char *)why.data);
    read_rows(golden);
    read_known(golden);
    *state = golden;
    return 0;
}

static int golden_teardown(void **state)
{
    struct golden *golden = *state;

    buffer_deinit(&golden->expressions);
    buffer_deinit(&golden->newer);
    buffer_deinit(&golden->variables);
    buffer_deinit(&golden->known);
    arena_deinit(&golden->arena);
    arena_deinit(&golden->call);
    free(golden->rows);
    free(golden);
    return 0;
}

/* --- the test ---------------------------------------------------------------------------------------- */

static const struct {
    const char *category;
    uint32_t percent; /* of the rows not set apart, rounded down */
} floors[] = {
    {"showcase", 100},
    {"literal", 98},
    {"arith", 100},
    {"compare", 100},
    {"logic", 100},
    {"ternary", 100},
    {"concat", 100},
    {"tostring", 96},
    {"string", 100},
    {"record", 96},
    {"projection", 99},
    {"typeref", 100},
    {"numbermethods", 100},
    {"conversion", 100},
    {"expected", 99},
    {"datetime", 100},
    {"helper-COLLECTION", 96},
    {"helper-CONV", 98},
    {"helper-NUMERIC", 99},
    {"helper-DATE", 96},
    {"helper-DATE_FORMAT", 100},
    {"helper-UTIL", 97},
    {"helper-RANDOM", 100},
    {"error", 100},
    {"template", 98},
    {"unicode-names", 92},
};

static void show_difference(const struct row *row, const struct buffer *answer)
{
    if (getenv("EXPR_GOLDEN_SHOW") == NULL) return;
    printf("%.*s\n  ours %.*s\n", (int)row->line.len, (const char *)row->line.data,
           (int)answer->len, (const char *)answer->data);
}

static void check_floors(struct golden *golden)
{
    for (size_t i = 0; i < COUNT_OF(floors); i++) {
        struct category *category = category_of(golden, slice_of(floors[i].category));
        if (category->rows == 0 || category->agreeing * 100 < floors[i].percent * category->rows) {
            fail_msg("%s: %u of %u agree, below %u %%", floors[i].category, category->agreeing,
                     category->rows, floors[i].percent);
        }
    }
}

/* docs/compatibility.md states what we say of ourselves: its table holds each of these lines. */
static void check_page(const char *page, struct slice name, uint32_t agreeing, uint32_t rows)
{
    char line[128];

    (void)snprintf(line, sizeof(line), "\n| %.*s | %u | %u |\n", (int)name.len,
                   (const char *)name.data, agreeing, rows);
    if (strstr(page, line) == NULL) fail_msg("docs/compatibility.md lacks %s", line);
}

static void the_page_says_so(void **state)
{
    struct golden *golden = *state;
    struct buffer page;
    uint32_t rows = 0;
    uint32_t agreeing = 0;

    read_data("../../../docs/compatibility.md", &page);
    buffer_append_byte(&page, 0);
    for (uint32_t i = 0; i < golden->category_count; i++) {
        const struct category *category = &golden->categories[i];
        check_page((const char *)page.data, category->name, category->agreeing, category->rows);
        rows += category->rows;
        agreeing += category->agreeing;
    }
    check_page((const char *)page.data, SLICE("all"), agreeing, rows);
    buffer_deinit(&page);
}

static void every_row_agrees_or_is_listed(void **state)
{
    struct golden *golden = *state;
    struct buffer answer;
    uint32_t surprises = 0;

    buffer_init(&answer, FILE_BYTES_MAX);
    for (uint32_t i = 0; i < golden->row_count; i++) {
        struct row *row = &golden->rows[i];
        arena_reset(&golden->call);
        row->agrees = row_agrees(golden, row->line, &answer);
        if (row->apart) continue;
        struct category *category = category_of(golden, row->category);
        category->rows++;
        category->agreeing += row->agrees;
        if (row->agrees != row->listed) continue;
        surprises++;
        if (!row->agrees) show_difference(row, &answer);
        printf("%s %.*s\n",
               row->agrees ? "agrees though listed:" : "differs, not listed:", (int)row->id.len,
               (const char *)row->id.data);
    }
    buffer_deinit(&answer);
    uint32_t rows = 0;
    uint32_t agreeing = 0;
    for (uint32_t i = 0; i < golden->category_count; i++) {
        const struct category *category = &golden->categories[i];
        printf("%-20.*s %4u of %4u\n", (int)category->name.len, (const char *)category->name.data,
               category->agreeing, category->rows);
        rows += category->rows;
        agreeing += category->agreeing;
    }
    printf("%-20s %4u of %4u\n", "all", agreeing, rows);
    check_floors(golden);
    assert_int_equal(surprises, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_agrees_or_is_listed),
        cmocka_unit_test(the_page_says_so),
    };

    return cmocka_run_group_tests(tests, golden_setup, golden_teardown);
}

/* test_expressions_page.c - docs/expressions.md against the engine: every example gives what the
 * page says, and every function of the helper objects stands in its tables.
 *
 * Examples are lines `expression => result` of fenced blocks, whose word says what the result is:
 * `values` and `templates` the printed value, `types` the type, `errors` the message (up to "...").
 * The block `variables` holds what they see.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/method.h"
#include "expr/sample.h"
#include "sys/file.h"

enum { PAGE_BYTES_MAX = 1024 * 1024, EXAMPLES_MIN = 120 };

enum block {
    BLOCK_NONE,
    BLOCK_VARIABLES,
    BLOCK_VALUES,
    BLOCK_TYPES,
    BLOCK_ERRORS,
    BLOCK_TEMPLATES
};

static const char *const block_names[] = {[BLOCK_VARIABLES] = "```variables",
                                          [BLOCK_VALUES] = "```values",
                                          [BLOCK_TYPES] = "```types",
                                          [BLOCK_ERRORS] = "```errors",
                                          [BLOCK_TEMPLATES] = "```templates"};

struct page {
    struct buffer text;
    struct arena arena;
    struct sample sample;
    uint32_t examples[COUNT_OF(block_names)];
};

static bool next_line(struct slice *rest, struct slice *line)
{
    if (rest->len == 0) return false;
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    size_t taken = end != NULL ? len + 1 : len;
    *line = (struct slice){rest->data, len};
    *rest = (struct slice){rest->data + taken, rest->len - taken};
    return true;
}

/* The block a fence opens; a fence closes the one that is open. */
static enum block block_of(struct slice line, enum block open)
{
    if (open != BLOCK_NONE) return BLOCK_NONE;
    for (uint32_t i = BLOCK_VARIABLES; i < COUNT_OF(block_names); i++) {
        if (slice_equal(line, slice_of(block_names[i]))) return (enum block)i;
    }
    fail_msg("a block of another kind: %.*s", (int)line.len, (const char *)line.data);
    return BLOCK_NONE;
}

static size_t find_text(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.len <= text.len; i++) {
        if (memcmp(text.data + i, part.data, part.len) == 0) return i;
    }
    return text.len;
}

static void read_variables(struct page *page)
{
    struct slice text = buffer_slice(&page->text);
    size_t start = find_text(text, SLICE("```variables\n")) + strlen("```variables\n");
    struct slice why;

    assert_true(start < text.len);
    struct slice rest = {text.data + start, text.len - start};
    rest.len = find_text(rest, SLICE("```"));
    enum status status = sample_read(rest, NULL, &page->arena, &page->sample, &why);
    if (status != STATUS_OK) fail_msg("%.*s", (int)why.len, (const char *)why.data);
}

/* What an example gives, as the page writes it. */
static void append_result(enum block block, const struct sample_result *result, struct buffer *out)
{
    if (!result->valid || result->failed) {
        if (block != BLOCK_ERRORS) buffer_append_text(out, "error: ");
        buffer_append(out, result->valid ? result->message : result->problems.items[0].message);
    } else if (block == BLOCK_TYPES) {
        type_to_text(result->type, false, out);
    } else if (block == BLOCK_ERRORS) {
        buffer_append_text(out, "no error");
    } else {
        value_to_text(result->value, out);
        if (out->len == 0) buffer_append_text(out, "''");
    }
}

static bool says(struct slice written, struct slice given)
{
    struct slice dots = SLICE("...");

    if (!slice_ends_with(written, dots)) return slice_equal(written, given);
    return slice_starts_with(given, (struct slice){written.data, written.len - dots.len});
}

static void try_example(struct page *page, enum block block, struct slice line)
{
    struct slice arrow = SLICE(" => ");
    size_t at = find_text(line, arrow);
    struct sample_result result;
    struct buffer given;

    if (at == line.len) fail_msg("no example: %.*s", (int)line.len, (const char *)line.data);
    struct expr_source source = {.text = {line.data, at},
                                 .language = block == BLOCK_TEMPLATES ? EXPR_TEMPLATE : EXPR_SPEL};
    struct slice written = {line.data + at + arrow.len, line.len - at - arrow.len};
    assert_ok(sample_run(&page->sample, &source, 0, &page->arena, &result));
    buffer_init(&given, PAGE_BYTES_MAX);
    append_result(block, &result, &given);
    if (!says(written, buffer_slice(&given))) {
        fail_msg("%.*s\n  gives %.*s", (int)line.len, (const char *)line.data, (int)given.len,
                 (const char *)given.data);
    }
    buffer_deinit(&given);
    page->examples[block]++;
}

static void setup(struct page *page)
{
    *page = (struct page){0};
    buffer_init(&page->text, PAGE_BYTES_MAX);
    arena_init(&page->arena, (size_t)256 * 1024 * 1024);
    assert_ok(file_read(TEST_DATA_DIR "/../../docs/expressions.md", &page->text));
    read_variables(page);
}

static void teardown(struct page *page)
{
    arena_deinit(&page->arena);
    buffer_deinit(&page->text);
}

static void every_example_gives_what_the_page_says(void **state)
{
    struct page page;
    struct slice line;
    enum block block = BLOCK_NONE;
    uint32_t total = 0;

    (void)state;
    setup(&page);
    struct slice rest = buffer_slice(&page.text);
    while (next_line(&rest, &line)) {
        if (slice_starts_with(line, SLICE("```"))) {
            block = block_of(line, block);
        } else if (block > BLOCK_VARIABLES) {
            try_example(&page, block, line);
        }
    }
    assert_int_equal(block, BLOCK_NONE);
    for (uint32_t i = BLOCK_VALUES; i < COUNT_OF(block_names); i++) {
        if (page.examples[i] == 0) fail_msg("no example in a block %s", block_names[i]);
        total += page.examples[i];
    }
    assert_true(total >= EXAMPLES_MIN);
    teardown(&page);
}

static void every_helper_function_is_listed(void **state)
{
    struct page page;
    const struct method *row;
    uint32_t listed = 0;

    (void)state;
    setup(&page);
    struct slice text = buffer_slice(&page.text);
    for (uint32_t i = 0; (row = method_row(i)) != NULL; i++) {
        struct buffer cell;
        bool shown = row->place == PLACE_INSTANCE && class_is_helper(row->receiver) &&
                     strcmp(row->name, "toString") != 0;
        if (!shown) continue;
        buffer_init(&cell, PAGE_BYTES_MAX);
        buffer_append_text(&cell, "| `");
        buffer_append_text(&cell, row->name);
        if (find_text(text, buffer_slice(&cell)) == text.len) fail_msg("%s", row->name);
        buffer_deinit(&cell);
        listed++;
    }
    assert_true(listed > 0);
    teardown(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_example_gives_what_the_page_says),
        cmocka_unit_test(every_helper_function_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

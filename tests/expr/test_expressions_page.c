/* test_expressions_page.c - docs/expressions.md against the engine: every example gives what the
 * page says, and every function of the helper objects stands in its tables.
 *
 * Examples are lines `expression => result` of fenced blocks, whose word says what the result is:
 * `values`, `templates`, `literals`, `tables` and `keys DICTIONARY` the printed value, `types` the
 * type, `errors` the message (up to "..."), `suggestions` the first labels at the caret `|`. The
 * blocks `variables` and `dictionary NAME [KEYS]` hold what they see.
 */
#include "lines.h"
#include "test.h"

#include "base/buffer.h"
#include "expr/complete/complete.h"
#include "expr/method.h"
#include "expr/sample.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"

enum { PAGE_BYTES_MAX = 1024 * 1024, EXAMPLES_MIN = 120 };

enum block {
    BLOCK_NONE,
    BLOCK_VARIABLES,
    BLOCK_DICTIONARY,
    BLOCK_VALUES,
    BLOCK_TYPES,
    BLOCK_ERRORS,
    BLOCK_TEMPLATES,
    BLOCK_LITERALS,
    BLOCK_TABLES,
    BLOCK_KEYS,
    BLOCK_SUGGESTIONS
};

static const char *const block_names[] = {
    [BLOCK_VARIABLES] = "```variables", [BLOCK_DICTIONARY] = "```dictionary",
    [BLOCK_VALUES] = "```values",       [BLOCK_TYPES] = "```types",
    [BLOCK_ERRORS] = "```errors",       [BLOCK_TEMPLATES] = "```templates",
    [BLOCK_LITERALS] = "```literals",   [BLOCK_TABLES] = "```tables",
    [BLOCK_KEYS] = "```keys",           [BLOCK_SUGGESTIONS] = "```suggestions"};

static const enum expr_language languages[] = {[BLOCK_TEMPLATES] = EXPR_TEMPLATE,
                                               [BLOCK_LITERALS] = EXPR_JSON,
                                               [BLOCK_TABLES] = EXPR_TABULAR,
                                               [BLOCK_KEYS] = EXPR_DICT_KEY,
                                               [BLOCK_SUGGESTIONS] = EXPR_SPEL};

struct page {
    struct buffer text;
    struct arena arena;
    struct zones zones;
    struct dictionary dictionaries[4];
    struct dictionaries tables;
    struct sample sample;
    struct slice words; /* behind the name of the block that is open */
    uint32_t examples[COUNT_OF(block_names)];
};

/* The block a fence opens; a fence closes the one that is open. */
static enum block block_of(struct page *page, struct slice line, enum block open)
{
    if (open != BLOCK_NONE) return BLOCK_NONE;
    for (uint32_t i = BLOCK_VARIABLES; i < COUNT_OF(block_names); i++) {
        struct slice name = slice_of(block_names[i]);
        bool whole =
            slice_starts_with(line, name) && (line.len == name.len || line.data[name.len] == ' ');
        if (!whole) continue;
        size_t words = line.len == name.len ? name.len : name.len + 1;
        page->words = (struct slice){line.data + words, line.len - words};
        return (enum block)i;
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
    enum status status = sample_read(rest, &page->zones, &page->arena, &page->sample, &why);
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

/* "name KEYS" of the fence, the table in the line. */
static void take_dictionary(struct page *page, struct slice table)
{
    struct slice name = page->words;
    struct dictionary_fault fault;
    uint32_t at = page->tables.count++;
    size_t end = find_text(name, SLICE(" "));
    enum class_id keys = CLASS_String;

    assert_true(at < COUNT_OF(page->dictionaries));
    if (end < name.len) {
        struct slice word = {name.data + end + 1, name.len - end - 1};
        assert_ok(class_find_simple(word, &keys));
    }
    name.len = end;
    assert_ok(dictionary_read(name, keys, table, &page->arena, &page->dictionaries[at], &fault));
}

/* The first labels at the caret, as many as the page lists. */
static void append_suggestions(struct page *page, struct slice marked, struct slice written,
                               struct buffer *out)
{
    size_t caret = find_text(marked, SLICE("|"));
    struct expr_scope scope = {.variables = page->sample.variables,
                               .count = page->sample.count,
                               .zones = &page->zones,
                               .dictionaries = &page->tables};
    struct complete_request request = {.scope = &scope, .caret = (uint32_t)caret};
    struct complete_answer answer;
    struct buffer text;
    uint32_t listed = 1;

    assert_true(caret < marked.len);
    buffer_init(&text, PAGE_BYTES_MAX);
    buffer_append(&text, (struct slice){marked.data, caret});
    buffer_append(&text, (struct slice){marked.data + caret + 1, marked.len - caret - 1});
    request.text = buffer_slice(&text);
    assert_ok(complete_run(&request, &page->arena, &answer));
    for (size_t i = 0; i < written.len; i++)
        listed += written.data[i] == ',';
    for (uint32_t i = 0; i < answer.count && i < listed; i++) {
        if (i > 0) buffer_append_text(out, ", ");
        buffer_append(out, answer.suggestions[i].label);
    }
    buffer_deinit(&text);
}

static void append_answer(struct page *page, enum block block, struct slice text,
                          struct buffer *out)
{
    struct sample_result result;
    bool other = block < COUNT_OF(languages);
    struct expr_source source = {.text = text,
                                 .language = other ? languages[block] : EXPR_SPEL,
                                 .dictionary = block == BLOCK_KEYS ? page->words : SLICE("")};

    assert_ok(sample_run(&page->sample, &source, 0, &page->arena, &result));
    append_result(block, &result, out);
}

static void try_example(struct page *page, enum block block, struct slice line)
{
    struct slice arrow = SLICE(" => ");
    size_t at = find_text(line, arrow);
    struct buffer given;

    if (at == line.len) fail_msg("no example: %.*s", (int)line.len, (const char *)line.data);
    struct slice text = {line.data, at};
    struct slice written = {line.data + at + arrow.len, line.len - at - arrow.len};
    buffer_init(&given, PAGE_BYTES_MAX);
    if (block == BLOCK_SUGGESTIONS) {
        append_suggestions(page, text, written, &given);
    } else {
        append_answer(page, block, text, &given);
    }
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
    assert_ok(zoneinfo_load(ZONEINFO_DIRECTORY, &page->arena, &page->zones));
    page->zones.default_id = SLICE("Europe/Warsaw");
    read_variables(page);
    page->tables.items = page->dictionaries;
    page->sample.dictionaries = &page->tables;
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
            block = block_of(&page, line, block);
        } else if (block == BLOCK_DICTIONARY) {
            take_dictionary(&page, line);
        } else if (block > BLOCK_DICTIONARY) {
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

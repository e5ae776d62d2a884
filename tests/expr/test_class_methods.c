/* test_class_methods.c - the table of what can be called, held against the original's catalogue.
 *
 * tests/data/expr/class_methods.tsv: class, static or instance, method, parameter types, type of
 * further parameters, result. Each must be a row of ours with the same parameters and result. Rows
 * whose result is a rule (@item) are held by the golden expressions.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/method.h"
#include "expr/methods/methods.h"
#include "sys/file.h"

enum { FILE_BYTES_MAX = 1024 * 1024, TEXT_MAX = 4096, FIELDS = 6 };

enum field { FIELD_CLASS, FIELD_PLACE, FIELD_NAME, FIELD_PARAMETERS, FIELD_VARIABLE, FIELD_RESULT };

/* Splits at tabs; a line has as many fields as the file says. */
static void split(struct slice line, struct slice fields[FIELDS])
{
    for (uint32_t i = 0; i < FIELDS; i++) {
        const uint8_t *tab = line.len > 0 ? memchr(line.data, '\t', line.len) : NULL;
        size_t len = tab != NULL ? (size_t)(tab - line.data) : line.len;
        fields[i] = (struct slice){line.data, len};
        size_t skip = tab != NULL ? len + 1 : len;
        line = (struct slice){line.data + skip, line.len - skip};
    }
}

/* An array of ours is displayed as a list. */
static bool same_type(const char *ours, struct slice theirs)
{
    struct slice text = slice_of(ours);

    if (text.len > 0 && text.data[0] == '@') return true;
    if (slice_starts_with(text, SLICE("Array["))) {
        size_t skip = strlen("Array");
        return slice_starts_with(theirs, SLICE("List[")) &&
               slice_equal((struct slice){text.data + skip, text.len - skip},
                           (struct slice){theirs.data + 4, theirs.len - 4});
    }
    return slice_equal(text, theirs);
}

static bool same_signature(const struct method *row, const struct slice fields[FIELDS])
{
    bool variable = row->variable == NULL
                        ? fields[FIELD_VARIABLE].len == 0
                        : slice_equal(slice_of(row->variable), fields[FIELD_VARIABLE]);

    return variable && slice_equal(slice_of(row->parameters), fields[FIELD_PARAMETERS]) &&
           same_type(row->result, fields[FIELD_RESULT]);
}

static bool have(const struct slice fields[FIELDS])
{
    enum class_id class_id;
    const struct method *row;
    bool is_static = slice_equal(fields[FIELD_PLACE], SLICE("static"));

    if (class_find_simple(fields[FIELD_CLASS], &class_id) != STATUS_OK) return false;
    enum method_place place =
        is_static && !class_is_helper(class_id) ? PLACE_STATIC : PLACE_INSTANCE;
    for (uint32_t i = 0; (row = method_find(class_id, place, fields[FIELD_NAME], i)) != NULL; i++) {
        if (same_signature(row, fields)) return true;
    }
    return false;
}

static void the_catalogue_is_complete(void **state)
{
    struct buffer path;
    struct buffer file;
    uint32_t count = 0;
    uint32_t differences = 0;

    (void)state;
    buffer_init(&path, TEXT_MAX);
    buffer_init(&file, FILE_BYTES_MAX);
    assert_ok(file_read(file_join(&path, TEST_DATA_DIR "/expr", "class_methods.tsv"), &file));
    struct slice rest = buffer_slice(&file);
    while (rest.len > 0) {
        struct slice fields[FIELDS];
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        assert_non_null(end);
        struct slice line = {rest.data, (size_t)(end - rest.data)};
        rest = (struct slice){end + 1, rest.len - line.len - 1};
        split(line, fields);
        count++;
        if (have(fields)) continue;
        differences++;
        printf("lacks %.*s\n", (int)line.len, (const char *)line.data);
    }
    printf("%u of %u methods of the original are typed alike\n", count - differences, count);
    assert_true(count > 1400);
    assert_int_equal(differences, 0);
    buffer_deinit(&file);
    buffer_deinit(&path);
}

static uint32_t rows_not_computed(uint32_t *total)
{
    const struct method *row;
    uint32_t count = 0;

    for (*total = 0; (row = method_row(*total)) != NULL; (*total)++)
        count += row->run == method_unavailable;
    return count;
}

/* docs/compatibility.md lists what is typed and not computed, by class, and says how many. */
static void the_page_counts_what_is_not_computed(void **state)
{
    struct buffer page;
    struct buffer wanted;
    uint32_t total = 0;
    uint32_t count = rows_not_computed(&total);

    (void)state;
    buffer_init(&page, FILE_BYTES_MAX);
    buffer_init(&wanted, TEXT_MAX);
    assert_ok(file_read(TEST_DATA_DIR "/../../docs/compatibility.md", &page));
    buffer_append_text(&wanted, "Of ");
    buffer_append_i64(&wanted, total);
    buffer_append_text(&wanted, " rows ");
    buffer_append_i64(&wanted, count);
    buffer_append_text(&wanted, " are typed and not computed");
    buffer_append_byte(&wanted, 0);
    buffer_append_byte(&page, 0);
    if (strstr((const char *)page.data, (const char *)wanted.data) == NULL) {
        fail_msg("docs/compatibility.md does not say: %s", (const char *)wanted.data);
    }
    buffer_deinit(&wanted);
    buffer_deinit(&page);
}

/* Hover and completion show a sentence for every row: what it gives, not where it comes from. */
static void every_row_says_what_it_gives(void **state)
{
    const struct method *row;

    (void)state;
    for (uint32_t i = 0; (row = method_row(i)) != NULL; i++) {
        bool empty = row->meaning[0] == '\0';
        if (empty || strstr(row->meaning, "as Java has it") != NULL) {
            fail_msg("%s.%s has no meaning of its own", class_infos[row->receiver].name, row->name);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_catalogue_is_complete),
                                       cmocka_unit_test(the_page_counts_what_is_not_computed),
                                       cmocka_unit_test(every_row_says_what_it_gives)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

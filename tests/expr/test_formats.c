/* test_formats.c - dates as text and back, and Java's methods, held against what JDK 17 answers.
 *
 * tests/data/expr/formats.tsv and methods.tsv: an expression, a tab, and its value's text, or "! " and
 * the message it fails with. Every pattern letter by count, five languages and regions of them, every
 * ISO formatter; every method on ordinary values and at the edges.
 */
#include "lines.h"
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"
#include "value/formatter.h"

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, ROW_BYTES_MAX = 64 * 1024 * 1024, ROW_TEXT_MAX = 4096 };

/* What was evaluated, as a row says it. */
static void answer(const struct sample_result *result, struct buffer *out)
{
    if (!result->valid) {
        buffer_append_text(out, "? ");
        buffer_append(out, result->problems.items[0].message);
    } else if (result->failed) {
        static const char head[] = "evaluation failed, message: ";
        struct slice message = result->message;
        for (size_t i = 0; i + sizeof head - 1 <= message.len; i++) {
            if (memcmp(message.data + i, head, sizeof head - 1) != 0) continue;
            size_t skip = i + sizeof head - 1;
            message = (struct slice){message.data + skip, message.len - skip};
            break;
        }
        buffer_append_text(out, "! ");
        buffer_append(out, message);
    } else {
        struct value value = result->value;
        value.flags &= (uint8_t)~VALUE_ARRAY; /* Java's arrays print as an identity */
        value_to_text(value, out);
    }
}

/* Java prints the fields of a text in the order of a hash map: such messages agree up to the brace. */
static bool agrees(struct slice ours, struct slice theirs)
{
    const uint8_t *brace = theirs.len > 0 ? memchr(theirs.data, '{', theirs.len) : NULL;
    size_t len = brace != NULL ? (size_t)(brace - theirs.data) : 0;

    if (slice_equal(ours, theirs)) return true;
    bool message =
        theirs.len > 2 && theirs.data[0] == '!' && len > 2 && theirs.data[len + 1] >= 'A';
    return message && ours.len > len && memcmp(ours.data, theirs.data, len) == 0;
}

static uint32_t check_rows(struct slice rest, uint32_t *differences)
{
    struct arena arena;
    struct arena keep;
    struct zones zones;
    struct sample sample = {.count = 0};
    struct slice line;
    uint32_t rows = 0;

    arena_init(&arena, ROW_BYTES_MAX);
    arena_init(&keep, ROW_BYTES_MAX);
    assert_ok(zoneinfo_load(ZONEINFO_DIRECTORY, &keep, &zones));
    sample.zones = &zones;
    for (; next_line(&rest, &line); rows++) {
        const uint8_t *tab = memchr(line.data, '\t', line.len);
        assert_non_null(tab);
        size_t len = (size_t)(tab - line.data);
        struct slice text = {line.data, len};
        struct slice wanted = {tab + 1, line.len - len - 1};
        struct expr_source source = {.text = text, .language = EXPR_SPEL};
        struct sample_result result;
        struct buffer ours;
        buffer_init(&ours, 4096);
        arena_reset(&arena);
        assert_ok(sample_run(&sample, &source, 0, &arena, &result));
        answer(&result, &ours);
        if (!agrees(buffer_slice(&ours), wanted)) {
            (*differences)++;
            printf("%.*s\n  wanted %.*s\n  ours   %.*s\n", (int)text.len, (const char *)text.data,
                   (int)wanted.len, (const char *)wanted.data, (int)ours.len,
                   (const char *)ours.data);
        }
        buffer_deinit(&ours);
    }
    arena_deinit(&keep);
    arena_deinit(&arena);
    return rows;
}

static void check_file(const char *name, uint32_t rows_min)
{
    struct buffer path;
    struct buffer rows;
    uint32_t differences = 0;

    buffer_init(&path, 4096);
    buffer_init(&rows, FILE_BYTES_MAX);
    assert_ok(file_read(file_join(&path, TEST_DATA_DIR "/expr", name), &rows));
    uint32_t count = check_rows(buffer_slice(&rows), &differences);
    buffer_deinit(&rows);
    buffer_deinit(&path);
    printf("%s: %u of %u rows agree\n", name, count - differences, count);
    assert_true(count >= rows_min);
    assert_int_equal(differences, 0);
}

static void formats_as_java_does(void **state)
{
    (void)state;
    check_file("formats.tsv", 1500);
}

static void methods_answer_as_java_does(void **state)
{
    (void)state;
    check_file("methods.tsv", 3000);
}

static const struct {
    const char *pattern;
    const char *locale;
    const char *zone;
    bool summer;
    const char *text;
} zone_rows[] = {
    {"z", "en-US", "Europe/Warsaw", false, "CET"},
    {"z", "pl-PL", "Europe/Warsaw", true, "CEST"},
    {"z", "de", "Europe/Warsaw", true, "MESZ"},
    {"zzzz", "en", "Europe/Warsaw", true, "Central European Summer Time"},
    {"zzzz", "pl", "America/New_York", true, "czas wschodnioamerykański letni"},
    {"v", "en", "America/New_York", true, "ET"},
    {"vvvv", "en", "Asia/Kolkata", false, "India Time"},
    {"z", "en", "Asia/Kolkata", true, "IST"},
    {"zzzz", "pl", "UTC", false, "uniwersalny czas koordynowany"},
    {"z", "en", "+02:00", false, "+02:00"},
    {"VV", "en", "Europe/Warsaw", false, "Europe/Warsaw"},
    {"'['VV']' z", "en", "GMT+02:00", false, "[GMT+02:00] GMT+02:00"},
};

static void check_zone_row(size_t row, struct arena *arena, struct buffer *out)
{
    struct temporal_fields fields = {.zone = slice_of(zone_rows[row].zone),
                                     .summer = zone_rows[row].summer};
    const struct formatter *formatter = NULL;
    struct slice pattern = slice_of(zone_rows[row].pattern);
    struct locale locale;
    struct fault fault = {.len = 0};

    assert_ok(locale_from_tag(slice_of(zone_rows[row].locale), &locale));
    assert_ok(formatter_compile(pattern, &locale, false, arena, &formatter, &fault));
    assert_ok(formatter_print(formatter, &fields, out, &fault));
    assert_slice_equal(buffer_slice(out), slice_of(zone_rows[row].text));
}

static void zones_have_their_names(void **state)
{
    struct arena arena;
    struct buffer out;

    (void)state;
    arena_init(&arena, ROW_BYTES_MAX);
    buffer_init(&out, ROW_TEXT_MAX);
    for (size_t i = 0; i < COUNT_OF(zone_rows); i++) {
        buffer_clear(&out);
        check_zone_row(i, &arena, &out);
    }
    buffer_deinit(&out);
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(formats_as_java_does),
                                       cmocka_unit_test(methods_answer_as_java_does),
                                       cmocka_unit_test(zones_have_their_names)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

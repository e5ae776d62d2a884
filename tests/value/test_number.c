/* test_number.c - numbers, held against what Java 17 printed for the same operations. */
#include "test.h"
#include "value/decimal.h"
#include "value/number.h"

static struct arena arena;
static struct buffer out;

static struct slice taken(void)
{
    struct slice text = buffer_slice(&out);

    assert_false(out.failed);
    out.len = 0;
    return text;
}

/* --- rows of a data file ------------------------------------------------------------------------- */

enum { LINE_MAX_BYTES = 8192, WORDS_MAX = 32 };

struct row {
    char line[LINE_MAX_BYTES];
    char *words[WORDS_MAX];
    size_t count;
};

static bool row_read(FILE *file, struct row *row)
{
    char *rest = NULL;

    row->count = 0;
    if (fgets(row->line, sizeof(row->line), file) == NULL) return false;
    for (char *word = strtok_r(row->line, " \n", &rest); word != NULL;
         word = strtok_r(NULL, " \n", &rest)) {
        assert_true(row->count < WORDS_MAX);
        row->words[row->count++] = word;
    }
    return true;
}

static FILE *data_open(const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/value/%s", TEST_DATA_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    return file;
}

/* --- binary numbers ------------------------------------------------------------------------------ */

static void check_double(uint64_t bits, const char *text)
{
    double number;
    double parsed;

    memcpy(&number, &bits, sizeof(number));
    number_double_to_text(number, &out);
    assert_slice_equal(taken(), slice_of(text));
    assert_ok(number_parse_double(slice_of(text), &parsed));
    assert_memory_equal(&parsed, &number, sizeof(number));
}

static void check_float(uint32_t bits, const char *text)
{
    float number;
    float parsed;

    memcpy(&number, &bits, sizeof(number));
    number_float_to_text(number, &out);
    assert_slice_equal(taken(), slice_of(text));
    assert_ok(number_parse_float(slice_of(text), &parsed));
    assert_memory_equal(&parsed, &number, sizeof(number));
}

static void digits_are_those_of_java_17(void **state)
{
    FILE *file = data_open("java17_digits.txt");
    static struct row row;
    size_t rows = 0;

    (void)state;
    for (; row_read(file, &row); rows++) {
        uint64_t bits = strtoull(row.words[1], NULL, 16);

        if (row.words[0][0] == 'd') {
            check_double(bits, row.words[2]);
        } else {
            check_float((uint32_t)bits, row.words[2]);
        }
    }
    (void)fclose(file);
    assert_true(rows > 300);
}

static const struct {
    const char *about;
    const char *text;
    enum status status;
    double number;
} doubles[] = {
    {"a midpoint goes to the even neighbour", "9007199254740993", STATUS_OK, 9007199254740992.0},
    {"one more digit decides it", "9007199254740993.00000000000000000001", STATUS_OK,
     9007199254740994.0},
    {"half of the smallest is zero", "2.4703282292062327e-324", STATUS_OK, 0},
    {"a little more than half is the smallest", "2.4703282292062328e-324", STATUS_OK, 0x1p-1074},
    {"the border to the subnormals", "2.2250738585072011e-308", STATUS_OK, 0x0.fffffffffffffp-1022},
    {"beyond the largest", "1.8e308", STATUS_OK, __builtin_inf()},
    {"an absurd exponent", "1e999999999999999999999", STATUS_OK, __builtin_inf()},
    {"an absurd negative exponent", "1e-999999999999999999999", STATUS_OK, 0},
    {"zero however it is scaled", "0e999999999", STATUS_OK, 0},
    {"point first", ".5", STATUS_OK, 0.5},
    {"point last", "5.", STATUS_OK, 5},
    {"spaces around and a suffix", "  +12d\n", STATUS_OK, 12},
    {"infinity by name", "-Infinity", STATUS_OK, -__builtin_inf()},
    {"nothing", "", STATUS_INVALID, 0},
    {"only a point", ".", STATUS_INVALID, 0},
    {"exponent without digits", "1e", STATUS_INVALID, 0},
    {"two points", "1.2.3", STATUS_INVALID, 0},
    {"words", "twelve", STATUS_INVALID, 0},
    {"inside spaces", "1 2", STATUS_INVALID, 0},
};

static void text_becomes_the_nearest_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(doubles); i++) {
        double number = 0;

        assert_int_equal(number_parse_double(slice_of(doubles[i].text), &number),
                         doubles[i].status);
        assert_true(number == doubles[i].number);
    }
}

/* 1100 digits: the last one lies behind everything that is kept. */
static void digits_beyond_the_kept_ones_still_decide(void **state)
{
    char text[1200] = "9007199254740993.";
    double number;

    (void)state;
    memset(text + 17, '0', 1100);
    assert_ok(number_parse_double(slice_of(text), &number));
    assert_true(number == 9007199254740992.0);
    text[17 + 1099] = '1';
    assert_ok(number_parse_double(slice_of(text), &number));
    assert_true(number == 9007199254740994.0);
}

/* --- JSON's tower --------------------------------------------------------------------------------- */

static const struct {
    const char *about;
    const char *text;
    enum value_kind kind;
    const char *printed;
} json_numbers[] = {
    {"zero", "0", VALUE_INTEGER, "0"},
    {"minus zero is zero", "-0", VALUE_INTEGER, "0"},
    {"also with a point", "-0.0", VALUE_INTEGER, "0"},
    {"also with an exponent", "0e400", VALUE_INTEGER, "0"},
    {"a whole value with a point", "1.0", VALUE_INTEGER, "1"},
    {"a whole value with an exponent", "1.5e1", VALUE_INTEGER, "15"},
    {"zeros taken away by an exponent", "1000e-3", VALUE_INTEGER, "1"},
    {"the largest Integer", "2147483647", VALUE_INTEGER, "2147483647"},
    {"one more is Long", "2147483648", VALUE_LONG, "2147483648"},
    {"the smallest Integer", "-2147483648", VALUE_INTEGER, "-2147483648"},
    {"one less is Long", "-2147483649", VALUE_LONG, "-2147483649"},
    {"an instant in milliseconds", "1732000001000", VALUE_LONG, "1732000001000"},
    {"the largest Long", "9223372036854775807", VALUE_LONG, "9223372036854775807"},
    {"the smallest Long", "-9223372036854775808", VALUE_LONG, "-9223372036854775808"},
    {"one more is BigDecimal", "9223372036854775808", VALUE_BIG_DECIMAL, "9223372036854775808"},
    {"Long by exponent", "9e18", VALUE_LONG, "9000000000000000000"},
    {"too much by exponent", "1e19", VALUE_BIG_DECIMAL, "1E+19"},
    {"a fraction", "1.5", VALUE_BIG_DECIMAL, "1.5"},
    {"the scale is kept", "100.50", VALUE_BIG_DECIMAL, "100.50"},
    {"a long fraction", "0.1234567890123456789012345", VALUE_BIG_DECIMAL,
     "0.1234567890123456789012345"},
    {"small", "1e-7", VALUE_BIG_DECIMAL, "1E-7"},
    {"a huge exponent stays an exponent", "1e400", VALUE_BIG_DECIMAL, "1E+400"},
    {"digits and exponent", "-12.5e-100", VALUE_BIG_DECIMAL, "-1.25E-99"},
};

static void json_numbers_take_the_smallest_class(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(json_numbers); i++) {
        struct value number;

        assert_ok(number_from_json(slice_of(json_numbers[i].text), &arena, &number));
        assert_string_equal(value_kind_name(number.kind), value_kind_name(json_numbers[i].kind));
        value_to_text(number, &out);
        assert_slice_equal(taken(), slice_of(json_numbers[i].printed));
    }
}

static void numbers_beyond_the_limits_are_refused(void **state)
{
    static char digits[BIG_DIGITS_MAX + 2];
    struct value number;

    (void)state;
    assert_int_equal(number_from_json(SLICE("1e1000001"), &arena, &number), STATUS_LIMIT);
    assert_int_equal(number_from_json(SLICE("1e-99999999999999999999"), &arena, &number),
                     STATUS_LIMIT);
    memset(digits, '9', sizeof(digits) - 1);
    assert_int_equal(number_from_json(slice_of(digits), &arena, &number), STATUS_LIMIT);
    digits[BIG_DIGITS_MAX] = 0;
    assert_ok(number_from_json(slice_of(digits), &arena, &number));
    value_to_text(number, &out);
    assert_slice_equal(taken(), slice_of(digits));
    struct value square;
    assert_int_equal(decimal_multiply(number, number, &arena, &square), STATUS_LIMIT);
    struct value far = decimal_of(1, 1000000);
    assert_int_equal(decimal_add(decimal_of(1, 0), far, &arena, &square), STATUS_LIMIT);
    assert_int_equal(decimal_multiply(far, far, &arena, &square), STATUS_LIMIT);
    assert_int_equal(decimal_compare(far, decimal_of(1, 999999)), -1);
    arena_reset(&arena);
}

/* --- BigDecimal and BigInteger -------------------------------------------------------------------- */

/* Columns of java17_decimals.txt. */
enum {
    LEFT,
    RIGHT,
    SCALE,
    ROUNDING,
    TEXT,
    PLAIN,
    SUM,
    DIFFERENCE,
    PRODUCT,
    QUOTIENT,
    REMAINDER,
    ORDER,
    RESCALED,
    STRIPPED,
    INTEGER,
    DOUBLE,
    FROM_DOUBLE,
    PRECISION,
    INTEGER_DOUBLE,
    GCD,
    INTEGER_QUOTIENT,
    INTEGER_REMAINDER,
    POWER,
    LONG,
    INTEGER_ORDER,
    COLUMN_COUNT
};

static void assert_decimal(const struct row *row, size_t column, struct value number)
{
    value_to_text(number, &out);
    assert_slice_equal(taken(), slice_of(row->words[column]));
}

static void check_decimals(const struct row *row, struct value left, struct value right)
{
    int32_t scale = atoi(row->words[SCALE]);
    enum rounding rounding = (enum rounding)atoi(row->words[ROUNDING]);
    struct value result;

    assert_decimal(row, TEXT, left);
    decimal_to_plain(left, &out);
    assert_slice_equal(taken(), slice_of(row->words[PLAIN]));
    assert_ok(decimal_add(left, right, &arena, &result));
    assert_decimal(row, SUM, result);
    assert_ok(decimal_subtract(left, right, &arena, &result));
    assert_decimal(row, DIFFERENCE, result);
    assert_ok(decimal_multiply(left, right, &arena, &result));
    assert_decimal(row, PRODUCT, result);
    assert_int_equal(decimal_compare(left, right), atoi(row->words[ORDER]));
    assert_ok(decimal_rescale(left, scale, rounding, &arena, &result));
    assert_decimal(row, RESCALED, result);
    assert_ok(decimal_strip(left, &arena, &result));
    assert_decimal(row, STRIPPED, result);
    assert_true(decimal_to_double(left) == strtod(row->words[DOUBLE], NULL));
    assert_ok(decimal_from_double(decimal_to_double(left), &arena, &result));
    assert_decimal(row, FROM_DOUBLE, result);
    assert_int_equal(decimal_precision(left), atoi(row->words[PRECISION]));
    if (decimal_sign(right) == 0) {
        assert_int_equal(decimal_divide(left, right, scale, rounding, &arena, &result),
                         STATUS_INVALID);
        return;
    }
    assert_ok(decimal_divide(left, right, scale, rounding, &arena, &result));
    assert_decimal(row, QUOTIENT, result);
    assert_ok(decimal_remainder(left, right, &arena, &result));
    assert_decimal(row, REMAINDER, result);
}

static void check_integers(const struct row *row, struct value left, struct value right)
{
    int scale = atoi(row->words[SCALE]);
    struct value result;
    struct value rest;

    assert_decimal(row, INTEGER, left);
    assert_true(big_to_double(left) == strtod(row->words[INTEGER_DOUBLE], NULL));
    assert_ok(big_gcd(left, right, &arena, &result));
    assert_decimal(row, GCD, result);
    assert_ok(big_power(left, scale < 0 ? 0 : (uint32_t)scale, &arena, &result));
    assert_decimal(row, POWER, result);
    assert_true(big_is_canonical(result));
    assert_true(big_to_i64_wrapped(left) == strtoll(row->words[LONG], NULL, 10));
    assert_int_equal(big_compare(left, right), atoi(row->words[INTEGER_ORDER]));
    if (big_sign(right) == 0) {
        assert_int_equal(big_divide(left, right, &arena, &result, &rest), STATUS_INVALID);
        return;
    }
    assert_ok(big_divide(left, right, &arena, &result, &rest));
    assert_decimal(row, INTEGER_QUOTIENT, result);
    assert_decimal(row, INTEGER_REMAINDER, rest);
}

static void decimals_compute_as_java_17(void **state)
{
    FILE *file = data_open("java17_decimals.txt");
    static struct row row;
    size_t rows = 0;

    (void)state;
    for (; row_read(file, &row); rows++) {
        struct value left;
        struct value right;
        struct value left_big;
        struct value right_big;

        assert_int_equal(row.count, COLUMN_COUNT);
        assert_ok(decimal_parse(slice_of(row.words[LEFT]), &arena, &left));
        assert_ok(decimal_parse(slice_of(row.words[RIGHT]), &arena, &right));
        check_decimals(&row, left, right);
        assert_ok(decimal_to_big(left, &arena, &left_big));
        assert_ok(decimal_to_big(right, &arena, &right_big));
        check_integers(&row, left_big, right_big);
        arena_reset(&arena);
    }
    (void)fclose(file);
    assert_true(rows >= 60);
}

static void edges_of_64_bits_stay_canonical(void **state)
{
    struct value smallest = big_from_i64(INT64_MIN);
    struct value result;
    struct value rest;

    (void)state;
    assert_ok(big_negate(smallest, &arena, &result));
    assert_true((result.flags & VALUE_WIDE) != 0 && big_is_canonical(result));
    assert_ok(big_negate(result, &arena, &result));
    assert_true((result.flags & VALUE_WIDE) == 0 && result.i64 == INT64_MIN);
    assert_ok(big_divide(smallest, big_from_i64(-1), &arena, &result, &rest));
    value_to_text(result, &out);
    assert_slice_equal(taken(), SLICE("9223372036854775808"));
    assert_true(rest.i64 == 0);
    assert_ok(big_subtract(result, big_from_i64(1), &arena, &result));
    assert_true((result.flags & VALUE_WIDE) == 0 && result.i64 == INT64_MAX);
    assert_ok(big_shift_left(big_from_i64(-3), 200, &arena, &result));
    value_to_text(result, &out);
    assert_slice_equal(taken(),
                       SLICE("-4820814132776970826625886277023487807566608981348378505904128"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_are_those_of_java_17),
        cmocka_unit_test(text_becomes_the_nearest_double),
        cmocka_unit_test(digits_beyond_the_kept_ones_still_decide),
        cmocka_unit_test(json_numbers_take_the_smallest_class),
        cmocka_unit_test(numbers_beyond_the_limits_are_refused),
        cmocka_unit_test(decimals_compute_as_java_17),
        cmocka_unit_test(edges_of_64_bits_stay_canonical),
    };

    arena_init(&arena, 64 << 20);
    buffer_init(&out, 1 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_expr_bounds.c - what makes patterns, numbers, texts and lists explode, each with its end: the limit that it meets,
 * by name, or a value.
 */
#include "ends.h"

static const struct ending bounds[] = {
    /* patterns made to explode */
    {EXPR_SPEL, "#str matches '(a+)+$'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(a|aa)+[bc]'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(a|a)*b'", GIVES, "false"},
    {EXPR_SPEL, "#str matches '^(([a-z])+.)+[A-Z]([a-z])+$'", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '(.*a){20}b'", GIVES, "false"},
    {EXPR_SPEL, "#str.replaceAll('(a*)*b', 'x')", GIVES, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
    {EXPR_SPEL, "#str.split('(a|aa)+$')", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str.replaceAll('(x+x+)+y', '')", GIVES, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
    {EXPR_SPEL, "#UTIL.split(#str, '(a|aa)+$')", FAILS,
     "The pattern takes too many steps on this text; write it without repetitions inside of "
     "repetitions"},
    {EXPR_SPEL, "#str matches '((((((((((a{1,100}){1,100}){1,100}){1,100}){1,100}))))))'", FAILS,
     "EL1018E: Pattern is not valid '((((((((((a{1,100}){1,100}){1,100}){1,100}){1,100}))))))'"},
    {EXPR_SPEL, "#str matches '(?R)'", FAILS,
     "The pattern uses what Java's patterns do not have: (?R)"},
    {EXPR_SPEL, "#str matches '(?C1)a'", FAILS,
     "The pattern uses what Java's patterns do not have: (?C1)a"},
    {EXPR_SPEL, "#str matches '(?{1})a'", FAILS, "EL1018E: Pattern is not valid '(?{1})a'"},
    {EXPR_SPEL, "#str.replaceAll('a', '$9')", FAILS, "No group 9"},
    /* huge numbers */
    {EXPR_SPEL, "#dec ^ 1000000000", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "2 ^ 2000000000", GIVES, "9223372036854775807"},
    {EXPR_SPEL, "2.0 ^ 2000000000", GIVES, "Infinity"},
    {EXPR_SPEL, "'1e999999999'.toBigDecimal() + 1", FAILS,
     "The number 1e999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e-999999999'.toBigDecimal() * '1e-999999999'.toBigDecimal()", FAILS,
     "The number 1e-999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000000'.toBigDecimal().toBigInteger()", FAILS,
     "The number 1e2000000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000000'.toBigDecimal().toPlainString()", FAILS,
     "The number 1e2000000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before "
     "or behind the point"},
    {EXPR_SPEL, "'1e99999999999'.toBigDecimal()", FAILS,
     "Cannot cast or convert value: 1e99999999999 to: 'BigDecimal'"},
    {EXPR_SPEL, "#dec.pow(999999999)", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "T(java.math.BigInteger).valueOf(2L).pow(2000000000)", FAILS,
     "The result is beyond a limit of numbers: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "#NUMERIC.pow(10, 400)", GIVES, "Infinity"},
    {EXPR_SPEL, "'1e2000000'.canBeBigDecimal", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "'1e2000000'.toBigDecimalOrNull", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "'1e25000'.toBigDecimal", FAILS,
     "The number 1e25000 is beyond a limit: at most 19000 digits, at most 1000000 places before or "
     "behind the point"},
    {EXPR_SPEL, "#CONV.toJson('1e99999999999')", FAILS,
     "The number 1e99999999999 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before or behind the point"},
    {EXPR_SPEL, "#CONV.toJson('{\"a\":[1e2000000]}')['a'][0]", FAILS,
     "The number 1e2000000 is beyond a limit: at most 19000 digits, at most 1000000 places before "
     "or behind the point"},
    {EXPR_SPEL, "#CONV.toJson('{\"a\":-1e-2000000}')['a']", FAILS,
     "The number -1e-2000000 is beyond a limit: at most 19000 digits, at most 1000000 places "
     "before or behind the point"},
    /* what once overflowed or reckoned with a null pointer; the sanitizers look on */
    {EXPR_SPEL, "T(java.lang.Byte).MAX_VALUE.compareTo(#long)", FAILS,
     "EL1001E: Type conversion problem, cannot convert from java.lang.Long to java.lang.Byte"},
    {EXPR_SPEL, "#date.minusDays(#long)", FAILS, "long overflow"},
    {EXPR_SPEL,
     "T(java.time.LocalDateTime).ofEpochSecond(#long, 0, T(java.time.ZoneOffset).UTC).toString",
     FAILS,
     "Invalid value for EpochDay (valid values -365243219162 - 365241780471): -106751991167301"},
    {EXPR_SPEL, "''.to('LocalDate')", FAILS, "Cannot cast or convert value:  to: 'LocalDate'"},
    {EXPR_SPEL, "''.to('Double')", FAILS, "Cannot cast or convert value:  to: 'Double'"},
    {EXPR_SPEL, "{:}.toString", GIVES, "{}"},
    /* huge texts and lists */
    {EXPR_SPEL, "#str * 1000000", REFUSED,
     "Operator '*' used with mismatch types: String and Integer(1000000)"},
    {EXPR_SPEL, "'x'.repeat(2000000000)", REFUSED, "Unknown method 'repeat' in String"},
    {EXPR_SPEL, "T(String).format('%2000000000s', 'x')", FAILS,
     "The directive %2000000000s is beyond a limit: a width of at most 1000, a precision of at "
     "most 100"},
    {EXPR_SPEL, "T(String).format('a %1$-2000d b', 1)", FAILS,
     "The directive %1$-2000d is beyond a limit: a width of at most 1000, a precision of at most "
     "100"},
    {EXPR_SPEL, "T(String).format('%.2000000000f', 1.0)", FAILS,
     "The directive %.2000000000f is beyond a limit: a width of at most 1000, a precision of at "
     "most 100"},
    {EXPR_SPEL,
     "#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str)",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', #str).split('a')",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#many.![#many.![#many.![#many.![1]]]]", FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "#many.![#many.![#many.![#many]]]", GIVES,
     "[[[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 ... 9795280 bytes"},
    {EXPR_SPEL,
     "#many.![#str.replaceAll('a', #str).replaceAll('a', #str)].![#this + #this + #this]", FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL,
     "#COLLECTION.join(#many.![#many.![#str]], #str.replaceAll('a', #str).replaceAll('a', #str))",
     GIVES, "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, a ... 1375175 bytes"},
    {EXPR_SPEL,
     "#COLLECTION.product(#many.![{a: #this}], #COLLECTION.product(#many.![{b: #this}], "
     "#COLLECTION.product(#many.![{c: #this}], #many.![{d: #this}])))",
     FAILS,
     "The expression needs too much memory, the limit is 4194304 bytes; build shorter texts and "
     "lists"},
    {EXPR_SPEL, "new int[2000000000]", REFUSED, "Cannot create instance of unknown class int"},
    {EXPR_SPEL,
     "#CONV.toJson('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
     "[[[[[[[[[[[[[[[[[[[[[')",
     FAILS, "The JSON text goes beyond a limit: nested too deeply"},
    {EXPR_SPEL,
     "#BASE64.encode(#str.replaceAll('a', #str).replaceAll('a', #str).replaceAll('a', "
     "#str).replaceAll('a', #str))",
     FAILS,
     "The expression takes too many steps, the limit is 1000000; walk shorter lists, or raise "
     "engine.fuel"},
    {EXPR_SPEL, "T(java.time.LocalDate).of(2000, 1, 1).plusYears(9000000000L)", FAILS,
     "Invalid value for Year (valid values -999999999 - 999999999): 9000002000"},
    {EXPR_SPEL, "T(java.time.Duration).ofDays(9000000000000000L)", FAILS, "long overflow"},
};

static void what_explodes_meets_a_limit(void **state)
{
    (void)state;
    assert_endings(bounds, COUNT_OF(bounds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_explodes_meets_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_model_time.c - times of calls: as texts, as features, and the logarithms they are made with. */
#include <math.h>

#include "golden.h"
#include "model/number_text.h"
#include "model/slirec_time.h"
#include "test.h"

static void history_line(void *context, const struct document *line, struct arena *arena)
{
    enum { EVENTS_MAX = 1000 };
    static double times[EVENTS_MAX];
    static double from_first[EVENTS_MAX];
    static double to_now[EVENTS_MAX];
    static double wanted_first[EVENTS_MAX];
    static double wanted_now[EVENTS_MAX];
    uint32_t now = document_member(line, 0, SLICE("now"));
    double *worst = context;

    (void)arena;
    if (line->nodes[now].kind != DOCUMENT_NUMBER) return; /* the graph-only case has none */
    uint32_t count = golden_numbers(line, "timestamps", times, EVENTS_MAX);
    assert_int_equal(count,
                     golden_numbers(line, "time_from_first_action", wanted_first, EVENTS_MAX));
    assert_int_equal(count, golden_numbers(line, "time_to_now", wanted_now, EVENTS_MAX));
    slirec_times(SLIREC_DAYS, times, count, golden_number(line, now), from_first, to_now);
    for (uint32_t i = 0; i < count; i++) {
        assert_true((float)from_first[i] == (float)wanted_first[i]);
        assert_true((float)to_now[i] == (float)wanted_now[i]);
        *worst = fmax(*worst, fabs(from_first[i] - wanted_first[i]));
        *worst = fmax(*worst, fabs(to_now[i] - wanted_now[i]));
    }
}

static void time_features_are_the_parsers(void **state)
{
    double worst = 0.0;

    (void)state;
    golden_lines("histories.jsonl", history_line, &worst);
    print_message("  time features: worst %.1e\n", worst);
    assert_true(worst <= 4e-15);
}

static void log_and_exp_are_those_of_the_library(void **state)
{
    (void)state;
    for (int i = -200; i < 500; i++) {
        double x = pow(1.0771, i);

        assert_true(fabs(slirec_log(x) - log(x)) <= 4e-16 * fmax(1.0, fabs(log(x))));
    }
    for (int i = -2000; i < 2000; i++)
        assert_true(fabs(slirec_exp(0.317 * i) / exp(0.317 * i) - 1.0) <= 1e-15);
    assert_true(slirec_log(0.5) == SLIREC_TIME_FLOOR);
    assert_true(slirec_log(1.0) == 0.0);
}

static const struct {
    const char *about;
    const char *text;
    bool number;
    double value;
} numbers[] = {
    {"whole seconds", "1794999980", true, 1794999980.0},
    {"milliseconds", "1794999980123", true, 1794999980123.0},
    {"a fraction", "1794999980.25", true, 1794999980.25},
    {"an exponent", "1.5e3", true, 1500.0},
    {"a negative one", "-0.5E+1", true, -5.0},
    {"spaces around", " 7 ", true, 7.0},
    {"beyond the end of time", "1e300", true, 1e15},
    {"many digits", "0000000000000000000000000000123", true, 123.0},
    {"nothing", "", false, 0},
    {"a point", ".", false, 0},
    {"a word", "now", false, 0},
    {"text after it", "12s", false, 0},
    {"an empty exponent", "1e", false, 0},
    {"no number", "nan", false, 0},
    {"hexadecimal", "0x10", false, 0},
};

static void timestamps_are_decimal_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        double value = 0.0;

        if (number_text(slice_of(numbers[i].text), &value) != numbers[i].number ||
            value != numbers[i].value) {
            fail_msg("%s: \"%s\" gave %.17g", numbers[i].about, numbers[i].text, value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_features_are_the_parsers),
        cmocka_unit_test(log_and_exp_are_those_of_the_library),
        cmocka_unit_test(timestamps_are_decimal_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_zoneinfo.c - the system's zone tables: clock changes of two zones against the days their laws name, by
 * the tables and behind them by the rule; broken tables are refused.
 *
 * source  Directive 2000/84/EC (last Sundays of March and October, 01:00 UTC); Energy Policy Act of 2005
 *         (second Sunday of March, first of November, 02:00 local time)
 */
#include "test.h"

#include "codec/tzif.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"
#include "value/temporal.h"

enum { HOUR = 3600 };

static struct arena arena;
static struct zones zones;

static int64_t seconds_of(int32_t year, int32_t month, int32_t day, int32_t minute_of_day)
{
    struct civil_date date = {.year = year, .month = month, .day = day};

    return days_from_civil(date) * 86400 + (int64_t)minute_of_day * 60;
}

static struct zone zone_named(const char *id)
{
    struct zone_id_room room;
    struct zone zone;

    assert_int_equal(zone_read(&zones, slice_of(id), &room, &zone), ZONE_GOOD);
    return zone;
}

#define WARSAW   "Europe/Warsaw"
#define NEW_YORK "America/New_York"

static const struct {
    const char *zone;
    int32_t year, month, day, minute;
    enum zone_fit fit;
    int32_t before, after; /* hours */
} clocks[] = {
    {WARSAW, 2024, 3, 31, 119, ZONE_UNIQUE, 1, 1},
    {WARSAW, 2024, 3, 31, 120, ZONE_GAP, 1, 2},
    {WARSAW, 2024, 3, 31, 179, ZONE_GAP, 1, 2},
    {WARSAW, 2024, 3, 31, 180, ZONE_UNIQUE, 2, 2},
    {WARSAW, 2024, 10, 27, 119, ZONE_UNIQUE, 2, 2},
    {WARSAW, 2024, 10, 27, 120, ZONE_OVERLAP, 2, 1},
    {WARSAW, 2024, 10, 27, 179, ZONE_OVERLAP, 2, 1},
    {WARSAW, 2024, 10, 27, 180, ZONE_UNIQUE, 1, 1},
    {NEW_YORK, 2024, 3, 10, 119, ZONE_UNIQUE, -5, -5},
    {NEW_YORK, 2024, 3, 10, 120, ZONE_GAP, -5, -4},
    {NEW_YORK, 2024, 3, 10, 180, ZONE_UNIQUE, -4, -4},
    {NEW_YORK, 2024, 11, 3, 59, ZONE_UNIQUE, -4, -4},
    {NEW_YORK, 2024, 11, 3, 60, ZONE_OVERLAP, -4, -5},
    {NEW_YORK, 2024, 11, 3, 120, ZONE_UNIQUE, -5, -5},
    /* The last year in the tables, and years only the rule knows. */
    {WARSAW, 2037, 3, 29, 150, ZONE_GAP, 1, 2},
    {WARSAW, 2037, 10, 25, 150, ZONE_OVERLAP, 2, 1},
    {WARSAW, 2038, 3, 28, 150, ZONE_GAP, 1, 2},
    {WARSAW, 2100, 10, 31, 150, ZONE_OVERLAP, 2, 1},
    {NEW_YORK, 2037, 3, 8, 150, ZONE_GAP, -5, -4},
    {NEW_YORK, 2038, 3, 14, 150, ZONE_GAP, -5, -4},
    {NEW_YORK, 2100, 11, 7, 90, ZONE_OVERLAP, -4, -5},
    {"UTC", 2024, 3, 31, 150, ZONE_UNIQUE, 0, 0},
};

static void a_clock_time_has_its_offsets(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(clocks); i++) {
        struct zone zone = zone_named(clocks[i].zone);
        int64_t local =
            seconds_of(clocks[i].year, clocks[i].month, clocks[i].day, clocks[i].minute);
        struct zone_local found = zone_local(&zone, local);
        if (found.fit != clocks[i].fit || found.before != clocks[i].before * HOUR ||
            found.after != clocks[i].after * HOUR) {
            fail_msg("row %zu, %s: fit %d, %d to %d", i, clocks[i].zone, (int)found.fit,
                     found.before, found.after);
        }
    }
}

static void a_gap_moves_the_clock_and_an_overlap_prefers(void **state)
{
    struct zone zone = zone_named(WARSAW);
    int64_t gap = seconds_of(2024, 3, 31, 150);
    int64_t overlap = seconds_of(2024, 10, 27, 150);
    int64_t asked = overlap;

    (void)state;
    assert_int_equal(zone_resolve(&zone, &gap, HOUR), 2 * HOUR);
    assert_true(gap == seconds_of(2024, 3, 31, 210));
    assert_int_equal(zone_resolve(&zone, &asked, 0), 2 * HOUR);
    assert_int_equal(zone_resolve(&zone, &asked, HOUR), HOUR);
    assert_true(asked == overlap);
}

static void a_moment_has_one_offset(void **state)
{
    struct zone zone = zone_named(NEW_YORK);
    int64_t spring = seconds_of(2024, 3, 10, 7 * 60);
    int64_t autumn = seconds_of(2100, 11, 7, 6 * 60);

    (void)state;
    assert_int_equal(zone_offset_at(&zone, spring - 1), -5 * HOUR);
    assert_int_equal(zone_offset_at(&zone, spring), -4 * HOUR);
    assert_int_equal(zone_offset_at(&zone, autumn - 1), -4 * HOUR);
    assert_int_equal(zone_offset_at(&zone, autumn), -5 * HOUR);
}

static void a_table_cut_short_is_refused(void **state)
{
    struct buffer bytes;
    struct zone zone;

    (void)state;
    buffer_init(&bytes, 1 << 20);
    assert_ok(file_read(ZONEINFO_DIRECTORY "/" WARSAW, &bytes));
    assert_ok(tzif_read(buffer_slice(&bytes), &arena, &zone));
    for (size_t len = 0; len < bytes.len; len++) {
        struct slice cut = {bytes.data, len};
        if (tzif_read(cut, &arena, &zone) != STATUS_INVALID)
            fail_msg("%zu of %zu bytes are taken", len, bytes.len);
    }
    buffer_deinit(&bytes);
}

static void a_broken_rule_is_refused(void **state)
{
    static const char *const broken[] = {
        "",
        "CET",
        "CET-",
        "<+01-1",
        "CET-1CEST",
        "C1E",
        "CET-1CEST,M3",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-19",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J300",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
    };
    struct zone zone = {0};

    (void)state;
    assert_ok(tzif_read_rule(SLICE("CET-1CEST,M3.5.0,M10.5.0/3"), &zone));
    assert_ok(tzif_read_rule(SLICE("<+0330>-3:30"), &zone));
    assert_int_equal(zone.standard, 3 * HOUR + 1800);
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        if (tzif_read_rule(slice_of(broken[i]), &zone) != STATUS_INVALID)
            fail_msg("\"%s\" is taken", broken[i]);
    }
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 256 << 20);
    return zoneinfo_load(ZONEINFO_DIRECTORY, &arena, &zones) == STATUS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_time_has_its_offsets),
        cmocka_unit_test(a_gap_moves_the_clock_and_an_overlap_prefers),
        cmocka_unit_test(a_moment_has_one_offset),
        cmocka_unit_test(a_table_cut_short_is_refused),
        cmocka_unit_test(a_broken_rule_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}

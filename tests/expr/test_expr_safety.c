/* test_expr_safety.c - programs of any shape end within their limits.
 *
 * Seeded programs (programs.h): 20,000 in the usual run, 1,000,000 with HEADRACE_LONG=1;
 * HEADRACE_SEED=n and HEADRACE_SHOW=1 print the one program of a seed.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/sample.h"
#include "plain.h"
#include "programs.h"

enum {
    PROGRAMS = 20000,
    PROGRAMS_LONG = 1000000,
    FUEL = 50000,
    LITTLE_FUEL = 40,
    RESULT_BYTES_MAX = 1024 * 1024,
    CALL_BYTES_MAX = 16 * 1024 * 1024
};

struct fixture {
    struct arena arena; /* the variables */
    struct arena call;  /* one program */
    struct sample sample;
    struct programs programs;
    struct buffer shown;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct slice why;

    assert_non_null(fixture);
    arena_init(&fixture->arena, CALL_BYTES_MAX);
    arena_init(&fixture->call, CALL_BYTES_MAX);
    programs_init(&fixture->programs);
    buffer_init(&fixture->shown, (size_t)RESULT_BYTES_MAX * 8);
    assert_ok(
        sample_read(slice_of(program_variables), NULL, &fixture->arena, &fixture->sample, &why));
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    arena_deinit(&fixture->arena);
    arena_deinit(&fixture->call);
    programs_deinit(&fixture->programs);
    buffer_deinit(&fixture->shown);
    free(fixture);
    return 0;
}

static bool contains(struct slice text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) return true;
    }
    return false;
}

/* --- running ----------------------------------------------------------------------------------------- */

/* An assertion that names the program. */
static void holds(const struct fixture *fixture, bool condition, const char *what)
{
    if (condition) return;
    fail_msg("%s: %.*s", what, (int)fixture->programs.text.len,
             (const char *)fixture->programs.text.data);
}

/* How a run ended; equal for equal programs. */
struct end {
    enum status status;
    bool fuel; /* LIMIT: of steps, not of memory */
    uint32_t start;
    uint64_t message_hash;
    uint64_t value_hash; /* of its text */
};

static struct end run_once(struct fixture *fixture, const struct expr *expr, uint32_t fuel)
{
    struct expr_limits limits = {.fuel = fuel, .result_bytes_max = RESULT_BYTES_MAX};
    struct expr_frame frame = {.slots = fixture->sample.values,
                               .arena = &fixture->call,
                               .limits = &limits,
                               .now_ms = 1700000000000,
                               .random_key = 7};
    struct arena_mark mark = arena_mark(&fixture->call);
    struct value value = value_null();
    struct end end = {.status = expr_run(expr, &frame, &value)};
    bool known = end.status == STATUS_OK || end.status == STATUS_INVALID ||
                 end.status == STATUS_TYPE || end.status == STATUS_LIMIT;

    holds(fixture, known, "another status");
    holds(fixture, frame.message.len > 0 || end.status == STATUS_OK, "no message");
    holds(fixture, arena_used(&fixture->call) <= CALL_BYTES_MAX, "too much memory");
    end.message_hash = value_hash(value_string(frame.message));
    end.start = frame.start;
    end.fuel = contains(frame.message, "too many steps");
    holds(fixture,
          end.status != STATUS_LIMIT || end.fuel || contains(frame.message, "too much memory") ||
              contains(frame.message, "beyond a limit"),
          "a limit without a name");
    if (end.status == STATUS_OK) {
        buffer_clear(&fixture->shown);
        value_to_text(value, &fixture->shown);
        end.value_hash = value_hash(value_string(buffer_slice(&fixture->shown)));
    }
    arena_rewind(&fixture->call, mark);
    return end;
}

/* The program as it is, and by plain instructions alone. */
static struct end run_both_ways(struct fixture *fixture, const struct expr *expr, uint32_t fuel)
{
    const struct expr *plain = plain_copy(expr, &fixture->call);

    assert_non_null(plain);
    struct end left = run_once(fixture, expr, fuel);
    struct end right = run_once(fixture, plain, fuel);
    holds(fixture, left.status == right.status && left.value_hash == right.value_hash,
          "two outcomes");
    holds(fixture, left.message_hash == right.message_hash && left.start == right.start,
          "two messages");
    return left;
}

/* What became of programs, by kind. */
enum outcome { MISSPELLED, MISTYPED, TOO_LARGE, FAILED, NO_FUEL, NO_MEMORY, VALUE, OUTCOME_COUNT };

struct tally {
    uint32_t counts[OUTCOME_COUNT];
    uint32_t total;
};

static void count_outcome(struct tally *tally, enum outcome outcome)
{
    tally->counts[outcome]++;
    tally->total++;
}

static enum outcome refused(const struct fixture *fixture, enum status status, struct slice text,
                            const struct expr_problems *problems)
{
    holds(fixture, problems->count > 0, "refused without a problem");
    for (uint32_t i = 0; i < problems->count; i++) {
        const struct expr_problem *problem = &problems->items[i];
        bool inside = problem->start <= problem->end && problem->end <= text.len;
        holds(fixture, inside && problem->message.len > 0, "a problem that points nowhere");
    }
    if (status == STATUS_LIMIT) return TOO_LARGE;
    return slice_starts_with(problems->items[0].message, SLICE("Expression [")) ? MISSPELLED
                                                                                : MISTYPED;
}

static enum outcome run_program(struct fixture *fixture)
{
    struct expr_scope scope = {.variables = fixture->sample.variables,
                               .count = fixture->sample.count};
    struct expr_source source = {.text = buffer_slice(&fixture->programs.text)};
    struct expr_problems problems = {0};
    const struct expr *expr = NULL;

    arena_reset(&fixture->call);
    enum status status = expr_compile(&source, &scope, &fixture->call, &problems, &expr);
    if (status != STATUS_OK) return refused(fixture, status, source.text, &problems);
    (void)run_both_ways(fixture, expr, (uint32_t)source.text.len % LITTLE_FUEL);
    struct end end = run_both_ways(fixture, expr, FUEL);
    if (end.status == STATUS_OK) return VALUE;
    if (end.status != STATUS_LIMIT) return FAILED;
    return end.fuel ? NO_FUEL : NO_MEMORY;
}

static void show(const struct tally *tally, const char *of)
{
    static const char *const names[OUTCOME_COUNT] = {
        "misspelled", "mistyped", "too large", "failed", "no fuel", "no memory", "values"};

    printf("%u programs %s:", tally->total, of);
    for (uint32_t i = 0; i < OUTCOME_COUNT; i++)
        printf(" %s %u", names[i], tally->counts[i]);
    printf("\n");
}

static bool at_least(const struct tally *tally, enum outcome outcome, uint32_t thousandths)
{
    return (uint64_t)tally->counts[outcome] * 1000 >= (uint64_t)tally->total * thousandths;
}

/* Programs that say little would test little: most must compile, and every kind of end be met. */
static void judge(const struct tally *typed, const struct tally *any)
{
    uint32_t compiled = typed->total - typed->counts[MISSPELLED] - typed->counts[MISTYPED] -
                        typed->counts[TOO_LARGE];

    assert_true((uint64_t)compiled * 10 >= (uint64_t)typed->total * 8);
    assert_int_equal(typed->counts[MISSPELLED], 0);
    assert_true(at_least(typed, VALUE, 300) && at_least(typed, FAILED, 100));
    assert_true(at_least(typed, NO_FUEL, 1) && typed->counts[NO_MEMORY] > 0);
    assert_true(at_least(typed, TOO_LARGE, 1));
    assert_true(at_least(any, MISSPELLED, 50) && at_least(any, MISTYPED, 300));
    assert_true(at_least(any, VALUE, 50));
}

/* Every eighth program is one of any shape. */
static bool make_program(struct fixture *fixture, uint64_t seed)
{
    bool any = seed % 8 == 0;

    if (any) {
        program_of_any_shape(&fixture->programs, seed);
    } else {
        program_typed(&fixture->programs, seed);
    }
    if (getenv("HEADRACE_SHOW") != NULL) {
        printf("%llu %.*s\n", (unsigned long long)seed, (int)fixture->programs.text.len,
               (const char *)fixture->programs.text.data);
        fflush(stdout);
    }
    return any;
}

static void programs_end_within_their_limits(void **state)
{
    struct fixture *fixture = *state;
    const char *chosen = getenv("HEADRACE_SEED");
    uint64_t first = chosen != NULL ? strtoull(chosen, NULL, 10) : 1;
    uint64_t count = chosen != NULL                    ? 1
                     : getenv("HEADRACE_LONG") != NULL ? PROGRAMS_LONG
                                                       : PROGRAMS;
    struct tally typed = {0};
    struct tally any = {0};

    for (uint64_t seed = first; seed < first + count; seed++) {
        struct tally *tally = make_program(fixture, seed) ? &any : &typed;
        count_outcome(tally, run_program(fixture));
    }
    show(&typed, "of a type");
    show(&any, "of any shape");
    if (chosen == NULL) judge(&typed, &any);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(programs_end_within_their_limits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

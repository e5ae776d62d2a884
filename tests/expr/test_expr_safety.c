/* test_expr_safety.c - programs of any shape end within their limits; known ways out are closed.
 *
 * A seeded generator walks the grammar: 20,000 programs in the usual run, 1,000,000 with
 * HEADRACE_LONG=1; HEADRACE_SEED=n and HEADRACE_SHOW=1 print the one program of a seed.
 */
#include "test.h"

#include "base/buffer.h"
#include "expr/method.h"
#include "expr/sample.h"

enum {
    PROGRAMS = 20000,
    PROGRAMS_LONG = 1000000,
    DEPTH_MAX = 6,
    TEXT_BYTES_MAX = 64 * 1024,
    FUEL = 50000,
    RESULT_BYTES_MAX = 1024 * 1024,
    CALL_BYTES_MAX = 16 * 1024 * 1024
};

static const char variables[] =
    "[{\"name\":\"int\",\"type\":\"Integer\",\"value\":2147483647},"
    "{\"name\":\"long\",\"type\":\"Long\",\"value\":-9223372036854775808},"
    "{\"name\":\"double\",\"type\":\"Double\",\"value\":1e308},"
    "{\"name\":\"dec\",\"type\":\"BigDecimal\",\"value\":123456789.987654321},"
    "{\"name\":\"str\",\"type\":\"String\",\"value\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"},"
    "{\"name\":\"wide\",\"type\":\"String\",\"value\":\"\xC5\xBC\xF0\x9F\x98\x80x\"},"
    "{\"name\":\"nothing\",\"type\":\"String\",\"value\":null},"
    "{\"name\":\"list\",\"type\":\"List[Integer]\",\"value\":[3,1,2,null]},"
    "{\"name\":\"map\",\"type\":\"Map[String,Integer]\",\"value\":{\"a\":1,\"b c\":null}},"
    "{\"name\":\"rec\",\"type\":\"Record{a: Integer, b: String}\",\"value\":{\"a\":1,\"b\":\"x\"}},"
    "{\"name\":\"date\",\"type\":\"LocalDateTime\",\"value\":\"2024-02-29T12:30:15\"},"
    /* Unknown passes the typer, so that what it holds meets the machine unchecked. */
    "{\"name\":\"uInt\",\"type\":\"Unknown\",\"value\":-2147483648},"
    "{\"name\":\"uDec\",\"type\":\"Unknown\",\"value\":1e300,\"shape\":\"BigDecimal\"},"
    "{\"name\":\"uStr\",\"type\":\"Unknown\",\"value\":\"1e9999\"},"
    "{\"name\":\"uList\",\"type\":\"Unknown\",\"value\":[2,1,null,\"x\",[true]]},"
    "{\"name\":\"uMap\",\"type\":\"Unknown\",\"value\":{\"a\":{\"b c\":1.5}}},"
    "{\"name\":\"uNull\",\"type\":\"Unknown\",\"value\":null},"
    "{\"name\":\"unk\",\"type\":\"Unknown\",\"value\":{\"k\":[1,{\"z\":true}],\"n\":null}}]";

struct fixture {
    struct arena arena; /* the variables */
    struct arena call;  /* one program */
    struct sample sample;
    struct buffer text;
    struct buffer shown;
    uint64_t random;
    uint32_t method_count;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct slice why;

    assert_non_null(fixture);
    arena_init(&fixture->arena, CALL_BYTES_MAX);
    arena_init(&fixture->call, CALL_BYTES_MAX);
    buffer_init(&fixture->text, TEXT_BYTES_MAX);
    buffer_init(&fixture->shown, (size_t)RESULT_BYTES_MAX * 8);
    assert_ok(sample_read(SLICE(variables), NULL, &fixture->arena, &fixture->sample, &why));
    while (method_row(fixture->method_count) != NULL)
        fixture->method_count++;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    arena_deinit(&fixture->arena);
    arena_deinit(&fixture->call);
    buffer_deinit(&fixture->text);
    buffer_deinit(&fixture->shown);
    free(fixture);
    return 0;
}

/* --- the grammar ------------------------------------------------------------------------------------- */

static uint32_t below(struct fixture *fixture, uint32_t count)
{
    uint64_t mixed = fixture->random += 0x9E3779B97F4A7C15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((mixed ^ (mixed >> 31)) >> 33) % count;
}

static void put(struct fixture *fixture, const char *text)
{
    buffer_append_text(&fixture->text, text);
}

#define PUT_ONE_OF(fixture, choices) put(fixture, (choices)[below(fixture, COUNT_OF(choices))])

static void expression(struct fixture *fixture, uint32_t depth);

static void leaf(struct fixture *fixture)
{
    static const char *const open[] = {"#uInt", "#uDec",  "#uStr", "#uList",
                                       "#uMap", "#uNull", "#unk",  "#list"};
    static const char *const leaves[] = {
        "#int",         "#long",        "#double",    "#dec",
        "#str",         "#wide",        "#nothing",   "#list",
        "#map",         "#rec",         "#date",      "#unk",
        "#this",        "#root",        "#nope",      "0",
        "-1",           "2147483648",   "1e400",      "0.1",
        "1.0e-300f",    "100000000L",   "null",       "true",
        "''",           "'x'",          "'(a|aa)+$'", "'1e9999999'",
        "'%999999s'",   "'2024-13-01'", "{}",         "{:}",
        "'yyyy-MM-dd'", "'Europe/X'",   "0x7fffffff", "'9999999999999999999999999999'",
    };

    if (below(fixture, 3) > 0) {
        PUT_ONE_OF(fixture, open);
    } else {
        PUT_ONE_OF(fixture, leaves);
    }
}

static void arguments(struct fixture *fixture, uint32_t depth)
{
    uint32_t count = below(fixture, 4);

    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put(fixture, ", ");
        expression(fixture, depth + 1);
    }
}

static void call(struct fixture *fixture, uint32_t depth)
{
    const struct method *row = method_row(below(fixture, fixture->method_count));

    if (row->place == PLACE_NEW) {
        put(fixture, "new ");
        put(fixture, class_infos[row->receiver].java_name);
    } else {
        if (row->place == PLACE_STATIC) {
            put(fixture, "T(");
            put(fixture, class_infos[row->receiver].java_name);
            put(fixture, ")");
        } else {
            expression(fixture, depth + 1);
        }
        put(fixture, below(fixture, 4) == 0 ? "?." : ".");
        put(fixture, row->name);
    }
    put(fixture, "(");
    arguments(fixture, depth);
    put(fixture, ")");
}

/* A call of a helper's own method, so that most are well typed. */
static void helper(struct fixture *fixture, uint32_t depth)
{
    static const struct {
        const char *name;
        enum class_id class_id;
    } helpers[] = {
#define HELPER(variable, class, meaning) {"#" #variable, CLASS_##class},
#include "expr/helper_objects.def"
#undef HELPER
    };
    uint32_t which = below(fixture, COUNT_OF(helpers));
    uint32_t start = below(fixture, fixture->method_count);

    for (uint32_t i = 0; i < fixture->method_count; i++) {
        const struct method *row = method_row((start + i) % fixture->method_count);
        if (row->receiver != helpers[which].class_id) continue;
        put(fixture, helpers[which].name);
        put(fixture, ".");
        put(fixture, row->name);
        put(fixture, "(");
        arguments(fixture, depth);
        put(fixture, ")");
        return;
    }
}

static void operation(struct fixture *fixture, uint32_t depth)
{
    static const char *const operators[] = {
        " + ",  " - ",  " * ",   " / ",  " % ",  " ^ ",       " == ",     " != ",
        " < ",  " <= ", " > ",   " >= ", " && ", " || ",      " ?: ",     " and ",
        " or ", " eq ", " div ", " lt ", " ? ",  " matches ", " between "};

    put(fixture, "(");
    expression(fixture, depth + 1);
    PUT_ONE_OF(fixture, operators);
    expression(fixture, depth + 1);
    put(fixture, ")");
}

static void walk(struct fixture *fixture, uint32_t depth)
{
    static const char *const walks[] = {".?[", ".^[", ".$[", ".![", "[", "?.!["};

    expression(fixture, depth + 1);
    PUT_ONE_OF(fixture, walks);
    expression(fixture, depth + 1);
    put(fixture, "]");
}

static void collection(struct fixture *fixture, uint32_t depth)
{
    bool map = below(fixture, 2) == 0;
    uint32_t count = 1 + below(fixture, 4);

    put(fixture, "{");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) put(fixture, ", ");
        if (map) put(fixture, below(fixture, 2) == 0 ? "a: " : "'b c': ");
        expression(fixture, depth + 1);
    }
    put(fixture, "}");
}

static void expression(struct fixture *fixture, uint32_t depth)
{
    if (depth >= DEPTH_MAX || fixture->text.len > TEXT_BYTES_MAX / 16) {
        leaf(fixture);
        return;
    }
    switch (below(fixture, 12)) {
    case 0:
    case 1:
    case 2: operation(fixture, depth); return;
    case 3:
        put(fixture, below(fixture, 2) == 0 ? "-" : "!");
        expression(fixture, depth + 1);
        return;
    case 4: walk(fixture, depth); return;
    case 5: collection(fixture, depth); return;
    case 6:
    case 7: call(fixture, depth); return;
    case 8: helper(fixture, depth); return;
    case 9:
        put(fixture, "(");
        expression(fixture, depth + 1);
        put(fixture, " ? ");
        expression(fixture, depth + 1);
        put(fixture, " : ");
        expression(fixture, depth + 1);
        put(fixture, ")");
        return;
    default: leaf(fixture); return;
    }
}

static void program(struct fixture *fixture, uint64_t seed)
{
    fixture->random = seed;
    buffer_clear(&fixture->text);
    expression(fixture, below(fixture, DEPTH_MAX)); /* some small, some large */
    /* Now and then a byte is lost or changed: what people type is not always a program. */
    if (below(fixture, 16) == 0 && fixture->text.len > 1) {
        uint32_t at = below(fixture, (uint32_t)fixture->text.len);
        fixture->text.data[at] = (uint8_t) "'}#(, "[below(fixture, 6)];
    }
}

/* --- running ----------------------------------------------------------------------------------------- */

/* An assertion that names the program. */
static void holds(const struct fixture *fixture, bool condition, const char *what)
{
    if (condition) return;
    fail_msg("%s: %.*s", what, (int)fixture->text.len, (const char *)fixture->text.data);
}

static enum status run_twice(struct fixture *fixture, const struct expr *expr)
{
    static const struct expr_limits limits = {.fuel = FUEL, .result_bytes_max = RESULT_BYTES_MAX};
    uint64_t hashes[2] = {0};
    enum status statuses[2];

    for (uint32_t i = 0; i < 2; i++) {
        struct arena_mark mark = arena_mark(&fixture->call);
        struct expr_frame frame = {.slots = fixture->sample.values,
                                   .arena = &fixture->call,
                                   .limits = &limits,
                                   .now_ms = 1700000000000,
                                   .random_key = 7};
        struct value value = value_null();
        statuses[i] = expr_run(expr, &frame, &value);
        bool known = statuses[i] == STATUS_OK || statuses[i] == STATUS_INVALID ||
                     statuses[i] == STATUS_TYPE || statuses[i] == STATUS_LIMIT;
        holds(fixture, known, "another status");
        holds(fixture, frame.message.len > 0 || statuses[i] == STATUS_OK, "no message");
        holds(fixture, arena_used(&fixture->call) <= CALL_BYTES_MAX, "too much memory");
        if (statuses[i] == STATUS_OK) {
            buffer_clear(&fixture->shown);
            value_to_text(value, &fixture->shown);
            hashes[i] = value_hash(value_string(buffer_slice(&fixture->shown)));
        }
        arena_rewind(&fixture->call, mark);
    }
    holds(fixture, statuses[0] == statuses[1] && hashes[0] == hashes[1], "two outcomes");
    return statuses[0];
}

struct tally {
    uint32_t refused; /* by the typer */
    uint32_t failed;  /* when run */
    uint32_t limited;
    uint32_t values;
};

static void run_program(struct fixture *fixture, struct tally *tally)
{
    struct expr_scope scope = {.variables = fixture->sample.variables,
                               .count = fixture->sample.count};
    struct expr_source source = {.text = buffer_slice(&fixture->text)};
    struct expr_problems problems = {0};
    const struct expr *expr = NULL;

    arena_reset(&fixture->call);
    enum status status = expr_compile(&source, &scope, &fixture->call, &problems, &expr);
    if (status != STATUS_OK) {
        holds(fixture, problems.count > 0, "refused without a problem");
        for (uint32_t i = 0; i < problems.count; i++) {
            const struct expr_problem *problem = &problems.items[i];
            bool inside = problem->start <= problem->end && problem->end <= source.text.len;
            holds(fixture, inside && problem->message.len > 0, "a problem that points nowhere");
        }
        tally->refused++;
        return;
    }
    status = run_twice(fixture, expr);
    tally->values += status == STATUS_OK;
    tally->limited += status == STATUS_LIMIT;
    tally->failed += status == STATUS_INVALID || status == STATUS_TYPE;
}

static void programs_end_within_their_limits(void **state)
{
    struct fixture *fixture = *state;
    const char *chosen = getenv("HEADRACE_SEED");
    uint64_t first = chosen != NULL ? strtoull(chosen, NULL, 10) : 1;
    uint64_t count = chosen != NULL                    ? 1
                     : getenv("HEADRACE_LONG") != NULL ? PROGRAMS_LONG
                                                       : PROGRAMS;
    struct tally tally = {0};

    for (uint64_t seed = first; seed < first + count; seed++) {
        program(fixture, seed);
        if (getenv("HEADRACE_SHOW") != NULL) {
            printf("%llu %.*s\n", (unsigned long long)seed, (int)fixture->text.len,
                   (const char *)fixture->text.data);
            fflush(stdout);
        }
        run_program(fixture, &tally);
    }
    printf("%llu programs: %u refused, %u failed, %u out of limits, %u values\n",
           (unsigned long long)count, tally.refused, tally.failed, tally.limited, tally.values);
    /* A generator that gives nothing but refusals would test nothing. */
    if (chosen == NULL) assert_true(tally.values > count / 20 && tally.failed > count / 100);
}

/* --- known ways out ---------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    const char *message; /* of the problem or failure; NULL: a value of at most 64 KiB is right */
} escapes[] = {
    /* reflection and class loading */
    {"''.getClass()", "Unknown method"},
    {"''.class.forName('java.lang.Runtime')", "no property"},
    {"''.getClass().getClassLoader()", "Unknown method"},
    {"T(String).getClass().forName('java.lang.Runtime')", "Unknown method"},
    {"T(java.lang.Class).forName('java.lang.Runtime')", "not allowed"},
    {"T(java.lang.ClassLoader).getSystemClassLoader()", "not allowed"},
    {"T(java.lang.Runtime).getRuntime().exec('id')", "not allowed"},
    {"T(java.lang.System).exit(1)", "not allowed"},
    {"T(java.lang.Thread).sleep(100000)", "not allowed"},
    {"T(java.nio.file.Files).readString('/etc/passwd')", "not allowed"},
    {"T(javax.script.ScriptEngineManager)", "not allowed"},
    {"T(org.springframework.util.StreamUtils)", "not allowed"},
    {"new java.io.File('/etc/passwd')", "unknown class"},
    {"new java.net.URL('http://127.0.0.1')", "unknown class"},
    {"new javax.script.ScriptEngineManager().getEngineByName('js')", "unknown class"},
    {"#unk.getClass()", "not allowed"},
    {"#unk.class", "not allowed"},
    {"#map.class", "not allowed"},
    {"#root.getClass()", "Unresolved reference"},
    {"@environment", "Bean reference is not supported"},
    {"#str.wait(1000000)", "Unknown method"},
    {"#list.forEach(#int)", "Unknown method"},
    {"#str = 'x'", "modifications are not supported"},
    /* prototypes: no object has a hidden part */
    {"#rec['__proto__']", "no property '__proto__'"},
    {"#rec.constructor", "no property 'constructor'"},
    {"{__proto__: {admin: true}}.admin", "no property 'admin'"},
    {"#map['constructor']", NULL},
    {"#unk['__proto__']", NULL},
    /* patterns */
    {"#str matches '(a+)+$'", "too many steps"},
    {"#str matches '(a|a)*b'", NULL},
    {"#str.replaceAll('(a*)*b', 'x')", NULL},
    {"#str matches '((((((((((a{1,100}){1,100}){1,100}){1,100}){1,100}))))))'", ""},
    {"#str matches '(?R)'", "Java"},
    {"#str matches '(?C1)a'", "Java"},
    {"#str.split('(a|aa)+$')", ""},
    /* sizes */
    {"#dec ^ 1000000000", ""},
    {"2 ^ 2000000000", NULL},
    {"'1e999999999'.toBigDecimal() + 1", ""},
    {"'1e-999999999'.toBigDecimal() * '1e-999999999'.toBigDecimal()", ""},
    {"'1e2000000000'.toBigDecimal().toBigInteger()", ""},
    {"#dec.setScale(2000000000, T(java.math.RoundingMode).UP)", "not allowed"},
    {"#dec.pow(999999999)", ""},
    {"T(java.math.BigInteger).valueOf(2L).pow(2000000000)", ""},
    {"T(java.math.BigInteger).valueOf(2L).shiftLeft(2000000000)", ""},
    {"'x'.repeat(2000000000)", ""},
    {"#str * 1000000", "mismatch types"},
    {"T(String).format('%2000000000s', 'x')", ""},
    {"T(String).format('%.2000000000f', 1.0)", ""},
    {"#COLLECTION.join({1,2,3}.![#str.repeat(100000)], '')", ""},
    {"{1,2,3,4,5,6,7,8}.![#str.repeat(30000)].![#this + #this + #this + #this + #this]", ""},
    {"new int[2000000000]", "unknown class"},
    {"#CONV.toJson('[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[')",
     ""},
    {"#BASE64.encode('x'.repeat(1000000))", ""},
};

static bool contains(struct slice text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) return true;
    }
    return false;
}

static void known_ways_out_are_closed(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        struct expr_source source = {.text = slice_of(escapes[i].text)};
        struct sample_result result;
        arena_reset(&fixture->call);
        assert_ok(sample_run(&fixture->sample, &source, 0, &fixture->call, &result));
        struct slice message = !result.valid   ? result.problems.items[0].message
                               : result.failed ? result.message
                                               : SLICE("");
        if (result.valid && !result.failed) {
            buffer_clear(&fixture->shown);
            value_to_text(result.value, &fixture->shown);
            if (escapes[i].message != NULL) {
                fail_msg("%s: gave %zu bytes", escapes[i].text, fixture->shown.len);
            }
            assert_true(fixture->shown.len <= TEXT_BYTES_MAX);
        } else if (escapes[i].message == NULL || !contains(message, escapes[i].message)) {
            fail_msg("%s: %.*s", escapes[i].text, (int)message.len, (const char *)message.data);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(programs_end_within_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(known_ways_out_are_closed, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

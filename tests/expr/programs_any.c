/* programs_any.c - programs of any shape: a walk of the grammar that does not look at types. */
#include "programs.h"

enum { DEPTH_MAX = 6 };

#define BELOW  program_below
#define PUT    program_put
#define ONE_OF PROGRAM_PUT_ONE_OF

static void expression(struct programs *programs, uint32_t depth);

static void leaf(struct programs *programs)
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

    if (BELOW(programs, 3) > 0) {
        ONE_OF(programs, open);
    } else {
        ONE_OF(programs, leaves);
    }
}

static void arguments(struct programs *programs, uint32_t depth)
{
    uint32_t count = BELOW(programs, 4);

    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) PUT(programs, ", ");
        expression(programs, depth + 1);
    }
}

static void call(struct programs *programs, uint32_t depth)
{
    const struct method *row = method_row(BELOW(programs, programs->method_count));

    if (row->place == PLACE_NEW) {
        PUT(programs, "new ");
        PUT(programs, class_infos[row->receiver].java_name);
    } else {
        if (row->place == PLACE_STATIC) {
            PUT(programs, "T(");
            PUT(programs, class_infos[row->receiver].java_name);
            PUT(programs, ")");
        } else if (program_helper(row->receiver) != NULL) {
            PUT(programs, program_helper(row->receiver));
        } else {
            expression(programs, depth + 1);
        }
        PUT(programs, BELOW(programs, 4) == 0 ? "?." : ".");
        PUT(programs, row->name);
    }
    PUT(programs, "(");
    arguments(programs, depth);
    PUT(programs, ")");
}

static void operation(struct programs *programs, uint32_t depth)
{
    static const char *const operators[] = {
        " + ",  " - ",  " * ",   " / ",  " % ",  " ^ ",       " == ",     " != ",
        " < ",  " <= ", " > ",   " >= ", " && ", " || ",      " ?: ",     " and ",
        " or ", " eq ", " div ", " lt ", " ? ",  " matches ", " between "};

    PUT(programs, "(");
    expression(programs, depth + 1);
    ONE_OF(programs, operators);
    expression(programs, depth + 1);
    PUT(programs, ")");
}

static void walk(struct programs *programs, uint32_t depth)
{
    static const char *const walks[] = {".?[", ".^[", ".$[", ".![", "[", "?.!["};

    expression(programs, depth + 1);
    ONE_OF(programs, walks);
    expression(programs, depth + 1);
    PUT(programs, "]");
}

static void collection(struct programs *programs, uint32_t depth)
{
    bool map = BELOW(programs, 2) == 0;
    uint32_t count = 1 + BELOW(programs, 4);

    PUT(programs, "{");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) PUT(programs, ", ");
        if (map) PUT(programs, BELOW(programs, 2) == 0 ? "a: " : "'b c': ");
        expression(programs, depth + 1);
    }
    PUT(programs, "}");
}

static void choice(struct programs *programs, uint32_t depth)
{
    PUT(programs, "(");
    expression(programs, depth + 1);
    PUT(programs, " ? ");
    expression(programs, depth + 1);
    PUT(programs, " : ");
    expression(programs, depth + 1);
    PUT(programs, ")");
}

static void expression(struct programs *programs, uint32_t depth)
{
    if (depth >= DEPTH_MAX || programs->text.len > PROGRAM_BYTES_MAX / 16) {
        leaf(programs);
        return;
    }
    switch (BELOW(programs, 12)) {
    case 0:
    case 1:
    case 2: operation(programs, depth); return;
    case 3:
        PUT(programs, BELOW(programs, 2) == 0 ? "-" : "!");
        expression(programs, depth + 1);
        return;
    case 4: walk(programs, depth); return;
    case 5: collection(programs, depth); return;
    case 6:
    case 7:
    case 8: call(programs, depth); return;
    case 9: choice(programs, depth); return;
    default: leaf(programs); return;
    }
}

void program_of_any_shape(struct programs *programs, uint64_t seed)
{
    programs->random = seed;
    buffer_clear(&programs->text);
    expression(programs, BELOW(programs, DEPTH_MAX)); /* some small, some large */
    /* Now and then a byte is lost or changed: what people type is not always a program. */
    if (BELOW(programs, 4) == 0 && programs->text.len > 1) {
        uint32_t at = BELOW(programs, (uint32_t)programs->text.len);
        programs->text.data[at] = (uint8_t) "'}#(, "[BELOW(programs, 6)];
    }
}

/* programs.c - well-typed programs: from the wanted class down, by the rows of the method tables. */
#include "programs.h"

#include "expr/methods/methods.h"

enum { DEPTH_MAX = 6 };

#define BELOW  program_below
#define PUT    program_put
#define ONE_OF PROGRAM_PUT_ONE_OF

/* --- the seed, the text ------------------------------------------------------------------------------ */

uint32_t program_below(struct programs *programs, uint32_t count)
{
    uint64_t mixed = programs->random += 0x9E3779B97F4A7C15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((mixed ^ (mixed >> 31)) >> 33) % count;
}

void program_put(struct programs *programs, const char *text)
{
    buffer_append_text(&programs->text, text);
}

/* --- expressions ------------------------------------------------------------------------------------- */

static void expression_of(struct programs *programs, enum class_id wanted, uint32_t depth);
static void anything(struct programs *programs, uint32_t depth);

/* An argument may be Unknown whatever is asked for: then the function meets what it did not expect. */
static void argument(struct programs *programs, enum class_id wanted, uint32_t depth)
{
    static const char *const open[] = {"#uInt", "#uDec",  "#uStr", "#uList",
                                       "#uMap", "#uNull", "#unk",  "null"};

    if (BELOW(programs, 12) == 0) {
        ONE_OF(programs, open);
    } else if (wanted == CLASS_Object) {
        anything(programs, depth);
    } else {
        expression_of(programs, wanted, depth);
    }
}

static void arguments(struct programs *programs, const struct method *row, uint32_t depth)
{
    static const char *const names[] = {"'Long'", "'String'", "'List'", "'LocalDate'",
                                        "'BigDecimal'"};
    uint32_t count = program_parameter_count(row);

    if (row->variable != NULL) count += BELOW(programs, 3);
    PUT(programs, "(");
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) PUT(programs, ", ");
        if (row->place == PLACE_CONVERT) {
            ONE_OF(programs, names);
        } else {
            argument(programs, method_parameter(row, i), depth);
        }
    }
    PUT(programs, ")");
}

static bool is_constant(const struct method *row)
{
    if (row->parameters[0] != '\0' || row->variable != NULL) return false;
    for (const char *at = row->name; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') return false;
    }
    return true;
}

static void call(struct programs *programs, uint32_t index, uint32_t depth)
{
    const struct method *row = method_row(index);
    const char *helper = program_helper(row->receiver);

    if (row->place == PLACE_NEW) {
        PUT(programs, "new ");
        PUT(programs, class_infos[row->receiver].java_name);
        arguments(programs, row, depth);
        return;
    }
    if (row->place == PLACE_STATIC) {
        PUT(programs, "T(");
        PUT(programs, class_infos[row->receiver].java_name);
        PUT(programs, ")");
    } else if (helper != NULL) {
        PUT(programs, helper);
    } else if (row->place == PLACE_UNKNOWN) {
        PUT(programs, "#unk");
    } else {
        PUT(programs, "(");
        expression_of(programs, program_receiver(row), depth);
        PUT(programs, ")");
    }
    PUT(programs,
        helper == NULL && row->place != PLACE_STATIC && BELOW(programs, 4) == 0 ? "?." : ".");
    PUT(programs, row->name);
    if (!is_constant(row)) arguments(programs, row, depth);
}

/* A row that gives the class; the cheapest where there is no more room. */
static bool call_for(struct programs *programs, enum class_id class_id, uint32_t depth)
{
    uint32_t room = depth >= DEPTH_MAX ? 0 : DEPTH_MAX - depth;
    uint32_t start = BELOW(programs, programs->method_count);

    for (uint32_t i = 0; i < programs->method_count && room > 0; i++) {
        uint32_t at = (start + i) % programs->method_count;
        if (programs->results[at] != class_id || programs->row_costs[at] > room) continue;
        call(programs, at, depth + 1);
        return true;
    }
    if (programs->class_costs[class_id] == 0) return program_leaf(programs, class_id);
    if (programs->class_costs[class_id] == PROGRAM_UNREACHED) return false;
    call(programs, programs->class_rows[class_id], depth + 1);
    return true;
}

/* --- operators and loops ------------------------------------------------------------------------------ */

static enum class_id number_class(struct programs *programs)
{
    static const enum class_id numbers[] = {CLASS_Integer, CLASS_Integer,    CLASS_Long,
                                            CLASS_Double,  CLASS_BigDecimal, CLASS_BigInteger};

    return numbers[BELOW(programs, COUNT_OF(numbers))];
}

static void two(struct programs *programs, enum class_id left, const char *operator,
                enum class_id right, uint32_t depth)
{
    PUT(programs, "(");
    argument(programs, left, depth + 1);
    PUT(programs, operator);
    argument(programs, right, depth + 1);
    PUT(programs, ")");
}

/* A list, and something for each of its items. */
static void loop(struct programs *programs, const char *open, enum class_id body, uint32_t depth)
{
    static const enum class_id items[] = {CLASS_Integer, CLASS_Integer, CLASS_String};
    static const char *const whole[] = {"#many", "#list", "{1, 2, 3}"};
    struct programs outside = {.loops = programs->loops, .elements = programs->elements};
    enum class_id item = items[BELOW(programs, COUNT_OF(items))];

    if (item == CLASS_Integer) {
        ONE_OF(programs, whole);
    } else {
        PUT(programs, "#words");
    }
    PUT(programs, open);
    programs->loops++;
    programs->elements = item;
    expression_of(programs, body, depth + 1);
    programs->loops = outside.loops;
    programs->elements = outside.elements;
    PUT(programs, "]");
}

static void condition(struct programs *programs, uint32_t depth)
{
    static const char *const comparisons[] = {" < ", " <= ", " > ", " >= ", " == ", " != ", " lt "};
    static const char *const logic[] = {" && ", " || ", " and ", " or "};
    static const char *const patterns[] = {" matches '(a|aa)+$'", " matches '[^x]*(x)?'",
                                           " matches '(.*)(\\\\w+)'", " != null",
                                           " instanceof T(String)"};

    switch (BELOW(programs, 4)) {
    case 0:
        two(programs, number_class(programs), comparisons[BELOW(programs, COUNT_OF(comparisons))],
            number_class(programs), depth);
        return;
    case 1:
        two(programs, CLASS_Boolean, logic[BELOW(programs, COUNT_OF(logic))], CLASS_Boolean, depth);
        return;
    case 2:
        PUT(programs, "(");
        expression_of(programs, CLASS_String, depth + 1);
        ONE_OF(programs, patterns);
        PUT(programs, ")");
        return;
    default:
        PUT(programs, "!(");
        expression_of(programs, CLASS_Boolean, depth + 1);
        PUT(programs, ")");
        return;
    }
}

static void arithmetic(struct programs *programs, enum class_id class_id, uint32_t depth)
{
    static const char *const operators[] = {" + ", " - ", " * ", " / ", " % "};
    const char *operator= operators[BELOW(programs, COUNT_OF(operators))];

    two(programs, class_id, BELOW(programs, 16) == 0 ? " ^ " : operator, class_id, depth);
}

static void list(struct programs *programs, uint32_t depth)
{
    static const enum class_id items[] = {CLASS_Integer, CLASS_String, CLASS_LocalDate, CLASS_List};
    enum class_id item = items[BELOW(programs, COUNT_OF(items))];
    uint32_t count = 1 + BELOW(programs, 3);

    switch (BELOW(programs, 3)) {
    case 0: loop(programs, ".?[", CLASS_Boolean, depth); return;
    case 1: loop(programs, BELOW(programs, 4) == 0 ? "?.![" : ".![", item, depth); return;
    default:
        PUT(programs, "{");
        for (uint32_t i = 0; i < count; i++) {
            if (i > 0) PUT(programs, ", ");
            expression_of(programs, item, depth + 1);
        }
        PUT(programs, "}");
        return;
    }
}

static void record(struct programs *programs, uint32_t depth)
{
    PUT(programs, "{a: ");
    anything(programs, depth + 1);
    PUT(programs, ", 'b c': ");
    anything(programs, depth + 1);
    PUT(programs, "}");
}

/* What the language itself has for a class; false: nothing. */
static bool form_for(struct programs *programs, enum class_id class_id, uint32_t depth)
{
    switch ((int)class_id) {
    case CLASS_Boolean: condition(programs, depth); return true;
    case CLASS_Integer:
        if (BELOW(programs, 4) == 0) {
            two(programs, CLASS_List, ".size() + ", CLASS_Integer, depth);
            return true;
        }
        arithmetic(programs, class_id, depth);
        return true;
    case CLASS_Long:
    case CLASS_Double:
    case CLASS_BigDecimal: arithmetic(programs, class_id, depth); return true;
    case CLASS_String: two(programs, class_id, " + ", CLASS_Object, depth); return true;
    case CLASS_List: list(programs, depth); return true;
    case CLASS_Map: record(programs, depth); return true;
    default: return false;
    }
}

static void choice(struct programs *programs, enum class_id class_id, uint32_t depth)
{
    PUT(programs, "(");
    expression_of(programs, CLASS_Boolean, depth + 1);
    PUT(programs, " ? ");
    expression_of(programs, class_id, depth + 1);
    PUT(programs, " : ");
    expression_of(programs, class_id, depth + 1);
    PUT(programs, ")");
}

/* One of the classes that would do and can be made in the room that is left. */
static enum class_id choose_class(struct programs *programs, enum class_id wanted, uint32_t room)
{
    uint32_t start = BELOW(programs, CLASS_COUNT);
    enum class_id cheapest = wanted;
    uint32_t least = PROGRAM_UNREACHED;

    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        enum class_id class_id = (enum class_id)((start + i) % CLASS_COUNT);
        uint32_t cost = programs->class_costs[class_id];
        if (cost == PROGRAM_UNREACHED || !class_is(class_id, wanted)) continue;
        if (cost <= room) return class_id;
        if (cost < least) cheapest = class_id;
        if (cost < least) least = cost;
    }
    return cheapest;
}

static void expression_of(struct programs *programs, enum class_id wanted, uint32_t depth)
{
    bool full = depth >= DEPTH_MAX || programs->text.len > PROGRAM_BYTES_MAX / 32;
    enum class_id class_id = choose_class(programs, wanted, full ? 0 : DEPTH_MAX - depth);
    uint32_t roll = BELOW(programs, 12);

    if (full || roll < 3) {
        if (program_leaf(programs, class_id)) return;
    } else if (roll == 3) {
        choice(programs, class_id, depth);
        return;
    } else if (roll < 8) {
        if (form_for(programs, class_id, depth)) return;
    }
    if (!call_for(programs, class_id, full ? DEPTH_MAX : depth)) PUT(programs, "null");
}

/* A value of any class, one of Unknown, or what a rule makes of its arguments. */
static void anything(struct programs *programs, uint32_t depth)
{
    static const char *const walks[] = {
        "#uList.![#this == null]", "#unk['k'][1]['z']", "#uMap['a']",    "#uList[3]",
        "#unk?.toString",          "#uNull?.toString",  "#uInt + #uDec", "#uStr.toLongOrNull",
        "#uList.^[#this == 1]"};
    uint32_t row = BELOW(programs, programs->method_count);

    if (depth < DEPTH_MAX && programs->results[row] == CLASS_Object &&
        programs->row_costs[row] <= DEPTH_MAX - depth) {
        call(programs, row, depth + 1);
    } else if (BELOW(programs, 8) == 0) {
        ONE_OF(programs, walks);
    } else {
        expression_of(programs, choose_class(programs, CLASS_Object, DEPTH_MAX), depth);
    }
}

/* Now and then nested beyond any sense. */
static void bury(struct programs *programs)
{
    uint32_t layers = 50 + BELOW(programs, 40);

    for (uint32_t i = 0; i < layers; i++)
        PUT(programs, "(");
    PUT(programs, "1");
    for (uint32_t i = 0; i < layers; i++)
        PUT(programs, ")");
}

void program_typed(struct programs *programs, uint64_t seed)
{
    programs->random = seed;
    programs->loops = 0;
    buffer_clear(&programs->text);
    if (BELOW(programs, 256) == 0) {
        bury(programs);
    } else {
        anything(programs, BELOW(programs, DEPTH_MAX));
    }
}

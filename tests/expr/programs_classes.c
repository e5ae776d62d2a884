/* programs_classes.c - what programs speak of: variables and literals by class, and from the rows of
 * the method tables how high the smallest expression of every class is. */
#include "programs.h"

#include "expr/methods/methods.h"

const char program_variables[] =
    "[{\"name\":\"int\",\"type\":\"Integer\",\"value\":2147483647},"
    "{\"name\":\"long\",\"type\":\"Long\",\"value\":-9223372036854775808},"
    "{\"name\":\"double\",\"type\":\"Double\",\"value\":1e308},"
    "{\"name\":\"dec\",\"type\":\"BigDecimal\",\"value\":123456789.987654321},"
    "{\"name\":\"bigInt\",\"type\":\"BigInteger\",\"value\":-98765432109876543210},"
    "{\"name\":\"flag\",\"type\":\"Boolean\",\"value\":true},"
    "{\"name\":\"str\",\"type\":\"String\",\"value\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"},"
    "{\"name\":\"wide\",\"type\":\"String\",\"value\":\"\xC5\xBC\xF0\x9F\x98\x80x\"},"
    "{\"name\":\"nothing\",\"type\":\"String\",\"value\":null},"
    "{\"name\":\"noInt\",\"type\":\"Integer\",\"value\":null},"
    "{\"name\":\"list\",\"type\":\"List[Integer]\",\"value\":[3,1,2,null]},"
    "{\"name\":\"many\",\"type\":\"List[Integer]\",\"value\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
    "16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40]},"
    "{\"name\":\"words\",\"type\":\"List[String]\",\"value\":[\"b\",\"a\",null,\"\"]},"
    "{\"name\":\"map\",\"type\":\"Map[String,Integer]\",\"value\":{\"a\":1,\"b c\":null}},"
    "{\"name\":\"rec\",\"type\":\"Record{a: Integer, b: String}\",\"value\":{\"a\":1,\"b\":\"x\"}},"
    "{\"name\":\"date\",\"type\":\"LocalDateTime\",\"value\":\"2024-02-29T12:30:15\"},"
    "{\"name\":\"day\",\"type\":\"LocalDate\",\"value\":\"-0001-12-31\"},"
    "{\"name\":\"time\",\"type\":\"LocalTime\",\"value\":\"23:59:59.999999999\"},"
    "{\"name\":\"instant\",\"type\":\"Instant\",\"value\":\"2038-01-19T03:14:07Z\"},"
    "{\"name\":\"zoned\",\"type\":\"ZonedDateTime\",\"value\":\"2024-07-01T00:00:00+02:00\"},"
    "{\"name\":\"offset\",\"type\":\"OffsetDateTime\",\"value\":\"2024-07-01T00:00:00-18:00\"},"
    "{\"name\":\"span\",\"type\":\"Duration\",\"value\":\"PT-1.5S\"},"
    "{\"name\":\"period\",\"type\":\"Period\",\"value\":\"P-1Y400D\"},"
    "{\"name\":\"zone\",\"type\":\"ZoneId\",\"value\":\"UTC+05:30\"},"
    /* Unknown passes the typer, so that what it holds meets the machine unchecked. */
    "{\"name\":\"uInt\",\"type\":\"Unknown\",\"value\":-2147483648},"
    "{\"name\":\"uDec\",\"type\":\"Unknown\",\"value\":1e300,\"shape\":\"BigDecimal\"},"
    "{\"name\":\"uStr\",\"type\":\"Unknown\",\"value\":\"1e9999\"},"
    "{\"name\":\"uList\",\"type\":\"Unknown\",\"value\":[2,1,null,\"x\",[true]]},"
    "{\"name\":\"uMap\",\"type\":\"Unknown\",\"value\":{\"a\":{\"b c\":1.5}}},"
    "{\"name\":\"uNull\",\"type\":\"Unknown\",\"value\":null},"
    "{\"name\":\"unk\",\"type\":\"Unknown\",\"value\":{\"k\":[1,{\"z\":true}],\"n\":null}}]";

/* What is there without asking anything else. */
static const struct {
    enum class_id class_id;
    const char *text;
} leaves[] = {
    {CLASS_Boolean, "#flag"},
    {CLASS_Boolean, "false"},
    {CLASS_Integer, "#int"},
    {CLASS_Integer, "#noInt"},
    {CLASS_Integer, "0"},
    {CLASS_Integer, "7"},
    {CLASS_Integer, "#map['a']"},
    {CLASS_Integer, "#rec.a"},
    {CLASS_Integer, "0x7fffffff"},
    {CLASS_Long, "#long"},
    {CLASS_Long, "100000000L"},
    {CLASS_Double, "#double"},
    {CLASS_Double, "0.1"},
    {CLASS_Float, "1.0e-30f"},
    {CLASS_BigDecimal, "#dec"},
    {CLASS_BigInteger, "#bigInt"},
    {CLASS_String, "#str"},
    {CLASS_String, "#wide"},
    {CLASS_String, "#nothing"},
    {CLASS_String, "''"},
    {CLASS_String, "'(a|aa)+$'"},
    {CLASS_String, "'1e999'"},
    {CLASS_String, "'2024-02-30'"},
    {CLASS_String, "'yyyy-MM-dd'"},
    {CLASS_String, "'%999s'"},
    {CLASS_String, "#rec['b']"},
    {CLASS_List, "#list"},
    {CLASS_List, "#many"},
    {CLASS_List, "#words"},
    {CLASS_Map, "#map"},
    {CLASS_Map, "#rec"},
    {CLASS_LocalDateTime, "#date"},
    {CLASS_LocalDate, "#day"},
    {CLASS_LocalTime, "#time"},
    {CLASS_Instant, "#instant"},
    {CLASS_ZonedDateTime, "#zoned"},
    {CLASS_OffsetDateTime, "#offset"},
    {CLASS_Duration, "#span"},
    {CLASS_Period, "#period"},
    {CLASS_ZoneId, "#zone"},
};

const char *program_helper(enum class_id class_id)
{
    static const struct {
        const char *name;
        enum class_id class_id;
    } helpers[] = {
#define HELPER(variable, class, meaning) {"#" #variable, CLASS_##class},
#include "expr/methods/helper_objects.def"
#undef HELPER
    };

    for (size_t i = 0; i < COUNT_OF(helpers); i++) {
        if (helpers[i].class_id == class_id) return helpers[i].name;
    }
    return NULL;
}

/* --- what can be made, and how high it is ------------------------------------------------------------ */

uint32_t program_parameter_count(const struct method *row)
{
    uint32_t count = 0;

    while (!method_takes(row, count))
        count++;
    return count;
}

/* Of the classes that would do the cheapest; Object: anything. */
static uint32_t cost_of(const struct programs *programs, enum class_id wanted)
{
    uint32_t least = PROGRAM_UNREACHED;

    if (wanted == CLASS_Object) return 0;
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        if (class_is((enum class_id)i, wanted) && programs->class_costs[i] < least)
            least = programs->class_costs[i];
    }
    return least;
}

enum class_id program_receiver(const struct method *row)
{
    if (row->place == PLACE_TEXT || row->place == PLACE_NUMBER || row->place == PLACE_CONVERT)
        return CLASS_String;
    if (row->place == PLACE_COLLECTION) return row->receiver == CLASS_List ? CLASS_Map : CLASS_List;
    return row->place == PLACE_UNKNOWN ? CLASS_Object : row->receiver;
}

static uint32_t row_cost(const struct programs *programs, const struct method *row)
{
    uint32_t count = program_parameter_count(row);
    bool free_receiver = row->place == PLACE_STATIC || row->place == PLACE_NEW ||
                         program_helper(row->receiver) != NULL;
    uint32_t cost = free_receiver ? 0 : cost_of(programs, program_receiver(row));

    if (row->run == method_unavailable || row->receiver == CLASS_Array) return PROGRAM_UNREACHED;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t argument = cost_of(programs, method_parameter(row, i));
        if (argument > cost) cost = argument;
    }
    return cost >= PROGRAM_UNREACHED ? PROGRAM_UNREACHED : cost + 1;
}

/* The class a row gives by its text; Object: it follows from the arguments. */
static enum class_id result_of(const struct method *row)
{
    struct slice text = slice_of(row->result);
    enum class_id class_id;
    size_t end = 0;

    if (row->place == PLACE_NEW) return row->receiver;
    while (end < text.len && text.data[end] != '[')
        end++;
    return class_find_simple((struct slice){text.data, end}, &class_id) == STATUS_OK ? class_id
                                                                                     : CLASS_Object;
}

/* One more round: false when it found nothing cheaper. */
static bool lower_costs(struct programs *programs)
{
    bool lowered = false;

    for (uint32_t i = 0; i < programs->method_count; i++) {
        enum class_id result = programs->results[i];
        uint32_t cost = row_cost(programs, method_row(i));
        programs->row_costs[i] = cost;
        if (result == CLASS_Object || cost >= programs->class_costs[result]) continue;
        programs->class_costs[result] = cost;
        programs->class_rows[result] = i;
        lowered = true;
    }
    return lowered;
}

void programs_init(struct programs *programs)
{
    *programs = (struct programs){0};
    buffer_init(&programs->text, PROGRAM_BYTES_MAX);
    for (uint32_t i = 0; i < CLASS_COUNT; i++)
        programs->class_costs[i] = PROGRAM_UNREACHED;
    for (size_t i = 0; i < COUNT_OF(leaves); i++)
        programs->class_costs[leaves[i].class_id] = 0;
    for (; method_row(programs->method_count) != NULL; programs->method_count++) {
        ASSERT(programs->method_count < PROGRAM_METHODS_MAX);
        programs->results[programs->method_count] = result_of(method_row(programs->method_count));
    }
    while (lower_costs(programs)) {}
}

void programs_deinit(struct programs *programs)
{
    buffer_deinit(&programs->text);
}

/* --- leaves -------------------------------------------------------------------------------------------- */

bool program_leaf(struct programs *programs, enum class_id class_id)
{
    uint32_t start = program_below(programs, COUNT_OF(leaves));

    if (programs->loops > 0 && programs->elements == class_id && program_below(programs, 2) == 0) {
        program_put(programs, "#this");
        return true;
    }
    for (uint32_t i = 0; i < COUNT_OF(leaves); i++) {
        uint32_t at = (start + i) % COUNT_OF(leaves);
        if (leaves[at].class_id != class_id) continue;
        program_put(programs, leaves[at].text);
        return true;
    }
    return false;
}

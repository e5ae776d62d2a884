/* test_schema.c - JSON Schema: the types it gives, what it decodes, checks and writes. */
#include "scenario/schema.h"
#include "test.h"

#define TRANSACTION                                                                          \
    "{\"type\":\"object\",\"properties\":{\"clientId\":{\"type\":\"string\"},"               \
    "\"amount\":{\"type\":\"integer\"},\"isLast\":{\"type\":\"boolean\",\"default\":false}," \
    "\"eventDate\":{\"type\":\"integer\"}},\"required\":[\"clientId\",\"amount\"],"          \
    "\"additionalProperties\":false}"

#define PERSON                                                                           \
    "{\"definitions\":{\"city\":{\"type\":\"string\"},\"address\":{\"type\":\"object\"," \
    "\"properties\":{\"city\":{\"$ref\":\"#/definitions/city\"},\"zip\":{\"type\":"      \
    "[\"string\",\"null\"]}},\"required\":[\"city\",\"zip\"]}},"                         \
    "\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},"                \
    "\"address\":{\"$ref\":\"#/definitions/address\"},"                                  \
    "\"tags\":{\"type\":\"array\",\"items\":{\"enum\":[\"a\",\"b\",1]}}},\"required\":[\"name\"]}"

/* A tree: its children are trees. */
#define TREE                                                             \
    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}," \
    "\"children\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}}}"

static struct arena arena;
static struct buffer buffer;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    buffer_init(&buffer, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_deinit(&arena);
    buffer_deinit(&buffer);
    return 0;
}

static const struct schema *read_schema(const char *text)
{
    const struct schema *schema;
    struct slice message;

    if (schema_read(slice_of(text), &arena, &schema, &message) != STATUS_OK)
        fail_msg("%s: %.*s", text, (int)message.len, (const char *)message.data);
    return schema;
}

static void assert_same(struct slice left, struct slice right)
{
    assert_slice_equal(left, right);
}

static void test_types(void **state)
{
    static const struct {
        const char *what;
        const char *schema;
        const char *type;
    } rows[] = {
        {"an integer is a Long", "{\"type\":\"integer\"}", "Long"},
        {"bounds within 32 bits make it an Integer",
         "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}", "Integer"},
        {"one bound is not enough", "{\"type\":\"integer\",\"minimum\":0}", "Long"},
        {"a number is a BigDecimal", "{\"type\":\"number\"}", "BigDecimal"},
        {"one bound beyond 64 bits makes it a BigInteger",
         "{\"type\":\"integer\",\"maximum\":18446744073709551615}", "BigInteger"},
        {"bounds of 64 bits are a Long's",
         "{\"type\":\"integer\",\"minimum\":-9223372036854775808,\"maximum\":9223372036854775807}",
         "Long"},
        {"date-time", "{\"type\":\"string\",\"format\":\"date-time\"}", "ZonedDateTime"},
        {"date", "{\"type\":\"string\",\"format\":\"date\"}", "LocalDate"},
        {"time", "{\"type\":\"string\",\"format\":\"time\"}", "OffsetTime"},
        {"other formats are text", "{\"type\":\"string\",\"format\":\"email\"}", "String"},
        {"a date or null", "{\"type\":[\"null\",\"string\"],\"format\":\"date\"}", "LocalDate"},
        {"a boolean", "{\"type\":\"boolean\"}", "Boolean"},
        {"an array is a List", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
         "List[String]"},
        {"an array of anything", "{\"type\":\"array\"}", "List[Unknown]"},
        {"an object without properties is a Map",
         "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"number\"}}",
         "Map[String,BigDecimal]"},
        {"an object of anything", "{\"type\":\"object\"}", "Map[String,Unknown]"},
        {"an object with properties is a record", TRANSACTION,
         "Record{amount: Long, clientId: String, eventDate: Long, isLast: Boolean}"},
        {"or null is no type of its own", "{\"type\":[\"string\",\"null\"]}", "String"},
        {"two types are a union", "{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
         "Long | String"},
        {"enum: one of its values", "{\"enum\":[\"a\",\"b\"]}", "String(a) | String(b)"},
        {"references are followed", PERSON,
         "Record{address: Record{city: String, zip: String}, name: String, "
         "tags: List[Integer(1) | String(a) | String(b)]}"},
        {"a recursive schema is Unknown inside itself", TREE,
         "Record{children: List[Unknown], n: Long}"},
        {"properties alone say object", "{\"properties\":{\"a\":{}}}", "Record{a: Unknown}"},
        {"true is anything", "true", "Unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_clear(&buffer);
        type_to_text(schema_type(read_schema(rows[i].schema)), true, &buffer);
        if (!slice_equal(buffer_slice(&buffer), slice_of(rows[i].type))) {
            fail_msg("%s: %.*s, not %s", rows[i].what, (int)buffer.len, (const char *)buffer.data,
                     rows[i].type);
        }
    }
}

static void test_refused_schemas(void **state)
{
    static const struct {
        const char *schema;
        const char *message;
    } rows[] = {
        {"{", "it is no JSON"},
        {"1", "a schema is an object, true or false"},
        {"{\"type\":\"text\"}", "unknown type: text"},
        {"{\"type\":3}", "a text is expected"},
        {"{\"type\":\"integer\",\"minimum\":\"1\"}", "`minimum` must be a number"},
        {"{\"type\":\"string\",\"maxLength\":-1}", "`maxLength` must be a whole number from 0 on"},
        {"{\"type\":\"array\",\"minItems\":1.5}", "`minItems` must be a whole number from 0 on"},
        {"{\"type\":\"string\",\"format\":1}", "a text is expected"},
        {"{\"properties\":[]}", "`properties` must be an object"},
        {"{\"enum\":\"a\"}", "`enum` must be an array"},
        {"{\"$ref\":\"other.json\"}", "$ref leads nowhere inside the schema: other.json"},
        {"{\"$ref\":\"#/definitions/x\"}", "$ref leads nowhere inside the schema: #/definitions/x"},
        {"{\"$ref\":\"#\"}", "the schema is nested too deeply"},
        {"{\"properties\":{\"a\":{\"$ref\":\"#/properties/a\"}}}",
         "the schema is nested too deeply"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct schema *schema;
        struct slice message;

        assert_int_equal(schema_read(slice_of(rows[i].schema), &arena, &schema, &message),
                         STATUS_INVALID);
        if (!slice_starts_with(message, slice_of(rows[i].message)))
            fail_msg("%s: %.*s", rows[i].schema, (int)message.len, (const char *)message.data);
    }
}

/* Decodes; appends the value's text or "! message" to the buffer. */
static void decode(const struct schema *schema, const char *text)
{
    struct document document;
    struct json_error error;
    struct value value;
    struct slice message;

    buffer_clear(&buffer);
    assert_ok(json_parse(slice_of(text), &json_limits_default, &arena, &document, &error));
    if (schema_decode(schema, &document, 0, &arena, &value, &message) == STATUS_OK) {
        value_to_text(value, &buffer);
        return;
    }
    buffer_append_text(&buffer, "! ");
    buffer_append(&buffer, message);
}

static void test_decode(void **state)
{
    static const struct {
        const char *what;
        const char *schema;
        const char *text;
        const char *value;
    } rows[] = {
        {"defaults come behind", TRANSACTION, "{\"amount\":3,\"clientId\":\"c\"}",
         "{amount=3, clientId=c, isLast=false}"},
        {"1.0 is an integer", TRANSACTION, "{\"clientId\":\"c\",\"amount\":1.0,\"isLast\":true}",
         "{clientId=c, amount=1, isLast=true}"},
        {"a missing required member", TRANSACTION, "{\"amount\":3}",
         "! #: required key [clientId] not found"},
        {"an undeclared member", TRANSACTION, "{\"clientId\":\"c\",\"amount\":1,\"x\":1}",
         "! #: extraneous key [x] is not permitted"},
        {"a text for a number", TRANSACTION, "{\"clientId\":\"c\",\"amount\":\"1\"}",
         "! #/amount: expected type: Integer, found: String"},
        {"a fraction for an integer", TRANSACTION, "{\"clientId\":\"c\",\"amount\":1.5}",
         "! #/amount: expected type: Integer, found: Number"},
        {"no object at all", TRANSACTION, "[]", "! #: expected type: JSONObject, found: JSONArray"},
        {"a member twice: first place, last value", PERSON,
         "{\"name\":\"a\",\"x\":1,\"name\":\"b\"}", "{name=b, x=1}"},
        {"the path of what is wrong", PERSON,
         "{\"name\":\"n\",\"address\":{\"city\":1,\"zip\":null}}",
         "! #/address/city: expected type: String, found: Number"},
        {"null where it may be", PERSON,
         "{\"name\":\"n\",\"address\":{\"city\":\"c\",\"zip\":null}}",
         "{name=n, address={city=c, zip=null}}"},
        {"enum values", PERSON, "{\"name\":\"n\",\"tags\":[\"b\",1]}", "{name=n, tags=[b, 1]}"},
        {"no enum value", PERSON, "{\"name\":\"n\",\"tags\":[\"c\"]}",
         "! #/tags/*: c is not a valid enum value"},
        {"numbers keep their scale", "{\"type\":\"number\"}", "12.340", "12.340"},
        {"numbers without a fraction", "{\"type\":\"number\"}", "12", "12"},
        {"the first alternative that fits",
         "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", "\"a\"", "a"},
        {"no alternative", "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"string\"}]}", "[]",
         "! #: no alternative of the schema matches"},
        {"an alternative that is its own union", "{\"anyOf\":[{\"$ref\":\"#\"}]}", "1",
         "! the document takes too many steps to check"},
        {"trees", TREE, "{\"n\":1,\"children\":[{\"n\":2,\"children\":[]}]}",
         "{n=1, children=[{n=2, children=[]}]}"},
        {"beyond the maximum", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}", "4294967296",
         "! #: 4294967296 is not less or equal to 100"},
        {"the bound itself", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":100}", "100", "100"},
        {"below the minimum", "{\"type\":\"number\",\"minimum\":0.5}", "0.49",
         "! #: 0.49 is not greater or equal to 0.5"},
        {"a bound that is out", "{\"type\":\"number\",\"exclusiveMinimum\":0}", "0",
         "! #: 0 is not greater than 0"},
        {"a bound that is out, as draft 4 says it",
         "{\"type\":\"number\",\"maximum\":7,\"exclusiveMaximum\":true}", "7.0",
         "! #: 7.0 is not less than 7"},
        {"a BigInteger", "{\"type\":\"integer\",\"maximum\":99999999999999999999}",
         "12345678901234567890", "12345678901234567890"},
        {"a small BigInteger", "{\"type\":\"integer\",\"maximum\":99999999999999999999}", "7.0",
         "7"},
        {"a fraction for a BigInteger", "{\"type\":\"integer\",\"maximum\":99999999999999999999}",
         "7.5", "! #: expected type: Integer, found: Number"},
        {"a text too long, counted as Java counts", "{\"type\":\"string\",\"maxLength\":3}",
         "\"ab\\uD83D\\uDEF9\"", "! #: expected maxLength: 3, actual: 4"},
        {"a text too short", "{\"type\":\"string\",\"minLength\":1}", "\"\"",
         "! #: expected minLength: 1, actual: 0"},
        {"a list too long", "{\"type\":\"array\",\"maxItems\":1}", "[1,2]",
         "! #: expected maximum item count: 1, found: 2"},
        {"a list too short", "{\"type\":\"array\",\"minItems\":3}", "[1,2]",
         "! #: expected minimum item count: 3, found: 2"},
        {"a moment", "{\"type\":\"string\",\"format\":\"date-time\"}",
         "\"2024-02-29T10:00:00.5+01:00\"", "2024-02-29T10:00:00.500+01:00"},
        {"a date", "{\"type\":\"string\",\"format\":\"date\"}", "\"2024-02-29\"", "2024-02-29"},
        {"a time", "{\"type\":\"string\",\"format\":\"time\"}", "\"10:00:00Z\"", "10:00Z"},
        {"no moment", "{\"type\":\"string\",\"format\":\"date-time\"}", "\"yesterday\"",
         "! #: [yesterday] is not a valid date-time. Expected [yyyy-MM-dd'T'HH:mm:ssZ, "
         "yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,9}Z]"},
        {"no date", "{\"type\":\"string\",\"format\":\"date\"}", "\"2023-02-29\"",
         "! #: [2023-02-29] is not a valid date. Expected [yyyy-MM-dd]"},
        {"a number for a date", "{\"type\":\"string\",\"format\":\"date\"}", "7",
         "! #: expected type: String, found: Number"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        decode(read_schema(rows[i].schema), rows[i].text);
        if (!slice_equal(buffer_slice(&buffer), slice_of(rows[i].value))) {
            fail_msg("%s: %.*s, not %s", rows[i].what, (int)buffer.len, (const char *)buffer.data,
                     rows[i].value);
        }
    }
}

static void test_decoded_integers_are_longs(void **state)
{
    const struct schema *schema = read_schema(TRANSACTION);
    struct document document;
    struct json_error error;
    struct value record;
    struct value amount;
    struct slice message;

    (void)state;
    assert_ok(json_parse(SLICE("{\"clientId\":\"c\",\"amount\":7}"), &json_limits_default, &arena,
                         &document, &error));
    assert_ok(schema_decode(schema, &document, 0, &arena, &record, &message));
    assert_ok(map_get(record, SLICE("amount"), &arena, &amount));
    assert_int_equal(amount.kind, VALUE_LONG);
    assert_int_equal(amount.i64, 7);
}

/* The value is a JSON text here, read without a schema. */
static void test_encode(void **state)
{
    static const struct {
        const char *what;
        const char *schema;
        bool strict;
        const char *value;
        const char *written;
    } rows[] = {
        {"as it is", TRANSACTION, true, "{\"amount\":1,\"clientId\":\"c\",\"isLast\":true}",
         "{\"amount\":1,\"clientId\":\"c\",\"isLast\":true}"},
        {"nulls that nobody asked for go", TRANSACTION, true,
         "{\"clientId\":\"c\",\"amount\":1,\"eventDate\":null}",
         "{\"clientId\":\"c\",\"amount\":1}"},
        {"a missing required member", TRANSACTION, true, "{\"amount\":1}",
         "! #: required key [clientId] not found"},
        {"null for a required member", TRANSACTION, true, "{\"amount\":1,\"clientId\":null}",
         "! #: required key [clientId] not found"},
        {"strict refuses undeclared members", TRANSACTION, true,
         "{\"clientId\":\"c\",\"amount\":1,\"x\":1}", "! #: extraneous key [x] is not permitted"},
        {"lax leaves them out", TRANSACTION, false, "{\"clientId\":\"c\",\"amount\":1,\"x\":1}",
         "{\"clientId\":\"c\",\"amount\":1}"},
        {"a text for an integer", TRANSACTION, false, "{\"clientId\":\"c\",\"amount\":\"1\"}",
         "! #/amount: expected type: Integer, found: String"},
        {"required and nullable: null is written", PERSON, true,
         "{\"name\":\"n\",\"address\":{\"city\":\"c\"}}",
         "{\"name\":\"n\",\"address\":{\"city\":\"c\",\"zip\":null}}"},
        {"required with a default",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"default\":5}},"
         "\"required\":[\"a\"]}",
         true, "{}", "{\"a\":5}"},
        {"a text that is a date", "{\"type\":\"string\",\"format\":\"date\"}", true,
         "\"2024-02-29\"", "\"2024-02-29\""},
        {"a text that is none", "{\"type\":\"string\",\"format\":\"date\"}", false, "\"soon\"",
         "! #: [soon] is not a valid date. Expected [yyyy-MM-dd]"},
        {"an enum", PERSON, true, "{\"name\":\"n\",\"tags\":[\"a\",\"z\"]}",
         "! #/tags/*: the value is not a valid enum value"},
        {"alternatives", "{\"oneOf\":[{\"type\":\"array\",\"items\":{\"type\":\"string\"}},{}]}",
         true, "[\"a\",1]", "[\"a\",1]"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct schema *schema = read_schema(rows[i].schema);
        struct document document;
        struct json_error error;
        struct value value;
        struct slice message;

        assert_ok(
            json_parse(slice_of(rows[i].value), &json_limits_default, &arena, &document, &error));
        assert_ok(document_value(&document, 0, &arena, &value));
        buffer_clear(&buffer);
        if (schema_encode(schema, value, rows[i].strict, &arena, &buffer, &message) != STATUS_OK) {
            buffer_clear(&buffer);
            buffer_append_text(&buffer, "! ");
            buffer_append(&buffer, message);
        }
        if (!slice_equal(buffer_slice(&buffer), slice_of(rows[i].written))) {
            fail_msg("%s: %.*s, not %s", rows[i].what, (int)buffer.len, (const char *)buffer.data,
                     rows[i].written);
        }
    }
}

static const struct {
    const char *what;
    const char *schema;
    const char *type;
    bool strict;
    const char *message; /* behind the head; NULL: accepted */
} accepted_types[] = {
    {"the schema's own type", TRANSACTION,
     "Record{clientId: String, amount: Long, isLast: Boolean, eventDate: Long}", true, NULL},
    {"Integer for Long", TRANSACTION, "Record{clientId: String, amount: Integer}", true, NULL},
    {"Unknown is refused when strict", TRANSACTION, "Unknown", true,
     "Incorrect type: actual: 'Unknown' expected: 'Record{amount: Long, clientId: String, "
     "eventDate: Long, isLast: Boolean}'."},
    {"Unknown passes when lax", TRANSACTION, "Unknown", false, NULL},
    {"a missing field", TRANSACTION, "Record{amount: Long}", true, "Missing fields: clientId."},
    {"a redundant field when strict", TRANSACTION,
     "Record{amount: Long, clientId: String, x: Long}", true, "Redundant fields: x."},
    {"a redundant field when lax", TRANSACTION, "Record{amount: Long, clientId: String, x: Long}",
     false, NULL},
    {"a wrong field", TRANSACTION, "Record{amount: String, clientId: String}", false,
     "Incorrect type: path 'amount' actual: 'String' expected: 'Long'."},
    {"Double for an integer when strict", "{\"type\":\"integer\"}", "Double", true,
     "Incorrect type: actual: 'Double' expected: 'Long'."},
    {"Double for an integer when lax", "{\"type\":\"integer\"}", "Double", false, NULL},
    {"fields inside fields", PERSON,
     "Record{name: String, address: Record{city: Long, zip: String}}", true,
     "Incorrect type: path 'address.city' actual: 'Long' expected: 'String'."},
    {"a date for a date", "{\"type\":\"string\",\"format\":\"date\"}", "LocalDate", true, NULL},
    {"another time for a date", "{\"type\":\"string\",\"format\":\"date\"}", "LocalTime", false,
     "Incorrect type: actual: 'LocalTime' expected: 'LocalDate'."},
    {"a text for a date when strict", "{\"type\":\"string\",\"format\":\"date\"}", "String", true,
     "Incorrect type: actual: 'String' expected: 'LocalDate'."},
    {"a text for a date when lax", "{\"type\":\"string\",\"format\":\"date\"}", "String", false,
     NULL},
    {"a moment at an offset", "{\"type\":\"string\",\"format\":\"date-time\"}", "OffsetDateTime",
     true, NULL},
    {"a list of something else", "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}",
     "List[Long]", true, "Incorrect type: path '[]' actual: 'Long' expected: 'String'."},
    {"a union of what fits", "{\"type\":[\"string\",\"integer\"]}", "String | Long", true, NULL},
    {"a union of what fits in part", "{\"type\":\"string\"}", "String | Long", true,
     "Incorrect type: actual: 'Long | String' expected: 'String'."},
    {"a union of what fits in part, lax", "{\"type\":\"string\"}", "String | Long", false, NULL},
    {"a map for a map", "{\"type\":\"object\"}", "Map[String,Unknown]", true, NULL},
    {"a map for a record when strict", TRANSACTION, "Map[String,Unknown]", true,
     "Incorrect type: actual: 'Map[String,Unknown]' expected: 'Record{amount: Long, clientId: "
     "String, eventDate: Long, isLast: Boolean}'."},
};

static void test_accepts(void **state)
{
    static const char head[] = "Provided value does not match scenario output - errors:\n";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted_types); i++) {
        const struct type *type;
        struct slice message;

        assert_ok(type_from_text(slice_of(accepted_types[i].type), &arena, &type));
        bool accepted = schema_accepts(read_schema(accepted_types[i].schema), type,
                                       accepted_types[i].strict, &arena, &message);
        if (accepted != (accepted_types[i].message == NULL)) {
            fail_msg("%s: %s: %.*s", accepted_types[i].what, accepted ? "accepted" : "refused",
                     (int)message.len, (const char *)message.data);
        }
        if (accepted) continue;
        assert_true(slice_starts_with(message, slice_of(head)));
        message.data += strlen(head);
        message.len -= strlen(head);
        assert_same(message, slice_of(accepted_types[i].message));
    }
}

static void test_columns(void **state)
{
    static const struct {
        const char *name;
        bool required;
    } expected[] = {
        {"name", true}, {"address.city", false}, {"address.zip", false}, {"tags", false}};
    const struct schema_column *columns;
    uint32_t count;

    (void)state;
    assert_ok(schema_columns(read_schema(PERSON), &arena, &columns, &count));
    assert_int_equal(count, COUNT_OF(expected));
    for (uint32_t i = 0; i < count; i++) {
        assert_same(columns[i].name, slice_of(expected[i].name));
        assert_int_equal(columns[i].required, expected[i].required);
    }
    assert_ok(schema_columns(read_schema("{\"type\":\"integer\"}"), &arena, &columns, &count));
    assert_int_equal(count, 0);
    assert_int_equal(schema_columns(read_schema("{\"properties\":{\"a\":{\"$ref\":\"#\"},\"b\":"
                                                "{\"$ref\":\"#\"}}}"),
                                    &arena, &columns, &count),
                     STATUS_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_schemas, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decoded_integers_are_longs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_encode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accepts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

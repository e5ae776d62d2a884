/* test_schema.c - JSON Schema: the types it gives, what it decodes and checks. */
#include "schemas.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_schemas, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_decoded_integers_are_longs, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

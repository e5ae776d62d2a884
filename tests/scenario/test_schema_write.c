/* test_schema_write.c - JSON Schema: what it writes, which types of values it takes, its columns. */
#include "schemas.h"

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
        cmocka_unit_test_setup_teardown(test_encode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_accepts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_columns, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

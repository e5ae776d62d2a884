/* value.c - constructors that look at what they are given, and the names of the kinds. */
#include "value/value.h"

#include "value/utf8.h"

static const char *const kind_names[VALUE_KIND_COUNT] = {
    [VALUE_NULL] = "Null",
    [VALUE_BOOLEAN] = "Boolean",
    [VALUE_BYTE] = "Byte",
    [VALUE_SHORT] = "Short",
    [VALUE_INTEGER] = "Integer",
    [VALUE_LONG] = "Long",
    [VALUE_FLOAT] = "Float",
    [VALUE_DOUBLE] = "Double",
    [VALUE_BIG_INTEGER] = "BigInteger",
    [VALUE_BIG_DECIMAL] = "BigDecimal",
    [VALUE_CHARACTER] = "Character",
    [VALUE_STRING] = "String",
    [VALUE_LIST] = "List",
    [VALUE_SET] = "Set",
    [VALUE_MAP] = "Map",
    [VALUE_DURATION] = "Duration",
    [VALUE_CLASS] = "Class",
    [VALUE_TEMPORAL] = "Temporal",
    [VALUE_OBJECT] = "Object",
    [VALUE_FORMATTER] = "DateTimeFormatter",
};

const char *value_kind_name(enum value_kind kind)
{
    ASSERT(kind < VALUE_KIND_COUNT);
    return kind_names[kind];
}

struct value value_string(struct slice text)
{
    ASSERT(text.len <= UINT32_MAX);
    return (struct value){.kind = VALUE_STRING,
                          .flags = utf8_is_ascii(text) ? VALUE_ASCII : 0,
                          .len = (uint32_t)text.len,
                          .text = text.data != NULL ? text.data : (const uint8_t *)""};
}

struct value value_list(const struct value *items, uint32_t count)
{
    return (struct value){.kind = VALUE_LIST, .count = count, .items = items};
}

struct value value_map(const struct value_entry *entries, uint32_t count)
{
    return (struct value){.kind = VALUE_MAP, .count = count, .entries = entries};
}

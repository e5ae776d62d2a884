/* class.c - the classes expressions can see: names, hierarchy, and which one a value belongs to. */
#include "value/type_room.h"

const struct class_info class_infos[CLASS_COUNT] = {
#define CLASS(name, java_name, parameter_count, meaning) \
    {#name, java_name, parameter_count, meaning},
#include "value/classes.def"
#undef CLASS
};

struct superclass {
    enum class_id class_id;
    enum class_id super;
};

static const struct superclass superclasses[] = {
#define SUPERCLASS(name, super) {CLASS_##name, CLASS_##super},
#define ORDERED(name)
#include "value/hierarchy.def"
#undef SUPERCLASS
#undef ORDERED
};

static const bool ordered[CLASS_COUNT] = {
#define SUPERCLASS(name, super)
#define ORDERED(name) [CLASS_##name] = true,
#include "value/hierarchy.def"
#undef SUPERCLASS
#undef ORDERED
};

/* The hierarchy is a few levels deep; recursion ends because no row leads back. */
bool class_is(enum class_id class_id, enum class_id super)
{
    if (class_id == super || super == CLASS_Object) return true;
    if (super == CLASS_Comparable) return class_is_ordered(class_id);
    for (size_t i = 0; i < COUNT_OF(superclasses); i++) {
        if (superclasses[i].class_id == class_id && class_is(superclasses[i].super, super)) {
            return true;
        }
    }
    return false;
}

bool class_is_ordered(enum class_id class_id)
{
    ASSERT(class_id < CLASS_COUNT);
    return ordered[class_id] || class_id == CLASS_DayOfWeek || class_id == CLASS_Month;
}

bool class_is_number(enum class_id class_id)
{
    return class_is(class_id, CLASS_Number);
}

uint32_t class_supers(enum class_id class_id, enum class_id *supers, uint32_t max)
{
    uint32_t count = 0;

    for (size_t i = 0; i < COUNT_OF(superclasses) && count < max; i++) {
        if (superclasses[i].class_id == class_id) supers[count++] = superclasses[i].super;
    }
    return count;
}

enum status class_find(struct slice java_name, enum class_id *class_id)
{
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        if (slice_equal(slice_of(class_infos[i].java_name), java_name)) {
            *class_id = (enum class_id)i;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

enum status class_find_simple(struct slice name, enum class_id *class_id)
{
    for (uint32_t i = 0; i < CLASS_COUNT; i++) {
        if (slice_equal(slice_of(class_infos[i].name), name)) {
            *class_id = (enum class_id)i;
            return STATUS_OK;
        }
    }
    return STATUS_NOT_FOUND;
}

const uint8_t class_of_kind[VALUE_KIND_COUNT] = {
    [VALUE_NULL] = CLASS_Object,
    [VALUE_BOOLEAN] = CLASS_Boolean,
    [VALUE_BYTE] = CLASS_Byte,
    [VALUE_SHORT] = CLASS_Short,
    [VALUE_INTEGER] = CLASS_Integer,
    [VALUE_LONG] = CLASS_Long,
    [VALUE_FLOAT] = CLASS_Float,
    [VALUE_DOUBLE] = CLASS_Double,
    [VALUE_BIG_INTEGER] = CLASS_BigInteger,
    [VALUE_BIG_DECIMAL] = CLASS_BigDecimal,
    [VALUE_CHARACTER] = CLASS_Character,
    [VALUE_STRING] = CLASS_String,
    [VALUE_LIST] = CLASS_List,
    [VALUE_SET] = CLASS_Set,
    [VALUE_MAP] = CLASS_Map,
    [VALUE_DURATION] = CLASS_Duration,
    [VALUE_CLASS] = CLASS_COUNT,
    [VALUE_TEMPORAL] = CLASS_COUNT,
    [VALUE_OBJECT] = CLASS_COUNT,
    [VALUE_FORMATTER] = CLASS_DateTimeFormatter,
};
_Static_assert(CLASS_COUNT <= UINT8_MAX, "a class is a byte");

enum class_id class_of_value(struct value value)
{
    switch ((int)value.kind) {
    case VALUE_LIST: return (value.flags & VALUE_ARRAY) != 0 ? CLASS_Array : CLASS_List;
    case VALUE_CLASS: return (enum class_id)value.i64;
    case VALUE_TEMPORAL: return (enum class_id)value.temporal;
    case VALUE_OBJECT: return (enum class_id)value.class_id;
    default: break;
    }
    ASSERT(value.kind < VALUE_KIND_COUNT);
    return (enum class_id)class_of_kind[value.kind];
}

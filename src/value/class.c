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

enum class_id class_of_value(struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_NULL: return CLASS_Object;
    case VALUE_BOOLEAN: return CLASS_Boolean;
    case VALUE_BYTE: return CLASS_Byte;
    case VALUE_SHORT: return CLASS_Short;
    case VALUE_INTEGER: return CLASS_Integer;
    case VALUE_LONG: return CLASS_Long;
    case VALUE_FLOAT: return CLASS_Float;
    case VALUE_DOUBLE: return CLASS_Double;
    case VALUE_BIG_INTEGER: return CLASS_BigInteger;
    case VALUE_BIG_DECIMAL: return CLASS_BigDecimal;
    case VALUE_CHARACTER: return CLASS_Character;
    case VALUE_STRING: return CLASS_String;
    case VALUE_LIST: return (value.flags & VALUE_ARRAY) != 0 ? CLASS_Array : CLASS_List;
    case VALUE_SET: return CLASS_Set;
    case VALUE_MAP: return CLASS_Map;
    case VALUE_DURATION: return CLASS_Duration;
    case VALUE_CLASS: return (enum class_id)value.i64;
    case VALUE_TEMPORAL: return (enum class_id)value.temporal;
    case VALUE_OBJECT: return (enum class_id)value.class_id;
    case VALUE_FORMATTER: return CLASS_DateTimeFormatter;
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

/* type_relation.c - equality, assignability, common supertypes and promotion of types.
 *
 * The rules are deliberately loose where the original's are (nussknacker-compat §3.3): a union fits
 * when one of its members does, type parameters may differ in either direction, numbers widen.
 */
#include "value/type_room.h"

/* --- equality ------------------------------------------------------------------------------------ */

static bool members_equal(const struct type *left, const struct type *right)
{
    for (uint32_t i = 0; i < left->count; i++) {
        bool found = false;
        for (uint32_t j = 0; j < right->count && !found; j++) {
            found = type_equal(left->parameters[i], right->parameters[j]);
        }
        if (!found) return false;
    }
    return true;
}

static bool fields_equal(const struct type *left, const struct type *right)
{
    for (uint32_t i = 0; i < left->count; i++) {
        const struct type *other = type_field(right, left->fields[i].name);
        if (other == NULL || !type_equal(left->fields[i].type, other)) return false;
    }
    return true;
}

bool type_equal(const struct type *left, const struct type *right)
{
    if (left == right) return true;
    if (left->kind != right->kind || left->count != right->count) return false;
    switch (left->kind) {
    case TYPE_UNKNOWN:
    case TYPE_NULL: return true;
    case TYPE_CLASS:
        if (left->class_id != right->class_id || left->known != right->known) return false;
        for (uint32_t i = 0; i < left->count; i++) {
            if (!type_equal(left->parameters[i], right->parameters[i])) return false;
        }
        return !left->known || value_equals(left->value, right->value);
    case TYPE_RECORD: return fields_equal(left, right);
    case TYPE_UNION: return members_equal(left, right);
    case TYPE_DICT: return value_equals(left->value, right->value);
    }
    UNREACHABLE("type kind outside the enum");
}

/* --- assignability ------------------------------------------------------------------------------- */

static bool is_floating(enum class_id class_id)
{
    return class_id == CLASS_BigDecimal || class_id == CLASS_Double || class_id == CLASS_Float;
}

static bool is_decimal(enum class_id class_id)
{
    return class_id == CLASS_BigInteger || class_id == CLASS_Long || class_id == CLASS_Integer ||
           class_id == CLASS_Short || class_id == CLASS_Byte;
}

/* What the evaluator converts by itself: numbers, and literal text to dates, zones and the like. */
static bool convertible(const struct type *from, enum class_id to)
{
    enum class_id class_id = type_class_id(from);

    if (is_floating(to) && class_is_number(class_id)) return true;
    if (is_decimal(to) && (is_decimal(class_id) || class_id == CLASS_BigDecimal)) return true;
    return from->kind == TYPE_CLASS && from->known && from->value.kind == VALUE_STRING &&
           text_fits_class(value_text(from->value), to);
}

static bool parameters_fit(const struct type *from, const struct type *to)
{
    /* A record's value type is not spelled out; its fields stand for it. */
    if (from->kind == TYPE_RECORD) {
        if (type_class_id(to) != CLASS_Map || to->kind != TYPE_CLASS) return true;
        if (!type_assignable(to->parameters[0], type_of_class(CLASS_String))) return false;
        for (uint32_t i = 0; i < from->count; i++) {
            if (!type_assignable(from->fields[i].type, to->parameters[1])) return false;
        }
        return true;
    }
    if (to->kind != TYPE_CLASS) return true;
    for (uint32_t i = 0; i < to->count && i < from->count; i++) {
        if (!type_assignable(from->parameters[i], to->parameters[i]) &&
            !type_assignable(to->parameters[i], from->parameters[i])) {
            return false;
        }
    }
    return true;
}

static bool fields_fit(const struct type *from, const struct type *to)
{
    for (uint32_t i = 0; i < to->count; i++) {
        const struct type *given =
            from->kind == TYPE_RECORD ? type_field(from, to->fields[i].name) : NULL;
        if (given == NULL || !type_assignable(given, to->fields[i].type)) return false;
    }
    return true;
}

static bool single_assignable(const struct type *from, const struct type *to)
{
    if (from->kind == TYPE_DICT || to->kind == TYPE_DICT) return type_equal(from, to);
    bool fits = class_is(type_class_id(from), type_class_id(to)) && parameters_fit(from, to);

    if (!fits && !convertible(from, type_class_id(to))) return false;
    if (to->kind == TYPE_RECORD) return fields_fit(from, to);
    if (to->kind == TYPE_CLASS && to->known && from->kind == TYPE_CLASS && from->known) {
        return value_equals(from->value, to->value);
    }
    return true;
}

bool type_assignable(const struct type *from, const struct type *to)
{
    if (from->kind == TYPE_UNKNOWN || to->kind == TYPE_UNKNOWN) return true;
    if (from->kind == TYPE_NULL) return !(to->kind == TYPE_CLASS && to->known);
    if (to->kind == TYPE_NULL) return false;

    uint32_t from_count;
    uint32_t to_count;
    const struct type *const *from_members = type_members(&from, &from_count);
    const struct type *const *to_members = type_members(&to, &to_count);
    for (uint32_t i = 0; i < from_count; i++) {
        for (uint32_t j = 0; j < to_count; j++) {
            if (single_assignable(from_members[i], to_members[j])) return true;
        }
    }
    return false;
}

/* --- common supertypes --------------------------------------------------------------------------- */

enum joining {
    JOINING_LOOSE,       /* nothing in common: Unknown */
    JOINING_INTERSECTION /* nothing in common: NULL */
};

static const struct type *join(const struct type *left, const struct type *right,
                               enum joining joining, struct arena *arena);

static const struct type *join_parameters(const struct type *super, const struct type *sub,
                                          enum joining joining, struct arena *arena)
{
    const struct type *joined[2] = {&type_unknown, &type_unknown};

    for (uint32_t i = 0; i < super->count; i++) {
        const struct type *parameter = type_parameter(super, i, arena);
        if (super->count == sub->count) {
            parameter = join(parameter, type_parameter(sub, i, arena), joining, arena);
            if (parameter == NULL) return NULL;
        }
        joined[i] = parameter;
    }
    return type_class(super->class_id, joined[0], joined[1], arena);
}

enum { SUPERS_MAX = 24 };

/* All supertypes, breadth first, itself first. */
static uint32_t walk_supers(enum class_id class_id, enum class_id *supers)
{
    uint32_t count = 1;

    supers[0] = class_id;
    for (uint32_t i = 0; i < count; i++) {
        enum class_id direct[8];
        uint32_t direct_count = class_supers(supers[i], direct, COUNT_OF(direct));
        for (uint32_t j = 0; j < direct_count && count < SUPERS_MAX; j++) {
            bool seen = false;
            for (uint32_t k = 0; k < count; k++)
                seen = seen || supers[k] == direct[j];
            if (!seen) supers[count++] = direct[j];
        }
    }
    return count;
}

/* Classes of different branches: what both inherit from, the most special ones. */
static const struct type *join_branches(enum class_id left, enum class_id right,
                                        enum joining joining, struct arena *arena)
{
    enum class_id left_supers[SUPERS_MAX];
    enum class_id right_supers[SUPERS_MAX];
    const struct type *found[SUPERS_MAX];
    uint32_t count = 0;
    uint32_t left_count = walk_supers(left, left_supers);
    uint32_t right_count = walk_supers(right, right_supers);

    for (uint32_t i = 0; i < left_count; i++) {
        bool common = false;
        for (uint32_t j = 0; j < right_count; j++) {
            common = common || left_supers[i] == right_supers[j];
        }
        for (uint32_t j = 0; j < count; j++) {
            common = common && !class_is(type_class_id(found[j]), left_supers[i]);
        }
        if (common) found[count++] = type_of_class(left_supers[i]);
    }
    if (count > 0) return type_union(found, count, arena);
    return joining == JOINING_LOOSE ? &type_unknown : NULL;
}

static const struct type *join_classes(const struct type *left, const struct type *right,
                                       enum joining joining, struct arena *arena)
{
    if (class_is(right->class_id, left->class_id)) {
        return join_parameters(left, right, joining, arena);
    }
    if (class_is(left->class_id, right->class_id)) {
        return join_parameters(right, left, joining, arena);
    }
    return join_branches(left->class_id, right->class_id, joining, arena);
}

static const struct type *join_records(const struct type *left, const struct type *right,
                                       enum joining joining, struct arena *arena)
{
    struct type_field *fields = arena_alloc(arena, left->count + right->count, sizeof(*fields));
    uint32_t count = 0;

    if (fields == NULL) return NULL;
    for (uint32_t i = 0; i < left->count; i++) {
        const struct type *other = type_field(right, left->fields[i].name);
        const struct type *joined = left->fields[i].type;
        if (other != NULL) joined = join(joined, other, joining, arena);
        if (joined == NULL || (other == NULL && joining == JOINING_INTERSECTION)) continue;
        fields[count++] = (struct type_field){left->fields[i].name, joined};
    }
    for (uint32_t i = 0; i < right->count && joining == JOINING_LOOSE; i++) {
        if (type_field(left, right->fields[i].name) != NULL) continue;
        fields[count++] = right->fields[i];
    }
    return type_record(fields, count, arena);
}

/* A record beside something else counts as the map it is. */
static const struct type *as_class(const struct type *type, struct arena *arena)
{
    if (type->kind != TYPE_RECORD) return type_without_value(type, arena);
    return type_map(type_of_class(CLASS_String), type_parameter(type, 1, arena), arena);
}

static const struct type *join_singles(const struct type *left, const struct type *right,
                                       enum joining joining, struct arena *arena)
{
    if (type_equal(left, right)) return left;
    if (left->kind == TYPE_DICT || right->kind == TYPE_DICT)
        return joining == JOINING_LOOSE ? &type_unknown : NULL;
    if (left->kind == TYPE_RECORD && right->kind == TYPE_RECORD) {
        return join_records(left, right, joining, arena);
    }
    const struct type *left_class = as_class(left, arena);
    const struct type *right_class = as_class(right, arena);
    if (left_class == NULL || right_class == NULL) return NULL;

    const struct type *joined = join_classes(left_class, right_class, joining, arena);
    bool same_value = left->kind == TYPE_CLASS && right->kind == TYPE_CLASS && left->known &&
                      right->known && value_equals(left->value, right->value);
    if (joined != NULL && same_value && joined->kind == TYPE_CLASS) {
        return type_with_value(joined, left->value, arena);
    }
    return joined;
}

static const struct type *join_unions(const struct type *left, const struct type *right,
                                      enum joining joining, struct arena *arena)
{
    enum { COMBINATIONS_MAX = 64 };
    const struct type *found[COMBINATIONS_MAX];
    uint32_t count = 0;
    uint32_t left_count;
    uint32_t right_count;
    const struct type *const *left_members = type_members(&left, &left_count);
    const struct type *const *right_members = type_members(&right, &right_count);

    for (uint32_t i = 0; i < left_count; i++) {
        for (uint32_t j = 0; j < right_count && count < COMBINATIONS_MAX; j++) {
            const struct type *joined =
                join_singles(left_members[i], right_members[j], joining, arena);
            if (joined != NULL) found[count++] = joined;
        }
    }
    return count > 0 ? type_union(found, count, arena) : NULL;
}

static const struct type *join(const struct type *left, const struct type *right,
                               enum joining joining, struct arena *arena)
{
    if (left->kind == TYPE_UNKNOWN || right->kind == TYPE_UNKNOWN) return &type_unknown;
    if (left->kind == TYPE_NULL || right->kind == TYPE_NULL) {
        const struct type *other = left->kind == TYPE_NULL ? right : left;
        return other->kind == TYPE_CLASS ? type_without_value(other, arena) : other;
    }
    if (left->kind == TYPE_UNION || right->kind == TYPE_UNION) {
        return join_unions(left, right, joining, arena);
    }
    return join_singles(left, right, joining, arena);
}

const struct type *type_common(const struct type *left, const struct type *right,
                               struct arena *arena)
{
    return join(left, right, JOINING_LOOSE, arena);
}

bool type_comparable(const struct type *left, const struct type *right, struct arena *arena)
{
    return join(left, right, JOINING_INTERSECTION, arena) != NULL;
}

/* --- promotion ----------------------------------------------------------------------------------- */

static const enum class_id widest_first[] = {CLASS_BigDecimal, CLASS_Double, CLASS_Float,
                                             CLASS_BigInteger, CLASS_Long,   CLASS_Integer,
                                             CLASS_Short,      CLASS_Byte};

static enum class_id promote_widest(enum class_id left, enum class_id right)
{
    bool known_left = is_floating(left) || is_decimal(left);
    bool known_right = is_floating(right) || is_decimal(right);

    if (!known_left || !known_right) return CLASS_Number;
    for (size_t i = 0; i < COUNT_OF(widest_first); i++) {
        if (widest_first[i] == left || widest_first[i] == right) return widest_first[i];
    }
    return CLASS_Number;
}

static const struct type *promote_power(enum class_id left, enum class_id right,
                                        struct arena *arena)
{
    if (left == CLASS_BigDecimal || left == CLASS_BigInteger) return type_of_class(left);
    if (left == CLASS_Double || right == CLASS_Double || left == CLASS_Float ||
        right == CLASS_Float) {
        return type_of_class(CLASS_Double);
    }
    if (left == CLASS_Long || right == CLASS_Long) return type_of_class(CLASS_Long);
    const struct type *either[] = {type_of_class(CLASS_Integer), type_of_class(CLASS_Long)};
    return type_union(either, COUNT_OF(either), arena);
}

static const struct type *promote_classes(enum class_id left, enum class_id right,
                                          enum promotion promotion, struct arena *arena)
{
    enum class_id widest = promote_widest(left, right);

    switch (promotion) {
    case PROMOTION_MATH:
        if (widest == CLASS_Byte || widest == CLASS_Short) widest = CLASS_Integer;
        break;
    case PROMOTION_POWER: return promote_power(left, right, arena);
    case PROMOTION_MIN_MAX: break;
    case PROMOTION_LARGE_SUM:
        if (widest == CLASS_Float) widest = CLASS_Double;
        if (widest == CLASS_Byte || widest == CLASS_Short || widest == CLASS_Integer) {
            widest = CLASS_Long;
        }
        break;
    case PROMOTION_LARGE_FLOAT:
        if (widest == CLASS_BigInteger) widest = CLASS_BigDecimal;
        if (widest != CLASS_BigDecimal && widest != CLASS_Number) widest = CLASS_Double;
        break;
    }
    return type_of_class(widest);
}

const struct type *type_promote(const struct type *left, const struct type *right,
                                enum promotion promotion, struct arena *arena)
{
    enum { COMBINATIONS_MAX = 64 };
    const struct type *found[COMBINATIONS_MAX];
    uint32_t count = 0;
    uint32_t left_count;
    uint32_t right_count;

    if (left->kind <= TYPE_NULL || right->kind <= TYPE_NULL) return &type_unknown;
    const struct type *const *left_members = type_members(&left, &left_count);
    const struct type *const *right_members = type_members(&right, &right_count);
    for (uint32_t i = 0; i < left_count; i++) {
        for (uint32_t j = 0; j < right_count && count < COMBINATIONS_MAX; j++) {
            const struct type *promoted = promote_classes(
                type_class_id(left_members[i]), type_class_id(right_members[j]), promotion, arena);
            if (promoted == NULL) return NULL;
            found[count++] = promoted;
        }
    }
    return type_union(found, count, arena);
}

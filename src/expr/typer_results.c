/* typer_results.c - the rules behind "@name" results of method rows. */
#include "expr/typer.h"

static const struct type *result(struct typer *typer, const struct type *type)
{
    return typer_need(typer, type);
}

static const struct type *argument(const struct type_call *call, uint32_t index)
{
    ASSERT(index < call->count);
    return call->arguments[index];
}

static const struct type *item_of(struct typer *typer, const struct type *list)
{
    return type_parameter(list, 0, typer->arena);
}

static const struct type *list_of(struct typer *typer, const struct type *item)
{
    return result(typer, type_list(item, typer->arena));
}

static bool is_ordered(const struct type *type)
{
    if (type->kind == TYPE_UNKNOWN) return true;
    return type->kind == TYPE_CLASS &&
           (class_is_ordered(type->class_id) || type->class_id == CLASS_Number);
}

/* --- rules over the receiver ------------------------------------------------------------------------ */

static const struct type *rule_item(struct typer *typer, const struct type_call *call,
                                    const char **message)
{
    (void)message;
    return type_parameter(call->receiver, 0, typer->arena);
}

static const struct type *rule_value(struct typer *typer, const struct type_call *call,
                                     const char **message)
{
    (void)message;
    return type_parameter(call->receiver, 1, typer->arena);
}

static const struct type *rule_keys(struct typer *typer, const struct type_call *call,
                                    const char **message)
{
    (void)message;
    return result(typer, type_class(CLASS_Set, type_parameter(call->receiver, 0, typer->arena),
                                    NULL, typer->arena));
}

static const struct type *rule_values(struct typer *typer, const struct type_call *call,
                                      const char **message)
{
    (void)message;
    return result(typer,
                  type_class(CLASS_Collection, type_parameter(call->receiver, 1, typer->arena),
                             NULL, typer->arena));
}

static const struct type *rule_items(struct typer *typer, const struct type_call *call,
                                     const char **message)
{
    (void)message;
    return list_of(typer, type_parameter(call->receiver, 0, typer->arena));
}

static const struct type *rule_entries(struct typer *typer, const struct type_call *call,
                                       const char **message)
{
    struct type_field fields[] = {
        {SLICE("key"), type_parameter(call->receiver, 0, typer->arena)},
        {SLICE("value"), type_parameter(call->receiver, 1, typer->arena)}};

    if (call->receiver->kind == TYPE_UNKNOWN) return list_of(typer, &type_unknown);
    if (type_class_id(call->receiver) != CLASS_Map) return rule_items(typer, call, message);
    return list_of(typer, result(typer, type_record(fields, COUNT_OF(fields), typer->arena)));
}

static const struct type *rule_map_of_entries(struct typer *typer, const struct type_call *call,
                                              const char **message)
{
    const struct type *item = type_parameter(call->receiver, 0, typer->arena);

    if (call->receiver->kind == TYPE_UNKNOWN || item->kind == TYPE_UNKNOWN) {
        return type_of_class(CLASS_Map);
    }
    const struct type *key = item->kind == TYPE_RECORD ? type_field(item, SLICE("key")) : NULL;
    const struct type *value = item->kind == TYPE_RECORD ? type_field(item, SLICE("value")) : NULL;
    if (item->kind != TYPE_RECORD) return NULL;
    if (key == NULL || value == NULL) {
        *message = "List element must contain 'key' and 'value' fields";
        return NULL;
    }
    return result(typer, type_map(type_without_value(key, typer->arena),
                                  type_without_value(value, typer->arena), typer->arena));
}

static const struct type *rule_can_be_map(struct typer *typer, const struct type_call *call,
                                          const char **message)
{
    return rule_map_of_entries(typer, call, message) != NULL ? type_of_class(CLASS_Boolean) : NULL;
}

/* --- conversions ------------------------------------------------------------------------------------- */

/* The class a literal argument names, if a value of the receiver's type may become one. */
static bool named_class(const struct type_call *call, enum class_id *class_id)
{
    static const enum class_id targets[] = {CLASS_Long,
                                            CLASS_Double,
                                            CLASS_BigDecimal,
                                            CLASS_Boolean,
                                            CLASS_String,
                                            CLASS_Map,
                                            CLASS_List,
                                            CLASS_Byte,
                                            CLASS_Short,
                                            CLASS_Integer,
                                            CLASS_Float,
                                            CLASS_BigInteger,
                                            CLASS_ZoneOffset,
                                            CLASS_ZoneId,
                                            CLASS_Locale,
                                            CLASS_Charset,
                                            CLASS_Currency,
                                            CLASS_UUID,
                                            CLASS_LocalTime,
                                            CLASS_LocalDate,
                                            CLASS_LocalDateTime,
                                            CLASS_ChronoLocalDate,
                                            CLASS_ChronoLocalDateTime};
    const struct type *name = argument(call, 0);

    if (name->kind != TYPE_CLASS || !name->known || name->value.kind != VALUE_STRING) return false;
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct slice text = value_text(name->value);
        if (slice_equal_ignoring_case(text, slice_of(class_infos[targets[i]].name)) ||
            slice_equal_ignoring_case(text, slice_of(class_infos[targets[i]].java_name))) {
            *class_id = targets[i];
            return true;
        }
    }
    return false;
}

static bool may_become(const struct type *receiver, enum class_id class_id)
{
    enum class_id from = type_class_id(receiver);

    if (receiver->kind == TYPE_UNKNOWN || receiver->kind == TYPE_UNION) return true;
    if (class_id == CLASS_List || class_id == CLASS_Map) {
        return class_is(from, CLASS_Collection) || from == CLASS_Map || from == CLASS_Array;
    }
    return true;
}

static const struct type *rule_cast(struct typer *typer, const struct type_call *call,
                                    const char **message)
{
    enum class_id class_id;

    (void)typer;
    if (argument(call, 0)->kind != TYPE_CLASS || !argument(call, 0)->known) return NULL;
    if (!named_class(call, &class_id)) {
        struct slice name = value_text(argument(call, 0)->value);
        struct buffer text;
        struct slice copy = {0};
        buffer_init(&text, 1024);
        buffer_append_text(&text, "Cannot cast or convert to: '");
        buffer_append(&text, name);
        buffer_append(&text, (struct slice){(const uint8_t *)"'", 2});
        if (arena_copy(typer->arena, buffer_slice(&text), &copy) == STATUS_OK) {
            *message = (const char *)copy.data;
        }
        buffer_deinit(&text);
        return NULL;
    }
    return may_become(call->receiver, class_id) ? type_of_class(class_id) : NULL;
}

static const struct type *rule_can_be(struct typer *typer, const struct type_call *call,
                                      const char **message)
{
    return rule_cast(typer, call, message) != NULL ? type_of_class(CLASS_Boolean) : NULL;
}

/* --- numbers ------------------------------------------------------------------------------------------ */

static const struct type *rule_same(struct typer *typer, const struct type_call *call,
                                    const char **message)
{
    (void)message;
    return result(typer, type_without_value(argument(call, 0), typer->arena));
}

static const struct type *promoted(struct typer *typer, const struct type_call *call,
                                   enum promotion promotion)
{
    return result(typer,
                  type_promote(argument(call, 0), argument(call, 1), promotion, typer->arena));
}

static const struct type *rule_math(struct typer *typer, const struct type_call *call,
                                    const char **message)
{
    (void)message;
    return promoted(typer, call, PROMOTION_MATH);
}

static const struct type *rule_min_max(struct typer *typer, const struct type_call *call,
                                       const char **message)
{
    (void)message;
    return promoted(typer, call, PROMOTION_MIN_MAX);
}

static const struct type *rule_large_sum(struct typer *typer, const struct type_call *call,
                                         const char **message)
{
    (void)message;
    return promoted(typer, call, PROMOTION_LARGE_SUM);
}

static const struct type *rule_to_number(struct typer *typer, const struct type_call *call,
                                         const char **message)
{
    (void)message;
    const struct type *type = argument(call, 0);
    if (type->kind == TYPE_UNKNOWN || type->kind == TYPE_NULL) return &type_unknown;
    return type->kind == TYPE_CLASS && class_is_number(type->class_id)
               ? result(typer, type_without_value(type, typer->arena))
               : type_of_class(CLASS_Number);
}

/* --- lists and maps ------------------------------------------------------------------------------------ */

static const struct type *rule_first_list(struct typer *typer, const struct type_call *call,
                                          const char **message)
{
    (void)message;
    return list_of(typer, item_of(typer, argument(call, 0)));
}

static const struct type *rule_first_item(struct typer *typer, const struct type_call *call,
                                          const char **message)
{
    (void)message;
    const struct type *list = argument(call, 0);
    if (list->kind == TYPE_NULL) return &type_null;
    const struct type *item = item_of(typer, list);
    return is_ordered(item) ? item : NULL;
}

static const struct type *rule_all_lists(struct typer *typer, const struct type_call *call,
                                         const char **message)
{
    const struct type *item = item_of(typer, argument(call, 0));

    (void)message;
    /* An empty literal adds nothing; its item type is not even asked. */
    for (uint32_t i = 1; i < call->count; i++) {
        item = typer_common(typer, item, item_of(typer, argument(call, i)));
    }
    return list_of(typer, item);
}

static const struct type *rule_sorted(struct typer *typer, const struct type_call *call,
                                      const char **message)
{
    const struct type *list = argument(call, 0);

    (void)message;
    if (list->kind == TYPE_UNKNOWN || list->kind == TYPE_NULL) return list;
    return is_ordered(item_of(typer, list)) ? list_of(typer, item_of(typer, list)) : NULL;
}

static const struct type *rule_sorted_by(struct typer *typer, const struct type_call *call,
                                         const char **message)
{
    const struct type *item = item_of(typer, argument(call, 0));
    const struct type *name = argument(call, 1);

    (void)message;
    if (name->kind != TYPE_CLASS || !name->known) {
        return item->kind == TYPE_UNKNOWN ? list_of(typer, item) : NULL;
    }
    if (item->kind != TYPE_RECORD) return list_of(typer, item);
    const struct type *field = type_field(item, value_text(name->value));
    return field != NULL && is_ordered(field) ? list_of(typer, item) : NULL;
}

static const struct type *rule_sum_of(struct typer *typer, const struct type_call *call,
                                      const char **message)
{
    const struct type *item = item_of(typer, argument(call, 0));

    (void)message;
    if (item->kind == TYPE_UNKNOWN || item->kind == TYPE_NULL) return &type_unknown;
    if (!type_assignable(item, type_of_class(CLASS_Number))) return NULL;
    return result(typer, type_promote(item, item, PROMOTION_LARGE_SUM, typer->arena));
}

static const struct type *rule_flattened(struct typer *typer, const struct type_call *call,
                                         const char **message)
{
    const struct type *inner = item_of(typer, argument(call, 0));

    (void)message;
    if (inner->kind == TYPE_UNKNOWN) return &type_unknown;
    return list_of(typer, item_of(typer, inner));
}

static const struct type *merge_two(struct typer *typer, const struct type *left,
                                    const struct type *right)
{
    if (left->kind == TYPE_UNKNOWN || right->kind == TYPE_UNKNOWN) {
        return type_of_class(CLASS_Map);
    }
    if (left->kind != TYPE_RECORD || right->kind != TYPE_RECORD) {
        const struct type *key = typer_common(typer, type_parameter(left, 0, typer->arena),
                                              type_parameter(right, 0, typer->arena));
        const struct type *value = typer_common(typer, type_parameter(left, 1, typer->arena),
                                                type_parameter(right, 1, typer->arena));
        return result(typer, type_map(key, value, typer->arena));
    }
    struct type_field *fields =
        arena_alloc(typer->arena, left->count + right->count, sizeof(*fields));
    uint32_t count = 0;
    if (fields == NULL) return result(typer, NULL);
    for (uint32_t i = 0; i < left->count; i++) {
        const struct type *other = type_field(right, left->fields[i].name);
        fields[count++] =
            (struct type_field){left->fields[i].name, other != NULL ? other : left->fields[i].type};
    }
    for (uint32_t i = 0; i < right->count; i++) {
        if (type_field(left, right->fields[i].name) == NULL) fields[count++] = right->fields[i];
    }
    return result(typer, type_record(fields, count, typer->arena));
}

static const struct type *rule_merged(struct typer *typer, const struct type_call *call,
                                      const char **message)
{
    const struct type *merged = argument(call, 0);

    (void)message;
    for (uint32_t i = 1; i < call->count; i++)
        merged = merge_two(typer, merged, argument(call, i));
    return merged->kind == TYPE_UNKNOWN ? type_of_class(CLASS_Map) : merged;
}

static const struct type *rule_product(struct typer *typer, const struct type_call *call,
                                       const char **message)
{
    (void)message;
    (void)call;
    return list_of(typer, type_of_class(CLASS_Map));
}

/* --- the table ----------------------------------------------------------------------------------------- */

const struct type *type_rule(struct typer *typer, const char *rule, const struct type_call *call,
                             const char **message)
{
    static const struct {
        const char *name;
        const struct type *(*run)(struct typer *, const struct type_call *, const char **);
    } rules[] = {
#define RULE(name, meaning) {#name, rule_##name},
#include "expr/typer_results.def"
#undef RULE
    };

    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (strcmp(rules[i].name, rule) == 0) return rules[i].run(typer, call, message);
    }
    UNREACHABLE("a method row names a rule that does not exist");
}

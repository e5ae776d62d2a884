/* vm_usual.h - what the machine and short expressions do with values that are what they usually are.
 * False: something else, take care.
 */
#pragma once
#include "base/bytes.h"
#include "expr/machine.h"
#include "expr/text.h"
#include "value/document.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The member of a record or another map that has been built, if there is one. */
ALWAYS_INLINE bool take_entry(struct slice name, const struct value *map, struct value *member)
{
    const struct value_entry *end = map->entries + map->count;

    for (const struct value_entry *entry = map->entries; entry != end; entry++) {
        if (entry->key.kind != VALUE_STRING || entry->key.len != name.len) continue;
        if (!bytes_equal(entry->key.text, name.data, name.len)) continue;
        *member = entry->value;
        return true;
    }
    return false;
}

/* The member named by constant `key`, if there is one; else `member` stays. It may be `map`. */
ALWAYS_INLINE bool take_member(const struct expr *expr, uint32_t key, struct arena *arena,
                               const struct value *map, struct value *member)
{
    struct slice name = value_text(expr->constants[key]);

    if (map->kind != VALUE_MAP) return false;
    if ((map->flags & VALUE_LAZY) == 0) return take_entry(name, map, member);
    return document_get(map->document, map->node, name, arena, member) == STATUS_OK;
}

/* Texts, whole numbers of one kind, anything with null. False: these two take care. */
ALWAYS_INLINE bool simply_equal(const struct value *left, const struct value *right, bool *equal)
{
    if (left->kind == VALUE_STRING && right->kind == VALUE_STRING) {
        *equal = left->len == right->len && bytes_equal(left->text, right->text, left->len);
        return true;
    }
    *equal = left->kind == right->kind;
    if (*equal && (left->kind == VALUE_INTEGER || left->kind == VALUE_LONG)) {
        *equal = left->i64 == right->i64;
        return true;
    }
    return left->kind == VALUE_NULL || right->kind == VALUE_NULL;
}

static inline bool is_expected(const struct value *value, uint32_t class_id)
{
    return value->kind == VALUE_NULL || value_surely_is(value, (enum class_id)class_id);
}

/* A function may have put the value down in two pieces; taking it up in one would wait for both. */
static inline void value_take(const struct value *top, struct value *result)
{
    const volatile uint64_t *halves = (const volatile uint64_t *)top;
    uint64_t head = halves[0];

    value_put(result, head, halves[1]);
}

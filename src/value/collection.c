/* collection.c - one interface over eager arrays and lazy JSON.
 *
 * A lazy object may carry a key twice. Its value is the last one, its place the first; whoever
 * counts or walks sees it once. unique_members() finds that out, and only an object that really
 * repeats a key is built eagerly.
 */
#include "value/collection.h"

#include "base/bytes.h"
#include "value/document.h"

static bool is_lazy(struct value container)
{
    return (container.flags & VALUE_LAZY) != 0;
}

static const struct document_node *lazy_node(struct value container)
{
    return &container.document->nodes[container.node];
}

/* --- lists ------------------------------------------------------------------------------------ */

uint32_t list_count(struct value list)
{
    ASSERT(list.kind == VALUE_LIST || list.kind == VALUE_SET);
    return is_lazy(list) ? lazy_node(list)->count : list.count;
}

enum status list_item(struct value list, uint32_t index, struct arena *arena, struct value *item)
{
    ASSERT(index < list_count(list));
    if (!is_lazy(list)) {
        *item = list.items[index];
        return STATUS_OK;
    }
    uint32_t node = list.node + 1;
    for (uint32_t i = 0; i < index; i++)
        node = list.document->nodes[node].next;
    return document_value(list.document, node, arena, item);
}

/* --- repeated keys ----------------------------------------------------------------------------- */

enum { MEMBERS_COMPARED_PAIRWISE = 24 };

/* A member by its decoded key; `at` is its number among the members. */
struct member {
    struct slice key;
    uint32_t node; /* of the value */
    uint32_t at;
};

static bool raw_keys_differ(const struct document *document, uint32_t object)
{
    struct slice keys[MEMBERS_COMPARED_PAIRWISE];
    uint32_t count = document->nodes[object].count;
    uint32_t node = object + 1;

    for (uint32_t i = 0; i < count; i++) {
        if (document->nodes[node].kind == DOCUMENT_ESCAPED_STRING) return false;
        keys[i] = document_text(document, node);
        for (uint32_t k = 0; k < i; k++)
            if (slice_equal(keys[i], keys[k])) return false;
        node = document->nodes[node + 1].next;
    }
    return true;
}

static bool member_before(const struct member *left, const struct member *right)
{
    int order = slice_compare(left->key, right->key);

    return order != 0 ? order < 0 : left->at < right->at;
}

/* Bottom-up merge sort by key, then by place; `spare` is as long as `members`. */
static struct member *members_sort(struct member *members, struct member *spare, uint32_t count)
{
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t from = 0; from < count; from += 2 * width) {
            uint32_t middle = from + width < count ? from + width : count;
            uint32_t to = middle + width < count ? middle + width : count;
            uint32_t left = from;
            uint32_t right = middle;

            for (uint32_t i = from; i < to; i++) {
                bool take_right = left == middle ||
                                  (right < to && member_before(&members[right], &members[left]));
                spare[i] = take_right ? members[right++] : members[left++];
            }
        }
        struct member *swap = members;
        members = spare;
        spare = swap;
    }
    return members;
}

static enum status members_read(const struct document *document, uint32_t object,
                                struct arena *arena, struct member *members)
{
    uint32_t node = object + 1;

    for (uint32_t i = 0; i < document->nodes[object].count; i++) {
        enum status status = document_string(document, node, arena, &members[i].key);

        if (status != STATUS_OK) return status;
        members[i].node = node + 1;
        members[i].at = i;
        node = document->nodes[node + 1].next;
    }
    return STATUS_OK;
}

/* Builds the entries of sorted members, each key once: in place of its first, with its last value.
 * `order` [count] is overwritten. */
static enum status members_build(const struct document *document, const struct member *sorted,
                                 uint32_t count, struct arena *arena, struct value *map)
{
    struct value_entry *entries = arena_alloc(arena, count, sizeof(*entries));
    bool *used = arena_zalloc(arena, count, sizeof(*used));
    uint32_t filled = 0;

    if (entries == NULL || used == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count;) {
        uint32_t first = i;

        for (i++; i < count && slice_equal(sorted[i].key, sorted[first].key);)
            i++;
        struct value_entry *entry = &entries[sorted[first].at];
        entry->key = value_string(sorted[first].key);
        used[sorted[first].at] = true;
        enum status status = document_value(document, sorted[i - 1].node, arena, &entry->value);
        if (status != STATUS_OK) return status;
    }
    for (uint32_t i = 0; i < count; i++)
        if (used[i]) entries[filled++] = entries[i];
    *map = value_map(entries, filled);
    return STATUS_OK;
}

enum status map_unique(struct value map, struct arena *arena, struct value *unique)
{
    ASSERT(map.kind == VALUE_MAP);
    *unique = map;
    if (!is_lazy(map)) return STATUS_OK;
    uint32_t count = lazy_node(map)->count;
    if (count <= MEMBERS_COMPARED_PAIRWISE && raw_keys_differ(map.document, map.node))
        return STATUS_OK;

    struct arena_mark mark = arena_mark(arena);
    struct member *members = arena_alloc(arena, count, sizeof(*members));
    struct member *spare = arena_alloc(arena, count, sizeof(*spare));
    if (members == NULL || spare == NULL) return STATUS_LIMIT;
    enum status status = members_read(map.document, map.node, arena, members);
    if (status != STATUS_OK) return status;
    struct member *sorted = members_sort(members, spare, count);
    for (uint32_t i = 1; i < count; i++) {
        if (slice_equal(sorted[i - 1].key, sorted[i].key))
            return members_build(map.document, sorted, count, arena, unique);
    }
    arena_rewind(arena, mark);
    return STATUS_OK;
}

/* --- maps -------------------------------------------------------------------------------------- */

uint32_t map_count(struct value map)
{
    struct arena scratch;
    struct value unique;

    ASSERT(map.kind == VALUE_MAP);
    if (!is_lazy(map)) return map.count;
    if (lazy_node(map)->count <= MEMBERS_COMPARED_PAIRWISE &&
        raw_keys_differ(map.document, map.node))
        return lazy_node(map)->count;
    arena_init(&scratch, VALUE_SCRATCH_MAX);
    enum status status = map_unique(map, &scratch, &unique);
    uint32_t count = status == STATUS_OK && !is_lazy(unique) ? unique.count : lazy_node(map)->count;
    arena_deinit(&scratch);
    return count;
}

enum status map_entry(struct value map, uint32_t index, struct arena *arena,
                      struct value_entry *entry)
{
    struct value_cursor cursor = value_cursor(map);
    enum status status = STATUS_OK;

    if (!is_lazy(map)) {
        ASSERT(index < map.count);
        *entry = map.entries[index];
        return STATUS_OK;
    }
    for (uint32_t i = 0; i <= index; i++) {
        bool more = cursor_next(&cursor, arena, entry, &status);

        ASSERT(more || status != STATUS_OK);
        if (!more) return status;
    }
    return STATUS_OK;
}

enum status map_get(struct value map, struct slice key, struct arena *arena, struct value *value)
{
    ASSERT(map.kind == VALUE_MAP);
    if (is_lazy(map)) return document_get(map.document, map.node, key, arena, value);
    for (uint32_t i = 0; i < map.count; i++) {
        const struct value *own = &map.entries[i].key;
        if (own->kind != VALUE_STRING || own->len != key.len) continue;
        if (!bytes_equal(own->text, key.data, key.len)) continue;
        *value = map.entries[i].value;
        return STATUS_OK;
    }
    return STATUS_NOT_FOUND;
}

/* --- walking ----------------------------------------------------------------------------------- */

struct value_cursor value_cursor(struct value container)
{
    ASSERT(container.kind == VALUE_LIST || container.kind == VALUE_SET ||
           container.kind == VALUE_MAP || container.kind == VALUE_OBJECT);
    return (struct value_cursor){.container = container, .node = container.node + 1};
}

static bool next_lazy(struct value_cursor *cursor, struct arena *arena, struct value_entry *entry,
                      enum status *status)
{
    const struct document *document = cursor->container.document;

    if (cursor->at == lazy_node(cursor->container)->count) return false;
    if (cursor->container.kind == VALUE_MAP) {
        *status = document_value(document, cursor->node++, arena, &entry->key);
        if (*status != STATUS_OK) return false;
    }
    *status = document_value(document, cursor->node, arena, &entry->value);
    if (*status != STATUS_OK) return false;
    cursor->node = document->nodes[cursor->node].next;
    cursor->at++;
    return true;
}

bool cursor_next(struct value_cursor *cursor, struct arena *arena, struct value_entry *entry,
                 enum status *status)
{
    struct value *container = &cursor->container;

    *status = STATUS_OK;
    entry->key = value_null();
    if (cursor->at == 0 && is_lazy(*container) && container->kind == VALUE_MAP) {
        *status = map_unique(*container, arena, container);
        if (*status != STATUS_OK) return false;
    }
    if (is_lazy(*container)) return next_lazy(cursor, arena, entry, status);
    if (cursor->at == container->count) return false;
    if (container->kind == VALUE_MAP) {
        *entry = container->entries[cursor->at++];
    } else {
        entry->value = container->items[cursor->at++];
    }
    return true;
}

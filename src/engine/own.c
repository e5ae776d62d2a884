/* own.c - nested values are copied twice: into scratch to learn their size, then into a block
 * of exactly that size through an arena that cannot grow. Strings, the usual case, once. */
#include "engine/own.h"
#include "value/formatter.h"

static bool has_block(struct value value)
{
    switch ((enum value_kind)value.kind) {
    case VALUE_STRING: return value.len > 0;
    case VALUE_LIST:
    case VALUE_SET:
    case VALUE_OBJECT:
    case VALUE_MAP: return value.count > 0;
    case VALUE_BIG_INTEGER:
    case VALUE_BIG_DECIMAL:
    case VALUE_TEMPORAL: return (value.flags & VALUE_WIDE) != 0;
    case VALUE_FORMATTER: return value.formatter->constant == 0;
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_BYTE:
    case VALUE_SHORT:
    case VALUE_INTEGER:
    case VALUE_LONG:
    case VALUE_FLOAT:
    case VALUE_DOUBLE:
    case VALUE_CHARACTER:
    case VALUE_DURATION:
    case VALUE_CLASS: return false;
    case VALUE_KIND_COUNT: break;
    }
    UNREACHABLE("value kind outside the enum");
}

static void *root_of(struct value value)
{
    union {
        const void *seen;
        void *owned;
    } root = {.seen = value.text};

    return root.owned;
}

static enum status own_string(struct pool *pool, struct value string, struct value *owned)
{
    uint8_t *text = pool_alloc(pool, string.len);

    if (text == NULL) return STATUS_LIMIT;
    memcpy(text, string.text, string.len);
    *owned = string;
    owned->text = text;
    return STATUS_OK;
}

/* Copies into scratch and says how many bytes that took: again if the copy crossed from one chunk
 * to the next, whose unused end would be counted. */
static enum status measure(struct arena *scratch, struct value value, struct value *copy,
                           size_t *bytes)
{
    for (int attempt = 0;; attempt++) {
        struct arena_chunk *chunk = scratch->current;
        size_t before = arena_used(scratch);
        enum status status = value_copy(value, scratch, copy);

        if (status != STATUS_OK) return status;
        *bytes = arena_used(scratch) - before;
        if (scratch->current == chunk || attempt == 1) return STATUS_OK;
    }
}

/* The first thing value_copy() allocates for a container is its own items: they are the block's
 * first bytes, so freeing what the root points to frees everything. */
static enum status own_nested(struct pool *pool, struct arena *scratch, struct value value,
                              struct value *owned)
{
    struct arena_mark mark = arena_mark(scratch);
    struct value measured;
    size_t bytes;
    enum status status = measure(scratch, value, &measured, &bytes);

    if (status != STATUS_OK) return status;
    if (!has_block(measured)) { /* an empty container */
        *owned = measured;
        return STATUS_OK;
    }
    uint8_t *block = pool_alloc(pool, bytes);

    if (block == NULL) return STATUS_LIMIT;
    struct arena inside = {.next = block, .end = block + bytes, .bytes_max = 1};

    status = value_copy(measured, &inside, owned);
    arena_rewind(scratch, mark);
    ASSERT(status == STATUS_OK && root_of(*owned) == block && inside.bytes_held == 0);
    return STATUS_OK;
}

enum status value_own(struct pool *pool, struct arena *scratch, struct value value,
                      struct value *owned)
{
    bool lazy = (value.flags & VALUE_LAZY) != 0;

    if (!lazy && !has_block(value)) {
        *owned = value;
        if (value.kind == VALUE_STRING) owned->text = NULL;
        return STATUS_OK;
    }
    if (value.kind == VALUE_STRING) return own_string(pool, value, owned);
    return own_nested(pool, scratch, value, owned);
}

void value_disown(struct pool *pool, struct value owned)
{
    if (has_block(owned)) pool_free(pool, root_of(owned));
}

/* zoneinfo.c - tzdata.zi names the tables: "Z name ..." a zone, "L target name" another name of one. */
#include "sys/zoneinfo.h"
#include <stdlib.h>

#include "codec/tzif.h"
#include "sys/file.h"

enum { LIST_BYTES_MAX = 4 << 20, TABLE_BYTES_MAX = 1 << 20, ZONES_MAX = 2048 };

static bool next_line(struct slice *rest, struct slice *line)
{
    if (rest->len == 0) return false;
    const uint8_t *end = memchr(rest->data, '\n', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    size_t taken = end == NULL ? len : len + 1;

    *line = (struct slice){rest->data, len};
    *rest = (struct slice){rest->data + taken, rest->len - taken};
    return true;
}

/* The `index`-th word of a line; empty if there are fewer. */
static struct slice word(struct slice line, uint32_t index)
{
    for (;; index--) {
        const uint8_t *end = memchr(line.data, ' ', line.len);
        size_t len = end == NULL ? line.len : (size_t)(end - line.data);
        if (index == 0) return (struct slice){line.data, len};
        if (end == NULL) return (struct slice){0};
        line = (struct slice){end + 1, line.len - len - 1};
    }
}

/* What Java leaves out: it has these three letters for other things, or not at all. */
static bool is_known_to_java(struct slice id)
{
    static const char *const others[] = {"EST", "HST", "MST", "ROC", "Factory"};

    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (slice_equal(id, slice_of(others[i]))) return false;
    }
    return id.len > 0 && id.len <= ZONE_ID_BYTES_MAX;
}

static struct slice listed_id(struct slice line)
{
    if (slice_starts_with(line, SLICE("Z "))) return word(line, 1);
    return slice_starts_with(line, SLICE("L ")) ? word(line, 2) : (struct slice){0};
}

static enum status load_table(const char *directory, struct slice id, struct buffer *bytes,
                              struct arena *arena, struct zone *zone)
{
    struct buffer path;
    struct slice copy;
    char name[ZONE_ID_BYTES_MAX + 1];

    ASSERT(id.data != NULL && id.len < sizeof(name));
    memcpy(name, id.data, id.len);
    name[id.len] = '\0';
    buffer_init(&path, 4096);
    enum status status = file_read(file_join(&path, directory, name), bytes);
    buffer_deinit(&path);
    if (status == STATUS_OK) status = tzif_read(buffer_slice(bytes), arena, zone);
    if (status == STATUS_OK) status = arena_copy(arena, id, &copy);
    if (status == STATUS_OK) zone->id = copy;
    return status;
}

static int by_id(const void *left, const void *right)
{
    struct slice a = ((const struct zone *)left)->id;
    struct slice b = ((const struct zone *)right)->id;
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

enum status zoneinfo_load(const char *directory, struct arena *arena, struct zones *zones)
{
    struct buffer list;
    struct buffer bytes;
    struct slice line;
    struct zone *items = arena_alloc(arena, ZONES_MAX, sizeof(*items));

    *zones = (struct zones){0};
    if (items == NULL) return STATUS_LIMIT;
    buffer_init(&list, LIST_BYTES_MAX);
    buffer_init(&bytes, TABLE_BYTES_MAX);
    enum status status = file_read(file_join(&bytes, directory, "tzdata.zi"), &list);
    struct slice rest = buffer_slice(&list);
    while (status == STATUS_OK && next_line(&rest, &line)) {
        struct slice id = listed_id(line);
        if (!is_known_to_java(id)) continue;
        if (zones->count == ZONES_MAX) {
            status = STATUS_LIMIT;
            break;
        }
        status = load_table(directory, id, &bytes, arena, &items[zones->count]);
        /* A list may name what was not installed. */
        if (status == STATUS_OK) zones->count++;
        if (status == STATUS_NOT_FOUND) status = STATUS_OK;
    }
    buffer_deinit(&bytes);
    buffer_deinit(&list);
    if (status != STATUS_OK) return status;
    qsort(items, zones->count, sizeof(*items), by_id);
    zones->items = items;
    return STATUS_OK;
}

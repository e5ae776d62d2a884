/* index_read.c - bytes to an index: the checksum, then every number that leads anywhere. */
#include <math.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/name_text.h"
#include "model/retrieve/index.h"
#include "model/retrieve/index_room.h"

struct reading {
    const uint8_t *start;
    size_t len;
    size_t at;
    struct buffer *message;
};

static enum status refuse(struct buffer *message, const char *section, const char *what)
{
    buffer_append_text(message, section);
    buffer_append_text(message, what);
    buffer_append_text(message, "; make it anew with `headrace model index`");
    return STATUS_CORRUPT;
}

static enum status header_read(struct slice bytes, struct buffer *message, struct index *index)
{
    struct slice magic = SLICE(INDEX_MAGIC);
    struct byte_reader reader = byte_reader(bytes);

    if (!slice_equal(read_bytes(&reader, magic.len), magic))
        return refuse(message, "", "this is no index");
    uint32_t version = read_le32(&reader);
    uint32_t crc = read_le32(&reader);
    if (reader.bad) return refuse(message, "", "the file ends within its head");
    if (version != INDEX_VERSION) return refuse(message, "", "the index has another version");
    if (crc32c(0, (struct slice){reader.next, (size_t)(reader.end - reader.next)}) != crc)
        return refuse(message, "", "the checksum is wrong: the file is damaged or cut off");
#define COUNT(field) index->counts.field = read_le32(&reader);
#include "model/retrieve/index_counts.def"
#undef COUNT
    if (reader.bad) return refuse(message, "", "the file ends within its head");
    return STATUS_OK;
}

/* The next section's bytes; NULL: the file is too short. */
static const void *section_next(struct reading *reading, uint64_t count, size_t size)
{
    uint64_t bytes = count * size; /* both below 2^33 */

    reading->at = (reading->at + INDEX_ALIGNMENT - 1) / INDEX_ALIGNMENT * INDEX_ALIGNMENT;
    if (reading->at > reading->len || bytes > reading->len - reading->at) return NULL;
    const void *section = reading->start + reading->at;
    reading->at += (size_t)bytes;
    return section;
}

static enum status sections_find(struct slice bytes, struct buffer *message, struct index *index)
{
    const struct index_counts counts = index->counts;
    struct reading reading = {bytes.data, bytes.len, INDEX_HEAD_BYTES, message};

#define SECTION(field, type, count, stop)                                   \
    index->field = section_next(&reading, (uint64_t)(count), sizeof(type)); \
    if (index->field == NULL) return refuse(message, #field, ": the file is too short");
#include "model/retrieve/index_sections.def"
#undef SECTION
    if (reading.at != bytes.len) return refuse(message, "", "the file is longer than it says");
    return STATUS_OK;
}

/* --- numbers ------------------------------------------------------------------------------------- */

static bool all_below(const uint32_t *numbers, uint64_t count, uint32_t stop)
{
    uint32_t largest = 0;

    for (uint64_t i = 0; i < count; i++)
        largest = numbers[i] > largest ? numbers[i] : largest;
    return count == 0 || largest < stop;
}

/* Ascending from 0 to the total in steps of at most `step_max`; the longest step is told. */
static bool starts_good(const uint32_t *starts, uint32_t count, uint32_t total, uint32_t step_max,
                        uint32_t *longest)
{
    uint32_t most = 0;

    if (starts[0] != 0 || starts[count] != total) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (starts[i + 1] < starts[i]) return false;
        most = starts[i + 1] - starts[i] > most ? starts[i + 1] - starts[i] : most;
    }
    if (longest != NULL) *longest = most;
    return most <= step_max;
}

static struct slice text_of(const uint32_t *starts, const uint8_t *texts, uint32_t at)
{
    return (struct slice){texts + starts[at], starts[at + 1] - starts[at]};
}

static bool floats_good(const float *floats, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (!(floats[i] >= 0.0F) || isinf(floats[i])) return false;
    }
    return true;
}

static bool doubles_good(const double *doubles, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (!(doubles[i] >= 0.0) || isinf(doubles[i])) return false;
    }
    return true;
}

/* The merge of lists relies on this. */
static bool lists_descend(const struct index *index)
{
    for (uint32_t item = 0; item < index->counts.items; item++) {
        for (uint32_t i = index->list_starts[item] + 1; i < index->list_starts[item + 1]; i++) {
            if (index->lists[i] >= index->lists[i - 1]) return false;
        }
    }
    return true;
}

/* A walk divides by a row's sum. */
static bool sums_positive(const struct index *index)
{
    for (uint32_t item = 0; item < index->counts.items; item++) {
        if (index->row_starts[item] < index->row_starts[item + 1] &&
            !(index->row_sums[item] > 0.0F))
            return false;
    }
    return true;
}

static enum status counts_check(const struct index_counts *counts, struct buffer *message)
{
    if (counts->items == 0 || counts->items > INDEX_ITEMS_MAX)
        return refuse(message, "items", ": there are none, or too many");
    if (counts->categories == 0 || counts->categories > INDEX_ITEMS_MAX)
        return refuse(message, "categories", ": there are none, or too many");
    if (counts->sessions > UINT32_MAX - 1) return refuse(message, "sessions", ": too many");
    if (counts->trending == 0 || counts->trending > INDEX_TRENDING_MAX)
        return refuse(message, "trending", ": there is nothing, or too much");
    return STATUS_OK;
}

static bool u32_below(const void *section, size_t size, uint64_t count, uint32_t stop)
{
    return stop == 0 || size != sizeof(uint32_t) || all_below(section, count, stop);
}

static enum status places_check(struct index *index, struct buffer *message)
{
    const struct index_counts counts = index->counts;
    const struct {
        const char *name;
        const uint32_t *starts;
        uint32_t count, total, step_max;
        uint32_t *longest;
    } tables[] = {
        {"names", index->name_starts, counts.items, counts.name_bytes, UINT32_MAX, NULL},
        {"products", index->product_starts, counts.items, counts.product_bytes, UINT32_MAX, NULL},
        {"category_names", index->category_starts, counts.categories, counts.category_bytes,
         UINT32_MAX, NULL},
        {"shelves", index->shelf_starts, counts.categories, counts.shelf_items, INDEX_SHELF_MAX,
         NULL},
        {"lists", index->list_starts, counts.items, counts.listed, UINT32_MAX, NULL},
        {"session_items", index->session_starts, counts.sessions, counts.session_clicks,
         INDEX_SESSION_MAX, &index->longest_session},
        {"rows", index->row_starts, counts.items, counts.pairs, INDEX_ROW_MAX, &index->longest_row},
    };

    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        if (!starts_good(tables[i].starts, tables[i].count, tables[i].total, tables[i].step_max,
                         tables[i].longest))
            return refuse(message, tables[i].name, ": places do not ascend, or lie too far apart");
    }
    return STATUS_OK;
}

static enum status numbers_check(const struct index *index, struct buffer *message)
{
    const struct index_counts counts = index->counts;

#define SECTION(field, type, count, stop)                                  \
    if (!u32_below(index->field, sizeof(type), (uint64_t)(count), (stop))) \
        return refuse(message, #field, ": a number leads out of the index");
#include "model/retrieve/index_sections.def"
#undef SECTION
    if (!floats_good(index->trends, counts.items) || !doubles_good(index->idf, counts.items) ||
        !floats_good(index->row_scores, counts.pairs) ||
        !floats_good(index->row_sums, counts.items))
        return refuse(message, "scores", ": a number is negative or none");
    if (!sums_positive(index)) return refuse(message, "row_sums", ": a sum is not positive");
    if (!lists_descend(index)) return refuse(message, "lists", ": sessions do not descend");
    return STATUS_OK;
}

/* They go out in answers. */
static enum status texts_check(const struct index *index, struct buffer *message)
{
    const struct index_counts counts = index->counts;
    const struct {
        const char *section;
        const uint32_t *starts;
        const uint8_t *bytes;
        uint32_t count;
    } tables[] = {
        {"names", index->name_starts, index->names, counts.items},
        {"products", index->product_starts, index->products, counts.items},
        {"category_names", index->category_starts, index->category_names, counts.categories},
    };

    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (uint32_t i = 0; i < tables[t].count; i++) {
            struct slice text = text_of(tables[t].starts, tables[t].bytes, i);

            if (name_trouble(text) == NULL) continue;
            return refuse(message, tables[t].section,
                          text.len > NAME_BYTES_MAX ? ": a name is longer than 4096 bytes"
                                                    : ": a name is not UTF-8");
        }
    }
    return STATUS_OK;
}

/* --- names --------------------------------------------------------------------------------------- */

struct slice index_name(const struct index *index, uint32_t item)
{
    return text_of(index->name_starts, index->names, item);
}

struct slice index_product_id(const struct index *index, uint32_t item)
{
    struct slice id = text_of(index->product_starts, index->products, item);

    return id.len > 0 ? id : index_name(index, item);
}

/* The slot of a text, or the free one it would take. */
static uint32_t *slot_of(const struct index *index, struct slice text)
{
    uint32_t slot = (uint32_t)hash_bytes(text, 0) & index->slot_mask;

    for (; index->slots[slot] != 0; slot = (slot + 1) & index->slot_mask) {
        uint32_t item = index->slots[slot] - 1;

        if (slice_equal(index_name(index, item), text) ||
            slice_equal(index_product_id(index, item), text))
            break;
    }
    return &index->slots[slot];
}

bool index_find(const struct index *index, struct slice name, uint32_t *item)
{
    uint32_t slot = *slot_of(index, name);

    if (slot == 0) return false;
    *item = slot - 1;
    return true;
}

/* Names first: a product id that is another item's name does not take its place. */
static enum status slots_make(struct index *index, struct arena *arena)
{
    uint64_t slots = 16;

    while (slots < (uint64_t)index->counts.items * 4)
        slots *= 2;
    index->slot_mask = (uint32_t)(slots - 1);
    index->slots = arena_zalloc(arena, slots, sizeof(*index->slots));
    if (index->slots == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < index->counts.items; item++) {
        uint32_t *slot = slot_of(index, index_name(index, item));

        if (*slot == 0) *slot = item + 1;
    }
    for (uint32_t item = 0; item < index->counts.items; item++) {
        uint32_t *slot = slot_of(index, index_product_id(index, item));

        if (*slot == 0) *slot = item + 1;
    }
    return STATUS_OK;
}

enum status index_read(struct slice bytes, struct arena *arena, struct buffer *message,
                       struct index *index)
{
    *index = (struct index){0};
    ASSERT(bytes.len == 0 || (uintptr_t)bytes.data % INDEX_ALIGNMENT == 0);
    enum status status = header_read(bytes, message, index);
    if (status == STATUS_OK) status = counts_check(&index->counts, message);
    if (status == STATUS_OK) status = sections_find(bytes, message, index);
    if (status == STATUS_OK) status = places_check(index, message);
    if (status == STATUS_OK) status = numbers_check(index, message);
    if (status == STATUS_OK) status = texts_check(index, message);
    if (status == STATUS_OK) status = slots_make(index, arena);
    if (status == STATUS_LIMIT) buffer_append_text(message, "the index does not fit memory");
    return status;
}

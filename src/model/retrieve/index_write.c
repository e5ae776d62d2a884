/* index_write.c - clicks and products to the bytes of an index.
 *
 * The arrays are made in memory as struct index has them, then written one after the other. Of an
 * item's sessions only the m most recent are kept, which is all that a merge of lists can reach; a
 * session that no list holds is left out.
 */
#include <math.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/judge/dataset_room.h"
#include "model/retrieve/index_room.h"

#define SECONDS_A_DAY 86400.0

struct making {
    const struct dataset *dataset;
    const struct index_product *products;
    uint32_t product_count;
    const struct index_settings *settings;
    struct arena *arena;
    struct index index;
    struct names items;      /* the dataset's names in its order, then cold products */
    struct names categories; /* number 0: none */
    uint32_t *category_of;
    struct slice *product_ids; /* by item; len 0: its name */
};

/* --- items and products -------------------------------------------------------------------------- */

static bool names_find(const struct names *names, struct slice text, uint32_t *number)
{
    uint32_t mask = 2 * names->capacity - 1;
    uint32_t slot = (uint32_t)hash_bytes(text, 0) & mask;

    while (names->slots[slot] != 0 && !slice_equal(names->texts[names->slots[slot] - 1], text))
        slot = (slot + 1) & mask;
    if (names->slots[slot] == 0) return false;
    *number = names->slots[slot] - 1;
    return true;
}

static enum status product_add(struct making *making, const struct index_product *product)
{
    uint32_t item;
    uint32_t category = 0;
    enum status status = STATUS_OK;

    if (product->handle.len == 0 && product->id.len == 0) return STATUS_OK;
    if (!names_find(&making->items, product->handle, &item) &&
        !names_find(&making->items, product->id, &item)) {
        struct slice name = product->handle.len > 0 ? product->handle : product->id;

        status = names_number(&making->items, name, &item);
    }
    if (status == STATUS_OK && product->category.len > 0)
        status = names_number(&making->categories, product->category, &category);
    if (status != STATUS_OK) return status;
    making->category_of[item] = category;
    making->product_ids[item] = product->id;
    return STATUS_OK;
}

static enum status items_make(struct making *making)
{
    const struct dataset *dataset = making->dataset;
    size_t most = (size_t)dataset->item_count + making->product_count;
    uint32_t number;
    enum status status = names_init(&making->items, making->arena);

    if (most > INDEX_ITEMS_MAX) return STATUS_LIMIT;
    making->category_of = arena_zalloc(making->arena, most, sizeof(*making->category_of));
    making->product_ids = arena_zalloc(making->arena, most, sizeof(*making->product_ids));
    if (making->category_of == NULL || making->product_ids == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; status == STATUS_OK && i < dataset->item_count; i++)
        status = names_number(&making->items, dataset->names[i], &number);
    if (status == STATUS_OK) status = names_init(&making->categories, making->arena);
    if (status == STATUS_OK) status = names_number(&making->categories, SLICE(""), &number);
    for (uint32_t i = 0; status == STATUS_OK && i < making->product_count; i++)
        status = product_add(making, &making->products[i]);
    making->index.counts.items = making->items.count;
    making->index.counts.categories = making->categories.count;
    making->index.category_of = making->category_of;
    return status;
}

/* Texts one after the other, and where each begins. */
static enum status texts_make(const struct slice *texts, uint32_t count, struct arena *arena,
                              const uint32_t **starts, const uint8_t **bytes, uint32_t *total)
{
    uint32_t *at = arena_zalloc(arena, (size_t)count + 1, sizeof(*at));
    uint64_t sum = 0;

    if (at == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        sum += texts[i].len;
        if (sum > UINT32_MAX) return STATUS_LIMIT;
        at[i + 1] = (uint32_t)sum;
    }
    uint8_t *all = arena_alloc(arena, (size_t)sum, 1);
    if (all == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        if (texts[i].len > 0) memcpy(all + at[i], texts[i].data, texts[i].len);
    }
    *starts = at;
    *bytes = all;
    *total = (uint32_t)sum;
    return STATUS_OK;
}

static enum status names_make(struct making *making)
{
    struct index *index = &making->index;
    uint32_t count = index->counts.items;
    enum status status = texts_make(making->items.texts, count, making->arena, &index->name_starts,
                                    &index->names, &index->counts.name_bytes);

    if (status == STATUS_OK) {
        status = texts_make(making->product_ids, count, making->arena, &index->product_starts,
                            &index->products, &index->counts.product_bytes);
    }
    if (status != STATUS_OK) return status;
    return texts_make(making->categories.texts, index->counts.categories, making->arena,
                      &index->category_starts, &index->category_names,
                      &index->counts.category_bytes);
}

/* --- what is popular ----------------------------------------------------------------------------- */

struct trend {
    float trend;
    uint32_t item;
};

static int by_trend(const void *left, const void *right)
{
    const struct trend *a = left;
    const struct trend *b = right;

    if (a->trend < b->trend || a->trend > b->trend) return a->trend > b->trend ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

/* Clicks, those of long ago counting less. */
static enum status trends_make(struct making *making)
{
    const struct dataset_part *train = &making->dataset->train;
    uint32_t count = making->index.counts.items;
    double *sums = arena_zalloc(making->arena, count, sizeof(*sums));
    uint32_t *clicks = arena_zalloc(making->arena, count, sizeof(*clicks));
    float *trends = arena_zalloc(making->arena, count, sizeof(*trends));

    if (sums == NULL || clicks == NULL || trends == NULL) return STATUS_LIMIT;
    double now = train->ends[train->count - 1];
    for (uint32_t s = 0; s < train->count; s++) {
        double days = (now - train->ends[s]) / SECONDS_A_DAY;
        double weight = exp2(-days / making->settings->trend_half_life_days);

        for (uint32_t i = train->starts[s]; i < train->starts[s + 1]; i++) {
            sums[train->items[i]] += weight;
            clicks[train->items[i]]++;
        }
    }
    for (uint32_t i = 0; i < count; i++)
        trends[i] = (float)sums[i];
    making->index.clicks = clicks;
    making->index.trends = trends;
    return STATUS_OK;
}

/* The best of each category, all in one array. */
static enum status shelves_make(struct making *making, const struct trend *order)
{
    struct index *index = &making->index;
    uint32_t categories = index->counts.categories;
    uint32_t *starts = arena_zalloc(making->arena, (size_t)categories + 1, sizeof(*starts));
    uint32_t *held = arena_zalloc(making->arena, categories, sizeof(*held));

    if (starts == NULL || held == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < index->counts.items; i++) {
        uint32_t category = index->category_of[i];

        if (category != 0 && starts[category + 1] < INDEX_SHELF_MAX) starts[category + 1]++;
    }
    for (uint32_t i = 0; i < categories; i++)
        starts[i + 1] += starts[i];
    uint32_t *items = arena_alloc(making->arena, starts[categories], sizeof(*items));
    if (items == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < index->counts.items; i++) {
        uint32_t category = index->category_of[order[i].item];

        if (category == 0 || starts[category] + held[category] == starts[category + 1]) continue;
        items[starts[category] + held[category]++] = order[i].item;
    }
    index->shelf_starts = starts;
    index->shelves = items;
    index->counts.shelf_items = starts[categories];
    return STATUS_OK;
}

static enum status popular_make(struct making *making)
{
    struct index *index = &making->index;
    uint32_t count = index->counts.items;
    enum status status = trends_make(making);
    struct trend *order = arena_alloc(making->arena, count, sizeof(*order));
    uint32_t shown = count < INDEX_TRENDING_MAX ? count : INDEX_TRENDING_MAX;
    uint32_t *trending = arena_alloc(making->arena, shown, sizeof(*trending));

    if (status != STATUS_OK || order == NULL || trending == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct trend){index->trends[i], i};
    qsort(order, count, sizeof(*order), by_trend);
    for (uint32_t i = 0; i < shown; i++)
        trending[i] = order[i].item;
    index->trending = trending;
    index->counts.trending = shown;
    return shelves_make(making, order);
}

/* --- item to item -------------------------------------------------------------------------------- */

static enum status pairs_count(const struct cooccurrence *made, uint32_t items, uint32_t *starts)
{
    uint64_t pairs = 0;

    for (uint32_t item = 0; item < items; item++) {
        uint32_t count;
        double sum;

        (void)cooccurrence_row(made, item, &count, &sum);
        pairs += count;
        if (pairs > UINT32_MAX) return STATUS_LIMIT;
        starts[item + 1] = (uint32_t)pairs;
    }
    return STATUS_OK;
}

static enum status rows_make(struct making *making)
{
    struct index *index = &making->index;
    uint32_t count = index->counts.items;
    uint32_t known = making->dataset->item_count;
    const struct cooccurrence *made;
    uint32_t *starts = arena_zalloc(making->arena, (size_t)count + 1, sizeof(*starts));
    float *sums = arena_zalloc(making->arena, count, sizeof(*sums));
    enum status status =
        cooccurrence_create(making->dataset, &making->settings->cooccurrence, making->arena, &made);

    if (status != STATUS_OK || starts == NULL || sums == NULL) return STATUS_LIMIT;
    status = pairs_count(made, known, starts);
    for (uint32_t item = known; item < count; item++)
        starts[item + 1] = starts[known];
    uint32_t *items = arena_alloc(making->arena, starts[count], sizeof(*items));
    float *scores = arena_alloc(making->arena, starts[count], sizeof(*scores));
    if (status != STATUS_OK || items == NULL || scores == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < known; item++) {
        uint32_t len;
        double sum;
        const struct ranked *row = cooccurrence_row(made, item, &len, &sum);

        for (uint32_t i = 0; i < len; i++) {
            items[starts[item] + i] = row[i].item;
            scores[starts[item] + i] = fmaxf((float)row[i].score, INDEX_LEAST);
        }
        sums[item] = fmaxf((float)sum, INDEX_LEAST);
    }
    index->row_starts = starts;
    index->row_items = items;
    index->row_scores = scores;
    index->row_sums = sums;
    index->counts.pairs = starts[count];
    return STATUS_OK;
}

/* --- the file ------------------------------------------------------------------------------------ */

static void section_write(struct buffer *out, size_t start, const void *data, uint64_t bytes)
{
    while ((out->len - start) % INDEX_ALIGNMENT != 0 && !out->failed)
        buffer_append_byte(out, 0);
    if (bytes > 0) buffer_append(out, (struct slice){data, bytes});
}

static enum status file_write_out(const struct index *index, struct buffer *out)
{
    const struct index_counts counts = index->counts;
    size_t start = out->len;
    size_t crc_at = start + sizeof(INDEX_MAGIC) - 1 + sizeof(uint32_t);

    buffer_append_text(out, INDEX_MAGIC);
    buffer_append_le32(out, INDEX_VERSION);
    buffer_append_le32(out, 0); /* the checksum's place */
#define COUNT(field) buffer_append_le32(out, counts.field);
#include "model/retrieve/index_counts.def"
#undef COUNT
#define SECTION(field, type, count, stop) \
    section_write(out, start, index->field, ((uint64_t)(count)) * sizeof(type));
#include "model/retrieve/index_sections.def"
#undef SECTION
    if (out->failed) return STATUS_LIMIT;
    const uint8_t *behind = out->data + crc_at + sizeof(uint32_t);
    put_le32(out->data + crc_at,
             crc32c(0, (struct slice){behind, (size_t)(out->data + out->len - behind)}));
    return STATUS_OK;
}

enum status index_write(const struct dataset *dataset, const struct index_product *products,
                        uint32_t product_count, const struct index_settings *settings,
                        struct arena *scratch, struct buffer *out)
{
    struct making making = {
        .dataset = dataset,
        .products = products,
        .product_count = product_count,
        .settings = settings,
        .arena = scratch,
    };
    enum status status = items_make(&making);

    if (status == STATUS_OK) status = names_make(&making);
    if (status == STATUS_OK) status = popular_make(&making);
    if (status == STATUS_OK) status = rows_make(&making);
    if (status == STATUS_OK)
        status = index_sessions_make(dataset, settings->vmis_knn.sessions, scratch, &making.index);
    return status == STATUS_OK ? file_write_out(&making.index, out) : status;
}

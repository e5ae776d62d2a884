/* model_suits.c - what opens and yet is no model for this shop: files that fit by their sizes alone. */
#include <stdlib.h>

#include "model/model_room.h"

static enum status refuse(const char *what, struct buffer *message)
{
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

static void note_share(uint32_t part, uint32_t all, const char *what, struct buffer *notes)
{
    buffer_append_u64(notes, part);
    buffer_append_text(notes, " of ");
    buffer_append_u64(notes, all);
    buffer_append_text(notes, what);
}

/* --- names the weights know --------------------------------------------------------------------- */

static enum status names_judge(const struct model *model, struct buffer *notes,
                               struct buffer *message)
{
    const struct vocabulary *vocabulary = &model->vocabulary;
    uint32_t all = vocabulary->catalogue_count;
    uint32_t items = 0;
    uint32_t cates = 0;

    for (uint32_t i = 0; i < all; i++) {
        items += vocabulary->items[i].item == 0;
        cates += vocabulary->items[i].cate == 0;
    }
    if (items == all) {
        return refuse("item_category.json: none of its items is in items.json: the catalogue is of "
                      "another shop or training",
                      message);
    }
    if (cates == all && model->slirec.weights.cate_count > 1) {
        return refuse("item_category.json: none of its categories is in cates.json: the catalogue "
                      "is of another shop or training",
                      message);
    }
    if (items > 0)
        note_share(items, all, " items of the catalogue are unknown to the weights\n", notes);
    if (cates > 0 && model->slirec.weights.cate_count > 1)
        note_share(cates, all, " items of the catalogue have an unknown category\n", notes);
    return STATUS_OK;
}

/* --- product ids -------------------------------------------------------------------------------- */

static int by_product(const void *left, const void *right)
{
    const struct vocabulary_item *a = left;
    const struct vocabulary_item *b = right;

    return slice_compare(a->product, b->product);
}

static enum status refuse_twice(const struct vocabulary_item *first,
                                const struct vocabulary_item *second, struct buffer *message)
{
    buffer_append_text(message, "products.json: \"");
    buffer_append(message, first->product);
    buffer_append_text(message, "\" is the id of \"");
    buffer_append(message, first->name);
    buffer_append_text(message, "\" and of \"");
    buffer_append(message, second->name);
    return refuse("\": a list would show it twice; give the inventory one id a handle", message);
}

static enum status ids_judge(const struct vocabulary *vocabulary, struct buffer *message)
{
    uint32_t count = vocabulary->catalogue_count;
    struct vocabulary_item *sorted = malloc(count * sizeof(*sorted));
    enum status status = STATUS_OK;

    if (sorted == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++)
        sorted[i] = vocabulary->items[i];
    qsort(sorted, count, sizeof(*sorted), by_product);
    for (uint32_t i = 1; i < count && status == STATUS_OK; i++) {
        if (slice_equal(sorted[i - 1].product, sorted[i].product))
            status = refuse_twice(&sorted[i - 1], &sorted[i], message);
    }
    free(sorted);
    return status;
}

static enum status products_judge(const struct vocabulary *vocabulary, struct buffer *notes,
                                  struct buffer *message)
{
    uint32_t all = vocabulary->catalogue_count;

    if (vocabulary->products_given == 0) return STATUS_OK;
    if (vocabulary->products_known == 0) {
        return refuse("products.json: the inventory has none of the catalogue's handles: it is of "
                      "another shop, or its keys are no handles",
                      message);
    }
    if (vocabulary->products_known < all) {
        note_share(
            all - vocabulary->products_known, all,
            " items of the catalogue have no id in the inventory; their handles stand for it\n",
            notes);
    }
    return ids_judge(vocabulary, message);
}

enum status model_suits(const struct model *model, struct buffer *notes, struct buffer *message)
{
    if (!model->trained) return STATUS_OK;
    enum status status = names_judge(model, notes, message);

    return status == STATUS_OK ? products_judge(&model->vocabulary, notes, message) : status;
}

/* data.c - rows become users' events, events instances and ids. */
#include "model/train/data.h"

#include <stdlib.h>

/* A row set in the order of users. */
struct reader {
    const struct train_rows *rows;
    const struct train_data_options *options;
    struct arena *arena;
    struct train_data *data;
    struct buffer *message;
    struct train_row *sorted;
    uint32_t *first;               /* [users + 1] of a user's rows */
    uint32_t *last_cates;          /* [items] the category on an item's last line */
    uint32_t *item_ids, *cate_ids; /* by numbers of rows */
};

static enum status refuse(struct reader *reader, const char *what, const char *advice)
{
    return train_refuse(reader->rows->path,
                        &(struct train_complaint){.what = what, .advice = advice}, reader->message);
}

/* --- users -------------------------------------------------------------------------------------- */

static void note_oddities(struct reader *reader)
{
    struct train_data *data = reader->data;

    for (uint32_t i = 1; i < reader->rows->count; i++) {
        const struct train_row *row = &reader->sorted[i];
        const struct train_row *above = row - 1;

        if (row->user != above->user) continue;
        if (row->time < above->time && data->backwards++ == 0) data->backwards_line = row->line;
        if (row->time == above->time && row->item == above->item && row->cate == above->cate &&
            data->repeats++ == 0) {
            data->repeats_line = row->line;
        }
    }
}

static int by_time_and_line(const void *left, const void *right)
{
    const struct train_row *a = left;
    const struct train_row *b = right;

    if (a->time < b->time) return -1;
    if (a->time > b->time) return 1;
    return a->line < b->line ? -1 : 1;
}

/* Rows of a user side by side, users in the order of their first line. */
static enum status gather_users(struct reader *reader)
{
    uint32_t users = reader->rows->users.count;
    uint32_t *first = arena_zalloc(reader->arena, (size_t)users + 2, sizeof(*first));
    struct train_row *sorted = arena_alloc(reader->arena, reader->rows->count, sizeof(*sorted));

    if (first == NULL || sorted == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->rows->count; i++)
        first[reader->rows->at[i].user + 2]++;
    for (uint32_t u = 1; u <= users + 1; u++)
        first[u] += first[u - 1];
    for (uint32_t i = 0; i < reader->rows->count; i++) {
        const struct train_row *row = &reader->rows->at[i];
        struct train_row *to = &sorted[first[row->user + 1]++];

        *to = *row;
        to->time = slirec_seconds(row->time);
    }
    reader->sorted = sorted;
    reader->first = first;
    note_oddities(reader);
    for (uint32_t u = 0; reader->options->by_time && u < users; u++)
        qsort(sorted + first[u], first[u + 1] - first[u], sizeof(*sorted), by_time_and_line);
    return STATUS_OK;
}

/* --- ids ---------------------------------------------------------------------------------------- */

struct counted {
    uint64_t count;
    uint32_t index;
};

static int by_count(const void *left, const void *right)
{
    const struct counted *a = left;
    const struct counted *b = right;

    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

/* ids [names->count] by index; out: names by id. */
static enum status give_ids(struct reader *reader, const struct names *names,
                            struct counted *counts, uint32_t *ids, struct train_names *out)
{
    struct slice *by_id = arena_zalloc(reader->arena, (size_t)names->count + 1, sizeof(*by_id));

    if (by_id == NULL) return STATUS_LIMIT;
    out->at = by_id;
    out->count = 1;
    qsort(counts, names->count, sizeof(*counts), by_count);
    for (uint32_t i = 0; i < names->count; i++) {
        ids[counts[i].index] = counts[i].count > 0 ? out->count : 0;
        if (counts[i].count > 0) by_id[out->count++] = names->texts[counts[i].index];
    }
    return STATUS_OK;
}

static struct counted *counts_new(struct reader *reader, const struct names *names)
{
    struct counted *counts = arena_zalloc(reader->arena, names->count, sizeof(*counts));

    for (uint32_t i = 0; counts != NULL && i < names->count; i++)
        counts[i].index = i;
    return counts;
}

/* As the file has it, or as serving will see it: an item's own. */
static uint32_t cate_of(const struct reader *reader, const struct train_row *row)
{
    return reader->options->own_cates ? reader->last_cates[row->item] : row->cate;
}

/* An event counts once as what is to be guessed, and once in every history it stands in. */
static void count_users(const struct reader *reader, struct counted *items, struct counted *cates)
{
    for (uint32_t u = 0; u < reader->rows->users.count; u++) {
        uint32_t events = reader->first[u + 1] - reader->first[u];
        uint32_t learnt = events > 2 ? events - 2 : 0;

        for (uint32_t i = 0; learnt > 1 && i < learnt; i++) {
            const struct train_row *row = &reader->sorted[reader->first[u] + i];
            uint64_t times = (uint64_t)(i > 0) + (learnt - 1 - i);

            items[row->item].count += times;
            cates[cate_of(reader, row)].count += times;
        }
    }
}

static enum status number_events(struct reader *reader)
{
    struct train_data *data = reader->data;
    struct counted *items = counts_new(reader, &reader->rows->items);
    struct counted *cates = counts_new(reader, &reader->rows->cates);
    uint32_t *item_ids = arena_alloc(reader->arena, reader->rows->items.count, sizeof(*item_ids));
    uint32_t *cate_ids = arena_alloc(reader->arena, reader->rows->cates.count, sizeof(*cate_ids));
    uint32_t *event_items = arena_alloc(reader->arena, reader->rows->count, sizeof(*event_items));
    uint32_t *event_cates = arena_alloc(reader->arena, reader->rows->count, sizeof(*event_cates));

    if (items == NULL || cates == NULL || item_ids == NULL || cate_ids == NULL ||
        event_items == NULL || event_cates == NULL) {
        return STATUS_LIMIT;
    }
    reader->item_ids = item_ids;
    reader->cate_ids = cate_ids;
    count_users(reader, items, cates);
    enum status status = give_ids(reader, &reader->rows->items, items, item_ids, &data->item_names);
    if (status == STATUS_OK)
        status = give_ids(reader, &reader->rows->cates, cates, cate_ids, &data->cate_names);
    for (uint32_t i = 0; status == STATUS_OK && i < reader->rows->count; i++) {
        const struct train_row *row = &reader->sorted[i];

        event_items[i] = item_ids[row->item];
        event_cates[i] = cate_ids[cate_of(reader, row)];
    }
    data->items = event_items;
    data->cates = event_cates;
    return status;
}

/* --- instances and times ------------------------------------------------------------------------ */

static enum status time_events(struct reader *reader)
{
    double *times = arena_alloc(reader->arena, reader->rows->count, sizeof(*times));
    float *from_first = arena_zalloc(reader->arena, reader->rows->count, sizeof(*from_first));

    if (times == NULL || from_first == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->rows->count; i++)
        times[i] = reader->sorted[i].time;
    for (uint32_t u = 0; u < reader->rows->users.count; u++) {
        uint32_t first = reader->first[u];

        for (uint32_t i = first; i + 1 < reader->first[u + 1]; i++) {
            from_first[i] =
                (float)slirec_elapsed(reader->options->clock, times[i + 1] - times[first]);
        }
    }
    reader->data->times = times;
    reader->data->from_first = from_first;
    return STATUS_OK;
}

static void note_learned(struct reader *reader)
{
    for (uint32_t u = 0; u < reader->rows->users.count; u++) {
        uint32_t end = reader->first[u + 1];
        bool split = end - reader->first[u] >= 3;

        for (uint32_t i = reader->first[u]; i < end; i++) {
            const struct train_row *row = &reader->sorted[i];

            learned_add(&reader->data->learned, reader->rows->items.texts[row->item], row->time,
                        split && i + 2 >= end);
        }
    }
}

static enum status make_instances(struct reader *reader)
{
    struct train_data *data = reader->data;
    uint32_t users = reader->rows->users.count;
    struct train_instance *train = arena_alloc(reader->arena, reader->rows->count, sizeof(*train));
    struct train_instance *valid = arena_alloc(reader->arena, users, sizeof(*valid));
    struct train_instance *test = arena_alloc(reader->arena, users, sizeof(*test));

    if (train == NULL || valid == NULL || test == NULL) return STATUS_LIMIT;
    for (uint32_t u = 0; u < users; u++) {
        uint32_t first = reader->first[u];
        uint32_t end = reader->first[u + 1];

        if (end - first < 3) {
            data->short_users++;
            continue;
        }
        for (uint32_t i = first + 1; i + 2 < end; i++)
            train[data->train.count++] = (struct train_instance){i, first};
        valid[data->valid.count++] = (struct train_instance){end - 2, first};
        test[data->test.count++] = (struct train_instance){end - 1, first};
    }
    data->train.at = train;
    data->valid.at = valid;
    data->test.at = test;
    return STATUS_OK;
}

/* An item's category is that of its last line that has one. */
static enum status find_last_cates(struct reader *reader)
{
    uint32_t count = reader->rows->items.count;
    uint32_t *line = arena_zalloc(reader->arena, count, sizeof(*line));

    reader->last_cates = arena_zalloc(reader->arena, count, sizeof(*reader->last_cates));
    if (reader->last_cates == NULL || line == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->rows->count; i++) {
        const struct train_row *row = &reader->rows->at[i];

        bool none = slice_equal(reader->rows->cates.texts[row->cate], TRAIN_NO_CATE);

        if (row->line < line[row->item] || (none && line[row->item] > 0)) continue;
        line[row->item] = row->line;
        reader->last_cates[row->item] = row->cate;
    }
    return STATUS_OK;
}

static enum status make_catalogue(struct reader *reader)
{
    struct train_data *data = reader->data;
    uint32_t count = reader->rows->items.count;
    struct slice *cates = arena_zalloc(reader->arena, count, sizeof(*cates));
    uint32_t *own = arena_zalloc(reader->arena, data->item_names.count, sizeof(*own));

    if (cates == NULL || own == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        cates[i] = reader->rows->cates.texts[reader->last_cates[i]];
        own[reader->item_ids[i]] = reader->cate_ids[reader->last_cates[i]];
    }
    own[0] = 0;
    data->own_cates = own;
    data->catalogue = reader->rows->items.texts;
    data->catalogue_cates = cates;
    data->catalogue_count = count;
    return STATUS_OK;
}

static enum status check_enough(struct reader *reader)
{
    const struct train_data *data = reader->data;

    if (data->train.count == 0) {
        return refuse(reader, "nothing to learn from",
                      ": a user needs 4 lines at least, of which the last two are kept for "
                      "validation and test");
    }
    for (uint32_t i = 1; i < data->train.count; i++) {
        if (data->items[data->train.at[i].event] != data->items[data->train.at[0].event])
            return STATUS_OK;
    }
    return refuse(reader, "every instance asks for the same item",
                  ": a model learns to tell items apart, it needs two at least");
}

enum status train_data_make(const struct train_rows *rows, const struct train_data_options *options,
                            struct train_data *data, struct buffer *message)
{
    struct reader reader = {
        .rows = rows, .options = options, .arena = rows->arena, .data = data, .message = message};

    *data = (struct train_data){.event_count = rows->count, .user_count = rows->users.count};
    enum status status = gather_users(&reader);
    if (status == STATUS_OK) status = find_last_cates(&reader);
    if (status == STATUS_OK) status = number_events(&reader);
    if (status == STATUS_OK) status = time_events(&reader);
    if (status == STATUS_OK) note_learned(&reader);
    if (status == STATUS_OK) status = make_instances(&reader);
    if (status == STATUS_OK) status = make_catalogue(&reader);
    if (status == STATUS_OK) status = check_enough(&reader);
    if (status != STATUS_OK && message->len == 0) {
        buffer_append_text(message, rows->path);
        buffer_append_text(message, ": ");
        buffer_append_text(message, status_meaning(status));
    }
    return status;
}

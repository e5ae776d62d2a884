/* dataset.c - rows become sequences, parts and numbers.
 *
 * Everything is first built with numbers in order of appearance; when it is known which clicks are
 * training, items are renumbered by their clicks and all parts are rewritten.
 */
#include <stdlib.h>

#include "model/judge/dataset_room.h"

enum { SESSIONS_TO_SPLIT_MIN = 10, SPLIT_SHARE = 10 /* one part in so many */ };

/* A part under construction. */
struct builder {
    uint32_t *starts;
    uint32_t *items;
    double *times;
    double *ends;
    uint32_t count;
};

struct session_place {
    double end;
    uint32_t first; /* row */
    uint32_t len;
};

static bool builder_init(struct builder *builder, struct arena *arena, uint32_t sequences,
                         uint32_t items)
{
    *builder = (struct builder){
        .starts = arena_zalloc(arena, (size_t)sequences + 1, sizeof(*builder->starts)),
        .items = arena_alloc(arena, items, sizeof(*builder->items)),
        .times = arena_alloc(arena, items, sizeof(*builder->times)),
        .ends = arena_zalloc(arena, sequences, sizeof(*builder->ends)),
    };
    return builder->starts != NULL && builder->items != NULL && builder->times != NULL &&
           builder->ends != NULL;
}

/* Clicks of a sequence, side by side. */
struct run_of_clicks {
    const uint32_t *items;
    const double *times;
};

static void builder_add(struct builder *builder, struct run_of_clicks clicks, uint32_t len,
                        double end)
{
    uint32_t start = builder->starts[builder->count];

    memcpy(builder->items + start, clicks.items, len * sizeof(*clicks.items));
    memcpy(builder->times + start, clicks.times, len * sizeof(*clicks.times));
    builder->ends[builder->count++] = end;
    builder->starts[builder->count] = start + len;
}

static struct dataset_part builder_part(const struct builder *builder, bool last_only)
{
    return (struct dataset_part){
        .count = builder->count,
        .starts = builder->starts,
        .items = builder->items,
        .times = builder->times,
        .ends = builder->ends,
        .last_only = last_only,
    };
}

/* Of two that end at the same time, the one that stands first in the file. */
static int by_end(const void *left, const void *right)
{
    const struct session_place *a = left;
    const struct session_place *b = right;

    if (a->end < b->end) return -1;
    if (a->end > b->end) return 1;
    return (a->first > b->first) - (a->first < b->first);
}

static enum status part_build(struct dataset_reader *reader, const struct dataset_rows *rows,
                              struct dataset_part *part)
{
    struct session_place *places = arena_alloc(reader->arena, rows->owner_count, sizeof(*places));
    uint32_t *items = arena_alloc(reader->arena, rows->count, sizeof(*items));
    double *times = arena_alloc(reader->arena, rows->count, sizeof(*times));
    struct builder builder;
    uint32_t count = 0;

    if (places == NULL || items == NULL || times == NULL ||
        !builder_init(&builder, reader->arena, rows->owner_count, rows->count))
        return dataset_full(reader);
    for (uint32_t i = 0; i < rows->count; i++) {
        if (i == 0 || rows->rows[i].owner != rows->rows[i - 1].owner)
            places[count++] = (struct session_place){.first = i};
        places[count - 1].len++;
        places[count - 1].end = rows->rows[i].time;
        items[i] = rows->rows[i].item;
        times[i] = rows->rows[i].time;
    }
    qsort(places, count, sizeof(*places), by_end);
    for (uint32_t i = 0; i < count; i++) {
        const struct run_of_clicks clicks = {items + places[i].first, times + places[i].first};

        builder_add(&builder, clicks, places[i].len, places[i].end);
    }
    *part = builder_part(&builder, reader->source->protocol == DATASET_LEAVE_ONE_OUT);
    return STATUS_OK;
}

static enum status part_read(struct dataset_reader *reader, const char *path,
                             struct dataset_part *part, struct learned *given)
{
    struct dataset_rows rows;

    if (path == NULL) return STATUS_OK;
    enum status status = dataset_rows_read(reader, path, &rows);
    if (status != STATUS_OK) return status;
    *given = rows.given;
    return part_build(reader, &rows, part);
}

static struct dataset_part part_slice(const struct dataset_part *part, uint32_t first,
                                      uint32_t count)
{
    struct dataset_part slice = *part;

    slice.count = count;
    slice.starts += first;
    slice.ends += first;
    return slice;
}

/* The last tenth of the sessions is test, the tenth before it valid. */
static enum status split_by_time(struct dataset_reader *reader, struct dataset *dataset)
{
    struct dataset_part all = dataset->train;
    uint32_t held = all.count / SPLIT_SHARE;

    if (all.count < SESSIONS_TO_SPLIT_MIN) {
        return dataset_refuse(reader, reader->source->train, 0,
                              reader->source->alone
                                  ? "has fewer than 10 sessions, too few to split by time; give "
                                    "more clicks"
                                  : "has fewer than 10 sessions, too few to split by time; give "
                                    "--valid or --test, or more clicks");
    }
    dataset->train = part_slice(&all, 0, all.count - 2 * held);
    dataset->valid = part_slice(&all, all.count - 2 * held, held);
    dataset->test = part_slice(&all, all.count - held, held);
    return STATUS_OK;
}

/* The last item of each sequence is test, the one before valid; a sequence of one or two items has
 * nothing to learn from besides them and is training whole. */
static enum status split_last(struct dataset_reader *reader, struct dataset *dataset)
{
    const struct dataset_part all = dataset->train;
    struct builder train;
    struct builder valid;
    struct builder test;
    uint32_t total = all.starts[all.count];

    if (!builder_init(&train, reader->arena, all.count, total) ||
        !builder_init(&valid, reader->arena, all.count, total) ||
        !builder_init(&test, reader->arena, all.count, total))
        return dataset_full(reader);
    for (uint32_t i = 0; i < all.count; i++) {
        const struct run_of_clicks clicks = {all.items + all.starts[i], all.times + all.starts[i]};
        uint32_t len = all.starts[i + 1] - all.starts[i];
        bool split = len >= 3;

        builder_add(&train, clicks, split ? len - 2 : len, all.ends[i]);
        if (!split) continue;
        builder_add(&valid, clicks, len - 1, all.ends[i]);
        builder_add(&test, clicks, len, all.ends[i]);
    }
    if (valid.count == 0) {
        return dataset_refuse(reader, reader->source->train, 0,
                              reader->source->alone
                                  ? "no sequence has three items, so none can be left out; give "
                                    "longer ones"
                                  : "no sequence has three items, so none can be left out; give "
                                    "longer ones, or --valid and --test");
    }
    dataset->train = builder_part(&train, false);
    dataset->valid = builder_part(&valid, true);
    dataset->test = builder_part(&test, true);
    return STATUS_OK;
}

struct item_place {
    uint32_t clicks;
    uint32_t item;
};

static int by_clicks(const void *left, const void *right)
{
    const struct item_place *a = left;
    const struct item_place *b = right;

    if (a->clicks != b->clicks) return a->clicks > b->clicks ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

static enum status part_renumber(struct dataset_reader *reader, const uint32_t *numbers,
                                 struct dataset_part *part)
{
    if (part->count == 0) return STATUS_OK;
    uint32_t first = part->starts[0];
    uint32_t total = part->starts[part->count] - first;
    uint32_t *items = arena_alloc(reader->arena, total, sizeof(*items));
    uint32_t *starts = arena_alloc(reader->arena, (size_t)part->count + 1, sizeof(*starts));

    if (items == NULL || starts == NULL) return dataset_full(reader);
    for (uint32_t i = 0; i < total; i++)
        items[i] = numbers[part->items[first + i]];
    for (uint32_t i = 0; i <= part->count; i++)
        starts[i] = part->starts[i] - first;
    part->items = items;
    part->times += first;
    part->starts = starts;
    return STATUS_OK;
}

/* Items in order of their clicks in training; those without any come last. */
static enum status items_number(struct dataset_reader *reader, struct dataset *dataset)
{
    uint32_t count = reader->items.count;
    struct item_place *places = arena_zalloc(reader->arena, count, sizeof(*places));
    uint32_t *numbers = arena_alloc(reader->arena, count, sizeof(*numbers));
    uint32_t *clicks = arena_alloc(reader->arena, count, sizeof(*clicks));
    struct slice *names = arena_alloc(reader->arena, count, sizeof(*names));
    const struct dataset_part *train = &dataset->train;

    if (places == NULL || numbers == NULL || clicks == NULL || names == NULL)
        return dataset_full(reader);
    for (uint32_t i = 0; i < count; i++)
        places[i].item = i;
    for (uint32_t i = train->starts[0]; i < train->starts[train->count]; i++)
        places[train->items[i]].clicks++;
    qsort(places, count, sizeof(*places), by_clicks);
    for (uint32_t i = 0; i < count; i++) {
        numbers[places[i].item] = i;
        clicks[i] = places[i].clicks;
        names[i] = reader->items.texts[places[i].item];
        if (clicks[i] > 0) dataset->catalogue_count = i + 1;
    }
    dataset->click_count = train->starts[train->count] - train->starts[0];
    dataset->item_count = count;
    dataset->clicks = clicks;
    dataset->names = names;
    enum status status = part_renumber(reader, numbers, &dataset->train);
    if (status == STATUS_OK) status = part_renumber(reader, numbers, &dataset->valid);
    return status == STATUS_OK ? part_renumber(reader, numbers, &dataset->test) : status;
}

/* Before items are renumbered. */
static struct learned part_learned(const struct dataset_reader *reader,
                                   const struct dataset_part *part)
{
    struct learned learned = {0};

    for (uint32_t i = part->starts[0]; i < part->starts[part->count]; i++)
        learned_add(&learned, reader->items.texts[part->items[i]], part->times[i], false);
    return learned;
}

/* Splits what is training so far, if need be, and says what is learned of what was given. A row given twice is
 * counted once, but only what is held back is not learned: so the same clicks have one fingerprint
 * whether a reader drops such rows or not. */
static enum status train_split(struct dataset_reader *reader, const struct learned *given,
                               bool split, struct dataset *dataset)
{
    const struct learned whole = part_learned(reader, &dataset->train);
    enum status status = STATUS_OK;

    if (split) {
        status = reader->source->protocol == DATASET_NEXT_CLICK ? split_by_time(reader, dataset)
                                                                : split_last(reader, dataset);
    }
    if (status != STATUS_OK) return status;
    const struct learned kept = part_learned(reader, &dataset->train);
    dataset->learned = (struct learned){
        .clicks = given->clicks - (whole.clicks - kept.clicks),
        .until = kept.until,
        .fingerprint = given->data - (whole.data - kept.data),
        .data = given->data,
    };
    return items_number(reader, dataset);
}

static enum status check(struct dataset_reader *reader, const struct dataset *dataset)
{
    const struct dataset_source *source = reader->source;

    if (dataset->catalogue_count < 2) {
        return dataset_refuse(reader, source->train, 0,
                              "has clicks on one item only: there is nothing to rank; give clicks "
                              "on two items or more");
    }
    if (!source->whole &&
        dataset_part_questions(&dataset->valid) + dataset_part_questions(&dataset->test) == 0) {
        const char *path = source->test != NULL    ? source->test
                           : source->valid != NULL ? source->valid
                                                   : source->train;

        return dataset_refuse(reader, path, 0,
                              "no session has a second click, so nothing can be asked; give "
                              "sessions of two clicks or more");
    }
    if (dataset->train.count == 1) {
        buffer_append_text(reader->notes, source->train);
        buffer_append_text(reader->notes,
                           ": all clicks are of one session or user: nothing can be learned from "
                           "others; check the session column\n");
    }
    return STATUS_OK;
}

/* Clicks that are learned and then asked for say nothing. */
static enum status refuse_same(struct dataset_reader *reader, const char *option, const char *path)
{
    (void)dataset_refuse(reader, path, 0, "");
    buffer_append_text(reader->message, option);
    buffer_append_text(reader->message,
                       " has the very clicks of --train, so everything asked for would have been "
                       "learned; leave it out, and both parts are split off --train, or give "
                       "clicks that are not in --train");
    return STATUS_INVALID;
}

static enum status check_apart(struct dataset_reader *reader, const struct dataset *dataset)
{
    if (reader->source->valid != NULL && dataset->valid_data == dataset->learned.data)
        return refuse_same(reader, "--valid", reader->source->valid);
    if (reader->source->test != NULL && dataset->test_data == dataset->learned.data)
        return refuse_same(reader, "--test", reader->source->test);
    return STATUS_OK;
}

enum status dataset_of_rows(struct dataset_reader *reader, struct dataset_rows *rows,
                            struct dataset *dataset)
{
    *dataset = (struct dataset){0};
    dataset_rows_note_given(reader, rows);
    qsort(rows->rows, rows->count, sizeof(*rows->rows), dataset_row_order);
    enum status status = part_build(reader, rows, &dataset->train);
    if (status == STATUS_OK)
        status = train_split(reader, &rows->given, !reader->source->whole, dataset);
    return status == STATUS_OK ? check(reader, dataset) : status;
}

enum status dataset_read(const struct dataset_source *source, struct arena *arena,
                         struct buffer *notes, struct buffer *message, struct dataset *dataset)
{
    struct dataset_reader reader = {source, arena, {0}, notes, message};
    struct learned given[3] = {0};
    bool split = source->valid == NULL && source->test == NULL && !source->whole;

    ASSERT(source->train != NULL);
    *dataset = (struct dataset){0};
    if (names_init(&reader.items, arena) != STATUS_OK) return dataset_full(&reader);
    enum status status = part_read(&reader, source->train, &dataset->train, &given[0]);
    if (status == STATUS_OK) status = part_read(&reader, source->valid, &dataset->valid, &given[1]);
    if (status == STATUS_OK) status = part_read(&reader, source->test, &dataset->test, &given[2]);
    dataset->valid_data = given[1].data;
    dataset->test_data = given[2].data;
    if (status == STATUS_OK) status = train_split(&reader, &given[0], split, dataset);
    if (status == STATUS_OK) status = check_apart(&reader, dataset);
    return status == STATUS_OK ? check(&reader, dataset) : status;
}

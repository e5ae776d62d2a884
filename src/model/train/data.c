/* train_data.c - lines to rows, rows to users' events, events to instances and ids. */
#include "model/train/data.h"

#include <stdlib.h>

#include "base/hash.h"
#include "model/number_text.h"
#include "model/slirec_time.h"
#include "sys/file.h"

enum { FILE_BYTES_MAX = 1 << 30, COLUMNS = 5, PLACES_MIN = 1024, DAY_SECONDS = 86400 };

/* --- names -------------------------------------------------------------------------------------- */

/* Names in the order of their first appearance; open addressing, grown in the arena. */
struct names {
    struct slice *at;
    uint32_t *slots; /* index + 1 */
    uint32_t count, places;
};

static bool names_grow(struct names *names, struct arena *arena)
{
    uint32_t places = names->places > 0 ? names->places * 2 : PLACES_MIN;
    struct slice *at = arena_alloc(arena, places, sizeof(*at));
    uint32_t *slots = arena_zalloc(arena, (size_t)2 * places, sizeof(*slots));

    if (at == NULL || slots == NULL) return false;
    if (names->count > 0) memcpy(at, names->at, names->count * sizeof(*at));
    for (uint32_t i = 0; i < names->count; i++) {
        uint32_t slot = (uint32_t)hash_bytes(at[i], 0) & (2 * places - 1);

        while (slots[slot] != 0)
            slot = (slot + 1) & (2 * places - 1);
        slots[slot] = i + 1;
    }
    *names = (struct names){at, slots, names->count, places};
    return true;
}

/* Index of a name, a new one at need; UINT32_MAX: the arena is full. */
static uint32_t names_index(struct names *names, struct slice name, struct arena *arena)
{
    if (names->count == names->places && !names_grow(names, arena)) return UINT32_MAX;
    uint32_t mask = 2 * names->places - 1;
    uint32_t slot = (uint32_t)hash_bytes(name, 0) & mask;

    while (names->slots[slot] != 0) {
        if (slice_equal(names->at[names->slots[slot] - 1], name)) return names->slots[slot] - 1;
        slot = (slot + 1) & mask;
    }
    names->at[names->count] = name;
    names->slots[slot] = ++names->count;
    return names->count - 1;
}

/* --- lines -------------------------------------------------------------------------------------- */

struct row {
    uint32_t user, item, cate;
    uint32_t line;
    double time;
};

struct reader {
    const char *path;
    struct arena *arena;
    struct train_data *data;
    struct buffer *message;
    uint32_t line;
    struct names users, items, cates;
    struct row *rows; /* in the order of the file, later by users */
    uint32_t row_count;
    uint32_t *first; /* [users + 1] of a user's rows */
};

static enum status refuse(struct reader *reader, const char *what, struct slice found,
                          const char *advice)
{
    struct buffer *message = reader->message;

    buffer_append_text(message, reader->path);
    if (reader->line > 0) {
        buffer_append_text(message, ": line ");
        buffer_append_u64(message, reader->line);
    }
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    if (found.data != NULL) {
        buffer_append_text(message, " is \"");
        if (found.len > 80) found.len = 80;
        buffer_append(message, found);
        buffer_append_text(message, "\"");
    }
    buffer_append_text(message, advice);
    return STATUS_INVALID;
}

static uint32_t split(struct slice line, struct slice columns[COLUMNS])
{
    uint32_t count = 0;
    size_t start = 0;

    for (size_t i = 0; i <= line.len; i++) {
        if (i < line.len && line.data[i] != '\t') continue;
        if (count < COLUMNS) columns[count] = (struct slice){line.data + start, i - start};
        count++;
        start = i + 1;
    }
    return count;
}

static const struct slice nothing;

static enum status check_columns(struct reader *reader, struct slice line,
                                 struct slice columns[COLUMNS], double *time)
{
    static const char *const names[COLUMNS] = {"column 1 (label)", "column 2 (user)",
                                               "column 3 (item)", "column 4 (time)",
                                               "column 5 (category)"};

    if (split(line, columns) != COLUMNS) {
        return refuse(reader, "wants 5 columns with tabs between them", nothing,
                      ": 1, user, item, time in seconds, category");
    }
    for (uint32_t i = 0; i < COLUMNS; i++) {
        if (columns[i].len == 0) return refuse(reader, names[i], nothing, " is empty; fill it in");
    }
    if (!slice_equal(columns[0], SLICE("1"))) {
        return refuse(reader, names[0], columns[0],
                      ", must be 1: only what was viewed or bought goes in, what was not is drawn; "
                      "a header line must go");
    }
    if (!number_text(columns[3], time)) {
        return refuse(reader, names[3], columns[3], ", must be a number: seconds since 1970");
    }
    return STATUS_OK;
}

static enum status read_line(struct reader *reader, struct slice line)
{
    struct slice columns[COLUMNS];
    struct row *row = &reader->rows[reader->row_count];
    enum status status = check_columns(reader, line, columns, &row->time);

    if (status != STATUS_OK) return status;
    row->user = names_index(&reader->users, columns[1], reader->arena);
    row->item = names_index(&reader->items, columns[2], reader->arena);
    row->cate = names_index(&reader->cates, columns[4], reader->arena);
    row->line = reader->line;
    if (row->user == UINT32_MAX || row->item == UINT32_MAX || row->cate == UINT32_MAX)
        return STATUS_LIMIT;
    reader->row_count++;
    return STATUS_OK;
}

static enum status read_lines(struct reader *reader, struct slice text)
{
    size_t lines = 1;

    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    reader->rows = lines <= TRAIN_DATA_ROWS_MAX
                       ? arena_alloc(reader->arena, lines, sizeof(*reader->rows))
                       : NULL;
    if (reader->rows == NULL) return STATUS_LIMIT;
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t whole = end == NULL ? text.len : (size_t)(end - text.data);
        size_t len = whole > 0 && text.data[whole - 1] == '\r' ? whole - 1 : whole;

        reader->line++;
        if (len > 0) {
            enum status status = read_line(reader, (struct slice){text.data, len});
            if (status != STATUS_OK) return status;
        }
        whole += end != NULL;
        text = (struct slice){text.data + whole, text.len - whole};
    }
    reader->line = 0;
    return STATUS_OK;
}

/* --- users -------------------------------------------------------------------------------------- */

static void note_oddities(struct reader *reader)
{
    struct train_data *data = reader->data;

    for (uint32_t i = 1; i < reader->row_count; i++) {
        const struct row *row = &reader->rows[i];
        const struct row *above = row - 1;

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
    const struct row *a = left;
    const struct row *b = right;

    if (a->time < b->time) return -1;
    if (a->time > b->time) return 1;
    return a->line < b->line ? -1 : 1;
}

/* Rows of a user side by side, users in the order of their first line. */
static enum status gather_users(struct reader *reader, bool by_time)
{
    uint32_t users = reader->users.count;
    uint32_t *first = arena_zalloc(reader->arena, (size_t)users + 2, sizeof(*first));
    struct row *sorted = arena_alloc(reader->arena, reader->row_count, sizeof(*sorted));

    if (first == NULL || sorted == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->row_count; i++)
        first[reader->rows[i].user + 2]++;
    for (uint32_t u = 1; u <= users + 1; u++)
        first[u] += first[u - 1];
    for (uint32_t i = 0; i < reader->row_count; i++)
        sorted[first[reader->rows[i].user + 1]++] = reader->rows[i];
    reader->rows = sorted;
    reader->first = first;
    note_oddities(reader);
    for (uint32_t u = 0; by_time && u < users; u++)
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
        if (counts[i].count > 0) by_id[out->count++] = names->at[counts[i].index];
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

/* An event counts once as what is to be guessed, and once in every history it stands in. */
static void count_users(const struct reader *reader, struct counted *items, struct counted *cates)
{
    for (uint32_t u = 0; u < reader->users.count; u++) {
        uint32_t events = reader->first[u + 1] - reader->first[u];
        uint32_t learnt = events > 2 ? events - 2 : 0;

        for (uint32_t i = 0; learnt > 1 && i < learnt; i++) {
            const struct row *row = &reader->rows[reader->first[u] + i];
            uint64_t times = (uint64_t)(i > 0) + (learnt - 1 - i);

            items[row->item].count += times;
            cates[row->cate].count += times;
        }
    }
}

static enum status number_events(struct reader *reader)
{
    struct train_data *data = reader->data;
    struct counted *items = counts_new(reader, &reader->items);
    struct counted *cates = counts_new(reader, &reader->cates);
    uint32_t *item_ids = arena_alloc(reader->arena, reader->items.count, sizeof(*item_ids));
    uint32_t *cate_ids = arena_alloc(reader->arena, reader->cates.count, sizeof(*cate_ids));
    uint32_t *event_items = arena_alloc(reader->arena, reader->row_count, sizeof(*event_items));
    uint32_t *event_cates = arena_alloc(reader->arena, reader->row_count, sizeof(*event_cates));

    if (items == NULL || cates == NULL || item_ids == NULL || cate_ids == NULL ||
        event_items == NULL || event_cates == NULL) {
        return STATUS_LIMIT;
    }
    count_users(reader, items, cates);
    enum status status = give_ids(reader, &reader->items, items, item_ids, &data->item_names);
    if (status == STATUS_OK)
        status = give_ids(reader, &reader->cates, cates, cate_ids, &data->cate_names);
    for (uint32_t i = 0; status == STATUS_OK && i < reader->row_count; i++) {
        event_items[i] = item_ids[reader->rows[i].item];
        event_cates[i] = cate_ids[reader->rows[i].cate];
    }
    data->items = event_items;
    data->cates = event_cates;
    return status;
}

/* --- instances and times ------------------------------------------------------------------------ */

static enum status time_events(struct reader *reader)
{
    double *times = arena_alloc(reader->arena, reader->row_count, sizeof(*times));
    float *from_first = arena_zalloc(reader->arena, reader->row_count, sizeof(*from_first));

    if (times == NULL || from_first == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->row_count; i++)
        times[i] = reader->rows[i].time;
    for (uint32_t u = 0; u < reader->users.count; u++) {
        for (uint32_t i = reader->first[u]; i + 1 < reader->first[u + 1]; i++) {
            double days = (times[i + 1] - times[reader->first[u]]) / DAY_SECONDS;

            from_first[i] = (float)slirec_log(days > 0.5 ? days : 0.5);
        }
    }
    reader->data->times = times;
    reader->data->from_first = from_first;
    return STATUS_OK;
}

static enum status make_instances(struct reader *reader)
{
    struct train_data *data = reader->data;
    uint32_t users = reader->users.count;
    struct train_instance *train = arena_alloc(reader->arena, reader->row_count, sizeof(*train));
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

static enum status make_catalogue(struct reader *reader)
{
    uint32_t count = reader->items.count;
    struct slice *cates = arena_zalloc(reader->arena, count, sizeof(*cates));
    uint32_t *line = arena_zalloc(reader->arena, count, sizeof(*line));

    if (cates == NULL || line == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < reader->row_count; i++) {
        const struct row *row = &reader->rows[i];

        if (row->line < line[row->item]) continue;
        line[row->item] = row->line;
        cates[row->item] = reader->cates.at[row->cate];
    }
    reader->data->catalogue = reader->items.at;
    reader->data->catalogue_cates = cates;
    reader->data->catalogue_count = count;
    return STATUS_OK;
}

static enum status check_enough(struct reader *reader)
{
    const struct train_data *data = reader->data;

    if (data->train.count == 0) {
        return refuse(reader, "nothing to learn from", nothing,
                      ": a user needs 4 lines at least, of which the last two are kept for "
                      "validation and test");
    }
    for (uint32_t i = 1; i < data->train.count; i++) {
        if (data->items[data->train.at[i].event] != data->items[data->train.at[0].event])
            return STATUS_OK;
    }
    return refuse(reader, "every instance asks for the same item", nothing,
                  ": a model learns to tell items apart, it needs two at least");
}

enum status train_data_read(const char *path, bool by_time, struct arena *arena,
                            struct train_data *data, struct buffer *message)
{
    struct reader reader = {.path = path, .arena = arena, .data = data, .message = message};
    struct buffer bytes;
    struct slice text = {0};

    *data = (struct train_data){0};
    buffer_init(&bytes, FILE_BYTES_MAX);
    enum status status = file_read(path, &bytes);
    if (status == STATUS_OK) status = arena_copy(arena, buffer_slice(&bytes), &text);
    buffer_deinit(&bytes);
    if (status == STATUS_OK) status = read_lines(&reader, text);
    if (status == STATUS_OK) status = gather_users(&reader, by_time);
    data->event_count = reader.row_count;
    data->user_count = reader.users.count;
    if (status == STATUS_OK) status = number_events(&reader);
    if (status == STATUS_OK) status = time_events(&reader);
    if (status == STATUS_OK) status = make_instances(&reader);
    if (status == STATUS_OK) status = make_catalogue(&reader);
    if (status == STATUS_OK) status = check_enough(&reader);
    if (status != STATUS_OK && message->len == 0) {
        buffer_append_text(message, path);
        buffer_append_text(message, ": ");
        buffer_append_text(message, status_meaning(status));
    }
    return status;
}

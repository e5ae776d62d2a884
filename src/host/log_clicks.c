/* log_clicks.c - rows of visitors to rows of sessions. */
#include "host/log_clicks.h"

#include <stdlib.h>

#define MILLISECONDS_FROM 1e11 /* trackers' times; as seconds this is the year 5138 */

static double seconds_of(double time)
{
    return time >= MILLISECONDS_FROM ? time / 1000.0 : time;
}

/* Owners, which are visitors, become sessions; how many there are. */
static uint32_t sessions_number(struct dataset_row *rows, uint32_t count)
{
    uint32_t session = 0;
    uint32_t visitor = rows[0].owner;

    rows[0].owner = 0;
    for (uint32_t i = 1; i < count; i++) {
        bool same = rows[i].owner == visitor;

        if (!same || rows[i].time - rows[i - 1].time > LOG_SESSION_PAUSE_S) session++;
        visitor = rows[i].owner;
        rows[i].owner = session;
    }
    return session + 1;
}

enum status log_clicks_dataset(const struct train_rows *rows, const struct dataset_source *source,
                               struct buffer *notes, struct buffer *message,
                               struct dataset *dataset)
{
    const struct dataset_source of_log = {
        .train = rows->path, .protocol = source->protocol, .whole = source->whole};
    bool visitors = !source->whole && source->protocol == DATASET_LEAVE_ONE_OUT;
    struct dataset_reader reader = {&of_log, rows->arena, rows->items, notes, message};
    struct dataset_rows clicks = {
        .path = rows->path,
        .rows = arena_alloc(rows->arena, rows->count, sizeof(*clicks.rows)),
        .count = rows->count,
        .timed = true,
    };

    if (rows->count == 0) {
        return dataset_refuse(&reader, rows->path, 0,
                              "holds no views, carts, orders or objects with user and item; name "
                              "another --topic, or their members by --columns");
    }
    if (clicks.rows == NULL) return dataset_full(&reader);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct train_row *row = &rows->at[i];

        clicks.rows[i] =
            (struct dataset_row){seconds_of(row->time), row->user, row->item, row->line};
    }
    qsort(clicks.rows, clicks.count, sizeof(*clicks.rows), dataset_row_order);
    clicks.owner_count = visitors ? rows->users.count : sessions_number(clicks.rows, clicks.count);
    return dataset_of_rows(&reader, &clicks, dataset);
}

/* train_log.c - records of a topic to interactions. */
#include "host/train_log.h"

#include <stdio.h>

#include "codec/json.h"
#include "host/shop_event.h"
#include "host/topic_tool.h"
#include "model/number_text.h"

enum { COLUMNS = 4 };

struct extractor {
    struct train_rows *rows;
    struct train_log *counts;
    const char *columns;
    int64_t time_ms; /* of the record */
};

/* --- members ------------------------------------------------------------------------------------- */

static double time_of(struct slice text, int64_t time_ms)
{
    double time;

    return text.len > 0 && number_text(text, &time) ? time : (double)time_ms;
}

/* --- events -------------------------------------------------------------------------------------- */

static enum status add(const struct extractor *extractor, const struct train_interaction *row,
                       uint64_t *kind)
{
    if (row->user.len == 0 || row->item.len == 0) {
        extractor->counts->passed_over++;
        return STATUS_OK;
    }
    enum status status = train_rows_add(extractor->rows, row);
    if (status == STATUS_INVALID) {
        extractor->counts->passed_over++;
        return STATUS_OK;
    }
    ++*kind;
    return status;
}

static enum status add_event(void *context, const struct shop_event *event)
{
    const struct extractor *extractor = context;
    struct train_log *counts = extractor->counts;
    uint64_t *const counters[] = {
        [SHOP_VIEW] = &counts->views,   [SHOP_CART] = &counts->carts, [SHOP_UNCART] = NULL,
        [SHOP_ORDER] = &counts->orders, [SHOP_OTHER] = NULL,
    };
    const struct train_interaction row = {
        .user = event->user,
        .item = counters[event->kind] == NULL ? (struct slice){0} : event->item,
        .cate = event->category,
        .time = time_of(event->time, extractor->time_ms),
        .line = extractor->rows->count + 1,
    };

    return add(extractor, &row, counters[event->kind]);
}

static enum status add_object(const struct extractor *extractor, const struct document *document)
{
    struct slice names[COLUMNS] = {SLICE("user"), SLICE("item"), SLICE("time"), SLICE("category")};
    struct arena *arena = extractor->rows->arena;
    const char *at = extractor->columns;

    for (uint32_t i = 0; at != NULL && i < COLUMNS; i++) {
        size_t len = strcspn(at, ",");

        names[i] = (struct slice){(const uint8_t *)at, len};
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    struct train_interaction row = {
        .user = shop_event_text(document, 0, names[0], arena),
        .item = shop_event_text(document, 0, names[1], arena),
        .cate = shop_event_text(document, 0, names[3], arena),
        .time = (double)extractor->time_ms,
        .line = extractor->rows->count + 1,
    };
    struct slice time = shop_event_text(document, 0, names[2], arena);
    if (time.len > 0 && !dataset_time(time, &row.time)) row.item.len = 0;
    return add(extractor, &row, &extractor->counts->objects);
}

enum status train_log_record(struct slice value, int64_t time_ms, const char *columns,
                             struct train_rows *rows, struct train_log *counts)
{
    struct extractor extractor = {rows, counts, columns, time_ms};
    struct document document;
    struct json_error error;
    struct slice copy;

    counts->records++;
    if (arena_copy(rows->arena, value, &copy) != STATUS_OK) return STATUS_LIMIT;
    enum status status = json_parse(copy, &json_limits_default, rows->arena, &document, &error);
    if (status == STATUS_LIMIT) return status;
    if (status != STATUS_OK || document.nodes[0].kind != DOCUMENT_OBJECT) {
        counts->passed_over++;
        return STATUS_OK;
    }
    status = shop_events_each(&document, rows->arena, &extractor, add_event);
    return status == STATUS_NOT_FOUND ? add_object(&extractor, &document) : status;
}

/* --- a topic ------------------------------------------------------------------------------------- */

struct reading {
    const char *columns;
    struct train_rows *rows;
    struct train_log *counts;
};

static enum status read_record(void *context, const struct record *record)
{
    const struct reading *reading = context;

    return train_log_record(record->value, record->time_ms, reading->columns, reading->rows,
                            reading->counts);
}

enum status train_log_read(const char *directory, const char *topic, const char *columns,
                           struct train_rows *rows, struct train_log *counts,
                           struct buffer *message)
{
    struct reading reading = {columns, rows, counts};
    struct topic_info info;
    struct log *log;

    *counts = (struct train_log){0};
    if (topic_log_find(directory, false, TOPICS_OF_A_SERVER, &log, message) != STATUS_OK)
        return STATUS_NOT_FOUND;
    enum status status = topic_find(log, topic, &info, message);
    if (status == STATUS_OK) {
        status = log_topic_each(log, info.id, 0, &reading, read_record);
        if (status != STATUS_OK) {
            buffer_append_text(message, topic);
            buffer_append_text(message, ": ");
            buffer_append_text(message, status_meaning(status));
        }
    }
    log_close(log);
    return status;
}

void train_log_tell(const char *topic, const struct train_log *counts)
{
    (void)fprintf(stderr,
                  "%s: %llu records: %llu views, %llu carts, %llu orders, %llu objects, %llu "
                  "events passed over\n",
                  topic, (unsigned long long)counts->records, (unsigned long long)counts->views,
                  (unsigned long long)counts->carts, (unsigned long long)counts->orders,
                  (unsigned long long)counts->objects, (unsigned long long)counts->passed_over);
}

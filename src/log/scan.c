/* scan.c - the records of batches one by one. */
#include "log/log.h"

enum status log_view_each(const struct log_view *view, void *context, log_record_visit visit)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record_batch batch;
    struct record record;
    enum status status = record_batch_open(view->bytes, view->topic_id, &batch);

    while (status == STATUS_OK) {
        status = record_batch_next(&batch, headers, &record);
        if (status == STATUS_NOT_FOUND) return STATUS_OK;
        if (status == STATUS_OK) status = visit(context, &record);
    }
    return status;
}

struct scan {
    uint64_t from;
    void *context;
    log_record_visit visit;
};

static enum status visit_from(void *context, const struct record *record)
{
    const struct scan *scan = context;

    return record->offset < scan->from ? STATUS_OK : scan->visit(scan->context, record);
}

enum status log_topic_each(struct log *log, uint32_t topic_id, uint64_t offset, void *context,
                           log_record_visit visit)
{
    struct scan scan = {offset, context, visit};
    struct log_reader *reader;
    struct log_view view;
    enum status status = log_read_topic(log, topic_id, offset, &reader);

    if (status != STATUS_OK) return status;
    while (status == STATUS_OK) {
        status = log_reader_next(reader, &view);
        if (status == STATUS_OK) status = log_view_each(&view, &scan, visit_from);
    }
    log_reader_close(reader);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

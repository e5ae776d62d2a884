/* train_log.c - records of a topic to interactions. */
#include "host/train_log.h"

#include "codec/json.h"
#include "host/topic_tool.h"
#include "model/number_text.h"

enum { COLUMNS = 4, DECODED_MAX = 64 * 1024 };

struct extractor {
    struct train_rows *rows;
    struct train_log *counts;
    const char *columns;
    int64_t time_ms; /* of the record */
};

/* --- members ------------------------------------------------------------------------------------- */

/* Text of a string or number member; len 0: there is none. */
static struct slice text_of(const struct document *document, uint32_t object, struct slice key,
                            struct arena *arena)
{
    uint32_t node = document->nodes[object].kind == DOCUMENT_OBJECT
                        ? document_member(document, object, key)
                        : 0;
    struct slice text = {0};

    if (node == 0) return text;
    if (document->nodes[node].kind == DOCUMENT_NUMBER) return document_text(document, node);
    if (document->nodes[node].kind != DOCUMENT_STRING &&
        document->nodes[node].kind != DOCUMENT_ESCAPED_STRING) {
        return text;
    }
    return document_string(document, node, arena, &text) == STATUS_OK ? text : (struct slice){0};
}

static double time_of(struct slice text, int64_t time_ms)
{
    double time;

    return text.len > 0 && number_text(text, &time) ? time : (double)time_ms;
}

/* Behind /products/, up to what ends a path. */
static struct slice handle_of(struct slice address)
{
    const struct slice mark = SLICE("/products/");

    for (size_t i = 0; i + mark.len < address.len; i++) {
        struct slice rest = {address.data + i + mark.len, address.len - i - mark.len};
        size_t len = 0;

        if (memcmp(address.data + i, mark.data, mark.len) != 0) continue;
        while (len < rest.len && strchr("/?#", rest.data[len]) == NULL)
            len++;
        return (struct slice){rest.data, len};
    }
    return (struct slice){0};
}

static int digit_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9') return byte - '0' + 52;
    if (byte == '+' || byte == '-') return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

/* Either alphabet, padded or not; ends at the first other byte. */
static struct slice decode(struct slice text, struct arena *arena)
{
    uint8_t *out = text.len < DECODED_MAX ? arena_alloc(arena, text.len, 1) : NULL;
    uint32_t bits = 0;
    size_t len = 0;

    for (size_t i = 0; out != NULL && i < text.len; i++) {
        int digit = digit_of(text.data[i]);

        if (digit < 0) break;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 > 0) out[len++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return (struct slice){out, len};
}

/* --- events -------------------------------------------------------------------------------------- */

static enum status add(const struct extractor *extractor, const struct train_interaction *row,
                       uint64_t *kind)
{
    if (row->user.len == 0 || row->item.len == 0) {
        extractor->counts->passed_over++;
        return STATUS_OK;
    }
    ++*kind;
    return train_rows_add(extractor->rows, row);
}

/* {"schema", "data": {"schema": "iglu:.../add_to_cart/...", "data": {"sku", "category"}}} */
static void read_cart(const struct extractor *extractor, const struct document *event,
                      uint32_t object, struct train_interaction *row)
{
    struct arena *arena = extractor->rows->arena;
    struct slice text = text_of(event, object, SLICE("ue_pr"), arena);
    struct document document;
    struct json_error error;

    if (text.len == 0) text = decode(text_of(event, object, SLICE("ue_px"), arena), arena);
    if (text.len == 0 ||
        json_parse(text, &json_limits_default, arena, &document, &error) != STATUS_OK ||
        document.nodes[0].kind != DOCUMENT_OBJECT) {
        return;
    }
    uint32_t outer = document_member(&document, 0, SLICE("data"));
    if (outer == 0 || document.nodes[outer].kind != DOCUMENT_OBJECT) return;
    struct slice schema = text_of(&document, outer, SLICE("schema"), arena);
    uint32_t data = document_member(&document, outer, SLICE("data"));
    if (data == 0 ||
        !slice_starts_with(schema, SLICE("iglu:com.snowplowanalytics.snowplow/add_to_cart/")))
        return;
    row->item = text_of(&document, data, SLICE("sku"), arena);
    row->cate = text_of(&document, data, SLICE("category"), arena);
}

static enum status add_event(const struct extractor *extractor, const struct document *document,
                             uint32_t event)
{
    struct arena *arena = extractor->rows->arena;
    struct train_log *counts = extractor->counts;
    struct slice kind = text_of(document, event, SLICE("e"), arena);
    uint64_t *counter = &counts->views;
    struct train_interaction row = {
        .user = text_of(document, event, SLICE("duid"), arena),
        .time = time_of(text_of(document, event, SLICE("dtm"), arena), extractor->time_ms),
        .line = extractor->rows->count + 1,
    };

    if (slice_equal(kind, SLICE("pv"))) {
        row.item = handle_of(text_of(document, event, SLICE("url"), arena));
    } else if (slice_equal(kind, SLICE("ue"))) {
        counter = &counts->carts;
        read_cart(extractor, document, event, &row);
    } else if (slice_equal(kind, SLICE("ti"))) {
        counter = &counts->orders;
        row.item = text_of(document, event, SLICE("ti_sk"), arena);
        row.cate = text_of(document, event, SLICE("ti_ca"), arena);
    }
    return add(extractor, &row, counter);
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
        .user = text_of(document, 0, names[0], arena),
        .item = text_of(document, 0, names[1], arena),
        .cate = text_of(document, 0, names[3], arena),
        .time = (double)extractor->time_ms,
        .line = extractor->rows->count + 1,
    };
    struct slice time = text_of(document, 0, names[2], arena);
    if (time.len > 0 && !dataset_time(time, &row.time)) row.item.len = 0;
    return add(extractor, &row, &extractor->counts->objects);
}

enum status train_log_record(struct slice value, int64_t time_ms, const char *columns,
                             struct train_rows *rows, struct train_log *counts)
{
    const struct extractor extractor = {rows, counts, columns, time_ms};
    struct document document;
    struct json_error error;
    struct slice copy;
    uint32_t message = 0;
    uint32_t data = 0;

    counts->records++;
    if (arena_copy(rows->arena, value, &copy) != STATUS_OK) return STATUS_LIMIT;
    enum status status = json_parse(copy, &json_limits_default, rows->arena, &document, &error);
    if (status == STATUS_LIMIT) return status;
    if (status != STATUS_OK || document.nodes[0].kind != DOCUMENT_OBJECT) {
        counts->passed_over++;
        return STATUS_OK;
    }
    message = document_member(&document, 0, SLICE("message"));
    if (message != 0 && document.nodes[message].kind == DOCUMENT_OBJECT)
        data = document_member(&document, message, SLICE("data"));
    if (data == 0 || document.nodes[data].kind != DOCUMENT_ARRAY)
        return add_object(&extractor, &document);
    status = STATUS_OK;
    for (uint32_t i = 0, at = data + 1; status == STATUS_OK && i < document.nodes[data].count;
         i++) {
        status = add_event(&extractor, &document, at);
        at = document.nodes[at].next;
    }
    return status;
}

/* --- a topic ------------------------------------------------------------------------------------- */

static enum status read_batch(const struct log_view *view, const char *columns,
                              struct train_rows *rows, struct train_log *counts)
{
    struct record_header headers[RECORD_HEADERS_MAX];
    struct record_batch batch;
    struct record record;
    enum status status = record_batch_open(view->bytes, view->topic_id, &batch);

    while (status == STATUS_OK) {
        status = record_batch_next(&batch, headers, &record);
        if (status == STATUS_OK)
            status = train_log_record(record.value, record.time_ms, columns, rows, counts);
    }
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status read_topic(struct log *log, uint32_t topic_id, const char *columns,
                              struct train_rows *rows, struct train_log *counts)
{
    struct log_reader *reader;
    struct log_view view;
    enum status status = log_read_topic(log, topic_id, 0, &reader);

    if (status != STATUS_OK) return status;
    while (status == STATUS_OK) {
        status = log_reader_next(reader, &view);
        if (status == STATUS_OK) status = read_batch(&view, columns, rows, counts);
    }
    log_reader_close(reader);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

enum status train_log_read(const char *directory, const char *topic, const char *columns,
                           struct train_rows *rows, struct train_log *counts)
{
    struct topic_info info;
    struct log *log;

    *counts = (struct train_log){0};
    if (topic_log_open(directory, false, TOPICS_OF_A_SERVER, &log) != EXIT_OK)
        return STATUS_NOT_FOUND;
    enum status status = topic_must_find(log, topic, &info) == EXIT_OK
                             ? read_topic(log, info.id, columns, rows, counts)
                             : STATUS_NOT_FOUND;
    log_close(log);
    return status;
}

/* posting.h - page views posted over a socket to a collector with a log of the test's own. */
#pragma once
#include "desk.h"

#define SCHEMA \
    "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4\",\"data\":"
#define EVENT(eid, duid) \
    "{\"e\":\"pv\",\"p\":\"web\",\"tv\":\"x\",\"eid\":\"" eid "\",\"duid\":\"" duid "\"}"
#define TP2 "/com.snowplowanalytics.snowplow/tp2"

static struct desk desk;

static inline void assert_status(int status)
{
    int got = desk_answer(&desk);

    if (got != status) fail_msg("%d: %s", got, desk.answer.data);
    assert_non_null(desk_header(&desk.answer, "Access-Control-Allow-Origin").data);
}

static inline void post(const char *body)
{
    desk_post(&desk, TP2, "", slice_of(body));
}

static inline void open_desk(void)
{
    desk_init(&desk);
    desk_open(&desk, NULL);
}

/* The record's message, its key and its event ids. */
static inline void assert_record(uint32_t index, const char *message, const char *key,
                                 const char *eids)
{
    const struct desk_record *record = &desk.records[index];
    char text[400] = "";
    struct document document;

    assert_true(index < desk.record_count);
    document = desk_json(&desk.arena, record->value);
    assert_slice_equal(document_text(&document, desk_member(&document, 0, "message")),
                       slice_of(message));
    if (key == NULL) {
        assert_null(record->key.data);
    } else {
        assert_slice_equal(record->key, slice_of(key));
    }
    for (uint32_t i = 0; i < record->header_count; i++) {
        (void)strncat(text, " ", 2);
        (void)strncat(text, (const char *)record->headers[i].data, record->headers[i].len);
    }
    assert_string_equal(text, eids);
}

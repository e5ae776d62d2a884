/* snowplow.h - Snowplow tracker payloads: events with their original bytes, and bad rows; no I/O.
 *
 * A POST carries {"schema":"iglu:.../payload_data/jsonschema/1-*-*","data":[{event}, ...]}; a GET
 * carries one event in its query and becomes the same text. An event is refused alone, so that one
 * bad item never loses its neighbours; only a text that is no such payload is refused whole.
 * source   Iglu payload_data 1-0-4; Snowplow tracker protocol
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

enum {
    SNOWPLOW_EVENTS_MAX = 5000,          /* of one request; more: the payload is refused */
    SNOWPLOW_PARAMETERS_MAX = 256,       /* of one query */
    SNOWPLOW_MESSAGES_MAX = 20,          /* reasons listed in one bad row */
    SNOWPLOW_BAD_PAYLOAD_MAX = 64 * 1024 /* bytes of input kept in one bad row */
};

/* Why an event (or a payload) cannot be used: the member, its text as sent, what it should be. */
struct snowplow_problem {
    const char *field; /* NULL: there is no problem */
    struct slice value;
    const char *expectation;
};

struct snowplow_event {
    struct slice bytes;              /* the JSON object as sent */
    struct slice event_id;           /* `eid`, decoded; empty: none */
    struct slice visitor;            /* `duid`, decoded; empty: none */
    struct snowplow_problem problem; /* it is refused */
    struct snowplow_problem warning; /* it is kept, but its contexts cannot be read */
};

struct snowplow_payload {
    struct slice text;   /* the whole JSON text, without a byte order mark */
    struct slice schema; /* as sent, between the quotes */
    struct snowplow_event *events;
    uint32_t event_count;
    uint32_t refused_count;
    uint32_t warning_count;
    struct snowplow_problem problem; /* of the whole payload */
};

/* Reads the body of a tracker POST.
 * lives    slices in the body or the arena
 * fails    INVALID: payload->problem says why; LIMIT: the arena is full */
enum status snowplow_read_post(struct slice body, struct arena *arena,
                               struct snowplow_payload *payload) MUST_USE;

/* Reads the query of a pixel GET; the payload's text is built in `text` (cleared first). Percent escapes
 * that are broken stay as they are, bytes that are no UTF-8 become U+FFFD, of repeated names the first
 * counts. */
enum status snowplow_read_get(struct slice query, struct arena *arena, struct buffer *text,
                              struct snowplow_payload *payload) MUST_USE;

/* A query as a JSON object of texts, as snowplow_read_get() reads it; for webhooks. */
enum status snowplow_query_to_json(struct slice query, struct arena *arena,
                                   struct buffer *out) MUST_USE;

/* Appends text as a JSON string; bytes that are no UTF-8 become U+FFFD. */
void snowplow_write_text(struct slice text, struct buffer *out);

/* --- bad rows (Iglu com.snowplowanalytics.snowplow.badrows) ------------------------------------- */

/* Appends a tracker_protocol_violations row: reasons of at most SNOWPLOW_MESSAGES_MAX refused events
 * (or of the payload, or warnings), and what was refused: those events, or the whole body. */
void snowplow_write_violations(const struct snowplow_payload *payload, struct slice body,
                               int64_t time_ms, struct buffer *out);

/* Appends a size_violation row for one event or body. */
void snowplow_write_size_violation(struct slice payload, uint64_t bytes_max, int64_t time_ms,
                                   const char *expectation, struct buffer *out);

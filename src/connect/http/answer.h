/* answer.h - what came back from one try of a call, and the reply made of it. */
#pragma once
#include "codec/http.h"
#include "codec/json.h"

enum answer_kind {
    ANSWER_RESPONSE,  /* a whole response; look at the status */
    ANSWER_BROKEN,    /* no whole response; another try may do better */
    ANSWER_REFUSED,   /* never sent: address, scheme or request; another try ends the same */
    ANSWER_TOO_LARGE, /* the response passes its limit */
};

enum { ANSWER_HEADERS_MAX = 100, ANSWER_HEAD_BYTES_MAX = 64 * 1024 };

/* lives    until the transfer begins its next try */
struct answer {
    enum answer_kind kind;
    uint16_t status;   /* 0: none came */
    struct slice text; /* reason phrase as sent */
    struct http_header
        headers[ANSWER_HEADERS_MAX]; /* names as sent, first spelling of each; values of
                                                       repeated ones joined by ", " */
    uint32_t header_count;
    struct slice body;
    const char
        *problem; /* not RESPONSE: what happened, for people; static text without addresses */
};

const struct http_header *answer_find(const struct answer *answer, struct slice name);

/* Retry-After in seconds (Shopify writes "2.0"), in milliseconds; -1: none or a date. */
int64_t answer_retry_after_ms(const struct answer *answer);

enum answer_body { ANSWER_BODY_NONE, ANSWER_BODY_TEXT, ANSWER_BODY_JSON };

/* What the body is by its Content-Type: none without a type, JSON for application/json and +json.
 * fails    INVALID: it says JSON and is none; LIMIT: arena */
enum status answer_body_read(const struct answer *answer, struct arena *arena,
                             enum answer_body *kind, struct document *document) MUST_USE;

/* {"statusCode","statusText","headers":{},"body"}: JSON bodies as JSON, texts as strings (bytes that
 * are no UTF-8 are read as Latin-1), null without a type. A body that only claims to be JSON is a string. */
void answer_write(const struct answer *answer, struct arena *arena, struct buffer *out);

/* {"error": problem} */
void answer_write_error(struct slice problem, struct buffer *out);

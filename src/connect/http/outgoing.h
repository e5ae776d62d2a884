/* outgoing.h - a call as a scenario asks for it.
 *
 *   {"url": "https://...", "method": "POST", "headers": [["name", "value"], ...],
 *    "body": "text", "contentType": "application/json"}      body and contentType may be missing
 */
#pragma once
#include "codec/http.h"
#include "codec/json.h"

enum { OUTGOING_HEADERS_MAX = 100 };

struct outgoing {
    struct slice url;
    struct slice method; /* one of GET HEAD POST PUT PATCH DELETE OPTIONS */
    struct http_header headers[OUTGOING_HEADERS_MAX];
    uint32_t header_count;
    struct slice body; /* data NULL: none */
};

/* lives    in the arena and the text; contentType is among the headers
 * fails    INVALID or LIMIT: `why` says what, as static text */
enum status outgoing_read(struct slice json, struct arena *arena, struct outgoing *outgoing,
                          const char **why) MUST_USE;

const struct http_header *outgoing_find(const struct outgoing *outgoing, struct slice name);

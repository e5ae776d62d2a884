/* request.h - a JSON request a line: what `headrace expr eval` and `headrace expr complete` share.
 *
 * {"expr", "id", "language", "expected", "dictionary", ...}; what else a command reads it finds in the document.
 */
#pragma once
#include "codec/json.h"
#include "expr/expr.h"

struct request {
    struct document document;
    struct slice id; /* empty: none */
    struct expr_source source;
};

/* Reads a line. With any failure the id is there as far as it could be read.
 * fails    INVALID: *why says what is wrong with the request; LIMIT */
enum status request_read(struct slice line, struct arena *arena, struct request *request,
                         struct slice *why) MUST_USE;

/* A member that is a text. fails  NOT_FOUND; INVALID: it is something else; LIMIT */
enum status request_text(const struct request *request, const char *name, struct arena *arena,
                         struct slice *text) MUST_USE;

/* Writes {"id", "error"}: the answer to a request that cannot be used. */
void request_refuse(struct slice id, struct slice why, struct buffer *out);

/* Writes a span of bytes of `text` as the members "from" and "to", in UTF-16 units. */
void request_write_span(struct slice text, uint32_t start, uint32_t end, struct buffer *out);

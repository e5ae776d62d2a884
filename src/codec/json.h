/* json.h - JSON text <-> documents and values (RFC 8259), no I/O.
 *
 * The reader checks everything once (syntax, UTF-8, depth, sizes) and builds an index, no values.
 * Lone surrogates in escapes are accepted and kept; raw invalid UTF-8 is refused; the last of
 * duplicate keys counts when read. oracle  simdjson, in the tests
 */
#pragma once
#include "value/document.h"

struct json_limits {
    uint32_t bytes_max;
    uint32_t depth_max; /* nesting of arrays and objects; <= VALUE_DEPTH_MAX */
    uint32_t nodes_max;
    uint32_t number_bytes_max; /* digits of one number; a double as BigDecimal has up to 1074 */
};
extern const struct json_limits json_limits_default; /* 16 MiB, 64, 1 Mi, 4000 */

struct json_error {
    size_t at;           /* byte offset into the text */
    const char *message; /* what is wrong there; static text */
};

/* Indexes `text`, which must outlive the document.
 * fails    INVALID (error says where and what), LIMIT (a limit or the arena) */
enum status json_parse(struct slice text, const struct json_limits *limits, struct arena *arena,
                       struct document *document, struct json_error *error) MUST_USE;

/* Line and column (1-based, column in bytes) of a byte offset, for messages. */
void json_position(struct slice text, size_t at, uint32_t *line, uint32_t *column);

/* Compact JSON of a value as the original's schemaless encoder writes it: map order kept, non-string
 * keys by toString, NaN and infinities null, decimals as plain numbers, other kinds by toString.
 * A lazy value that nothing changed is copied token by token from its text (numbers keep their
 * spelling). Failure is the buffer's mark. */
void json_write(struct value value, struct buffer *out);
void json_write_string(struct slice text, struct buffer *out);

/* A document's tokens again: compact (indent 0) or with `indent` spaces a level. */
void json_write_document(const struct document *document, uint32_t node, uint32_t indent,
                         struct buffer *out);

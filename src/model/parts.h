/* parts.h - the files of a model directory, read with messages that name them. */
#pragma once
#include "base/arena.h"
#include "codec/json.h"
#include "value/document.h"

enum { PART_JSON_BYTES_MAX = 256 << 20, PART_WEIGHTS_BYTES_MAX = 512 << 20 };

/* Of JSON in a model directory: names of millions of items. */
extern const struct json_limits part_json_limits;

/* directory/name into the buffer (its bytes_max bounds the size); a regular file only, so that a
 * directory somebody else made can neither block us nor have a device read. A message names the file as it
 * is called in its directory: part_place() says where that is.
 * fails  NOT_FOUND, INVALID (no file), LIMIT, IO */
enum status part_read(const char *directory, const char *name, struct buffer *bytes,
                      struct buffer *message) MUST_USE;

/* The same as JSON whose root is an object; text and index live in the arena. fails  INVALID too */
enum status part_read_object(const char *directory, const char *name, struct arena *arena,
                             struct document *document, struct buffer *message) MUST_USE;

/* The same, whatever its root is. */
enum status part_read_json(const char *directory, const char *name, struct arena *arena,
                           struct document *document, struct buffer *message) MUST_USE;

/* That the root, an object, has no other members than these, of which NULL is the end; what is mistyped
 * would be passed over. */
enum status part_members_check(const char *name, const struct document *document,
                               const char *const *members, struct buffer *message) MUST_USE;

/* Puts "directory/" in front of what a message has from `from` on, if it has anything. */
void part_place(const char *directory, size_t from, struct buffer *message);

/* Says why a file could not be read; returns the status. */
enum status part_refuse_file(const char *path, enum status status, struct buffer *message);

/* "name: line 3, column 7: " */
void part_position(const char *name, struct slice text, size_t at, struct buffer *message);

/* The same and what is wrong there; returns INVALID. */
enum status part_refuse(const char *name, const struct document *document, uint32_t node,
                        const char *what, struct buffer *message) MUST_USE;

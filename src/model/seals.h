/* seals.h - which files of a model directory were made together: their checksums, in headrace.json.
 *
 *   "files": {"weights.safetensors": "crc32c:0a1b2c3d", "items.json": "crc32c:4e5f6071"}
 *
 * Written last, held against the files when a model is opened. A directory without them, made by hand or by
 * an earlier version, is opened by what else is checked.
 */
#pragma once
#include "base/buffer.h"
#include "value/document.h"

enum { SEALS_MAX = 8 };

struct seals {
    const char *names[SEALS_MAX];
    uint32_t checksums[SEALS_MAX];
    uint32_t count;
};

/* name: lives as long as the seals */
void seals_add(struct seals *seals, const char *name, struct slice bytes);

/* The member as text, without a comma. */
void seals_write(const struct seals *seals, struct buffer *out);

/* settings: headrace.json. fails  INVALID, NOT_FOUND, LIMIT, IO; message says which file and what to do */
enum status seals_check(const char *directory, const struct document *settings,
                        struct buffer *message) MUST_USE;

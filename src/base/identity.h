/* identity.h - which output this is: origin of the input that caused it, and the way to it.
 *
 * Equal on every replay, so that what is already out can be recognised; the text form
 * "<topic>:<partition>:<offset>:<path hex>" is the idempotency key of outside effects.
 */
#pragma once
#include "base/buffer.h"

enum { IDENTITY_PATH_MAX = 24, IDENTITY_TEXT_MAX = 96 };

struct identity {
    uint32_t topic_id; /* origin: topic (the plan's source index where topics have no id) */
    uint32_t partition;
    uint64_t offset;
    uint8_t path_len;
    uint8_t path[IDENTITY_PATH_MAX]; /* ordinals at fan-outs, timers and outputs, in order */
};

/* Adds one ordinal (0..253 one byte; more: 255 and two bytes). LIMIT when the path is full. */
enum status identity_push(struct identity *identity, uint32_t ordinal) MUST_USE;

void identity_to_text(const struct identity *identity, struct buffer *out);
enum status identity_from_text(struct slice text, struct identity *identity) MUST_USE;

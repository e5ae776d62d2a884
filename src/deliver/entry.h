/* entry.h - a call as it is stored, waiting or dead.
 *
 *   | version u8 = 1 | flags u8 | sequence le64 | stored ms le64 | node le32 |
 *   | sized coalescing key | sized origin | sized request |          both; what follows: dead letters
 *   | died ms le64 | attempts le32 | sized error |
 *
 * The sequence is the order of submission, over restarts too. The request is the scenario's own bytes:
 * secrets are put in when it is sent, so none is ever stored.
 */
#pragma once
#include "base/buffer.h"
#include "base/identity.h"

enum { ENTRY_VERSION = 1, ENTRY_REPLAYED = 1 };

struct entry {
    struct slice scenario; /* scenario and identity are the key's */
    struct identity identity;
    uint8_t flags;
    uint64_t sequence;
    int64_t stored_ms; /* Unix time */
    uint32_t node;
    struct slice coalescing_key;
    struct slice origin; /* of the request's URL; empty: the request is not callable */
    struct slice request;
    int64_t died_ms;
    uint32_t attempts;
    struct slice error;
};

void entry_write(const struct entry *entry, bool dead, struct buffer *out);

/* Reads all but scenario and identity; slices point into bytes. fails  CORRUPT */
enum status entry_read(struct slice bytes, bool dead, struct entry *entry) MUST_USE;

/* "<scenario>\0<identity>": name of a call in the outbox. */
void entry_write_name(struct slice scenario, const struct identity *identity, struct buffer *out);
enum status entry_read_name(struct slice name, struct entry *entry) MUST_USE; /* CORRUPT */

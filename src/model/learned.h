/* learned.h - what a model directory has learned from, so that nobody judges it by the same clicks.
 *
 *   "learned": {"clicks": 9, "until": 1462752000, "fingerprint": "51f0...", "data": "03ab..."}
 *
 * in headrace.json: how many clicks, the second of the last one (0: they have no times), and two
 * fingerprints: of those clicks, and of all that were given, the ones held back among them. A fingerprint
 * is the sum of a hash of each click's item and time, so the same clicks have the same one in whatever
 * order, format or sessions they come.
 */
#pragma once
#include "base/buffer.h"

struct document;

struct learned {
    uint64_t clicks; /* 0: nothing is told */
    double until;    /* Unix seconds */
    uint64_t fingerprint;
    uint64_t data;
};

/* One click's share of a fingerprint. time: seconds, or milliseconds from 1e11 on; 0 or before 1970: none */
uint64_t learned_click(struct slice item, double time);

/* A click that was given, to be learned unless it is held back. */
void learned_add(struct learned *learned, struct slice item, double time, bool held_back);

/* The member, without a comma. */
void learned_write(const struct learned *learned, struct buffer *out);

/* False: the root has no such member, or one that is not as above. */
bool learned_read(const struct document *document, struct learned *learned);

/* The same of DIR/headrace.json. */
bool learned_open(const char *directory, struct learned *learned);

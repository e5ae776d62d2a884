/* mutation.h - seeded variants of a scenario file that mean the same: other spacing and order of
 * members, members nobody knows, optional members null or gone. */
#pragma once
#include "value/document.h"

struct mutation {
    const struct document *document;
    struct buffer *out;
    uint64_t random; /* state: one seed, one variant */
};

/* Appends a variant of the document. */
void mutation_write(struct mutation *mutation);

/* Are the texts the same tokens in the same order? White space outside of strings may differ. */
bool same_tokens(struct slice left, struct slice right);

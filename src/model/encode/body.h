/* body.h - clicks to vectors, and the way back: the layers of one thread's rows.
 *
 * A row is a click. Sequences lie side by side without padding; in a sequence a row sees itself and
 * those before it, so the vector of a row is the one of the clicks up to it.
 */
#pragma once
#include "base/arena.h"
#include "model/encode/layout.h"

/* Numbers, and what multiplies them. */
struct encode_body {
    const struct encode_layout *layout;
    const struct encode_kernels *kernels;
    const struct train_kernels *products;
    const real *value;
    const real *flipped; /* [body] the layers' matrices transposed, where they stand; only for the
                          * way back */
};

/* A sequence's rows. It may go on from rows of another, which it sees as its own past: what several sequences
 * begin with is computed once. Not on the way back. */
struct encode_span {
    uint32_t first, len;
    uint32_t past_first, past_len; /* usually none */
};

/* What a norm keeps: its rows normalised, and 1 / their deviations. */
struct encode_kept {
    real *normal, *inverse;
};

/* What one layer keeps for the way back. */
struct encode_stage {
    real *in, *middle; /* [rows][width] */
    struct encode_kept kept1, kept2;
    real *a, *c;         /* [rows][width] behind the norms */
    real *mix;           /* [rows][3 width] */
    real *weights;       /* [rows][heads][pad(steps)] of the attention, undropped */
    real *met;           /* [rows][width] what it saw */
    real *wide, *narrow; /* [rows][inner] before and after relu */
    uint8_t *keep_weights, *keep_join, *keep_wide, *keep_narrow;
};

struct encode_run {
    uint32_t rows_max;
    uint32_t rows;
    const struct encode_span *spans;
    uint32_t span_count;
    const uint32_t *items;  /* [rows] places in `embeddings` */
    const real *embeddings; /* [..][width] */
    /* Share dropped, 0: none; with one seed the same decisions. */
    double dropout;
    uint64_t seed;
    real *gradient; /* [body] of the way back, added to */

    struct encode_stage stages[ENCODE_LAYERS_MAX];
    uint8_t *keep_in;
    real *last; /* [rows][width] behind the last layer */
    struct encode_kept kept;
    real *out;            /* [rows][width]: the answer */
    real *temp, *d, *d_a; /* [rows][width] d: gradient on its way */
    real *d_mix, *d_wide; /* [rows][3 width], [rows][inner] */
};

/* Room for rows_max rows. fails  LIMIT: the arena is full */
enum status encode_run_init(const struct encode_shape *shape, uint32_t rows_max,
                            struct arena *arena, struct encode_run *run) MUST_USE;

void encode_forward(const struct encode_body *body, struct encode_run *run);

/* run->d: gradient of out in, of the embeddings by row (scaled, undropped) out; run->gradient +=. */
void encode_backward(const struct encode_body *body, struct encode_run *run);

/* flipped from value. */
void encode_flip(const struct encode_layout *layout, const real *value, real *flipped);

/* --- attend.c ------------------------------------------------------------------------------------ */

void encode_attend(const struct encode_body *body, const struct encode_run *run,
                   const struct encode_stage *stage);
/* d_met [rows][width] in; run->d_mix out. */
void encode_attend_back(const struct encode_body *body, const struct encode_run *run,
                        const struct encode_stage *stage, const real *d_met);

static inline struct encode_drop encode_drop_of(const struct encode_run *run, const uint8_t *keep)
{
    bool drops = run->dropout > 0;

    return (struct encode_drop){drops ? keep : NULL, (real)(1.0 / (1.0 - run->dropout))};
}

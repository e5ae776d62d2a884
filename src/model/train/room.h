/* train_room.h - what a trainer consists of; for the train_*.c files.
 *
 * A batch is split into seats: a history with its candidates. Seats lie in the order of falling length,
 * eight make a chunk, which runs through the recurrence together; chunk c is thread (c % threads)'s.
 * A step is a list of phases (train_phases.c). Between two phases all threads meet, and what they summed
 * apart is put together in the order of the threads: same threads, same bits.
 */
#pragma once
#include <pthread.h>

#include "base/arena.h"
#include "model/train/train.h"

enum { TRAIN_CHUNK = 8, TRAIN_THREADS_MAX = 64 };

enum train_layer_number {
    LAYER_ATT1,
    LAYER_ATT2,
    LAYER_ALPHA1,
    LAYER_ALPHA2,
    LAYER_LOGIT1,
    LAYER_LOGIT2,
};

struct train_layer {
    struct train_norm norm;
    uint32_t columns; /* without padding */
    real *scale, *shift, *mean, *inverse, *mean_dy, *mean_dyx;
    enum train_matrix gamma, beta;
    enum train_parameter moving_mean, moving_variance;
};

/* What one thread has summed of a layer. */
struct train_layer_sums {
    double count;
    double *mean, *squares; /* forward */
    double *dy, *dyx;       /* backward */
};

/* Rows on their way through one of the three networks. */
struct train_run {
    uint32_t rows;
    real *in, *d_in; /* not the attention's: it never forms them */
    real *z1, *d1;   /* [rows][pad(first)] */
    real *z2, *d2;   /* [rows][pad(second)] */
    uint8_t *keep1, *keep2;
    real *out, *d_out; /* [rows] before any sigmoid or softmax */
};

/* The parts of a network, by name. */
struct train_network {
    enum train_layer_number layer1, layer2;
    enum train_matrix first, shift1, second, shift2, out, out_shift;
    bool softened; /* a softmax follows: by itself it makes nothing of the output's bias */
};
extern const struct train_network train_att, train_alpha, train_logit;

struct train_seat {
    uint32_t index; /* example in the batch, or row of it when histories are not shared */
    uint32_t len;
    uint32_t slots; /* that take part: len if masked, else all */
    const struct train_example *example;
    const uint32_t *items, *cates; /* [candidates] */

    real *embed;               /* [steps + 1][W] e_t; behind the last event one row of padding */
    real *to_now, *from_first; /* [pad(steps)] */
    real *now, *last;          /* [steps][W] n_t, l_t */
    real *gates;               /* [steps][6 W]; backward: their gradients */
    real *cell, *output;       /* [steps + 1][W]; row t + 1 is step t, row 0 zeros */
    real *project;             /* [steps][W] A_t */
    real *long_weight;    /* [pad(steps + 1)] attention; behind the events' all of the padding's */
    real *short_weight;   /* [candidates][pad(steps)] */
    struct train_run run; /* [candidates * slots] */
    real *d_output;       /* [steps][W] */
    real *d_long;         /* [W] of att1 */
};

struct train_thread {
    struct trainer *trainer;
    uint32_t number;
    pthread_t handle;
    real *packed;    /* gradient, as packed */
    real *embedding; /* gradient, as the first two tensors of value */
    real *direction; /* gradient of A q */
    struct train_layer_sums sums[TRAIN_LAYERS];
    double look_ups[2]; /* sums of squares of the embeddings' gradients, look-up by look-up */
    /* scratch */
    real *hidden, *hidden2;                /* activations of a seat or a chunk */
    real *mixed, *d_mixed, *mixed_flipped; /* the attention's first layer for one candidate */
    real *base;                            /* [candidates][att1] what does not depend on the step */
    real *column;                          /* two vectors as wide as the widest layer */
    real *d_cell;                          /* [TRAIN_CHUNK][W] */
};

enum train_after { AFTER_SETTLE, AFTER_SETTLE_BACK, AFTER_NOTHING };

struct train_phase {
    void (*each)(struct train_thread *thread, uint32_t first, uint32_t count);
    enum train_after after;
    enum train_layer_number layer;
};

enum { TRAIN_FORWARD_PHASES = 7, TRAIN_BACK_PHASES = 7 };
extern const struct train_phase train_forward_phases[TRAIN_FORWARD_PHASES];
extern const struct train_phase train_back_phases[TRAIN_BACK_PHASES];

struct trainer {
    struct train_layout layout;
    struct train_settings settings;
    const struct train_kernels *kernels;
    struct arena arena;
    uint32_t width, padded; /* of a state or an item: w, W */
    uint32_t alpha_width;   /* of a row of alpha's input: 3 W + unit */
    uint32_t candidates;    /* of a seat */
    uint32_t seats_max;

    real *value, *m, *v, *average, *gradient;
    real *packed, *flipped;
    real *direction; /* A q, [W] */
    uint64_t step;
    struct train_layer layers[TRAIN_LAYERS];
    struct train_seat *seats;
    size_t seat_stride;            /* reals from a seat's arrays to the next one's */
    struct train_run alpha, logit; /* a row a candidate, seats one behind the other */
    struct train_thread *threads;

    /* the batch in hand */
    const struct train_batch *batch;
    uint32_t seat_count;
    bool evaluate;
    struct train_seat *sorted; /* [seats_max] */
    real *scores;              /* [rows] logits, then their gradients, in the batch's order */
    uint8_t *mentioned[2];     /* ids of items and categories in the batch */
    double look_ups[2];        /* of all threads */

    /* the team */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t round;   /* phases begun */
    uint32_t working; /* threads still in this phase */
    const struct train_phase *phase;
    uint32_t started;
    bool over;
};

static inline const real *train_packed(const struct trainer *trainer, enum train_matrix matrix)
{
    return trainer->packed + trainer->layout.places[matrix].at;
}

static inline const real *train_flipped(const struct trainer *trainer, enum train_matrix matrix)
{
    return trainer->flipped + trainer->layout.places[matrix].flipped_at;
}

static inline real *train_d_packed(const struct train_thread *thread, enum train_matrix matrix)
{
    return thread->packed + thread->trainer->layout.places[matrix].at;
}

/* Rows of embed: the events and, if there are empty slots that count, one for all of them. */
static inline uint32_t train_embed_rows(const struct train_seat *seat)
{
    return seat->len + (seat->len < seat->slots);
}

static inline bool train_drops(const struct trainer *trainer)
{
    return !trainer->evaluate && (trainer->settings.dropout > 0 || trainer->batch->keep != NULL);
}

/* --- train_memory.c ----------------------------------------------------------------------------- */

enum status train_memory_init(struct trainer *trainer) MUST_USE;

/* --- train_layer.c: batch norm ------------------------------------------------------------------ */

void train_layer_collect(struct train_thread *thread, enum train_layer_number number, const real *z,
                         uint32_t rows);
/* After the meeting: mean and deviation of the batch, moving statistics. */
void train_layer_settle(struct trainer *trainer, enum train_layer_number number);

/* d: gradient of the layer's output in, of batch norm's output out, and summed. */
void train_layer_deactivate(struct train_thread *thread, enum train_layer_number number,
                            const real *z, const uint8_t *keep, uint32_t rows, real *d);
/* After the meeting: mean gradients; those of gamma and beta. */
void train_layer_settle_back(struct trainer *trainer, enum train_layer_number number);

/* Dropout's decisions for seats [first, first + count), `rows` a seat; given or drawn. */
struct train_seats {
    uint32_t first, count, rows;
};
void train_layer_keep(const struct train_thread *thread, enum train_layer_number number,
                      struct train_seats seats, uint8_t *keep);

/* --- train_network.c: two hidden layers and an output, a phase a function ------------------------- */

void train_network_first(struct train_thread *thread, const struct train_network *network,
                         const struct train_run *run);
void train_network_second(struct train_thread *thread, const struct train_network *network,
                          const struct train_run *run);
void train_network_out(struct train_thread *thread, const struct train_network *network,
                       const struct train_run *run);
void train_network_back_out(struct train_thread *thread, const struct train_network *network,
                            const struct train_run *run);
void train_network_back_second(struct train_thread *thread, const struct train_network *network,
                               const struct train_run *run);
void train_network_back_first(struct train_thread *thread, const struct train_network *network,
                              const struct train_run *run);

/* --- train_user.c, train_attention.c: parts of phases ---------------------------------------------- */

/* e_t, the recurrence, A_t and the long-term attention of a chunk. */
void train_recur(struct train_thread *thread, uint32_t first, uint32_t count);
void train_recur_back(struct train_thread *thread, uint32_t first, uint32_t count);

void train_attend_first(struct train_thread *thread, uint32_t number);
void train_attend_mix(struct train_thread *thread, uint32_t number);
void train_attend_mix_back(struct train_thread *thread, uint32_t number);
void train_attend_first_back(struct train_thread *thread, uint32_t number);

/* --- loss.c ------------------------------------------------------------------------------------- */

/* The mean over the examples of the batch in hand; its gradient goes into the last network's d_out. */
double train_loss_of(struct trainer *trainer);

/* --- train_update.c ----------------------------------------------------------------------------- */

/* A q from A and q. */
void train_direction(struct trainer *trainer);
/* Gradient of all threads together, with the regulariser's; returns the regulariser. */
double train_gather_gradient(struct trainer *trainer);
double train_regulariser(struct trainer *trainer);
void train_update(struct trainer *trainer);

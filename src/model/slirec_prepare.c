/* slirec_prepare.c - from the checkpoint to what a call multiplies with.
 *
 * Batch norm at evaluation is affine, so it goes into its layer: with g = gamma / sqrt(variance +
 * 1e-4), W' = W diag(g) and b' = (b - mean) g + beta. The first layers are then split by rows, since
 * a row belongs to the item, the user or a step:
 *     [A, q, A - q, A * q] W = A (Wa + Wd) + q (Wq - Wd) + (A * q) Wp
 * All in double, rounded once. Vectors of 40 are padded with zeros to a block of 48 where the
 * kernels go over whole blocks.
 */
#include <math.h>

#include "model/slirec.h"
#include "model/slirec_time.h"

#define NORM_EPSILON 1e-4

float *slirec_floats(struct arena *arena, size_t count)
{
    enum { CACHE_LINE = 64 };
    uint8_t *memory = arena_zalloc(arena, count * sizeof(float) + CACHE_LINE, 1);

    if (memory == NULL) return NULL;
    return (float *)(void *)(memory + (CACHE_LINE - (uintptr_t)memory % CACHE_LINE) % CACHE_LINE);
}

/* Batch norm of one layer, as a factor and an addend for each column. */
struct fold {
    double factor[SLIREC_LOGIT_1];
    double addend[SLIREC_LOGIT_1];
};

static void fold_init(struct fold *fold, const struct slirec_layer *layer, uint32_t columns)
{
    ASSERT(columns <= SLIREC_LOGIT_1);
    for (uint32_t j = 0; j < columns; j++) {
        double factor = (double)layer->gamma[j] / sqrt((double)layer->variance[j] + NORM_EPSILON);

        fold->factor[j] = factor;
        fold->addend[j] =
            ((double)layer->bias[j] - (double)layer->mean[j]) * factor + (double)layer->beta[j];
    }
}

/* A matrix being written: columns of `out` from `column` on, rows `stride` apart. */
struct target {
    float *out;
    uint32_t stride;
    uint32_t column;
};

static void copy_matrix(struct target target, const float *from, uint32_t from_stride,
                        uint32_t rows, uint32_t columns)
{
    for (uint32_t k = 0; k < rows; k++) {
        float *row = target.out + (size_t)k * target.stride + target.column;

        for (uint32_t j = 0; j < columns; j++)
            row[j] = from[(size_t)k * from_stride + j];
    }
}

/* 40 rows of a folded first layer: plus + sign * other, each by its first row; other_row < 0: none. */
struct split {
    const struct slirec_layer *layer;
    const struct fold *fold;
    uint32_t columns;
    int32_t row;
    int32_t other_row;
    double sign;
};

static double split_at(const struct split *split, uint32_t k, uint32_t j)
{
    const float *weight = split->layer->weight;
    double sum = (double)weight[((size_t)split->row + k) * split->columns + j];

    if (split->other_row >= 0)
        sum += split->sign * (double)weight[((size_t)split->other_row + k) * split->columns + j];
    return sum * split->fold->factor[j];
}

static void split_to_floats(const struct split *split, struct target target)
{
    for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
        float *row = target.out + (size_t)k * target.stride + target.column;

        for (uint32_t j = 0; j < split->columns; j++)
            row[j] = (float)split_at(split, k, j);
    }
}

/* The rows of q stay in double: they only make tables. */
static const double *split_to_doubles(const struct split *split, struct arena *arena)
{
    double *out = arena_alloc(arena, (size_t)SLIREC_WIDTH * split->columns, sizeof(double));

    for (uint32_t k = 0; out != NULL && k < SLIREC_WIDTH; k++) {
        for (uint32_t j = 0; j < split->columns; j++)
            out[(size_t)k * split->columns + j] = split_at(split, k, j);
    }
    return out;
}

static const double *bias_of(const struct fold *fold, uint32_t columns, struct arena *arena)
{
    double *out = arena_alloc(arena, columns, sizeof(double));

    if (out != NULL) memcpy(out, fold->addend, columns * sizeof(double));
    return out;
}

/* The upper layers; rows1 fills the first hidden layer up to whole tiles. */
static bool mlp_init(struct mlp *mlp, const struct slirec_network *network, uint32_t rows1,
                     uint32_t hidden1, uint32_t hidden2, struct arena *arena)
{
    float *weight2 = slirec_floats(arena, (size_t)rows1 * hidden2);
    float *pairs = slirec_floats(arena, (size_t)rows1 / 2 * hidden2);
    float *bias2 = slirec_floats(arena, hidden2);
    struct fold fold;

    if (weight2 == NULL || pairs == NULL || bias2 == NULL) return false;
    fold_init(&fold, &network->hidden2, hidden2);
    for (uint32_t j = 0; j < hidden2; j++) {
        bias2[j] = (float)fold.addend[j];
        for (uint32_t k = 0; k < hidden1; k++) {
            size_t at = (size_t)k * hidden2 + j;

            weight2[at] = (float)((double)network->hidden2.weight[at] * fold.factor[j]);
        }
    }
    for (size_t k = 0; k < rows1; k += 2) {
        for (size_t j = 0; j < hidden2; j++) {
            pairs[k / 2 * hidden2 + j] =
                half_pair(weight2[k * hidden2 + j], weight2[(k + 1) * hidden2 + j]);
        }
    }
    *mlp = (struct mlp){
        .rows1 = rows1,
        .rows2 = hidden2,
        .weight2 = weight2,
        .bias2 = bias2,
        .weight3 = network->weight3,
        .bias3 = network->bias3[0],
        .weight2_pairs = pairs,
    };
    return true;
}

/* --- the three networks ------------------------------------------------------------------------- */

static bool att_init(struct slirec *slirec, struct arena *arena)
{
    const struct slirec_network *network = &slirec->weights.att;
    float *shift = slirec_floats(arena, (size_t)SLIREC_WIDTH * SLIREC_ATT_1);
    float *product = slirec_floats(arena, (size_t)SLIREC_WIDTH * SLIREC_ATT_1);
    struct fold fold;
    struct split split = {&network->hidden1, &fold, SLIREC_ATT_1, 0, 80, 1.0};

    if (shift == NULL || product == NULL) return false;
    fold_init(&fold, &network->hidden1, SLIREC_ATT_1);
    split_to_floats(&split, (struct target){shift, SLIREC_ATT_1, 0});
    split.row = 120;
    split.other_row = -1;
    split_to_floats(&split, (struct target){product, SLIREC_ATT_1, 0});
    split.row = 40;
    split.other_row = 80;
    split.sign = -1.0;
    slirec->att_shift = shift;
    slirec->att_product = product;
    slirec->att_item = split_to_doubles(&split, arena);
    slirec->att_bias = bias_of(&fold, SLIREC_ATT_1, arena);
    return slirec->att_item != NULL && slirec->att_bias != NULL &&
           mlp_init(&slirec->att, network, SLIREC_ATT_1, SLIREC_ATT_1, SLIREC_ATT_2, arena);
}

static bool alpha_init(struct slirec *slirec, float *step_project, struct arena *arena)
{
    const struct slirec_network *network = &slirec->weights.alpha;
    float *long_term = slirec_floats(arena, (size_t)SLIREC_WIDTH * SLIREC_ALPHA_1);
    float *time = slirec_floats(arena, SLIREC_ALPHA_1);
    struct fold fold;
    struct split split = {&network->hidden1, &fold, SLIREC_ALPHA_1, 40, -1, 0.0};

    if (long_term == NULL || time == NULL) return false;
    fold_init(&fold, &network->hidden1, SLIREC_ALPHA_1);
    split_to_floats(&split, (struct target){long_term, SLIREC_ALPHA_1, 0});
    split.row = 80;
    split_to_floats(&split, (struct target){step_project, STEP_WIDTH, STEP_ALPHA});
    split.row = 0;
    for (uint32_t j = 0; j < SLIREC_ALPHA_1; j++) {
        size_t at = (size_t)120 * SLIREC_ALPHA_1 + j;

        time[j] = (float)((double)network->hidden1.weight[at] * fold.factor[j]);
    }
    slirec->alpha_long = long_term;
    slirec->alpha_time = time;
    slirec->alpha_item = split_to_doubles(&split, arena);
    slirec->alpha_bias = bias_of(&fold, SLIREC_ALPHA_1, arena);
    return slirec->alpha_item != NULL && slirec->alpha_bias != NULL &&
           mlp_init(&slirec->alpha, network, SLIREC_ALPHA_1, SLIREC_ALPHA_1, SLIREC_ALPHA_2, arena);
}

static bool logit_init(struct slirec *slirec, float *step_project, struct arena *arena)
{
    const struct slirec_network *network = &slirec->weights.logit;
    struct fold fold;
    struct split split = {&network->hidden1, &fold, SLIREC_LOGIT_1, 0, -1, 0.0};

    fold_init(&fold, &network->hidden1, SLIREC_LOGIT_1);
    split_to_floats(&split, (struct target){step_project, STEP_WIDTH, STEP_LOGIT});
    split.row = 40;
    slirec->logit_item = split_to_doubles(&split, arena);
    slirec->logit_bias = bias_of(&fold, SLIREC_LOGIT_1, arena);
    return slirec->logit_item != NULL && slirec->logit_bias != NULL &&
           mlp_init(&slirec->logit, network, SLIREC_LOGIT_ROWS, SLIREC_LOGIT_1, SLIREC_LOGIT_2,
                    arena);
}

static bool networks_init(struct slirec *slirec, struct arena *arena)
{
    float *project = slirec_floats(arena, (size_t)SLIREC_WIDTH * STEP_WIDTH);

    if (project == NULL) return false;
    copy_matrix((struct target){project, STEP_WIDTH, STEP_ATT}, slirec->weights.short_mat,
                SLIREC_WIDTH, SLIREC_WIDTH, SLIREC_WIDTH);
    slirec->step_project = project;
    return att_init(slirec, arena) && alpha_init(slirec, project, arena) &&
           logit_init(slirec, project, arena);
}

/* --- the recurrence ----------------------------------------------------------------------------- */

static const float *padded(const float *vector, struct arena *arena)
{
    float *out = slirec_floats(arena, SLIREC_PADDED);

    if (out != NULL) memcpy(out, vector, SLIREC_WIDTH * sizeof(float));
    return out;
}

/* Two 40 x 40 matrices side by side, [40][2 * BLOCK]. */
static const float *pair_of(const float *first, const float *second, struct arena *arena)
{
    enum { STRIDE = 2 * BLOCK };
    float *out = slirec_floats(arena, (size_t)SLIREC_WIDTH * STRIDE);

    if (out == NULL) return NULL;
    copy_matrix((struct target){out, STRIDE, 0}, first, SLIREC_WIDTH, SLIREC_WIDTH, SLIREC_WIDTH);
    copy_matrix((struct target){out, STRIDE, BLOCK}, second, SLIREC_WIDTH, SLIREC_WIDTH,
                SLIREC_WIDTH);
    return out;
}

/* What the time features add when they are at their floor. */
static const float *floor_of(const struct slirec *slirec, const float *weight, const float *bias,
                             const float *project, struct arena *arena)
{
    float *out = slirec_floats(arena, (size_t)2 * BLOCK);
    float hidden[BLOCK];

    if (out == NULL) return NULL;
    slirec->kernels->tanh_affine((float)SLIREC_TIME_FLOOR, weight, bias, hidden);
    slirec->kernels->rows(
        &(struct rows_job){
            .in = hidden, .count = 1, .depth = SLIREC_WIDTH, .weight = project, .width = 2 * BLOCK},
        out);
    return out;
}

static bool times_init(struct slirec *slirec, struct arena *arena)
{
    const struct slirec_weights *weights = &slirec->weights;

    slirec->now_weight = padded(weights->now_weight, arena);
    slirec->now_bias = padded(weights->now_bias, arena);
    slirec->last_weight = padded(weights->last_weight, arena);
    slirec->last_bias = padded(weights->last_bias, arena);
    slirec->now_project = pair_of(weights->now_gate_time, weights->output_now, arena);
    slirec->last_project = pair_of(weights->last_gate_time, weights->output_last, arena);
    if (slirec->now_weight == NULL || slirec->now_bias == NULL || slirec->last_weight == NULL ||
        slirec->last_bias == NULL || slirec->now_project == NULL || slirec->last_project == NULL) {
        return false;
    }
    slirec->now_floor =
        floor_of(slirec, slirec->now_weight, slirec->now_bias, slirec->now_project, arena);
    slirec->last_floor =
        floor_of(slirec, slirec->last_weight, slirec->last_bias, slirec->last_project, arena);
    return slirec->now_floor != NULL && slirec->last_floor != NULL;
}

/* x W + b of one item for gate number `gate`; W has `stride` columns, the gate's begin at `column`. */
static void gate_of_item(const float *x, const float *weight, uint32_t stride, const float *bias,
                         float *out)
{
    double sum[SLIREC_WIDTH];

    for (uint32_t j = 0; j < SLIREC_WIDTH; j++)
        sum[j] = (double)bias[j];
    for (uint32_t k = 0; k < SLIREC_ITEM_WIDTH; k++) {
        const float *row = weight + (size_t)k * stride;

        for (uint32_t j = 0; j < SLIREC_WIDTH; j++)
            sum[j] += (double)x[k] * (double)row[j];
    }
    for (uint32_t j = 0; j < SLIREC_WIDTH; j++)
        out[j] = (float)sum[j];
}

static bool gates_init(struct slirec *slirec, struct arena *arena)
{
    enum { STRIDE = 4 * SLIREC_WIDTH };
    const struct slirec_weights *weights = &slirec->weights;
    float *table = slirec_floats(arena, (size_t)weights->item_count * SLIREC_GATES);
    float *recurrent = slirec_floats(arena, (size_t)SLIREC_WIDTH * 4 * BLOCK);

    if (table == NULL || recurrent == NULL) return false;
    for (uint32_t item = 0; item < weights->item_count; item++) {
        const float *x = weights->item_embedding + (size_t)item * SLIREC_ITEM_WIDTH;
        float *out = table + (size_t)item * SLIREC_GATES;

        for (uint32_t gate = 0; gate < 4; gate++) {
            uint32_t column = gate * SLIREC_WIDTH;

            gate_of_item(x, weights->kernel + column, STRIDE, weights->kernel_bias + column,
                         out + (size_t)gate * BLOCK);
        }
        gate_of_item(x, weights->now_gate_item, SLIREC_WIDTH, weights->now_gate_bias,
                     out + (size_t)4 * BLOCK);
        gate_of_item(x, weights->last_gate_item, SLIREC_WIDTH, weights->last_gate_bias,
                     out + (size_t)5 * BLOCK);
    }
    const float *of_m = weights->kernel + (size_t)SLIREC_ITEM_WIDTH * STRIDE;
    for (uint32_t gate = 0; gate < 4; gate++) {
        copy_matrix((struct target){recurrent, 4 * BLOCK, gate * BLOCK},
                    of_m + (size_t)gate * SLIREC_WIDTH, STRIDE, SLIREC_WIDTH, SLIREC_WIDTH);
    }
    slirec->item_gates = table;
    slirec->recurrent = recurrent;
    return true;
}

/* --- the long term ------------------------------------------------------------------------------ */

/* e A q splits into the item's and the category's share. */
static const float *interest_of(const float *embedding, uint32_t count, uint32_t width,
                                const double *direction, struct arena *arena)
{
    float *out = slirec_floats(arena, count);

    for (uint32_t i = 0; out != NULL && i < count; i++) {
        double sum = 0.0;

        for (uint32_t k = 0; k < width; k++)
            sum += (double)embedding[(size_t)i * width + k] * direction[k];
        out[i] = (float)sum;
    }
    return out;
}

static bool interest_init(struct slirec *slirec, struct arena *arena)
{
    const struct slirec_weights *weights = &slirec->weights;
    double direction[SLIREC_WIDTH] = {0};

    for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
        const float *row = weights->long_mat + (size_t)k * SLIREC_WIDTH;

        for (uint32_t j = 0; j < SLIREC_WIDTH; j++)
            direction[k] += (double)row[j] * (double)weights->long_query[j];
    }
    slirec->item_interest = interest_of(weights->item_embedding, weights->item_count,
                                        SLIREC_ITEM_WIDTH, direction, arena);
    slirec->cate_interest = interest_of(weights->cate_embedding, weights->cate_count,
                                        SLIREC_CATE_WIDTH, direction + SLIREC_ITEM_WIDTH, arena);
    return slirec->item_interest != NULL && slirec->cate_interest != NULL;
}

enum status slirec_prepare(const struct slirec_weights *weights, const struct kernels *kernels,
                           struct arena *arena, struct slirec *slirec)
{
    *slirec = (struct slirec){.weights = *weights, .kernels = kernels};
    if (networks_init(slirec, arena) && times_init(slirec, arena) && gates_init(slirec, arena) &&
        interest_init(slirec, arena)) {
        return STATUS_OK;
    }
    return STATUS_LIMIT;
}

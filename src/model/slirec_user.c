/* slirec_user.c - what depends on the visitor alone, once a call.
 *
 * Long term: attention over all 50 slots, padding included, whose share is (50 - len) times the
 * padding row's. Short term: the time-aware recurrence over the real steps. Then every m_t (and att1
 * as one row more) is projected by what the three networks' first layers will need, so that a
 * candidate mixes projected rows and never forms att2.
 */
#include "model/slirec.h"
#include "model/slirec_time.h"

/* [item; category] */
static void embed(const struct slirec *slirec, uint32_t item, uint32_t cate,
                  float out[SLIREC_WIDTH])
{
    const struct slirec_weights *weights = &slirec->weights;

    memcpy(out, weights->item_embedding + (size_t)item * SLIREC_ITEM_WIDTH,
           SLIREC_ITEM_WIDTH * sizeof(float));
    memcpy(out + SLIREC_ITEM_WIDTH, weights->cate_embedding + (size_t)cate * SLIREC_CATE_WIDTH,
           SLIREC_CATE_WIDTH * sizeof(float));
}

/* att1 = (sum over t of exp(s_t) e_t + (50 - len) exp(s_pad) e_pad) / the same without e */
static void long_term(const struct slirec *slirec, const struct slirec_history *history,
                      float out[SLIREC_PADDED], float *share)
{
    enum { SLOTS = 2 * BLOCK };
    float weight[SLOTS] = {0};
    float e[SLIREC_WIDTH];
    float sum[SLIREC_WIDTH] = {0};
    float norm = 0.0F;
    uint32_t empty = slirec->masked ? 0 : SLIREC_STEPS_MAX - history->len;
    bool none = empty == 0 && history->len > 0; /* no padding: the first event lends its weight */
    uint32_t item = none ? history->items[0] : 0;
    uint32_t cate = none ? history->cates[0] : 0;
    float top = slirec->item_interest[item] + slirec->cate_interest[cate];

    memset(out, 0, SLIREC_PADDED * sizeof(float));
    if (slirec->masked && history->len == 0) return;
    weight[history->len] = top; /* padding after the real steps */
    for (uint32_t t = 0; t < history->len; t++) {
        weight[t] =
            slirec->item_interest[history->items[t]] + slirec->cate_interest[history->cates[t]];
        if (weight[t] > top) top = weight[t];
    }
    for (uint32_t t = 0; t <= history->len; t++)
        weight[t] -= top;
    slirec->kernels->exp_block(weight);
    slirec->kernels->exp_block(weight + BLOCK);
    weight[history->len] *= (float)empty;
    for (uint32_t t = 0; t <= history->len; t++) {
        bool real = t < history->len;

        embed(slirec, real ? history->items[t] : 0, real ? history->cates[t] : 0, e);
        norm += weight[t];
        for (uint32_t k = 0; k < SLIREC_WIDTH; k++)
            sum[k] += weight[t] * e[k];
    }
    for (uint32_t k = 0; k < SLIREC_WIDTH; k++)
        out[k] = sum[k] / norm;
    for (uint32_t t = 0; t < history->len; t++)
        share[t] = weight[t] / norm;
}

/* What a time feature adds to its gate and to the output gate: [2 * BLOCK]. */
struct time_part {
    const float *weight, *bias, *project, *at_floor;
};

static const float *time_terms(const struct slirec *slirec, const struct time_part *part, float x,
                               float room[2 * BLOCK])
{
    float hidden[BLOCK];

    if (x == (float)SLIREC_TIME_FLOOR) return part->at_floor;
    slirec->kernels->tanh_affine(x, part->weight, part->bias, hidden);
    slirec->kernels->rows(&(struct rows_job){.in = hidden,
                                             .count = 1,
                                             .depth = SLIREC_WIDTH,
                                             .weight = part->project,
                                             .width = 2 * BLOCK},
                          room);
    return room;
}

/* out [len][BLOCK]: m_t */
static void short_term(const struct slirec *slirec, const struct slirec_history *history,
                       float *out)
{
    const struct time_part now = {slirec->now_weight, slirec->now_bias, slirec->now_project,
                                  slirec->now_floor};
    const struct time_part last = {slirec->last_weight, slirec->last_bias, slirec->last_project,
                                   slirec->last_floor};
    float gates[SLIREC_GATES];
    float now_room[2 * BLOCK];
    float last_room[2 * BLOCK];
    float cell[BLOCK] = {0};
    float zero[BLOCK] = {0};
    const float *before = zero;

    for (uint32_t t = 0; t < history->len; t++) {
        const float *item = slirec->item_gates + (size_t)history->items[t] * SLIREC_GATES;

        slirec->kernels->rows(&(struct rows_job){.in = before,
                                                 .count = 1,
                                                 .depth = SLIREC_WIDTH,
                                                 .weight = slirec->recurrent,
                                                 .initial = item,
                                                 .width = 4 * BLOCK},
                              gates);
        memcpy(gates + (size_t)4 * BLOCK, item + (size_t)4 * BLOCK, sizeof(float) * 2 * BLOCK);
        slirec->kernels->lstm_step(&(struct lstm_step){
            .gates = gates,
            .now = time_terms(slirec, &now, history->to_now[t], now_room),
            .last = time_terms(slirec, &last, history->from_first[t], last_room),
            .cell = cell,
            .output = out + (size_t)t * BLOCK,
        });
        before = out + (size_t)t * BLOCK;
    }
}

/* scale [len][40][80] = diag(A_t) Wp, from step `known` on */
static void scale_steps(const struct slirec *slirec, const float *steps, uint32_t known,
                        uint32_t len, float *scale)
{
    const struct kernels *kernels = slirec->kernels;
    size_t size = (size_t)SLIREC_WIDTH * SLIREC_ATT_1 / (slirec->half ? 2 : 1);

    for (uint32_t t = known; t < len; t++) {
        const struct scale_job job = {steps + (size_t)t * STEP_WIDTH + STEP_ATT,
                                      slirec->att_product, SLIREC_WIDTH, SLIREC_ATT_1};

        (slirec->half ? kernels->scale_pairs : kernels->scale)(&job, scale + t * size);
    }
}

/* Alpha's first layer: att1's share, and that of the last slot's time, which is a real one only in a
 * full history; else it is the padding's zero. Masked: the newest event's. */
static void alpha_terms(const struct slirec *slirec, const struct slirec_history *history,
                        struct slirec_user *user)
{
    float initial[SLIREC_ALPHA_1] = {0};

    if (history->len == SLIREC_STEPS_MAX || (slirec->masked && history->len > 0)) {
        for (uint32_t j = 0; j < SLIREC_ALPHA_1; j++)
            initial[j] = history->to_now[history->len - 1] * slirec->alpha_time[j];
    }
    slirec->kernels->rows(&(struct rows_job){.in = user->long_term,
                                             .count = 1,
                                             .depth = SLIREC_WIDTH,
                                             .weight = slirec->alpha_long,
                                             .initial = initial,
                                             .width = SLIREC_ALPHA_1},
                          user->alpha_shift);
}

enum status slirec_user_init(const struct slirec *slirec, const struct slirec_history *history,
                             struct arena *arena, struct slirec_user *user)
{
    return slirec_user_init_known(slirec, history, 0, arena, user);
}

enum status slirec_user_init_known(const struct slirec *slirec,
                                   const struct slirec_history *history, uint32_t known,
                                   struct arena *arena, struct slirec_user *user)
{
    uint32_t len = history->len;
    float *output = slirec_floats(arena, (size_t)(len + 1) * BLOCK);
    float *steps = slirec_floats(arena, (size_t)(len + 1) * STEP_WIDTH);
    float *shift = slirec_floats(arena, (size_t)len * SLIREC_ATT_1);
    float *scale = slirec_floats(arena, (size_t)len * SLIREC_WIDTH * SLIREC_ATT_1);

    ASSERT(len <= SLIREC_STEPS_MAX);
    if (output == NULL || steps == NULL || shift == NULL || scale == NULL) return STATUS_LIMIT;
    *user = (struct slirec_user){
        .len = len, .output = output, .steps = steps, .att_shift = shift, .att_scale = scale};
    long_term(slirec, history, user->long_term, user->long_share);
    short_term(slirec, history, output);
    memcpy(output + (size_t)len * BLOCK, user->long_term, BLOCK * sizeof(float));
    slirec->kernels->rows(&(struct rows_job){.in = output,
                                             .in_stride = BLOCK,
                                             .count = len + 1,
                                             .depth = SLIREC_WIDTH,
                                             .weight = slirec->step_project,
                                             .width = STEP_WIDTH},
                          steps);
    slirec->kernels->rows(&(struct rows_job){.in = steps + STEP_ATT,
                                             .in_stride = STEP_WIDTH,
                                             .count = len,
                                             .depth = SLIREC_WIDTH,
                                             .weight = slirec->att_shift,
                                             .width = SLIREC_ATT_1},
                          shift);
    scale_steps(slirec, steps, known, len, scale);
    alpha_terms(slirec, history, user);
    return STATUS_OK;
}

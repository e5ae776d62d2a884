/* slirec_score.c - candidates by blocks of 48: attention over the steps, alpha, logit.
 *
 * All three networks are the same kernel: rows of the item's table, plus a row of the user's, plus a
 * sum. For the attention the sum is diag(A_t) Wp times q; for alpha and logit it is the projected
 * steps times the attention weights, att1 being one step more with weight alpha.
 * Cost: 6,440 multiply-adds for an item and step, 180 len + 9,700 for an item.
 */
#include "model/slirec.h"

/* [count][columns] in double to blocks [rows][BLOCK] of floats. */
struct table_job {
    const double *weight; /* [40][columns] */
    const double *bias;   /* [columns] */
    uint32_t columns;
    uint32_t rows; /* >= columns; the rest stays zero */
};

static void table_item(const struct table_job *job, const float q[SLIREC_WIDTH], float *out)
{
    double sum[SLIREC_LOGIT_ROWS];

    memcpy(sum, job->bias, job->columns * sizeof(*sum));
    for (uint32_t k = 0; k < SLIREC_WIDTH; k++) {
        const double *row = job->weight + (size_t)k * job->columns;

        for (uint32_t j = 0; j < job->columns; j++)
            sum[j] += (double)q[k] * row[j];
    }
    for (uint32_t j = 0; j < job->columns; j++)
        out[(size_t)j * BLOCK] = (float)sum[j];
}

static void embed(const struct slirec_weights *weights, uint32_t item, uint32_t cate,
                  float q[SLIREC_WIDTH])
{
    ASSERT(item < weights->item_count && cate < weights->cate_count);
    memcpy(q, weights->item_embedding + (size_t)item * SLIREC_ITEM_WIDTH,
           SLIREC_ITEM_WIDTH * sizeof(float));
    memcpy(q + SLIREC_ITEM_WIDTH, weights->cate_embedding + (size_t)cate * SLIREC_CATE_WIDTH,
           SLIREC_CATE_WIDTH * sizeof(float));
}

static size_t lane_rows_of(const struct slirec *slirec)
{
    return slirec->half ? SLIREC_WIDTH / 2 : SLIREC_WIDTH;
}

enum status slirec_catalogue_init(const struct slirec *slirec, const uint32_t *items,
                                  const uint32_t *cates, uint32_t count, struct arena *arena,
                                  struct slirec_catalogue *catalogue)
{
    const struct table_job att = {slirec->att_item, slirec->att_bias, SLIREC_ATT_1, SLIREC_ATT_1};
    const struct table_job alpha = {slirec->alpha_item, slirec->alpha_bias, SLIREC_ALPHA_1,
                                    SLIREC_ALPHA_1};
    const struct table_job logit = {slirec->logit_item, slirec->logit_bias, SLIREC_LOGIT_1,
                                    SLIREC_LOGIT_ROWS};
    size_t blocks = (count + BLOCK - 1) / BLOCK;
    size_t lane_rows = lane_rows_of(slirec);
    float *lanes = slirec_floats(arena, blocks * lane_rows * BLOCK);
    float *att_table = slirec_floats(arena, blocks * att.rows * BLOCK);
    float *alpha_table = slirec_floats(arena, blocks * alpha.rows * BLOCK);
    float *logit_table = slirec_floats(arena, blocks * logit.rows * BLOCK);

    if (lanes == NULL || att_table == NULL || alpha_table == NULL || logit_table == NULL)
        return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        size_t block = i / BLOCK;
        size_t lane = i % BLOCK;
        float q[SLIREC_WIDTH];

        embed(&slirec->weights, items[i], cates[i], q);
        for (size_t k = 0; k < lane_rows; k++) {
            lanes[(block * lane_rows + k) * BLOCK + lane] =
                slirec->half ? half_pair(q[2 * k], q[2 * k + 1]) : q[k];
        }
        table_item(&att, q, att_table + block * att.rows * BLOCK + lane);
        table_item(&alpha, q, alpha_table + block * alpha.rows * BLOCK + lane);
        table_item(&logit, q, logit_table + block * logit.rows * BLOCK + lane);
    }
    *catalogue = (struct slirec_catalogue){
        .count = count,
        .block_count = (uint32_t)blocks,
        .lanes = lanes,
        .att = att_table,
        .alpha = alpha_table,
        .logit = logit_table,
    };
    return STATUS_OK;
}

/* --- a call ------------------------------------------------------------------------------------- */

struct scratch {
    float *hidden; /* [104][BLOCK] */
    float *weight; /* [len][BLOCK] attention over the steps */
    float *mix;    /* [len + 1][BLOCK] */
    float *alpha;  /* [BLOCK] */
};

/* What the blocks of a call have in common. */
struct scoring {
    const struct slirec *slirec;
    const struct slirec_user *user;
    const struct slirec_catalogue *catalogue;
    struct slirec_extras extras;
    struct scratch scratch;
};

static void mlp_block(const struct slirec *slirec, const struct mlp *mlp,
                      const struct mlp_input *input, float *hidden, float *out)
{
    const struct kernels *kernels = slirec->kernels;

    (slirec->half ? kernels->mlp_block_half : kernels->mlp_block)(mlp, input, hidden, out);
}

static void attention_logits(const struct scoring *scoring, size_t block)
{
    const struct slirec *slirec = scoring->slirec;
    const struct slirec_user *user = scoring->user;
    const float *lanes = scoring->catalogue->lanes + block * lane_rows_of(slirec) * BLOCK;
    struct mlp_input input = {
        .base = scoring->catalogue->att + block * SLIREC_ATT_1 * BLOCK,
        .scale_stride = SLIREC_ATT_1,
        .depth = SLIREC_WIDTH,
        .lanes = lanes,
        .lane_pairs = slirec->half ? lanes : NULL,
    };

    for (uint32_t t = scoring->extras.known; t < user->len; t++) {
        input.shift = user->att_shift + (size_t)t * SLIREC_ATT_1;
        input.scale = user->att_scale + (size_t)t * lane_rows_of(slirec) * SLIREC_ATT_1;
        input.scale_pairs = input.scale;
        mlp_block(slirec, &slirec->att, &input, scoring->scratch.hidden,
                  scoring->scratch.weight + (size_t)t * BLOCK);
    }
}

static void attention_block(const struct scoring *scoring, size_t block)
{
    float *const *rows = scoring->extras.step_logits;
    float *weight = scoring->scratch.weight;
    uint32_t len = scoring->user->len;

    if (len == 0) return;
    for (uint32_t t = 0; t < scoring->extras.known; t++)
        memcpy(weight + (size_t)t * BLOCK, rows[t] + block * BLOCK, BLOCK * sizeof(float));
    attention_logits(scoring, block);
    for (uint32_t t = scoring->extras.known; rows != NULL && t < len; t++)
        memcpy(rows[t] + block * BLOCK, weight + (size_t)t * BLOCK, BLOCK * sizeof(float));
    scoring->slirec->kernels->softmax_block(weight, len);
}

/* to: where in the results the block goes */
static void score_block(const struct scoring *scoring, size_t block, size_t to, float *logit)
{
    static const float zero[SLIREC_LOGIT_ROWS];
    const struct slirec *slirec = scoring->slirec;
    const struct slirec_user *user = scoring->user;
    const struct scratch *scratch = &scoring->scratch;
    const struct slirec_extras *extras = &scoring->extras;
    const struct mlp_input alpha = {
        .base = scoring->catalogue->alpha + block * SLIREC_ALPHA_1 * BLOCK,
        .shift = user->alpha_shift,
        .scale = user->steps + STEP_ALPHA,
        .scale_stride = STEP_WIDTH,
        .depth = user->len,
        .lanes = scratch->weight,
    };
    const struct mlp_input last = {
        .base = scoring->catalogue->logit + block * SLIREC_LOGIT_ROWS * BLOCK,
        .shift = zero,
        .scale = user->steps + STEP_LOGIT,
        .scale_stride = STEP_WIDTH,
        .depth = user->len + 1,
        .lanes = scratch->mix,
    };

    attention_block(scoring, block);
    mlp_block(slirec, &slirec->alpha, &alpha, scratch->hidden, scratch->alpha);
    slirec->kernels->mix_block(scratch->weight, user->len, scratch->alpha, scratch->mix);
    mlp_block(slirec, &slirec->logit, &last, scratch->hidden, logit + to);
    if (extras->cause == NULL) return;
    slirec->kernels->cause_block(scratch->mix, user->len, user->long_share, extras->cause + to,
                                 extras->cause_share + to);
}

static bool scratch_init(struct scratch *scratch, uint32_t len, struct arena *arena)
{
    *scratch = (struct scratch){
        .hidden = slirec_floats(arena, (size_t)SLIREC_LOGIT_ROWS * BLOCK),
        .weight = slirec_floats(arena, (size_t)(len + 1) * BLOCK),
        .mix = slirec_floats(arena, (size_t)(len + 1) * BLOCK),
        .alpha = slirec_floats(arena, BLOCK),
    };
    return scratch->hidden != NULL && scratch->weight != NULL && scratch->mix != NULL &&
           scratch->alpha != NULL;
}

/* --- some of them ------------------------------------------------------------------------------- */

/* One block of chosen items, from wherever they lie: to [rows][BLOCK]. */
static void gather(const float *from, size_t rows, const uint32_t *which, uint32_t count, float *to)
{
    for (uint32_t lane = 0; lane < count; lane++) {
        const float *column = from + which[lane] / BLOCK * rows * BLOCK + which[lane] % BLOCK;

        for (size_t row = 0; row < rows; row++)
            to[row * BLOCK + lane] = column[row * BLOCK];
    }
}

/* A catalogue of one block to gather into. */
struct gathered {
    float *lanes, *att, *alpha, *logit;
};

static bool gathered_init(struct gathered *gathered, size_t lane_rows, struct arena *arena)
{
    *gathered = (struct gathered){
        .lanes = slirec_floats(arena, lane_rows * BLOCK),
        .att = slirec_floats(arena, (size_t)SLIREC_ATT_1 * BLOCK),
        .alpha = slirec_floats(arena, (size_t)SLIREC_ALPHA_1 * BLOCK),
        .logit = slirec_floats(arena, (size_t)SLIREC_LOGIT_ROWS * BLOCK),
    };
    return gathered->lanes != NULL && gathered->att != NULL && gathered->alpha != NULL &&
           gathered->logit != NULL;
}

static void gather_block(const struct slirec_catalogue *from, size_t lane_rows,
                         const uint32_t *which, uint32_t count, const struct gathered *to)
{
    gather(from->lanes, lane_rows, which, count, to->lanes);
    gather(from->att, SLIREC_ATT_1, which, count, to->att);
    gather(from->alpha, SLIREC_ALPHA_1, which, count, to->alpha);
    gather(from->logit, SLIREC_LOGIT_ROWS, which, count, to->logit);
}

static bool score_some(struct scoring *scoring, const struct slirec_catalogue *catalogue,
                       struct arena *arena, float *logit)
{
    const struct slirec_extras *extras = &scoring->extras;
    size_t lane_rows = lane_rows_of(scoring->slirec);
    struct gathered room;

    ASSERT(extras->step_logits == NULL && extras->known == 0);
    if (!gathered_init(&room, lane_rows, arena)) return false;
    const struct slirec_catalogue block = {BLOCK, 1, room.lanes, room.att, room.alpha, room.logit};
    scoring->catalogue = &block;
    for (uint32_t at = 0; at < extras->which_count; at += BLOCK) {
        uint32_t held = extras->which_count - at < BLOCK ? extras->which_count - at : BLOCK;

        gather_block(catalogue, lane_rows, extras->which + at, held, &room);
        score_block(scoring, 0, at, logit);
    }
    scoring->catalogue = catalogue;
    return true;
}

static void score_all(const struct scoring *scoring, float *logit)
{
    for (size_t block = 0; block < scoring->catalogue->block_count; block++)
        score_block(scoring, block, block * BLOCK, logit);
}

enum status slirec_score_extra(const struct slirec *slirec, const struct slirec_user *user,
                               const struct slirec_catalogue *catalogue,
                               const struct slirec_extras *extras, struct arena *arena,
                               float *logit)
{
    struct arena_mark mark = arena_mark(arena);
    struct scoring scoring = {
        .slirec = slirec, .user = user, .catalogue = catalogue, .extras = *extras};
    bool done = scratch_init(&scoring.scratch, user->len, arena);

    if (done && extras->which != NULL) done = score_some(&scoring, catalogue, arena, logit);
    if (done && extras->which == NULL) score_all(&scoring, logit);
    arena_rewind(arena, mark);
    return done ? STATUS_OK : STATUS_LIMIT;
}

enum status slirec_score(const struct slirec *slirec, const struct slirec_user *user,
                         const struct slirec_catalogue *catalogue, struct arena *arena,
                         float *logit)
{
    const struct slirec_extras none = {0};

    return slirec_score_extra(slirec, user, catalogue, &none, arena, logit);
}

/* bench_naive.c - the graph, layer by layer, in float32. */
#include "host/bench_naive.h"

#include <math.h>

enum { T = SLIREC_STEPS_MAX, D = SLIREC_WIDTH, WIDEST = SLIREC_ATT_INPUT };

static void layer(const struct slirec_layer *layer, const float *x, uint32_t rows, uint32_t columns,
                  float *out)
{
    for (uint32_t j = 0; j < columns; j++)
        out[j] = layer->bias[j];
    for (uint32_t k = 0; k < rows; k++) {
        for (uint32_t j = 0; j < columns; j++)
            out[j] += x[k] * layer->weight[(size_t)k * columns + j];
    }
    for (uint32_t j = 0; j < columns; j++) {
        float normal = (out[j] - layer->mean[j]) / sqrtf(layer->variance[j] + 1e-4F);
        float scaled = normal * layer->gamma[j] + layer->beta[j];

        out[j] = scaled > 0.0F ? scaled : 0.0F;
    }
}

static float network(const struct slirec_network *network, const float *x, uint32_t input,
                     uint32_t first, uint32_t second)
{
    float hidden1[WIDEST];
    float hidden2[WIDEST];
    float out = network->bias3[0];

    layer(&network->hidden1, x, input, first, hidden1);
    layer(&network->hidden2, hidden1, first, second, hidden2);
    for (uint32_t j = 0; j < second; j++)
        out += hidden2[j] * network->weight3[j];
    return out;
}

/* att2 of one candidate: softmax over the real steps of the attention network. */
static void attention(const struct slirec_weights *weights, const struct slirec_user *user,
                      const float *q, float *att2)
{
    float weight[T];
    float top = -INFINITY;
    float sum = 0.0F;

    for (uint32_t t = 0; t < user->len; t++) {
        const float *m = user->output + (size_t)t * BLOCK;
        float z[SLIREC_ATT_INPUT] = {0};

        for (uint32_t k = 0; k < D; k++) {
            for (uint32_t j = 0; j < D; j++)
                z[j] += m[k] * weights->short_mat[(size_t)k * D + j];
        }
        for (uint32_t k = 0; k < D; k++) {
            z[D + k] = q[k];
            z[2 * D + k] = z[k] - q[k];
            z[3 * D + k] = z[k] * q[k];
        }
        weight[t] = network(&weights->att, z, SLIREC_ATT_INPUT, SLIREC_ATT_1, SLIREC_ATT_2);
        top = fmaxf(top, weight[t]);
    }
    for (uint32_t t = 0; t < user->len; t++)
        sum += weight[t] = expf(weight[t] - top);
    memset(att2, 0, D * sizeof(float));
    for (uint32_t t = 0; t < user->len; t++) {
        for (uint32_t k = 0; k < D; k++)
            att2[k] += weight[t] / sum * user->output[(size_t)t * BLOCK + k];
    }
}

static float score(const struct slirec_weights *weights, const struct slirec_user *user,
                   uint32_t item, uint32_t cate)
{
    float input[SLIREC_ALPHA_INPUT] = {0}; /* q, att1, att2, time of the last slot: 0 */
    float last[SLIREC_LOGIT_INPUT];

    memcpy(input, weights->item_embedding + (size_t)item * SLIREC_ITEM_WIDTH,
           SLIREC_ITEM_WIDTH * sizeof(float));
    memcpy(input + SLIREC_ITEM_WIDTH, weights->cate_embedding + (size_t)cate * SLIREC_CATE_WIDTH,
           SLIREC_CATE_WIDTH * sizeof(float));
    memcpy(input + D, user->long_term, D * sizeof(float));
    attention(weights, user, input, input + (size_t)2 * D);
    float alpha =
        network(&weights->alpha, input, SLIREC_ALPHA_INPUT, SLIREC_ALPHA_1, SLIREC_ALPHA_2);
    alpha = 1.0F / (1.0F + expf(-alpha));
    for (uint32_t k = 0; k < D; k++) {
        last[k] = alpha * input[D + k] + (1.0F - alpha) * input[2 * D + k];
        last[D + k] = input[k];
    }
    return network(&weights->logit, last, SLIREC_LOGIT_INPUT, SLIREC_LOGIT_1, SLIREC_LOGIT_2);
}

void naive_score(const struct slirec_weights *weights, const struct slirec_user *user,
                 const uint32_t *items, const uint32_t *cates, uint32_t count, float *out)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = score(weights, user, items[i], cates[i]);
}

/* oracle.c - the graph, layer by layer, with the C library's exp and tanh. */
#include "oracle.h"

#include <math.h>

enum { T = SLIREC_STEPS_MAX, D = SLIREC_WIDTH, WIDEST = 160 };

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* out[j] += sum over k of x[k] * weight[k][j]
 * Two thousand million turns of this loop: sanitizers would make it minutes. */
__attribute__((no_sanitize("address", "undefined"))) static void multiply(
    const double *x, uint32_t rows, const float *weight, uint32_t columns, double *out)
{
    for (uint32_t k = 0; k < rows; k++) {
        for (uint32_t j = 0; j < columns; j++)
            out[j] += x[k] * (double)weight[(size_t)k * columns + j];
    }
}

static void hidden(const struct slirec_layer *layer, const double *x, uint32_t rows,
                   uint32_t columns, double *out)
{
    for (uint32_t j = 0; j < columns; j++)
        out[j] = (double)layer->bias[j];
    multiply(x, rows, layer->weight, columns, out);
    for (uint32_t j = 0; j < columns; j++) {
        double normal = (out[j] - (double)layer->mean[j]) / sqrt((double)layer->variance[j] + 1e-4);

        out[j] = fmax(0.0, normal * (double)layer->gamma[j] + (double)layer->beta[j]);
    }
}

static double network(const struct slirec_network *network, const double *x, uint32_t input,
                      uint32_t first, uint32_t second)
{
    double hidden1[WIDEST];
    double hidden2[WIDEST];
    double out = (double)network->bias3[0];

    hidden(&network->hidden1, x, input, first, hidden1);
    hidden(&network->hidden2, hidden1, first, second, hidden2);
    for (uint32_t j = 0; j < second; j++)
        out += hidden2[j] * (double)network->weight3[j];
    return out;
}

static void embed(const struct slirec_weights *weights, uint32_t item, uint32_t cate, double *e)
{
    for (uint32_t k = 0; k < SLIREC_ITEM_WIDTH; k++)
        e[k] = (double)weights->item_embedding[(size_t)item * SLIREC_ITEM_WIDTH + k];
    for (uint32_t k = 0; k < SLIREC_CATE_WIDTH; k++) {
        e[SLIREC_ITEM_WIDTH + k] =
            (double)weights->cate_embedding[(size_t)cate * SLIREC_CATE_WIDTH + k];
    }
}

static void softmax(double *x, uint32_t count)
{
    double top = x[0];
    double sum = 0.0;

    for (uint32_t i = 1; i < count; i++)
        top = fmax(top, x[i]);
    for (uint32_t i = 0; i < count; i++)
        sum += x[i] = exp(x[i] - top);
    for (uint32_t i = 0; i < count; i++)
        x[i] /= sum;
}

static void long_term(const struct slirec_weights *weights, const struct oracle_case *one,
                      double *att1)
{
    double e[T][D];
    double weight[T];

    for (uint32_t t = 0; t < T; t++) {
        double projected[D] = {0};

        embed(weights, one->items[t], one->cates[t], e[t]);
        multiply(e[t], D, weights->long_mat, D, projected);
        weight[t] = 0.0;
        for (uint32_t k = 0; k < D; k++)
            weight[t] += projected[k] * (double)weights->long_query[k];
    }
    softmax(weight, T);
    for (uint32_t k = 0; k < D; k++) {
        att1[k] = 0.0;
        for (uint32_t t = 0; t < T; t++)
            att1[k] += weight[t] * e[t][k];
    }
}

static void time_vector(double x, const float *weight, const float *bias, double *out)
{
    for (uint32_t k = 0; k < D; k++)
        out[k] = tanh(x * (double)weight[k] + (double)bias[k]);
}

static void time_gate(const double *x, const double *time, const float *item_weight,
                      const float *time_weight, const float *bias, double *gate)
{
    for (uint32_t k = 0; k < D; k++)
        gate[k] = (double)bias[k];
    multiply(x, SLIREC_ITEM_WIDTH, item_weight, D, gate);
    multiply(time, D, time_weight, D, gate);
    for (uint32_t k = 0; k < D; k++)
        gate[k] = sigmoid(gate[k]);
}

static void cell(const struct slirec_weights *w, const struct oracle_case *one, uint32_t t,
                 double *c, double *m)
{
    double e[D];
    double xm[SLIREC_ITEM_WIDTH + D];
    double now[D];
    double last[D];
    double gate_now[D];
    double gate_last[D];
    double ijfo[4 * D];

    embed(w, one->items[t], one->cates[t], e);
    memcpy(xm, e, SLIREC_ITEM_WIDTH * sizeof(double));
    memcpy(xm + SLIREC_ITEM_WIDTH, m, D * sizeof(double));
    time_vector(one->to_now[t], w->now_weight, w->now_bias, now);
    time_vector(one->from_first[t], w->last_weight, w->last_bias, last);
    time_gate(e, now, w->now_gate_item, w->now_gate_time, w->now_gate_bias, gate_now);
    time_gate(e, last, w->last_gate_item, w->last_gate_time, w->last_gate_bias, gate_last);
    for (uint32_t j = 0; j < 4 * D; j++)
        ijfo[j] = (double)w->kernel_bias[j];
    multiply(xm, SLIREC_ITEM_WIDTH + D, w->kernel, 4 * D, ijfo);
    multiply(now, D, w->output_now, D, &ijfo[3 * D]);
    multiply(last, D, w->output_last, D, &ijfo[3 * D]);
    for (uint32_t k = 0; k < D; k++) {
        c[k] = sigmoid(ijfo[2 * D + k] + 1.0) * gate_last[k] * c[k] +
               sigmoid(ijfo[k]) * gate_now[k] * tanh(ijfo[D + k]);
        m[k] = sigmoid(ijfo[3 * D + k]) * tanh(c[k]);
    }
}

static void short_term(const struct slirec_weights *weights, const struct oracle_case *one,
                       struct oracle_inner *inner)
{
    double c[D] = {0};
    double m[D] = {0};

    memset(inner->output, 0, sizeof(inner->output));
    for (uint32_t t = 0; t < T && one->mask[t] != 0.0; t++) {
        cell(weights, one, t, c, m);
        memcpy(inner->output[t], m, sizeof(m));
    }
}

static void target_attention(const struct slirec_weights *weights, const struct oracle_case *one,
                             const double *q, struct oracle_inner *inner)
{
    double z[SLIREC_ATT_INPUT];

    for (uint32_t t = 0; t < T; t++) {
        double *a = inner->projected[t];

        memset(a, 0, D * sizeof(double));
        multiply(inner->output[t], D, weights->short_mat, D, a);
        for (uint32_t k = 0; k < D; k++) {
            z[k] = a[k];
            z[D + k] = q[k];
            z[2 * D + k] = a[k] - q[k];
            z[3 * D + k] = a[k] * q[k];
        }
        inner->att2_logit[t] =
            network(&weights->att, z, SLIREC_ATT_INPUT, SLIREC_ATT_1, SLIREC_ATT_2);
        inner->att2_weight[t] = one->mask[t] != 0.0 ? inner->att2_logit[t] : -4294967296.0;
    }
    softmax(inner->att2_weight, T);
    for (uint32_t k = 0; k < D; k++) {
        inner->att2[k] = 0.0;
        for (uint32_t t = 0; t < T; t++)
            inner->att2[k] += inner->att2_weight[t] * inner->output[t][k];
    }
}

double oracle_logit(const struct slirec_weights *weights, const struct oracle_case *one,
                    struct oracle_inner *inner)
{
    double q[D];
    double alpha_input[SLIREC_ALPHA_INPUT];
    double logit_input[SLIREC_LOGIT_INPUT];

    embed(weights, one->item, one->cate, q);
    long_term(weights, one, inner->att1);
    short_term(weights, one, inner);
    target_attention(weights, one, q, inner);
    for (uint32_t k = 0; k < D; k++) {
        alpha_input[k] = q[k];
        alpha_input[D + k] = inner->att1[k];
        alpha_input[2 * D + k] = inner->att2[k];
    }
    alpha_input[3 * D] = one->to_now[T - 1];
    inner->alpha = sigmoid(
        network(&weights->alpha, alpha_input, SLIREC_ALPHA_INPUT, SLIREC_ALPHA_1, SLIREC_ALPHA_2));
    for (uint32_t k = 0; k < D; k++) {
        logit_input[k] = inner->alpha * inner->att1[k] + (1.0 - inner->alpha) * inner->att2[k];
        logit_input[D + k] = q[k];
    }
    return network(&weights->logit, logit_input, SLIREC_LOGIT_INPUT, SLIREC_LOGIT_1,
                   SLIREC_LOGIT_2);
}

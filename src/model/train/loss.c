/* loss.c - what a batch's logits cost, and the gradient of that: -log softmax of the positive in its group,
 * d = softmax - label; beside it the binary cross entropy of every candidate, d = sigmoid - label. A softmax
 * leaves open what is added to all scores of a history; the binary part makes those of two histories comparable.
 */
#include <math.h>

#include "model/train/room.h"

/* weight * -log sigmoid(logit) of a positive, weight * -log sigmoid(-logit) of a negative; d += its gradient */
static double binary_loss(double weight, double logit, bool positive, double *d)
{
    double tail = exp(-fabs(logit));
    double p = (logit > 0 ? 1.0 : tail) / (1.0 + tail);

    *d += weight * (p - positive);
    return weight * (log1p(tail) + fmax(logit, 0.0) - (positive ? logit : 0.0));
}

/* Of one group of logits, which become gradients of the mean over examples. */
static double group_loss(const struct trainer *trainer, real *logit)
{
    uint32_t group = trainer->settings.group;
    double first = (double)logit[0];
    double top = first;
    double sum = 0.0;

    for (uint32_t c = 1; c < group; c++)
        top = (double)logit[c] > top ? (double)logit[c] : top;
    for (uint32_t c = 0; c < group; c++)
        sum += exp((double)logit[c] - top);
    double loss = log(sum) + top - first;
    for (uint32_t c = 0; c < group; c++) {
        double d = exp((double)logit[c] - top) / sum - (c == 0);

        if (trainer->settings.binary > 0)
            loss += binary_loss(trainer->settings.binary, (double)logit[c], c == 0, &d);
        logit[c] = (real)(d / trainer->batch->count);
    }
    return loss;
}

double train_loss_of(struct trainer *trainer)
{
    uint32_t group = trainer->settings.group;
    double loss = 0.0;

    trainer_logits(trainer, trainer->scores);
    for (uint32_t i = 0; i < trainer->batch->count; i++) {
        real *logit = trainer->scores + (size_t)i * group;
        const float *shift = trainer->batch->examples[i].shift;

        for (uint32_t c = 0; shift != NULL && c < group; c++)
            logit[c] += (real)shift[c];
        loss += group_loss(trainer, logit);
    }
    for (uint32_t s = 0; s < trainer->seat_count; s++) {
        memcpy(trainer->logit.d_out + (size_t)s * trainer->candidates,
               trainer->scores + (size_t)trainer->seats[s].index * trainer->candidates,
               trainer->candidates * sizeof(real));
    }
    return loss / trainer->batch->count;
}

/* initial.c - a row of rules: how a variable's name says what it starts from. */
#include "model/train/initial.h"

#include <math.h>

#include "model/train/random.h"

/* Logarithms of seconds reach 15: as they are they would saturate every unit that reads them. */
#define LOG_SECONDS_SCALE 0.1
#define LAST_GATE_OPEN    3.0

enum start { START_ZERO, START_ONE, START_NORMAL, START_GLOROT };

static enum start start_of(const struct train_tensor *tensor)
{
    static const struct {
        const char *part; /* of the name */
        enum start start;
    } rules[] = {
        {"time4lstm_cell/bias", START_ZERO},
        {"time4lstm_cell/", START_GLOROT},
        {"/gamma", START_ONE},
        {"/beta", START_ZERO},
        {"/moving_mean", START_ZERO},
        {"/moving_variance", START_ONE},
        {"/b_nn_", START_ZERO},
    };

    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        if (strstr(tensor->name, rules[i].part) != NULL) return rules[i].start;
    }
    return START_NORMAL;
}

/* By Box and Muller, again until it lies within two deviations. */
static double draw_normal(struct train_random *random)
{
    for (;;) {
        double radius = sqrt(-2.0 * log(1.0 - random_unit(random)));
        double x = radius * cos(6.283185307179586 * random_unit(random));

        if (fabs(x) <= 2.0) return x;
    }
}

static double glorot_limit(const struct train_tensor *tensor)
{
    return sqrt(6.0 /
                ((double)tensor->rows + (tensor->columns > 0 ? tensor->columns : tensor->rows)));
}

static void fill(const struct train_tensor *tensor, struct train_random random, bool wide, real *to)
{
    enum start start = start_of(tensor);
    bool embedding = tensor->kind == TRAIN_EMBEDDING;
    double deviation = wide && embedding ? 0.5 : 0.01;
    double limit = glorot_limit(tensor);

    if (wide && strstr(tensor->name, "/_time_input_w") != NULL) limit *= LOG_SECONDS_SCALE;
    if (wide && !embedding && start == START_NORMAL) start = START_GLOROT;
    for (size_t i = 0; i < tensor->count; i++) {
        switch (start) {
        case START_ZERO: to[i] = 0; break;
        case START_ONE: to[i] = 1; break;
        case START_NORMAL: to[i] = (real)(deviation * draw_normal(&random)); break;
        case START_GLOROT: to[i] = (real)(limit * (2.0 * random_unit(&random) - 1.0)); break;
        }
    }
}

/* A cell that keeps s of itself remembers s / (1 - s) steps: gates that begin with anything from one to all of
 * the steps, the input's share what is left. The cell adds 1 to f's bias by itself. The "last" gate, a second
 * factor on what is kept, begins open. */
static void remember(const struct train_layout *layout, uint32_t steps, struct train_random random,
                     real *value)
{
    const struct train_tensor *bias = &layout->tensors[TRAIN_KERNEL_BIAS];
    const struct train_tensor *last = &layout->tensors[TRAIN_LAST_GATE_BIAS];
    size_t width = last->count;

    for (size_t j = 0; j < width; j++) {
        double kept = log(1.0 + (steps - 1) * random_unit(&random));

        value[bias->at + j] = (real)-kept;                  /* i */
        value[bias->at + 2 * width + j] = (real)(kept - 1); /* f */
        value[last->at + j] += (real)LAST_GATE_OPEN;
    }
}

void train_initialise(struct trainer *trainer, uint64_t seed, bool wide, uint32_t memory)
{
    const struct train_layout *layout = trainer_layout(trainer);
    real *value = trainer_state(trainer).value;

    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];

        fill(tensor, random_of(seed, 0x1217, i), wide, value + tensor->at);
    }
    if (memory > 0) remember(layout, memory, random_of(seed, 0x1217, TRAIN_PARAMETERS), value);
}

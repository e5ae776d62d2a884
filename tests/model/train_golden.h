/* train_golden.h - training steps of the original (tests/data/model/golden/train_*), fed to ours. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "model/train/train.h"
#include "value/document.h"

enum { TRAIN_GOLDEN_EXAMPLES = 4, TRAIN_GOLDEN_GROUP = 5, TRAIN_GOLDEN_SETS = 5 };

struct train_golden {
    const char *name;
    struct train_shape shape;
    struct train_settings settings;
    uint32_t steps; /* of the optimiser */
    bool drops;
    /* read */
    struct buffer numbers;
    struct arena arena;
    struct document document;
    /* the feed in hand */
    uint32_t lens[TRAIN_GOLDEN_EXAMPLES];
    struct train_example examples[TRAIN_GOLDEN_EXAMPLES];
    struct train_keep keep;
    struct train_batch batch;
};

/* The five sets: their shapes and settings; files are read by train_golden_open. */
extern const struct train_golden train_golden_sets[TRAIN_GOLDEN_SETS];

void train_golden_open(struct train_golden *golden, const struct train_golden *set);
void train_golden_close(struct train_golden *golden);

/* Tensor `group/name`; NULL: there is none. */
const void *train_golden_tensor(const struct train_golden *golden, const char *group,
                                const char *name);

/* A trainer with the initial values. */
struct trainer *train_golden_trainer(const struct train_golden *golden,
                                     const struct train_kernels *kernels, uint32_t threads);

/* What the original was fed in step `step` (from 0). lives  until the next call */
const struct train_batch *train_golden_feed(struct train_golden *golden, uint32_t step);

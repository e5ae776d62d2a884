/* choices.h - what a training of SLi-Rec can be told, read from a request and checked. */
#pragma once
#include "model/train/course.h"

struct train_choices {
    bool fixed; /* arithmetic: without the original's quirks */
    bool by_time;
    uint32_t epochs, batch, negatives, judge_negatives;
    uint32_t patience; /* epochs without a better one before it ends */
    uint32_t memory;   /* initial.h */
    uint32_t average;  /* train.h */
    double learning_rate, dropout, unknown;
    double crop, correction; /* sample.h */
    double binary;           /* train.h */
};

/* fails  INVALID; message */
enum status train_choices_read(const struct course_request *request, struct train_choices *choices,
                               struct buffer *message) MUST_USE;

uint64_t train_choices_hash(const struct train_choices *choices, uint64_t seed);

/* "batch=400,negatives=4,..." */
void train_choices_text(const struct train_choices *choices, struct buffer *out);

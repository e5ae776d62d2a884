/* card.h - what a trained model was made from, how, and how good it is; for people. */
#pragma once
#include "model/train/choices.h"
#include "model/train/export.h"

struct train_card {
    const struct course_request *request;
    const struct train_choices *choices;
    const struct train_data *data;
    const struct train_place_in_time *place;
    const struct train_metrics *test;
    const char *kernels;
};

void train_card_write(const struct train_card *card, struct buffer *out);

/* What is allowed in the data and yet worth a word. */
void train_note(const char *path, const struct train_data *data,
                const struct train_data_options *options, struct buffer *notes);

/* settings.h - numbers by name, as `--settings NAME=NUMBER,...` has them: one table for each model. */
#pragma once
#include "base/buffer.h"

struct train_setting {
    const char *name;
    size_t at;  /* in the struct that holds it */
    bool whole; /* a uint32_t, otherwise a double */
    double low, high;
};

/* Puts every number of the text in its place; later ones win.
 * in       text: NULL or "" changes nothing
 * fails    INVALID: an unknown name, no number, out of range; message names the rows there are */
enum status train_settings_read(const char *text, const struct train_setting *rows, size_t count,
                                void *target, struct buffer *message) MUST_USE;

double train_setting_value(const struct train_setting *row, const void *target);

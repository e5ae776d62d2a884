/* export.h - learnt numbers and vocabularies become a model directory. */
#pragma once
#include "model/model.h"
#include "model/train/checkpoint.h"

struct train_export {
    const struct train_layout *layout;
    const float *value;
    const struct train_data *data;
    const char *arithmetic; /* "compat", "fixed" */
    const char *order;      /* "given", "time" */
    const char *inventory;  /* NULL: none */
    enum model_precision precision;
    struct slice card; /* what card.md says */
};

/* Makes the model directory (model_place.h), with the checkpoint that stands there.
 * out      message: if all went well, what is worth a word, a line each
 * fails    as model_import() */
enum status train_export(const struct train_export *what, const char *directory,
                         struct buffer *message) MUST_USE;

/* mlmodel.h - what an MLflow model says of itself: the file MLmodel (YAML).
 *
 * The signature's columns are JSON inside a YAML text. Types: boolean integer long float double
 * string binary datetime any, array of one, object with properties, map. Tensors are refused.
 * source   MLflow documentation, "Model signatures"; mlflow/types/schema.py
 */
#pragma once
#include "value/type.h"

enum {
    MLMODEL_BYTES_MAX = 1 << 20,
    MLMODEL_DEPTH_MAX = 32,
    MLMODEL_COLUMNS_MAX = 256,
};

struct mlmodel {
    struct slice model_id;      /* model_id, else model_uuid, else run_id; empty: none of them */
    const struct type *inputs;  /* record of the signature's columns; NULL: no signature */
    const struct type *outputs; /* record; NULL: none declared */
};

/* lives    in the arena
 * fails    INVALID with "line 3, column 5: what"; LIMIT */
enum status mlmodel_parse(struct slice yaml, struct arena *arena, struct mlmodel *mlmodel,
                          struct buffer *message) MUST_USE;

/* index_model.h - an index as a model directory, or as the folder `index` of a trained model's.
 *
 *   DIR/  headrace.json   {"format": 1, "kind": "index", "version": "...", "settings": {...},
 *                         "learned": {...}}, the last as learned.h has it
 *         index.bin       retrieve/index.h
 *
 * What is answered with is in headrace.json, so that a weight changes without making the index anew.
 */
#pragma once
#include "model/learned.h"
#include "model/past.h"
#include "model/retrieve/index_settings.h"

struct document;

struct index_model {
    struct arena arena;
    struct buffer bytes; /* index.bin */
    struct index index;
    struct index_settings settings;
    double weight_sum; /* the best score there may be */
    struct slice version;
};

/* Whether a directory's headrace.json is an index's. */
bool index_model_is(const struct document *settings);

/* fails  NOT_FOUND, INVALID, CORRUPT, LIMIT, IO; message says which file of the directory, what, what to do */
enum status index_model_open(const char *directory, struct index_model **model,
                             struct buffer *message) MUST_USE;
void index_model_close(struct index_model *model);

/* Into a folder, made if it is not there; model_place.h puts it where it shall stand.
 * in       bytes: index_write()'s
 * fails    IO, LIMIT; message says which file */
enum status index_model_write(const char *directory, struct slice bytes,
                              const struct index_settings *settings, const struct learned *learned,
                              struct buffer *message) MUST_USE;

struct index_model_list {
    struct ranked *items; /* [wanted] */
    uint32_t wanted;
    uint32_t count; /* out */
    struct slice
        *because; /* NULL, or [wanted]: name of the click an item is most due to; empty: none */
};

/* The best for a past, in order of time, unknown items left out. fails  LIMIT: arena */
enum status index_model_rank(const struct index_model *model, const struct past *past,
                             struct arena *arena, struct index_model_list *out) MUST_USE;

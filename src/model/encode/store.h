/* store.h - an encoder as a model directory.
 *
 *   DIR/  headrace.json        {"format": 1, "kind": "sasrec", "version": "...", "shape": {...},
 *                              "learned": {...}, "files": {...}}, as model/learned.h and seals.h have them
 *         weights.safetensors  the tensors of layout.h, F32
 *         items.json           ["name of item 0", ...]
 */
#pragma once
#include "base/buffer.h"
#include "model/encode/encoder.h"
#include "model/encode/scan.h"
#include "model/learned.h"

struct encoder_model;

/* Into a folder, made if it is not there; model_place.h puts it where it shall stand.
 * names    [items of the shape]
 * fails    IO, LIMIT; message says which file */
enum status encoder_model_write(const char *directory, const struct encode_layout *layout,
                                const real *value, const struct slice *names,
                                const struct learned *learned, struct buffer *message) MUST_USE;

/* Checks kind, shape, every tensor's name, form and numbers, and that names are given once.
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message says which file, what, what to do */
enum status encoder_model_open(const char *directory, struct encoder_model **out,
                               struct buffer *message) MUST_USE;
/* Whether headrace.json in a directory says it is an encoder. */
bool encoder_model_is(const char *directory);

void encoder_model_close(struct encoder_model *model);

const struct encoder *encoder_model_encoder(const struct encoder_model *model);
/* Number of an item, UINT32_MAX: unknown. */
uint32_t encoder_model_find(const struct encoder_model *model, struct slice name);
struct slice encoder_model_name(const struct encoder_model *model, uint32_t item);

/* What headrace.json calls the version; a NUL-terminated text, as long as the model. */
const char *encoder_model_version(const struct encoder_model *model);

/* A visitor encoded: the vector, and if they are asked for those without each of the latest clicks, where the arena
 * has room for them (else none). fails  NOT_FOUND: no known click; LIMIT */
struct encoder_visit {
    const real *vector;
    struct encoder_absences absences; /* count 0: none */
};
enum status encoder_model_encode(const struct encoder_model *model, struct context context,
                                 bool absences, struct arena *arena,
                                 struct encoder_visit *visit) MUST_USE;

/* The best for a vector, by score, best first; returns through count. fails  LIMIT */
enum status encoder_model_scan(const struct encoder_model *model, const real *vector,
                               uint32_t wanted, struct arena *arena, struct ranked *out,
                               uint32_t *count) MUST_USE;

struct encoder_list {
    struct ranked *items; /* [wanted] */
    uint32_t wanted;
    uint32_t count; /* out */
    uint32_t *
        causes; /* NULL, or [wanted]: places of the clicks the items are due to (encoder_cause()), where the
                       * arena has room to find them */
};

/* The best for clicks in order of time, on items by their numbers; the item clicked last is none of
 * them. Without a click, what was clicked most in training. Scores are positive and order items.
 * runs on  any thread
 * fails    LIMIT: the arena is full */
enum status encoder_model_rank(const struct encoder_model *model, struct context context,
                               struct arena *arena, struct encoder_list *list) MUST_USE;

/* --- tensors.c ----------------------------------------------------------------------------------- */

/* One array of a safetensors file; columns 0: a vector of `rows`. */
struct tensor_part {
    char name[64];
    const char *dtype; /* "F32" or "I64" */
    uint64_t rows, columns;
    struct slice data;
};

/* source  github.com/huggingface/safetensors, README "Format" */
void tensors_write(const struct tensor_part *parts, uint32_t count, struct buffer *out);

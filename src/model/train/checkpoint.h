/* checkpoint.h - where a training stands, in a file.
 *
 *   | "HRTC" | version u8 | data u64 | settings u64 | count u64 | step u64 | epoch u32 | batch u32 |
 *   | loss sum f64 | loss count u64 | best f64 | best epoch u32 | epochs logged u32 |
 *   | log: rows of 8 f64 | value, m, v, average, best: 5 x count f32 | CRC32C of all before u32 |     little-endian
 *
 * Adam's moments, the step (dropout is drawn by it), the place in the epoch (order and negatives are
 * drawn by it), what the epoch's loss has summed: all that a training going on reads. Written by
 * file_write(): the old one or the new one, whole.
 */
#pragma once
#include "model/train/measure.h"

enum { TRAIN_EPOCHS_MAX = 10000 };

struct train_epoch {
    double loss;
    struct train_metrics valid;
};

struct train_place_in_time {
    uint64_t data, settings; /* hashes: of the instances; of what else decides about the bits */
    uint32_t epoch, batch;   /* next to be done, from 0 */
    double loss_sum;
    uint64_t loss_count;
    double best_value;
    uint32_t best_epoch; /* from 1; 0: none yet */
    uint32_t logged;
    struct train_epoch *log; /* [TRAIN_EPOCHS_MAX] the caller's */
    float *best;             /* [layout count] the caller's: variables of the best epoch */
};

/* fails  IO, FULL, LIMIT; message */
enum status train_checkpoint_write(const char *path, struct trainer *trainer,
                                   const struct train_place_in_time *place,
                                   struct buffer *message) MUST_USE;

/* in   place: data and settings of this request, held against the file's
 * fails    NOT_FOUND, CORRUPT, INVALID (of other data or settings, another version), IO, LIMIT; message */
enum status train_checkpoint_read(const char *path, struct trainer *trainer,
                                  struct train_place_in_time *place,
                                  struct buffer *message) MUST_USE;

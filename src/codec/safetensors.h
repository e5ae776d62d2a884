/* safetensors.h - tensors by name in a file, no I/O.
 *
 *   | header length u64 le | JSON {"name": {"dtype","shape","data_offsets":[begin,end]}, ...} | data |
 *
 * Offsets count from the data's first byte; the tensors cover the data without gap or overlap;
 * "__metadata__" is skipped. source  github.com/huggingface/safetensors, README "Format"
 */
#pragma once
#include "base/arena.h"
#include "base/base.h"

enum {
    SAFETENSORS_HEADER_BYTES_MAX = 1 << 20,
    SAFETENSORS_COUNT_MAX = 1024,
    SAFETENSORS_RANK_MAX = 8,
};

enum safetensors_dtype {
    SAFETENSORS_F32,
    SAFETENSORS_F64,
    SAFETENSORS_I32,
    SAFETENSORS_I64,
    SAFETENSORS_U8,
    SAFETENSORS_OTHER, /* known width, never read here: F16 BF16 I16 ... */
};

struct safetensor {
    struct slice name;
    enum safetensors_dtype dtype;
    uint32_t rank;
    uint64_t shape[SAFETENSORS_RANK_MAX];
    struct slice data; /* row-major, little-endian, at any alignment */
};

struct safetensors {
    const struct safetensor *tensors; /* in the header's order */
    uint32_t count;
};

struct safetensors_error {
    size_t at;           /* byte offset into the file */
    const char *message; /* static text */
};

/* lives    names and data in `file`, the rest in the arena
 * fails    INVALID, LIMIT (a limit or the arena), with the error */
enum status safetensors_parse(struct slice file, struct arena *arena,
                              struct safetensors *safetensors,
                              struct safetensors_error *error) MUST_USE;

/* NULL if there is none of that name. */
const struct safetensor *safetensors_find(const struct safetensors *safetensors, struct slice name);

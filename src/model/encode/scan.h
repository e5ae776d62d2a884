/* scan.h - the best of very many items by their product with one vector: every item, no index.
 *
 * Scores are read once from memory, so bytes are what it costs: an item of width 64 is 256 bytes of
 * float, 64 of int8. With int8 the first pass is over codes; of its best a few times as many as wanted
 * are scored again in float, so that scores and order are those of float, and an item is missed only
 * if rounding to 8 bits moves it that far.
 *
 *   codes   [groups of 16 items][width / 4][16 items][4]: sixteen items run along the lanes
 *   code    round(127 x / largest |x| of the item); the vector likewise, kept as code + 128
 */
#pragma once
#include "base/arena.h"
#include "model/topk.h"
#include "model/train/kernels.h"

enum { SCAN_GROUP = 16, SCAN_AGAIN = 4 /* times as many as wanted are scored again */ };

struct scan_kernels {
    const char *name;
    /* sums [count] of query code times item code; query [width] is code + 128, offsets [count] what
     * that adds; count a multiple of SCAN_GROUP */
    void (*products)(const int8_t *codes, uint32_t count, uint32_t width, const uint8_t *query,
                     const int32_t *offsets, int32_t *sums);
};

extern const struct scan_kernels scan_kernels_portable;
extern const struct scan_kernels scan_kernels_avx2; /* x86-64 only */
extern const struct scan_kernels scan_kernels_vnni; /* x86-64 only: AVX-512 VNNI */
const struct scan_kernels *scan_kernels_best(void);

struct encode_scan {
    const struct scan_kernels *kernels;
    const struct train_kernels *products;
    const float *rows; /* [count][width], the caller's */
    uint32_t count, width;
    int8_t *codes;
    float *scales;    /* [count to whole groups] of an item's code */
    int32_t *offsets; /* [count to whole groups] 128 times the sum of its codes */
};

/* in       width: a multiple of 16, at most 512; rows live as long as the scan
 * fails    LIMIT: the arena is full */
enum status encode_scan_init(const float *rows, uint32_t count, uint32_t width,
                             const struct scan_kernels *kernels, struct arena *arena,
                             struct encode_scan *scan) MUST_USE;

/* The best `wanted`, best first, among equals the lower number; returns how many. out [wanted]
 * runs on  any thread
 * fails    (encode_scan) LIMIT: scratch is full */
uint32_t encode_scan_float(const struct encode_scan *scan, const float *vector, uint32_t wanted,
                           struct ranked *out);
enum status encode_scan(const struct encode_scan *scan, const float *vector, uint32_t wanted,
                        struct arena *scratch, struct ranked *out, uint32_t *count) MUST_USE;

/* scan.c - codes out of floats, a pass over them, and the best again in float. */
#include "model/encode/scan.h"

#include <math.h>

enum { STRETCH = 1024, WIDTH_MAX = 512 };

static float largest_of(const float *x, uint32_t width)
{
    float largest = 0.0F;

    for (uint32_t i = 0; i < width; i++)
        largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    return largest;
}

static int32_t code_of(float x, float largest)
{
    return largest > 0.0F ? (int32_t)lrintf(127.0F * x / largest) : 0;
}

static void item_code(struct encode_scan *scan, uint32_t item)
{
    const float *row = scan->rows + (size_t)item * scan->width;
    float largest = largest_of(row, scan->width);
    size_t group = (size_t)(item / SCAN_GROUP) * SCAN_GROUP * scan->width;
    int32_t sum = 0;

    for (uint32_t d = 0; d < scan->width; d++) {
        int32_t code = code_of(row[d], largest);
        size_t at =
            group + (size_t)(d / 4) * SCAN_GROUP * 4 + (size_t)(item % SCAN_GROUP) * 4 + d % 4;

        scan->codes[at] = (int8_t)code;
        sum += code;
    }
    scan->scales[item] = largest / 127.0F;
    scan->offsets[item] = 128 * sum;
}

enum status encode_scan_init(const float *rows, uint32_t count, uint32_t width,
                             const struct scan_kernels *kernels, struct arena *arena,
                             struct encode_scan *scan)
{
    size_t filled = ((size_t)count + SCAN_GROUP - 1) / SCAN_GROUP * SCAN_GROUP;

    ASSERT(width % 16 == 0 && width <= WIDTH_MAX);
    *scan = (struct encode_scan){
        .kernels = kernels,
        .products = train_kernels_best(),
        .rows = rows,
        .count = count,
        .width = width,
        .codes = arena_zalloc(arena, filled, width),
        .scales = arena_zalloc(arena, filled, sizeof(*scan->scales)),
        .offsets = arena_zalloc(arena, filled, sizeof(*scan->offsets)),
    };
    if (scan->codes == NULL || scan->scales == NULL || scan->offsets == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < count; item++)
        item_code(scan, item);
    return STATUS_OK;
}

static double product(const struct encode_scan *scan, uint32_t item, const float *vector)
{
    float sum;

    scan->products->dots(scan->rows + (size_t)item * scan->width, scan->width, 1, scan->width,
                         vector, &sum);
    return (double)sum;
}

uint32_t encode_scan_float(const struct encode_scan *scan, const float *vector, uint32_t wanted,
                           struct ranked *out)
{
    struct best best = {.heap = out, .wanted = wanted};
    float products[STRETCH];

    for (uint32_t at = 0; at < scan->count; at += STRETCH) {
        uint32_t left = scan->count - at < STRETCH ? scan->count - at : STRETCH;

        scan->products->dots(scan->rows + (size_t)at * scan->width, scan->width, left, scan->width,
                             vector, products);
        for (uint32_t i = 0; i < left; i++) {
            double score = (double)products[i];

            if (best.held == wanted && !(score > best.heap[0].score)) continue;
            best_add(&best, score, at + i);
        }
    }
    return best_sort(&best);
}

/* A stretch's sums to scores; most items are below the worst kept and cost one comparison. */
static void stretch_keep(const struct encode_scan *scan, uint32_t first, uint32_t count,
                         const int32_t *sums, struct best *best)
{
    for (uint32_t i = 0; i < count; i++) {
        float score = (float)sums[i] * scan->scales[first + i];

        if (best->held == best->wanted && !((double)score > best->heap[0].score)) continue;
        best_add(best, (double)score, first + i);
    }
}

enum status encode_scan(const struct encode_scan *scan, const float *vector, uint32_t wanted,
                        struct arena *scratch, struct ranked *out, uint32_t *count)
{
    uint64_t again = (uint64_t)wanted * SCAN_AGAIN;
    uint32_t rough = again < scan->count ? (uint32_t)again : scan->count;
    struct best first = {.heap = arena_alloc(scratch, rough, sizeof(struct ranked)),
                         .wanted = rough};
    struct best last = {.heap = out, .wanted = wanted};
    float largest = largest_of(vector, scan->width);
    uint8_t query[WIDTH_MAX];
    int32_t sums[STRETCH];

    if (first.heap == NULL) return STATUS_LIMIT;
    for (uint32_t d = 0; d < scan->width; d++)
        query[d] = (uint8_t)(code_of(vector[d], largest) + 128);
    for (uint32_t at = 0; at < scan->count; at += STRETCH) {
        uint32_t left = scan->count - at < STRETCH ? scan->count - at : STRETCH;
        uint32_t filled = (left + SCAN_GROUP - 1) / SCAN_GROUP * SCAN_GROUP;

        scan->kernels->products(scan->codes + (size_t)at * scan->width, filled, scan->width, query,
                                scan->offsets + at, sums);
        stretch_keep(scan, at, left, sums, &first);
    }
    for (uint32_t i = 0; i < first.held; i++)
        best_add(&last, product(scan, first.heap[i].item, vector), first.heap[i].item);
    *count = best_sort(&last);
    return STATUS_OK;
}

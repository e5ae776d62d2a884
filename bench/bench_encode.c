/* bench_encode.c - the encoder: clicks learned from in a second by full softmax, and the best of a
 * million items by one vector, in float and in 8 bits. One thread; made-up clicks and items.
 * Usage: bench_encode [--json]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/encode/fit.h"
#include "model/encode/scan.h"

enum { ITEMS = 12000, SEQUENCES = 128, LEN = 9, STEPS = 8, SCAN_ITEMS = 1000000, WIDTH = 64 };
enum { QUERIES = 30, WANTED = 20 };

static double cpu_seconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* source  SplitMix64 */
static uint32_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15U;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((z ^ (z >> 31)) >> 32);
}

/* Clicks asked for in a second of processor time. */
static double learn_rate(void)
{
    static uint32_t items[SEQUENCES][LEN];
    struct encode_sequence sequences[SEQUENCES];
    struct encode_plan plan = encode_plan_default;
    struct encode_trainer *trainer;
    uint64_t state = 1;
    double best = 0.0;

    plan.shape.items = ITEMS;
    plan.settings.kernels = encode_kernels_best();
    plan.settings.products = train_kernels_best();
    for (uint32_t s = 0; s < SEQUENCES; s++) {
        for (uint32_t t = 0; t < LEN; t++)
            items[s][t] = draw(&state) % ITEMS;
        sequences[s] = (struct encode_sequence){items[s], LEN};
    }
    if (encode_trainer_create(&plan.shape, &plan.settings, NULL, &trainer) != STATUS_OK) exit(1);
    for (uint32_t i = 0; i < STEPS; i++) {
        double start = cpu_seconds();

        (void)encode_trainer_step(trainer, sequences, SEQUENCES);
        double rate = SEQUENCES * (LEN - 1) / (cpu_seconds() - start);
        best = rate > best ? rate : best;
    }
    encode_trainer_destroy(trainer);
    return best;
}

struct scan_times {
    double float_ms, code_ms;
    double shared; /* share of float's best that the codes find */
};

static struct scan_times scan_measure(void)
{
    struct scan_times times = {1e9, 1e9, 0.0};
    struct encode_scan scan;
    struct arena arena;
    uint64_t state = 2;

    arena_init(&arena, SIZE_MAX);
    float *rows = arena_alloc(&arena, (size_t)SCAN_ITEMS * WIDTH, sizeof(*rows));
    if (rows == NULL) exit(1);
    for (size_t i = 0; i < (size_t)SCAN_ITEMS * WIDTH; i++)
        rows[i] = (float)draw(&state) / 4294967296.0F - 0.5F;
    if (encode_scan_init(rows, SCAN_ITEMS, WIDTH, scan_kernels_best(), &arena, &scan) != STATUS_OK)
        exit(1);
    for (uint32_t q = 0; q < QUERIES; q++) {
        struct arena_mark mark = arena_mark(&arena);
        struct ranked wanted[WANTED];
        struct ranked got[WANTED];
        float vector[WIDTH];
        uint32_t count = 0;

        for (uint32_t d = 0; d < WIDTH; d++)
            vector[d] = (float)draw(&state) / 4294967296.0F - 0.5F;
        double start = cpu_seconds();
        (void)encode_scan_float(&scan, vector, WANTED, wanted);
        double middle = cpu_seconds();
        if (encode_scan(&scan, vector, WANTED, &arena, got, &count) != STATUS_OK) exit(1);
        double end = cpu_seconds();
        times.float_ms =
            1e3 * (middle - start) < times.float_ms ? 1e3 * (middle - start) : times.float_ms;
        times.code_ms = 1e3 * (end - middle) < times.code_ms ? 1e3 * (end - middle) : times.code_ms;
        for (uint32_t i = 0; i < WANTED; i++) {
            for (uint32_t j = 0; j < count; j++)
                times.shared += wanted[i].item == got[j].item ? 1.0 / (QUERIES * WANTED) : 0.0;
        }
        arena_rewind(&arena, mark);
    }
    arena_deinit(&arena);
    return times;
}

int main(int argc, char **argv)
{
    bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
    double rate = learn_rate();
    struct scan_times times = scan_measure();
    double gflops = rate * ITEMS * WIDTH * 6.0 / 1e9;

    if (json) {
        (void)printf("{\"clicks_per_second\": %.0f, \"gflops\": %.1f, \"scan_float_ms\": %.2f, "
                     "\"scan_int8_ms\": %.2f, \"scan_shared\": %.4f}\n",
                     rate, gflops, times.float_ms, times.code_ms, times.shared);
    } else {
        (void)printf("learned: %.0f clicks/s (%d items, width 64: %.1f GFLOP/s in the softmax)\n"
                     "best 20 of 1,000,000 x 64: float %.2f ms, int8 %.2f ms, %.4f of float's "
                     "found\n",
                     rate, ITEMS, gflops, times.float_ms, times.code_ms, times.shared);
    }
    return 0;
}

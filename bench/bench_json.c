/* bench_json.c - nanoseconds to check and index one tracker event, beside simdjson in the same run.
 * Usage: bench_json [FILE]   one JSON text a line; default: the events of the tests
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench_simdjson.h"
#include "codec/json.h"

enum { TEXTS_MAX = 256, ROUNDS = 50, REPEATS = 4000 };

static struct slice texts[TEXTS_MAX];
static size_t text_count;
static size_t bytes_total;

static double now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void read_texts(const char *path)
{
    static char line[1 << 16];
    FILE *file = fopen(path, "r");

    if (file == NULL) {
        (void)fprintf(stderr, "bench_json: cannot read %s\n", path);
        exit(1);
    }
    while (text_count < TEXTS_MAX && fgets(line, sizeof(line), file) != NULL) {
        size_t len = strcspn(line, "\n");
        uint8_t *copy = malloc(len + 64); /* simdjson wants padding; we do not look at it */

        if (copy == NULL) exit(1);
        memset(copy, ' ', len + 64);
        memcpy(copy, line, len);
        texts[text_count++] = (struct slice){copy, len};
        bytes_total += len;
    }
    (void)fclose(file);
}

static size_t index_ours(struct slice text, struct arena *arena)
{
    struct document document;
    struct json_error error;

    arena_reset(arena);
    if (json_parse(text, &json_limits_default, arena, &document, &error) != STATUS_OK) exit(2);
    return document.node_count;
}

/* Nanoseconds per text over one round. */
static double round_ns(bool ours, struct arena *arena, size_t *nodes)
{
    double start = now_ns();

    for (int i = 0; i < REPEATS; i++) {
        struct slice text = texts[(size_t)i % text_count];

        *nodes += ours ? index_ours(text, arena) : bench_simdjson(text.data, text.len);
    }
    return (now_ns() - start) / REPEATS;
}

static void report(const char *name, double ns)
{
    double bytes = (double)bytes_total / (double)text_count;

    printf("%-10s %6.0f ns per text of %4.0f bytes, %5.2f GB/s, %4.0f ns per KB\n", name, ns, bytes,
           bytes / ns, ns * 1000 / bytes);
}

int main(int argc, char **argv)
{
    struct arena arena;
    size_t nodes = 0;

    read_texts(argc > 1 ? argv[1] : BENCH_EVENTS);
    if (text_count == 0) return 1;
    arena_init(&arena, 64 << 20);
    double ours = 1e18;
    double theirs = 1e18;
    for (int round = 0; round < ROUNDS; round++) { /* in turns: the machine is not ours alone */
        double one = round_ns(true, &arena, &nodes);
        double other = round_ns(false, &arena, &nodes);

        ours = one < ours ? one : ours;
        theirs = other < theirs ? other : theirs;
    }
    report("headrace", ours);
    if (bench_simdjson_linked()) {
        report("simdjson", theirs);
        printf("ratio %.2f (headrace / simdjson; below 1 is faster)\n", ours / theirs);
    }
    arena_deinit(&arena);
    return nodes == 0;
}

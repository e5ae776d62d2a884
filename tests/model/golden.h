/* golden.h - golden vectors of the original model (tests/data/model/golden), and a loaded model. */
#pragma once
#include "model/model_room.h"
#include "oracle.h"
#include "value/document.h"

struct golden_tensor {
    const void *data; /* row-major; float, double or int32_t */
    uint32_t rank;
    uint32_t shape[4];
};

/* Fails the test when there is no such tensor. lives  as long as the process */
struct golden_tensor golden_tensor(const char *name);
const float *golden_f32(const char *name);
const double *golden_f64(const char *name);
const int32_t *golden_i32(const char *name);

enum { GOLDEN_CASES = 264, GOLDEN_CANDIDATES = 10, GOLDEN_CATALOGUE = 234 };

/* What the original was fed in case `index`: the padded form, and ours. */
void golden_case(uint32_t index, struct oracle_case *one);
void golden_history(uint32_t index, struct slirec_history *history);

/* Calls `each` with every line of a JSON lines file under tests/data/model/golden. */
void golden_lines(const char *name,
                  void (*each)(void *context, const struct document *line, struct arena *arena),
                  void *context);

/* Number under a key, and numbers of a list (returns how many). */
double golden_number(const struct document *document, uint32_t node);
uint32_t golden_numbers(const struct document *document, const char *key, double *out,
                        uint32_t count_max);

/* Imports tests/data/model into the folder and opens it. */
struct model *golden_model(const char *folder);

/* sample.h - expressions tried on given values: variables from JSON with the types they stand for.
 *
 * Behind `headrace expr eval` and the golden test. A variables file is a JSON array of
 * {"name", "type": display of its type, "value", "shape": classes of the value's parts (optional)}.
 * A case is {"id", "expr", "language", "expected", "dictionary"}.
 */
#pragma once
#include "codec/json.h"
#include "expr/expr.h"

enum { SAMPLE_VARIABLES_MAX = 1024 };

struct sample {
    struct expr_variable *variables;
    struct value *values; /* by slot */
    uint32_t count;
    const struct zones *zones; /* these two are the caller's to set; or NULL */
    const struct dictionaries *dictionaries;
};

/* Reads the variables into `arena`; `text` and `zones` (or NULL) must live as long.
 * fails    INVALID: *why says what is wrong; LIMIT */
enum status sample_read(struct slice text, const struct zones *zones, struct arena *arena,
                        struct sample *sample, struct slice *why) MUST_USE;

struct sample_result {
    bool valid;
    struct expr_problems problems;
    const struct type *type;
    bool failed; /* when run: `message` */
    struct slice message;
    struct value value;
};

/* Compiles and runs one expression; the result lives in `arena`. now_ms and random_key as in
 * expr_frame. fails  LIMIT: the arena */
enum status sample_run(const struct sample *sample, const struct expr_source *source,
                       int64_t now_ms, struct arena *arena, struct sample_result *result) MUST_USE;

/* Answers one case as JSON: id, valid, and errors with their spans (from, to in UTF-16 units), or
 * type, typeWithoutValue, value, valueClass, valueToString or exception. A case that is not usable is
 * answered with its id and the reason in "error". */
void sample_answer(const struct sample *sample, struct slice line, int64_t now_ms,
                   struct arena *arena, struct buffer *out);

/* course.h - a training from first to last: a file or rows in, a model directory out.
 *
 * What `headrace model train` asks of every model it can train. A model is a row of courses.def and a
 * function; what only it knows (negatives, widths) comes in `settings` as NAME=NUMBER,...
 *
 *   OUTPUT/   the model directory, whole once the training has ended
 *             checkpoint   where it stands; `resume` goes on from it, with the same bits as if it had
 *                          never stopped
 *             card.md      what it was made from and how good it is
 *
 * The same request, rows and thread count give the same weights, bit for bit.
 */
#pragma once
#include "base/buffer.h"

struct train_rows;

enum course_format { COURSE_INTERACTIONS, COURSE_SESSIONS, COURSE_EVENTS, COURSE_SEQUENCES };
enum course_order { COURSE_ORDER_DEFAULT, COURSE_ORDER_GIVEN, COURSE_ORDER_TIME };

struct course_request {
    const char *data;              /* file, and what messages call it; read only if rows is NULL */
    const struct train_rows *rows; /* data.h; NULL: they are read from the file */
    enum course_format format;
    const char *columns; /* the header's names: user,item,time[,category]; NULL: the format's own */
    const char *inventory; /* as for model_import(); NULL: names are product ids */
    const char *output;
    const char *arithmetic; /* "compat", "fixed"; NULL: the model's own */
    const char
        *precision; /* of the networks while serving: "float32", "bf16"; NULL: the model's own */
    enum course_order order;
    uint32_t epochs; /* 0: the model's own */
    uint32_t threads;
    uint64_t seed;
    const char *settings; /* NAME=NUMBER,...; NULL: none */
    bool resume;
};

struct course_progress {
    uint32_t epoch, epochs; /* epoch counts from 1 */
    uint64_t done, total;   /* instances of this epoch */
    double loss;            /* mean over this epoch so far */
    const char *metric;     /* at the end of an epoch, otherwise NULL: what chooses the best, */
    double value, best;     /* its value, and the best so far */
    const char *others;     /* other metrics as text, "auc .8 mrr .5" */
};

/* in       progress: after every step and at the end of every epoch; false: save and stop
 *          notes: what is allowed in the data and yet worth a word, a line each */
struct course_watch {
    bool (*progress)(void *context, const struct course_progress *progress);
    void *context;
    struct buffer *notes;
};

/* fails    AGAIN: stopped by the watch, the checkpoint is written; INVALID, NOT_FOUND, LIMIT, IO: message
 *          says file, line, what is wrong and what to do */
typedef enum status (*course_run)(const struct course_request *request,
                                  const struct course_watch *watch, struct buffer *message);

/* Whether the model can be told so, before anything is read.
 * fails    INVALID: message says which option, and what it takes */
typedef enum status (*course_check)(const struct course_request *request, struct buffer *message);

struct course {
    const char *name; /* as --model has it */
    const char *meaning;
    const char *epochs;   /* at most, unless said otherwise; for --help */
    const char *settings; /* for --help: "negatives=4,batch=400" */
    course_check check;
    course_run run;
};

/* All there are, the first one is the usual one; ends with a row whose name is NULL. */
extern const struct course courses[];

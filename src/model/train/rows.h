/* rows.h - who did what when, on its way from a file or a log to training.
 *
 *   interactions   1 \t user \t item \t time in seconds \t category, one a line, no header
 *   sessions       tab-separated, header with SessionId, ItemId, Time and, if there is one, Category
 *   events         CSV (comma, semicolon or tab), header with session_id, item_id, time and, if there is one, category
 *
 * Times of the last two as judge/dataset.h has them; of the first one as they stand, since the
 * original takes them so. Without categories all items are of one.
 */
#pragma once
#include "model/judge/dataset_room.h"
#include "model/train/course.h"

enum { TRAIN_ROWS_MAX = 50 << 20 };
#define TRAIN_NO_CATE SLICE("none")

struct train_row {
    uint32_t user, item, cate; /* numbers of names */
    uint32_t line;             /* from 1 */
    double time;
};

struct train_rows {
    const char *path; /* for messages */
    struct arena *arena;
    struct names users, items, cates;
    struct train_row *at;
    uint32_t count, capacity;
};

/* fails  LIMIT */
enum status train_rows_init(struct train_rows *rows, const char *path,
                            struct arena *arena) MUST_USE;

struct train_interaction {
    struct slice user, item, cate; /* cate: len 0 is no category */
    double time;
    uint32_t line;
};

/* in       names: borrowed as long as the arena lives
 * fails    INVALID: one of the names is none (name_text.h); LIMIT */
enum status train_rows_add(struct train_rows *rows,
                           const struct train_interaction *interaction) MUST_USE;

/* in       columns: NULL or names of user, item, time and perhaps category with commas between
 * fails    NOT_FOUND, LIMIT, INVALID; message: file, line, what is wrong, what to do */
enum status train_rows_read(const char *path, enum course_format format, const char *columns,
                            struct train_rows *rows, struct buffer *message) MUST_USE;

/* The same of bytes in memory that live as long as the rows. */
enum status train_rows_parse(struct slice text, enum course_format format, const char *columns,
                             struct train_rows *rows, struct buffer *message) MUST_USE;

/* "path: line 3: what is "found"advice"; line 0 and found.data NULL are left out. Returns INVALID. */
struct train_complaint {
    uint32_t line;
    const char *what;
    struct slice found;
    const char *advice;
};
enum status train_refuse(const char *path, const struct train_complaint *complaint,
                         struct buffer *message);

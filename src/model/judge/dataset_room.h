/* dataset_room.h - what the rooms of the dataset reader share: names, rows, where a reader stands. */
#pragma once
#include "model/judge/dataset.h"

/* Texts to numbers 0, 1, 2 ... in the order of their first appearance. */
struct names {
    struct slice *texts;
    uint32_t *slots; /* open addressing: number + 1, 0 empty */
    uint32_t count;
    uint32_t capacity; /* of texts; slots are twice as many */
    struct arena *arena;
};

enum status names_init(struct names *names, struct arena *arena) MUST_USE;
/* The number of a text, a new one if need be (the text is borrowed).
 * fails    INVALID: name_trouble() has something against it; LIMIT */
enum status names_number(struct names *names, struct slice text, uint32_t *number) MUST_USE;

struct dataset_row {
    double time;
    uint32_t owner; /* session or user */
    uint32_t item;
    uint32_t line;
};

/* For qsort: by owner, time, line. */
int dataset_row_order(const void *left, const void *right);

struct dataset_rows {
    const char *path;
    struct dataset_row *rows;
    uint32_t count;
    uint32_t owner_count;
    bool timed;
    struct learned given; /* all of them, those given twice as well */
};

struct dataset_reader {
    const struct dataset_source *source;
    struct arena *arena;
    struct names items; /* over all files */
    struct buffer *notes;
    struct buffer *message;
};

/* A file's rows in order of (owner, time, line), without those given twice.
 * fails    NOT_FOUND, INVALID, LIMIT, all said in the reader's message */
enum status dataset_rows_read(struct dataset_reader *reader, const char *path,
                              struct dataset_rows *rows) MUST_USE;

/* The same of a file that trainings read; what is given twice stays, as it does there. */
enum status dataset_interactions_read(struct dataset_reader *reader, const char *path,
                                      struct dataset_rows *rows) MUST_USE;

/* What they are, before any is dropped. */
void dataset_rows_note_given(const struct dataset_reader *reader, struct dataset_rows *rows);

/* A data set out of rows in any order, split by the source's protocol unless it is whole; the reader's items are the names
 * of theirs.
 * fails    INVALID, LIMIT, said in the reader's message */
enum status dataset_of_rows(struct dataset_reader *reader, struct dataset_rows *rows,
                            struct dataset *dataset) MUST_USE;

/* "path:line: what", or "path: what" for line 0; returns INVALID. */
enum status dataset_refuse(struct dataset_reader *reader, const char *path, uint32_t line,
                           const char *what);

/* Says that the arena is full; returns LIMIT. */
enum status dataset_full(struct dataset_reader *reader);

/* A file's text without what is in front of it, in the arena.
 * fails    NOT_FOUND, INVALID (it cannot be read, or is too large), LIMIT (the arena); message */
enum status text_read(const char *path, struct arena *arena, struct buffer *message,
                      struct slice *text) MUST_USE;
/* The text behind a byte order mark, if it has one. */
struct slice text_start(struct slice text);

enum { CELLS_MAX = 256 };

/* Where a file is read. */
struct lines {
    const char *path;
    struct slice rest;
    struct slice line; /* without its end */
    uint32_t number;   /* of the line, from 1 */
    uint8_t separator;
    bool quotes; /* cells may stand in "..." */
};

bool line_next(struct lines *lines);
/* Cells of the line; how many there are, at most CELLS_MAX of them written. */
uint32_t cells_of(const struct lines *lines, struct slice *cells);
/* "has 2 cells, the header has 3 ..." */
void cells_differ(struct buffer *message, uint32_t count, uint32_t wanted);
enum column_place { COLUMN_FOUND, COLUMN_MISSING, COLUMN_TWICE };
/* Which of a header's cells is the column of that name. */
enum column_place column_find(const struct slice *cells, uint32_t count, struct slice name,
                              uint32_t *at);
/* Where a row's time stands: a column of that name, or for "day+ms" two, a time and the milliseconds
 * since it, less than a day's. */
struct time_column {
    uint32_t at;
    uint32_t since; /* CELLS_MAX: there is none */
};
enum column_place time_column_find(const struct slice *cells, uint32_t count, struct slice name,
                                   struct time_column *column);
/* False: `cell` is no time, or no milliseconds of a day. */
bool time_column_read(const struct time_column *column, const struct slice *cells, double *seconds,
                      struct slice *cell);
/* What stands between the cells of a CSV header. */
uint8_t separator_of(struct slice header);
/* The next word of a text that blanks separate; len 0: there is none. */
struct slice word_next(struct slice *rest);

/* Unix seconds of a time as files have it. False: it is none. */
bool dataset_time(struct slice text, double *seconds);

/* Times like 20260131 are seconds of August 1970. Where all times of a file are such, dates are meant. */
struct bare_dates {
    uint32_t count;
    uint32_t line; /* of the first */
};
void bare_dates_note(struct bare_dates *dates, struct slice time, uint32_t line);
#define BARE_DATES_MEANT "all times are like 20260131, which is a second of August 1970; write "

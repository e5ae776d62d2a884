/* rows.c - lines of the three formats become rows; what is wrong with one is said with its line. */
#include "model/train/rows.h"

#include "model/name_text.h"
#include "model/number_text.h"
#include "value/utf8.h"

enum { ROWS_FIRST = 1024, FOUND_MAX = 80 };
#define TIME_MAX 1e15 /* as milliseconds the year 33658 */

enum { COLUMN_USER, COLUMN_ITEM, COLUMN_TIME, COLUMN_CATE, COLUMNS };

enum status train_refuse(const char *path, const struct train_complaint *complaint,
                         struct buffer *message)
{
    struct slice found = complaint->found;

    buffer_append_text(message, path);
    if (complaint->line > 0) {
        buffer_append_text(message, ": line ");
        buffer_append_u64(message, complaint->line);
    }
    buffer_append_text(message, ": ");
    buffer_append_text(message, complaint->what);
    if (found.data != NULL) {
        buffer_append_text(message, " is \"");
        if (found.len > FOUND_MAX) found.len = FOUND_MAX;
        buffer_append(message, found);
        buffer_append_text(message, "\"");
    }
    buffer_append_text(message, complaint->advice);
    return STATUS_INVALID;
}

enum status train_rows_init(struct train_rows *rows, const char *path, struct arena *arena)
{
    *rows = (struct train_rows){.path = path, .arena = arena};
    if (names_init(&rows->users, arena) != STATUS_OK ||
        names_init(&rows->items, arena) != STATUS_OK ||
        names_init(&rows->cates, arena) != STATUS_OK) {
        return STATUS_LIMIT;
    }
    return STATUS_OK;
}

static enum status rows_grow(struct train_rows *rows)
{
    uint32_t capacity = rows->capacity > 0 ? 2 * rows->capacity : ROWS_FIRST;
    struct train_row *at =
        capacity <= 2 * TRAIN_ROWS_MAX ? arena_alloc(rows->arena, capacity, sizeof(*at)) : NULL;

    if (at == NULL) return STATUS_LIMIT;
    if (rows->count > 0) memcpy(at, rows->at, rows->count * sizeof(*at));
    rows->at = at;
    rows->capacity = capacity;
    return STATUS_OK;
}

enum status train_rows_add(struct train_rows *rows, const struct train_interaction *interaction)
{
    struct slice cate = interaction->cate.len > 0 ? interaction->cate : TRAIN_NO_CATE;

    if (rows->count == rows->capacity && rows_grow(rows) != STATUS_OK) return STATUS_LIMIT;
    struct train_row *row = &rows->at[rows->count];
    row->time = interaction->time;
    row->line = interaction->line;
    enum status status = names_number(&rows->users, interaction->user, &row->user);
    if (status == STATUS_OK) status = names_number(&rows->items, interaction->item, &row->item);
    if (status == STATUS_OK) status = names_number(&rows->cates, cate, &row->cate);
    if (status == STATUS_OK) rows->count++;
    return status;
}

struct reader {
    struct train_rows *rows;
    struct buffer *message;
    struct lines lines;
    struct slice names[COLUMNS]; /* the header's */
    uint32_t places[COLUMNS];    /* of the columns; CELLS_MAX: there is none */
    uint32_t header_count;       /* cells of it */
    struct time_column time;     /* its places entry is the first of its columns */
    struct bare_dates bare_dates;
};

static enum status refuse(struct reader *reader, const char *what, struct slice found,
                          const char *advice)
{
    return train_refuse(reader->rows->path,
                        &(struct train_complaint){reader->lines.number, what, found, advice},
                        reader->message);
}

static const struct slice nothing;

/* A row of the file; what is no name is said. */
static enum status row_add(struct reader *reader, const struct train_interaction *row)
{
    const struct {
        const char *what;
        struct slice name;
    } names[] = {{"the user", row->user}, {"the item", row->item}, {"the category", row->cate}};
    enum status status = train_rows_add(reader->rows, row);

    for (size_t i = 0; status == STATUS_INVALID && i < COUNT_OF(names); i++) {
        const char *trouble = name_trouble(names[i].name);

        if (trouble == NULL) continue;
        (void)refuse(reader, names[i].what, nothing, " ");
        buffer_append_text(reader->message, trouble);
        break;
    }
    return status;
}

/* --- interactions ------------------------------------------------------------------------------- */

static enum status check_columns(struct reader *reader, const struct slice *cells, uint32_t count,
                                 double *time)
{
    static const char *const names[] = {"column 1 (label)", "column 2 (user)", "column 3 (item)",
                                        "column 4 (time)", "column 5 (category)"};

    if (count != COUNT_OF(names)) {
        return refuse(reader, "wants 5 columns with tabs between them", nothing,
                      ": 1, user, item, time in seconds, category");
    }
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        if (cells[i].len == 0) return refuse(reader, names[i], nothing, " is empty; fill it in");
    }
    if (!slice_equal(cells[0], SLICE("1"))) {
        return refuse(reader, names[0], cells[0],
                      ", must be 1: only what was viewed or bought goes in, what was not is drawn; "
                      "a header line must go");
    }
    if (!number_text(cells[3], time) || !(*time >= 0.0 && *time < TIME_MAX)) {
        return refuse(reader, names[3], cells[3], ", must be a number: seconds since 1970");
    }
    return STATUS_OK;
}

static enum status read_interaction(struct reader *reader)
{
    struct slice cells[CELLS_MAX];
    uint32_t count = cells_of(&reader->lines, cells);
    double time = 0;
    enum status status = check_columns(reader, cells, count, &time);

    if (status != STATUS_OK) return status;
    bare_dates_note(&reader->bare_dates, cells[3], reader->lines.number);
    return row_add(reader, &(struct train_interaction){cells[1], cells[2], cells[4], time,
                                                       reader->lines.number});
}

/* --- tables with a header ----------------------------------------------------------------------- */

static void name_columns(struct reader *reader, enum course_format format, const char *columns)
{
    static const struct slice own[][COLUMNS] = {
        {{(const uint8_t *)"SessionId", 9},
         {(const uint8_t *)"ItemId", 6},
         {(const uint8_t *)"Time", 4},
         {(const uint8_t *)"Category", 8}},
        {{(const uint8_t *)"session_id", 10},
         {(const uint8_t *)"item_id", 7},
         {(const uint8_t *)"time", 4},
         {(const uint8_t *)"category", 8}},
    };
    const char *at = columns;

    memcpy(reader->names, own[format == COURSE_EVENTS], sizeof(reader->names));
    for (uint32_t i = 0; at != NULL && i < COLUMNS; i++) {
        const char *comma = strchr(at, ',');
        size_t len = comma == NULL ? strlen(at) : (size_t)(comma - at);

        reader->names[i] = (struct slice){(const uint8_t *)at, len};
        at = comma == NULL ? NULL : comma + 1;
    }
}

static enum status read_header(struct reader *reader)
{
    struct slice cells[CELLS_MAX];

    if (!line_next(&reader->lines)) {
        return refuse(reader, "is empty", nothing,
                      ": wants a header line and a row an interaction");
    }
    if (utf8_invalid_at(reader->lines.line) < reader->lines.line.len)
        return refuse(reader, "the header is not UTF-8", nothing, "; save the file as UTF-8");
    reader->lines.separator = separator_of(reader->lines.line);
    reader->header_count = cells_of(&reader->lines, cells);
    for (uint32_t i = 0; i < COLUMNS; i++) {
        reader->places[i] = CELLS_MAX;
        enum column_place place =
            i == COLUMN_TIME
                ? time_column_find(cells, reader->header_count, reader->names[i], &reader->time)
                : column_find(cells, reader->header_count, reader->names[i], &reader->places[i]);

        if (i == COLUMN_TIME) reader->places[i] = reader->time.at;
        if (place == COLUMN_TWICE) {
            return refuse(reader, "a column that the header has twice", reader->names[i],
                          "; rename one");
        }
        if (place == COLUMN_MISSING && i != COLUMN_CATE) {
            return refuse(reader, "a column that the header lacks", reader->names[i],
                          "; name the columns with --columns USER,ITEM,TIME[,CATEGORY]");
        }
    }
    return STATUS_OK;
}

static enum status read_table_row(struct reader *reader)
{
    struct slice cells[CELLS_MAX];
    struct slice found[COLUMNS] = {0};
    struct train_interaction row = {.line = reader->lines.number};
    uint32_t count = cells_of(&reader->lines, cells);

    if (count != reader->header_count) {
        (void)refuse(reader, "", nothing, "");
        cells_differ(reader->message, count, reader->header_count);
        return STATUS_INVALID;
    }
    for (uint32_t i = 0; i < COLUMNS; i++) {
        if (reader->places[i] == CELLS_MAX) continue;
        if (cells[reader->places[i]].len == 0) {
            if (i == COLUMN_CATE) continue;
            return refuse(reader, "a column without a value", reader->names[i], "; fill it in");
        }
        found[i] = cells[reader->places[i]];
    }
    struct slice bad;
    if (!time_column_read(&reader->time, cells, &row.time, &bad)) {
        return refuse(reader, "the time", bad,
                      ", must be seconds or milliseconds since 1970, or 2026-01-31T12:00:00Z");
    }
    bare_dates_note(&reader->bare_dates, found[COLUMN_TIME], row.line);
    row.user = found[COLUMN_USER];
    row.item = found[COLUMN_ITEM];
    row.cate = found[COLUMN_CATE];
    return row_add(reader, &row);
}

/* --- files -------------------------------------------------------------------------------------- */

static enum status parse(struct reader *reader, enum course_format format, const char *columns)
{
    bool table = format != COURSE_INTERACTIONS;
    enum status status = STATUS_OK;

    if (format == COURSE_SEQUENCES) {
        return refuse(reader, "sequences have no times", nothing,
                      ", which this model reads; use --format sessions or events");
    }
    name_columns(reader, format, columns);
    reader->lines.rest = text_start(reader->lines.rest);
    if (table) status = read_header(reader);
    while (status == STATUS_OK && line_next(&reader->lines)) {
        if (reader->lines.line.len == 0) continue;
        status = table ? read_table_row(reader) : read_interaction(reader);
    }
    if (status != STATUS_OK || reader->rows->count == 0 ||
        reader->bare_dates.count < reader->rows->count)
        return status;
    reader->lines.number = reader->bare_dates.line;
    return refuse(reader, table ? BARE_DATES_MEANT "2026-01-31" : BARE_DATES_MEANT "seconds",
                  nothing, "");
}

enum status train_rows_parse(struct slice text, enum course_format format, const char *columns,
                             struct train_rows *rows, struct buffer *message)
{
    struct reader reader = {
        .rows = rows,
        .message = message,
        .lines = {.path = rows->path,
                  .rest = text,
                  .separator = '\t',
                  .quotes = format == COURSE_EVENTS},
    };

    return parse(&reader, format, columns);
}

enum status train_rows_read(const char *path, enum course_format format, const char *columns,
                            struct train_rows *rows, struct buffer *message)
{
    struct slice text = {0};
    enum status status = text_read(path, rows->arena, message, &text);

    return status == STATUS_OK ? train_rows_parse(text, format, columns, rows, message) : status;
}

/* dataset_rows.c - a file becomes rows: lines, cells, the header's columns, order, rows given twice. */
#include <stdlib.h>

#include "model/judge/dataset_room.h"
#include "model/name_text.h"
#include "value/utf8.h"

enum { COLUMN_SESSION, COLUMN_ITEM, COLUMN_TIME, COLUMN_COUNT };

/* A table and what was noticed in it. */
struct columns {
    uint32_t at[COLUMN_TIME];
    struct time_column time;
    uint32_t count; /* cells of the header */
    struct bare_dates bare_dates;
};

enum status dataset_refuse(struct dataset_reader *reader, const char *path, uint32_t line,
                           const char *what)
{
    buffer_append_text(reader->message, path);
    if (line > 0) {
        buffer_append_byte(reader->message, ':');
        buffer_append_u64(reader->message, line);
    }
    buffer_append_text(reader->message, ": ");
    buffer_append_text(reader->message, what);
    return STATUS_INVALID;
}

enum status dataset_full(struct dataset_reader *reader)
{
    buffer_append_text(reader->message, "the files do not fit the memory set aside for them; "
                                        "give fewer days of clicks");
    return STATUS_LIMIT;
}

static enum status refuse_cell(struct dataset_reader *reader, const struct lines *lines,
                               struct slice cell, const char *what)
{
    enum { SHOWN_MAX = 40 };
    struct slice shown = {cell.data, cell.len < SHOWN_MAX ? cell.len : SHOWN_MAX};

    (void)dataset_refuse(reader, lines->path, lines->number, "\"");
    buffer_append(reader->message, shown);
    buffer_append_text(reader->message, "\" ");
    buffer_append_text(reader->message, what);
    return STATUS_INVALID;
}

static enum status column_missing(struct dataset_reader *reader, const struct lines *lines,
                                  struct slice name)
{
    struct buffer *message = reader->message;

    (void)dataset_refuse(reader, lines->path, lines->number, "the header has no column \"");
    buffer_append(message, name);
    if (reader->source->format == DATASET_SESSIONS) {
        buffer_append_text(message, "\"; --format sessions wants SessionId, ItemId and Time, "
                                    "separated by tabs (a CSV file is --format events)");
    } else {
        buffer_append_text(message, "\"; name the file's own with --columns SESSION,ITEM,TIME; "
                                    "the header is: ");
        buffer_append(message, (struct slice){lines->line.data,
                                              lines->line.len < 200 ? lines->line.len : 200});
    }
    return STATUS_INVALID;
}

/* A cell or word becomes the number of a name. */
static enum status name_read(struct dataset_reader *reader, const struct lines *lines,
                             struct names *names, struct slice text, uint32_t *number)
{
    enum status status = names_number(names, text, number);

    if (status == STATUS_OK) return status;
    if (status == STATUS_LIMIT) return dataset_full(reader);
    (void)dataset_refuse(reader, lines->path, lines->number, "a name ");
    buffer_append_text(reader->message, name_trouble(text));
    return status;
}

static enum status column_twice(struct dataset_reader *reader, const struct lines *lines,
                                struct slice name)
{
    (void)dataset_refuse(reader, lines->path, lines->number, "the header has the column \"");
    buffer_append(reader->message, name);
    buffer_append_text(reader->message, "\" twice; rename one");
    return STATUS_INVALID;
}

static enum status header_read(struct dataset_reader *reader, struct lines *lines,
                               struct columns *columns)
{
    static const char *const own[][COLUMN_COUNT] = {
        [DATASET_SESSIONS] = {"SessionId", "ItemId", "Time"},
        [DATASET_SEQUENCES] = {"", "", ""},
        [DATASET_EVENTS] = {"session_id", "item_id", "time"},
    };
    struct slice cells[CELLS_MAX];

    if (!line_next(lines))
        return dataset_refuse(reader, lines->path, 0, "the file is empty; it needs a header");
    if (utf8_invalid_at(lines->line) < lines->line.len) {
        return dataset_refuse(reader, lines->path, lines->number,
                              "the header is not UTF-8; save the file as UTF-8");
    }
    lines->quotes = reader->source->format == DATASET_EVENTS;
    lines->separator = lines->quotes ? separator_of(lines->line) : '\t';
    columns->count = cells_of(lines, cells);
    for (uint32_t c = 0; c < COLUMN_COUNT; c++) {
        struct slice name = reader->source->columns[c];

        if (name.len == 0) name = slice_of(own[reader->source->format][c]);
        enum column_place place =
            c == COLUMN_TIME ? time_column_find(cells, columns->count, name, &columns->time)
                             : column_find(cells, columns->count, name, &columns->at[c]);
        if (place == COLUMN_MISSING) return column_missing(reader, lines, name);
        if (place == COLUMN_TWICE) return column_twice(reader, lines, name);
    }
    return STATUS_OK;
}

/* One line of a table to one row. */
static enum status row_read(struct dataset_reader *reader, const struct lines *lines,
                            struct columns *columns, struct names *owners, struct dataset_row *row)
{
    static const char *const empty[] = {"the session is empty; remove the row or give it one",
                                        "the item is empty; remove the row or give it one"};
    struct slice cells[CELLS_MAX];
    uint32_t count = cells_of(lines, cells);

    if (count != columns->count) {
        (void)dataset_refuse(reader, lines->path, lines->number, "");
        cells_differ(reader->message, count, columns->count);
        return STATUS_INVALID;
    }
    for (uint32_t c = COLUMN_SESSION; c <= COLUMN_ITEM; c++) {
        if (cells[columns->at[c]].len == 0)
            return dataset_refuse(reader, lines->path, lines->number, empty[c]);
    }
    struct slice time;
    if (!time_column_read(&columns->time, cells, &row->time, &time)) {
        return refuse_cell(reader, lines, time,
                           "is no time; write seconds or milliseconds since 1970, or "
                           "2026-01-31T12:00:00Z");
    }
    bare_dates_note(&columns->bare_dates, time, lines->number);
    row->line = lines->number;
    enum status status =
        name_read(reader, lines, owners, cells[columns->at[COLUMN_SESSION]], &row->owner);
    if (status != STATUS_OK) return status;
    return name_read(reader, lines, &reader->items, cells[columns->at[COLUMN_ITEM]], &row->item);
}

static enum status table_read(struct dataset_reader *reader, struct lines *lines,
                              struct names *owners, struct dataset_rows *rows)
{
    struct columns columns = {0};
    enum status status = header_read(reader, lines, &columns);

    while (status == STATUS_OK && line_next(lines)) {
        if (lines->line.len == 0) continue;
        status = row_read(reader, lines, &columns, owners, &rows->rows[rows->count]);
        if (status == STATUS_OK) rows->count++;
    }
    if (status == STATUS_OK && rows->count > 0 && columns.bare_dates.count == rows->count) {
        return dataset_refuse(reader, lines->path, columns.bare_dates.line,
                              BARE_DATES_MEANT "2026-01-31");
    }
    return status;
}

/* One line of sequences to as many rows as it has items. */
static enum status sequence_read(struct dataset_reader *reader, const struct lines *lines,
                                 struct names *owners, struct dataset_rows *rows)
{
    struct slice rest = lines->line;
    struct slice user = word_next(&rest);
    uint32_t first = rows->count;
    uint32_t owners_before = owners->count;
    uint32_t owner;

    if (user.len == 0) return STATUS_OK; /* a blank line */
    enum status status = name_read(reader, lines, owners, user, &owner);
    if (status != STATUS_OK) return status;
    if (owner < owners_before) {
        return refuse_cell(reader, lines, user,
                           "has a line already; put all items of a user on one line");
    }
    for (struct slice item = word_next(&rest); item.len > 0; item = word_next(&rest)) {
        struct dataset_row *row = &rows->rows[rows->count++];

        *row = (struct dataset_row){.owner = owner, .line = lines->number};
        status = name_read(reader, lines, &reader->items, item, &row->item);
        if (status != STATUS_OK) return status;
    }
    if (rows->count == first) {
        return refuse_cell(reader, lines, user,
                           "has no items; a line is a user and its items, separated by blanks");
    }
    return STATUS_OK;
}

static enum status sequences_read(struct dataset_reader *reader, struct lines *lines,
                                  struct names *owners, struct dataset_rows *rows)
{
    enum status status = STATUS_OK;

    while (status == STATUS_OK && line_next(lines))
        status = sequence_read(reader, lines, owners, rows);
    return status;
}

/* "path:line: 3 rows ..." */
static void note(struct dataset_reader *reader, const char *path, uint32_t line, uint32_t count,
                 const char *what)
{
    if (count == 0) return;
    buffer_append_text(reader->notes, path);
    buffer_append_byte(reader->notes, ':');
    buffer_append_u64(reader->notes, line);
    buffer_append_text(reader->notes, ": ");
    buffer_append_u64(reader->notes, count);
    buffer_append_text(reader->notes, what);
}

int dataset_row_order(const void *left, const void *right)
{
    const struct dataset_row *a = left;
    const struct dataset_row *b = right;

    if (a->owner != b->owner) return a->owner < b->owner ? -1 : 1;
    if (a->time < b->time) return -1;
    if (a->time > b->time) return 1;
    return (a->line > b->line) - (a->line < b->line);
}

void dataset_rows_note_given(const struct dataset_reader *reader, struct dataset_rows *rows)
{
    rows->given = (struct learned){0};
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct dataset_row *row = &rows->rows[i];

        learned_add(&rows->given, reader->items.texts[row->item], row->time, false);
    }
}

/* Before they are sorted: how many rows are earlier than the row before them in their session. */
static enum status note_disorder(struct dataset_reader *reader, const struct dataset_rows *rows)
{
    double *last = arena_zalloc(reader->arena, rows->owner_count, sizeof(*last));
    uint32_t back = 0;
    uint32_t first = 0;

    if (last == NULL) return dataset_full(reader);
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct dataset_row *row = &rows->rows[i];

        if (row->time < last[row->owner]) {
            if (back == 0) first = row->line;
            back++;
        }
        last[row->owner] = row->time;
    }
    note(reader, rows->path, first, back,
         " rows where time goes backwards within a session, this is the first; they were put in "
         "order of time\n");
    return STATUS_OK;
}

static void drop_repeated(struct dataset_reader *reader, struct dataset_rows *rows)
{
    uint32_t kept = 0;
    uint32_t first = 0;

    for (uint32_t i = 0; i < rows->count; i++) {
        const struct dataset_row *row = &rows->rows[i];
        const struct dataset_row *last = kept > 0 ? &rows->rows[kept - 1] : NULL;

        if (last != NULL && last->owner == row->owner && last->item == row->item &&
            !(last->time < row->time)) {
            if (first == 0 || row->line < first) first = row->line;
            continue;
        }
        rows->rows[kept++] = *row;
    }
    note(reader, rows->path, first, rows->count - kept,
         " rows repeat session, item and time of another, this is the first; each was counted "
         "once\n");
    rows->count = kept;
}

/* No more rows than lines, or words. */
static size_t rows_max(struct slice text, bool sequences)
{
    size_t count = 1;

    for (size_t i = 0; i < text.len; i++) {
        count +=
            text.data[i] == '\n' || (sequences && (text.data[i] == ' ' || text.data[i] == '\t'));
    }
    return count;
}

enum status dataset_rows_read(struct dataset_reader *reader, const char *path,
                              struct dataset_rows *rows)
{
    struct lines lines = {.path = path};
    struct names owners;
    bool sequences = reader->source->format == DATASET_SEQUENCES;

    if (reader->source->format == DATASET_INTERACTIONS)
        return dataset_interactions_read(reader, path, rows);
    enum status status = text_read(path, reader->arena, reader->message, &lines.rest);

    if (status != STATUS_OK) return status;
    size_t count_max = rows_max(lines.rest, sequences);
    *rows = (struct dataset_rows){.path = path, .timed = !sequences};
    rows->rows = arena_alloc(reader->arena, count_max, sizeof(*rows->rows));
    if (count_max > UINT32_MAX || rows->rows == NULL ||
        names_init(&owners, reader->arena) != STATUS_OK)
        return dataset_full(reader);
    status = sequences ? sequences_read(reader, &lines, &owners, rows)
                       : table_read(reader, &lines, &owners, rows);
    if (status != STATUS_OK) return status;
    if (rows->count == 0) {
        return dataset_refuse(reader, path, lines.number > 0 ? lines.number : 0,
                              "the file ends without a single click");
    }
    rows->owner_count = owners.count;
    dataset_rows_note_given(reader, rows);
    if (sequences) return STATUS_OK;
    status = note_disorder(reader, rows);
    qsort(rows->rows, rows->count, sizeof(*rows->rows), dataset_row_order);
    drop_repeated(reader, rows);
    return status;
}

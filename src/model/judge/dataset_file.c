/* dataset_file.c - a file's text, and where its header names the columns. */
#include "model/judge/dataset_room.h"
#include "model/number_text.h"
#include "sys/file.h"

#define FILE_BYTES_MAX ((size_t)2 << 30)
#define DAY_MS         86400000.0

/* What spreadsheets put in front of UTF-8. */
static const struct slice byte_order_mark = {(const uint8_t *)"\xEF\xBB\xBF", 3};

struct slice text_start(struct slice text)
{
    if (!slice_starts_with(text, byte_order_mark)) return text;
    return (struct slice){text.data + byte_order_mark.len, text.len - byte_order_mark.len};
}

enum status text_read(const char *path, struct arena *arena, struct buffer *message,
                      struct slice *text)
{
    struct buffer bytes;

    buffer_init(&bytes, FILE_BYTES_MAX);
    enum status status = file_read(path, &bytes);
    if (status == STATUS_OK) {
        status = arena_copy(arena, text_start(buffer_slice(&bytes)), text);
        if (status != STATUS_OK) {
            buffer_append_text(message, path);
            buffer_append_text(
                message, ": does not fit the memory set aside for it; give fewer days of clicks");
        }
    } else {
        buffer_append_text(message, path);
        buffer_append_text(
            message, status == STATUS_NOT_FOUND ? ": there is no such file; check the path"
                     : status == STATUS_LIMIT ? ": is larger than 2 GiB; give fewer days of clicks"
                                              : ": cannot be read: ");
        if (status == STATUS_IO) buffer_append_text(message, file_trouble(path, status));
        if (status != STATUS_NOT_FOUND) status = STATUS_INVALID;
    }
    buffer_deinit(&bytes);
    return status;
}

enum column_place column_find(const struct slice *cells, uint32_t count, struct slice name,
                              uint32_t *at)
{
    enum column_place place = COLUMN_MISSING;

    for (uint32_t i = 0; i < count && i < CELLS_MAX; i++) {
        if (!slice_equal(cells[i], name)) continue;
        if (place == COLUMN_FOUND) return COLUMN_TWICE;
        place = COLUMN_FOUND;
        *at = i;
    }
    return place;
}

void cells_differ(struct buffer *message, uint32_t count, uint32_t wanted)
{
    buffer_append_text(message, "has ");
    buffer_append_u64(message, count);
    buffer_append_text(message, count == 1 ? " cell" : " cells");
    buffer_append_text(message, ", the header has ");
    buffer_append_u64(message, wanted);
    buffer_append_text(message, "; mend or remove the line");
}

enum column_place time_column_find(const struct slice *cells, uint32_t count, struct slice name,
                                   struct time_column *column)
{
    enum column_place place = column_find(cells, count, name, &column->at);
    const uint8_t *plus = name.len > 0 ? memchr(name.data, '+', name.len) : NULL;

    column->since = CELLS_MAX;
    if (place != COLUMN_MISSING || plus == NULL) return place;
    size_t len = (size_t)(plus - name.data);
    place = column_find(cells, count, (struct slice){name.data, len}, &column->at);
    if (place != COLUMN_FOUND) return place;
    return column_find(cells, count, (struct slice){plus + 1, name.len - len - 1}, &column->since);
}

bool time_column_read(const struct time_column *column, const struct slice *cells, double *seconds,
                      struct slice *cell)
{
    double since = 0.0;

    *cell = cells[column->at];
    if (!dataset_time(*cell, seconds)) return false;
    if (column->since == CELLS_MAX) return true;
    *cell = cells[column->since];
    if (!number_text(*cell, &since) || !(since >= 0.0 && since < DAY_MS)) return false;
    *seconds += since / 1000.0;
    return true;
}

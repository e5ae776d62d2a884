/* dataset_interactions.c - the file a training reads, read as it reads it, so that both hold back the same. */
#include <stdlib.h>

#include "model/judge/dataset_room.h"
#include "model/train/rows.h"

#define MILLISECONDS_FROM 1e11 /* as seconds this is the year 5138 */

static enum status rows_take(struct dataset_reader *reader, const struct train_rows *from,
                             struct dataset_rows *rows)
{
    for (uint32_t i = 0; i < from->count; i++) {
        const struct train_row *row = &from->at[i];
        bool wide = row->time >= MILLISECONDS_FROM;
        struct dataset_row *to = &rows->rows[i];

        *to = (struct dataset_row){wide ? row->time / 1000.0 : row->time, row->user, 0, row->line};
        if (names_number(&reader->items, from->items.texts[row->item], &to->item) != STATUS_OK)
            return dataset_full(reader);
    }
    return STATUS_OK;
}

enum status dataset_interactions_read(struct dataset_reader *reader, const char *path,
                                      struct dataset_rows *rows)
{
    struct train_rows from;
    enum status status = train_rows_init(&from, path, reader->arena);

    if (status == STATUS_OK)
        status = train_rows_read(path, COURSE_INTERACTIONS, NULL, &from, reader->message);
    if (status == STATUS_LIMIT && reader->message->len == 0) return dataset_full(reader);
    if (status != STATUS_OK) return status;
    if (from.count == 0)
        return dataset_refuse(reader, path, 0, "the file ends without a single click");
    *rows = (struct dataset_rows){
        .path = path,
        .rows = arena_alloc(reader->arena, from.count, sizeof(*rows->rows)),
        .count = from.count,
        .owner_count = from.users.count,
        .timed = true,
    };
    if (rows->rows == NULL) return dataset_full(reader);
    status = rows_take(reader, &from, rows);
    if (status != STATUS_OK) return status;
    dataset_rows_note_given(reader, rows);
    qsort(rows->rows, rows->count, sizeof(*rows->rows), dataset_row_order);
    return STATUS_OK;
}

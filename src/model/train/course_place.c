/* course_place.c - see course_place.h. */
#include "model/train/course_place.h"

#include "sys/file.h"

static void note_there(const struct course_request *request, struct buffer *notes)
{
    buffer_append_text(notes, request->output);
    buffer_append_text(notes, ": what stands there is trained anew, and stays until that is done; "
                              "--resume would go on from its checkpoint\n");
}

enum status course_begin(const struct course_request *request, enum model_kind kind,
                         struct buffer *notes, struct buffer *message)
{
    bool there = false;
    enum status status = model_place_check(request->output, kind, &there, message);

    if (status != STATUS_OK) return status;
    if (there && !request->resume) note_there(request, notes);
    status = file_make_directory(request->output, FILE_DIRECTORY);
    if (status == STATUS_OK) return status;
    buffer_append_text(message, request->output);
    buffer_append_text(message, ": ");
    buffer_append_text(message, file_make_trouble(status));
    return status;
}

enum status course_end(enum status status, struct buffer *notes, struct buffer *message)
{
    if (status != STATUS_OK) return status;
    buffer_append(notes, buffer_slice(message));
    buffer_clear(message);
    return status;
}

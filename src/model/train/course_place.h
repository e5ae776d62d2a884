/* course_place.h - where a training puts what it makes, the same for all of them.
 *
 * While it learns, OUTPUT has its checkpoint, beside the model that may stand there and stays until the new
 * one takes its place, the checkpoint with it.
 */
#pragma once
#include "model/model_place.h"
#include "model/train/course.h"

/* Before it learns, and once more than model_place_check() before data are read: whether a model of the kind may be made there; makes OUTPUT, for the checkpoint.
 * fails    as model_place_check() */
enum status course_begin(const struct course_request *request, enum model_kind kind,
                         struct buffer *notes, struct buffer *message) MUST_USE;

/* A finished model's words (model_place_take) go to the notes; returns the status. */
enum status course_end(enum status status, struct buffer *notes, struct buffer *message) MUST_USE;

/* log_clicks.h - what visitors did, out of our own log, as sessions an index is made of.
 *
 * A visitor's session ends where LOG_SESSION_PAUSE_S pass without an event of theirs: what they look for
 * next month does not go with what they look for today.
 */
#pragma once
#include "model/train/rows.h"

enum { LOG_SESSION_PAUSE_S = 1800 };

/* in       rows: of train_log_read(); their arena outlives the data set
 *          source: protocol and whole; where the last click of each is left out, it is a visitor's
 * lives    in the rows' arena
 * fails    INVALID, LIMIT, said in the message */
enum status log_clicks_dataset(const struct train_rows *rows, const struct dataset_source *source,
                               struct buffer *notes, struct buffer *message,
                               struct dataset *dataset) MUST_USE;

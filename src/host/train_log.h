/* train_log.h - what visitors did, out of our own topics, as rows to learn from.
 *
 * A record of a topic is either a tracker's payload, as collect stores it (views, carts and orders count, in the
 * order of the log: host/shop_event.h), or an object of its own (POST /topics/<name>).
 * Of an object: its members `columns` (user, item, time, category). What is neither is passed over and counted.
 */
#pragma once
#include "model/train/rows.h"

struct train_log {
    uint64_t records, views, carts, orders, objects, passed_over;
};

/* in       directory: a server's, none running on it; columns: NULL or names of the members
 * lives    in the rows' arena
 * fails    NOT_FOUND: no such log or topic, or a server runs on it; CORRUPT, IO, LIMIT; message says what
 *          and what to do */
enum status train_log_read(const char *directory, const char *topic, const char *columns,
                           struct train_rows *rows, struct train_log *counts,
                           struct buffer *message) MUST_USE;

/* One line of the counts on standard error. */
void train_log_tell(const char *topic, const struct train_log *counts);

/* One record's value. fails  LIMIT */
enum status train_log_record(struct slice value, int64_t time_ms, const char *columns,
                             struct train_rows *rows, struct train_log *counts) MUST_USE;

/* train_log.h - what visitors did, out of our own topics, as rows to learn from.
 *
 * A record of a topic is either a tracker's payload, as collect stores it ({"message": {"data": [...]}}), or an
 * object of its own (POST /topics/<name>). Of a payload count, in the order of the log:
 *
 *   view    e = pv, an address with /products/<handle>          user duid, time dtm (milliseconds)
 *   cart    e = ue, add_to_cart (ue_pr or ue_px)                item sku, category
 *   order   e = ti, an item of a transaction                    item ti_sk, category ti_ca
 *
 * Of an object: its members `columns` (user, item, time, category). What is neither is passed over and counted.
 */
#pragma once
#include "model/train/rows.h"

struct train_log {
    uint64_t records, views, carts, orders, objects, passed_over;
};

/* in       directory: a server's, none running on it; columns: NULL or names of the members
 * lives    in the rows' arena
 * fails    as the topic tools, said on standard error; code says how */
enum status train_log_read(const char *directory, const char *topic, const char *columns,
                           struct train_rows *rows, struct train_log *counts) MUST_USE;

/* One record's value. fails  LIMIT */
enum status train_log_record(struct slice value, int64_t time_ms, const char *columns,
                             struct train_rows *rows, struct train_log *counts) MUST_USE;

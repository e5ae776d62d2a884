/* data.h - interactions become what a model can learn from.
 *
 * As the original prepares it: a user's last event is for testing, the one before for validation, and
 * every other event with at least one before it is an instance whose history are all events before
 * it. Ids are given by how often a name occurs in the training instances, histories included, the most
 * frequent first; id 0 is whatever does not occur there.
 *
 * source   recommenders amazon_reviews.py, the showcase's notebook
 */
#pragma once
#include "model/learned.h"
#include "model/slirec_time.h"
#include "model/train/rows.h"

struct train_data_options {
    bool by_time; /* sort each user's events by time; else they stay in the order of the rows */
    bool
        own_cates; /* an item's category is that of its last row, wherever it stands, as in serving; else
                       each row's own */
    enum slirec_clock clock;
};

/* The event to be guessed; its history lies before it. */
struct train_instance {
    uint32_t event;
    uint32_t first; /* event of the same user */
};

struct train_instances {
    const struct train_instance *at;
    uint32_t count;
};

/* Names by id; the first one is empty. */
struct train_names {
    const struct slice *at;
    uint32_t count;
};

struct train_data {
    uint32_t event_count, user_count;
    const uint32_t *items, *cates; /* [event_count], users one behind the other */
    const double *times;
    const float *from_first;   /* slirec_time.h; the same for all prefixes */
    const uint32_t *own_cates; /* [item_names.count] of an item as a candidate */
    struct train_instances train, valid, test;
    struct train_names item_names, cate_names;

    struct learned learned; /* all but a user's last two events, where there are three or more */

    /* every item of the file in the order of its first line, and its category on its last line */
    const struct slice *catalogue, *catalogue_cates;
    uint32_t catalogue_count;

    /* what is allowed and yet worth a word; lines count from 1, 0: none */
    uint32_t backwards, backwards_line; /* events before the one above them, of the same user */
    uint32_t repeats, repeats_line;     /* lines equal to the one above them */
    uint32_t short_users;               /* with one event or two: nothing to learn from */
};

/* lives    in the rows' arena
 * fails    LIMIT, INVALID; message: what is wrong, what to do */
enum status train_data_make(const struct train_rows *rows, const struct train_data_options *options,
                            struct train_data *data, struct buffer *message) MUST_USE;

/* train_data.h - a file of interactions becomes what a model can learn from.
 *
 *   1 \t user \t item \t time in seconds \t category          one interaction a line, no header
 *
 * As the original prepares it: a user's last event is for testing, the one before for validation, and
 * every other event with at least one before it is an instance whose history are all events before
 * it. Ids are given by how often a name occurs in the training instances, histories included, the most
 * frequent first; id 0 is whatever does not occur there. Events stay in the order of the file, even if
 * time goes backwards there, unless they are to be sorted.
 *
 * source   recommenders amazon_reviews.py, the showcase's notebook
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

enum { TRAIN_DATA_ROWS_MAX = 50 << 20 };

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
    const float *from_first; /* slirec_time.h; the same for all prefixes */
    struct train_instances train, valid, test;
    struct train_names item_names, cate_names;

    /* every item of the file in the order of its first line, and its category on its last line */
    const struct slice *catalogue, *catalogue_cates;
    uint32_t catalogue_count;

    /* what is allowed and yet worth a word; lines count from 1, 0: none */
    uint32_t backwards, backwards_line; /* events before the one above them, of the same user */
    uint32_t repeats, repeats_line;     /* lines equal to the one above them */
    uint32_t short_users;               /* with one event or two: nothing to learn from */
};

/* in       path: the file, for reading and for messages; by_time: sort each user's events by time
 * lives    in the arena
 * fails    NOT_FOUND, IO, LIMIT, INVALID; message: file, line, what is wrong, what to do */
enum status train_data_read(const char *path, bool by_time, struct arena *arena,
                            struct train_data *data, struct buffer *message) MUST_USE;

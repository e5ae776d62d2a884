/* dataset.h - clicks out of files, ready to train on and to ask questions of.
 *
 *   sessions   tab-separated, header with SessionId, ItemId, Time in any order
 *   sequences  one line: a user and its items in order, separated by blanks; no header, no time
 *   events     CSV (comma, semicolon or tab: whichever the header has), header with three named columns
 *   interactions   1, user, item, seconds, category, tabs between, no header: train/rows.h
 *
 * Ids are texts (name_text.h). Time is a number of seconds (milliseconds from 1e11 on) or YYYY-MM-DD[THH:MM[:SS]][Z].
 * Rows are put in order of time within their session, sessions in order of their last click. Items are
 * numbered by clicks in training, most first, so that a number alone says what is popular.
 *
 * What can be mended is mended and said in the notes (rows out of order, rows given twice); the rest is
 * refused with file, line and what to do.
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "model/learned.h"

enum dataset_format { DATASET_SESSIONS, DATASET_SEQUENCES, DATASET_EVENTS, DATASET_INTERACTIONS };
enum dataset_protocol {
    DATASET_NEXT_CLICK,   /* every click but the first is asked for, from those before it */
    DATASET_LEAVE_ONE_OUT /* the last click is asked for */
};

struct dataset_source {
    const char *train; /* files; valid and test may be NULL */
    const char *valid;
    const char *test;
    enum dataset_format format;
    enum dataset_protocol protocol;
    struct slice columns[3]; /* session, item, time: the header's names; len 0: the format's own */
    bool alone;              /* there is no other file that could be given */
    bool whole;              /* nothing is asked: train is to be learned from as it is */
};

/* Sequences of items, one after the other. */
struct dataset_part {
    uint32_t count;
    const uint32_t *starts; /* [count + 1] into items */
    const uint32_t *items;
    const double *times; /* of each, Unix seconds; 0 where there is no time */
    const double
        *ends; /* [count] Unix seconds of the last click, ascending; 0 where there is no time */
    bool last_only; /* only the last item of each is asked for */
};

struct dataset {
    const struct slice *names; /* [item_count] */
    const uint32_t *clicks;    /* [item_count] in training */
    uint32_t item_count;
    uint32_t catalogue_count; /* the first so many are in training: they can be recommended */
    uint64_t click_count;     /* in training */
    struct dataset_part train;
    struct dataset_part valid; /* count 0: there is none */
    struct dataset_part test;
    struct learned learned; /* of the training clicks, and all of --train's file */
    uint64_t valid_data;    /* fingerprints of the files they are from; 0: split off --train */
    uint64_t test_data;
};

/* What a part asks: how many, how many whose item is no answer (clicked last; with last_only clicked before),
 * and whether any comes after a click on an item that is in training. */
uint32_t dataset_part_questions(const struct dataset_part *part);
uint32_t dataset_part_barred(const struct dataset_part *part);
bool dataset_part_is_known(const struct dataset *dataset, const struct dataset_part *part);

/* Every so many-th sequence of a part; a step of 0 or 1 is the part itself.
 * lives    in the arena, beside the part
 * fails    LIMIT */
enum status dataset_part_every(const struct dataset_part *part, uint32_t step, struct arena *arena,
                               struct dataset_part *out) MUST_USE;

/* Leaves the training clicks alone, and the items that have any. */
void dataset_forget_asked(struct dataset *dataset);

/* Without valid and test they are split off: the last but one and the last item of each sequence
 * (leave-one-out), or the last two tenths of the sessions by time (next-click).
 * lives    in the arena
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message says which file, line and what to do */
enum status dataset_read(const struct dataset_source *source, struct arena *arena,
                         struct buffer *notes, struct buffer *message,
                         struct dataset *dataset) MUST_USE;

/* formatter_reader.h - a text being read by a formatter; shared by formatter_parse.c and formatter_read.c.
 *
 * Every reader_*() moves `at` behind what it has read.
 * fails    NOT_FOUND: the text does not go on as the step wants, `at` is where; INVALID: a fault is set
 */
#pragma once
#include "value/formatter_room.h"

struct reader {
    const struct formatter *formatter;
    struct slice text;
    size_t at;  /* byte of the text: read so far, or where it failed */
    size_t end; /* text behind it is not seen: the width of a padded step */
    bool strict;
    bool same_case;
    const struct zones *zones;
    struct parsed parsed;
    struct fault *fault;
};

enum status reader_miss(struct reader *reader, size_t at) MUST_USE;

/* Keeps a field; the same one read twice must say the same, else it fails at `start`. */
enum status reader_keep(struct reader *reader, enum formatter_field field, int64_t number,
                        size_t start, size_t end) MUST_USE;

enum status reader_literal(struct reader *reader, struct slice word) MUST_USE;
enum status reader_number(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_fraction(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_name(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_period(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_offset(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_offset_name(struct reader *reader, const struct formatter_step *step) MUST_USE;
enum status reader_zone(struct reader *reader, const struct formatter_step *step) MUST_USE;

/* format.h - shared by format*.c: one directive of T(String).format, and what it is written to. */
#pragma once
#include "expr/methods/methods.h"

/* In the order of FORMAT_FLAGS. */
enum format_flag {
    FLAG_LEFT = 1,
    FLAG_ALTERNATE = 2,
    FLAG_PLUS = 4,
    FLAG_SPACE = 8,
    FLAG_ZERO = 16,
    FLAG_GROUP = 32,
    FLAG_PARENTHESES = 64,
    FLAG_PREVIOUS = 128
};
#define FORMAT_FLAGS "-#+ 0,(<"

struct directive {
    uint8_t flags;
    uint8_t conversion; /* a small letter, % */
    bool upper;
    bool has_index;
    size_t start;      /* of its % in the pattern */
    uint32_t index;    /* argument from 1 */
    int32_t width;     /* -1: none */
    int32_t precision; /* -1: none */
};

struct format {
    struct call *call;
    struct slice text;
    size_t at;
    uint32_t next; /* arguments taken in order */
    uint32_t last; /* the argument taken last; 0: none */
    struct buffer out;
};

enum { FORMAT_WIDTH_MAX = 1000, FORMAT_PRECISION_MAX = 100 };

/* The directive that begins behind the % at `at`; a number over its limit is one more than that. */
enum status format_read_directive(struct format *format, struct directive *directive) MUST_USE;
/* The message's % is the directive as Java spells it: "%1$-5.2f". */
enum status format_fail_directive(struct format *format, const struct directive *directive,
                                  const char *message) MUST_USE;
/* "Conversion = d, Flags = #" */
enum status format_fail_mismatch(struct format *format, uint8_t conversion, uint8_t flag) MUST_USE;

/* Fills what was written from `start` up to the width: blanks on the left or right of it, or zeros at `body`. */
void format_pad(struct format *format, const struct directive *directive, size_t start, size_t body,
                bool zeros);

/* %d %o %x of a whole number; %e %f %g of a Float, Double or BigDecimal. */
enum status format_whole(struct format *format, const struct directive *directive,
                         struct value value) MUST_USE;
enum status format_fraction(struct format *format, const struct directive *directive,
                            struct value value) MUST_USE;

/* base.h - the vocabulary every other folder shares: slices, status codes, assertions.
 *
 * No I/O, no clock, no locale, no hidden allocation. Rank 0: includes nothing of ours.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))

/* STATUS(name, reaction, meaning): the one list of ways a call may fail. The reaction is what the
 * *host* does when nobody nearer can: RETRY it, REJECT this record, or STOP the shard. */
#define STATUS_TABLE                                                                 \
    STATUS(OK, NONE, "done")                                                         \
    STATUS(AGAIN, RETRY, "not now; the same call may succeed later")                 \
    STATUS(NOT_FOUND, REJECT, "there is nothing under that name")                    \
    STATUS(INVALID, REJECT, "the input breaks its own format")                       \
    STATUS(TYPE, REJECT, "the value has another type than the plan promised")        \
    STATUS(LIMIT, REJECT, "the input is well formed but exceeds a declared maximum") \
    STATUS(FULL, RETRY, "the disk or map is full; space must be made first")         \
    STATUS(CORRUPT, STOP, "stored bytes do not match their checksum")                \
    STATUS(IO, STOP, "the operating system refused")

enum status {
#define STATUS(name, reaction, meaning) STATUS_##name,
    STATUS_TABLE
#undef STATUS
        STATUS_COUNT
};

enum reaction { REACTION_NONE, REACTION_RETRY, REACTION_REJECT, REACTION_STOP };

/* Upper-case name of a status ("LIMIT"), its meaning as in the table, and what a host does. */
const char *status_name(enum status status);
const char *status_meaning(enum status status);
enum reaction status_reaction(enum status status);

/* Bytes somebody else owns. Not NUL-terminated; data may be NULL only if len is 0. */
struct slice {
    const uint8_t *data;
    size_t len;
};

/* SLICE("text"): the bytes of a string literal without its NUL. */
#define SLICE(literal)  ((struct slice){(const uint8_t *)(literal), sizeof(literal) - 1})

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Supplied by whoever links the foundation: a process aborts, a JVM host poisons the instance. */
_Noreturn void assert_failed(const char *file, int line, const char *text);

/* A broken ASSERT is our bug, never the user's; it stays on in release builds. */
#define ASSERT(cond)     ((cond) ? (void)0 : assert_failed(__FILE__, __LINE__, #cond))
#define UNREACHABLE(why) assert_failed(__FILE__, __LINE__, "unreachable: " why)

static inline bool slice_equal(struct slice left, struct slice right)
{
    return left.len == right.len && (left.len == 0 || memcmp(left.data, right.data, left.len) == 0);
}

/* The slice of a NUL-terminated text, without the NUL; lives as long as the text. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){(const uint8_t *)text, strlen(text)};
}

/* Byte order: unsigned bytes, the shorter first among equal prefixes. Returns <0, 0, >0. */
int slice_compare(struct slice left, struct slice right);
bool slice_starts_with(struct slice text, struct slice prefix);
bool slice_ends_with(struct slice text, struct slice suffix);

/* ASCII letters compare without case; other bytes must be equal. */
bool slice_equal_ignoring_case(struct slice left, struct slice right);

/* Decimal digits with an optional minus, nothing else.
 * fails    INVALID if it is no number, LIMIT if it does not fit 64 bits */
enum status slice_to_i64(struct slice text, int64_t *value) MUST_USE;

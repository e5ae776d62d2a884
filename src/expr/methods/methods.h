/* methods.h - for the functions behind method rows: arguments checked by kind, results, failures.
 *
 * The typer has checked the types it knows; values of type Unknown arrive unchecked, so every
 * accessor checks again and fails with the message to show.
 */
#pragma once
#include "expr/machine.h"

#define METHOD(receiver, place, name, parameters, variable, result, function, meaning) \
    enum status method_##function(struct call *call) MUST_USE;
#include "expr/methods/collection.def"
#include "expr/methods/conversions.def"
#include "expr/methods/helpers.def"
#include "expr/methods/number.def"
#include "expr/methods/text.def"
#include "expr/methods/time.def"
#undef METHOD

/* Arguments by position: 0 is the receiver. fails  INVALID or TYPE, the message is set */
enum status call_string(struct call *call, uint32_t index, struct value *string) MUST_USE;
enum status call_integer(struct call *call, uint32_t index, int64_t *integer) MUST_USE;
enum status call_double(struct call *call, uint32_t index, double *result) MUST_USE;
enum status call_number(struct call *call, uint32_t index, struct value *number) MUST_USE;
enum status call_collection(struct call *call, uint32_t index, struct value *list) MUST_USE;
enum status call_map(struct call *call, uint32_t index, struct value *map) MUST_USE;

/* Sets the message of the failure; `%` stands for the detail. */
enum status call_fail(struct call *call, const char *message, struct slice detail);

/* What a status of the value layer means to the user: LIMIT, or the message. */
enum status call_status(struct call *call, enum status status, const char *message);

static inline struct arena *call_arena(struct call *call)
{
    return call->machine->frame->arena;
}

static inline enum status call_return(struct call *call, struct value value)
{
    value_put_whole(call->result, value);
    return STATUS_OK;
}

/* The row takes no such arguments (method.c). */
enum status call_fail_argument(struct call *call);

/* All items of a list, set or map (values) as an array in the frame's arena. */
enum status call_items(struct call *call, struct value list, const struct value **items,
                       uint32_t *count) MUST_USE;

/* The same of the first argument, which must be a collection; and a list as the result. */
enum status call_first_items(struct call *call, const struct value **items,
                             uint32_t *count) MUST_USE;
enum status call_give_list(struct call *call, const struct value *items, uint32_t count);

enum { RADIX_MIN = 2, RADIX_MAX = 36 }; /* of Java's digits */

/* Index of an equal item from `start` upwards, or count. */
uint32_t find_equal(const struct value *items, uint32_t start, uint32_t count, struct value item);

/* All items as one text. */
enum status text_join(struct call *call, struct value list, struct value separator) MUST_USE;

/* number_kind_of_class() of the row's class, BIG_DECIMAL where it is none; "For input string: ...". */
enum value_kind call_receiver_kind(const struct call *call);
enum status call_fail_format(struct call *call, struct value text);

/* For methods of BigDecimal and BigInteger: argument `index` as the receiver's kind, an operation
 * with the first argument, the larger (sign 1) or smaller (-1) of the two, and a result with the
 * status of what made it. */
enum status call_same_kind(struct call *call, uint32_t index, struct value *other) MUST_USE;
enum status call_operate(struct call *call, enum operator op) MUST_USE;
enum status call_extreme(struct call *call, int sign) MUST_USE;
enum status call_give(struct call *call, enum status status, struct value result) MUST_USE;

/* Items as a Java array (copied). */
enum status call_give_array(struct call *call, enum class_id of, const struct value *items,
                            uint32_t count) MUST_USE;

/* A parameter of a class that no expression can make a value of takes null only: fails with Java's
 * message for it, and for anything else as if the method were not there. */
enum status call_fail_null(struct call *call, uint32_t index, const char *message) MUST_USE;

/* A null argument, where the method needs a "text", "list" and so on. */
enum status call_fail_null_argument(struct call *call, uint32_t index, const char *what);

/* The next number of the record's own sequence: the same on every replay. */
uint64_t call_random(struct call *call);

/* helpers_formatter.h - formatters as arguments: shared by helpers_formatter.c and
 * helpers_date_format.c. */
#pragma once
#include "expr/methods/methods.h"
#include "value/formatter.h"

/* Fails with the fault's words; with those of the memory limit if the status is LIMIT. */
enum status formatter_fail(struct call *call, enum status status,
                           const struct fault *fault) MUST_USE;

/* An argument that is a DateTimeFormatter. fails  TYPE, INVALID */
enum status formatter_argument(struct call *call, uint32_t index,
                               const struct formatter **formatter) MUST_USE;

/* The formatter of a pattern in an argument. fails  TYPE, INVALID, LIMIT */
enum status formatter_of_pattern(struct call *call, uint32_t index, bool lenient,
                                 const struct locale *locale,
                                 const struct formatter **formatter) MUST_USE;

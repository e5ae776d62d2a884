/* text.h - text as Java sees it: UTF-16 units, regular expressions, conversions. */
#pragma once
#include "expr/machine.h"

/* UTF-16 units of a STRING. */
size_t text_units(struct value string);

/* Units [start, end) of a STRING; start <= end <= text_units. A cut through a pair leaves a lone
 * surrogate, in the arena; else the text is shared. Out of memory gives "". */
struct value text_slice(struct value string, size_t start, size_t end, struct arena *arena);

/* Byte offset of a unit index, and back. */
size_t text_offset(struct value string, size_t unit);
size_t text_unit_at(struct value string, size_t offset);

/* Does the whole text match? fails  INVALID: the pattern; LIMIT: too many steps */
enum status regex_matches(struct machine *machine, struct slice text, struct slice pattern,
                          bool *matched) MUST_USE;

/* Text to a value of a class that literals may stand for.
 * fails    NOT_FOUND: no such conversion or it does not fit, nothing said yet */
enum status text_to_class(struct machine *machine, struct slice text, enum class_id class_id,
                          struct value *value) MUST_USE;

/* A text as a String, Boolean or number, as Java's valueOf reads it, or a class of text_to_class.
 * fails    INVALID, LIMIT */
enum status text_scalar(struct slice text, enum class_id class_id, struct arena *arena,
                        struct value *value) MUST_USE;

/* A text as the narrowest of Integer, Long, Double, BigDecimal. fails  INVALID */
enum status text_number(struct slice text, struct arena *arena, struct value *number) MUST_USE;

/* Java's Character.isWhitespace: no-break spaces are not white. */
bool text_is_white(uint32_t code);

struct slice text_trimmed(struct slice text); /* without bytes up to the space at both ends */

/* An ISO 8601 duration, as Java's Duration.parse reads it. fails  INVALID */
enum status text_duration(struct slice text, struct value *duration) MUST_USE;

/* A text that is an Integer or Long as Java reads it, spaces around it aside. False: it is not. */
bool text_whole(struct slice text, enum class_id class_id, struct value *number);

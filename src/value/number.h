/* number.h - text <-> numbers, exactly: no libc, no locale.
 *
 * Text to binary rounds correctly (ties to even). Binary to text gives the digits of Java 17.
 */
#pragma once
#include "value/value.h"

/* A JSON number under the rule of schemaless input: Integer if its value fits, else Long, else
 * BigDecimal with the scale as spelled; 1.0 and 1e0 are Integer 1. text has JSON's syntax.
 * fails    LIMIT: exponent or digits beyond BigDecimal's limits, or the arena is full */
enum status number_from_json(struct slice text, struct arena *arena, struct value *number) MUST_USE;

/* What Java's Double.parseDouble reads: spaces around, sign, digits, point, exponent, a trailing
 * d or f, NaN, Infinity. Not read: hexadecimal floats. fails  INVALID */
enum status number_parse_double(struct slice text, double *number) MUST_USE;
enum status number_parse_float(struct slice text, float *number) MUST_USE;

/* Nearest double (ties to even) of digits * 10^exponent; digits '0'..'9', at least one. */
double number_from_digits(struct slice digits, int64_t exponent);

/* Digits of a positive finite number as Java 17 finds them: value ~ 0.d1d2d3... * 10^exponent.
 * Returns how many; no trailing zeros but where Java leaves one. */
enum { NUMBER_DIGITS_MAX = 20 };
size_t number_digits(double number, uint8_t digits[NUMBER_DIGITS_MAX], int *exponent);
size_t number_digits_float(float number, uint8_t digits[NUMBER_DIGITS_MAX], int *exponent);

/* Appends Double.toString / Float.toString: "1.0E10", "NaN", "-0.0". */
void number_double_to_text(double number, struct buffer *out);
void number_float_to_text(float number, struct buffer *out);

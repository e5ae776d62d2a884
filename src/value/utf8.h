/* utf8.h - the bytes of text: UTF-8 that may carry lone surrogates as three bytes (WTF-8).
 *
 * A pair of surrogates is always one four-byte character; only a surrogate without its partner is
 * kept as three bytes. Raw input from outside must be strict UTF-8: utf8_invalid_at() finds the
 * first byte that is not. source  Unicode 15 table 3-7; Simon Sapin, The WTF-8 encoding
 */
#pragma once
#include "base/base.h"

enum { UTF8_BYTES_MAX = 4 };

/* Offset of the first byte that is not part of well-formed UTF-8; text.len if all of it is. */
size_t utf8_invalid_at(struct slice text);

bool utf8_is_ascii(struct slice text);

/* Writes a code point (surrogates as three bytes); returns the bytes written. code <= 0x10FFFF */
size_t utf8_put(uint8_t target[UTF8_BYTES_MAX], uint32_t code);

/* The code point at *at, which moves behind it; text must be well-formed WTF-8, *at < end. */
uint32_t utf8_next(const uint8_t **at, const uint8_t *end);

/* UTF-16 units of the text: what Java calls its length. */
size_t utf8_units(struct slice text);

/* number_text.h - seconds out of a text. */
#pragma once
#include "base/base.h"

/* Decimal number with optional sign, fraction and exponent, nothing around it but spaces; exact for
 * 15 digits and exponents to 22, cut to +-1e15. False: no number. */
bool number_text(struct slice text, double *number);

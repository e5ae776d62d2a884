/* json_scan.h - finds the end of a JSON string. */
#pragma once
#include "base/base.h"

/* From `at` (inside a string) to its closing quote, checking escapes on the way. Returns the quote;
 * the first control character or broken escape; or `end`. Sets *escaped at the first escape. */
const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end, bool *escaped);

/* bench_simdjson.h - the yardstick behind a C face. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

bool bench_simdjson_linked(void);

/* Parses (the text has 64 bytes of room behind it) and returns 1; 0 if it is refused. */
size_t bench_simdjson(const uint8_t *text, size_t len);

#ifdef __cplusplus
}
#endif

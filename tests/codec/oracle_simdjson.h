/* oracle_simdjson.h - simdjson behind a C face: the obvious reader beside ours. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum oracle_verdict {
    ORACLE_ACCEPTS,
    ORACLE_REFUSES,
    ORACLE_REFUSES_NUMBER, /* beyond 64 bits or double: it has no bigger numbers */
    ORACLE_REFUSES_STRING, /* also lone surrogates */
    ORACLE_REFUSES_DEPTH
};

/* Reads the text and renders it: containers compact, in order, repeated keys kept; strings by their
 * decoded bytes as len:bytes; numbers as the bits of the nearest double in hex. The rendering is cut
 * at `size`; *len is its whole length. */
enum oracle_verdict oracle_read(const uint8_t *text, size_t text_len, char *rendering, size_t size,
                                size_t *len);

#ifdef __cplusplus
}
#endif

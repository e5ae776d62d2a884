/* store_room.h - an opened encoder, and what its headrace.json has; for the store*.c files and answer.c. */
#pragma once
#include "model/encode/store.h"

/* Numbers of the shape, as headrace.json has them. */
struct encode_shape_row {
    const char *name;
    size_t at;
};
enum { ENCODE_SHAPE_ROWS = 6 };
extern const struct encode_shape_row encode_shape_rows[ENCODE_SHAPE_ROWS];

struct encoder_model {
    struct arena arena;
    struct encoder encoder;
    struct encode_scan scan;
    const char *version;
    struct slice *names;
    uint32_t *slots; /* open addressing: item + 1, 0: empty */
    uint32_t slot_mask;
};

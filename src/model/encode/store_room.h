/* store_room.h - an opened encoder; for store.c and answer.c. */
#pragma once
#include "model/encode/store.h"

struct encoder_model {
    struct arena arena;
    struct encoder encoder;
    struct encode_scan scan;
    const char *version;
    struct slice *names;
    uint32_t *slots; /* open addressing: item + 1, 0: empty */
    uint32_t slot_mask;
};

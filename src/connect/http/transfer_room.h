/* transfer_room.h - between transfer.c and transfer_answer.c: one exchange. */
#pragma once
#include "connect/http/transfer.h"

struct transfer {
    CURL *handle;
    struct transfer_counters *counters;
    const struct transfer_target *target;
    struct curl_slist *headers;
    struct arena arena; /* `call`: this try */
    struct buffer head; /* raw header lines of the last response */
    struct buffer body;
    struct buffer line;  /* one request header, wiped after use */
    struct slice origin; /* of the URL now called */
    const char *method;
    bool has_body;
    bool refused; /* the address policy said no */
    bool too_large;
    uint32_t redirects_left;
};

/* What became of the exchange; secrets are masked in it. */
void transfer_answer(struct transfer *transfer, CURLcode code, struct answer *answer);

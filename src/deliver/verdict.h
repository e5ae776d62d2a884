/* verdict.h - what one try's answer means for its call. */
#pragma once
#include "connect/http/answer.h"
#include "connect/shopify/shopify.h"

enum verdict_kind {
    VERDICT_DELIVERED,
    VERDICT_RETRY,     /* the endpoint failed; counts as an attempt and for the breaker */
    VERDICT_THROTTLED, /* the endpoint said wait; the call keeps its attempts */
    VERDICT_FAILED,    /* another try ends the same: a dead letter */
};

struct verdict {
    enum verdict_kind kind;
    bool endpoint_failed; /* no usable answer: for the breaker */
    int64_t wait_ms;      /* THROTTLED, RETRY: at least so long; 0: as the backoff says */
    struct slice reason;  /* for people: neither secrets nor payload */
    struct shopify_cost cost;
};

/* `reason` is a buffer the text is made in; `reads` means that the method was GET or HEAD: there
 * "not found" and redirects are answers like others. */
void verdict_of(const struct answer *answer, bool shopify, bool reads, struct arena *arena,
                struct buffer *reason, struct verdict *verdict);

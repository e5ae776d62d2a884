/* transfer.h - one HTTP exchange on a libcurl easy handle: request out, bounded answer in.
 *
 * The caller owns the curl_multi: it adds transfer_handle(), and when curl reports it done asks
 * transfer_end(). Which addresses may be reached is decided in curl's open-socket callback, before a
 * socket exists, and again for reused connections before a request is sent on them. No proxies, no
 * cookies, no .netrc, no redirects unless allowed; http and https only.
 */
#pragma once
#include <curl/curl.h>
#include <stdatomic.h>

#include "connect/http/answer.h"
#include "connect/http/outgoing.h"

struct transfer;

struct transfer_counters { /* shared by transfers; any thread may read */
    atomic_ullong sockets_opened;
    atomic_ullong addresses_refused;
};

struct transfer_limits {
    uint32_t timeout_ms; /* whole exchange, connecting included */
    uint32_t connect_timeout_ms;
    uint32_t response_bytes_max;
};

/* Where calls to one origin really go. Borrowed; outlives the transfer. */
struct transfer_target {
    struct slice url;    /* called instead of the request's origin; empty: that origin */
    bool allow_private;  /* ADDRESS_PRIVATE may be reached */
    const char *ca_file; /* trusted besides the system's; NULL: none */
    const struct http_header *secrets; /* replace or add headers; masked in answers */
    uint32_t secret_count;
    uint32_t redirects_max; /* followed, each hop checked; secrets stay with the first origin */
};

enum { TRANSFER_SECRET_BYTES_MASKED = 8 }; /* shorter values are not looked for in answers */

enum status transfer_create(struct transfer_counters *counters,
                            struct transfer **transfer) MUST_USE;
void transfer_destroy(struct transfer *transfer);
CURL *transfer_handle(struct transfer *transfer);

/* Prepares a try. `outgoing` is copied.
 * fails    INVALID, LIMIT: `why` says what is wrong with the request */
enum status transfer_begin(struct transfer *transfer, const struct outgoing *outgoing,
                           const struct transfer_target *target,
                           const struct transfer_limits *limits, struct slice idempotency_key,
                           const char **why) MUST_USE;

/* curl says it is done. True: a redirect to follow, add the handle again. False: `answer` is made. */
bool transfer_end(struct transfer *transfer, CURLcode code, struct answer *answer);

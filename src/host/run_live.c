/* run_live.c - outside calls of `headrace run --effects live`: one try, now. A server's calls go
 * through deliver/ instead, which stores, paces and repeats them. */
#include "connect/http/transfer.h"
#include "host/run.h"

enum {
    LIVE_SECRETS_MAX = 16,
    LIVE_CONNECT_TIMEOUT_MS = 5000,
    LIVE_POLL_MS = 1000,
    LIVE_ANSWER_BYTES_MAX = 64 << 20,
};

struct live {
    struct transfer_counters counters;
    struct transfer_target target;
    struct http_header secrets[LIVE_SECRETS_MAX];
    struct transfer *transfer;
    CURLM *multi;
};

/* "https://shop.example" stands for itself and everything below it. */
static bool matches(struct slice url, struct slice origin)
{
    if (origin.len == 0 || !slice_starts_with(url, origin)) return false;
    return url.len == origin.len || url.data[origin.len] == '/' || url.data[origin.len] == '?';
}

static enum status read_secrets(struct live *live, struct config *config,
                                const struct config_http *http, struct buffer *message)
{
    live->target.secrets = live->secrets;
    for (uint32_t i = 0; i < http->secret_headers.count; i++) {
        const struct config_pair *pair = &http->secret_headers.items[i];
        struct http_header *header = &live->secrets[live->target.secret_count];

        if (live->target.secret_count == LIVE_SECRETS_MAX) return STATUS_LIMIT;
        header->name = slice_of(pair->name);
        enum status status = config_secret(config, pair->value, &header->value, message);

        if (status != STATUS_OK) return status;
        live->target.secret_count++;
    }
    return STATUS_OK;
}

/* What the configuration says of the origin. */
static enum status find_target(struct live *live, struct config *config, struct slice url,
                               struct buffer *message)
{
    for (uint32_t i = 0; i < config->http_count; i++) {
        const struct config_http *http = &config->http[i];

        if (!matches(url, slice_of(http->match))) continue;
        live->target.url = slice_of(http->url);
        live->target.allow_private = http->allow_private;
        if (http->ca_file[0] != '\0') live->target.ca_file = http->ca_file;
        return read_secrets(live, config, http, message);
    }
    return STATUS_OK;
}

/* Drives curl until the exchange, redirects included, has ended. */
static void perform(struct live *live, struct answer *answer)
{
    CURL *handle = transfer_handle(live->transfer);
    int running = 0;
    int waiting = 0;

    (void)curl_multi_add_handle(live->multi, handle);
    for (;;) {
        if (curl_multi_perform(live->multi, &running) != CURLM_OK) running = 0;
        const CURLMsg *done = curl_multi_info_read(live->multi, &waiting);

        if (done == NULL) {
            (void)curl_multi_poll(live->multi, NULL, 0, LIVE_POLL_MS, NULL);
            continue;
        }
        CURLcode code = done->data.result;

        (void)curl_multi_remove_handle(live->multi, handle);
        if (!transfer_end(live->transfer, code, answer)) return;
        (void)curl_multi_add_handle(live->multi, handle);
    }
}

static enum status fail_call(struct slice problem, struct buffer *reply)
{
    buffer_clear(reply);
    answer_write_error(problem, reply);
    return STATUS_INVALID;
}

static enum status exchange(struct live *live, const struct config *config,
                            const struct outgoing *outgoing, struct arena *arena,
                            struct buffer *reply)
{
    struct transfer_limits limits = {
        .timeout_ms = (uint32_t)config->deliver.timeout_ms,
        .connect_timeout_ms = LIVE_CONNECT_TIMEOUT_MS,
        .response_bytes_max = (uint32_t)config->deliver.response_bytes_max,
    };
    struct answer answer = {0};
    const char *why = "";

    if (transfer_begin(live->transfer, outgoing, &live->target, &limits, (struct slice){0}, &why) !=
        STATUS_OK)
        return fail_call(slice_of(why), reply);
    perform(live, &answer);
    if (answer.kind != ANSWER_RESPONSE)
        return fail_call(slice_of(answer.problem == NULL ? "no answer" : answer.problem), reply);
    answer_write(&answer, arena, reply);
    return reply->failed ? fail_call(SLICE("the answer is too large"), reply) : STATUS_OK;
}

static enum status call(struct live *live, struct config *config, struct slice request,
                        struct arena *arena, struct buffer *reply)
{
    struct outgoing *outgoing = arena_zalloc(arena, 1, sizeof(*outgoing));
    const char *why = "no memory";
    uint8_t bytes[256];
    struct buffer message = {.data = bytes, .capacity = sizeof(bytes), .bytes_max = sizeof(bytes)};

    if (outgoing == NULL || outgoing_read(request, arena, outgoing, &why) != STATUS_OK)
        return fail_call(slice_of(why), reply);
    if (find_target(live, config, outgoing->url, &message) != STATUS_OK)
        return fail_call(buffer_slice(&message), reply);
    live->multi = curl_multi_init();
    if (live->multi == NULL || transfer_create(&live->counters, &live->transfer) != STATUS_OK)
        return fail_call(SLICE("no memory for a transfer"), reply);
    return exchange(live, config, outgoing, arena, reply);
}

enum status run_outside_live(void *context, struct config *config, struct slice request,
                             struct arena *arena, struct slice *payload)
{
    struct live live = {0};
    struct buffer reply;

    (void)context;
    buffer_init(&reply, LIVE_ANSWER_BYTES_MAX);
    enum status status = call(&live, config, request, arena, &reply);

    if (live.transfer != NULL) transfer_destroy(live.transfer);
    if (live.multi != NULL) (void)curl_multi_cleanup(live.multi);
    if (arena_copy(arena, buffer_slice(&reply), payload) != STATUS_OK) status = STATUS_LIMIT;
    buffer_deinit(&reply);
    return status;
}

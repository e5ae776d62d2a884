/* transfer.c - options of an exchange, its callbacks and its end. */
#include "connect/http/transfer_room.h"

#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "connect/http/address.h"
#include "connect/http/url.h"

enum {
    TRANSFER_ARENA_BYTES_MAX = 64 * 1024 * 1024,
    HEADER_LINE_BYTES_MAX = 64 * 1024,
    REDIRECT_URL_BYTES_MAX = URL_BYTES_MAX,
};

/* --- the address policy ---------------------------------------------------------------------------- */

static bool may_reach(struct transfer *transfer, enum address_class class)
{
    bool may =
        class == ADDRESS_PUBLIC || (class == ADDRESS_PRIVATE && transfer->target->allow_private);

    if (!may) {
        transfer->refused = true;
        (void)atomic_fetch_add(&transfer->counters->addresses_refused, 1);
    }
    return may;
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = context;

    if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKET_BAD;
    if (!may_reach(transfer, address_classify(&address->addr, address->addrlen)))
        return CURL_SOCKET_BAD;
    (void)atomic_fetch_add(&transfer->counters->sockets_opened, 1);
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that another endpoint opened may be reused: its address is judged for this one too. */
static int before_request(void *context, char *remote_ip,
                          char *local_ip, /* NOLINT(readability-non-const-parameter) curl's type */
                          int remote_port, int local_port)
{
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    return may_reach(context, address_classify_text(remote_ip)) ? CURL_PREREQFUNC_OK
                                                                : CURL_PREREQFUNC_ABORT;
}

/* --- what arrives ---------------------------------------------------------------------------------- */

/* NOLINTNEXTLINE(readability-non-const-parameter) curl's type */
static size_t take_header(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;
    struct slice line = {(const uint8_t *)bytes, size * count};

    if (slice_starts_with(line, SLICE("HTTP/"))) { /* after 1xx or a redirect: the next response */
        buffer_clear(&transfer->head);
        buffer_clear(&transfer->body);
    }
    buffer_append(&transfer->head, line);
    if (transfer->head.failed) transfer->too_large = true;
    return transfer->head.failed ? 0 : line.len;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) curl's type */
static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *transfer = context;

    buffer_append(&transfer->body, (struct slice){(const uint8_t *)bytes, size * count});
    if (transfer->body.failed) transfer->too_large = true;
    return transfer->body.failed ? 0 : size * count;
}

/* --- making ---------------------------------------------------------------------------------------- */

static void set_fixed_options(struct transfer *transfer)
{
    CURL *handle = transfer->handle;
    CURLcode code = CURLE_OK;

#define SET(option, value) \
    if (code == CURLE_OK) code = curl_easy_setopt(handle, option, value)
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* environment variables would send calls past the address policy */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_USERAGENT, "headrace/" HEADRACE_VERSION);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, transfer);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_PRIVATE, transfer);
#undef SET
    ASSERT(code == CURLE_OK);
}

enum status transfer_create(struct transfer_counters *counters, struct transfer **transfer)
{
    struct transfer *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    made->handle = curl_easy_init();
    if (made->handle == NULL) {
        free(made);
        return STATUS_LIMIT;
    }
    made->counters = counters;
    arena_init(&made->arena, TRANSFER_ARENA_BYTES_MAX);
    buffer_init(&made->head, ANSWER_HEAD_BYTES_MAX);
    buffer_init(&made->body, 1);
    buffer_init(&made->line, HEADER_LINE_BYTES_MAX);
    *transfer = made;
    return STATUS_OK;
}

/* Request headers may hold secrets: their memory is wiped before it is given back. */
static void headers_free(struct transfer *transfer)
{
    for (struct curl_slist *at = transfer->headers; at != NULL; at = at->next)
        sodium_memzero(at->data, strlen(at->data));
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
}

void transfer_destroy(struct transfer *transfer)
{
    if (transfer == NULL) return;
    curl_easy_cleanup(transfer->handle);
    headers_free(transfer);
    arena_deinit(&transfer->arena);
    buffer_deinit(&transfer->head);
    buffer_deinit(&transfer->body);
    buffer_deinit(&transfer->line);
    free(transfer);
}

CURL *transfer_handle(struct transfer *transfer)
{
    return transfer->handle;
}

/* --- the request ------------------------------------------------------------------------------------ */

static enum status header_push(struct transfer *transfer, struct slice name, struct slice value)
{
    struct buffer *line = &transfer->line;

    buffer_clear(line);
    buffer_append(line, name);
    buffer_append_text(line, value.len > 0 ? ": " : ";"); /* curl's way to send an empty one */
    buffer_append(line, value);
    buffer_append_byte(line, '\0');
    if (line->failed) return STATUS_LIMIT;
    struct curl_slist *longer = curl_slist_append(transfer->headers, (const char *)line->data);
    sodium_memzero(line->data, line->len);
    if (longer == NULL) return STATUS_LIMIT;
    transfer->headers = longer;
    return STATUS_OK;
}

static bool is_secret(const struct transfer_target *target, struct slice name)
{
    for (uint32_t i = 0; i < target->secret_count; i++) {
        if (slice_equal_ignoring_case(target->secrets[i].name, name)) return true;
    }
    return false;
}

static enum status make_headers(struct transfer *transfer, const struct outgoing *outgoing,
                                struct slice idempotency_key)
{
    const struct transfer_target *target = transfer->target;
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < outgoing->header_count && status == STATUS_OK; i++) {
        if (!is_secret(target, outgoing->headers[i].name))
            status = header_push(transfer, outgoing->headers[i].name, outgoing->headers[i].value);
    }
    for (uint32_t i = 0; i < target->secret_count && status == STATUS_OK; i++)
        status = header_push(transfer, target->secrets[i].name, target->secrets[i].value);
    if (status == STATUS_OK && idempotency_key.len > 0 &&
        outgoing_find(outgoing, SLICE("Idempotency-Key")) == NULL)
        status = header_push(transfer, SLICE("Idempotency-Key"), idempotency_key);
    /* Without a colon's value curl leaves these of its own out. */
    static const char *const unwanted[] = {"Expect:", "Content-Type:"};
    for (size_t i = 0; i < COUNT_OF(unwanted) && status == STATUS_OK; i++) {
        if (i == 1 && outgoing_find(outgoing, SLICE("Content-Type")) != NULL) break;
        struct curl_slist *longer = curl_slist_append(transfer->headers, unwanted[i]);
        if (longer == NULL) return STATUS_LIMIT;
        transfer->headers = longer;
    }
    return status;
}

static enum status make_body(struct transfer *transfer, const struct outgoing *outgoing)
{
    struct slice copy;
    struct slice method;
    static const uint8_t end = 0;
    bool sends = outgoing->body.data != NULL || slice_equal(outgoing->method, SLICE("POST")) ||
                 slice_equal(outgoing->method, SLICE("PUT")) ||
                 slice_equal(outgoing->method, SLICE("PATCH"));
    CURL *handle = transfer->handle;
    uint8_t *name = arena_alloc(&transfer->arena, outgoing->method.len + 1, 1);

    if (name == NULL) return STATUS_LIMIT;
    memcpy(name, outgoing->method.data, outgoing->method.len);
    name[outgoing->method.len] = end;
    transfer->method = (const char *)name;
    transfer->has_body = sends;
    method = outgoing->method;
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (code == CURLE_OK && slice_equal(method, SLICE("HEAD")))
        code = curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    if (sends) {
        enum status status = arena_copy(&transfer->arena, outgoing->body, &copy);
        if (status != STATUS_OK) return status;
        if (code == CURLE_OK)
            code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)copy.len);
        if (code == CURLE_OK)
            code = curl_easy_setopt(handle, CURLOPT_POSTFIELDS, (const char *)copy.data);
    }
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, transfer->method);
    return code == CURLE_OK ? STATUS_OK : STATUS_LIMIT;
}

static enum status make_url(struct transfer *transfer, struct slice asked, const char **why)
{
    struct url url;
    const char *called;
    enum status status = url_read(asked, &transfer->arena, &url, why);

    if (status != STATUS_OK) return status;
    transfer->origin = url.origin;
    status = url_join(transfer->target->url.len > 0 ? transfer->target->url : url.origin, url.path,
                      &transfer->arena, &called);
    if (status != STATUS_OK) return status;
    return curl_easy_setopt(transfer->handle, CURLOPT_URL, called) == CURLE_OK ? STATUS_OK
                                                                               : STATUS_LIMIT;
}

static enum status set_limits(struct transfer *transfer, const struct transfer_limits *limits)
{
    CURL *handle = transfer->handle;
    const char *ca_file = transfer->target->ca_file;
    CURLcode code = curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)limits->timeout_ms);

    if (code == CURLE_OK) {
        code =
            curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_timeout_ms);
    }
    if (code == CURLE_OK && ca_file != NULL)
        code = curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers);
    transfer->body.bytes_max = limits->response_bytes_max;
    return code == CURLE_OK ? STATUS_OK : STATUS_LIMIT;
}

enum status transfer_begin(struct transfer *transfer, const struct outgoing *outgoing,
                           const struct transfer_target *target,
                           const struct transfer_limits *limits, struct slice idempotency_key,
                           const char **why)
{
    *why = "not enough memory for the request";
    curl_easy_reset(transfer->handle);
    headers_free(transfer);
    arena_reset(&transfer->arena);
    buffer_clear(&transfer->head);
    buffer_deinit(&transfer->body);
    transfer->target = target;
    transfer->refused = false;
    transfer->too_large = false;
    transfer->redirects_left = target->redirects_max;
    set_fixed_options(transfer);
    enum status status = make_url(transfer, outgoing->url, why);
    if (status == STATUS_OK) status = make_body(transfer, outgoing);
    if (status == STATUS_OK) status = make_headers(transfer, outgoing, idempotency_key);
    return status == STATUS_OK ? set_limits(transfer, limits) : status;
}

/* --- redirects -------------------------------------------------------------------------------------- */

static bool is_redirect(long status, bool has_body)
{
    return status == 307 || status == 308 || (!has_body && (status == 301 || status == 302));
}

/* Another origin gets no header of this call: any of them may be a credential. */
static bool drop_headers(struct transfer *transfer)
{
    headers_free(transfer);
    return curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, NULL) == CURLE_OK;
}

static bool follow(struct transfer *transfer)
{
    const char *next = NULL;
    char *current = NULL;
    long status = 0;
    struct url to;
    struct url from;
    const char *why;

    if (transfer->redirects_left == 0) return false;
    (void)curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    if (!is_redirect(status, transfer->has_body)) return false;
    (void)curl_easy_getinfo(transfer->handle, CURLINFO_REDIRECT_URL, &next);
    (void)curl_easy_getinfo(transfer->handle, CURLINFO_EFFECTIVE_URL, &current);
    if (next == NULL || current == NULL || strlen(next) > REDIRECT_URL_BYTES_MAX) return false;
    if (url_read(slice_of(next), &transfer->arena, &to, &why) != STATUS_OK ||
        url_read(slice_of(current), &transfer->arena, &from, &why) != STATUS_OK)
        return false;
    if (!slice_equal(to.origin, from.origin) && !drop_headers(transfer)) return false;
    transfer->redirects_left--;
    buffer_clear(&transfer->head);
    buffer_clear(&transfer->body);
    return curl_easy_setopt(transfer->handle, CURLOPT_URL, next) == CURLE_OK;
}

/* --- the end ---------------------------------------------------------------------------------------- */

bool transfer_end(struct transfer *transfer, CURLcode code, struct answer *answer)
{
    if (code == CURLE_OK && follow(transfer)) return true;
    transfer_answer(transfer, code, answer);
    return false;
}

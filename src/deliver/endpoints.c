/* endpoints.c - configured origins, and those that scenarios name without configuration. */
#include <sodium.h>
#include <stdlib.h>

#include "connect/http/url.h"
#include "deliver/inside.h"

enum { ENDPOINT_ARENA_BYTES_MAX = 256 * 1024 };

void endpoints_deinit(struct deliver *deliver)
{
    for (uint32_t i = 0; i < deliver->endpoint_count; i++) {
        if (deliver->endpoints[i].secret_bytes.len > 0) {
            sodium_memzero(deliver->endpoints[i].secret_bytes.data,
                           deliver->endpoints[i].secret_bytes.len);
        }
    }
    free(deliver->endpoints);
    deliver->endpoints = NULL;
    deliver->endpoint_count = 0;
}

/* All values lie in one block, which is wiped at the end. */
static enum status copy_secrets(const struct deliver_endpoint *from, struct arena *names,
                                struct endpoint *endpoint)
{
    struct http_header *secrets = arena_zalloc(names, from->secret_count, sizeof(*secrets));
    struct buffer *bytes = &endpoint->secret_bytes;
    enum status status = STATUS_OK;

    for (uint32_t i = 0; i < from->secret_count; i++)
        bytes->bytes_max += from->secrets[i].value.len;
    bytes->capacity = bytes->bytes_max;
    bytes->data = arena_alloc(names, bytes->capacity, 1);
    if (secrets == NULL || bytes->data == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < from->secret_count && status == STATUS_OK; i++) {
        secrets[i].value = (struct slice){bytes->data + bytes->len, from->secrets[i].value.len};
        buffer_append(bytes, from->secrets[i].value);
        status = arena_copy(names, from->secrets[i].header, &secrets[i].name);
    }
    endpoint->target.secrets = secrets;
    endpoint->target.secret_count = from->secret_count;
    return status;
}

static enum status copy_ca_file(struct slice from, struct arena *names, struct endpoint *endpoint)
{
    if (from.len == 0) return STATUS_OK;
    char *path = arena_zalloc(names, from.len + 1, 1);
    if (path == NULL) return STATUS_LIMIT;
    memcpy(path, from.data, from.len);
    endpoint->target.ca_file = path;
    return STATUS_OK;
}

static enum status refuse(struct buffer *message, struct slice text, const char *why)
{
    buffer_append(message, text);
    buffer_append_text(message, ": ");
    buffer_append_text(message, why);
    return STATUS_INVALID;
}

static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7F) return true;
    }
    return false;
}

/* Says which header, never what its value is. */
static enum status check_secrets(const struct deliver_endpoint *from, struct buffer *message)
{
    for (uint32_t i = 0; i < from->secret_count; i++) {
        if (from->secrets[i].header.len == 0 || has_control(from->secrets[i].header))
            return refuse(message, from->match, "a secret header has no usable name");
        if (has_control(from->secrets[i].value)) {
            return refuse(message, from->secrets[i].header,
                          "the secret's value has a line break or control character");
        }
    }
    return STATUS_OK;
}

/* The origin that is matched; the address called, if it is another, can be joined with paths. */
static enum status check_addresses(const struct deliver_endpoint *from, struct arena *arena,
                                   struct url *match, struct buffer *message)
{
    struct url url;
    const char *why;

    if (url_read(from->match, arena, match, &why) != STATUS_OK)
        return refuse(message, from->match, why);
    if (match->path.len > 1) return refuse(message, from->match, "an origin is matched, no path");
    if (from->url.len == 0) return STATUS_OK;
    if (url_read(from->url, arena, &url, &why) != STATUS_OK)
        return refuse(message, from->match, why); /* the address itself may hold a password */
    if (memchr(url.path.data, '?', url.path.len) != NULL)
        return refuse(message, from->match, "a query cannot be part of an endpoint's address");
    return STATUS_OK;
}

static enum status endpoint_init(struct endpoint *endpoint, const struct deliver_endpoint *from,
                                 struct arena *names, struct buffer *message)
{
    struct arena parsing;
    struct url match = {0};

    *endpoint = (struct endpoint){.shopify = from->shopify};
    endpoint->target.allow_private = from->allow_private;
    endpoint->target.redirects_max = from->redirects_max;
    arena_init(&parsing, ENDPOINT_ARENA_BYTES_MAX);
    enum status status = check_addresses(from, &parsing, &match, message);
    if (status == STATUS_OK) status = check_secrets(from, message);
    if (status == STATUS_OK) status = arena_copy(names, match.origin, &endpoint->origin);
    if (status == STATUS_OK) status = arena_copy(names, from->url, &endpoint->target.url);
    if (status == STATUS_OK) status = copy_secrets(from, names, endpoint);
    if (status == STATUS_OK) status = copy_ca_file(from->ca_file, names, endpoint);
    arena_deinit(&parsing);
    return status;
}

enum status endpoints_init(struct deliver *deliver, const struct deliver_endpoint *endpoints,
                           uint32_t count, struct buffer *message)
{
    enum status status = STATUS_OK;

    if (count > ENDPOINTS_MAX / 2)
        return refuse(message, SLICE("http"), "more than 512 endpoints are configured");
    deliver->endpoints = calloc(ENDPOINTS_MAX, sizeof(*deliver->endpoints));
    if (deliver->endpoints == NULL) return STATUS_LIMIT;
    deliver->endpoint_count = 1; /* 0: no address */
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        deliver->endpoint_count++;
        status = endpoint_init(&deliver->endpoints[i + 1], &endpoints[i], &deliver->names, message);
    }
    return status;
}

uint32_t endpoint_find(struct deliver *deliver, struct slice origin)
{
    if (origin.len == 0) return 0;
    for (uint32_t i = 1; i < deliver->endpoint_count; i++) {
        if (slice_equal(deliver->endpoints[i].origin, origin)) return i;
    }
    /* The last one takes all origins there is no room for: they share its pace. */
    if (deliver->endpoint_count == ENDPOINTS_MAX) return ENDPOINTS_MAX - 1;
    struct endpoint *endpoint = &deliver->endpoints[deliver->endpoint_count];
    *endpoint = (struct endpoint){0};
    if (deliver->endpoint_count < ENDPOINTS_MAX - 1 &&
        arena_copy(&deliver->names, origin, &endpoint->origin) != STATUS_OK)
        return 0;
    return deliver->endpoint_count++;
}

void endpoint_push(struct deliver *deliver, uint32_t number)
{
    struct call *call = calls_at(&deliver->calls, number);
    struct endpoint *endpoint = &deliver->endpoints[call->endpoint];

    call->state = CALL_READY;
    call->next = 0;
    if (endpoint->ready_first == 0) {
        endpoint->ready_first = number;
    } else {
        calls_at(&deliver->calls, endpoint->ready_last)->next = number;
    }
    endpoint->ready_last = number;
}

uint32_t endpoint_pop(struct deliver *deliver, struct endpoint *endpoint)
{
    uint32_t number = endpoint->ready_first;

    if (number != 0) endpoint->ready_first = calls_at(&deliver->calls, number)->next;
    return number;
}

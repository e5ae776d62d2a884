/* endpoints.c - configured origins, and those that scenarios name without configuration. */
#include <sodium.h>
#include <stdlib.h>

#include "connect/http/url.h"
#include "deliver/inside.h"

enum { ENDPOINT_ARENA_BYTES_MAX = 256 * 1024 };

static enum status copy_slice(struct slice from, struct slice *to)
{
    uint8_t *bytes = malloc(from.len + 1);

    if (bytes == NULL) return STATUS_LIMIT;
    if (from.len > 0) memcpy(bytes, from.data, from.len);
    bytes[from.len] = '\0';
    *to = (struct slice){bytes, from.len};
    return STATUS_OK;
}

static void free_slice(struct slice *bytes)
{
    if (bytes->data != NULL) sodium_memzero((void *)(uintptr_t)bytes->data, bytes->len);
    free((void *)(uintptr_t)bytes->data);
    *bytes = (struct slice){0};
}

static void endpoint_deinit(struct endpoint *endpoint)
{
    for (uint32_t i = 0; i < endpoint->target.secret_count; i++) {
        free_slice(&endpoint->secrets[i].name);
        free_slice(&endpoint->secrets[i].value);
    }
    free(endpoint->secrets);
    free(endpoint->ca_file);
    free_slice(&endpoint->origin);
    free_slice(&endpoint->url);
}

void endpoints_deinit(struct deliver *deliver)
{
    for (uint32_t i = 0; i < deliver->endpoint_count; i++)
        endpoint_deinit(&deliver->endpoints[i]);
    free(deliver->endpoints);
    deliver->endpoints = NULL;
    deliver->endpoint_count = 0;
}

static enum status copy_secrets(const struct deliver_endpoint *from, struct endpoint *endpoint)
{
    enum status status = STATUS_OK;

    if (from->secret_count == 0) return STATUS_OK;
    endpoint->secrets = calloc(from->secret_count, sizeof(*endpoint->secrets));
    if (endpoint->secrets == NULL) return STATUS_LIMIT;
    endpoint->target.secrets = endpoint->secrets;
    for (uint32_t i = 0; i < from->secret_count && status == STATUS_OK; i++) {
        endpoint->target.secret_count = i + 1;
        status = copy_slice(from->secrets[i].header, &endpoint->secrets[i].name);
        if (status == STATUS_OK)
            status = copy_slice(from->secrets[i].value, &endpoint->secrets[i].value);
    }
    return status;
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
        if (has_control(from->secrets[i].value))
            return refuse(message, from->secrets[i].header,
                          "the secret's value has a line break or control character");
    }
    return STATUS_OK;
}

static enum status endpoint_init(struct endpoint *endpoint, const struct deliver_endpoint *from,
                                 struct arena *arena, struct buffer *message)
{
    struct url match;
    struct url url;
    const char *why;
    enum status status = url_read(from->match, arena, &match, &why);

    *endpoint = (struct endpoint){.shopify = from->shopify};
    if (status != STATUS_OK) return refuse(message, from->match, why);
    if (match.path.len > 1) return refuse(message, from->match, "an origin is matched, no path");
    if (from->url.len > 0) {
        status = url_read(from->url, arena, &url, &why);
        if (status != STATUS_OK) return refuse(message, from->match, why); /* may hold a password */
        if (memchr(url.path.data, '?', url.path.len) != NULL)
            return refuse(message, from->url, "a query cannot be part of an endpoint's address");
    }
    status = check_secrets(from, message);
    if (status == STATUS_OK) status = copy_slice(match.origin, &endpoint->origin);
    if (status == STATUS_OK) status = copy_slice(from->url, &endpoint->url);
    if (status == STATUS_OK) status = copy_secrets(from, endpoint);
    endpoint->target.url = endpoint->url;
    endpoint->target.allow_private = from->allow_private;
    endpoint->target.redirects_max = from->redirects_max;
    if (status != STATUS_OK || from->ca_file.len == 0) return status;
    struct slice ca_file;
    status = copy_slice(from->ca_file, &ca_file);
    if (status != STATUS_OK) return status;
    endpoint->ca_file = (char *)(uintptr_t)ca_file.data;
    endpoint->target.ca_file = endpoint->ca_file;
    return STATUS_OK;
}

enum status endpoints_init(struct deliver *deliver, const struct deliver_endpoint *endpoints,
                           uint32_t count, struct buffer *message)
{
    struct arena arena;
    enum status status = STATUS_OK;

    if (count > ENDPOINTS_MAX / 2)
        return refuse(message, SLICE("http"), "more than 512 endpoints are configured");
    deliver->endpoints = calloc(ENDPOINTS_MAX, sizeof(*deliver->endpoints));
    if (deliver->endpoints == NULL) return STATUS_LIMIT;
    deliver->endpoint_count = 1; /* 0: no address */
    arena_init(&arena, ENDPOINT_ARENA_BYTES_MAX);
    for (uint32_t i = 0; i < count && status == STATUS_OK; i++) {
        arena_reset(&arena);
        deliver->endpoint_count++;
        status = endpoint_init(&deliver->endpoints[i + 1], &endpoints[i], &arena, message);
    }
    arena_deinit(&arena);
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
        copy_slice(origin, &endpoint->origin) != STATUS_OK)
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

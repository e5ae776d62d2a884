/* api.c - routes of the operator's listener. */
#include "api/api.h"

#include <stdlib.h>

struct api {
    struct api_host host;
    struct slice token;
    struct buffer body;
};

static void answer(struct api *self, struct exchange *exchange, const struct http_request *request,
                   uint16_t status, const char *content_type)
{
    struct http_response response = {.status = status, .body = buffer_slice(&self->body)};

    http_response_add(&response, "Content-Type", slice_of(content_type));
    http_response_add(&response, "Cache-Control", SLICE("no-store"));
    http_response_add(&response, "X-Content-Type-Options", SLICE("nosniff"));
    response.no_body = request->method == HTTP_HEAD;
    if (self->body.failed) response = (struct http_response){.status = 500};
    if (status == 401) http_response_add(&response, "WWW-Authenticate", SLICE("Bearer"));
    exchange_respond(exchange, &response);
}

static void answer_text(struct api *self, struct exchange *exchange,
                        const struct http_request *request, uint16_t status, const char *text)
{
    buffer_clear(&self->body);
    buffer_append_text(&self->body, text);
    answer(self, exchange, request, status, "text/plain; charset=utf-8");
}

static void answer_json_status(struct api *self, struct exchange *exchange,
                               const struct http_request *request, enum status status)
{
    uint16_t code = status == STATUS_OK ? 200 : status == STATUS_NOT_FOUND ? 404 : 503;

    if (status != STATUS_OK) {
        buffer_clear(&self->body);
        buffer_append_text(&self->body, "{\"error\":\"");
        buffer_append_text(&self->body, status_meaning(status));
        buffer_append_text(&self->body, "\"}");
    } else if (self->body.len == 0) {
        buffer_append_text(&self->body, "{\"ok\":true}");
    }
    answer(self, exchange, request, code, "application/json");
}

/* --- who may ask ------------------------------------------------------------------------------------- */

static bool equal_in_constant_time(struct slice left, struct slice right)
{
    uint8_t difference = 0;

    if (left.len != right.len) return false;
    for (size_t i = 0; i < left.len; i++)
        difference |= (uint8_t)(left.data[i] ^ right.data[i]);
    return difference == 0;
}

static bool host_is_loopback(struct slice host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct slice name = slice_of(names[i]);

        if (!slice_starts_with(host, name)) continue;
        if (host.len == name.len || host.data[name.len] == ':') return true;
    }
    return false;
}

/* What is wrong with the caller, NULL if nothing; *status is the answer then. */
static const char *refusal(const struct api *self, const struct http_request *request,
                           uint16_t *status)
{
    const struct slice bearer = SLICE("Bearer ");

    if (self->token.len > 0) {
        const struct http_header *header = http_find(request, "authorization");
        bool matches = header != NULL && slice_starts_with(header->value, bearer) &&
                       equal_in_constant_time((struct slice){header->value.data + bearer.len,
                                                             header->value.len - bearer.len},
                                              self->token);
        *status = 401;
        return matches ? NULL : "send `Authorization: Bearer` with the configured token\n";
    }
    *status = 403;
    if (!host_is_loopback(request->host)) {
        return "without a token (api.token) only loopback host names are answered\n";
    }
    if (request->method == HTTP_POST) {
        const struct http_header *type = http_find(request, "content-type");

        *status = 415;
        if (type == NULL || !slice_starts_with(type->value, SLICE("application/json"))) {
            return "send `Content-Type: application/json`\n";
        }
    }
    return NULL;
}

/* --- routes -------------------------------------------------------------------------------------------- */

static bool serve_asset(struct exchange *exchange, const struct http_request *request)
{
    for (const struct api_asset *asset = api_assets; asset->path != NULL; asset++) {
        struct http_response response = {.status = 200, .body = {asset->data, asset->len}};

        if (!slice_equal(request->path, slice_of(asset->path))) continue;
        http_response_add(&response, "Content-Type", slice_of(asset->content_type));
        http_response_add(&response, "Cache-Control", SLICE("no-cache"));
        http_response_add(&response, "X-Content-Type-Options", SLICE("nosniff"));
        http_response_add(
            &response, "Content-Security-Policy",
            SLICE(
                "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"));
        response.no_body = request->method == HTTP_HEAD;
        exchange_respond(exchange, &response);
        return true;
    }
    return false;
}

/* Splits "prefix<middle>suffix"; false if the path has another form. */
static bool path_between(struct slice path, const char *prefix, const char *suffix,
                         struct slice *middle)
{
    struct slice first = slice_of(prefix);
    struct slice last = slice_of(suffix);

    if (path.len <= first.len + last.len) return false;
    if (!slice_starts_with(path, first) || !slice_ends_with(path, last)) return false;
    *middle = (struct slice){path.data + first.len, path.len - first.len - last.len};
    return true;
}

static void handle_get(struct api *self, struct exchange *exchange,
                       const struct http_request *request)
{
    const struct api_host *host = &self->host;
    struct slice path = request->path;
    struct slice name;

    if (serve_asset(exchange, request)) return;
    buffer_clear(&self->body);
    if (slice_equal(path, SLICE("/metrics"))) {
        host->metrics(host->context, &self->body);
        answer(self, exchange, request, 200, "text/plain; version=0.0.4; charset=utf-8");
    } else if (slice_equal(path, SLICE("/ready"))) {
        bool ready = host->ready(host->context, &self->body);

        answer(self, exchange, request, ready ? 200 : 503, "text/plain; charset=utf-8");
    } else if (slice_equal(path, SLICE("/api/scenarios"))) {
        host->scenarios(host->context, &self->body);
        answer_json_status(self, exchange, request, STATUS_OK);
    } else if (slice_equal(path, SLICE("/api/deadletters"))) {
        answer_json_status(self, exchange, request, host->dead_letters(host->context, &self->body));
    } else if (path_between(path, "/api/scenarios/", "", &name)) {
        struct buffer decoded;

        buffer_init(&decoded, 1024);
        enum status status = http_percent_decode(name, false, &decoded);
        if (status == STATUS_OK)
            status = host->scenario(host->context, buffer_slice(&decoded), &self->body);
        buffer_deinit(&decoded);
        answer_json_status(self, exchange, request,
                           status == STATUS_INVALID ? STATUS_NOT_FOUND : status);
    } else {
        answer_text(self, exchange, request, 404, "there is nothing here; GET / is the page\n");
    }
}

static void handle_post(struct api *self, struct exchange *exchange,
                        const struct http_request *request)
{
    const struct api_host *host = &self->host;
    struct slice middle;

    buffer_clear(&self->body);
    if (path_between(request->path, "/api/deadletters/", "/replay", &middle)) {
        answer_json_status(self, exchange, request,
                           host->dead_letter_replay(host->context, middle));
    } else if (path_between(request->path, "/api/models/", "/stop", &middle)) {
        answer_json_status(self, exchange, request,
                           host->model_switch(host->context, middle, false));
    } else if (path_between(request->path, "/api/models/", "/start", &middle)) {
        answer_json_status(self, exchange, request,
                           host->model_switch(host->context, middle, true));
    } else {
        answer_text(self, exchange, request, 404, "there is nothing to POST here\n");
    }
}

void api_handle(void *context, struct exchange *exchange, const struct http_request *request)
{
    struct api *self = context;
    uint16_t status = 0;

    if (slice_equal(request->path, SLICE("/health"))) {
        answer_text(self, exchange, request, 200, "ok");
        return;
    }
    bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;
    /* The page itself holds nothing to hide; with a token it asks for that, then sends it. */
    if (self->token.len > 0 && reads && serve_asset(exchange, request)) return;
    const char *problem = refusal(self, request, &status);
    if (problem != NULL) {
        answer_text(self, exchange, request, status, problem);
    } else if (reads) {
        handle_get(self, exchange, request);
    } else if (request->method == HTTP_POST) {
        handle_post(self, exchange, request);
    } else {
        answer_text(self, exchange, request, 405, "GET, HEAD or POST\n");
    }
}

enum status api_create(const struct api_host *host, struct slice token, struct api **api)
{
    struct api *self = calloc(1, sizeof(*self));

    if (self == NULL) return STATUS_LIMIT;
    self->host = *host;
    self->token = token;
    buffer_init(&self->body, API_BODY_BYTES_MAX);
    *api = self;
    return STATUS_OK;
}

void api_destroy(struct api *self)
{
    if (self == NULL) return;
    buffer_deinit(&self->body);
    free(self);
}

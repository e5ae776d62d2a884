/* recommendations.c - reads, filters and writes lists; streams.c keeps the open event streams. */
#include "api/recommendations_room.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "codec/json.h"

enum { LIST_ARENA_BYTES = 8 << 20, LIST_JSON_BYTES = 1 << 20 };

/* --- the list as JSON -------------------------------------------------------------------------------- */

static void append_item(struct buffer *json, const struct pick *pick, enum rung whole)
{
    char score[48];

    buffer_append_byte(json, '{');
    if (pick->product != NULL) {
        buffer_append(json, pick->product->json);
    } else {
        buffer_append_text(json, "\"id\":");
        json_write_string(pick->candidate.item, json);
    }
    (void)snprintf(score, sizeof(score), ",\"score\":%.6g", (double)pick->candidate.score);
    buffer_append_text(json, score);
    if (pick->candidate.because.len > 0) {
        buffer_append_text(json, ",\"because\":");
        json_write_string(pick->candidate.because, json);
    }
    if (pick->rung != whole) {
        buffer_append_text(json, ",\"source\":\"");
        buffer_append_text(json, rung_names[pick->rung]);
        buffer_append_byte(json, '"');
    }
    buffer_append_byte(json, '}');
}

static void append_list(const struct visitor *visitor, const struct picks *picks,
                        struct buffer *json)
{
    buffer_append_text(json, "{\"source\":\"");
    buffer_append_text(json, rung_names[picks->rung]);
    buffer_append_byte(json, '"');
    if (visitor->from_model) {
        buffer_append_text(json, ",\"model\":");
        json_write_string(visitor->model, json);
        buffer_append_text(json, ",\"asOf\":{\"eid\":");
        json_write_string(visitor->event_id, json);
        buffer_append_text(json, ",\"offset\":");
        buffer_append_u64(json, visitor->offset);
        buffer_append_text(json, ",\"time\":");
        buffer_append_i64(json, visitor->time_ms);
        buffer_append_byte(json, '}');
    }
    buffer_append_text(json, ",\"items\":[");
    for (uint32_t i = 0; i < picks->count; i++) {
        if (i > 0) buffer_append_byte(json, ',');
        append_item(json, &picks->items[i], picks->rung);
    }
    buffer_append_text(json, "]}");
}

enum status recommendations_make_list(struct recommendations *self, struct slice token,
                                      const struct query *query)
{
    struct visitor *visitor = arena_zalloc(&self->arena, 1, sizeof(*visitor));
    struct picks *picks = arena_alloc(&self->arena, 1, sizeof(*picks));
    const struct ladder_request request = {
        .settings = self->options.ladder,
        .source = self->options.source,
        .context = self->options.context,
        .limit = query->limit,
        .excludes = query->excludes,
        .exclude_count = query->exclude_count,
        .cold = self->cold,
        .cold_count = self->cold_count,
    };

    buffer_clear(&self->json);
    if (visitor == NULL || picks == NULL) return STATUS_LIMIT;
    enum status status = self->options.visitor(self->options.context, token, &self->arena, visitor);
    visitor->catalogue = self->options.catalogue;
    if (status == STATUS_OK) status = ladder_pick(&request, visitor, &self->arena, picks);
    if (status != STATUS_OK) return status;
    atomic_fetch_add(&self->lists[picks->rung], 1);
    append_list(visitor, picks, &self->json);
    return self->json.failed ? STATUS_LIMIT : STATUS_OK;
}

/* --- requests ------------------------------------------------------------------------------------------ */

void recommendations_respond_error(struct exchange *exchange, uint16_t status, const char *error)
{
    struct http_response response = {.status = status, .body = slice_of(error)};

    http_response_add(&response, "Content-Type", SLICE("application/json"));
    http_response_add(&response, "Access-Control-Allow-Origin", SLICE("*"));
    exchange_respond(exchange, &response);
}

/* A page that sends If-None-Match asks first: that header is not one every page may send. */
static void respond_preflight(struct exchange *exchange)
{
    struct http_response response = {.status = 200};

    http_response_add(&response, "Access-Control-Allow-Origin", SLICE("*"));
    http_response_add(&response, "Access-Control-Allow-Methods", SLICE("GET, HEAD"));
    http_response_add(&response, "Access-Control-Allow-Headers",
                      SLICE("If-None-Match, Last-Event-ID, Cache-Control"));
    http_response_add(&response, "Access-Control-Max-Age", SLICE("3600"));
    exchange_respond(exchange, &response);
}

/* Decodes one exclude into the arena. */
static bool add_exclude(struct recommendations *self, struct slice value, struct query *query)
{
    buffer_clear(&self->text);
    if (query->exclude_count == LADDER_EXCLUDES_MAX) return false;
    if (http_percent_decode(value, true, &self->text) != STATUS_OK) return false;
    return arena_copy(&self->arena, buffer_slice(&self->text),
                      &query->excludes[query->exclude_count++]) == STATUS_OK;
}

static bool read_query(struct recommendations *self, const struct http_request *request,
                       struct query *query)
{
    struct slice rest = request->query;
    struct slice name;
    struct slice value;

    *query = (struct query){.limit = self->options.items_max};
    arena_reset(&self->arena);
    while (http_query_next(&rest, &name, &value)) {
        if (slice_equal(name, SLICE("limit"))) {
            int64_t limit;

            if (slice_to_i64(value, &limit) != STATUS_OK || limit < 1 || limit > 50) return false;
            query->limit = (uint32_t)limit;
        } else if (slice_equal(name, SLICE("exclude")) && !add_exclude(self, value, query)) {
            return false;
        }
    }
    return true;
}

static bool token_is_valid(struct slice token)
{
    if (token.len != RECOMMENDATION_TOKEN_BYTES) return false;
    for (size_t i = 0; i < token.len; i++) {
        uint8_t byte = token.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');

        if (!letter && !(byte >= '0' && byte <= '9') && byte != '-' && byte != '_') return false;
    }
    return true;
}

static void respond_list(struct recommendations *self, struct exchange *exchange,
                         const struct http_request *request, struct slice token,
                         const struct query *query)
{
    char tag[24];
    const struct http_header *known = http_find(request, "if-none-match");
    struct http_response response = {.status = 200};

    if (recommendations_make_list(self, token, query) != STATUS_OK) {
        recommendations_respond_error(exchange, 503,
                                      "{\"error\":\"the list cannot be read now; try again\"}");
        return;
    }
    (void)snprintf(tag, sizeof(tag), "\"%016llx\"",
                   (unsigned long long)hash_bytes(buffer_slice(&self->json), 0));
    http_response_add(&response, "Access-Control-Allow-Origin", SLICE("*"));
    http_response_add(&response, "Access-Control-Expose-Headers", SLICE("ETag"));
    http_response_add(&response, "Cache-Control", SLICE("private, no-cache"));
    http_response_add(&response, "ETag", slice_of(tag));
    if (known != NULL && slice_equal(known->value, slice_of(tag))) {
        response.status = 304;
    } else {
        http_response_add(&response, "Content-Type", SLICE("application/json"));
        response.body = buffer_slice(&self->json);
    }
    response.no_body = request->method == HTTP_HEAD;
    exchange_respond(exchange, &response);
}

/* --- the route ------------------------------------------------------------------------------------------- */

bool recommendations_handle(struct recommendations *self, struct exchange *exchange,
                            const struct http_request *request)
{
    const struct slice prefix = SLICE("/v1/recommendations/");
    const struct slice events = SLICE("/events");
    struct slice path = request->path;
    struct query query;

    if (!slice_starts_with(path, prefix)) return false;
    struct slice token = {path.data + prefix.len, path.len - prefix.len};
    bool stream = slice_ends_with(token, events);
    if (stream) token.len -= events.len;
    if (request->method == HTTP_OPTIONS) {
        respond_preflight(exchange);
    } else if (request->method != HTTP_GET && request->method != HTTP_HEAD) {
        recommendations_respond_error(exchange, 405,
                                      "{\"error\":\"only GET reads recommendations\"}");
    } else if (!token_is_valid(token)) {
        recommendations_respond_error(
            exchange, 400,
            "{\"error\":\"a visitor token has 22 characters of base64url; the page computes it "
            "from the visitor id (storefront/README.md)\"}");
    } else if (!read_query(self, request, &query)) {
        recommendations_respond_error(
            exchange, 400, "{\"error\":\"limit must be 1 to 50, exclude a handle or id\"}");
    } else {
        atomic_fetch_add(&self->reads, 1);
        if (stream) {
            recommendations_stream_open(self, exchange, token, &query);
        } else {
            respond_list(self, exchange, request, token, &query);
        }
    }
    return true;
}

/* Products nobody clicked, as far as anybody can tell. */
static enum status cold_find(struct recommendations *self)
{
    const struct catalogue *catalogue = self->options.catalogue;
    uint32_t count = catalogue == NULL ? 0 : catalogue_count(catalogue);

    if (self->options.is_cold == NULL || self->options.ladder.explore_percent == 0)
        return STATUS_OK;
    self->cold = calloc((size_t)count + 1, sizeof(*self->cold));
    if (self->cold == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        if (self->options.is_cold(self->options.context, catalogue_product(catalogue, i)))
            self->cold[self->cold_count++] = i;
    }
    return STATUS_OK;
}

enum status recommendations_create(struct server *server,
                                   const struct recommendation_options *options,
                                   struct recommendations **recommendations)
{
    struct recommendations *self = calloc(1, sizeof(*self));

    if (self == NULL) return STATUS_LIMIT;
    self->server = server;
    self->options = *options;
    (void)pthread_mutex_init(&self->changes_lock, NULL);
    arena_init(&self->arena, LIST_ARENA_BYTES);
    buffer_init(&self->json, LIST_JSON_BYTES);
    buffer_init(&self->text, LIST_JSON_BYTES + 64);
    *recommendations = self;
    return cold_find(self);
}

/* Without memory for the products nobody clicked, none of them is shown. */
void recommendations_set_catalogue(struct recommendations *self, const struct catalogue *catalogue)
{
    free(self->cold);
    self->cold = NULL;
    self->cold_count = 0;
    self->options.catalogue = catalogue;
    if (cold_find(self) != STATUS_OK) self->cold_count = 0;
}

void recommendations_destroy(struct recommendations *self)
{
    if (self == NULL) return;
    (void)pthread_mutex_destroy(&self->changes_lock);
    free(self->cold);
    arena_deinit(&self->arena);
    buffer_deinit(&self->json);
    buffer_deinit(&self->text);
    free(self);
}

uint64_t recommendations_reads(const struct recommendations *self)
{
    return atomic_load(&self->reads);
}

uint32_t recommendations_streams(const struct recommendations *self)
{
    return atomic_load(&self->stream_count);
}

uint64_t recommendations_lists(const struct recommendations *self, enum rung rung)
{
    return atomic_load(&self->lists[rung]);
}

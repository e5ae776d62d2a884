/* answer.c - what a tracker, a page or a sender reads. Every answer carries CORS headers, or a page
 * would see a network error and send again for ever. */
#include "collect/inside.h"

/* The transparent 1x1 GIF of the reference. */
static const uint8_t pixel[] = {
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0xf0, 0x00, 0x00, 0xff, 0xff,
    0xff, 0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x05, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b,
};

void answer_reply(struct collect *collect, struct exchange *exchange, const struct reply *reply)
{
    struct http_response response = {.status = reply->kind == ANSWER_CREATED ? 201 : 200};

    cors_add(&response, reply->origin);
    if (reply->cookie != COOKIE_NONE)
        http_response_add(&response, "Set-Cookie", visitor_cookie(collect, reply));
    switch (reply->kind) {
    case ANSWER_OK:
        http_response_add(&response, "Content-Type", SLICE("text/plain"));
        response.body = SLICE("ok");
        break;
    case ANSWER_PIXEL:
        http_response_add(&response, "Content-Type", SLICE("image/gif"));
        http_response_add(&response, "Cache-Control", SLICE("no-cache, no-store, must-revalidate"));
        response.body = (struct slice){pixel, sizeof(pixel)};
        break;
    case ANSWER_CREATED:
        http_response_add(&response, "Hermes-Message-Id", (struct slice){reply->id, UUID_BYTES});
        http_response_add(&response, "Access-Control-Expose-Headers", SLICE("Hermes-Message-Id"));
        break;
    }
    exchange_respond(exchange, &response);
}

void answer_text(struct exchange *exchange, uint16_t status, struct slice origin, struct slice text)
{
    struct http_response response = {.status = status, .body = text};

    cors_add(&response, origin);
    http_response_add(&response, "Content-Type", SLICE("text/plain"));
    if (status == 405) http_response_add(&response, "Allow", SLICE("GET, HEAD, POST, OPTIONS"));
    if (status == 401)
        http_response_add(&response, "WWW-Authenticate", SLICE("Basic realm=\"topics\""));
    if (status == 503) http_response_add(&response, "Retry-After", SLICE("1"));
    exchange_respond(exchange, &response);
}

void answer_overloaded(struct collect *collect, struct exchange *exchange, struct slice origin)
{
    collect_count(&collect->counters.overloaded, 1);
    answer_text(exchange, 503, origin, SLICE("not stored; send it again later"));
}

void collect_refuse(void *context, const struct http_request *request,
                    struct http_response *response)
{
    (void)context;
    cors_add(response, cors_origin(request));
    if (response->status == 503) http_response_add(response, "Retry-After", SLICE("1"));
}

/* cors.c - what lets a page of another origin see our answers. The reference sends "*" for the
 * origin "null"; browsers refuse "*" together with credentials, so "null" is answered by its name. */
#include "collect/inside.h"

static bool is_scheme(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i] | 0x20U;
        bool letter = byte >= 'a' && byte <= 'z';
        bool later = (text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '+' ||
                     text.data[i] == '-' || text.data[i] == '.';

        if (!letter && (i == 0 || !later)) return false;
    }
    return text.len > 0;
}

static bool is_host_and_port(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        uint8_t lower = byte | 0x20U;
        bool plain = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');

        if (!plain && byte != '.' && byte != '-' && byte != '_' && byte != ':' && byte != '[' &&
            byte != ']')
            return false;
    }
    return text.len > 0;
}

/* scheme://host[:port] */
static bool is_origin(struct slice text)
{
    const uint8_t *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
    size_t scheme_len = colon == NULL ? 0 : (size_t)(colon - text.data);

    if (colon == NULL || text.len - scheme_len < 4 || memcmp(colon, "://", 3) != 0) return false;
    return is_scheme((struct slice){text.data, scheme_len}) &&
           is_host_and_port((struct slice){colon + 3, text.len - scheme_len - 3});
}

struct slice cors_origin(const struct http_request *request)
{
    const struct http_header *header = request == NULL ? NULL : http_find(request, "Origin");
    struct slice rest = header == NULL ? (struct slice){0} : header->value;

    if (slice_equal(rest, SLICE("null"))) return rest;
    while (rest.len > 0) {
        const uint8_t *space = memchr(rest.data, ' ', rest.len);
        size_t len = space == NULL ? rest.len : (size_t)(space - rest.data);
        struct slice origin = {rest.data, len};

        if (is_origin(origin)) return origin;
        rest = (struct slice){rest.data + len, rest.len - len};
        if (rest.len > 0) rest = (struct slice){rest.data + 1, rest.len - 1};
    }
    return SLICE("*");
}

void cors_add(struct http_response *response, struct slice origin)
{
    http_response_add(response, "Access-Control-Allow-Origin", origin);
    http_response_add(response, "Access-Control-Allow-Credentials", SLICE("true"));
    http_response_add(response, "Vary", SLICE("Origin"));
}

/* route.c - which contract a request falls under. The collector's order of routes is kept, so that a
 * request means here what it means there. */
#include "collect/inside.h"

/* "/a/b": exactly two segments, none empty. */
static bool two_segments(struct slice path, struct slice *first, struct slice *second)
{
    if (path.len < 4 || path.data[0] != '/') return false;
    const uint8_t *slash = memchr(path.data + 1, '/', path.len - 1);
    if (slash == NULL) return false;
    *first = (struct slice){path.data + 1, (size_t)(slash - path.data) - 1};
    *second = (struct slice){slash + 1, path.len - first->len - 2};
    return first->len > 0 && second->len > 0 && memchr(second->data, '/', second->len) == NULL;
}

static struct slice mapped_path(const struct collect *collect, struct slice path)
{
    for (uint32_t i = 0; i < collect->options.path_count; i++)
        if (slice_equal(collect->options.paths[i].from, path)) return collect->options.paths[i].to;
    return path;
}

static bool is(struct slice path, const char *text)
{
    return slice_equal(path, slice_of(text));
}

static enum route fixed_route(struct slice path, bool reads)
{
    if (!reads) return ROUTE_OTHER;
    if (is(path, "/i") || is(path, "/ice.png")) return ROUTE_EVENTS;
    if (is(path, "/health")) return ROUTE_HEALTH;
    if (is(path, "/sink-health")) return ROUTE_SINK_HEALTH;
    if (is(path, "/robots.txt")) return ROUTE_ROBOTS;
    return ROUTE_OTHER;
}

enum route route_of(const struct collect *collect, const struct http_request *request,
                    struct slice *rest)
{
    struct slice path = mapped_path(collect, request->path);
    bool reads = request->method == HTTP_GET || request->method == HTTP_HEAD;
    struct slice first;
    struct slice second;

    *rest = (struct slice){0};
    if (collect->fallback != NULL && slice_starts_with(path, SLICE("/v1/"))) return ROUTE_OTHER;
    bool two = two_segments(path, &first, &second);
    if (two && is(first, "r")) return ROUTE_REDIRECT;
    if (request->method == HTTP_OPTIONS) return ROUTE_PREFLIGHT;
    if (!two) return fixed_route(path, reads);
    *rest = second;
    if (is(first, "topics")) return request->method == HTTP_POST ? ROUTE_TOPIC : ROUTE_METHOD;
    if (!reads && request->method != HTTP_POST) return ROUTE_METHOD;
    return is(path, COLLECT_TRACKER_PATH) ? ROUTE_EVENTS : ROUTE_WEBHOOK;
}

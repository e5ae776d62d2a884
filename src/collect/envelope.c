/* envelope.c - the stored value: what the original's HTTP endpoint writes, so that
 * #input["message"]["schema"] works unchanged. The message itself is never re-serialised.
 *
 *   {"_w":true,"metadata":{"id":"<uuid>","timestamp":<ms>,"externalMetadata":{}},"message":<bytes>}
 */
#include "collect/inside.h"

static bool is_secret(struct slice name, bool anonymous)
{
    static const struct {
        const char *name;
        bool always;
    } rows[] = {
        {"Authorization", true},    {"Proxy-Authorization", true}, {"Cookie", false},
        {"X-Forwarded-For", false}, {"X-Real-Ip", false},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (slice_equal_ignoring_case(name, slice_of(rows[i].name)))
            return anonymous || rows[i].always;
    }
    return false;
}

/* The first X-Forwarded-For entry if the proxy is trusted, else the peer. */
static struct slice visitor_address(const struct collect *collect, const struct arrival *arrival)
{
    const struct http_header *header = collect->options.trust_forwarded_for
                                           ? http_find(arrival->request, "X-Forwarded-For")
                                           : NULL;
    struct slice first = header == NULL ? exchange_peer(arrival->exchange) : header->value;
    const uint8_t *comma = first.len == 0 ? NULL : memchr(first.data, ',', first.len);

    if (comma != NULL) first.len = (size_t)(comma - first.data);
    for (size_t i = 0; i < first.len; i++) {
        uint8_t lower = first.data[i] | 0x20U;
        bool digit =
            (first.data[i] >= '0' && first.data[i] <= '9') || (lower >= 'a' && lower <= 'f');

        if (!digit && first.data[i] != '.' && first.data[i] != ':') return SLICE("unknown");
    }
    return arrival->anonymous || first.len == 0 ? SLICE("unknown") : first;
}

static void append_headers(struct buffer *out, const struct arrival *arrival)
{
    bool first = true;

    buffer_append(out, SLICE(",\"headers\":["));
    for (uint32_t i = 0; i < arrival->request->header_count; i++) {
        const struct http_header *header = &arrival->request->headers[i];

        if (is_secret(header->name, arrival->anonymous)) continue;
        if (!first) buffer_append_byte(out, ',');
        first = false;
        buffer_append_byte(out, '[');
        snowplow_write_text(header->name, out);
        buffer_append_byte(out, ',');
        snowplow_write_text(header->value, out);
        buffer_append_byte(out, ']');
    }
    buffer_append_byte(out, ']');
}

static void append_metadata(struct collect *collect, const struct arrival *arrival)
{
    struct buffer *out = &collect->value;

    buffer_append(out, SLICE("\"ip\":"));
    snowplow_write_text(visitor_address(collect, arrival), out);
    buffer_append(out, SLICE(",\"networkUserId\":"));
    snowplow_write_text((struct slice){arrival->reply.nuid, arrival->reply.nuid_len}, out);
    buffer_append(out, SLICE(",\"path\":"));
    snowplow_write_text(arrival->request->path, out);
    append_headers(out, arrival);
}

void envelope_begin(struct collect *collect, const struct arrival *arrival, const uint8_t *id)
{
    struct buffer *out = &collect->value;

    buffer_clear(out);
    buffer_append(out, SLICE("{\"_w\":true,\"metadata\":{\"id\":\""));
    buffer_append(out, (struct slice){id, UUID_BYTES});
    buffer_append(out, SLICE("\",\"timestamp\":"));
    buffer_append_i64(out, arrival->time_ms);
    buffer_append(out, SLICE(",\"externalMetadata\":{"));
    if (collect->options.store_headers) append_metadata(collect, arrival);
    buffer_append(out, SLICE("}},\"message\":"));
}

void envelope_end(struct collect *collect)
{
    buffer_append_byte(&collect->value, '}');
}

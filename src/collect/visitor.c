/* visitor.c - the network user id: chosen as the reference chooses it, but never echoed unless it
 * consists of characters that can do no harm in a header. */
#include "collect/inside.h"
#include "sys/entropy.h"

static const char anonymous_id[] = "00000000-0000-0000-0000-000000000000";

static void take_random(struct collect *collect, uint8_t bytes[16])
{
    if (collect->random_left < 16) {
        entropy_fill(collect->random, COLLECT_RANDOM_BYTES);
        collect->random_left = COLLECT_RANDOM_BYTES;
    }
    collect->random_left -= 16;
    memcpy(bytes, collect->random + collect->random_left, 16);
}

/* Version 4 (RFC 9562 5.4). */
void collect_uuid(struct collect *collect, uint8_t text[UUID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[16];
    uint8_t *at = text;

    take_random(collect, bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0FU) | 0x40U);
    bytes[8] = (uint8_t)((bytes[8] & 0x3FU) | 0x80U);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
        *at++ = (uint8_t)digits[bytes[i] >> 4U];
        *at++ = (uint8_t)digits[bytes[i] & 15U];
    }
}

bool visitor_is_anonymous(const struct http_request *request)
{
    return http_find(request, "SP-Anonymous") != NULL;
}

static bool is_nuid(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];
        uint8_t lower = byte | 0x20U;
        bool plain = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');

        if (!plain && byte != '-' && byte != '_' && byte != '.' && byte != '~') return false;
    }
    return text.len > 0 && text.len <= COLLECT_NUID_MAX;
}

static struct slice query_nuid(struct slice query)
{
    struct slice name;
    struct slice value;

    while (http_query_next(&query, &name, &value))
        if (slice_equal(name, SLICE("nuid"))) return value;
    return (struct slice){0};
}

/* The value of a cookie; data NULL: the request has none of that name. */
static struct slice cookie_value(const struct http_request *request, struct slice name)
{
    const struct http_header *header = http_find(request, "Cookie");
    struct slice rest = header == NULL ? (struct slice){0} : header->value;

    while (rest.len > 0) {
        const uint8_t *semicolon = memchr(rest.data, ';', rest.len);
        size_t len = semicolon == NULL ? rest.len : (size_t)(semicolon - rest.data);
        struct slice pair = {rest.data, len};

        rest = (struct slice){rest.data + len, rest.len - len};
        if (rest.len > 0) rest = (struct slice){rest.data + 1, rest.len - 1};
        while (pair.len > 0 && pair.data[0] == ' ')
            pair = (struct slice){pair.data + 1, pair.len - 1};
        if (pair.len > name.len && pair.data[name.len] == '=' && slice_starts_with(pair, name))
            return (struct slice){pair.data + name.len + 1, pair.len - name.len - 1};
    }
    return (struct slice){0};
}

static void set_nuid(struct reply *reply, struct slice nuid)
{
    ASSERT(nuid.len <= COLLECT_NUID_MAX);
    if (nuid.len > 0) memcpy(reply->nuid, nuid.data, nuid.len);
    reply->nuid_len = (uint8_t)nuid.len;
}

void visitor_choose(struct collect *collect, const struct http_request *request,
                    struct reply *reply)
{
    bool enabled = collect->options.cookie_enabled;
    struct slice cookie = cookie_value(request, collect->options.cookie_name);
    struct slice nuid = query_nuid(request->query);

    if (visitor_is_anonymous(request)) {
        set_nuid(reply, slice_of(anonymous_id));
        reply->cookie = enabled && cookie.data != NULL ? COOKIE_EXPIRE : COOKIE_NONE;
        return;
    }
    reply->cookie = enabled ? COOKIE_SET : COOKIE_NONE;
    if (!is_nuid(nuid)) nuid = cookie;
    if (is_nuid(nuid)) {
        set_nuid(reply, nuid);
        return;
    }
    collect_uuid(collect, reply->nuid);
    reply->nuid_len = UUID_BYTES;
}

static struct slice expires(struct collect *collect)
{
    int64_t second = collect->host.now_ms(collect->host.context) / 1000;

    if (second != collect->date_second) {
        collect->date_second = second;
        http_write_date(second + 86400 * (int64_t)collect->options.cookie_days, collect->expires);
    }
    return (struct slice){collect->expires, HTTP_DATE_BYTES};
}

struct slice visitor_cookie(struct collect *collect, const struct reply *reply)
{
    const struct collect_options *options = &collect->options;
    struct buffer *out = &collect->text;

    buffer_clear(out);
    buffer_append(out, options->cookie_name);
    buffer_append_byte(out, '=');
    if (reply->cookie == COOKIE_SET)
        buffer_append(out, (struct slice){reply->nuid, reply->nuid_len});
    buffer_append(out, SLICE("; Expires="));
    buffer_append(out, reply->cookie == COOKIE_SET ? expires(collect)
                                                   : SLICE("Thu, 01 Jan 1970 00:00:00 GMT"));
    buffer_append(out, SLICE("; Path=/"));
    if (options->cookie_domain.len > 0) {
        buffer_append(out, SLICE("; Domain="));
        buffer_append(out, options->cookie_domain);
    }
    buffer_append(out, options->cookie_secure ? SLICE("; SameSite=None; Secure; HttpOnly")
                                              : SLICE("; SameSite=Lax; HttpOnly"));
    return buffer_slice(out);
}

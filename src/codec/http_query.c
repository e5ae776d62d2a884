/* http_query.c - percent escapes and query strings (RFC 3986; HTML's form encoding). */
#include "codec/http.h"

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

enum status http_percent_decode(struct slice text, bool form, struct buffer *out)
{
    uint8_t *target = text.len == 0 ? NULL : buffer_reserve(out, text.len);

    if (text.len == 0) return STATUS_OK;
    if (target == NULL) return STATUS_LIMIT;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t byte = text.data[i];

        if (byte == '+' && form) byte = ' ';
        if (byte == '%') {
            int high = text.len - i > 2 ? hex_digit(text.data[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;

            if (low < 0) return STATUS_INVALID;
            byte = (uint8_t)(high * 16 + low);
            i += 2;
        }
        *target++ = byte;
    }
    out->len = (size_t)(target - out->data);
    return STATUS_OK;
}

bool http_query_next(struct slice *query, struct slice *name, struct slice *value)
{
    while (query->len > 0) {
        const uint8_t *amp = memchr(query->data, '&', query->len);
        size_t len = amp == NULL ? query->len : (size_t)(amp - query->data);
        struct slice pair = {query->data, len};
        size_t step = amp == NULL ? len : len + 1;

        *query = (struct slice){query->data + step, query->len - step};
        if (pair.len == 0) continue;
        const uint8_t *equals = memchr(pair.data, '=', pair.len);
        size_t name_len = equals == NULL ? pair.len : (size_t)(equals - pair.data);
        *name = (struct slice){pair.data, name_len};
        *value = equals == NULL ? (struct slice){pair.data + pair.len, 0}
                                : (struct slice){equals + 1, pair.len - name_len - 1};
        return true;
    }
    return false;
}

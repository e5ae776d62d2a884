/* http_response.c - answers as bytes: the size is known before the first byte is written, so there is
 * one reservation and no check per piece. */
#include "codec/civil.h"
#include "codec/http.h"

enum { RESPONSE_FIXED_BYTES = 192 }; /* status line, date, length, connection, last CRLF */

void http_response_add(struct http_response *response, const char *name, struct slice value)
{
    ASSERT(response->header_count < HTTP_RESPONSE_HEADERS_MAX);
    if (value.len > 0 && (memchr(value.data, '\r', value.len) != NULL ||
                          memchr(value.data, '\n', value.len) != NULL ||
                          memchr(value.data, '\0', value.len) != NULL))
        return;
    response->headers[response->header_count++] = (struct http_header){slice_of(name), value};
}

const char *http_reason(uint16_t status)
{
    static const struct {
        uint16_t status;
        const char *reason;
    } rows[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].status == status) return rows[i].reason;
    return "Status";
}

static uint8_t *put(uint8_t *at, struct slice bytes)
{
    if (bytes.len > 0) memcpy(at, bytes.data, bytes.len);
    return at + bytes.len;
}

static uint8_t *put_number(uint8_t *at, uint64_t number)
{
    uint8_t digits[20];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return put(at, (struct slice){digits + first, sizeof(digits) - first});
}

static uint8_t *put_header(uint8_t *at, struct slice name, struct slice value)
{
    at = put(at, name);
    at = put(at, SLICE(": "));
    at = put(at, value);
    return put(at, SLICE("\r\n"));
}

static uint8_t *put_status_line(uint8_t *at, uint16_t status)
{
    if (status == 200) return put(at, SLICE("HTTP/1.1 200 OK\r\n"));
    at = put(at, SLICE("HTTP/1.1 "));
    at = put_number(at, status);
    at = put(at, SLICE(" "));
    at = put(at, slice_of(http_reason(status)));
    return put(at, SLICE("\r\n"));
}

void http_write_response(const struct http_response *response, struct buffer *out)
{
    bool bodiless = response->status == 204 || response->status == 304 || response->stream;
    struct slice body = bodiless || response->no_body ? (struct slice){0} : response->body;
    size_t bytes = RESPONSE_FIXED_BYTES + body.len;

    ASSERT(response->status >= 100 && response->status <= 999);
    for (uint32_t i = 0; i < response->header_count; i++)
        bytes += response->headers[i].name.len + response->headers[i].value.len + 4;
    uint8_t *at = buffer_reserve(out, bytes);
    if (at == NULL) return;

    at = put_status_line(at, response->status);
    for (uint32_t i = 0; i < response->header_count; i++)
        at = put_header(at, response->headers[i].name, response->headers[i].value);
    if (response->date.len > 0) at = put_header(at, SLICE("Date"), response->date);
    if (!bodiless) {
        at = put(at, SLICE("Content-Length: "));
        at = put_number(at, response->body.len);
        at = put(at, SLICE("\r\n"));
    }
    if (response->close || response->stream) at = put(at, SLICE("Connection: close\r\n"));
    at = put(at, SLICE("\r\n"));
    at = put(at, body);
    out->len = (size_t)(at - out->data);
    ASSERT(out->len <= out->capacity);
}

static uint8_t *put_two(uint8_t *at, int64_t number)
{
    *at++ = (uint8_t)('0' + number / 10 % 10);
    *at++ = (uint8_t)('0' + number % 10);
    return at;
}

void http_write_date(int64_t unix_seconds, uint8_t date[HTTP_DATE_BYTES])
{
    static const char day_names[] = "ThuFriSatSunMonTueWed";
    static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    ASSERT(unix_seconds >= 0 && unix_seconds < 253402300800);
    struct civil civil = civil_of(unix_seconds);
    uint8_t *at = put(date, (struct slice){(const uint8_t *)day_names + civil.weekday * 3, 3});
    at = put(at, SLICE(", "));
    at = put_two(at, civil.day);
    at = put(at, SLICE(" "));
    at = put(at, (struct slice){(const uint8_t *)month_names + (civil.month - 1) * 3, 3});
    at = put(at, SLICE(" "));
    at = put_two(at, civil.year / 100);
    at = put_two(at, civil.year);
    at = put(at, SLICE(" "));
    at = put_two(at, civil.second / 3600);
    at = put(at, SLICE(":"));
    at = put_two(at, civil.second / 60 % 60);
    at = put(at, SLICE(":"));
    at = put_two(at, civil.second % 60);
    at = put(at, SLICE(" GMT"));
    ASSERT(at == date + HTTP_DATE_BYTES);
}

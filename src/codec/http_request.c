/* http_request.c - the head of a request: one pass over its bytes, nothing allocated.
 *
 * A line ends where its first control byte is CR and LF follows; every other control byte is refused
 * there and then, so that NUL, bare CR, bare LF and folding need no search of their own. */
#include "codec/http.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Token characters of RFC 9110 5.6.2. */
static const bool token_char[256] = {
    ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1,
    ['-'] = 1, ['.'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1,  ['~'] = 1, ['0'] = 1,
    ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1,  ['7'] = 1, ['8'] = 1,
    ['9'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,  ['F'] = 1, ['G'] = 1,
    ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1,  ['N'] = 1, ['O'] = 1,
    ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,  ['V'] = 1, ['W'] = 1,
    ['X'] = 1, ['Y'] = 1, ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1,  ['d'] = 1, ['e'] = 1,
    ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1, ['k'] = 1,  ['l'] = 1, ['m'] = 1,
    ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,  ['t'] = 1, ['u'] = 1,
    ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1,
};

static enum status refuse(struct http_refusal *refusal, uint16_t status, const char *message)
{
    *refusal = (struct http_refusal){status, message};
    return STATUS_INVALID;
}

/* First byte that may not stand inside a field value: a control but tab, or DEL; `end` if none. */
static const uint8_t *find_control(const uint8_t *at, const uint8_t *end)
{
#if defined(__SSE2__)
    const __m128i below = _mm_set1_epi8(0x20);
    const __m128i top = _mm_set1_epi8((char)0x80);
    const __m128i tab = _mm_set1_epi8('\t');
    const __m128i del = _mm_set1_epi8(0x7f);

    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* signed comparison on bytes shifted by 0x80 is the unsigned one */
        __m128i low = _mm_cmplt_epi8(_mm_xor_si128(bytes, top), _mm_xor_si128(below, top));
        __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low),
                                   _mm_cmpeq_epi8(bytes, del));
        int mask = _mm_movemask_epi8(bad);

        if (mask != 0) return at + __builtin_ctz((unsigned)mask);
    }
#endif
    while (at < end && (*at >= 0x20 || *at == '\t') && *at != 0x7f)
        at++;
    return at;
}

/* Is `at`, a control byte, the CRLF that ends a line? `next` is moved behind it. */
static enum status line_end(const uint8_t *at, const uint8_t *end, const uint8_t **next,
                            struct http_refusal *refusal)
{
    if (at == end || (*at == '\r' && end - at == 1)) return STATUS_AGAIN;
    if (*at == '\n') return refuse(refusal, 400, "a line ends in a bare LF");
    if (*at != '\r') return refuse(refusal, 400, "a control character in the head");
    if (at[1] != '\n') return refuse(refusal, 400, "a CR without LF in the head");
    *next = at + 2;
    return STATUS_OK;
}

static enum http_method method_of(struct slice text)
{
    static const struct {
        struct slice name;
        enum http_method method;
    } rows[] = {
        {{(const uint8_t *)"GET", 3}, HTTP_GET},
        {{(const uint8_t *)"POST", 4}, HTTP_POST},
        {{(const uint8_t *)"HEAD", 4}, HTTP_HEAD},
        {{(const uint8_t *)"PUT", 3}, HTTP_PUT},
        {{(const uint8_t *)"DELETE", 6}, HTTP_DELETE},
        {{(const uint8_t *)"OPTIONS", 7}, HTTP_OPTIONS},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_equal(rows[i].name, text)) return rows[i].method;
    return HTTP_OTHER;
}

static bool host_is_sane(struct slice host)
{
    static const bool refused[128] = {['/'] = 1, ['\\'] = 1, ['@'] = 1, [','] = 1, ['?'] = 1,
                                      ['#'] = 1, ['"'] = 1,  ['<'] = 1, ['>'] = 1};

    for (size_t i = 0; i < host.len; i++)
        if (host.data[i] <= ' ' || host.data[i] >= 0x7f || refused[host.data[i]]) return false;
    return true;
}

/* "http://host/path": leaves the authority in host and the rest in target. */
static bool split_absolute_form(struct http_request *request, struct slice *path)
{
    size_t scheme = slice_starts_with(*path, SLICE("http://"))    ? 7
                    : slice_starts_with(*path, SLICE("https://")) ? 8
                                                                  : 0;

    if (scheme == 0) return false;
    const uint8_t *authority = path->data + scheme;
    size_t left = path->len - scheme;
    size_t len = 0;
    while (len < left && authority[len] != '/' && authority[len] != '?')
        len++;
    request->host = (struct slice){authority, len};
    *path = len < left && authority[len] == '/' ? (struct slice){authority + len, left - len}
                                                : (struct slice){(const uint8_t *)"/", 1};
    return len > 0 && (len == left || authority[len] == '/') && host_is_sane(request->host);
}

static enum status split_target(struct http_request *request, struct http_refusal *refusal)
{
    struct slice path = request->target;

    for (size_t i = 0; i < path.len; i++) {
        if (path.data[i] <= ' ' || path.data[i] >= 0x7f || path.data[i] == '#')
            return refuse(refusal, 400, "the target holds a byte no URL may hold");
    }
    bool asterisk = path.len == 1 && path.data[0] == '*' && request->method == HTTP_OPTIONS;
    if (path.len == 0) return refuse(refusal, 400, "the request line has no target");
    if (path.data[0] != '/' && !asterisk && !split_absolute_form(request, &path))
        return refuse(refusal, 400, "the target is neither a path nor an http URL");
    const uint8_t *mark = memchr(path.data, '?', path.len);
    request->path = path;
    if (mark == NULL) return STATUS_OK;
    request->path.len = (size_t)(mark - path.data);
    request->query = (struct slice){mark + 1, path.len - request->path.len - 1};
    return STATUS_OK;
}

static enum status read_version(struct http_request *request, struct slice version,
                                struct http_refusal *refusal)
{
    if (version.len != 8 || memcmp(version.data, "HTTP/", 5) != 0 || version.data[6] != '.' ||
        version.data[5] < '0' || version.data[5] > '9' || version.data[7] < '0' ||
        version.data[7] > '9')
        return refuse(refusal, 400, "the request line does not end in HTTP/1.1");
    if (version.data[5] != '1' || version.data[7] > '1')
        return refuse(refusal, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    request->minor_version = (uint8_t)(version.data[7] - '0');
    request->keep_alive = request->minor_version == 1;
    return STATUS_OK;
}

static enum status read_request_line(const uint8_t **at, const uint8_t *end,
                                     struct http_request *request, struct http_refusal *refusal)
{
    const uint8_t *begin = *at;
    const uint8_t *limit =
        end - begin > HTTP_REQUEST_LINE_MAX + 1 ? begin + HTTP_REQUEST_LINE_MAX + 1 : end;
    const uint8_t *stop = find_control(begin, limit);
    const uint8_t *method_end = begin;

    while (method_end < stop && token_char[*method_end])
        method_end++;
    if (method_end == begin && begin < end)
        return refuse(refusal, 400, "the request does not begin with a method");
    if (method_end < stop && *method_end != ' ')
        return refuse(refusal, 400, "the method is followed by something else than a space");
    if (stop - begin > HTTP_REQUEST_LINE_MAX)
        return refuse(refusal, 414, "the request line is longer than 20480 bytes");
    enum status status = line_end(stop, end, at, refusal);
    if (status != STATUS_OK) return status;

    const uint8_t *target = method_end < stop ? method_end + 1 : stop;
    const uint8_t *target_end = memchr(target, ' ', (size_t)(stop - target));
    if (target_end == NULL)
        return refuse(refusal, 400, "the request line has fewer than three parts");
    request->method_text = (struct slice){begin, (size_t)(method_end - begin)};
    request->method = method_of(request->method_text);
    request->target = (struct slice){target, (size_t)(target_end - target)};
    status = read_version(request, (struct slice){target_end + 1, (size_t)(stop - target_end - 1)},
                          refusal);
    return status == STATUS_OK ? split_target(request, refusal) : status;
}

static enum status read_content_length(struct http_request *request, struct slice value,
                                       struct http_refusal *refusal)
{
    if (request->has_length) return refuse(refusal, 400, "two Content-Length headers");
    if (value.len == 0 || value.len > 19)
        return refuse(refusal, 400, "Content-Length is not a number");
    uint64_t sum = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return refuse(refusal, 400, "Content-Length is not a number");
        sum = sum * 10 + (uint64_t)(value.data[i] - '0');
    }
    request->has_length = true;
    request->content_length = sum;
    return STATUS_OK;
}

static enum status read_transfer_encoding(struct http_request *request, struct slice value,
                                          struct http_refusal *refusal)
{
    if (request->chunked) return refuse(refusal, 400, "two Transfer-Encoding headers");
    if (!slice_equal_ignoring_case(value, SLICE("chunked")))
        return refuse(refusal, 501, "a Transfer-Encoding other than chunked");
    request->chunked = true;
    return STATUS_OK;
}

static enum status read_host(struct http_request *request, struct slice value, bool *seen,
                             struct http_refusal *refusal)
{
    if (*seen) return refuse(refusal, 400, "two Host headers");
    if (!host_is_sane(value)) return refuse(refusal, 400, "Host is not an authority");
    *seen = true;
    if (request->host.data == NULL) request->host = value;
    return STATUS_OK;
}

static enum status read_expect(struct http_request *request, struct slice value,
                               struct http_refusal *refusal)
{
    if (!slice_equal_ignoring_case(value, SLICE("100-continue")))
        return refuse(refusal, 417, "an expectation other than 100-continue");
    request->expect_continue = request->minor_version == 1;
    return STATUS_OK;
}

/* Headers that change how the message is read; found by length first. */
static enum status apply_header(struct http_request *request, const struct http_header *header,
                                bool *host_seen, struct http_refusal *refusal)
{
    struct slice name = header->name;

    switch (name.len) {
    case 4:
        if (slice_equal_ignoring_case(name, SLICE("host")))
            return read_host(request, header->value, host_seen, refusal);
        break;
    case 6:
        if (slice_equal_ignoring_case(name, SLICE("expect")))
            return read_expect(request, header->value, refusal);
        break;
    case 10:
        if (!slice_equal_ignoring_case(name, SLICE("connection"))) break;
        if (http_list_has(header->value, "close")) request->keep_alive = false;
        break;
    case 14:
        if (slice_equal_ignoring_case(name, SLICE("content-length")))
            return read_content_length(request, header->value, refusal);
        break;
    case 17:
        if (slice_equal_ignoring_case(name, SLICE("transfer-encoding")))
            return read_transfer_encoding(request, header->value, refusal);
        break;
    default: break;
    }
    return STATUS_OK;
}

static struct slice trim(const uint8_t *begin, const uint8_t *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t'))
        begin++;
    while (begin < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return (struct slice){begin, (size_t)(end - begin)};
}

static enum status read_header(const uint8_t **at, const uint8_t *end, struct http_header *header,
                               struct http_refusal *refusal)
{
    const uint8_t *begin = *at;
    const uint8_t *colon = begin;

    if (*begin == ' ' || *begin == '\t')
        return refuse(refusal, 400, "a header line begins with a space");
    while (colon < end && token_char[*colon])
        colon++;
    if (colon == end) return STATUS_AGAIN;
    if (*colon == '\n' || *colon == '\r') return refuse(refusal, 400, "a header line has no colon");
    if (*colon != ':' || colon == begin)
        return refuse(refusal, 400, "a header name holds a character no name may hold");
    const uint8_t *stop = find_control(colon + 1, end);
    enum status status = line_end(stop, end, at, refusal);
    if (status != STATUS_OK) return status;
    header->name = (struct slice){begin, (size_t)(colon - begin)};
    header->value = trim(colon + 1, stop);
    return STATUS_OK;
}

/* Checks that concern several headers, once all are read. */
static enum status check_framing(const struct http_request *request, bool host_seen,
                                 struct http_refusal *refusal)
{
    if (request->chunked && request->has_length)
        return refuse(refusal, 400, "both Content-Length and Transfer-Encoding");
    if (request->chunked && request->minor_version == 0)
        return refuse(refusal, 400, "Transfer-Encoding in HTTP/1.0");
    if (!host_seen && request->minor_version == 1)
        return refuse(refusal, 400, "HTTP/1.1 without Host");
    return STATUS_OK;
}

static enum status read_headers(const uint8_t **at, const uint8_t *end,
                                struct http_request *request, struct http_refusal *refusal)
{
    bool host_seen = false;

    for (;;) {
        if (*at == end) return STATUS_AGAIN;
        if (**at == '\r' || **at == '\n') {
            enum status ended = line_end(*at, end, at, refusal);

            return ended == STATUS_OK ? check_framing(request, host_seen, refusal) : ended;
        }
        if (request->header_count == HTTP_HEADERS_MAX)
            return refuse(refusal, 431, "more than 100 headers");
        struct http_header *header = &request->headers[request->header_count];
        enum status status = read_header(at, end, header, refusal);
        if (status != STATUS_OK) return status;
        request->header_count++;
        status = apply_header(request, header, &host_seen, refusal);
        if (status != STATUS_OK) return status;
    }
}

/* Everything but the header array, which is only valid up to header_count. */
static void request_clear(struct http_request *request)
{
    request->method = HTTP_OTHER;
    request->method_text = (struct slice){0};
    request->target = (struct slice){0};
    request->path = (struct slice){0};
    request->query = (struct slice){0};
    request->host = (struct slice){0};
    request->minor_version = 1;
    request->keep_alive = false;
    request->expect_continue = false;
    request->chunked = false;
    request->has_length = false;
    request->content_length = 0;
    request->header_count = 0;
    request->body = (struct slice){0};
}

enum status http_parse_head(struct slice bytes, struct http_request *request, size_t *head_len,
                            struct http_refusal *refusal)
{
    const uint8_t *at = bytes.data;
    bool cut = bytes.len > HTTP_HEAD_MAX;
    const uint8_t *end = bytes.data + (cut ? HTTP_HEAD_MAX : bytes.len);

    request_clear(request);
    if (bytes.len == 0) return STATUS_AGAIN;
    if (bytes.data[0] == '\r') {
        enum status skipped = line_end(at, end, &at, refusal);

        if (skipped != STATUS_OK || at == end) return at == end ? STATUS_AGAIN : skipped;
    }
    enum status status = read_request_line(&at, end, request, refusal);
    if (status == STATUS_OK) status = read_headers(&at, end, request, refusal);
    if (status == STATUS_AGAIN && cut)
        return refuse(refusal, 431, "the head is longer than 40960 bytes");
    if (status != STATUS_OK) return status;
    *head_len = (size_t)(at - bytes.data);
    return STATUS_OK;
}

const struct http_header *http_find(const struct http_request *request, const char *name)
{
    struct slice wanted = slice_of(name);

    for (uint32_t i = 0; i < request->header_count; i++) {
        if (request->headers[i].name.len == wanted.len &&
            slice_equal_ignoring_case(request->headers[i].name, wanted))
            return &request->headers[i];
    }
    return NULL;
}

bool http_list_has(struct slice list, const char *token)
{
    const uint8_t *at = list.data;
    const uint8_t *end = list.data + list.len;

    while (at < end) {
        const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
        const uint8_t *stop = comma == NULL ? end : comma;

        if (slice_equal_ignoring_case(trim(at, stop), slice_of(token))) return true;
        at = comma == NULL ? end : comma + 1;
    }
    return false;
}

/* transfer_answer.c - what came back: the head by its lines, without our secrets, and what kind of answer it is. */
#include "connect/http/transfer_room.h"

/* A server may echo what it was sent: secrets do not leave in replies. */
static void mask(struct buffer *bytes, struct slice secret)
{
    size_t at = 0;

    if (secret.len < TRANSFER_SECRET_BYTES_MASKED) return;
    while (bytes->len - at >= secret.len) {
        uint8_t *found = memchr(bytes->data + at, secret.data[0], bytes->len - at - secret.len + 1);

        if (found == NULL) return;
        at = (size_t)(found - bytes->data) + 1;
        if (memcmp(found, secret.data, secret.len) == 0) memset(found, '*', secret.len);
    }
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && strchr(" \t\r\n", text.data[text.len - 1]) != NULL)
        text.len--;
    return text;
}

static void header_join(struct transfer *transfer, struct answer *answer, struct slice name,
                        struct slice value)
{
    struct http_header *known = NULL;

    for (uint32_t i = 0; i < answer->header_count && known == NULL; i++) {
        if (slice_equal_ignoring_case(answer->headers[i].name, name)) known = &answer->headers[i];
    }
    if (known == NULL) {
        if (answer->header_count == ANSWER_HEADERS_MAX) return;
        answer->headers[answer->header_count++] = (struct http_header){name, value};
        return;
    }
    struct buffer joined = {.bytes_max = known->value.len + 2 + value.len};
    joined.data = arena_alloc(&transfer->arena, joined.bytes_max, 1);
    if (joined.data == NULL) return;
    joined.capacity = joined.bytes_max;
    buffer_append(&joined, known->value);
    buffer_append_text(&joined, ", ");
    buffer_append(&joined, value);
    known->value = buffer_slice(&joined);
}

static void read_line(struct transfer *transfer, struct answer *answer, struct slice line)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);

    if (slice_starts_with(line, SLICE("HTTP/"))) { /* "HTTP/1.1 200 OK" */
        for (int word = 0; word < 2 && line.len > 0; word++) {
            const uint8_t *space = memchr(line.data, ' ', line.len);
            size_t skip = space != NULL ? (size_t)(space - line.data) + 1 : line.len;

            line = (struct slice){line.data + skip, line.len - skip};
        }
        answer->text = trim(line);
        return;
    }
    if (colon == NULL || colon == line.data) return;
    size_t name_len = (size_t)(colon - line.data);
    header_join(transfer, answer, (struct slice){line.data, name_len},
                trim((struct slice){colon + 1, line.len - name_len - 1}));
}

static void read_head(struct transfer *transfer, struct answer *answer)
{
    struct slice rest = buffer_slice(&transfer->head);

    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.data) + 1 : rest.len;

        read_line(transfer, answer, (struct slice){rest.data, len});
        rest = (struct slice){rest.data + len, rest.len - len};
    }
}

static enum answer_kind kind_of(const struct transfer *transfer, CURLcode code,
                                const char **problem)
{
    *problem = NULL;
    if (code == CURLE_OK) return ANSWER_RESPONSE;
    if (transfer->refused) {
        *problem = "the address is private or reserved and calling it is not allowed "
                   "(allow_private of the endpoint)";
        return ANSWER_REFUSED;
    }
    if (transfer->too_large) {
        *problem = "the response is larger than allowed (deliver.response_bytes_max)";
        return ANSWER_TOO_LARGE;
    }
    *problem = curl_easy_strerror(code); /* static texts, no host names */
    if (code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT) return ANSWER_REFUSED;
    return ANSWER_BROKEN;
}

void transfer_answer(struct transfer *transfer, CURLcode code, struct answer *answer)
{
    long status = 0;

    *answer = (struct answer){0};
    answer->kind = kind_of(transfer, code, &answer->problem);
    if (answer->kind != ANSWER_RESPONSE) return;
    (void)curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    for (uint32_t i = 0; i < transfer->target->secret_count; i++) {
        mask(&transfer->head, transfer->target->secrets[i].value);
        mask(&transfer->body, transfer->target->secrets[i].value);
    }
    answer->status = (uint16_t)status;
    answer->body = buffer_slice(&transfer->body);
    read_head(transfer, answer);
}

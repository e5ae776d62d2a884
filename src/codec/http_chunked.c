/* http_chunked.c - chunked transfer coding (RFC 9112 7.1), decoded where it lies.
 *
 *   size [;ext] CRLF  data CRLF  ...  0 [;ext] CRLF  [trailer CRLF ...]  CRLF
 *
 * A decoded byte never lies behind its raw one, so data moves down over the framing before it.
 */
#include "codec/http.h"

enum chunk_phase {
    CHUNK_SIZE_FIRST,
    CHUNK_SIZE,
    CHUNK_EXTENSION,
    CHUNK_SIZE_LF,
    CHUNK_DATA,
    CHUNK_DATA_CR,
    CHUNK_DATA_LF,
    CHUNK_TRAILER_FIRST,
    CHUNK_TRAILER,
    CHUNK_TRAILER_LF,
    CHUNK_END_LF,
    CHUNK_DONE,
};

enum { CHUNK_SIZE_MAX_DIGITS_VALUE = 1U << 30U };

static enum status refuse(struct http_refusal *refusal, uint16_t status, const char *message)
{
    *refusal = (struct http_refusal){status, message};
    return status == 413 ? STATUS_LIMIT : STATUS_INVALID;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

static enum status size_digit(struct http_chunked *chunked, uint8_t byte,
                              struct http_refusal *refusal)
{
    int digit = hex_digit(byte);

    if (digit >= 0) {
        if (chunked->chunk_left >= CHUNK_SIZE_MAX_DIGITS_VALUE)
            return refuse(refusal, 413, "a chunk is larger than any body may be");
        chunked->chunk_left = chunked->chunk_left * 16 + (uint64_t)digit;
        chunked->phase = CHUNK_SIZE;
        return STATUS_OK;
    }
    if (chunked->phase == CHUNK_SIZE && (byte == ';' || byte == '\r')) {
        chunked->phase = byte == ';' ? CHUNK_EXTENSION : CHUNK_SIZE_LF;
        return STATUS_OK;
    }
    return refuse(refusal, 400, "a chunk size is not a hexadecimal number");
}

/* Text up to its CR: a chunk extension or a trailer line; both are dropped. */
static enum status dropped_byte(struct http_chunked *chunked, uint8_t byte, uint8_t next,
                                struct http_refusal *refusal)
{
    if (byte == '\r') {
        chunked->phase = next;
        return STATUS_OK;
    }
    if ((byte < ' ' && byte != '\t') || byte == 0x7f)
        return refuse(refusal, 400, "a control character in the chunk framing");
    return STATUS_OK;
}

static enum status expect_byte(struct http_chunked *chunked, uint8_t byte, uint8_t wanted,
                               uint8_t next, struct http_refusal *refusal)
{
    if (byte != wanted) return refuse(refusal, 400, "a chunk does not end where its size says");
    chunked->phase = next;
    return STATUS_OK;
}

static enum status chunk_begins(struct http_chunked *chunked, uint8_t byte, uint64_t body_bytes_max,
                                struct http_refusal *refusal)
{
    bool last = chunked->chunk_left == 0;

    if (chunked->chunk_left > body_bytes_max - chunked->body_len)
        return refuse(refusal, 413, "the body is larger than allowed");
    chunked->line_bytes = 0;
    return expect_byte(chunked, byte, '\n', last ? CHUNK_TRAILER_FIRST : CHUNK_DATA, refusal);
}

static enum status framing_byte(struct http_chunked *chunked, uint8_t byte, uint64_t body_bytes_max,
                                struct http_refusal *refusal)
{
    bool trailer = chunked->phase >= CHUNK_TRAILER_FIRST;

    if (++chunked->line_bytes > (trailer ? HTTP_TRAILER_BYTES_MAX : HTTP_CHUNK_LINE_MAX))
        return refuse(refusal, 400, "the chunk framing is longer than allowed");
    switch ((enum chunk_phase)chunked->phase) {
    case CHUNK_SIZE_FIRST:
    case CHUNK_SIZE: return size_digit(chunked, byte, refusal);
    case CHUNK_EXTENSION: return dropped_byte(chunked, byte, CHUNK_SIZE_LF, refusal);
    case CHUNK_SIZE_LF: return chunk_begins(chunked, byte, body_bytes_max, refusal);
    case CHUNK_DATA_CR: return expect_byte(chunked, byte, '\r', CHUNK_DATA_LF, refusal);
    case CHUNK_DATA_LF:
        chunked->line_bytes = 0;
        return expect_byte(chunked, byte, '\n', CHUNK_SIZE_FIRST, refusal);
    case CHUNK_TRAILER_FIRST:
        chunked->phase = CHUNK_TRAILER;
        return dropped_byte(chunked, byte, CHUNK_END_LF, refusal);
    case CHUNK_TRAILER: return dropped_byte(chunked, byte, CHUNK_TRAILER_LF, refusal);
    case CHUNK_TRAILER_LF: return expect_byte(chunked, byte, '\n', CHUNK_TRAILER_FIRST, refusal);
    case CHUNK_END_LF: return expect_byte(chunked, byte, '\n', CHUNK_DONE, refusal);
    case CHUNK_DATA:
    case CHUNK_DONE: break;
    }
    UNREACHABLE("data is not framing");
}

static void take_data(struct http_chunked *chunked, uint8_t *body, size_t len)
{
    uint64_t here = len - chunked->consumed;
    uint64_t bytes = chunked->chunk_left < here ? chunked->chunk_left : here;

    memmove(body + chunked->body_len, body + chunked->consumed, bytes);
    chunked->body_len += bytes;
    chunked->consumed += bytes;
    chunked->chunk_left -= bytes;
    if (chunked->chunk_left == 0) chunked->phase = CHUNK_DATA_CR;
}

enum status http_chunked_decode(struct http_chunked *chunked, uint8_t *body, size_t len,
                                uint64_t body_bytes_max, struct http_refusal *refusal)
{
    ASSERT(chunked->body_len <= chunked->consumed && chunked->consumed <= len);
    ASSERT(chunked->body_len <= body_bytes_max);
    while (chunked->phase != CHUNK_DONE) {
        if (chunked->consumed == len) return STATUS_AGAIN;
        if (chunked->phase == CHUNK_DATA) {
            take_data(chunked, body, len);
            continue;
        }
        enum status status =
            framing_byte(chunked, body[chunked->consumed], body_bytes_max, refusal);
        if (status != STATUS_OK) return status;
        chunked->consumed++;
    }
    return STATUS_OK;
}

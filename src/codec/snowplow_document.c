/* snowplow_document.c - self-describing JSON inside an event. Only the shape is checked: what the
 * schemas themselves ask for is the business of those who read the events. */
#include "codec/snowplow_document.h"

#include "codec/json.h"

static const struct json_limits inner_limits = {
    .bytes_max = 4 << 20,
    .depth_max = 64,
    .nodes_max = 128 << 10,
    .number_bytes_max = 1000,
};

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.len > 0;
}

/* The part of `rest` before the separator, or all of it. */
static struct slice cut(struct slice *rest, char separator)
{
    const uint8_t *at = rest->len == 0 ? NULL : memchr(rest->data, separator, rest->len);
    size_t len = at == NULL ? rest->len : (size_t)(at - rest->data);
    size_t step = at == NULL ? len : len + 1;
    struct slice part = {rest->data, len};

    *rest = (struct slice){rest->data + step, rest->len - step};
    return part;
}

bool snowplow_is_iglu_uri(struct slice uri)
{
    if (!slice_starts_with(uri, SLICE("iglu:"))) return false;
    struct slice rest = {uri.data + 5, uri.len - 5};
    for (int i = 0; i < 3; i++)
        if (cut(&rest, '/').len == 0) return false;
    for (int i = 0; i < 3; i++)
        if (!is_digits(cut(&rest, '-'))) return false;
    return rest.len == 0;
}

static int base64_digit(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9') return byte - '0' + 52;
    if (byte == '+' || byte == '-') return 62;
    if (byte == '/' || byte == '_') return 63;
    return -1;
}

static const char *decode_base64(struct slice text, struct arena *arena, struct slice *bytes)
{
    uint8_t *target = arena_alloc(arena, text.len / 4 * 3 + 3, 1);
    size_t len = 0;
    uint32_t bits = 0;
    uint32_t bit_count = 0;

    if (target == NULL) return "larger than allowed";
    for (int pads = 0; pads < 2 && text.len > 0 && text.data[text.len - 1] == '='; pads++)
        text.len--;
    if (text.len % 4 == 1) return "base64 of a possible length";
    for (size_t i = 0; i < text.len; i++) {
        int digit = base64_digit(text.data[i]);

        if (digit < 0) return "base64 without other characters";
        bits = (bits << 6U | (uint32_t)digit) & 0xFFFFFFU;
        bit_count += 6;
        if (bit_count < 8) continue;
        bit_count -= 8;
        target[len++] = (uint8_t)(bits >> bit_count);
    }
    *bytes = (struct slice){target, len};
    return NULL;
}

static bool has_schema(const struct document *document, uint32_t object, struct arena *arena)
{
    struct slice uri;

    if (document->nodes[object].kind != DOCUMENT_OBJECT) return false;
    uint32_t schema = document_member(document, object, SLICE("schema"));
    return schema != 0 &&
           (document->nodes[schema].kind == DOCUMENT_STRING ||
            document->nodes[schema].kind == DOCUMENT_ESCAPED_STRING) &&
           document_string(document, schema, arena, &uri) == STATUS_OK && snowplow_is_iglu_uri(uri);
}

static const char *check_shape(const struct document *document, enum snowplow_inner kind,
                               struct arena *arena)
{
    if (!has_schema(document, 0, arena)) return "a self-describing document: schema and data";
    uint32_t data = document_member(document, 0, SLICE("data"));
    if (data == 0) return "a self-describing document: schema and data";
    if (kind == SNOWPLOW_UNSTRUCT_EVENT) {
        bool inner = has_schema(document, data, arena) &&
                     document_member(document, data, SLICE("data")) != 0;

        return inner ? NULL : "an event that is a self-describing document itself";
    }
    if (document->nodes[data].kind != DOCUMENT_ARRAY) return "an array of entities";
    uint32_t at = data + 1;
    for (uint32_t i = 0; i < document->nodes[data].count; i++) {
        if (!has_schema(document, at, arena)) return "entities that are self-describing documents";
        at = document->nodes[at].next;
    }
    return NULL;
}

const char *snowplow_check_inner(struct slice text, bool encoded, enum snowplow_inner kind,
                                 struct arena *arena)
{
    struct document document;
    struct json_error error;
    const char *wrong = encoded ? decode_base64(text, arena, &text) : NULL;

    if (wrong != NULL) return wrong;
    if (json_parse(text, &inner_limits, arena, &document, &error) != STATUS_OK)
        return error.message;
    return check_shape(&document, kind, arena);
}

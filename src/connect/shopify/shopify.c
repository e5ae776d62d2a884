/* shopify.c - walks the few members that matter; everything else is the scenario's. */
#include "connect/shopify/shopify.h"

#include <stdlib.h>

enum { NUMBER_BYTES_MAX = 40, UNKNOWN_WAIT_MS = 1000 };

struct reader {
    const struct document *document;
    struct arena *arena;
};

static const struct document_node *node_of(const struct reader *reader, uint32_t node)
{
    return &reader->document->nodes[node];
}

static uint32_t member(const struct reader *reader, uint32_t object, struct slice key)
{
    if (node_of(reader, object)->kind != DOCUMENT_OBJECT) return 0;
    return document_member(reader->document, object, key);
}

static struct slice text_of(const struct reader *reader, uint32_t node)
{
    struct slice text = {0};

    if (node == 0) return text;
    uint8_t kind = node_of(reader, node)->kind;
    if (kind != DOCUMENT_STRING && kind != DOCUMENT_ESCAPED_STRING) return text;
    if (document_string(reader->document, node, reader->arena, &text) != STATUS_OK)
        return (struct slice){0};
    return text;
}

static bool number_of(const struct reader *reader, uint32_t object, struct slice key,
                      double *number)
{
    uint32_t node = object == 0 ? 0 : member(reader, object, key);
    char text[NUMBER_BYTES_MAX + 1];

    if (node == 0 || node_of(reader, node)->kind != DOCUMENT_NUMBER) return false;
    struct slice bytes = document_text(reader->document, node);
    if (bytes.len > NUMBER_BYTES_MAX) return false;
    memcpy(text, bytes.data, bytes.len);
    text[bytes.len] = '\0';
    *number = strtod(text, NULL);
    return true;
}

static void read_cost(const struct reader *reader, struct shopify_cost *cost)
{
    uint32_t extensions = member(reader, 0, SLICE("extensions"));
    uint32_t at = extensions == 0 ? 0 : member(reader, extensions, SLICE("cost"));
    uint32_t bucket = at == 0 ? 0 : member(reader, at, SLICE("throttleStatus"));

    cost->known = number_of(reader, at, SLICE("requestedQueryCost"), &cost->requested) &&
                  number_of(reader, bucket, SLICE("maximumAvailable"), &cost->maximum) &&
                  number_of(reader, bucket, SLICE("currentlyAvailable"), &cost->available) &&
                  number_of(reader, bucket, SLICE("restoreRate"), &cost->restore_rate) &&
                  cost->restore_rate > 0;
}

static enum shopify_outcome outcome_of_code(struct slice code)
{
    if (slice_equal(code, SLICE("THROTTLED"))) return SHOPIFY_THROTTLED;
    if (slice_equal(code, SLICE("INTERNAL_SERVER_ERROR")) ||
        slice_equal(code, SLICE("INTERNAL_ERROR")) || slice_equal(code, SLICE("TIMEOUT")))
        return SHOPIFY_INTERNAL;
    return SHOPIFY_REFUSED;
}

/* Top-level errors: a list of objects, or a plain text. The first one speaks for all. */
static bool read_errors(const struct reader *reader, struct shopify_reading *reading)
{
    uint32_t errors = member(reader, 0, SLICE("errors"));

    if (errors == 0 || node_of(reader, errors)->kind == DOCUMENT_NULL) return false;
    reading->outcome = SHOPIFY_REFUSED;
    if (node_of(reader, errors)->kind != DOCUMENT_ARRAY) {
        reading->message = text_of(reader, errors);
        return true;
    }
    if (node_of(reader, errors)->count == 0) return false;
    uint32_t first = errors + 1;
    uint32_t extensions = member(reader, first, SLICE("extensions"));
    reading->message = text_of(reader, member(reader, first, SLICE("message")));
    if (extensions != 0) reading->code = text_of(reader, member(reader, extensions, SLICE("code")));
    reading->outcome = outcome_of_code(reading->code);
    return true;
}

static void read_user_error(const struct reader *reader, uint32_t error,
                            struct shopify_reading *reading)
{
    uint32_t field = member(reader, error, SLICE("field"));

    reading->code = text_of(reader, member(reader, error, SLICE("code")));
    reading->message = text_of(reader, member(reader, error, SLICE("message")));
    reading->outcome = outcome_of_code(reading->code);
    if (field == 0 || node_of(reader, field)->kind != DOCUMENT_ARRAY) return;
    const struct document_node *nodes = reader->document->nodes;
    for (uint32_t at = field + 1; at < nodes[field].next; at = nodes[at].next)
        reading->field = text_of(reader, at);
}

/* userErrors of every mutation in the document; a call with one refused part is refused. */
static void read_user_errors(const struct reader *reader, struct shopify_reading *reading)
{
    uint32_t data = member(reader, 0, SLICE("data"));
    const struct document_node *nodes = reader->document->nodes;

    if (data == 0 || nodes[data].kind != DOCUMENT_OBJECT) return;
    for (uint32_t key = data + 1; key < nodes[data].next; key = nodes[key + 1].next) {
        uint32_t errors = member(reader, key + 1, SLICE("userErrors"));

        if (errors == 0 || nodes[errors].kind != DOCUMENT_ARRAY || nodes[errors].count == 0)
            continue;
        read_user_error(reader, errors + 1, reading);
        if (reading->outcome == SHOPIFY_REFUSED) return;
    }
}

enum status shopify_read(const struct document *document, struct arena *arena,
                         struct shopify_reading *reading)
{
    struct reader reader = {document, arena};

    *reading = (struct shopify_reading){.outcome = SHOPIFY_DONE};
    if (document->nodes[0].kind != DOCUMENT_OBJECT) return STATUS_INVALID;
    read_cost(&reader, &reading->cost);
    if (read_errors(&reader, reading)) return STATUS_OK;
    if (member(&reader, 0, SLICE("data")) == 0) return STATUS_INVALID;
    read_user_errors(&reader, reading);
    return STATUS_OK;
}

int64_t shopify_wait_ms(const struct shopify_cost *cost)
{
    if (!cost->known) return UNKNOWN_WAIT_MS;
    if (cost->requested > cost->maximum) return -1;
    double missing = cost->requested - cost->available;
    if (missing <= 0) return UNKNOWN_WAIT_MS;
    int64_t seconds = (int64_t)(missing / cost->restore_rate);
    return (seconds + 1) * 1000;
}

/* shop_event.c - events of a tracker's payload, told apart by what they name. */
#include "host/shop_event.h"

#include "codec/json.h"

enum { DECODED_MAX = 64 * 1024 };

/* --- members ------------------------------------------------------------------------------------- */

/* Text of a string or number member; len 0: there is none. */
struct slice shop_event_text(const struct document *document, uint32_t object, struct slice key,
                             struct arena *arena)
{
    uint32_t node = document->nodes[object].kind == DOCUMENT_OBJECT
                        ? document_member(document, object, key)
                        : 0;
    struct slice text = {0};

    if (node == 0) return text;
    if (document->nodes[node].kind == DOCUMENT_NUMBER) return document_text(document, node);
    if (document->nodes[node].kind != DOCUMENT_STRING &&
        document->nodes[node].kind != DOCUMENT_ESCAPED_STRING) {
        return text;
    }
    return document_string(document, node, arena, &text) == STATUS_OK ? text : (struct slice){0};
}

/* Behind /products/, up to what ends a path. */
static struct slice handle_of(struct slice address)
{
    const struct slice mark = SLICE("/products/");

    for (size_t i = 0; i + mark.len < address.len; i++) {
        struct slice rest = {address.data + i + mark.len, address.len - i - mark.len};
        size_t len = 0;

        if (memcmp(address.data + i, mark.data, mark.len) != 0) continue;
        while (len < rest.len && strchr("/?#", rest.data[len]) == NULL)
            len++;
        return (struct slice){rest.data, len};
    }
    return (struct slice){0};
}

static int digit_of(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9') return byte - '0' + 52;
    if (byte == '+' || byte == '-') return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

/* Either alphabet, padded or not; ends at the first other byte. */
static struct slice decode(struct slice text, struct arena *arena)
{
    uint8_t *out = text.len < DECODED_MAX ? arena_alloc(arena, text.len, 1) : NULL;
    uint32_t bits = 0;
    size_t len = 0;

    for (size_t i = 0; out != NULL && i < text.len; i++) {
        int digit = digit_of(text.data[i]);

        if (digit < 0) break;
        bits = bits << 6 | (uint32_t)digit;
        if (i % 4 > 0) out[len++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return (struct slice){out, len};
}

/* --- events -------------------------------------------------------------------------------------- */

static enum shop_event_kind kind_of_schema(struct slice schema)
{
    static const struct {
        const char *start;
        enum shop_event_kind kind;
    } rows[] = {
        {"iglu:com.snowplowanalytics.snowplow/add_to_cart/", SHOP_CART},
        {"iglu:com.snowplowanalytics.snowplow/remove_from_cart/", SHOP_UNCART},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (slice_starts_with(schema, slice_of(rows[i].start))) return rows[i].kind;
    }
    return SHOP_OTHER;
}

/* {"schema", "data": {"schema": "iglu:.../add_to_cart/...", "data": {"sku", "category"}}} */
static void read_cart(const struct document *payload, uint32_t at, struct arena *arena,
                      struct shop_event *event)
{
    struct slice text = shop_event_text(payload, at, SLICE("ue_pr"), arena);
    struct document document;
    struct json_error error;

    if (text.len == 0) text = decode(shop_event_text(payload, at, SLICE("ue_px"), arena), arena);
    if (text.len == 0 ||
        json_parse(text, &json_limits_default, arena, &document, &error) != STATUS_OK ||
        document.nodes[0].kind != DOCUMENT_OBJECT) {
        return;
    }
    uint32_t outer = document_member(&document, 0, SLICE("data"));
    if (outer == 0 || document.nodes[outer].kind != DOCUMENT_OBJECT) return;
    uint32_t data = document_member(&document, outer, SLICE("data"));
    if (data == 0) return;
    event->kind = kind_of_schema(shop_event_text(&document, outer, SLICE("schema"), arena));
    if (event->kind == SHOP_OTHER) return;
    event->item = shop_event_text(&document, data, SLICE("sku"), arena);
    event->category = shop_event_text(&document, data, SLICE("category"), arena);
}

static struct shop_event event_of(const struct document *payload, uint32_t at, struct arena *arena)
{
    struct slice type = shop_event_text(payload, at, SLICE("e"), arena);
    struct shop_event event = {
        .kind = SHOP_OTHER,
        .user = shop_event_text(payload, at, SLICE("duid"), arena),
        .time = shop_event_text(payload, at, SLICE("dtm"), arena),
    };

    if (slice_equal(type, SLICE("pv"))) {
        event.kind = SHOP_VIEW;
        event.item = handle_of(shop_event_text(payload, at, SLICE("url"), arena));
    } else if (slice_equal(type, SLICE("ue"))) {
        read_cart(payload, at, arena, &event);
    } else if (slice_equal(type, SLICE("ti"))) {
        event.kind = SHOP_ORDER;
        event.item = shop_event_text(payload, at, SLICE("ti_sk"), arena);
        event.category = shop_event_text(payload, at, SLICE("ti_ca"), arena);
    }
    return event;
}

/* The array of events; 0: there is none. */
static uint32_t data_of(const struct document *payload)
{
    if (payload->nodes[0].kind != DOCUMENT_OBJECT) return 0;
    uint32_t message = document_member(payload, 0, SLICE("message"));
    if (message == 0 || payload->nodes[message].kind != DOCUMENT_OBJECT) return 0;
    uint32_t data = document_member(payload, message, SLICE("data"));
    return data != 0 && payload->nodes[data].kind == DOCUMENT_ARRAY ? data : 0;
}

enum status shop_events_each(const struct document *payload, struct arena *arena, void *context,
                             shop_event_visit visit)
{
    uint32_t data = data_of(payload);
    enum status status = data == 0 ? STATUS_NOT_FOUND : STATUS_OK;

    for (uint32_t i = 0, at = data + 1; status == STATUS_OK && i < payload->nodes[data].count;
         i++) {
        const struct shop_event event = event_of(payload, at, arena);

        status = visit(context, &event);
        at = payload->nodes[at].next;
    }
    return status;
}

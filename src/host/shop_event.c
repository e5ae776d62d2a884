/* shop_event.c - events of a tracker's payload, told apart by what they name. */
#include "host/shop_event.h"

#include "codec/json.h"

enum { DECODED_MAX = 64 * 1024 };

#define ACTION  "iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/"
#define PRODUCT "iglu:com.snowplowanalytics.snowplow.ecommerce/product/"

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

static bool ends_segment(uint8_t byte)
{
    return byte == '/' || byte == '?' || byte == '#';
}

/* Behind the last /products/, up to what ends a part of a path, as it is written: the shop's scenario does
 * the same, and an item must have one name in training and in serving. */
static struct slice handle_of(struct slice address)
{
    const struct slice mark = SLICE("/products/");
    struct slice handle = {0};

    for (size_t i = 0; i + mark.len <= address.len; i++) {
        if (memcmp(address.data + i, mark.data, mark.len) != 0) continue;
        handle = (struct slice){address.data + i + mark.len, 0};
    }
    if (handle.data == NULL) return handle;
    const uint8_t *end = address.data + address.len;
    while (handle.data + handle.len < end && !ends_segment(handle.data[handle.len]))
        handle.len++;
    return handle;
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

struct reading {
    const struct document *payload;
    uint32_t at; /* the event */
    struct arena *arena;
    void *context;
    shop_event_visit visit;
    struct shop_event event; /* what is known before its kind is */
};

/* --- events -------------------------------------------------------------------------------------- */

struct kind_row {
    const char *name;
    enum shop_event_kind kind;
};

/* JSON in a member of its own, as it is or in base64: {"schema", "data": ...}; its data node, 0: there is none. */
static uint32_t described(const struct document *payload, uint32_t at, struct slice plain,
                          struct slice encoded, struct arena *arena, struct document *document)
{
    struct slice text = shop_event_text(payload, at, plain, arena);
    struct json_error error;

    if (text.len == 0) text = decode(shop_event_text(payload, at, encoded, arena), arena);
    if (text.len == 0 ||
        json_parse(text, &json_limits_default, arena, document, &error) != STATUS_OK ||
        document->nodes[0].kind != DOCUMENT_OBJECT) {
        return 0;
    }
    return document_member(document, 0, SLICE("data"));
}

/* Data of {"schema", "data"}; 0: there is none. */
static uint32_t data_of_entity(const struct document *document, uint32_t entity)
{
    return document->nodes[entity].kind == DOCUMENT_OBJECT
               ? document_member(document, entity, SLICE("data"))
               : 0;
}

/* The action's products are entities beside it, any number of them. */
static enum status visit_products(const struct reading *reading, enum shop_event_kind kind)
{
    struct document contexts;
    struct shop_event event = reading->event;
    uint32_t list = described(reading->payload, reading->at, SLICE("co"), SLICE("cx"),
                              reading->arena, &contexts);
    enum status status = STATUS_OK;
    bool any = false;

    if (list != 0 && contexts.nodes[list].kind != DOCUMENT_ARRAY) list = 0;
    for (uint32_t i = 0, at = list + 1; list != 0 && i < contexts.nodes[list].count; i++) {
        uint32_t data = data_of_entity(&contexts, at);
        struct slice schema = shop_event_text(&contexts, at, SLICE("schema"), reading->arena);

        at = contexts.nodes[at].next;
        if (data == 0 || !slice_starts_with(schema, slice_of(PRODUCT))) continue;
        event.kind = kind;
        event.item = shop_event_text(&contexts, data, SLICE("id"), reading->arena);
        event.category = shop_event_text(&contexts, data, SLICE("category"), reading->arena);
        status = reading->visit(reading->context, &event);
        if (status != STATUS_OK) return status;
        any = true;
    }
    return any ? STATUS_OK : reading->visit(reading->context, &event);
}

/* ue_pr: {"schema", "data": {"schema": "iglu:.../add_to_cart/...", "data": {"sku", "category"}}}, or
 * the e-commerce plugin's {"type": "add_to_cart"} with products beside it. */
static enum status visit_self_described(const struct reading *reading)
{
    static const struct kind_row schemas[] = {
        {"iglu:com.snowplowanalytics.snowplow/add_to_cart/", SHOP_CART},
        {"iglu:com.snowplowanalytics.snowplow/remove_from_cart/", SHOP_UNCART},
    };
    static const struct kind_row actions[] = {
        {"add_to_cart", SHOP_CART}, {"remove_from_cart", SHOP_UNCART}, {"transaction", SHOP_ORDER}};
    struct document document;
    struct shop_event event = reading->event;
    uint32_t outer = described(reading->payload, reading->at, SLICE("ue_pr"), SLICE("ue_px"),
                               reading->arena, &document);
    uint32_t data = outer == 0 ? 0 : data_of_entity(&document, outer);

    if (data == 0) return reading->visit(reading->context, &event);
    struct slice schema = shop_event_text(&document, outer, SLICE("schema"), reading->arena);
    struct slice type = shop_event_text(&document, data, SLICE("type"), reading->arena);
    for (size_t i = 0; slice_starts_with(schema, slice_of(ACTION)) && i < COUNT_OF(actions); i++) {
        if (slice_equal(type, slice_of(actions[i].name)))
            return visit_products(reading, actions[i].kind);
    }
    for (size_t i = 0; i < COUNT_OF(schemas); i++) {
        if (!slice_starts_with(schema, slice_of(schemas[i].name))) continue;
        event.kind = schemas[i].kind;
        event.item = shop_event_text(&document, data, SLICE("sku"), reading->arena);
        event.category = shop_event_text(&document, data, SLICE("category"), reading->arena);
    }
    return reading->visit(reading->context, &event);
}

static enum status visit_event(struct reading *reading)
{
    const struct document *payload = reading->payload;
    uint32_t at = reading->at;
    struct arena *arena = reading->arena;
    struct slice type = shop_event_text(payload, at, SLICE("e"), arena);
    struct shop_event *event = &reading->event;

    *event = (struct shop_event){
        .kind = SHOP_OTHER,
        .user = shop_event_text(payload, at, SLICE("duid"), arena),
        .time = shop_event_text(payload, at, SLICE("dtm"), arena),
    };
    if (slice_equal(type, SLICE("ue"))) return visit_self_described(reading);
    if (slice_equal(type, SLICE("pv"))) {
        event->kind = SHOP_VIEW;
        event->item = handle_of(shop_event_text(payload, at, SLICE("url"), arena));
    } else if (slice_equal(type, SLICE("ti"))) {
        event->kind = SHOP_ORDER;
        event->item = shop_event_text(payload, at, SLICE("ti_sk"), arena);
        event->category = shop_event_text(payload, at, SLICE("ti_ca"), arena);
    }
    return reading->visit(reading->context, event);
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
    struct reading reading = {
        .payload = payload, .arena = arena, .context = context, .visit = visit};
    uint32_t data = data_of(payload);
    enum status status = data == 0 ? STATUS_NOT_FOUND : STATUS_OK;

    reading.at = data + 1;
    for (uint32_t i = 0; status == STATUS_OK && i < payload->nodes[data].count; i++) {
        status = visit_event(&reading);
        reading.at = payload->nodes[reading.at].next;
    }
    return status;
}

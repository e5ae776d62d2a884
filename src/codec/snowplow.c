/* snowplow.c - reading payloads. The JSON reader indexes a text once; an event is then one walk over
 * its members, which only looks at keys of the lengths that matter. */
#include "codec/snowplow.h"

#include "codec/http.h"
#include "codec/json.h"
#include "codec/snowplow_document.h"
#include "value/utf8.h"

static const struct json_limits payload_limits = {
    .bytes_max = 16 << 20,
    .depth_max = 64,
    .nodes_max = 256 << 10,
    .number_bytes_max = 1000,
};

/* Nodes of the members an event is judged by; 0: absent. */
struct members {
    uint32_t e;
    uint32_t p;
    uint32_t tv;
    uint32_t eid;
    uint32_t duid;
    uint32_t ue_pr;
    uint32_t ue_px;
    uint32_t co;
    uint32_t cx;
};

static struct snowplow_problem problem(const char *field, struct slice value,
                                       const char *expectation)
{
    return (struct snowplow_problem){field, value, expectation};
}

static uint32_t *member_slot(struct members *members, struct slice key)
{
    switch (key.len) {
    case 1:
        if (key.data[0] == 'e') return &members->e;
        if (key.data[0] == 'p') return &members->p;
        return NULL;
    case 2:
        if (memcmp(key.data, "tv", 2) == 0) return &members->tv;
        if (memcmp(key.data, "co", 2) == 0) return &members->co;
        if (memcmp(key.data, "cx", 2) == 0) return &members->cx;
        return NULL;
    case 3: return memcmp(key.data, "eid", 3) == 0 ? &members->eid : NULL;
    case 4: return memcmp(key.data, "duid", 4) == 0 ? &members->duid : NULL;
    case 5:
        if (memcmp(key.data, "ue_pr", 5) == 0) return &members->ue_pr;
        return memcmp(key.data, "ue_px", 5) == 0 ? &members->ue_px : NULL;
    default: return NULL;
    }
}

static bool is_text(const struct document *document, uint32_t node)
{
    return document->nodes[node].kind == DOCUMENT_STRING ||
           document->nodes[node].kind == DOCUMENT_ESCAPED_STRING;
}

static bool is_container(const struct document *document, uint32_t node)
{
    return document->nodes[node].kind == DOCUMENT_ARRAY ||
           document->nodes[node].kind == DOCUMENT_OBJECT;
}

/* Text of a string or number; empty for anything else and for a node that is absent. */
static struct slice text_of(const struct document *document, uint32_t node, struct arena *arena)
{
    struct slice text = {0};

    if (node == 0) return text;
    if (document->nodes[node].kind == DOCUMENT_NUMBER) return document_text(document, node);
    if (is_text(document, node) && document_string(document, node, arena, &text) != STATUS_OK)
        return (struct slice){0};
    return text;
}

/* --- one event ---------------------------------------------------------------------------------- */

/* Finds the members; the last of equal names counts. A container cannot be used as text. */
static struct snowplow_problem find_members(const struct document *document, uint32_t object,
                                            struct arena *arena, struct members *members)
{
    uint32_t at = object + 1;

    for (uint32_t i = 0; i < document->nodes[object].count; i++) {
        uint32_t value = document->nodes[at].next;
        struct slice key = document_text(document, at);

        if (document->nodes[at].kind == DOCUMENT_ESCAPED_STRING) key = text_of(document, at, arena);
        if (is_container(document, value)) {
            return problem("value", document_text(document, value),
                           "members of an event are texts, not arrays or objects");
        }
        uint32_t *slot = member_slot(members, key);
        if (slot != NULL) *slot = value;
        at = document->nodes[value].next;
    }
    return (struct snowplow_problem){0};
}

static bool is_kind(struct slice kind)
{
    static const char kinds[][3] = {"pv", "pp", "se", "ue", "tr", "ti", "ad"};

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kind.len == 2 && memcmp(kind.data, kinds[i], 2) == 0) return true;
    return false;
}

static struct snowplow_problem check_required(const struct document *document, uint32_t node,
                                              const char *field)
{
    if (node == 0) return problem(field, (struct slice){0}, "this member is required");
    if (!is_text(document, node) || document->nodes[node].len == 0)
        return problem(field, document_text(document, node), "a text that is not empty");
    return (struct snowplow_problem){0};
}

/* `ue_pr` (text) wins over `ue_px` (base64); likewise `co` over `cx`. */
static const char *check_inner(const struct document *document, uint32_t plain, uint32_t encoded,
                               enum snowplow_inner kind, struct arena *arena)
{
    uint32_t node = plain != 0 ? plain : encoded;
    struct slice text = text_of(document, node, arena);

    return snowplow_check_inner(text, plain == 0, kind, arena);
}

static struct snowplow_problem check_event(const struct document *document,
                                           const struct members *members, struct arena *arena)
{
    struct snowplow_problem found = check_required(document, members->e, "e");
    struct slice kind = text_of(document, members->e, arena);

    if (found.field == NULL) found = check_required(document, members->p, "p");
    if (found.field == NULL) found = check_required(document, members->tv, "tv");
    if (found.field != NULL) return found;
    if (!is_kind(kind)) return problem("e", kind, "one of pv, pp, se, ue, tr, ti, ad");
    if (kind.data[0] != 'u') return found;
    const char *field = members->ue_pr != 0 ? "ue_pr" : "ue_px";
    uint32_t node = members->ue_pr != 0 ? members->ue_pr : members->ue_px;
    if (node == 0)
        return problem(field, (struct slice){0}, "a self-describing event has a document");
    const char *wrong =
        check_inner(document, members->ue_pr, members->ue_px, SNOWPLOW_UNSTRUCT_EVENT, arena);
    return wrong == NULL ? found : problem(field, document_text(document, node), wrong);
}

static void read_event(const struct document *document, uint32_t node, struct arena *arena,
                       struct snowplow_event *event)
{
    struct members members = {0};
    uint32_t contexts;

    *event = (struct snowplow_event){.bytes = document_text(document, node)};
    if (document->nodes[node].kind != DOCUMENT_OBJECT) {
        event->problem = problem("data", event->bytes, "an event is an object");
        return;
    }
    event->problem = find_members(document, node, arena, &members);
    if (event->problem.field == NULL) event->problem = check_event(document, &members, arena);
    if (event->problem.field != NULL) return;
    event->event_id = text_of(document, members.eid, arena);
    event->visitor = text_of(document, members.duid, arena);
    contexts = members.co != 0 ? members.co : members.cx;
    if (contexts == 0) return;
    const char *wrong = check_inner(document, members.co, members.cx, SNOWPLOW_CONTEXTS, arena);
    if (wrong != NULL) {
        event->warning =
            problem(members.co != 0 ? "co" : "cx", document_text(document, contexts), wrong);
    }
}

/* --- the payload -------------------------------------------------------------------------------- */

static bool is_payload_schema(struct slice schema)
{
    const struct slice prefix =
        SLICE("iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-");

    return slice_starts_with(schema, prefix) && snowplow_is_iglu_uri(schema);
}

static enum status refuse(struct snowplow_payload *payload, const char *field, struct slice value,
                          const char *expectation)
{
    payload->problem = problem(field, value, expectation);
    return STATUS_INVALID;
}

static enum status read_events(const struct document *document, uint32_t data, struct arena *arena,
                               struct snowplow_payload *payload)
{
    uint32_t count = document->nodes[data].count;
    uint32_t at = data + 1;

    if (count == 0) return refuse(payload, "data", SLICE("[]"), "at least one event");
    if (count > SNOWPLOW_EVENTS_MAX)
        return refuse(payload, "data", (struct slice){0}, "at most 5000 events in one request");
    payload->events = arena_alloc(arena, count, sizeof(*payload->events));
    if (payload->events == NULL) return STATUS_LIMIT;
    payload->event_count = count;
    for (uint32_t i = 0; i < count; i++) {
        read_event(document, at, arena, &payload->events[i]);
        if (payload->events[i].problem.field != NULL) payload->refused_count++;
        if (payload->events[i].warning.field != NULL) payload->warning_count++;
        at = document->nodes[at].next;
    }
    return STATUS_OK;
}

enum status snowplow_read_post(struct slice body, struct arena *arena,
                               struct snowplow_payload *payload)
{
    struct document document;
    struct json_error error;

    *payload = (struct snowplow_payload){.text = body};
    if (slice_starts_with(body, SLICE("\xEF\xBB\xBF"))) {
        payload->text.data += 3;
        payload->text.len -= 3;
    }
    enum status status = json_parse(payload->text, &payload_limits, arena, &document, &error);
    if (status != STATUS_OK) return refuse(payload, "body", (struct slice){0}, error.message);
    if (document.nodes[0].kind != DOCUMENT_OBJECT)
        return refuse(payload, "body", (struct slice){0}, "an object with schema and data");
    uint32_t schema = document_member(&document, 0, SLICE("schema"));
    uint32_t data = document_member(&document, 0, SLICE("data"));
    struct slice uri = schema == 0 ? (struct slice){0} : text_of(&document, schema, arena);
    if (!is_payload_schema(uri)) {
        return refuse(payload, "schema", uri,
                      "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-*-*");
    }
    payload->schema = document_text(&document, schema);
    if (data == 0 || document.nodes[data].kind != DOCUMENT_ARRAY)
        return refuse(payload, "data", (struct slice){0}, "an array of events");
    return read_events(&document, data, arena, payload);
}

/* --- queries ------------------------------------------------------------------------------------ */

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
    return -1;
}

/* As http_percent_decode(), but a broken escape stands for itself: browsers of visitors cannot be
 * told to mend theirs. */
static enum status decode_leniently(struct slice raw, struct arena *arena, struct slice *text)
{
    uint8_t *target = arena_alloc(arena, raw.len == 0 ? 1 : raw.len, 1);
    size_t len = 0;

    if (target == NULL) return STATUS_LIMIT;
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t byte = raw.data[i] == '+' ? ' ' : raw.data[i];
        int high = byte == '%' && raw.len - i > 2 ? hex_digit(raw.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(raw.data[i + 2]) : -1;

        if (low >= 0) {
            byte = (uint8_t)(high * 16 + low);
            i += 2;
        }
        target[len++] = byte;
    }
    *text = (struct slice){target, len};
    return STATUS_OK;
}

static bool seen_before(const struct slice *names, uint32_t count, struct slice name)
{
    for (uint32_t i = 0; i < count; i++)
        if (slice_equal(names[i], name)) return true;
    return false;
}

enum status snowplow_query_to_json(struct slice query, struct arena *arena, struct buffer *out)
{
    struct slice names[SNOWPLOW_PARAMETERS_MAX];
    struct slice raw_name;
    struct slice raw_value;
    struct slice value;
    uint32_t count = 0;

    buffer_append_byte(out, '{');
    while (http_query_next(&query, &raw_name, &raw_value)) {
        if (count == SNOWPLOW_PARAMETERS_MAX) return STATUS_LIMIT;
        if (decode_leniently(raw_name, arena, &names[count]) != STATUS_OK ||
            decode_leniently(raw_value, arena, &value) != STATUS_OK)
            return STATUS_LIMIT;
        if (names[count].len == 0 || seen_before(names, count, names[count])) continue;
        if (count > 0) buffer_append_byte(out, ',');
        snowplow_write_text(names[count++], out);
        buffer_append_byte(out, ':');
        snowplow_write_text(value, out);
    }
    buffer_append_byte(out, '}');
    return out->failed ? STATUS_LIMIT : STATUS_OK;
}

enum status snowplow_read_get(struct slice query, struct arena *arena, struct buffer *text,
                              struct snowplow_payload *payload)
{
    *payload = (struct snowplow_payload){0};
    buffer_clear(text);
    buffer_append(text, SLICE("{\"schema\":\"iglu:com.snowplowanalytics.snowplow/payload_data/"
                              "jsonschema/1-0-4\",\"data\":["));
    if (snowplow_query_to_json(query, arena, text) != STATUS_OK)
        return refuse(payload, "querystring", (struct slice){0}, "at most 256 parameters");
    buffer_append(text, SLICE("]}"));
    return snowplow_read_post(buffer_slice(text), arena, payload);
}

void snowplow_write_text(struct slice text, struct buffer *out)
{
    size_t valid = utf8_invalid_at(text);

    if (valid == text.len) {
        json_write_string(text, out);
        return;
    }
    struct buffer mended;
    buffer_init(&mended, 3 * text.len);
    while (valid < text.len) {
        buffer_append(&mended, (struct slice){text.data, valid});
        buffer_append(&mended, SLICE("\xEF\xBF\xBD"));
        text = (struct slice){text.data + valid + 1, text.len - valid - 1};
        valid = utf8_invalid_at(text);
    }
    buffer_append(&mended, text);
    json_write_string(buffer_slice(&mended), out);
    buffer_deinit(&mended);
}

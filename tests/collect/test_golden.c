/* test_golden.c - requests of real trackers against the real server (golden.h). */
#include "golden.h"

static struct slice request_body(const struct document *row, uint32_t request, struct arena *arena)
{
    struct slice body = desk_text(row, request, "body_text", arena);
    struct slice encoded = desk_text(row, request, "body_base64", arena);
    struct buffer decoded;
    struct slice copy;

    if (encoded.data == NULL) return body;
    buffer_init(&decoded, encoded.len + 4);
    append_base64(&decoded, encoded);
    assert_ok(arena_copy(arena, buffer_slice(&decoded), &copy));
    buffer_deinit(&decoded);
    return copy;
}

static void send_row(struct desk *desk, const struct document *row, uint32_t request)
{
    struct buffer wire;
    struct slice body = request_body(row, request, &desk->arena);
    uint32_t headers = desk_member(row, request, "headers");
    uint32_t at = headers + 1;
    bool has_length = false;

    buffer_init(&wire, 8 << 20);
    buffer_append(&wire, desk_text(row, request, "method", &desk->arena));
    buffer_append_byte(&wire, ' ');
    buffer_append(&wire, desk_text(row, request, "target", &desk->arena));
    buffer_append(&wire, SLICE(" HTTP/1.1\r\n"));
    for (uint32_t i = 0; i < row->nodes[headers].count; i++) {
        struct slice name;
        struct slice value;

        assert_ok(document_string(row, at + 1, &desk->arena, &name));
        assert_ok(document_string(row, at + 2, &desk->arena, &value));
        has_length = has_length || slice_equal_ignoring_case(name, SLICE("content-length"));
        buffer_append(&wire, name);
        buffer_append(&wire, SLICE(": "));
        buffer_append(&wire, value);
        buffer_append(&wire, SLICE("\r\n"));
        at = row->nodes[at].next;
    }
    if (!has_length && body.len > 0) {
        buffer_append(&wire, SLICE("Content-Length: "));
        buffer_append_u64(&wire, body.len);
        buffer_append(&wire, SLICE("\r\n"));
    }
    buffer_append(&wire, SLICE("\r\n"));
    buffer_append(&wire, body);
    assert_true(client_send(desk->fd, buffer_slice(&wire)));
    buffer_deinit(&wire);
}

static void check_headers(struct golden *golden, struct desk *desk, const struct document *row,
                          uint32_t headers)
{
    uint32_t at = headers + 1;

    for (uint32_t i = 0; headers != 0 && i < row->nodes[headers].count; i++) {
        uint32_t value = row->nodes[at].next;
        char name[100];
        struct slice key = document_text(row, at);
        struct slice expected;

        (void)snprintf(name, sizeof(name), "%.*s", (int)key.len, key.data);
        assert_ok(document_string(row, value, &desk->arena, &expected));
        struct slice got = desk_header(&desk->answer, name);
        if (!slice_equal(got, expected)) differ(golden, name, got);
        at = row->nodes[value].next;
    }
}

static void check_body(struct golden *golden, struct desk *desk, struct slice expected)
{
    struct slice body = desk_body(&desk->answer);
    bool pixel = slice_equal(expected, SLICE("<pixel>"));

    if (expected.data == NULL) return;
    if (pixel ? body.len != 43 || memcmp(body.data, "GIF89a", 6) != 0
              : !slice_equal(body, expected))
        differ(golden, "body", body);
}

/* The events of the stored message are those the independent decoder saw. */
static void check_event(struct golden *golden, struct desk *desk, const struct document *row,
                        uint32_t expected, const struct document *stored, uint32_t event)
{
    static const char *const fields[] = {"e",    "eid", "tv",  "p",   "aid", "tna",
                                         "duid", "sid", "uid", "url", "page"};

    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        struct slice wanted = desk_text(row, expected, fields[i], &desk->arena);
        struct slice got = desk_text(stored, event, fields[i], &desk->arena);

        if (wanted.data != NULL && !slice_equal(wanted, got)) differ(golden, fields[i], got);
    }
}

static void check_stored(struct golden *golden, struct desk *desk, const struct document *row,
                         uint32_t first_record)
{
    uint32_t events = desk_member(row, 0, "events");
    uint32_t expected = events + 1;
    uint32_t seen = 0;

    for (uint32_t i = first_record; i < desk->record_count; i++) {
        const struct desk_record *record = &desk->records[i];

        if (record->topic_id != DESK_TOPIC) {
            differ(golden, "a bad row", record->value);
            continue;
        }
        struct document stored = desk_json(&desk->arena, record->value);
        uint32_t data = desk_member(&stored, desk_member(&stored, 0, "message"), "data");
        uint32_t at = data + 1;
        if (data == 0) differ(golden, "no message.data", record->value);
        for (uint32_t n = 0; data != 0 && n < stored.nodes[data].count; n++) {
            if (seen++ < row->nodes[events].count) {
                check_event(golden, desk, row, expected, &stored, at);
                expected = row->nodes[expected].next;
            }
            at = stored.nodes[at].next;
        }
    }
    if (events != 0 && seen != row->nodes[events].count)
        differ(golden, "count of stored events", SLICE(""));
}

static void replay(struct golden *golden, struct desk *desk, struct slice line)
{
    struct document row = desk_json(&desk->arena, line);
    uint32_t answer = desk_member(&row, 0, "answer");
    uint32_t first_record = desk->record_count;
    struct slice cookie = desk_text(&row, answer, "set_cookie", &desk->arena);
    uint32_t stored = desk_member(&row, answer, "stored");
    char status[20];

    send_row(desk, &row, desk_member(&row, 0, "request"));
    int got = desk_answer(desk);
    (void)snprintf(status, sizeof(status), "%d", got);
    if (got != desk_number(&row, answer, "status", 0)) differ(golden, "status", slice_of(status));
    check_headers(golden, desk, &row, desk_member(&row, answer, "headers"));
    check_body(golden, desk, desk_text(&row, answer, "body", &desk->arena));
    if (cookie.data != NULL) check_cookie(golden, desk, cookie);
    if (stored != 0 && row.nodes[stored].kind == DOCUMENT_TRUE) {
        check_stored(golden, desk, &row, first_record);
    } else if (desk->record_count != first_record) {
        differ(golden, "stored", desk->records[first_record].value);
    }
    settle_row(golden, desk_text(&row, 0, "id", &desk->arena));
}

static struct desk desk;

static void requests_of_real_trackers_are_answered_and_stored(void **state)
{
    static struct golden golden;

    (void)state;
    golden_open(&golden, "requests.jsonl");
    desk_init(&desk);
    desk_open(&desk, NULL);
    for (uint32_t i = 0; i < golden.line_count; i++) {
        arena_reset(&desk.arena);
        replay(&golden, &desk, golden.lines[i]);
    }
    desk_close(&desk);
    golden_close(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_real_trackers_are_answered_and_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

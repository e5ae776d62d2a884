/* test_golden.c - requests of real trackers, and 127 broken ones, against the real server.
 *
 * data/collect/deviations.txt lists where we mean to differ, one line each: id, what, reason. A row
 * that differs and is not listed fails, and so does a listed one that no longer differs. */
#include "desk.h"
#include "sys/file.h"

enum { LINES_MAX = 400, DEVIATIONS_MAX = 100, WHAT_MAX = 400 };

struct golden {
    struct buffer file;
    struct slice lines[LINES_MAX];
    uint32_t line_count;
    struct buffer deviations;
    struct slice deviating[DEVIATIONS_MAX];
    bool used[DEVIATIONS_MAX];
    uint32_t deviating_count;
    uint32_t wrong_count;
    char what[WHAT_MAX]; /* the first difference of the row */
};

static void read_lines(const char *name, struct buffer *file, struct slice *lines, uint32_t max,
                       uint32_t *count)
{
    char path[500];

    (void)snprintf(path, sizeof(path), "%s/collect/%s", TEST_DATA_DIR, name);
    buffer_init(file, 64 << 20);
    assert_ok(file_read(path, file));
    *count = 0;
    for (size_t at = 0; at < file->len;) {
        const uint8_t *end = memchr(file->data + at, '\n', file->len - at);
        size_t len = end == NULL ? file->len - at : (size_t)(end - file->data) - at;

        if (len > 0 && file->data[at] != '#') {
            assert_true(*count < max);
            lines[(*count)++] = (struct slice){file->data + at, len};
        }
        at += len + 1;
    }
}

static void golden_open(struct golden *golden, const char *name)
{
    memset(golden, 0, sizeof(*golden));
    read_lines(name, &golden->file, golden->lines, LINES_MAX, &golden->line_count);
    read_lines("deviations.txt", &golden->deviations, golden->deviating, DEVIATIONS_MAX,
               &golden->deviating_count);
}

static void differ(struct golden *golden, const char *what, struct slice got)
{
    if (golden->what[0] != '\0') return;
    (void)snprintf(golden->what, WHAT_MAX, "%s: %.*s", what, (int)(got.len < 200 ? got.len : 200),
                   got.data == NULL ? (const uint8_t *)"" : got.data);
}

/* Ends a row: differences must be listed, listed rows must differ. */
static void settle_row(struct golden *golden, struct slice id)
{
    bool listed = false;

    for (uint32_t i = 0; i < golden->deviating_count; i++) {
        struct slice line = golden->deviating[i];

        if (line.len <= id.len || line.data[id.len] != ' ' || !slice_starts_with(line, id))
            continue;
        listed = true;
        golden->used[i] = golden->what[0] != '\0';
        if (golden->used[i]) continue;
        print_error("%.*s is listed as a deviation but does not deviate\n", (int)id.len, id.data);
        golden->wrong_count++;
    }
    if (!listed && golden->what[0] != '\0') {
        print_error("%.*s: %s\n", (int)id.len, id.data, golden->what);
        golden->wrong_count++;
    }
    golden->what[0] = '\0';
}

static void golden_close(struct golden *golden)
{
    buffer_deinit(&golden->file);
    buffer_deinit(&golden->deviations);
    assert_int_equal(golden->wrong_count, 0);
}

/* --- real requests ------------------------------------------------------------------------------ */

static void append_base64(struct buffer *out, struct slice text)
{
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < text.len && text.data[i] != '='; i++) {
        uint8_t byte = text.data[i];
        uint32_t digit = byte >= 'a'   ? (uint32_t)byte - 'a' + 26
                         : byte >= 'A' ? (uint32_t)byte - 'A'
                         : byte >= '0' ? (uint32_t)byte - '0' + 52
                         : byte == '+' ? 62
                                       : 63;

        bits = (bits << 6U | digit) & 0xFFFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        buffer_append_byte(out, (uint8_t)(bits >> count));
    }
}

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

static void check_cookie(struct golden *golden, struct desk *desk, struct slice expected)
{
    struct slice cookie = desk_header(&desk->answer, "Set-Cookie");
    struct slice same = SLICE("sp=<same ");

    if (slice_equal(expected, SLICE("none"))) {
        if (cookie.data != NULL) differ(golden, "a cookie was set", cookie);
        return;
    }
    if (slice_equal(expected, SLICE("expire sp"))) {
        if (!slice_starts_with(cookie, SLICE("sp=; Expires=Thu, 01 Jan 1970")))
            differ(golden, "the cookie is not expired", cookie);
        return;
    }
    if (slice_starts_with(expected, same)) {
        struct slice id = {expected.data + same.len, expected.len - same.len - 1};

        if (cookie.len < id.len + 3 || !slice_equal((struct slice){cookie.data + 3, id.len}, id))
            differ(golden, "another cookie", cookie);
        return;
    }
    if (cookie.len < 40 || cookie.data[39] != ';' || !slice_starts_with(cookie, SLICE("sp=")))
        differ(golden, "no new cookie", cookie);
    if (!slice_ends_with(cookie, SLICE("; Path=/; SameSite=None; Secure; HttpOnly")))
        differ(golden, "attributes of the cookie", cookie);
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

/* --- broken requests ---------------------------------------------------------------------------- */

/* One part of the wire; false: the sender closes. */
static bool send_part(const struct document *row, uint32_t part, struct arena *arena)
{
    struct buffer bytes;
    struct slice text;
    uint32_t repeat = desk_member(row, part, "repeat");
    int64_t pause = desk_number(row, part, "pause_ms", 0);
    int64_t times = 1;

    if (desk_member(row, part, "close") != 0) return false;
    if (pause > 0)
        (void)usleep((unsigned)pause * 20); /* a fiftieth: the test's deadlines are short */
    buffer_init(&bytes, 64 << 20);
    if (row->nodes[part].kind == DOCUMENT_OBJECT && repeat == 0) {
        append_base64(&bytes, desk_text(row, part, "b64", arena));
    } else {
        assert_ok(document_string(row, repeat == 0 ? part : repeat + 1, arena, &text));
        if (repeat != 0) assert_ok(slice_to_i64(document_text(row, repeat + 2), &times));
        for (int64_t i = 0; i < times; i++)
            buffer_append(&bytes, text);
    }
    assert_false(bytes.failed);
    (void)client_send(desk.fd, buffer_slice(&bytes)); /* a refusal may come before all is sent */
    buffer_deinit(&bytes);
    return true;
}

static bool one_of(const struct document *row, uint32_t list, int status)
{
    uint32_t at = list + 1;

    for (uint32_t i = 0; list != 0 && i < row->nodes[list].count; i++) {
        int64_t value = -1;

        assert_ok(slice_to_i64(document_text(row, at), &value));
        if (value == status) return true;
        at = row->nodes[at].next;
    }
    return false;
}

static uint32_t stored_events(void)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < desk.record_count; i++) {
        if (desk.records[i].topic_id != DESK_TOPIC) continue;
        struct document stored = desk_json(&desk.arena, desk.records[i].value);
        uint32_t data = desk_member(&stored, desk_member(&stored, 0, "message"), "data");

        count += data == 0 ? 1 : stored.nodes[data].count;
    }
    return count;
}

/* What became of the request, in the words of the golden file. */
static const char *outcome(int status)
{
    bool good = stored_events() > 0;
    bool bad = desk_count(&desk, DESK_BAD_TOPIC) > 0;

    if (status != 200) return "refused";
    return good && bad ? "mixed" : good ? "accept" : bad ? "bad_row" : "nothing";
}

static void check_class(struct golden *golden, const struct document *row, uint32_t expect,
                        int status)
{
    struct slice wanted = desk_text(row, expect, "class", &desk.arena);
    struct slice other = desk_text(row, expect, "alternative_class", &desk.arena);
    struct slice got = slice_of(outcome(status));
    bool classed = slice_equal(wanted, SLICE("accept")) || slice_equal(wanted, SLICE("mixed")) ||
                   slice_equal(wanted, SLICE("bad_row"));

    if (status != 200 && desk.record_count > 0) differ(golden, "refused, but stored", SLICE(""));
    if (status == 200 && classed && !slice_equal(got, wanted) && !slice_starts_with(other, got))
        differ(golden, "class", got);
}

static void check_counts(struct golden *golden, const struct document *row, uint32_t expect)
{
    int64_t events = desk_number(row, expect, "events", -1);
    int64_t bad_rows = desk_number(row, expect, "bad_rows", -1);
    int64_t bad_rows_max = desk_number(row, expect, "bad_rows_max", INT32_MAX);
    struct slice kind = desk_text(row, expect, "bad_row", &desk.arena);

    if (events >= 0 && stored_events() != events) differ(golden, "count of events", SLICE(""));
    if (bad_rows >= 0 && desk_count(&desk, DESK_BAD_TOPIC) != bad_rows)
        differ(golden, "count of bad rows", SLICE(""));
    if (desk_count(&desk, DESK_BAD_TOPIC) > bad_rows_max) differ(golden, "bad rows", SLICE(""));
    if (kind.data != NULL &&
        (desk.record_count == 0 || memmem(desk.records[0].value.data, desk.records[0].value.len,
                                          kind.data, kind.len) == NULL))
        differ(golden, "kind of bad row", SLICE(""));
}

static void check_answer(struct golden *golden, const struct document *row, uint32_t expect,
                         int status)
{
    struct slice acao = desk_header(&desk.answer, "Access-Control-Allow-Origin");
    struct slice wanted = desk_text(row, expect, "acao", &desk.arena);
    struct slice cookie = desk_text(row, expect, "set_cookie", &desk.arena);
    struct slice connection = desk_text(row, expect, "connection", &desk.arena);
    char text[20];

    (void)snprintf(text, sizeof(text), "%d", status);
    if (!one_of(row, desk_member(row, expect, "status"), status) &&
        !one_of(row, desk_member(row, expect, "alternative_status"), status))
        differ(golden, "status", slice_of(text));
    if (status == 0) return;
    if (acao.data == NULL) differ(golden, "no CORS", SLICE(""));
    if (wanted.data != NULL && !slice_equal(wanted, acao)) differ(golden, "origin", acao);
    if (cookie.data != NULL) check_cookie(golden, &desk, cookie);
    if (slice_equal(connection, SLICE("close")) &&
        !slice_equal(desk_header(&desk.answer, "Connection"), SLICE("close")))
        differ(golden, "the connection stays open", SLICE(""));
}

/* Every byte of a bad row is JSON, whatever came in. */
static void check_bad_rows(void)
{
    for (uint32_t i = 0; i < desk.record_count; i++)
        (void)desk_json(&desk.arena, desk.records[i].value);
}

static void break_in(struct golden *golden, struct slice line)
{
    static const struct server_options quick = {
        .connections_max = 10,
        .body_bytes_max = 2 << 20,
        .header_timeout_ms = 60,
        .body_timeout_ms = 1500,
        .idle_timeout_ms = 20000,
        .write_timeout_ms = 20000,
        .stream_buffer_bytes_max = 1 << 16,
        .memory_bytes_max = 64 << 20,
    };
    bool open = true;

    desk_init(&desk);
    desk_open(&desk, &quick);
    struct document row = desk_json(&desk.arena, line);
    uint32_t wire = desk_member(&row, 0, "wire");
    uint32_t expect = desk_member(&row, 0, "expect");
    uint32_t at = wire + 1;
    for (uint32_t i = 0; i < row.nodes[wire].count && open; i++) {
        open = send_part(&row, at, &desk.arena);
        at = row.nodes[at].next;
    }
    if (!open) (void)shutdown(desk.fd, SHUT_WR);
    int64_t answers = desk_number(&row, expect, "answers", 1);
    for (int64_t i = 0; i < answers; i++)
        check_answer(golden, &row, expect, desk_answer(&desk));
    check_class(golden, &row, expect,
                desk.answer.len == 0 ? 0 : atoi((const char *)desk.answer.data + 9));
    check_counts(golden, &row, expect);
    check_bad_rows();
    settle_row(golden, desk_text(&row, 0, "id", &desk.arena));
    desk_close(&desk);
}

static void broken_requests_are_answered_as_agreed(void **state)
{
    static struct golden golden;

    (void)state;
    golden_open(&golden, "bad_requests.jsonl");
    for (uint32_t i = 0; i < golden.line_count; i++)
        break_in(&golden, golden.lines[i]);
    golden_close(&golden);
}

static void every_listed_deviation_names_a_row(void **state)
{
    struct golden rows;
    struct golden bad;

    (void)state;
    golden_open(&rows, "requests.jsonl");
    golden_open(&bad, "bad_requests.jsonl");
    for (uint32_t i = 0; i < rows.deviating_count; i++) {
        const uint8_t *space = memchr(rows.deviating[i].data, ' ', rows.deviating[i].len);
        char id[200];
        bool found = false;

        assert_non_null(space);
        (void)snprintf(id, sizeof(id), "{\"id\":\"%.*s\"", (int)(space - rows.deviating[i].data),
                       rows.deviating[i].data);
        for (uint32_t j = 0; j < rows.line_count && !found; j++)
            found = slice_starts_with(rows.lines[j], slice_of(id));
        for (uint32_t j = 0; j < bad.line_count && !found; j++)
            found = slice_starts_with(bad.lines[j], slice_of(id));
        if (!found) fail_msg("no row %s", id);
    }
    golden_close(&rows);
    golden_close(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_real_trackers_are_answered_and_stored),
        cmocka_unit_test(broken_requests_are_answered_as_agreed),
        cmocka_unit_test(every_listed_deviation_names_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

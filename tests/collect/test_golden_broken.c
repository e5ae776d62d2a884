/* test_golden_broken.c - 127 broken requests against the real server (golden.h). */
#include "golden.h"

static struct desk desk;

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
        cmocka_unit_test(broken_requests_are_answered_as_agreed),
        cmocka_unit_test(every_listed_deviation_names_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

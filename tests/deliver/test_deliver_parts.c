/* test_deliver_parts.c - pace, backoff, verdicts, entries, and the tables against an obvious oracle. */
#include "deliver/backoff.h"
#include "deliver/calls.h"
#include "deliver/entry.h"
#include "deliver/pace.h"
#include "deliver/verdict.h"
#include "test.h"

/* --- waiting --------------------------------------------------------------------------------------- */

static void backoff_doubles_up_to_its_limit_with_full_jitter(void **state)
{
    static const int64_t ceilings[] = {500, 1000, 2000, 4000, 5000, 5000};
    struct jitter jitter = {42};

    (void)state;
    for (uint32_t attempt = 1; attempt <= COUNT_OF(ceilings); attempt++) {
        int64_t most = 0;
        int64_t least = INT64_MAX;

        for (int i = 0; i < 2000; i++) {
            int64_t wait = backoff_ms(&jitter, attempt, 500, 5000);

            if (wait > most) most = wait;
            if (wait < least) least = wait;
        }
        assert_in_range(most, ceilings[attempt - 1] * 9 / 10, ceilings[attempt - 1]);
        assert_in_range(least, 0, ceilings[attempt - 1] / 10);
    }
}

static const struct pace_limits limits = {.in_flight_max = 2, .failures_max = 3, .rest_ms = 100};

static void only_so_many_calls_are_on_their_way(void **state)
{
    struct pace pace = {0};

    (void)state;
    assert_int_equal(pace_next_ms(&pace, &limits, 0), 0);
    pace_sent(&pace, 0);
    pace_sent(&pace, 0);
    assert_int_equal(pace_next_ms(&pace, &limits, 0), PACE_AFTER_ONE_ENDS);
    pace_answered(&pace);
    assert_int_equal(pace_next_ms(&pace, &limits, 0), 0);
}

static void the_breaker_opens_rests_probes_and_closes(void **state)
{
    struct pace pace = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pace_next_ms(&pace, &limits, 10), 0);
        pace_sent(&pace, 10);
        pace_failed(&pace, &limits, 10);
    }
    assert_int_equal(pace.breaker, BREAKER_OPEN);
    assert_int_equal(pace_next_ms(&pace, &limits, 50), 110);
    assert_int_equal(pace_next_ms(&pace, &limits, 110), 0);
    pace_sent(&pace, 110); /* the probe is alone */
    assert_int_equal(pace_next_ms(&pace, &limits, 110), PACE_AFTER_ONE_ENDS);
    pace_failed(&pace, &limits, 120);
    assert_int_equal(pace_next_ms(&pace, &limits, 121), 220);
    pace_sent(&pace, 220);
    pace_answered(&pace);
    assert_int_equal(pace.breaker, BREAKER_CLOSED);
    assert_int_equal(pace.opened, 2);
    assert_int_equal(pace_next_ms(&pace, &limits, 221), 0);
}

static void answers_between_failures_keep_the_breaker_closed(void **state)
{
    struct pace pace = {0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        pace_sent(&pace, 0);
        if (i % 3 == 2) pace_answered(&pace);
        if (i % 3 != 2) pace_failed(&pace, &limits, 0);
    }
    assert_int_equal(pace.opened, 0);
}

static void a_pause_holds_the_endpoint(void **state)
{
    struct pace pace = {0};

    (void)state;
    pace_sent(&pace, 0);
    pace_throttled(&pace, 2000);
    assert_int_equal(pace_next_ms(&pace, &limits, 1999), 2000);
    assert_int_equal(pace_next_ms(&pace, &limits, 2000), 0);
}

/* A server's bucket beside ours: one call at a time, answers after 20 ms. */
static void the_bucket_keeps_the_servers_rate_and_is_never_throttled(void **state)
{
    struct pace pace = {0};
    const struct pace_limits one = {1, 3, 100};
    double server = 200; /* of 200, 100 a second */
    int64_t now = 0;
    uint32_t done = 0;

    (void)state;
    while (now < 60000) {
        int64_t next = pace_next_ms(&pace, &one, now);
        int64_t then = next > now ? next : now;

        pace_sent(&pace, then);
        then += 10;
        server += (double)(then - now) * 0.1;
        if (server > 200) server = 200;
        assert_true(server >= 10);
        server -= 10;
        done++;
        double told = (double)(int64_t)server;
        server += 1; /* 10 ms on the way back */
        now = then + 10;
        pace_answered(&pace);
        pace_metered(&pace, pace.sent, &(struct pace_meter){10, told, 200, 100}, now);
    }
    assert_in_range(done, (20 + 600) * 95 / 100, 20 + 601);
}

/* Answers read at once come in any order: the bucket is what the call sent last was told. */
static void an_answer_that_comes_behind_a_later_calls_fills_no_bucket(void **state)
{
    const struct pace_limits two = {2, 3, 100};
    struct pace pace = {0};

    (void)state;
    pace_sent(&pace, 0);
    pace_sent(&pace, 0);
    pace_answered(&pace);
    pace_metered(&pace, 2, &(struct pace_meter){10, 0, 200, 100}, 20);
    assert_true(pace_next_ms(&pace, &two, 20) > 20); /* the first may not be counted yet */
    pace_answered(&pace);
    pace_metered(&pace, 1, &(struct pace_meter){10, 10, 200, 100}, 20);
    assert_true(pace_next_ms(&pace, &two, 20) > 20);
    assert_int_equal(pace_next_ms(&pace, &two, 220), 0);
}

/* --- verdicts -------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint16_t status;
    const char *retry_after;
    const char *type;
    const char *body;
    bool shopify;
    bool reads;
    enum verdict_kind kind;
    bool endpoint_failed;
    int64_t wait_ms;
    const char *says; /* part of the reason */
} verdict_rows[] = {
    {"done", 200, NULL, NULL, "", false, false, VERDICT_DELIVERED, false, 0, ""},
    {"created", 201, NULL, NULL, "", false, false, VERDICT_DELIVERED, false, 0, ""},
    {"a redirect that is not followed", 302, NULL, NULL, "", false, false, VERDICT_FAILED, false, 0,
     "HTTP 302"},
    {"wrong request", 400, NULL, NULL, "", false, false, VERDICT_FAILED, false, 0, "HTTP 400"},
    {"wrong credentials say what to check", 401, NULL, NULL, "", false, false, VERDICT_FAILED,
     false, 0, "refused the credentials"},
    {"wrong credentials when reading too", 401, NULL, NULL, "", true, true, VERDICT_FAILED, false,
     0, "refused the credentials"},
    {"nothing there is an answer to a read", 404, NULL, NULL, "", false, true, VERDICT_DELIVERED,
     false, 0, ""},
    {"nothing there is none to a write", 404, NULL, NULL, "", false, false, VERDICT_FAILED, false,
     0, "HTTP 404"},
    {"too many: as told", 429, "7", NULL, "", false, false, VERDICT_THROTTLED, false, 7000, "429"},
    {"too many: a second", 429, NULL, NULL, "", false, false, VERDICT_THROTTLED, false, 1000,
     "429"},
    {"503 with a time is an order to wait", 503, "3", NULL, "", false, false, VERDICT_THROTTLED,
     false, 3000, "503"},
    {"503 without one is an outage", 503, NULL, NULL, "", false, false, VERDICT_RETRY, true, 0,
     "503"},
    {"a server's failure", 500, NULL, NULL, "", false, false, VERDICT_RETRY, true, 0, "500"},
    {"not implemented stays so", 501, NULL, NULL, "", false, false, VERDICT_FAILED, false, 0,
     "501"},
    {"request timeout", 408, NULL, NULL, "", false, false, VERDICT_RETRY, true, 0, "408"},
    {"torn JSON", 200, NULL, "application/json", "{\"data\":{\"me", false, false, VERDICT_RETRY,
     true, 0, "says JSON"},
    {"Shopify: torn JSON", 200, NULL, "application/json", "{\"data\":{\"me", true, false,
     VERDICT_RETRY, true, 0, "no GraphQL"},
    {"Shopify: a page instead of JSON", 200, NULL, "text/html", "<html>", true, false,
     VERDICT_RETRY, true, 0, "no GraphQL"},
    {"Shopify: user errors", 200, NULL, "application/json",
     "{\"data\":{\"m\":{\"userErrors\":[{\"field\":[\"value\"],\"message\":\"bad\",\"code\":"
     "\"INVALID_VALUE\"}]}}}",
     true, false, VERDICT_FAILED, false, 0, "Shopify: INVALID_VALUE at value: bad"},
    {"elsewhere they are data", 200, NULL, "application/json",
     "{\"data\":{\"m\":{\"userErrors\":[{}]}}}", false, false, VERDICT_DELIVERED, false, 0, ""},
    {"Shopify: throttled", 200, NULL, "application/json",
     "{\"errors\":[{\"message\":\"Throttled\",\"extensions\":{\"code\":\"THROTTLED\"}}]}", true,
     false, VERDICT_THROTTLED, false, 1000, "THROTTLED"},
};

static void verdicts_follow_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(verdict_rows); i++) {
        struct answer answer = {.kind = ANSWER_RESPONSE, .status = verdict_rows[i].status};
        struct verdict verdict;
        struct arena arena;
        struct buffer reason;

        if (verdict_rows[i].type != NULL)
            answer.headers[answer.header_count++] =
                (struct http_header){SLICE("Content-Type"), slice_of(verdict_rows[i].type)};
        if (verdict_rows[i].retry_after != NULL)
            answer.headers[answer.header_count++] =
                (struct http_header){SLICE("Retry-After"), slice_of(verdict_rows[i].retry_after)};
        answer.body = slice_of(verdict_rows[i].body);
        arena_init(&arena, 1 << 20);
        buffer_init(&reason, 4096);
        verdict_of(&answer, verdict_rows[i].shopify, verdict_rows[i].reads, &arena, &reason,
                   &verdict);
        buffer_append_byte(&reason, '\0');
        if (verdict.kind != verdict_rows[i].kind ||
            verdict.endpoint_failed != verdict_rows[i].endpoint_failed ||
            verdict.wait_ms != verdict_rows[i].wait_ms ||
            strstr((const char *)reason.data, verdict_rows[i].says) == NULL ||
            (verdict.kind == VERDICT_DELIVERED) != (verdict.reason.len == 0))
            fail_msg("%s: kind %d, wait %lld, reason %s", verdict_rows[i].name, verdict.kind,
                     (long long)verdict.wait_ms, (const char *)reason.data);
        buffer_deinit(&reason);
        arena_deinit(&arena);
    }
}

/* --- entries --------------------------------------------------------------------------------------- */

static void entries_come_back_and_damage_is_seen(void **state)
{
    const struct entry entry = {.flags = ENTRY_REPLAYED,
                                .sequence = 1ULL << 40U,
                                .stored_ms = 1700000000000,
                                .node = 7,
                                .coalescing_key = SLICE("visitor"),
                                .origin = SLICE("https://shop.example"),
                                .request = SLICE("{}"),
                                .died_ms = 1700000000001,
                                .attempts = 8,
                                .error = SLICE("HTTP 500")};

    (void)state;
    for (int dead = 0; dead < 2; dead++) {
        struct buffer bytes;
        struct entry read = {0};

        buffer_init(&bytes, 4096);
        entry_write(&entry, dead == 1, &bytes);
        assert_ok(entry_read(buffer_slice(&bytes), dead == 1, &read));
        assert_int_equal(read.sequence, entry.sequence);
        assert_slice_equal(read.request, entry.request);
        if (dead == 1) assert_slice_equal(read.error, entry.error);
        for (size_t len = 0; len < bytes.len; len++)
            assert_int_equal(entry_read((struct slice){bytes.data, len}, dead == 1, &read),
                             STATUS_CORRUPT);
        buffer_append_byte(&bytes, 0);
        assert_int_equal(entry_read(buffer_slice(&bytes), dead == 1, &read), STATUS_CORRUPT);
        bytes.data[0] = 2; /* a version we do not know */
        assert_int_equal(entry_read((struct slice){bytes.data, bytes.len - 1}, dead == 1, &read),
                         STATUS_CORRUPT);
        buffer_deinit(&bytes);
    }
}

/* --- tables ---------------------------------------------------------------------------------------- */

enum { KEYS = 97, STEPS = 200000 };

static void the_table_agrees_with_an_array(void **state)
{
    struct table table = {0};
    uint32_t oracle[KEYS] = {0};
    struct jitter random = {7};

    (void)state;
    assert_ok(table_reserve(&table, KEYS));
    for (int i = 0; i < STEPS; i++) {
        uint64_t at = jitter_below(&random, KEYS);
        uint64_t key = at * 64 + at % 3; /* many collide */

        assert_int_equal(table_get(&table, key), oracle[at]);
        if (jitter_below(&random, 2) == 0) {
            oracle[at] = (uint32_t)jitter_below(&random, 1000) + 1;
            table_put(&table, key, oracle[at]);
        } else {
            oracle[at] = 0;
            table_remove(&table, key);
        }
    }
    table_deinit(&table);
}

enum { LANES = 5, CALLS = 3000 };

/* Random additions (some out of order, as replays are) and removals of firsts. */
static void lanes_keep_the_order_of_sequences(void **state)
{
    struct calls calls = {0};
    struct jitter random = {11};
    uint64_t last[LANES + 1] = {0};
    uint32_t first_of[LANES + 1] = {0};
    uint32_t count = 0;

    (void)state;
    for (uint32_t i = 1; i <= CALLS; i++) {
        uint64_t lane = jitter_below(&random, LANES) + 1;
        struct call call = {.lane = lane,
                            .sequence = jitter_below(&random, 8) == 0 ? i / 2 + 1 : i,
                            .name = jitter_below(&random, 10), /* hashes collide on purpose */
                            .identity = {.offset = i}};
        bool first;

        assert_ok(calls_reserve(&calls, 1));
        assert_int_equal(calls_find(&calls, call.name, 0, &call.identity), 0);
        uint32_t number = calls_add(&calls, &call, &first);
        assert_int_equal(calls_find(&calls, call.name, 0, &call.identity), number);
        assert_int_equal(first, first_of[lane] == 0);
        if (first) {
            first_of[lane] = number;
            last[lane] = call.sequence;
        }
        count++;
        if (jitter_below(&random, 5) < 2) {
            uint64_t from = jitter_below(&random, LANES) + 1;

            if (first_of[from] == 0) continue;
            uint32_t next = calls_remove(&calls, first_of[from]);
            count--;
            first_of[from] = next;
        }
        assert_int_equal(calls.count, count);
    }
    for (uint32_t lane = 1; lane <= LANES; lane++) {
        bool second = false;

        for (uint32_t at = first_of[lane]; at != 0; at = calls_remove(&calls, at), count--) {
            if (second) assert_true(calls_at(&calls, at)->sequence >= last[lane]);
            second = true;
            last[lane] = at == first_of[lane] ? 0 : calls_at(&calls, at)->sequence;
        }
    }
    assert_int_equal(count, 0);
    assert_int_equal(calls.count, 0);
    calls_deinit(&calls);
}

static void retries_come_out_by_time(void **state)
{
    struct calls calls = {0};
    struct jitter random = {13};
    int64_t before = -1;

    (void)state;
    assert_ok(calls_reserve(&calls, CALLS));
    for (uint32_t i = 0; i < CALLS; i++) {
        struct call call = {.name = i, .due_ms = (int64_t)jitter_below(&random, 500)};
        bool first;

        retry_push(&calls, calls_add(&calls, &call, &first));
    }
    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t number = retry_first(&calls);

        assert_true(calls_at(&calls, number)->due_ms >= before);
        before = calls_at(&calls, number)->due_ms;
        retry_pop(&calls);
    }
    assert_int_equal(retry_first(&calls), 0);
    calls_deinit(&calls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_doubles_up_to_its_limit_with_full_jitter),
        cmocka_unit_test(only_so_many_calls_are_on_their_way),
        cmocka_unit_test(the_breaker_opens_rests_probes_and_closes),
        cmocka_unit_test(answers_between_failures_keep_the_breaker_closed),
        cmocka_unit_test(a_pause_holds_the_endpoint),
        cmocka_unit_test(the_bucket_keeps_the_servers_rate_and_is_never_throttled),
        cmocka_unit_test(an_answer_that_comes_behind_a_later_calls_fills_no_bucket),
        cmocka_unit_test(verdicts_follow_the_table),
        cmocka_unit_test(entries_come_back_and_damage_is_seen),
        cmocka_unit_test(the_table_agrees_with_an_array),
        cmocka_unit_test(lanes_keep_the_order_of_sequences),
        cmocka_unit_test(retries_come_out_by_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

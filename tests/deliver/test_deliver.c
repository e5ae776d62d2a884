/* test_deliver.c - what a scenario's call can rely on, against a server that misbehaves. */
#include <pthread.h>

#include "deliver/harness.h"

static void a_call_arrives_once_with_secret_and_idempotency_key(void **state)
{
    struct running running;

    running_open(&running, *state);
    assert_ok(submit(&running, 1, "v", SHOP "/a/b?x=1", "hello"));
    drain(&running);
    const struct reply *reply = replies_find(&running.replies, 1);
    assert_int_equal(reply->status, STATUS_OK);
    assert_non_null(
        strstr(reply->payload, "{\"statusCode\":200,\"statusText\":\"OK\",\"headers\":{"));
    assert_non_null(strstr(reply->payload, "\"body\":{\"n\":1.50}}"));
    assert_int_equal(log_count(*state, "1\t200\t1:0:1:07\t/a/b\t" SECRET "\thello\n"), 1);
    assert_int_equal(log_count(*state, "\n"), 1);
    assert_int_equal(counters_of(&running).delivered, 1);
    running_close(&running);
}

static void an_identity_that_is_waiting_is_not_stored_twice(void **state)
{
    struct running running;
    uint64_t lsn;

    running_create(&running, *state, &quick, false, SLICE("X-Token"));
    for (int i = 0; i < 3; i++)
        assert_ok(submit(&running, 1, "v", SHOP "/once", "x"));
    assert_int_equal(counters_of(&running).waiting, 1);
    assert_ok(deliver_submit(running.deliver, NULL, 0, SLICE("calls.shop"), 99));
    assert_ok(state_tag(running.state, SLICE("calls.shop"), &lsn));
    assert_int_equal(lsn, 99);
    assert_ok(deliver_start(running.deliver));
    drain(&running);
    assert_int_equal(log_count(*state, "/once"), 1);
    running_close(&running);
}

/* Every way a try can fail and the next one not. */
static const char *const passing_troubles[] = {
    "/r500?fail=2",         "/r503?fail=2&with=503", "/r429?fail=2&with=429&after=0",
    "/rr?fail=2&how=reset", "/rh?fail=2&how=half",   "/rg?fail=2&how=garbage",
    "/rl?fail=2&how=lost",  "/r408?fail=2&with=408", "/ra?fail=2&with=503&after=0",
};

static void passing_troubles_are_tried_again_with_the_same_key(void **state)
{
    struct running running;

    running_open(&running, *state);
    for (uint64_t i = 0; i < COUNT_OF(passing_troubles); i++) {
        char url[256];

        (void)snprintf(url, sizeof(url), SHOP "%s", passing_troubles[i]);
        assert_ok(submit(&running, i, "", url, "x"));
    }
    drain(&running);
    for (uint64_t i = 0; i < COUNT_OF(passing_troubles); i++) {
        const struct reply *reply = replies_find(&running.replies, i);
        char key[32];

        (void)snprintf(key, sizeof(key), "\t1:0:%u:07\t", (unsigned)i);
        if (reply->status != STATUS_OK || strstr(reply->payload, "\"statusCode\":200") == NULL)
            fail_msg("%s: %s", passing_troubles[i], reply->payload);
        assert_int_equal(log_count(*state, key), 3);
    }
    assert_int_equal(replies_count(&running.replies), COUNT_OF(passing_troubles));
    running_close(&running);
}

static void a_try_that_takes_too_long_is_given_up_and_repeated(void **state)
{
    struct deliver_options options = quick;
    struct running running;

    options.timeout_ms = 200;
    running_create(&running, *state, &options, false, SLICE("X-Token"));
    assert_ok(deliver_start(running.deliver));
    assert_ok(submit(&running, 1, "v", SHOP "/slow?fail=1&delay=3000", "x"));
    assert_ok(submit(&running, 2, "w", SHOP "/slower?delay=3000", "x"));
    drain(&running);
    assert_int_equal(replies_find(&running.replies, 1)->status, STATUS_OK);
    assert_int_equal(replies_find(&running.replies, 2)->status, STATUS_AGAIN);
    assert_non_null(strstr(replies_find(&running.replies, 2)->payload, "{\"error\":\"Timeout"));
    assert_int_equal(log_count(*state, "/slower"), 4);
    running_close(&running);
}

/* A failing older call holds its key's newer ones back; other keys pass. */
static void an_old_retry_never_overwrites_a_newer_list(void **state)
{
    enum { PER_KEY = 8, KEYS = 5 };
    struct running running;
    uint64_t offset = 0;

    running_open(&running, *state);
    for (int i = 0; i < PER_KEY; i++) {
        for (int key = 0; key < KEYS; key++) {
            char url[128];
            char name[8];
            char body[32];

            (void)snprintf(name, sizeof(name), "k%d", key);
            (void)snprintf(url, sizeof(url), SHOP "/key%d?fail=%d&how=%s", key, (i * 7 + key) % 3,
                           i % 2 == 0 ? "lost" : "");
            (void)snprintf(body, sizeof(body), "list %d", i);
            assert_ok(submit(&running, offset++, name, url, body));
        }
    }
    drain(&running);
    char *log = server_log(*state);
    for (int key = 0; key < KEYS; key++) {
        char path[16];
        int newest = 0;

        (void)snprintf(path, sizeof(path), "/key%d\t", key);
        for (char *at = log; (at = strstr(at, path)) != NULL; at++) {
            int list = atoi(strstr(at, "list ") + 5);

            assert_true(list >= newest);
            newest = list;
        }
        assert_int_equal(newest, PER_KEY - 1);
    }
    free(log);
    assert_int_equal(replies_count(&running.replies), PER_KEY * KEYS);
    running_close(&running);
}

static void the_next_of_a_key_waits_for_the_acknowledgement(void **state)
{
    struct running running;

    running_create(&running, *state, &quick, false, SLICE("X-Token"));
    running.replies.acknowledges = false;
    assert_ok(deliver_start(running.deliver));
    assert_ok(submit(&running, 1, "v", SHOP "/first", "x"));
    assert_ok(submit(&running, 2, "v", SHOP "/second", "x"));
    assert_ok(submit(&running, 3, "w", SHOP "/other", "x"));
    WAIT_UNTIL(replies_count(&running.replies) == 2);
    pause_ms(50);
    assert_int_equal(log_count(*state, "/second"), 0);
    const struct identity identity = {.topic_id = 1, .offset = 1, .path_len = 1, .path = {7}};
    assert_ok(deliver_acknowledge(running.deliver, &identity, SLICE("shop recommendations")));
    WAIT_UNTIL(replies_count(&running.replies) == 3);
    assert_int_equal(deliver_acknowledge(running.deliver, &identity, SLICE("another")),
                     STATUS_NOT_FOUND);
    running_close(&running);
}

static void a_full_outbox_makes_the_shard_wait(void **state)
{
    struct deliver_options options = quick;
    struct running running;

    options.outbox_calls_max = 3;
    running_create(&running, *state, &options, false, SLICE("X-Token"));
    for (uint64_t i = 0; i < 3; i++)
        assert_ok(submit(&running, i, "", SHOP "/full", "x"));
    assert_int_equal(submit(&running, 4, "", SHOP "/full", "x"), STATUS_AGAIN);
    assert_ok(deliver_start(running.deliver));
    drain(&running);
    assert_ok(submit(&running, 4, "", SHOP "/full", "x"));
    drain(&running);
    assert_int_equal(replies_count(&running.replies), 4);
    running_close(&running);
}

static void an_endpoint_that_is_down_rests_and_comes_back(void **state)
{
    struct place *place = *state;
    struct deliver_options options = quick;
    struct running running;
    uint16_t port = place->server.port;

    options.breaker_failures_max = 3;
    options.attempts_max = 1000;
    child_stop(&place->server);
    running_create(&running, place, &options, false, SLICE("X-Token"));
    assert_ok(deliver_start(running.deliver));
    for (uint64_t i = 0; i < 30; i++)
        assert_ok(submit(&running, i, "", SHOP "/down", "x"));
    WAIT_UNTIL(counters_of(&running).breaker_opened >= 2);
    assert_int_equal(counters_of(&running).delivered, 0);
    server_start(place, port);
    drain(&running);
    assert_int_equal(counters_of(&running).delivered, 30);
    assert_int_equal(counters_of(&running).breakers_open, 0);
    assert_int_equal(counters_of(&running).dead, 0);
    running_close(&running);
}

static void connections_are_used_again(void **state)
{
    struct running running;

    running_open(&running, *state);
    for (uint64_t i = 0; i < 100; i++)
        assert_ok(submit(&running, i, "", SHOP "/many", "x"));
    drain(&running);
    assert_in_range(counters_of(&running).sockets_opened, 1, 8);
    running_close(&running);
}

static void secrets_are_nowhere_but_on_the_wire(void **state)
{
    struct place *place = *state;
    struct running running;

    running_open(&running, place);
    assert_ok(submit(&running, 1, "v", SHOP "/echo?how=echo", "x"));
    assert_ok(submit(&running, 2, "v", SHOP "/dead?status=401", "x"));
    assert_ok(submit(&running, 3, "v", SHOP "/dead?how=reset", "x"));
    drain(&running);
    assert_true(log_count(place, SECRET) >= 1 + 1 + 4); /* it was sent */
    char *letters = dead_letters(&running);
    assert_null(strstr(letters, SECRET));
    free(letters);
    for (uint64_t i = 1; i <= 3; i++)
        assert_null(strstr(replies_find(&running.replies, i)->payload, SECRET));
    assert_non_null(strstr(replies_find(&running.replies, 1)->payload, "\"X-Echo\":\"******"));
    running_close(&running);
    assert_int_equal(found_on_disk(place, SECRET), 0);
    assert_true(found_on_disk(place, "shop recommendations") > 0); /* the search does find things */
}

static void stopping_lets_calls_on_their_way_end(void **state)
{
    struct running running;

    running_open(&running, *state);
    assert_ok(submit(&running, 1, "v", SHOP "/slow?delay=300", "x"));
    WAIT_UNTIL(log_count(*state, "/slow") == 1);
    deliver_stop(running.deliver);
    assert_int_equal(replies_count(&running.replies), 1);
    assert_int_equal(counters_of(&running).waiting, 0);
    running_close(&running);
}

int main(void)
{
#define TEST_ROW(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
    const struct CMUnitTest tests[] = {
        TEST_ROW(a_call_arrives_once_with_secret_and_idempotency_key),
        TEST_ROW(an_identity_that_is_waiting_is_not_stored_twice),
        TEST_ROW(passing_troubles_are_tried_again_with_the_same_key),
        TEST_ROW(a_try_that_takes_too_long_is_given_up_and_repeated),
        TEST_ROW(an_old_retry_never_overwrites_a_newer_list),
        TEST_ROW(the_next_of_a_key_waits_for_the_acknowledgement),
        TEST_ROW(a_full_outbox_makes_the_shard_wait),
        TEST_ROW(an_endpoint_that_is_down_rests_and_comes_back),
        TEST_ROW(connections_are_used_again),
        TEST_ROW(secrets_are_nowhere_but_on_the_wire),
        TEST_ROW(stopping_lets_calls_on_their_way_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_deliver_letters.c - what is kept of calls: dead letters, and what a restart finds. */
#include <pthread.h>

#include "deliver/harness.h"

static void what_cannot_be_delivered_becomes_a_dead_letter(void **state)
{
    static const struct {
        const char *url;
        enum status status;
        const char *payload;
        const char *error;
    } rows[] = {
        {SHOP "/p401?status=401", STATUS_OK, "\"statusCode\":401", "refused the credentials"},
        {SHOP "/p400?status=400", STATUS_OK, "\"statusCode\":400", "HTTP 400"},
        {SHOP "/p500?status=500", STATUS_OK, "\"statusCode\":500", "HTTP 500"},
        {SHOP "/reset?how=reset", STATUS_AGAIN, "{\"error\":", "Server returned nothing"},
        {SHOP "/big?how=large", STATUS_LIMIT, "larger than allowed", "larger than allowed"},
        {"http://user:pw@host/", STATUS_INVALID, "use a secret header", "use a secret header"},
        {"ftp://host/", STATUS_INVALID, "only http and https", "only http and https"},
        {"nonsense", STATUS_INVALID, "{\"error\":", ""},
    };
    struct running running;

    running_open(&running, *state);
    for (uint64_t i = 0; i < COUNT_OF(rows); i++)
        assert_ok(submit(&running, i, "", rows[i].url, "x"));
    drain(&running);
    char *letters = dead_letters(&running);
    assert_int_equal(count_of(letters, "\"id\":\"shop recommendations/1:0:"), COUNT_OF(rows));
    for (uint64_t i = 0; i < COUNT_OF(rows); i++) {
        const struct reply *reply = replies_find(&running.replies, i);

        if (reply->status != rows[i].status || strstr(reply->payload, rows[i].payload) == NULL)
            fail_msg("%s: %d %s", rows[i].url, reply->status, reply->payload);
        if (strstr(letters, rows[i].error) == NULL)
            fail_msg("%s: no letter says \"%s\": %s", rows[i].url, rows[i].error, letters);
    }
    assert_null(strstr(letters, "user:pw"));
    assert_null(strstr(letters, "how=large")); /* no query */
    assert_int_equal(counters_of(&running).dead, COUNT_OF(rows));
    free(letters);
    running_close(&running);
}

static void a_dead_letter_is_replayed_in_its_place(void **state)
{
    struct place *place = *state;
    struct running running;

    running_open(&running, place);
    assert_ok(submit(&running, 1, "v", SHOP "/mended?fail=4", "old"));
    drain(&running);
    assert_int_equal(counters_of(&running).dead, 1);
    running_close(&running);
    running_open(&running, place); /* letters outlive a restart */
    assert_int_equal(deliver_replay(running.deliver, SLICE("shop recommendations/1:0:9:07")),
                     STATUS_NOT_FOUND);
    assert_ok(deliver_replay(running.deliver, SLICE("shop recommendations/1:0:1:07")));
    drain(&running);
    assert_int_equal(replies_count(&running.replies), 0); /* its event is over */
    assert_int_equal(log_count(place, "1\t200\t1:0:1:07\t/mended\t"), 1);
    char *letters = dead_letters(&running);
    assert_string_equal(letters, "[]");
    free(letters);
    running_close(&running);
}

static void a_dead_letter_that_a_newer_list_replaced_is_not_replayed(void **state)
{
    struct running running;

    running_open(&running, *state);
    assert_ok(submit(&running, 1, "v", SHOP "/list?fail=4", "old"));
    drain(&running);
    assert_ok(submit(&running, 2, "v", SHOP "/list", "new"));
    assert_ok(submit(&running, 3, "w", SHOP "/list", "another visitor's"));
    drain(&running);
    assert_int_equal(deliver_replay(running.deliver, SLICE("shop recommendations/1:0:1:07")),
                     STATUS_INVALID);
    char *letters = dead_letters(&running);
    assert_non_null(strstr(letters, "\"superseded\":true"));
    free(letters);
    running_close(&running);
    running_open(&running, *state);
    assert_int_equal(deliver_replay(running.deliver, SLICE("shop recommendations/1:0:1:07")),
                     STATUS_INVALID);
    running_close(&running);
}

static void what_waits_is_sent_after_a_restart_in_order(void **state)
{
    struct place *place = *state;
    struct running running;
    uint16_t port = place->server.port;

    child_stop(&place->server);
    running_create(&running, place, &quick, false, SLICE("X-Token"));
    for (uint64_t i = 0; i < 40; i++) {
        char body[16];

        (void)snprintf(body, sizeof(body), "n %u", (unsigned)i);
        assert_ok(submit(&running, 1000 - i, "v", SHOP "/later", body));
    }
    running_close(&running);
    server_start(place, port);
    running_open(&running, place);
    drain(&running);
    char *log = server_log(place);
    char *at = log;
    for (int i = 0; i < 40; i++, at++) {
        char body[32];

        (void)snprintf(body, sizeof(body), "\tn %d\n", i);
        at = strstr(at, body);
        assert_non_null(at);
    }
    assert_int_equal(count_of(log, "\n"), 40);
    free(log);
    running_close(&running);
}

static void a_reply_that_is_already_logged_is_not_asked_for_again(void **state)
{
    struct place *place = *state;
    struct running running;
    const struct identity identity = {.topic_id = 1, .offset = 1, .path_len = 1, .path = {7}};

    running_create(&running, place, &quick, false, SLICE("X-Token"));
    assert_ok(submit(&running, 1, "v", SHOP "/logged", "x"));
    assert_ok(submit(&running, 2, "v", SHOP "/open", "x"));
    running_close(&running);
    running_create(&running, place, &quick, false, SLICE("X-Token"));
    assert_ok(deliver_acknowledge(running.deliver, &identity, SLICE("shop recommendations")));
    assert_ok(deliver_start(running.deliver));
    drain(&running);
    assert_int_equal(log_count(place, "/logged"), 0);
    assert_int_equal(log_count(place, "/open"), 1);
    assert_null(replies_find(&running.replies, 1));
    running_close(&running);
}

/* The failure was told and logged, the process died before the acknowledgement: the letter is there. */
static void a_failure_that_is_already_logged_keeps_its_dead_letter(void **state)
{
    struct place *place = *state;
    struct running running;
    const struct identity identity = {.topic_id = 1, .offset = 1, .path_len = 1, .path = {7}};

    running_create(&running, place, &quick, false, SLICE("X-Token"));
    running.replies.acknowledges = false;
    assert_ok(deliver_start(running.deliver));
    assert_ok(submit(&running, 1, "v", SHOP "/bad?status=400", "x"));
    WAIT_UNTIL(replies_count(&running.replies) == 1);
    running_close(&running);
    running_create(&running, place, &quick, false, SLICE("X-Token"));
    assert_ok(deliver_acknowledge(running.deliver, &identity, SLICE("shop recommendations")));
    assert_ok(deliver_start(running.deliver));
    drain(&running);
    char *letters = dead_letters(&running);
    assert_int_equal(count_of(letters, "HTTP 400"), 1);
    assert_int_equal(count_of(letters, "\"superseded\":false"), 1);
    free(letters);
    assert_int_equal(log_count(place, "/bad"), 1);
    running_close(&running);
}

int main(void)
{
#define TEST_ROW(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
    const struct CMUnitTest tests[] = {
        TEST_ROW(what_cannot_be_delivered_becomes_a_dead_letter),
        TEST_ROW(a_dead_letter_is_replayed_in_its_place),
        TEST_ROW(a_dead_letter_that_a_newer_list_replaced_is_not_replayed),
        TEST_ROW(what_waits_is_sent_after_a_restart_in_order),
        TEST_ROW(a_reply_that_is_already_logged_is_not_asked_for_again),
        TEST_ROW(a_failure_that_is_already_logged_keeps_its_dead_letter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_deadletter_tool.c - the commands on a data directory: listing, replaying, refusing. */
#include <fcntl.h>
#include <pthread.h>

#include "deliver/harness.h"
#include "host/command.h"
#include "log/log.h"

enum { ARGUMENTS_MAX = 8 };

/* Runs `headrace ...`; its exit code. Output goes to files in the place. */
static int headrace(const struct place *place, const char *const arguments[])
{
    char *argv[ARGUMENTS_MAX + 2] = {(char[]){HEADRACE_BINARY}};
    char out[128];
    char errors[128];
    int result;

    for (int i = 0; arguments[i] != NULL && i < ARGUMENTS_MAX; i++)
        argv[i + 1] = strdup(arguments[i]);
    (void)snprintf(out, sizeof(out), "%s/out", place->path);
    (void)snprintf(errors, sizeof(errors), "%s/errors", place->path);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
        (void)dup2(open(errors, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &result, 0), pid);
    for (int i = 1; argv[i] != NULL; i++)
        free(argv[i]);
    assert_true(WIFEXITED(result));
    return WEXITSTATUS(result);
}

static char *said(const struct place *place, const char *file)
{
    struct buffer bytes;
    struct buffer path;

    buffer_init(&bytes, 1 << 20);
    buffer_init(&path, 4096);
    assert_ok(file_read(file_join(&path, place->path, file), &bytes));
    buffer_append_byte(&bytes, '\0');
    buffer_deinit(&path);
    return (char *)bytes.data;
}

static void assert_said(const struct place *place, const char *file, const char *part)
{
    char *text = said(place, file);

    if (strstr(text, part) == NULL) fail_msg("\"%s\" is not in: %s", part, text);
    free(text);
}

static struct log *log_make(const struct place *place)
{
    struct log_options options = log_options_default;
    struct log *log;
    struct buffer message;

    buffer_init(&message, 4096);
    options.map_bytes = MAP_BYTES;
    assert_ok(log_open(place->path, &options, &log, &message));
    buffer_deinit(&message);
    return log;
}

/* Two letters of one key, the first of them superseded, and one of another. */
static void make_letters(struct place *place)
{
    struct running running;

    log_close(log_make(place));
    running_open(&running, place);
    assert_ok(submit(&running, 1, "v", SHOP "/list?fail=4&token=" SECRET, "first"));
    drain(&running);
    assert_ok(submit(&running, 2, "v", SHOP "/list", "second"));
    assert_ok(submit(&running, 3, "w", SHOP "/list?fail=4", "third"));
    drain(&running);
    running_close(&running);
}

static void letters_are_listed_and_replayed_offline(void **state)
{
    struct place *place = *state;
    struct running running;

    make_letters(place);
    assert_int_equal(
        headrace(place, (const char *[]){"deadletter", "list", "--data", place->path, NULL}),
        EXIT_OK);
    char *out = said(place, "out");
    assert_int_equal(count_of(out, "\n"), 2);
    assert_non_null(strstr(out, "{\"id\":\"shop recommendations/1:0:1:07\",\"scenario\":\"shop "
                                "recommendations\",\"node\":3,\"url\":\"" SHOP "/list\","
                                "\"attempts\":4,\"error\":\"HTTP 500\",\"time\":"));
    assert_int_equal(count_of(out, "\"superseded\":true"), 1);
    assert_null(strstr(out, SECRET));
    free(out);

    assert_int_equal(headrace(place, (const char *[]){"deadletter", "replay", "--all", "--data",
                                                      place->path, NULL}),
                     EXIT_PROBLEMS);
    assert_said(place, "out", "shop recommendations/1:0:3:07\n");
    assert_said(place, "errors", "1:0:1:07: a newer call of its key was delivered");
    running_open(&running, place);
    drain(&running);
    running_close(&running);
    assert_int_equal(log_count(place, "1\t200\t1:0:3:07\t"), 1);
    assert_int_equal(log_count(place, "1\t200\t1:0:1:07\t"), 0);

    assert_int_equal(
        headrace(place, (const char *[]){"deadletter", "replay", "shop recommendations/1:0:1:07",
                                         "--data", place->path, "--superseded", NULL}),
        EXIT_OK);
    running_open(&running, place);
    drain(&running);
    running_close(&running);
    assert_int_equal(log_count(place, "1\t200\t1:0:1:07\t"), 1);
    assert_int_equal(
        headrace(place, (const char *[]){"deadletter", "list", "--data", place->path, NULL}),
        EXIT_OK);
    assert_said(place, "out", "");
}

static void what_cannot_be_done_is_said(void **state)
{
    struct place *place = *state;

    make_letters(place);
    assert_int_equal(headrace(place, (const char *[]){"deadletter", "replay", "shop/1:0:99:07",
                                                      "--data", place->path, NULL}),
                     EXIT_INPUT);
    assert_said(place, "errors", "there is no dead letter shop/1:0:99:07");
    assert_int_equal(
        headrace(place, (const char *[]){"deadletter", "replay", "--data", place->path, NULL}),
        EXIT_USAGE);
    assert_int_equal(headrace(place, (const char *[]){"deadletter", "list", "--data", place->path,
                                                      "--count", "many", NULL}),
                     EXIT_USAGE);
    struct log *log = log_make(place); /* as a running server does */
    assert_int_equal(
        headrace(place, (const char *[]){"deadletter", "list", "--data", place->path, NULL}),
        EXIT_INPUT);
    assert_said(place, "errors", "is in use by process");
    log_close(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(letters_are_listed_and_replayed_offline, place_make,
                                        place_remove),
        cmocka_unit_test_setup_teardown(what_cannot_be_done_is_said, place_make, place_remove),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_file.c - what is no plain file: pipes are read while somebody writes, and never waited for. */
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "test.h"

enum { GUARD_S = 60 /* whoever waits for ever is ended */ };

static void test_a_pipe_that_nobody_writes_into_is_said(void **state)
{
    static const char path[] = "test_file.fifo";
    struct buffer bytes;

    (void)state;
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    buffer_init(&bytes, 1 << 20);
    (void)alarm(GUARD_S);
    enum status status = file_read(path, &bytes);
    (void)alarm(0);
    assert_int_equal(status, STATUS_IO);
    assert_string_equal(file_trouble(path, status), "it is a pipe into which nobody writes");
    assert_int_equal(file_read_regular(path, &bytes), STATUS_INVALID);
    buffer_deinit(&bytes);
    (void)unlink(path);
}

/* As a shell's <(command) gives it; the writer takes its time. */
static void test_a_pipe_with_a_writer_is_read_to_its_end(void **state)
{
    struct buffer bytes;
    char path[32];
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    pid_t writer = fork();
    if (writer == 0) {
        (void)poll(NULL, 0, 20);
        bool written = write(ends[1], "clicks", 6) == 6;
        _exit(written ? 0 : 1);
    }
    assert_true(writer > 0);
    (void)close(ends[1]);
    buffer_init(&bytes, 1 << 20);
    assert_ok(file_read(path, &bytes));
    assert_slice_equal(buffer_slice(&bytes), SLICE("clicks"));
    buffer_deinit(&bytes);
    (void)close(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pipe_that_nobody_writes_into_is_said),
        cmocka_unit_test(test_a_pipe_with_a_writer_is_read_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

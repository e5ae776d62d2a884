/* wake.c - eventfd and poll. */
#include "sys/wake.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum status wake_open(struct wake *wake)
{
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd < 0 ? STATUS_IO : STATUS_OK;
}

void wake_close(struct wake *wake)
{
    (void)close(wake->fd);
    wake->fd = -1;
}

void wake_signal(struct wake *wake)
{
    uint64_t one = 1;
    ssize_t put = write(wake->fd, &one, sizeof(one)); /* EAGAIN: it is awake anyway */

    (void)put;
}

void wake_wait(struct wake *wake, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = wake->fd, .events = POLLIN};
    uint64_t signals;

    (void)poll(&poll_fd, 1, timeout_ms);
    ssize_t got = read(wake->fd, &signals, sizeof(signals));
    (void)got;
}

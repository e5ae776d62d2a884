/* wake.h - lets one thread sleep until others have something for it (an eventfd). */
#pragma once
#include "base/base.h"

struct wake {
    int fd;
};

enum status wake_open(struct wake *wake) MUST_USE;
void wake_close(struct wake *wake);

/* From any thread, any number of times; wakes the sleeper once. */
void wake_signal(struct wake *wake);

/* Sleeps until signalled or the time is over (-1: no limit); forgets the signals. */
void wake_wait(struct wake *wake, int timeout_ms);

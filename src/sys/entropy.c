/* entropy.c - getrandom(2), whole. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include "sys/entropy.h"

#include <errno.h>
#include <sys/random.h>

void entropy_fill(uint8_t *target, size_t len)
{
    while (len > 0) {
        ssize_t got = getrandom(target, len, 0);

        ASSERT(got > 0 || (got < 0 && errno == EINTR));
        if (got < 0) continue;
        target += got;
        len -= (size_t)got;
    }
}

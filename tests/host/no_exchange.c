/* no_exchange.c - a file system that cannot exchange two names (NFS), for what it is preloaded into. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int renameat2(int from_directory, const char *from, int to_directory, const char *to,
              unsigned int flags)
{
    if (flags == 0) return renameat(from_directory, from, to_directory, to);
    errno = EINVAL;
    return -1;
}

/* fault.c - see fault.h. Loaded by LD_PRELOAD, for tests only. */
#define _GNU_SOURCE
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { META_BYTES = 8192, SECTOR_BYTES = 512, PATH_BYTES = 4096 };

extern struct fault *headrace_fault;
static struct fault own;
struct fault *headrace_fault = &own;

/* A write that waits for its sync. */
struct pending {
    struct pending *next;
    int fd;
    off_t at;
    size_t len;
    uint8_t bytes[];
};
static pthread_mutex_t pending_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pending *pending_first;
static struct pending **pending_end = &pending_first;

typedef ssize_t pwrite_function(int, const void *, size_t, off_t);
typedef int sync_function(int);
typedef int allocate_function(int, off_t, off_t);

static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static ssize_t real_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    static pwrite_function *function;

    if (function == NULL) *(void **)&function = real("pwrite");
    return function(fd, bytes, len, at);
}

__attribute__((constructor)) static void fault_start(void)
{
    const char *path = getenv("HEADRACE_FAULT_FILE");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) return;
    if (ftruncate(fd, sizeof(struct fault)) == 0) {
        void *map = mmap(NULL, sizeof(struct fault), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED) headrace_fault = map;
    }
    (void)close(fd);
}

static bool is_ours(int fd)
{
    char link[64] = "/proc/self/fd/";
    char path[PATH_BYTES];
    char digits[16];
    size_t count = 0;

    if (fd < 0) return false;
    do {
        digits[count++] = (char)('0' + fd % 10);
        fd /= 10;
    } while (fd > 0);
    size_t at = strlen(link);
    while (count > 0)
        link[at++] = digits[--count];
    ssize_t len = readlink(link, path, sizeof(path));
    static const char name[] = "/data.mdb";
    size_t name_len = sizeof(name) - 1;
    return len >= (ssize_t)name_len && memcmp(path + len - name_len, name, name_len) == 0;
}

/* The fault in force for this descriptor. */
static enum fault_mode mode_of(int fd)
{
    enum fault_mode mode = (enum fault_mode)atomic_load(&headrace_fault->mode);

    return mode != FAULT_NONE && is_ours(fd) ? mode : FAULT_NONE;
}

static int fail(int code)
{
    (void)atomic_fetch_add(&headrace_fault->met, 1);
    errno = code;
    return -1;
}

static bool is_growing(int fd, off_t end)
{
    struct stat file;

    return fstat(fd, &file) == 0 && end > file.st_size;
}

static bool is_synchronous(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && (flags & O_DSYNC) != 0;
}

/* xorshift: which sectors of an unsynced write survive. */
static uint32_t random_next(void)
{
    uint32_t x = atomic_load(&headrace_fault->seed);

    if (x == 0) x = 2463534242U;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    atomic_store(&headrace_fault->seed, x);
    return x;
}

static ssize_t hold(int fd, const void *bytes, size_t len, off_t at)
{
    struct pending *pending = malloc(sizeof(*pending) + len);

    if (pending == NULL) return fail(ENOMEM);
    *pending = (struct pending){.fd = fd, .at = at, .len = len};
    memcpy(pending->bytes, bytes, len);
    (void)pthread_mutex_lock(&pending_lock);
    for (size_t done = 0; done < len; done += SECTOR_BYTES) {
        size_t part = len - done < SECTOR_BYTES ? len - done : SECTOR_BYTES;

        if (random_next() % 4 == 0)
            (void)real_pwrite(fd, pending->bytes + done, part, at + (off_t)done);
    }
    *pending_end = pending;
    pending_end = &pending->next;
    (void)pthread_mutex_unlock(&pending_lock);
    (void)atomic_fetch_add(&headrace_fault->met, 1);
    return (ssize_t)len;
}

/* The sync: what waited for this descriptor is written, in order. */
static void release(int fd)
{
    (void)pthread_mutex_lock(&pending_lock);
    struct pending **link = &pending_first;
    while (*link != NULL) {
        struct pending *pending = *link;

        if (pending->fd != fd) {
            link = &pending->next;
            continue;
        }
        (void)real_pwrite(fd, pending->bytes, pending->len, pending->at);
        *link = pending->next;
        free(pending);
    }
    pending_end = link;
    (void)pthread_mutex_unlock(&pending_lock);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at)
{
    switch (mode_of(fd)) {
    case FAULT_NONE: break;
    case FAULT_FULL:
        if (is_growing(fd, at + (off_t)len)) return fail(ENOSPC);
        break;
    case FAULT_FULL_ALL:
        if (at >= META_BYTES) return fail(ENOSPC);
        break;
    case FAULT_SYNC_ERROR: break;
    case FAULT_WRITE_ERROR: return fail(EIO);
    case FAULT_POWER_LOSS:
        if (at >= META_BYTES && !is_synchronous(fd)) return hold(fd, bytes, len, at);
        break;
    }
    return real_pwrite(fd, bytes, len, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    ssize_t sum = 0;

    for (int i = 0; i < count; i++) {
        ssize_t done = pwrite(fd, parts[i].iov_base, parts[i].iov_len, at + sum);

        if (done < 0) return sum > 0 ? sum : -1;
        sum += done;
        if ((size_t)done < parts[i].iov_len) break;
    }
    return sum;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
    return pwrite(fd, bytes, len, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
    return pwritev(fd, parts, count, at);
}

static int sync_by(const char *name, int fd)
{
    sync_function *function;

    *(void **)&function = real(name);
    switch (mode_of(fd)) {
    case FAULT_SYNC_ERROR: return fail(EIO);
    case FAULT_POWER_LOSS: release(fd); break;
    case FAULT_NONE:
    case FAULT_FULL:
    case FAULT_FULL_ALL:
    case FAULT_WRITE_ERROR: break;
    }
    return function(fd);
}

int fdatasync(int fd)
{
    return sync_by("fdatasync", fd);
}

int fsync(int fd)
{
    return sync_by("fsync", fd);
}

int posix_fallocate(int fd, off_t at, off_t len)
{
    allocate_function *function;
    enum fault_mode mode = mode_of(fd);

    if (mode == FAULT_FULL || (mode == FAULT_FULL_ALL && is_growing(fd, at + len))) {
        (void)fail(ENOSPC);
        return ENOSPC;
    }
    *(void **)&function = real("posix_fallocate");
    return function(fd, at, len);
}

int posix_fallocate64(int fd, off64_t at, off64_t len)
{
    return posix_fallocate(fd, at, len);
}

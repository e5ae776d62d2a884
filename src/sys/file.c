/* file.c - read whole, write atomically. */
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "sys/killpoint.h"

enum { FILE_PIECE_BYTES = 64 * 1024 };

static enum status read_all(int fd, struct buffer *out)
{
    for (;;) {
        size_t room = out->bytes_max - out->len < FILE_PIECE_BYTES ? out->bytes_max - out->len
                                                                   : FILE_PIECE_BYTES;
        uint8_t probe;
        uint8_t *target = room == 0 ? &probe : buffer_reserve(out, room);

        if (target == NULL) return STATUS_LIMIT;
        ssize_t got = read(fd, target, room == 0 ? 1 : room);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return STATUS_IO;
        if (got == 0) return STATUS_OK;
        if (room == 0) return STATUS_LIMIT;
        out->len += (size_t)got;
    }
}

/* Waits for nobody who might write into a pipe: without a writer it is at its end. */
static int open_to_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

    if (flags >= 0) (void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

static bool is_pipe(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISFIFO(about.st_mode);
}

enum status file_read(const char *path, struct buffer *out)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? STDIN_FILENO : open_to_read(path);

    buffer_clear(out);
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
    enum status status = read_all(fd, out);
    if (!standard_input) (void)close(fd);
    if (status == STATUS_OK && !standard_input && out->len == 0 && is_pipe(path)) return STATUS_IO;
    return status;
}

enum status file_read_regular(const char *path, struct buffer *out)
{
    struct stat about;
    enum status status = STATUS_INVALID;

    buffer_clear(out);
    if (stat(path, &about) != 0)
        return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
    if (!S_ISREG(about.st_mode))
        return STATUS_INVALID; /* opening a device may already do something */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (fstat(fd, &about) != 0) {
        status = STATUS_IO;
    } else if (S_ISREG(about.st_mode)) {
        status = (uint64_t)about.st_size > out->bytes_max ? STATUS_LIMIT : read_all(fd, out);
    }
    (void)close(fd);
    return status;
}

const char *file_trouble(const char *path, enum status status)
{
    struct stat about;

    if (status == STATUS_INVALID) return "it is a pipe, a device or a directory, not a file";
    if (status == STATUS_LIMIT) return "it is larger than may be";
    if (status != STATUS_IO) return status_meaning(status);
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) return "it is a directory";
    if (is_pipe(path)) return "it is a pipe into which nobody writes";
    if (access(path, R_OK) != 0 && errno == EACCES) return "this user may not read it";
    return status_meaning(status);
}

bool file_stamp(const char *path, uint64_t *stamp)
{
    struct stat about;

    if (stat(path, &about) != 0) return false;
    const uint64_t facts[] = {(uint64_t)about.st_mtim.tv_sec, (uint64_t)about.st_mtim.tv_nsec,
                              (uint64_t)about.st_size, (uint64_t)about.st_ino};
    *stamp = hash_bytes((struct slice){(const uint8_t *)facts, sizeof(facts)}, 0);
    return true;
}

bool file_is_directory(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static enum status write_all(int fd, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);

        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno == ENOSPC ? STATUS_FULL : STATUS_IO;
        bytes = (struct slice){bytes.data + put, bytes.len - (size_t)put};
    }
    return fsync(fd) == 0 ? STATUS_OK : STATUS_IO;
}

enum status file_write(const char *path, struct slice bytes)
{
    struct buffer name;

    buffer_init(&name, 4096);
    buffer_append_text(&name, path);
    buffer_append(&name, SLICE(".new\0"));
    if (name.failed) return STATUS_LIMIT;
    const char *temporary = (const char *)name.data;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    enum status status = fd < 0 ? STATUS_IO : write_all(fd, bytes);
    if (fd >= 0 && close(fd) != 0 && status == STATUS_OK) status = STATUS_IO;
    KILLPOINT(file_written);
    if (status == STATUS_OK && rename(temporary, path) != 0) status = STATUS_IO;
    KILLPOINT(file_renamed);
    if (status != STATUS_OK && fd >= 0) (void)unlink(temporary);
    buffer_deinit(&name);
    return status;
}

enum status file_share(const char *from, const char *to, size_t bytes_max)
{
    struct stat about;
    struct buffer bytes;

    bool plain = lstat(from, &about) == 0 && S_ISREG(about.st_mode);
    if (plain && link(from, to) == 0) return STATUS_OK;
    buffer_init(&bytes, bytes_max);
    enum status status = file_read_regular(from, &bytes);
    if (status == STATUS_OK) status = file_write(to, buffer_slice(&bytes));
    buffer_deinit(&bytes);
    return status;
}

enum status file_make_directory(const char *path, unsigned mode)
{
    char *copy = strdup(path);
    enum status status = STATUS_OK;

    if (copy == NULL) return STATUS_LIMIT;
    for (char *at = copy + 1; status == STATUS_OK; at++) {
        char separator = *at;

        if (separator != '/' && separator != '\0') continue;
        *at = '\0';
        if (mkdir(copy, mode) != 0 && errno != EEXIST)
            status = errno == ENOSPC ? STATUS_FULL : STATUS_IO;
        *at = separator;
        if (separator == '\0') break;
    }
    int error = errno; /* for file_make_trouble() */
    free(copy);
    errno = error;
    return status;
}

const char *file_make_trouble(enum status status)
{
    if (status == STATUS_IO && (errno == EACCES || errno == EPERM || errno == EROFS))
        return "this user may not write there";
    if (status == STATUS_IO && errno == ENOTDIR) return "a part of the path is a file";
    return status_meaning(status);
}

const char *file_join(struct buffer *out, const char *directory, const char *name)
{
    buffer_clear(out);
    buffer_append_text(out, directory);
    buffer_append_byte(out, '/');
    buffer_append_text(out, name);
    buffer_append_byte(out, '\0');
    ASSERT(!out->failed);
    return (const char *)out->data;
}

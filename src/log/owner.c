/* owner.c - one process owns a data directory: an advisory lock that ends with its holder, however it
 * ends, and its pid for the message. */
/* F_OFD_SETLK: the lock is the descriptor's, so a second open in this process meets it, too. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "log/inside.h"
#include "sys/file.h"

enum { OWNER_TEXT_MAX = 32, OWNER_PATH_MAX = 4096 };

static void owner_describe(int fd, const char *directory, struct buffer *message)
{
    char text[OWNER_TEXT_MAX];
    ssize_t len = pread(fd, text, sizeof(text), 0);
    size_t digits = 0;

    while (len > 0 && digits < (size_t)len && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    buffer_append_text(message, directory);
    buffer_append_text(message, " is in use by process ");
    buffer_append(message, (struct slice){(const uint8_t *)text, digits});
    buffer_append_text(message, ": stop it first");
}

/* In place and of one length, so that a full disk does not keep a process from starting. */
static enum status owner_write(int fd)
{
    struct buffer text;

    buffer_init(&text, OWNER_TEXT_MAX);
    buffer_append_i64(&text, getpid());
    while (text.len < OWNER_TEXT_MAX - 1)
        buffer_append_byte(&text, ' ');
    buffer_append_byte(&text, '\n');
    bool written = pwrite(fd, text.data, text.len, 0) == (ssize_t)text.len;
    buffer_deinit(&text);
    return written ? STATUS_OK : STATUS_IO;
}

static enum status owner_take(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_OFD_SETLK, &whole) == 0) return STATUS_OK;
    return errno == EAGAIN || errno == EACCES ? STATUS_AGAIN : STATUS_IO;
}

enum status owner_lock(const char *directory, int *fd, struct buffer *message)
{
    struct buffer path;
    enum status status = STATUS_OK;

    buffer_init(&path, OWNER_PATH_MAX);
    *fd = open(file_join(&path, directory, "owner"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0) {
        status = STATUS_IO;
        buffer_append_text(message, (const char *)path.data);
        buffer_append_text(message, ": cannot be opened for writing");
    } else if ((status = owner_take(*fd)) != STATUS_OK) {
        owner_describe(*fd, directory, message);
    } else if ((status = owner_write(*fd)) != STATUS_OK) {
        buffer_append_text(message, (const char *)path.data);
        buffer_append_text(message, ": cannot be written");
    }
    if (status != STATUS_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    buffer_deinit(&path);
    return status;
}

void owner_unlock(int fd)
{
    if (fd >= 0) (void)close(fd); /* the lock ends with the descriptor */
}

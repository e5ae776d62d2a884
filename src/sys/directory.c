/* directory.c - written beside, exchanged at once. Modes of what is made are umask's; a folder that takes
 * the place of another has its mode and group. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming) */
#include "sys/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/entropy.h"
#include "sys/file.h"
#include "sys/killpoint.h"

enum { PATH_BYTES_MAX = 4096, MARK_DIGITS = 8 };
/* Without FTW_CHDIR, which alone makes nftw() no matter for threads. */
enum { WALK_OPEN_MAX = 16, WALK_FLAGS = FTW_DEPTH | FTW_PHYS };

/* Of the system's sys/file.h, which -Isrc hides behind ours; its constants are in fcntl.h, too. */
int flock(int fd, int operation);

static const char new_mark[] = ".new-";
static const char old_mark[] = ".old-"; /* as long */

static const char *text_of(const struct buffer *text)
{
    return (const char *)text->data;
}

static void text_put(struct buffer *out, const char *text, size_t len)
{
    buffer_clear(out);
    buffer_append(out, (struct slice){(const uint8_t *)text, len});
    buffer_append_byte(out, '\0');
}

/* --- whole folders ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    (void)about;
    (void)kind;
    (void)level;
    (void)remove(path);
    return 0;
}

void directory_remove(const char *path)
{
    int ended = nftw(path, remove_one, WALK_OPEN_MAX, WALK_FLAGS); /* NOLINT(*-mt-unsafe) */

    (void)ended;
}

static int sync_one(const char *path, const struct stat *about, int kind, struct FTW *level)
{
    (void)about;
    (void)level;
    if (kind != FTW_DP) return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) != 0;
    if (fd >= 0) (void)close(fd);
    return failed;
}

/* --- the place ---------------------------------------------------------------------------------- */

/* The place without links and without slashes at its end. */
static enum status place_find(const char *place, struct buffer *out)
{
    size_t len = strlen(place);
    struct stat about;

    while (len > 1 && place[len - 1] == '/')
        len--;
    text_put(out, place, len);
    if (out->failed) return STATUS_LIMIT;
    errno = ENOENT;
    if (len == 0) return STATUS_IO;
    if (lstat(text_of(out), &about) != 0) return errno == ENOENT ? STATUS_OK : STATUS_IO;
    char *real = realpath(text_of(out), NULL);
    if (real == NULL) return STATUS_IO;
    text_put(out, real, strlen(real));
    free(real);
    if (out->failed) return STATUS_LIMIT;
    errno = ENOTDIR;
    return file_is_directory(text_of(out)) ? STATUS_OK : STATUS_INVALID;
}

static bool is_mounted(const char *place)
{
    struct statx about;

    return statx(AT_FDCWD, place, 0, 0, &about) == 0 &&
           (about.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* A mount point cannot be exchanged. */
static enum status mount_check(const struct directory_change *change)
{
    struct stat place;
    struct stat parent;

    if (stat(text_of(&change->place), &place) != 0) return STATUS_OK;
    if (fstat(change->parent, &parent) != 0) return STATUS_IO;
    errno = EBUSY;
    return place.st_dev == parent.st_dev && place.st_ino != parent.st_ino &&
                   !is_mounted(text_of(&change->place))
               ? STATUS_OK
               : STATUS_INVALID;
}

/* "models" of "models/slirec", "." of "slirec". */
static enum status parent_open(struct directory_change *change, struct slice *name)
{
    const char *place = text_of(&change->place);
    const char *slash = strrchr(place, '/');
    struct buffer parent;

    *name = slice_of(slash == NULL ? place : slash + 1);
    buffer_init(&parent, PATH_BYTES_MAX);
    if (slash == NULL) {
        text_put(&parent, ".", 1);
    } else {
        text_put(&parent, place, slash == place ? 1 : (size_t)(slash - place));
    }
    enum status status =
        parent.failed ? STATUS_LIMIT : file_make_directory(text_of(&parent), FILE_DIRECTORY);
    if (status == STATUS_OK) {
        change->parent = open(text_of(&parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (change->parent < 0) status = STATUS_IO;
    }
    buffer_deinit(&parent);
    return status == STATUS_OK ? mount_check(change) : status;
}

/* --- what is left of killed ones ---------------------------------------------------------------- */

/* ".NAME.new-0123abcd" for the mark ".new-". */
static bool is_left_of(const char *entry, struct slice name, const char *mark)
{
    size_t digits = 0;

    if (entry[0] != '.' || strncmp(entry + 1, (const char *)name.data, name.len) != 0) return false;
    entry += 1 + name.len;
    if (strncmp(entry, mark, strlen(mark)) != 0) return false;
    entry += strlen(mark);
    while ((entry[digits] >= '0' && entry[digits] <= '9') ||
           (entry[digits] >= 'a' && entry[digits] <= 'f'))
        digits++;
    return digits == MARK_DIGITS && entry[digits] == '\0';
}

/* The folder of that name beside the place. */
static enum status name_beside(const struct directory_change *change, const char *name,
                               struct buffer *out)
{
    const char *place = text_of(&change->place);
    const char *slash = strrchr(place, '/');

    text_put(out, place, slash == NULL ? 0 : (size_t)(slash - place) + 1);
    if (!out->failed) out->len--;
    buffer_append_text(out, name);
    buffer_append_byte(out, '\0');
    return out->failed ? STATUS_LIMIT : STATUS_OK;
}

static void remove_unless_held(const struct directory_change *change, const char *name)
{
    struct buffer path;
    int fd = openat(change->parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0) return;
    buffer_init(&path, PATH_BYTES_MAX);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && name_beside(change, name, &path) == STATUS_OK)
        directory_remove(text_of(&path));
    buffer_deinit(&path);
    (void)close(fd);
}

/* Moved away, for what was to come next: it comes back, or that is there and this can go. */
static void put_back(const struct directory_change *change, const char *name)
{
    struct buffer path;

    buffer_init(&path, PATH_BYTES_MAX);
    if (name_beside(change, name, &path) == STATUS_OK) {
        if (access(text_of(&change->place), F_OK) != 0) {
            (void)rename(text_of(&path), text_of(&change->place));
        } else {
            directory_remove(text_of(&path));
        }
    }
    buffer_deinit(&path);
}

static void tidy_up(const struct directory_change *change, struct slice name)
{
    int fd = openat(change->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);

    if (entries == NULL) {
        if (fd >= 0) (void)close(fd);
        return;
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) { /* NOLINT(*-mt-unsafe) */
        if (is_left_of(entry->d_name, name, new_mark)) remove_unless_held(change, entry->d_name);
        if (is_left_of(entry->d_name, name, old_mark)) put_back(change, entry->d_name);
    }
    (void)closedir(entries);
}

/* --- a change ----------------------------------------------------------------------------------- */

static enum status fresh_make(struct directory_change *change, struct slice name)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t random[MARK_DIGITS];
    struct buffer entry;

    entropy_fill(random, sizeof(random));
    buffer_init(&entry, PATH_BYTES_MAX);
    buffer_append_byte(&entry, '.');
    buffer_append(&entry, name);
    buffer_append_text(&entry, new_mark);
    for (size_t i = 0; i < MARK_DIGITS; i++)
        buffer_append_byte(&entry, (uint8_t)hex[random[i] % 16]);
    buffer_append_byte(&entry, '\0');
    enum status status =
        entry.failed ? STATUS_LIMIT : name_beside(change, text_of(&entry), &change->fresh);
    buffer_deinit(&entry);
    if (status != STATUS_OK) return status;
    if (mkdir(text_of(&change->fresh), 0777) != 0) {
        buffer_clear(&change->fresh);
        return errno == ENOSPC ? STATUS_FULL : STATUS_IO;
    }
    change->held = open(text_of(&change->fresh), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (change->held < 0) return STATUS_IO;
    (void)flock(change->held, LOCK_EX | LOCK_NB); /* where there are no locks, nobody tidies up */
    return STATUS_OK;
}

enum status directory_change_begin(const char *place, struct directory_change *change)
{
    struct slice name = {0};

    *change = (struct directory_change){.parent = -1, .held = -1};
    buffer_init(&change->place, PATH_BYTES_MAX);
    buffer_init(&change->fresh, PATH_BYTES_MAX);
    enum status status = place_find(place, &change->place);
    if (status == STATUS_OK) status = parent_open(change, &name);
    if (status == STATUS_OK) {
        /* nobody else's is between its making and its lock meanwhile */
        bool alone = flock(change->parent, LOCK_EX) == 0;

        if (alone) tidy_up(change, name);
        status = fresh_make(change, name);
        int error = errno; /* for directory_trouble() */
        if (alone) (void)flock(change->parent, LOCK_UN);
        errno = error;
    }
    if (status == STATUS_OK) return status;
    int error = errno;
    directory_change_end(change);
    errno = error;
    return status;
}

const char *directory_change_fresh(const struct directory_change *change)
{
    return text_of(&change->fresh);
}

static void mode_take(const struct directory_change *change)
{
    struct stat about;

    if (stat(text_of(&change->place), &about) != 0) return;
    int refused = fchown(change->held, (uid_t)-1, about.st_gid); /* it may be another's */
    (void)refused;
    (void)fchmod(change->held, about.st_mode & 07777);
}

/* Where a file system cannot exchange: there is no folder at the place between two renames. */
static enum status replace_in_two(struct directory_change *change)
{
    const char *fresh = text_of(&change->fresh);
    const char *place = text_of(&change->place);
    struct buffer old;

    buffer_init(&old, PATH_BYTES_MAX);
    buffer_append(&old, buffer_slice(&change->fresh));
    if (old.failed) return STATUS_LIMIT;
    size_t mark = old.len - 1 - MARK_DIGITS - (sizeof(old_mark) - 1);
    memcpy(old.data + mark, old_mark, sizeof(old_mark) - 1);
    bool alone = flock(change->parent, LOCK_EX) == 0; /* nobody puts it back meanwhile */
    bool done = rename(place, text_of(&old)) == 0;
    KILLPOINT(directory_moved_away);
    if (done && rename(fresh, place) != 0) {
        int error = errno;

        done = false;
        (void)rename(text_of(&old), place);
        errno = error;
    }
    if (done) text_put(&change->fresh, text_of(&old), old.len - 1);
    int error = errno;
    if (alone) (void)flock(change->parent, LOCK_UN);
    buffer_deinit(&old);
    errno = error;
    return done ? STATUS_OK : STATUS_IO;
}

static enum status exchange(struct directory_change *change)
{
    const char *fresh = text_of(&change->fresh);
    const char *place = text_of(&change->place);

    if (access(place, F_OK) != 0) return rename(fresh, place) == 0 ? STATUS_OK : STATUS_IO;
    if (renameat2(AT_FDCWD, fresh, AT_FDCWD, place, RENAME_EXCHANGE) == 0) return STATUS_OK;
    if (errno == EINVAL || errno == ENOSYS) return replace_in_two(change);
    return errno == EBUSY || errno == EXDEV ? STATUS_INVALID : STATUS_IO;
}

enum status directory_change_commit(struct directory_change *change)
{
    mode_take(change);
    int failed = nftw(text_of(&change->fresh), sync_one, WALK_OPEN_MAX, /* NOLINT(*-mt-unsafe) */
                      WALK_FLAGS);
    if (failed != 0) return STATUS_IO;
    KILLPOINT(directory_synced);
    enum status status = exchange(change);
    if (status != STATUS_OK) return status;
    KILLPOINT(directory_exchanged);
    return fsync(change->parent) == 0 ? STATUS_OK : STATUS_IO;
}

void directory_change_end(struct directory_change *change)
{
    if (change->fresh.len > 0) directory_remove(text_of(&change->fresh));
    if (change->held >= 0) (void)close(change->held);
    if (change->parent >= 0) (void)close(change->parent);
    buffer_deinit(&change->fresh);
    buffer_deinit(&change->place);
}

const char *directory_trouble(enum status status)
{
    if (status == STATUS_INVALID && errno == ENOTDIR) return "is no directory";
    if (status == STATUS_INVALID && errno == EBUSY) {
        return "is a mount point or the root, which cannot be exchanged as a whole: name a "
               "directory in it";
    }
    if (status == STATUS_INVALID) {
        return "its file system cannot rename it: name a directory that is not there yet";
    }
    if (status == STATUS_IO && (errno == EACCES || errno == EPERM || errno == EROFS)) {
        return "this user may not write in the directory above it, where the new one is made "
               "before it takes its place";
    }
    if (status == STATUS_IO && errno == ENOTDIR) return "a part of the path is a file";
    if (status == STATUS_IO && errno == ENOENT) return "is a link that leads nowhere, or no name";
    return status_meaning(status);
}

/* environment.c - flags and their reasons.
 *
 * No MDB_NOSYNC, MDB_NOMETASYNC, MDB_WRITEMAP: a commit is pages by pwrite, fdatasync, then the meta
 * page through a descriptor opened O_DSYNC, so what was committed is on the disk, and a stray pointer
 * of ours faults instead of writing into the map.
 * MDB_NOTLS: a read transaction belongs to its reader, not to a thread.
 */
#include "sys/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

enum status environment_status(int code)
{
    switch (code) {
    case MDB_SUCCESS: return STATUS_OK;
    case MDB_NOTFOUND: return STATUS_NOT_FOUND;
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case ENOSPC:
    case EDQUOT: return STATUS_FULL;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH: return STATUS_CORRUPT;
    default: return STATUS_IO;
    }
}

static void message_write(struct buffer *message, const char *directory, const char *what, int code)
{
    buffer_append_text(message, directory);
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    buffer_append_text(message, ": ");
    buffer_append_text(message, mdb_strerror(code));
}

/* A new file is only found again after a crash when its directory was synced, too. */
static enum status directory_sync(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) return STATUS_IO;
    int failed = fsync(fd);
    (void)close(fd);
    return failed == 0 ? STATUS_OK : STATUS_IO;
}

static int environment_start(MDB_env *env, const char *directory, uint64_t map_bytes,
                             uint32_t table_count, unsigned flags)
{
    int dead;
    int code = mdb_env_set_mapsize(env, map_bytes);

    if (code == 0) code = mdb_env_set_maxdbs(env, table_count);
    if (code == 0) code = mdb_env_set_maxreaders(env, ENVIRONMENT_READERS_MAX);
    if (code == 0) code = mdb_env_open(env, directory, MDB_NOTLS | flags, 0600);
    if (code == 0) code = mdb_reader_check(env, &dead);
    return code;
}

static int environment_measure(struct environment *environment)
{
    mdb_filehandle_t fd;
    struct stat file;
    MDB_stat stat;
    MDB_envinfo info;
    int code = mdb_env_get_fd(environment->env, &fd);

    if (code == 0 && fstat(fd, &file) != 0) code = errno;
    if (code == 0) code = mdb_env_stat(environment->env, &stat);
    if (code == 0) code = mdb_env_info(environment->env, &info);
    if (code != 0) return code;
    environment->page_bytes = stat.ms_psize;
    environment->map_bytes = info.me_mapsize;
    environment->file_bytes = (uint64_t)file.st_size;
    return 0;
}

enum status environment_open(const char *directory, uint64_t map_bytes, uint32_t table_count,
                             unsigned flags, struct environment *environment,
                             struct buffer *message)
{
    enum status status = file_make_directory(directory, FILE_DIRECTORY_PRIVATE);

    ASSERT(map_bytes >= ENVIRONMENT_MAP_BYTES_MIN);
    *environment = (struct environment){0};
    if (status != STATUS_OK) {
        message_write(message, directory, "cannot make the directory", errno);
        return status;
    }
    int code = mdb_env_create(&environment->env);
    if (code == 0)
        code = environment_start(environment->env, directory, map_bytes, table_count, flags);
    if (code == 0) code = environment_measure(environment);
    status = environment_status(code);
    if (status == STATUS_OK) status = directory_sync(directory);
    if (status == STATUS_OK) return STATUS_OK;
    message_write(message, directory, "cannot open the data file", code);
    environment_close(environment);
    return status == STATUS_NOT_FOUND ? STATUS_IO : status;
}

void environment_close(struct environment *environment)
{
    if (environment->env != NULL) mdb_env_close(environment->env);
    *environment = (struct environment){0};
}

/* Pages in the free list; a walk over it, so only asked for when the map is nearly used up. */
static enum status pages_free(MDB_env *env, uint64_t *pages)
{
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val key;
    MDB_val data;
    int code = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);

    *pages = 0;
    if (code != 0) return environment_status(code);
    code = mdb_cursor_open(txn, 0, &cursor); /* table 0 is LMDB's free list: count, pages ... */
    if (code == 0) {
        while ((code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
            size_t count = 0;

            if (data.mv_size >= sizeof(count)) memcpy(&count, data.mv_data, sizeof(count));
            *pages += count;
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
    return code == MDB_NOTFOUND ? STATUS_OK : environment_status(code);
}

static enum status map_has_room(const struct environment *environment, uint64_t used_pages,
                                uint64_t bytes)
{
    uint64_t bound = environment->map_bytes - environment->map_bytes / 10;
    uint64_t free_pages = 0;

    if (used_pages * environment->page_bytes + bytes <= bound) return STATUS_OK;
    enum status status = pages_free(environment->env, &free_pages);
    if (status != STATUS_OK) return status;
    if (free_pages > used_pages) return STATUS_CORRUPT;
    return (used_pages - free_pages) * environment->page_bytes + bytes <= bound ? STATUS_OK
                                                                                : STATUS_FULL;
}

static enum status file_extend(struct environment *environment, uint64_t needed)
{
    mdb_filehandle_t fd;
    int code = mdb_env_get_fd(environment->env, &fd);
    uint64_t goal = needed + ENVIRONMENT_STEP_BYTES - needed % ENVIRONMENT_STEP_BYTES;

    if (code != 0) return environment_status(code);
    if (goal > environment->map_bytes) goal = environment->map_bytes;
    if (goal <= environment->file_bytes) return STATUS_OK;
    do {
        code = posix_fallocate(fd, (off_t)environment->file_bytes,
                               (off_t)(goal - environment->file_bytes));
    } while (code == EINTR);
    if (code == EOPNOTSUPP || code == EINVAL) code = 0; /* such a file system finds out later */
    if (code == 0) environment->file_bytes = goal;
    return environment_status(code);
}

/* The disk gives no more, but pages of deleted entries may do; twice, as they lie scattered. */
static enum status pages_suffice(const struct environment *environment, uint64_t used_pages,
                                 uint64_t bytes)
{
    uint64_t free_pages;
    enum status status = pages_free(environment->env, &free_pages);

    if (status != STATUS_OK) return status;
    if (free_pages > used_pages) return STATUS_CORRUPT;
    return free_pages * environment->page_bytes >= 2 * bytes ? STATUS_OK : STATUS_FULL;
}

enum status environment_reserve(struct environment *environment, uint64_t bytes)
{
    MDB_envinfo info;
    int code = mdb_env_info(environment->env, &info);

    if (code != 0) return environment_status(code);
    uint64_t used_pages = (uint64_t)info.me_last_pgno + 1;
    enum status status = map_has_room(environment, used_pages, bytes);
    if (status != STATUS_OK) return status;
    uint64_t needed = used_pages * environment->page_bytes + bytes;
    if (needed <= environment->file_bytes) return STATUS_OK;
    status = file_extend(environment, needed);
    return status == STATUS_FULL ? pages_suffice(environment, used_pages, bytes) : status;
}

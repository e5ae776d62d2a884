/* file.h - whole files and folders. */
#pragma once
#include "base/buffer.h"

/* Reads a file ("-": standard input) into the buffer (cleared first; its bytes_max bounds the size). A
 * pipe is read to its end if somebody writes into it, and never waited for.
 * fails    NOT_FOUND, LIMIT (larger than the buffer may grow), IO */
enum status file_read(const char *path, struct buffer *out) MUST_USE;

/* The same for files of which nobody vouches: never waits, reads nothing but a regular file (behind
 * a link, too). fails  INVALID: a pipe, device, socket or directory; else as file_read */
enum status file_read_regular(const char *path, struct buffer *out) MUST_USE;

/* Why file_read() or file_read_regular() failed, for people. */
const char *file_trouble(const char *path, enum status status);

/* False for what is none, or is not there. */
bool file_is_directory(const char *path);

/* A number that changes when the file does (its time, size or place on disk). False: it is not there. */
bool file_stamp(const char *path, uint64_t *stamp);

/* Writes by a temporary file, fsync and rename: afterwards the old or the new content, whole. Who may read
 * it, umask decides. */
enum status file_write(const char *path, struct slice bytes) MUST_USE;

/* The same content under a second name, which must not be there yet: a link where the file system has
 * such, else a copy. For files that are only ever replaced, as file_write() does.
 * fails    NOT_FOUND, INVALID (no regular file), LIMIT (larger than bytes_max), FULL, IO */
enum status file_share(const char *from, const char *to, size_t bytes_max) MUST_USE;

/* mkdir -p; the mode of what it makes, less umask. */
enum { FILE_DIRECTORY = 0777, FILE_DIRECTORY_PRIVATE = 0700 };
enum status file_make_directory(const char *path, unsigned mode) MUST_USE;

/* Why file_make_directory() just failed, for people. */
const char *file_make_trouble(enum status status);

/* directory/name as text in the buffer, NUL-terminated. */
const char *file_join(struct buffer *out, const char *directory, const char *name);

/* golden.h - lines of tests/data/collect against the real server; data/collect/deviations.txt lists where we mean to
 * differ, one line each: id, what, reason. A row that differs and is not listed fails, and so does a listed one that
 * no longer differs.
 */
#pragma once
#include "desk.h"
#include "sys/file.h"

enum { LINES_MAX = 400, DEVIATIONS_MAX = 100, WHAT_MAX = 400 };

struct golden {
    struct buffer file;
    struct slice lines[LINES_MAX];
    uint32_t line_count;
    struct buffer deviations;
    struct slice deviating[DEVIATIONS_MAX];
    bool used[DEVIATIONS_MAX];
    uint32_t deviating_count;
    uint32_t wrong_count;
    char what[WHAT_MAX]; /* the first difference of the row */
};

static inline void read_lines(const char *name, struct buffer *file, struct slice *lines,
                              uint32_t max, uint32_t *count)
{
    char path[500];

    (void)snprintf(path, sizeof(path), "%s/collect/%s", TEST_DATA_DIR, name);
    buffer_init(file, 64 << 20);
    assert_ok(file_read(path, file));
    *count = 0;
    for (size_t at = 0; at < file->len;) {
        const uint8_t *end = memchr(file->data + at, '\n', file->len - at);
        size_t len = end == NULL ? file->len - at : (size_t)(end - file->data) - at;

        if (len > 0 && file->data[at] != '#') {
            assert_true(*count < max);
            lines[(*count)++] = (struct slice){file->data + at, len};
        }
        at += len + 1;
    }
}

static inline void golden_open(struct golden *golden, const char *name)
{
    memset(golden, 0, sizeof(*golden));
    read_lines(name, &golden->file, golden->lines, LINES_MAX, &golden->line_count);
    read_lines("deviations.txt", &golden->deviations, golden->deviating, DEVIATIONS_MAX,
               &golden->deviating_count);
}

static inline void differ(struct golden *golden, const char *what, struct slice got)
{
    if (golden->what[0] != '\0') return;
    (void)snprintf(golden->what, WHAT_MAX, "%s: %.*s", what, (int)(got.len < 200 ? got.len : 200),
                   got.data == NULL ? (const uint8_t *)"" : got.data);
}

/* Ends a row: differences must be listed, listed rows must differ. */
static inline void settle_row(struct golden *golden, struct slice id)
{
    bool listed = false;

    for (uint32_t i = 0; i < golden->deviating_count; i++) {
        struct slice line = golden->deviating[i];

        if (line.len <= id.len || line.data[id.len] != ' ' || !slice_starts_with(line, id))
            continue;
        listed = true;
        golden->used[i] = golden->what[0] != '\0';
        if (golden->used[i]) continue;
        print_error("%.*s is listed as a deviation but does not deviate\n", (int)id.len, id.data);
        golden->wrong_count++;
    }
    if (!listed && golden->what[0] != '\0') {
        print_error("%.*s: %s\n", (int)id.len, id.data, golden->what);
        golden->wrong_count++;
    }
    golden->what[0] = '\0';
}

static inline void golden_close(struct golden *golden)
{
    buffer_deinit(&golden->file);
    buffer_deinit(&golden->deviations);
    assert_int_equal(golden->wrong_count, 0);
}

static inline void append_base64(struct buffer *out, struct slice text)
{
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < text.len && text.data[i] != '='; i++) {
        uint8_t byte = text.data[i];
        uint32_t digit = byte >= 'a'   ? (uint32_t)byte - 'a' + 26
                         : byte >= 'A' ? (uint32_t)byte - 'A'
                         : byte >= '0' ? (uint32_t)byte - '0' + 52
                         : byte == '+' ? 62
                                       : 63;

        bits = (bits << 6U | digit) & 0xFFFFFFU;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        buffer_append_byte(out, (uint8_t)(bits >> count));
    }
}

static inline void check_cookie(struct golden *golden, struct desk *desk, struct slice expected)
{
    struct slice cookie = desk_header(&desk->answer, "Set-Cookie");
    struct slice same = SLICE("sp=<same ");

    if (slice_equal(expected, SLICE("none"))) {
        if (cookie.data != NULL) differ(golden, "a cookie was set", cookie);
        return;
    }
    if (slice_equal(expected, SLICE("expire sp"))) {
        if (!slice_starts_with(cookie, SLICE("sp=; Expires=Thu, 01 Jan 1970")))
            differ(golden, "the cookie is not expired", cookie);
        return;
    }
    if (slice_starts_with(expected, same)) {
        struct slice id = {expected.data + same.len, expected.len - same.len - 1};

        if (cookie.len < id.len + 3 || !slice_equal((struct slice){cookie.data + 3, id.len}, id))
            differ(golden, "another cookie", cookie);
        return;
    }
    if (cookie.len < 40 || cookie.data[39] != ';' || !slice_starts_with(cookie, SLICE("sp=")))
        differ(golden, "no new cookie", cookie);
    if (!slice_ends_with(cookie, SLICE("; Path=/; SameSite=None; Secure; HttpOnly")))
        differ(golden, "attributes of the cookie", cookie);
}

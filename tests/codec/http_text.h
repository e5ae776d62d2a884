/* http_text.h - what tests of HTTP share. */
#pragma once
#include "codec/http.h"
#include "test.h"

static inline void assert_text(const char *about, struct slice got, const char *wanted)
{
    if (wanted == NULL ? got.data != NULL : got.data == NULL || !slice_equal(got, slice_of(wanted)))
        fail_msg("%s: got \"%.*s\"", about, (int)got.len, (const char *)got.data);
}

#define LINE "POST /a/b HTTP/1.1\r\nHost: a\r\n"

static inline void append_many(struct buffer *text, const char *piece, int times)
{
    for (int i = 0; i < times; i++)
        buffer_append_text(text, piece);
}

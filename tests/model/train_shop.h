/* train_shop.h - a made-up shop: every user walks round a ring of items, so that the next one can be learnt. */
#pragma once
#include "base/buffer.h"
#include "sys/file.h"
#include "test.h"

static struct buffer message, notes;

static inline int prepare(void **state)
{
    (void)state;
    buffer_init(&message, 1 << 16);
    buffer_init(&notes, 1 << 16);
    return 0;
}

static inline int tidy(void **state)
{
    (void)state;
    buffer_deinit(&message);
    buffer_deinit(&notes);
    return 0;
}

enum { USERS = 12, EVENTS = 9, ITEMS = 7 };

/* 1 \t user \t item \t time \t category; times in minutes, every fifth step back; seconds, or with
 * "123" behind them milliseconds. */
static const char *write_shop(const char *path, uint32_t events, const char *behind)
{
    struct buffer text;
    char line[128];

    buffer_init(&text, 1 << 16);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t e = 0; e < events; e++) {
            uint32_t item = (u * 3 + e * (1 + u % 2)) % ITEMS;
            uint32_t minutes = u * 100 + e * 7 - (e % 5 == 4 ? 9 : 0);

            (void)snprintf(line, sizeof(line), "1\tuser%u\titem%u\t%u%s\tkind%u\n", u, item,
                           1700000000 + 60 * minutes, behind, item % 3);
            buffer_append_text(&text, line);
        }
    }
    assert_ok(file_write(path, buffer_slice(&text)));
    buffer_deinit(&text);
    return path;
}

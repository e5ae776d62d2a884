/* fixture.h - a log in a place of its own, and what its readers give. */
#pragma once
// clang-format off
#include "log/place.h"
#include "log/batches.h"
// clang-format on

enum { NUMBERS_MAX = 4096 };

struct fixture {
    struct place place;
    struct log *log;
};

static inline void fixture_open(struct fixture *fixture, const struct log_options *options)
{
    place_make(&fixture->place);
    fixture->log = log_must_open(fixture->place.path, options);
}

static inline void fixture_reopen(struct fixture *fixture, const struct log_options *options)
{
    log_close(fixture->log);
    fixture->log = log_must_open(fixture->place.path, options);
}

static inline void fixture_close(struct fixture *fixture)
{
    log_close(fixture->log);
    place_remove(&fixture->place);
}

/* Everything a reader gives until AGAIN; its lsns must rise. */
static inline uint32_t drain(struct log_reader *reader, uint64_t *numbers)
{
    struct log_view view;
    uint32_t count = 0;
    uint64_t last_lsn = 0;
    enum status status;

    while ((status = log_reader_next(reader, &view)) == STATUS_OK) {
        assert_true(view.lsn > last_lsn);
        last_lsn = view.lsn;
        count += view_numbers(&view, numbers + count, NUMBERS_MAX - count);
    }
    assert_int_equal(status, STATUS_AGAIN);
    return count;
}

static inline void assert_rising(const uint64_t *numbers, uint32_t count, uint64_t first)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], first + i);
}

/* fixture.h - a state in a place of its own. */
#pragma once
#include "store/state.h"
#include "test.h"
// clang-format off
#include "log/place.h"
// clang-format on

enum { MAP_BYTES = 64 << 20, ARENA_BYTES = 16 << 20 };

struct fixture {
    struct place place;
    struct state *state;
    struct arena arena;
};

static inline struct state *state_must_open(const char *directory)
{
    struct buffer message;
    struct state *state = NULL;

    buffer_init(&message, 4096);
    assert_ok(state_open(directory, MAP_BYTES, &state, &message));
    buffer_deinit(&message);
    return state;
}

static inline void fixture_open(struct fixture *fixture)
{
    place_make(&fixture->place);
    arena_init(&fixture->arena, ARENA_BYTES);
    fixture->state = state_must_open(fixture->place.path);
}

static inline void fixture_reopen(struct fixture *fixture)
{
    state_close(fixture->state);
    fixture->state = state_must_open(fixture->place.path);
}

static inline void fixture_close(struct fixture *fixture)
{
    state_close(fixture->state);
    arena_deinit(&fixture->arena);
    place_remove(&fixture->place);
}

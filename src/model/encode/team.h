/* team.h - threads that do the same work on parts of it and meet at its end. */
#pragma once
#include "base/base.h"

enum { TEAM_MAX = 64 };

struct team;

/* fails  LIMIT: no memory or no threads */
enum status team_create(uint32_t threads, struct team **out) MUST_USE;
void team_destroy(struct team *team);
uint32_t team_count(const struct team *team);

/* work(context, 0 .. threads - 1), each by a thread of its own (0: the caller's); returns when all
 * have. */
void team_run(struct team *team, void (*work)(void *context, uint32_t thread), void *context);

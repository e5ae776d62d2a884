/* team.c - a round has a number; who waits for the next one sleeps on it. */
#include "model/encode/team.h"

#include <pthread.h>
#include <stdlib.h>

struct member {
    struct team *team;
    uint32_t number;
    pthread_t handle;
};

struct team {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t round;
    uint32_t working;
    bool over;
    void (*work)(void *context, uint32_t thread);
    void *context;
    uint32_t count;
    uint32_t started; /* threads besides the caller's */
    struct member members[TEAM_MAX];
};

static void *member_live(void *opaque)
{
    struct member *member = opaque;
    struct team *team = member->team;
    uint64_t seen = 0;

    (void)pthread_mutex_lock(&team->lock);
    for (;;) {
        while (team->round == seen && !team->over)
            (void)pthread_cond_wait(&team->changed, &team->lock);
        if (team->over) break;
        seen = team->round;
        (void)pthread_mutex_unlock(&team->lock);
        team->work(team->context, member->number);
        (void)pthread_mutex_lock(&team->lock);
        if (--team->working == 0) (void)pthread_cond_broadcast(&team->changed);
    }
    (void)pthread_mutex_unlock(&team->lock);
    return NULL;
}

enum status team_create(uint32_t threads, struct team **out)
{
    struct team *team = calloc(1, sizeof(*team));

    ASSERT(threads >= 1 && threads <= TEAM_MAX);
    if (team == NULL) return STATUS_LIMIT;
    team->count = threads;
    (void)pthread_mutex_init(&team->lock, NULL);
    (void)pthread_cond_init(&team->changed, NULL);
    for (uint32_t i = 1; i < threads; i++) {
        struct member *member = &team->members[i];

        *member = (struct member){.team = team, .number = i};
        if (pthread_create(&member->handle, NULL, member_live, member) != 0) {
            team_destroy(team);
            return STATUS_LIMIT;
        }
        team->started++;
    }
    *out = team;
    return STATUS_OK;
}

void team_destroy(struct team *team)
{
    if (team == NULL) return;
    (void)pthread_mutex_lock(&team->lock);
    team->over = true;
    (void)pthread_cond_broadcast(&team->changed);
    (void)pthread_mutex_unlock(&team->lock);
    for (uint32_t i = 1; i <= team->started; i++)
        (void)pthread_join(team->members[i].handle, NULL);
    (void)pthread_cond_destroy(&team->changed);
    (void)pthread_mutex_destroy(&team->lock);
    free(team);
}

uint32_t team_count(const struct team *team)
{
    return team->count;
}

void team_run(struct team *team, void (*work)(void *context, uint32_t thread), void *context)
{
    (void)pthread_mutex_lock(&team->lock);
    team->work = work;
    team->context = context;
    team->working = team->count - 1;
    team->round++;
    (void)pthread_cond_broadcast(&team->changed);
    (void)pthread_mutex_unlock(&team->lock);
    work(context, 0);
    (void)pthread_mutex_lock(&team->lock);
    while (team->working > 0)
        (void)pthread_cond_wait(&team->changed, &team->lock);
    (void)pthread_mutex_unlock(&team->lock);
}

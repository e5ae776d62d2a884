/* call_queue.c - two arenas: one gathers while the other is being stored. */
#include "host/serve/call_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "sys/thread.h"

enum {
    PAUSE_NS = 2000000,
    GATHER_NS =
        4000000, /* calls wait so long for others, so that their commits leave the disk to the log */
};

/* Calls of whole groups, and behind `closed` those of a group still being made. */
struct gathering {
    struct arena arena;
    struct deliver_call *calls; /* [CALL_QUEUE_CALLS] */
    uint32_t count;
    uint32_t closed;
    uint64_t lsn;      /* of the newest closed group, of either gathering */
    uint64_t position; /* of the newest closed group */
};

struct call_queue {
    struct deliver *deliver;
    struct slice tag;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct gathering gatherings[2];
    uint32_t filling; /* which of the two is pushed to */
    uint64_t closed;  /* groups closed, ever */
    uint64_t stored;  /* groups stored, ever */
    bool storing;
    bool stopping;
    enum status status; /* the first failure; stays */
    pthread_t thread;
    bool started;
};

static struct gathering *filling(struct call_queue *queue)
{
    return &queue->gatherings[queue->filling];
}

static void gathering_clear(struct gathering *gathering)
{
    arena_reset(&gathering->arena);
    gathering->count = 0;
    gathering->closed = 0;
}

/* Stores a gathering up to `lsn`, its own as it was when it was swapped away: the next group that is closed
 * changes it. A full outbox or disk is waited for. Runs without the lock. */
static enum status store(struct call_queue *queue, const struct gathering *gathering, uint64_t lsn)
{
    const struct timespec pause = {0, PAUSE_NS};

    for (;;) {
        enum status status =
            deliver_submit(queue->deliver, gathering->calls, gathering->closed, queue->tag, lsn);

        if (status != STATUS_AGAIN && status != STATUS_FULL) return status;
        (void)pthread_mutex_lock(&queue->lock);
        bool stopping = queue->stopping;
        (void)pthread_mutex_unlock(&queue->lock);
        if (stopping) return STATUS_AGAIN;
        (void)nanosleep(&pause, NULL);
    }
}

/* Only whole groups are swapped away: the tag may not run ahead of its calls. */
static bool may_store(struct call_queue *queue)
{
    const struct gathering *gathering = filling(queue);

    return gathering->closed > 0 && gathering->closed == gathering->count;
}

/* Lets others join what will be one commit. Holds the lock but while it sleeps. */
static void gather(struct call_queue *queue)
{
    static const struct timespec pause = {0, GATHER_NS};

    (void)pthread_mutex_unlock(&queue->lock);
    (void)nanosleep(&pause, NULL);
    (void)pthread_mutex_lock(&queue->lock);
}

static void *store_thread(void *context)
{
    struct call_queue *queue = context;
    bool gathered = false;

    thread_name("outbox");
    thread_give_way();
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->status == STATUS_OK) {
        if (!may_store(queue)) {
            if (queue->stopping) break;
            (void)pthread_cond_wait(&queue->changed, &queue->lock);
            continue;
        }
        if (!gathered && !queue->stopping) {
            gather(queue);
            gathered = true; /* looks again: a group may be under way by now */
            continue;
        }
        gathered = false;
        struct gathering *gathering = filling(queue);
        uint64_t lsn = gathering->lsn;
        queue->filling = 1 - queue->filling;
        queue->storing = true;
        (void)pthread_cond_broadcast(&queue->changed);
        (void)pthread_mutex_unlock(&queue->lock);
        enum status status = store(queue, gathering, lsn);
        uint64_t position = gathering->position;
        (void)pthread_mutex_lock(&queue->lock);
        gathering_clear(gathering);
        queue->storing = false;
        if (status == STATUS_OK) queue->stored = position;
        queue->status = status;
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static enum status copy_call(struct gathering *gathering, const struct deliver_call *call)
{
    struct deliver_call *copy = &gathering->calls[gathering->count];
    enum status status;

    *copy = *call;
    status = arena_copy(&gathering->arena, call->coalescing_key, &copy->coalescing_key);
    if (status == STATUS_OK) status = arena_copy(&gathering->arena, call->request, &copy->request);
    if (status == STATUS_OK) gathering->count++;
    return status;
}

enum status call_queue_push(struct call_queue *queue, const struct deliver_call *call, uint64_t lsn)
{
    enum status status;

    (void)pthread_mutex_lock(&queue->lock);
    for (;;) {
        struct gathering *gathering = filling(queue);

        status = queue->status;
        if (status != STATUS_OK) break;
        status = gathering->count == CALL_QUEUE_CALLS ? STATUS_LIMIT : copy_call(gathering, call);
        if (status != STATUS_LIMIT || (gathering->count == 0 && !queue->storing)) break;
        if (gathering->closed == gathering->count || queue->storing) {
            (void)pthread_cond_wait(&queue->changed,
                                    &queue->lock); /* the other one is being stored */
            continue;
        }
        /* One group alone is larger than the queue: its pieces go under the tag of the group before. */
        gathering->closed = gathering->count;
        ASSERT(gathering->lsn < lsn);
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

void call_queue_close_group(struct call_queue *queue, uint64_t lsn)
{
    (void)pthread_mutex_lock(&queue->lock);
    struct gathering *gathering = filling(queue);

    if (gathering->count > 0) {
        gathering->closed = gathering->count;
        gathering->lsn = lsn;
        gathering->position = ++queue->closed;
        queue->gatherings[1 - queue->filling].lsn = lsn; /* where the next pieces begin */
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
}

void call_queue_begin(struct call_queue *queue, uint64_t lsn)
{
    (void)pthread_mutex_lock(&queue->lock);
    ASSERT(!queue->storing && filling(queue)->count == 0);
    queue->gatherings[0].lsn = lsn;
    queue->gatherings[1].lsn = lsn;
    (void)pthread_mutex_unlock(&queue->lock);
}

uint64_t call_queue_position(struct call_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    uint64_t position = queue->closed;
    (void)pthread_mutex_unlock(&queue->lock);
    return position;
}

enum status call_queue_wait(struct call_queue *queue, uint64_t position)
{
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->status == STATUS_OK && queue->stored < position) {
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    }
    enum status status = queue->stored >= position ? STATUS_OK : queue->status;
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

enum status call_queue_drain(struct call_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    while (queue->status == STATUS_OK && (queue->storing || filling(queue)->closed > 0)) {
        (void)pthread_cond_wait(&queue->changed, &queue->lock);
    }
    enum status status = queue->status;
    (void)pthread_mutex_unlock(&queue->lock);
    return status;
}

void call_queue_stop(struct call_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
}

enum status call_queue_create(struct deliver *deliver, struct slice tag, struct call_queue **queue)
{
    struct call_queue *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    made->deliver = deliver;
    made->tag = tag;
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->changed, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        arena_init(&made->gatherings[i].arena, CALL_QUEUE_BYTES);
        made->gatherings[i].calls = calloc(CALL_QUEUE_CALLS, sizeof(struct deliver_call));
    }
    made->started = made->gatherings[0].calls != NULL && made->gatherings[1].calls != NULL &&
                    pthread_create(&made->thread, NULL, store_thread, made) == 0;
    if (!made->started) {
        call_queue_destroy(made);
        return STATUS_LIMIT;
    }
    *queue = made;
    return STATUS_OK;
}

void call_queue_destroy(struct call_queue *queue)
{
    if (queue == NULL) return;
    call_queue_stop(queue);
    if (queue->started) (void)pthread_join(queue->thread, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        arena_deinit(&queue->gatherings[i].arena);
        free(queue->gatherings[i].calls);
    }
    (void)pthread_cond_destroy(&queue->changed);
    (void)pthread_mutex_destroy(&queue->lock);
    free(queue);
}

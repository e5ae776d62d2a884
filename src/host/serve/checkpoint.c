/* checkpoint.c - a buffer of writes and the thread that commits it.
 *
 *   write   | table u8 | key sized | bytes sized |      empty bytes: remove
 */
#include "host/serve/checkpoint.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "sys/killpoint.h"
#include "sys/thread.h"

struct checkpoint {
    struct state *state;
    struct results *results;
    struct slice tag;
    checkpoint_wait_safe wait_safe;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool started;
    bool stopping;
    bool busy; /* submitted, not done: the thread owns what is below */
    enum status status;
    struct buffer writes;
    uint64_t lsn;
    uint64_t outputs;
    uint64_t calls;
};

static enum status apply(struct state_txn *txn, struct slice writes)
{
    struct byte_reader reader = byte_reader(writes);
    enum status status = STATUS_OK;

    while (status == STATUS_OK && reader.next < reader.end) {
        enum state_table table = (enum state_table)read_u8(&reader);
        struct slice key = read_sized(&reader);
        struct slice bytes = read_sized(&reader);

        ASSERT(!reader.bad); /* our own bytes */
        status = bytes.len > 0 ? state_put(txn, table, key, bytes) : state_remove(txn, table, key);
        if (bytes.len == 0 && status == STATUS_NOT_FOUND) status = STATUS_OK;
    }
    return status;
}

static enum status commit(struct checkpoint *checkpoint)
{
    struct state_txn *txn;
    enum status status =
        checkpoint->wait_safe(checkpoint->context, checkpoint->outputs, checkpoint->calls);

    if (status == STATUS_OK) status = state_begin(checkpoint->state, &txn);
    if (status != STATUS_OK) return status;
    status = apply(txn, buffer_slice(&checkpoint->writes));
    if (status == STATUS_OK) status = results_checkpoint(checkpoint->results, txn);
    if (status == STATUS_OK) status = state_set_tag(txn, checkpoint->tag, checkpoint->lsn);
    if (status != STATUS_OK) {
        state_abort(txn);
        return status;
    }
    KILLPOINT(checkpoint_before_commit);
    status = state_commit(txn);
    KILLPOINT(checkpoint_after_commit);
    return status;
}

static void *commit_thread(void *context)
{
    struct checkpoint *checkpoint = context;

    thread_name("checkpoint");
    thread_give_way();
    (void)pthread_mutex_lock(&checkpoint->lock);
    for (;;) {
        if (checkpoint->busy) {
            (void)pthread_mutex_unlock(&checkpoint->lock);
            enum status status = commit(checkpoint);
            (void)pthread_mutex_lock(&checkpoint->lock);
            checkpoint->status = status;
            checkpoint->busy = false;
            (void)pthread_cond_broadcast(&checkpoint->changed);
        } else if (checkpoint->stopping) {
            break;
        } else {
            (void)pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
        }
    }
    (void)pthread_mutex_unlock(&checkpoint->lock);
    return NULL;
}

bool checkpoint_is_idle(struct checkpoint *checkpoint, enum status *status)
{
    (void)pthread_mutex_lock(&checkpoint->lock);
    bool idle = !checkpoint->busy;
    *status = idle ? checkpoint->status : STATUS_OK;
    (void)pthread_mutex_unlock(&checkpoint->lock);
    return idle;
}

void checkpoint_begin(struct checkpoint *checkpoint)
{
    ASSERT(!checkpoint->busy);
    buffer_clear(&checkpoint->writes);
}

enum status checkpoint_write(struct checkpoint *checkpoint, enum state_table table,
                             struct slice key, struct slice bytes)
{
    buffer_append_byte(&checkpoint->writes, (uint8_t)table);
    buffer_append_sized(&checkpoint->writes, key);
    buffer_append_sized(&checkpoint->writes, bytes);
    return checkpoint->writes.failed ? STATUS_LIMIT : STATUS_OK;
}

void checkpoint_submit(struct checkpoint *checkpoint, uint64_t lsn, uint64_t outputs,
                       uint64_t calls)
{
    (void)pthread_mutex_lock(&checkpoint->lock);
    ASSERT(!checkpoint->busy);
    checkpoint->lsn = lsn;
    checkpoint->outputs = outputs;
    checkpoint->calls = calls;
    checkpoint->busy = true;
    (void)pthread_cond_broadcast(&checkpoint->changed);
    (void)pthread_mutex_unlock(&checkpoint->lock);
}

enum status checkpoint_finish(struct checkpoint *checkpoint)
{
    (void)pthread_mutex_lock(&checkpoint->lock);
    while (checkpoint->busy)
        (void)pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    enum status status = checkpoint->status;
    checkpoint->status = STATUS_OK;
    (void)pthread_mutex_unlock(&checkpoint->lock);
    return status;
}

enum status checkpoint_create(struct state *state, struct results *results, struct slice tag,
                              checkpoint_wait_safe wait_safe, void *context,
                              struct checkpoint **checkpoint)
{
    struct checkpoint *made = calloc(1, sizeof(*made));

    if (made == NULL) return STATUS_LIMIT;
    *made = (struct checkpoint){
        .state = state, .results = results, .tag = tag, .wait_safe = wait_safe, .context = context};
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->changed, NULL);
    buffer_init(&made->writes, CHECKPOINT_BYTES_MAX);
    made->started = pthread_create(&made->thread, NULL, commit_thread, made) == 0;
    if (!made->started) {
        checkpoint_destroy(made);
        return STATUS_LIMIT;
    }
    *checkpoint = made;
    return STATUS_OK;
}

void checkpoint_destroy(struct checkpoint *checkpoint)
{
    if (checkpoint == NULL) return;
    (void)pthread_mutex_lock(&checkpoint->lock);
    checkpoint->stopping = true;
    (void)pthread_cond_broadcast(&checkpoint->changed);
    (void)pthread_mutex_unlock(&checkpoint->lock);
    if (checkpoint->started) (void)pthread_join(checkpoint->thread, NULL);
    (void)pthread_cond_destroy(&checkpoint->changed);
    (void)pthread_mutex_destroy(&checkpoint->lock);
    buffer_deinit(&checkpoint->writes);
    free(checkpoint);
}

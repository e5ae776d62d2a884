/* serve_bought.c - reads carts and orders off the trackers' topic and notes them by visitor.
 *
 * A group of events is put down in one transaction with how far the log was read, once that much is
 * durable: a restart goes on from there, so what is kept is a function of the log. Payloads without a
 * cart or an order are told by their bytes and not read.
 */
#define _GNU_SOURCE /* memmem */ /* NOLINT(readability-identifier-naming) */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "codec/json.h"
#include "host/serve/serve.h"
#include "host/shop_event.h"
#include "store/bought.h"
#include "sys/clock.h"
#include "sys/thread.h"
#include "sys/wake.h"

enum {
    LOOK_MS = 50,        /* between two looks at the log */
    POSITION_MS = 60000, /* a restart reads at most this much again that has no carts */
    SWEEP_MS = 3600000,  /* between two sweeps; sooner if there are many new visitors */
    SWEEP_PART = 16,     /* over the bound by at most this part of it */
    RETRY_MS = 1000,     /* after a full disk */
    GROUP_EVENTS = 1000,
    SCRATCH_BYTES = 64 << 20,
    KEPT_BYTES = 64 << 20,
};
#define POSITION_TAG SLICE("bought")

struct noted {
    struct bought_event event;
    struct noted *next;
};

struct bought_feed {
    struct serve *serve;
    struct log_reader *reader;
    struct arena scratch; /* of a record, or of a transaction */
    struct arena kept;    /* of a group */
    struct noted *first, **last;
    uint32_t count;
    uint64_t lsn;               /* read up to here */
    _Atomic uint64_t committed; /* put down up to here */
    _Atomic uint64_t noted[BOUGHT_HOWS];
    uint32_t fresh; /* visitors since the last sweep */
    int64_t position_at_ms, sweep_at_ms;
    int64_t time_ms; /* of the record that is read */
    pthread_t thread;
    struct wake wake; /* to stop */
    _Atomic bool stopping;
};

static const struct config_results *settings(const struct bought_feed *feed)
{
    return &feed->serve->installation.config.results;
}

/* --- reading ------------------------------------------------------------------------------------- */

static void group_clear(struct bought_feed *feed)
{
    arena_reset(&feed->kept);
    feed->first = NULL;
    feed->last = &feed->first;
    feed->count = 0;
}

static enum status note(void *context, const struct shop_event *event)
{
    static const int hows[] = {
        [SHOP_VIEW] = -1,
        [SHOP_CART] = BOUGHT_CART,
        [SHOP_UNCART] = BOUGHT_UNCART,
        [SHOP_ORDER] = BOUGHT_ORDER,
        [SHOP_OTHER] = -1,
    };
    struct bought_feed *feed = context;

    if (hows[event->kind] < 0 || event->user.len == 0 || event->item.len == 0) return STATUS_OK;
    struct noted *noted = arena_zalloc(&feed->kept, 1, sizeof(*noted));
    if (noted == NULL) return STATUS_LIMIT;
    visitor_token(slice_of(feed->serve->installation.config.name_space), event->user,
                  noted->event.token);
    noted->event.how = (enum bought_how)hows[event->kind];
    noted->event.time_ms = feed->time_ms;
    *feed->last = noted;
    feed->last = &noted->next;
    feed->count++;
    return arena_copy(&feed->kept, event->item, &noted->event.item);
}

static bool contains(struct slice bytes, struct slice text)
{
    return bytes.len > 0 && memmem(bytes.data, bytes.len, text.data, text.len) != NULL;
}

/* Whether it may hold a cart or an order; an escape might spell one. */
static bool is_worth_reading(struct slice value)
{
    return contains(value, SLICE("\"ue\"")) || contains(value, SLICE("\"ti\"")) ||
           contains(value, SLICE("\\u"));
}

/* What is no payload of ours is passed over. */
static enum status read_record(void *context, const struct record *record)
{
    struct bought_feed *feed = context;
    struct document document;
    struct json_error error;
    struct slice value;

    if (!is_worth_reading(record->value)) return STATUS_OK;
    arena_reset(&feed->scratch);
    feed->time_ms = record->time_ms;
    if (arena_copy(&feed->scratch, record->value, &value) != STATUS_OK ||
        json_parse(value, &json_limits_default, &feed->scratch, &document, &error) != STATUS_OK)
        return STATUS_OK;
    enum status status = shop_events_each(&document, &feed->scratch, feed, note);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* fails    AGAIN: all is read */
static enum status read_group(struct bought_feed *feed)
{
    enum status status = STATUS_OK;
    struct log_view view;

    while (status == STATUS_OK && feed->count < GROUP_EVENTS && !atomic_load(&feed->stopping)) {
        status = log_reader_next(feed->reader, &view);
        if (status == STATUS_OK) status = log_view_each(&view, feed, read_record);
        if (status == STATUS_OK) feed->lsn = view.lsn;
    }
    return status;
}

/* --- putting down -------------------------------------------------------------------------------- */

static enum status put_down(struct bought_feed *feed, struct state_txn *txn)
{
    enum status status = STATUS_OK;

    for (struct noted *noted = feed->first; noted != NULL && status == STATUS_OK;
         noted = noted->next) {
        bool fresh;

        arena_reset(&feed->scratch);
        status = bought_note(txn, &noted->event, &feed->scratch, &fresh);
        feed->fresh += fresh;
    }
    return status == STATUS_OK ? state_set_tag(txn, POSITION_TAG, feed->lsn) : status;
}

static enum status commit(struct bought_feed *feed)
{
    struct state_txn *txn;
    enum status status = log_wait_durable(feed->serve->log, feed->lsn);

    if (status == STATUS_OK) status = state_begin(feed->serve->state, &txn);
    if (status != STATUS_OK) return status;
    status = put_down(feed, txn);
    if (status != STATUS_OK) {
        state_abort(txn);
        return status;
    }
    status = state_commit(txn);
    if (status != STATUS_OK) return status;
    for (const struct noted *noted = feed->first; noted != NULL; noted = noted->next) {
        recommendations_changed(feed->serve->recommendations, noted->event.token);
        atomic_fetch_add(&feed->noted[noted->event.how], 1);
    }
    atomic_store(&feed->committed, feed->lsn);
    feed->position_at_ms = clock_monotonic_ms() + POSITION_MS;
    group_clear(feed);
    return STATUS_OK;
}

static bool commit_is_due(const struct bought_feed *feed)
{
    if (feed->lsn == atomic_load(&feed->committed)) return false;
    return feed->count > 0 || atomic_load(&feed->stopping) ||
           clock_monotonic_ms() >= feed->position_at_ms;
}

static enum status sweep(struct bought_feed *feed)
{
    uint32_t visitors_max = (uint32_t)settings(feed)->visitors_max;

    if (clock_monotonic_ms() < feed->sweep_at_ms && feed->fresh <= visitors_max / SWEEP_PART)
        return STATUS_OK;
    feed->fresh = 0;
    feed->sweep_at_ms = clock_monotonic_ms() + SWEEP_MS;
    return bought_sweep(feed->serve->state, clock_wall_ms() - settings(feed)->hide_bought_ms,
                        visitors_max);
}

/* --- the thread ---------------------------------------------------------------------------------- */

static enum status begin(struct bought_feed *feed)
{
    enum status status = state_tag(feed->serve->state, POSITION_TAG, &feed->lsn);

    if (status == STATUS_NOT_FOUND) {
        feed->lsn = 0;
        status = STATUS_OK;
    }
    atomic_store(&feed->committed, feed->lsn);
    group_clear(feed);
    if (status != STATUS_OK) return status;
    return log_reader_open(feed->serve->log, &feed->serve->collect_topic_id, 1, feed->lsn,
                           &feed->reader);
}

static enum status run(struct bought_feed *feed)
{
    enum status status = begin(feed);

    while (status == STATUS_OK && !atomic_load(&feed->stopping)) {
        status = read_group(feed);
        bool all = status == STATUS_AGAIN;
        if (all) status = STATUS_OK;
        if (status == STATUS_OK && commit_is_due(feed)) status = commit(feed);
        if (status == STATUS_OK) status = sweep(feed);
        if (status == STATUS_OK && all) wake_wait(&feed->wake, LOOK_MS);
    }
    if (status == STATUS_OK && commit_is_due(feed)) status = commit(feed);
    if (feed->reader != NULL) log_reader_close(feed->reader);
    feed->reader = NULL;
    return status;
}

static void *feed_thread(void *context)
{
    struct bought_feed *feed = context;
    enum status status = STATUS_FULL;

    thread_name("bought");
    thread_give_way();
    while (status == STATUS_FULL && !atomic_load(&feed->stopping)) {
        status = run(feed);
        if (status == STATUS_FULL) wake_wait(&feed->wake, RETRY_MS);
    }
    if (status == STATUS_IO) {
        serve_fail(feed->serve, "storage failed under what visitors bought");
    } else if (status != STATUS_OK && status != STATUS_FULL) {
        (void)fprintf(stderr, "headrace: carts and orders are not read any more: %s\n",
                      status_meaning(status));
    }
    return NULL;
}

enum status serve_open_bought(struct serve *serve)
{
    struct bought_feed *feed;

    if (serve->installation.config.results.hide_bought_ms == 0) return STATUS_OK;
    feed = calloc(1, sizeof(*feed));
    if (feed == NULL) return STATUS_LIMIT;
    feed->serve = serve;
    arena_init(&feed->scratch, SCRATCH_BYTES);
    arena_init(&feed->kept, KEPT_BYTES);
    enum status status = wake_open(&feed->wake);
    if (status == STATUS_OK && pthread_create(&feed->thread, NULL, feed_thread, feed) != 0) {
        wake_close(&feed->wake);
        status = STATUS_LIMIT;
    }
    if (status == STATUS_OK) {
        serve->bought_feed = feed;
    } else {
        free(feed);
    }
    return status;
}

void serve_close_bought(struct serve *serve)
{
    struct bought_feed *feed = serve->bought_feed;

    if (feed == NULL) return;
    atomic_store(&feed->stopping, true);
    wake_signal(&feed->wake);
    (void)pthread_join(feed->thread, NULL);
    wake_close(&feed->wake);
    arena_deinit(&feed->kept);
    arena_deinit(&feed->scratch);
    free(feed);
}

void serve_bought_counters(const struct serve *serve, struct bought_counters *counters)
{
    const struct bought_feed *feed = serve->bought_feed;

    *counters = (struct bought_counters){0};
    if (feed == NULL) return;
    counters->lsn = atomic_load(&feed->committed);
    for (int how = 0; how < BOUGHT_HOWS; how++)
        counters->noted[how] = atomic_load(&feed->noted[how]);
}

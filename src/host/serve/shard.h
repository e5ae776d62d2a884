/* shard.h - a thread that owns one running scenario: its engine, its place in the log, its state.
 *
 * The loop: next batch of the log (not yet durable) -> step -> wait until it is durable -> results
 * become readable, calls go to the outbox, records to their topics. What is out already after a
 * restart is known by three positions: the checkpoint (where replay starts), the consumer's progress
 * (topic outputs up to it are out), the outbox tag (calls up to it are stored).
 *
 * Inputs merge in the order of the log: source topics, `_replies.<scenario>`, `_control`.
 */
#pragma once
#include "deliver/deliver.h"
#include "engine/engine.h"
#include "host/installation.h"
#include "log/log.h"
#include "store/results.h"
#include "store/state.h"

struct shard;

/* What shards share; outlives them. */
struct shard_world {
    struct installation *installation;
    struct log *log;
    struct state *state;
    struct results *results;
    struct deliver *deliver; /* set before shard_start */
    uint32_t control_topic_id;
    int64_t checkpoint_ms;
    bool prove_output_before_commit;
    void (*fatal)(void *context, const char *what); /* storage is gone: the process must end */
    void *fatal_context;
};

/* Compiles the scenario, declares its topics, restores its state. Message says what is wrong. */
enum status shard_create(const struct shard_world *world, const struct config_scenario *config,
                         struct shard **shard, struct buffer *message) MUST_USE;
enum status shard_start(struct shard *shard) MUST_USE;
void shard_destroy(struct shard *shard); /* stops the thread, writes a last checkpoint */

const char *shard_name(const struct shard *shard);
const struct plan *shard_plan(const struct shard *shard);

/* Appends the outcome of an outside call to the shard's replies topic; any thread. */
enum status shard_reply(struct shard *shard, const struct deliver_call *call, enum status status,
                        struct slice payload) MUST_USE;

/* Whether pages show a model: it could be opened, and is not switched off as of the newest switch in the log;
 * any thread, after shard_start. */
bool shard_model_is_active(struct shard *shard, struct slice model);

/* --- for people -------------------------------------------------------------------------------------- */

enum shard_state { SHARD_STARTING, SHARD_CATCHING_UP, SHARD_RUNNING, SHARD_STOPPED, SHARD_FAILED };

struct shard_status {
    enum shard_state state;
    uint64_t lsn; /* stepped and out up to here */
    const char *failure;
};
void shard_status(struct shard *shard, struct shard_status *status);

/* {"name","state","nodes":[{id,name,kind,events,errors,filtered,next:[{to,label}]}],"records":[..],"errors":[..]} */
void shard_to_json(struct shard *shard, struct buffer *json);

/* Clicks that model calls had before them, and those of them that were known from the visitor's call
 * before (model/live.h); all models of the scenario, since the server started. */
struct shard_live {
    uint64_t steps, known;
};
void shard_live_counts(struct shard *shard, struct shard_live *counts);

/* Copies the counters of every node; returns node_count. */
uint32_t shard_counters(struct shard *shard, struct node_counters *counters, uint32_t capacity);

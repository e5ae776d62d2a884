/* shard_parts.h - what the files of the shard share; nobody else includes it. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "engine/watermark.h"
#include "host/serve/call_queue.h"
#include "host/serve/checkpoint.h"
#include "host/serve/outputs.h"
#include "host/serve/shard.h"
#include "model/live.h"
#include "sys/wake.h"

enum {
    SHARD_TOPICS_MAX = WATERMARK_SOURCES_MAX + 2,
    SHARD_INPUTS_MAX = 1 << 18,  /* records of one group */
    SHARD_GROUP_INPUTS = 32,     /* a list is readable when its group is done */
    SHARD_GROUP_BYTES = 1 << 20, /* a group is not made larger once it has so many */
    SHARD_RECENT = 20,           /* last records and errors kept for people */
    SHARD_RECENT_TEXT_MAX = 2000,
    SHARD_MODELS_MAX = 64,
    SHARD_SCRATCH_BYTES = 64 << 20,
};

struct shard_recent {
    uint32_t node;
    int64_t time_ms;
    uint32_t len;
    char text[SHARD_RECENT_TEXT_MAX];
};

struct shard_recents {
    struct shard_recent items[SHARD_RECENT];
    uint64_t count; /* ever; the newest is items[(count - 1) % SHARD_RECENT] */
};

/* Batches that are stepped together. */
struct shard_group {
    uint64_t lsn; /* of the last batch; 0: none */
    size_t bytes;
    uint32_t record_count;
    uint32_t input_count;
};

/* What depends on where the shard is in the log; rebuilt whole when it starts over. */
struct shard_run {
    struct engine *engine;
    struct log_reader *reader;
    struct watermark watermark;
    uint64_t lsn;          /* stepped up to here */
    uint64_t outputs_done; /* topic outputs up to here are out already */
    uint64_t calls_done;   /* calls up to here are in the outbox already */
    bool dirty;            /* stepped since the checkpoint */
};

struct shard {
    struct shard_world world;
    const struct config_scenario *config;
    const struct plan *plan;
    uint32_t source_topic_ids[WATERMARK_SOURCES_MAX]; /* by source ordinal */
    uint32_t replies_topic_id;
    uint32_t error_topic_id;
    uint32_t debug_topic_id;
    uint32_t *sink_topic_ids; /* by node index */
    struct shard_run run;
    struct outputs outputs;
    struct arena arena; /* `batch` */
    struct engine_input *inputs;
    struct record *records;
    struct record_header *headers;
    struct call_queue *calls;
    struct buffer calls_tag; /* its name */
    struct checkpoint *checkpoint;
    struct buffer checkpoint_tag;
    uint64_t outputs_lsn;       /* what is gathered is all up to here */
    uint64_t outputs_submitted; /* commits of outputs, ever */
    _Atomic uint64_t outputs_committed;
    struct buffer key;
    struct buffer text;
    pthread_t thread;
    bool started;
    struct wake wake;
    _Atomic bool stopping;
    _Atomic uint32_t outputs_in_flight;
    _Atomic int outputs_status; /* first failure of a commit of outputs */
    _Atomic bool
        model_stopped[SHARD_MODELS_MAX]; /* where the shard is; by index in the installation */
    _Atomic bool model_hidden[SHARD_MODELS_MAX]; /* as of the newest switch */
    uint64_t hidden_lsn;                         /* of that switch */
    struct live *lives[SHARD_MODELS_MAX];        /* the same; made by a model's first call */
    bool live_tried[SHARD_MODELS_MAX];
    /* For people, under the lock. */
    pthread_mutex_t view_lock;
    struct shard_status status;
    struct node_counters *counters;
    struct shard_live live_counts;
    struct shard_recents recent_records;
    struct shard_recents recent_errors;
};

/* shard_state.c: keyed state between engine and disk. */
enum status shard_cell_load(void *context, const struct cell_key *key, struct arena *arena,
                            struct slice *bytes) MUST_USE;
enum status shard_restore(struct shard *shard) MUST_USE; /* engine, positions, timers, reader */
void shard_forget(struct shard *shard);                  /* the opposite */
enum status shard_checkpoint(
    struct shard *shard) MUST_USE; /* writes down what changed, if the last is done */
enum status shard_checkpoint_safe(void *context, uint64_t outputs, uint64_t calls) MUST_USE;

/* Switches as of the newest record of the log, before the shard runs; its position is only looked at. */
enum status shard_open_switches(struct shard *shard) MUST_USE;

/* shard_inputs.c: adds the records of a batch, whose bytes outlive the group, to the group's inputs. */
enum status shard_read_inputs(struct shard *shard, struct shard_group *group, uint32_t topic_id,
                              struct slice bytes) MUST_USE;

/* shard_switch.c: models switched on and off. */
void shard_switches_clear(struct shard *shard);
void shard_switches_write(const struct shard *shard, struct buffer *bytes);
void shard_switches_read(struct shard *shard, struct byte_reader *reader); /* to its end */
enum status shard_switches_step(struct shard *shard, const struct log_view *view) MUST_USE;
/* For pages: what shard_switches_read() gave, then the control topic's records behind lsn. */
enum status shard_switches_open(struct shard *shard, uint64_t lsn) MUST_USE;

/* shard_effects.c: what a step asked for, after its input is durable. */
enum status shard_carry_out(struct shard *shard, const struct effect_list *effects,
                            uint64_t lsn) MUST_USE;

enum status shard_flush_outputs(struct shard *shard) MUST_USE; /* if none is under way */

/* shard_view.c */
void shard_remember(struct shard *shard, struct shard_recents *recents, const struct effect *effect,
                    struct slice text);
void shard_publish(struct shard *shard, enum shard_state state);

/* Node index by id; PLAN_END if the plan has none. */
uint32_t shard_node_find(const struct shard *shard, struct slice id);

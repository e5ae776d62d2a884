/* config.h - the one YAML file a server is run with.
 *
 * Every key is a row of host/config_rows.c (section, key, kind, default, bounds, meaning): reading,
 * checking and `headrace config` come from the rows. Every key has a default; an unknown key is an
 * error with line and column. Relative paths are taken from the configuration file's folder. Secrets
 * are named here and live in the environment or in files.
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

enum {
    CONFIG_BYTES_MAX = 1 << 20,
    CONFIG_ITEMS_MAX = 256,
    CONFIG_TOPIC_NAME_MAX = 200,
    CONFIG_DEPTH_MAX = 16
};

/* A name with a value, of a free mapping such as `secret_headers`. */
struct config_pair {
    const char *name;
    const char *value;
};
struct config_pairs {
    struct config_pair *items;
    uint32_t count;
};

struct config_collect {
    const char *listen;
    const char *topic;
    const char *bad_topic;
    int64_t body_bytes_max;
    int64_t payload_bytes_max;
    int64_t connections_max;
    int64_t header_timeout_ms;
    int64_t body_timeout_ms;
    int64_t idle_timeout_ms;
    int64_t write_timeout_ms;
    int64_t event_ids_max;
    int64_t pending_max;
    bool trust_forwarded_for;
    bool store_headers;
    bool cookie_enabled;
    const char *cookie_name;
    int64_t cookie_days;
    const char *cookie_domain;
    bool cookie_secure;
    struct config_pairs paths;
};

struct config_api {
    const char *listen;
    const char *token; /* name of a secret */
};

struct config_log {
    int64_t map_bytes;
    int64_t queue_bytes_max;
    int64_t tail_bytes_max;
};

struct config_state {
    int64_t map_bytes;
    int64_t checkpoint_ms;
};

struct config_engine {
    int64_t keys_max;
    int64_t elements_max;
    int64_t batch_bytes_max;
    int64_t calls_waiting_max;
    int64_t live_bytes_max;
    int64_t fuel;
};

struct config_expressions {
    const char *zone;
};

struct config_deliver {
    int64_t outbox_calls_max;
    int64_t connections_max;
    int64_t timeout_ms;
    int64_t attempts_max;
    int64_t backoff_first_ms;
    int64_t backoff_max_ms;
    int64_t response_bytes_max;
    int64_t throttles_max;
    int64_t breaker_failures_max;
    int64_t breaker_rest_ms;
};

struct config_results {
    int64_t visitors_max;
    int64_t popular_items_max;
    int64_t popular_half_life_ms;
    int64_t items_max;
    int64_t category_max;
    int64_t hide_viewed;
    int64_t hide_bought_ms;
    int64_t explore_percent;
    const char *catalogue;
    const char *fallback;
};

struct config_prove { /* known bugs; accepted only by builds with kill points */
    bool ack_before_sync;
    bool output_before_commit;
    bool no_event_id_check;
};

struct config_topic {
    const char *name;
    int64_t retention_ms;
    int64_t retention_bytes;
    const char *schema;
    bool http;
    const char *user;
    const char *password; /* name of a secret */
};

struct config_scenario {
    const char *name;
    const char *file;
    const char *error_topic;
};

struct config_node {
    const char *name; /* as the scenario shows it */
    const char *visitor;
    const char *event_id;
    const char *on_failure;
};

struct config_model {
    const char *name; /* "slirec_shopify_model/1" */
    const char *directory;
};

struct config_dictionary {
    const char *name;
    const char *file;
    const char *keys;
};

struct config_http {
    const char *name;
    const char *match;
    const char *url;
    bool allow_private;
    const char *ca_file;
    bool shopify;
    struct config_pairs secret_headers; /* header -> name of a secret */
};

struct config_secret {
    const char *name;
    const char *env;
    const char *file;
};

/* A count follows its array: the rows give the place of both. */
struct config {         /* NOLINT(clang-analyzer-optin.performance.Padding) */
    struct arena arena; /* everything below lives here */
    const char *path;
    const char *name_space;
    struct config_collect collect;
    struct config_api api;
    struct config_log log;
    struct config_state state;
    struct config_engine engine;
    struct config_expressions expressions;
    struct config_deliver deliver;
    struct config_results results;
    struct config_prove prove;
    struct config_topic *topics;
    uint32_t topic_count;
    struct config_scenario *scenarios;
    uint32_t scenario_count;
    struct config_node *nodes;
    uint32_t node_count;
    struct config_model *models;
    uint32_t model_count;
    struct config_dictionary *dictionaries;
    uint32_t dictionary_count;
    struct config_http *http;
    uint32_t http_count;
    struct config_secret *secrets;
    uint32_t secret_count;
};

/* Reads a file, or only the defaults when path is NULL.
 * fails    INVALID, NOT_FOUND, IO with a message "file:line:column: what; what to do" */
enum status config_load(const char *path, struct config *config, struct buffer *message) MUST_USE;
/* The same from a text; `path` is what messages name and relative paths start from. */
enum status config_read(struct slice text, const char *path, struct config *config,
                        struct buffer *message) MUST_USE;
void config_deinit(struct config *config);

/* The value of a secret by name, from its environment variable or file (last newline cut off).
 * fails    NOT_FOUND with a message that names the secret, never its value */
enum status config_secret(struct config *config, const char *name, struct slice *value,
                          struct buffer *message) MUST_USE;

const struct config_topic *config_topic_find(const struct config *config, struct slice name);
const struct config_model *config_model_find(const struct config *config, struct slice model,
                                             struct slice version);
const struct config_node *config_node_find(const struct config *config, struct slice node_id);

/* --- the rows ------------------------------------------------------------------------------------ */

enum config_kind {
    CONFIG_TEXT,
    CONFIG_PATH, /* made absolute against the file's folder */
    CONFIG_NUMBER,
    CONFIG_BYTES,          /* 64KiB, 1MiB, 2GiB or a plain number */
    CONFIG_DURATION,       /* 250ms, 5s, 10m, 1h, 7d; into milliseconds */
    CONFIG_SWITCH,         /* true or false */
    CONFIG_TOPIC,          /* name of a topic; never one of our own, `_...` */
    CONFIG_ADDRESS,        /* to listen on: host:port */
    CONFIG_ORIGIN,         /* http(s)://host[:port], perhaps with a path */
    CONFIG_OUTCOME,        /* error or empty */
    CONFIG_MODEL,          /* name/version */
    CONFIG_VARIABLE,       /* a name expressions can use: letters, digits, '_' */
    CONFIG_KEYS,           /* String, Long or Boolean */
    CONFIG_SECRET,         /* name of a secret, which `secrets` must have */
    CONFIG_TRACKER_PATHS,  /* mapping of paths of two segments */
    CONFIG_SECRET_HEADERS, /* mapping of header names to names of secrets */
};

struct config_row {
    const char *key; /* within the section; nested mappings join with '.' */
    enum config_kind kind;
    size_t offset;
    const char *initial; /* as it would be written; NULL: must be given (a mapping: empty) */
    int64_t min;
    int64_t max;
    const char *meaning;
};

/* A section is one struct ("collect") or many by name ("topics"). */
struct config_section {
    const char *name; /* "" is the top level */
    bool by_name;
    enum config_kind names; /* what the items' names must be */
    size_t offset;          /* of the struct, or of the array pointer; the count follows it */
    size_t size;            /* of one item */
    const struct config_row *rows;            /* ends with key NULL */
    const char *(*problem)(const void *item); /* what is wrong with an item as a whole; or NULL */
    const char *meaning;
};

extern const struct config_section config_sections[]; /* ends with name NULL */

/* config_rows.c - every configuration key: one row, one sentence. */
#include "host/config.h"

#define KIB               (INT64_C(1) << 10)
#define MIB               (INT64_C(1) << 20)
#define GIB               (INT64_C(1) << 30)
#define DAY               (INT64_C(86400000))

#define FIELD(type, name) offsetof(struct config_##type, name)

static const struct config_row top_rows[] = {
    {"namespace", CONFIG_TEXT, offsetof(struct config, name_space), "shop", 0, 0,
     "shop or environment; part of every visitor token and state key"},
    {0},
};

static const struct config_row collect_rows[] = {
    {"listen", CONFIG_ADDRESS, FIELD(collect, listen), "127.0.0.1:8080", 0, 0,
     "address trackers and pages reach; port 0 takes a free one"},
    {"topic", CONFIG_TOPIC, FIELD(collect, topic), "http.shopify-events", 0, 0,
     "topic tracker requests are stored in"},
    {"bad_topic", CONFIG_TOPIC, FIELD(collect, bad_topic), "collect.bad-rows", 0, 0,
     "topic of refused items, with the reason"},
    {"body_bytes_max", CONFIG_BYTES, FIELD(collect, body_bytes_max), "2MiB", KIB, 64 * MIB,
     "larger requests are answered 413"},
    {"payload_bytes_max", CONFIG_BYTES, FIELD(collect, payload_bytes_max), "1MiB", KIB, 3 * MIB,
     "larger payloads become a size_violation bad row"},
    {"connections_max", CONFIG_NUMBER, FIELD(collect, connections_max), "4096", 1, 100000,
     "open connections of both listeners together"},
    {"header_timeout", CONFIG_DURATION, FIELD(collect, header_timeout_ms), "30s", 10, DAY,
     "from the first byte of a request to the end of its head; then 408"},
    {"body_timeout", CONFIG_DURATION, FIELD(collect, body_timeout_ms), "25s", 10, DAY,
     "for the body; then 408"},
    {"idle_timeout", CONFIG_DURATION, FIELD(collect, idle_timeout_ms), "610s", 10, DAY,
     "between two requests of a connection; then it is closed"},
    {"write_timeout", CONFIG_DURATION, FIELD(collect, write_timeout_ms), "30s", 10, DAY,
     "for a peer that does not read its answer"},
    {"event_ids_max", CONFIG_NUMBER, FIELD(collect, event_ids_max), "1000000", 1, 100000000,
     "event ids remembered to recognise a tracker's retry"},
    {"pending_max", CONFIG_NUMBER, FIELD(collect, pending_max), "10000", 1, 1000000,
     "requests waiting for the disk; more are answered 503"},
    {"trust_forwarded_for", CONFIG_SWITCH, FIELD(collect, trust_forwarded_for), "false", 0, 0,
     "take the visitor's address from X-Forwarded-For; only behind your own proxy"},
    {"store_headers", CONFIG_SWITCH, FIELD(collect, store_headers), "false", 0, 0,
     "store address, user agent and headers with each request (personal data)"},
    {"cookie.enabled", CONFIG_SWITCH, FIELD(collect, cookie_enabled), "true", 0, 0,
     "set the collector's cookie"},
    {"cookie.name", CONFIG_TEXT, FIELD(collect, cookie_name), "sp", 0, 0, "its name"},
    {"cookie.days", CONFIG_NUMBER, FIELD(collect, cookie_days), "365", 1, 3650, "its life"},
    {"cookie.domain", CONFIG_TEXT, FIELD(collect, cookie_domain), "", 0, 0,
     "its domain; empty: the collector's host alone"},
    {"cookie.secure", CONFIG_SWITCH, FIELD(collect, cookie_secure), "true", 0, 0,
     "Secure and SameSite=None"},
    {"paths", CONFIG_TRACKER_PATHS, FIELD(collect, paths), NULL, 0, 0,
     "custom paths, each two segments: \"/a/b\": \"/com.snowplowanalytics.snowplow/tp2\""},
    {0},
};

static const struct config_row api_rows[] = {
    {"listen", CONFIG_ADDRESS, FIELD(api, listen), "127.0.0.1:8081", 0, 0,
     "address of the page, metrics and administration; loopback unless a token is set"},
    {"token", CONFIG_SECRET, FIELD(api, token), "", 0, 0,
     "name of the secret callers send as `Authorization: Bearer`; empty: none"},
    {0},
};

static const struct config_row log_rows[] = {
    {"map", CONFIG_BYTES, FIELD(log, map_bytes), "32GiB", 16 * MIB, 4096 * GIB,
     "most the log may ever hold; address space, not memory"},
    {"queue_bytes_max", CONFIG_BYTES, FIELD(log, queue_bytes_max), "64MiB", MIB, 4 * GIB,
     "records waiting for the disk; over it requests are answered 503"},
    {"tail_bytes_max", CONFIG_BYTES, FIELD(log, tail_bytes_max), "16MiB", MIB, 4 * GIB,
     "newest records kept in memory for the scenarios"},
    {0},
};

static const struct config_row state_rows[] = {
    {"map", CONFIG_BYTES, FIELD(state, map_bytes), "8GiB", 16 * MIB, 4096 * GIB,
     "most keyed state, results and the outbox may hold"},
    {"checkpoint", CONFIG_DURATION, FIELD(state, checkpoint_ms), "1s", 10, DAY,
     "how often state is written; a restart repeats at most this much of the log"},
    {0},
};

static const struct config_row engine_rows[] = {
    {"keys_max", CONFIG_NUMBER, FIELD(engine, keys_max), "1000000", 1, 100000000,
     "keys of one scenario kept decoded in memory"},
    {"elements_max", CONFIG_NUMBER, FIELD(engine, elements_max), "1000", 1, 1000000,
     "elements of one aggregate; an event over it goes to the error topic"},
    {"batch_bytes_max", CONFIG_BYTES, FIELD(engine, batch_bytes_max), "64MiB", MIB, 4 * GIB,
     "memory of one step"},
    {"calls_waiting_max", CONFIG_NUMBER, FIELD(engine, calls_waiting_max), "100000", 1, 10000000,
     "outside calls without an answer; an event over it goes to the error topic"},
    {"live_bytes_max", CONFIG_BYTES, FIELD(engine, live_bytes_max), "64MiB", 0, 64 * GIB,
     "what a scenario keeps of live visitors' scores, for each model; 0: nothing"},
    {"fuel", CONFIG_NUMBER, FIELD(engine, fuel), "1000000", 1000, 1000000000,
     "steps one expression may take"},
    {0},
};

static const struct config_row expressions_rows[] = {
    {"zone", CONFIG_TEXT, FIELD(expressions, zone), "UTC", 0, 0,
     "time zone of #DATE.defaultTimeZone and what follows from it: Europe/Warsaw, UTC, +02:00"},
    {0},
};

static const struct config_row deliver_rows[] = {
    {"outbox_calls_max", CONFIG_NUMBER, FIELD(deliver, outbox_calls_max), "1000000", 1, 100000000,
     "calls waiting to be sent; over it the scenario waits"},
    {"connections_max", CONFIG_NUMBER, FIELD(deliver, connections_max), "8", 1, 1000,
     "connections to one host"},
    {"timeout", CONFIG_DURATION, FIELD(deliver, timeout_ms), "10s", 1, DAY, "of one try"},
    {"attempts_max", CONFIG_NUMBER, FIELD(deliver, attempts_max), "8", 1, 1000,
     "tries before a call becomes a dead letter"},
    {"backoff_first", CONFIG_DURATION, FIELD(deliver, backoff_first_ms), "500ms", 1, DAY,
     "pause after the first failure; doubles, with jitter"},
    {"backoff_max", CONFIG_DURATION, FIELD(deliver, backoff_max_ms), "60s", 1, DAY,
     "longest pause between two tries"},
    {"response_bytes_max", CONFIG_BYTES, FIELD(deliver, response_bytes_max), "1MiB", KIB, 16 * MIB,
     "a longer answer counts as a failure"},
    {"throttles_max", CONFIG_NUMBER, FIELD(deliver, throttles_max), "10000", 1, 1000000,
     "times one call may be told to wait; these are no tries"},
    {"breaker_failures_max", CONFIG_NUMBER, FIELD(deliver, breaker_failures_max), "5", 1, 1000,
     "failed tries in a row after which an endpoint rests"},
    {"breaker_rest", CONFIG_DURATION, FIELD(deliver, breaker_rest_ms), "5s", 1, DAY,
     "how long it rests; then one call tries it"},
    {0},
};

static const struct config_row results_rows[] = {
    {"visitors_max", CONFIG_NUMBER, FIELD(results, visitors_max), "1000000", 1, 100000000,
     "visitors whose list is kept; the least recent go first"},
    {"popular_items_max", CONFIG_NUMBER, FIELD(results, popular_items_max), "10000", 1, 10000000,
     "items whose views are counted for the fallback"},
    {"popular_half_life", CONFIG_DURATION, FIELD(results, popular_half_life_ms), "1h", 1000,
     365 * DAY, "after this time a view counts half"},
    {"items_max", CONFIG_NUMBER, FIELD(results, items_max), "10", 1, 50,
     "items in an answer unless ?limit= says less"},
    {"catalogue", CONFIG_PATH, FIELD(results, catalogue), "", 0, 0,
     "JSON list of products {id, handle, title, url, image, price, category, available}, followed "
     "when the file changes; empty: ids only"},
    {"category_max", CONFIG_NUMBER, FIELD(results, category_max), "0", 0, 50,
     "products of one category in an answer; 0: any number"},
    {"hide_viewed", CONFIG_NUMBER, FIELD(results, hide_viewed), "1", 0, 10,
     "the visitor's last so many views are not recommended; 1: the current product"},
    {"hide_bought", CONFIG_DURATION, FIELD(results, hide_bought_ms), "0s", 0, 3650 * DAY,
     "what the visitor put into the cart or ordered is not recommended for so long; 0s: it is"},
    {"explore_percent", CONFIG_NUMBER, FIELD(results, explore_percent), "0", 0, 50,
     "places behind the first that go to products without clicks; needs a model with an index"},
    {"fallback", CONFIG_TEXT, FIELD(results, fallback), "", 0, 0,
     "model (name/version) with an index for visitors without a list; empty: the first that has "
     "one"},
    {0},
};

static const struct config_row prove_rows[] = {
    {"ack_before_sync", CONFIG_SWITCH, FIELD(prove, ack_before_sync), "false", 0, 0,
     "known bug: acknowledge before the disk has it"},
    {"output_before_commit", CONFIG_SWITCH, FIELD(prove, output_before_commit), "false", 0, 0,
     "known bug: outputs leave without their progress"},
    {"no_event_id_check", CONFIG_SWITCH, FIELD(prove, no_event_id_check), "false", 0, 0,
     "known bug: a tracker's retry is stored twice"},
    {0},
};

static const struct config_row topic_rows[] = {
    {"retention_age", CONFIG_DURATION, FIELD(topic, retention_ms), "7d", 1000, 36500 * DAY,
     "older records are deleted"},
    {"retention_bytes", CONFIG_BYTES, FIELD(topic, retention_bytes), "8GiB", KIB, 4096 * GIB,
     "over it the oldest are deleted"},
    {"schema", CONFIG_PATH, FIELD(topic, schema), "", 0, 0,
     "JSON Schema of the values, which POST /topics/<name> then stores without an envelope; empty: "
     "schemaless JSON"},
    {"http", CONFIG_SWITCH, FIELD(topic, http), "false", 0, 0,
     "POST /topics/<name> may write to it"},
    {"user", CONFIG_TEXT, FIELD(topic, user), "", 0, 0, "Basic user POST /topics/<name> asks for"},
    {"password", CONFIG_SECRET, FIELD(topic, password), "", 0, 0,
     "name of the secret with its password"},
    {0},
};

static const struct config_row scenario_rows[] = {
    {"file", CONFIG_PATH, FIELD(scenario, file), NULL, 0, 0, "Nussknacker scenario, unchanged"},
    {"error_topic", CONFIG_TOPIC, FIELD(scenario, error_topic), "", 0, 0,
     "topic of events that failed; empty: <scenario>.errors"},
    {0},
};

static const struct config_row node_rows[] = {
    {"visitor", CONFIG_TEXT, FIELD(node, visitor), "", 0, 0,
     "expression: whom a model's result is for; empty: the argument userId"},
    {"event_id", CONFIG_TEXT, FIELD(node, event_id), "", 0, 0,
     "expression: the event a result is as of; empty: the record's first event id"},
    {"on_failure", CONFIG_OUTCOME, FIELD(node, on_failure), "error", 0, 0,
     "a call that fails: error (the event goes to the error topic) or empty (the output is null)"},
    {0},
};

static const struct config_row model_rows[] = {
    {"directory", CONFIG_PATH, FIELD(model, directory), NULL, 0, 0,
     "model directory made by `headrace model import`"},
    {0},
};

static const struct config_row dictionary_rows[] = {
    {"file", CONFIG_PATH, FIELD(dictionary, file), NULL, 0, 0,
     "JSON object of key and label: {\"pl\": \"Poland\"}"},
    {"keys", CONFIG_KEYS, FIELD(dictionary, keys), "String", 0, 0,
     "what the keys are: String, Long or Boolean"},
    {0},
};

static const struct config_row http_rows[] = {
    {"match", CONFIG_ORIGIN, FIELD(http, match), NULL, 0, 0,
     "origin as scenarios write it: https://shop.example"},
    {"url", CONFIG_ORIGIN, FIELD(http, url), "", 0, 0, "origin really called; empty: the same"},
    {"allow_private", CONFIG_SWITCH, FIELD(http, allow_private), "false", 0, 0,
     "private and loopback addresses may be called"},
    {"ca_file", CONFIG_PATH, FIELD(http, ca_file), "", 0, 0,
     "certificates trusted besides the system's"},
    {"shopify", CONFIG_SWITCH, FIELD(http, shopify), "false", 0, 0,
     "understand Shopify's throttling and user errors"},
    {"secret_headers", CONFIG_SECRET_HEADERS, FIELD(http, secret_headers), NULL, 0, 0,
     "headers whose value is a secret: X-Shopify-Access-Token: shopify_token"},
    {0},
};

static const struct config_row secret_rows[] = {
    {"env", CONFIG_TEXT, FIELD(secret, env), "", 0, 0, "environment variable that holds it"},
    {"file", CONFIG_PATH, FIELD(secret, file), "", 0, 0, "file that holds it"},
    {0},
};

static const char *topic_problem(const void *item)
{
    const struct config_topic *topic = item;

    if ((topic->user[0] == '\0') == (topic->password[0] == '\0')) return NULL;
    return "needs both `user` and `password` (the name of a secret), or neither:";
}

static const char *secret_problem(const void *item)
{
    const struct config_secret *secret = item;

    if (secret->env[0] != '\0' || secret->file[0] != '\0') return NULL;
    return "needs `env` or `file`, where its value lives:";
}

#define PLACE(field, type) offsetof(struct config, field), sizeof(struct config_##type)
#define ONE(name, rows, meaning)                                          \
    {                                                                     \
#name, false, CONFIG_TEXT, PLACE(name, name), rows, NULL, meaning \
    }
#define MANY(name, type, rows, names, problem, meaning)               \
    {                                                                 \
#name, true, names, PLACE(name, type), rows, problem, meaning \
    }

const struct config_section config_sections[] = {
    {"", false, CONFIG_TEXT, 0, sizeof(struct config), top_rows, NULL, "the installation"},
    ONE(collect, collect_rows, "the front door: trackers and pages"),
    ONE(api, api_rows, "page, metrics, administration"),
    ONE(log, log_rows, "the durable log"),
    ONE(state, state_rows, "checkpointed state"),
    ONE(engine, engine_rows, "limits of a running scenario"),
    ONE(expressions, expressions_rows, "the language of the scenarios"),
    ONE(deliver, deliver_rows, "calls to the outside"),
    ONE(results, results_rows, "recommendations by visitor"),
    ONE(prove, prove_rows,
        "known bugs, re-enabled to prove that the tests find them; test builds only"),
    MANY(topics, topic, topic_rows, CONFIG_TOPIC, topic_problem, "topics by name"),
    MANY(scenarios, scenario, scenario_rows, CONFIG_TOPIC, NULL, "scenarios by name"),
    MANY(nodes, node, node_rows, CONFIG_TEXT, NULL,
         "settings of scenario nodes, by the name the scenario gives them"),
    MANY(models, model, model_rows, CONFIG_MODEL, NULL, "models by name/version"),
    MANY(dictionaries, dictionary, dictionary_rows, CONFIG_VARIABLE, NULL,
         "keys with a name for people, in expressions as #name['key']"),
    MANY(http, http, http_rows, CONFIG_TEXT, NULL, "endpoints scenarios call, by any name"),
    MANY(secrets, secret, secret_rows, CONFIG_TEXT, secret_problem, "secrets by name"),
    {0},
};

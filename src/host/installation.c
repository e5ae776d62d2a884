/* installation.c - the environment scenarios are compiled against. */
#include "host/installation.h"

#include <stdio.h>

#include "engine/engine.h"
#include "sys/file.h"

enum { INSTALLATION_ARENA_BYTES = 512 << 20, SCHEMA_BYTES_MAX = 1 << 20 };

static bool environment_topic(void *context, struct slice name, struct slice *schema_text)
{
    struct installation *installation = context;
    const struct config_topic *topic = config_topic_find(&installation->config, name);
    struct buffer text;

    *schema_text = (struct slice){0};
    if (topic == NULL || topic->schema[0] == '\0')
        return true; /* undeclared: schemaless, defaults */
    buffer_init(&text, SCHEMA_BYTES_MAX);
    bool ok = file_read(topic->schema, &text) == STATUS_OK &&
              arena_copy(&installation->arena, buffer_slice(&text), schema_text) == STATUS_OK;
    buffer_deinit(&text);
    return ok;
}

struct model *installation_model_find(const struct installation *installation, struct slice model,
                                      struct slice version)
{
    const struct config_model *config = config_model_find(&installation->config, model, version);

    for (uint32_t i = 0; config != NULL && i < installation->model_count; i++) {
        if (installation->models[i].config == config) return installation->models[i].model;
    }
    return NULL;
}

/* Every *-mlflow integration shares our registry. */
static bool environment_model(void *context, const struct scenario_model *wanted,
                              struct arena *arena, const struct type **inputs,
                              const struct type **outputs)
{
    struct installation *installation = context;

    return config_model_find(&installation->config, wanted->name, wanted->version) != NULL &&
           model_signature(arena, inputs, outputs) == STATUS_OK;
}

static struct slice environment_node_setting(void *context, struct slice node_id,
                                             const char *setting)
{
    struct installation *installation = context;
    const struct config_node *node = config_node_find(&installation->config, node_id);

    if (node == NULL) return (struct slice){0};
    if (strcmp(setting, "visitor") == 0) return slice_of(node->visitor);
    if (strcmp(setting, "event_id") == 0) return slice_of(node->event_id);
    if (strcmp(setting, "on_failure") == 0) return slice_of(node->on_failure);
    return (struct slice){0};
}

static enum status open_model(struct installation *installation, struct installation_model *entry,
                              bool any, struct buffer *message)
{
    enum status status = model_open(entry->config->directory, &entry->model, message);

    if (status == STATUS_OK || !any) return status;
    status = arena_copy(&installation->arena, buffer_slice(message), &entry->trouble);
    buffer_clear(message);
    return status;
}

static enum status open_models(struct installation *installation, bool any, struct buffer *message)
{
    const struct config *config = &installation->config;

    installation->models =
        arena_zalloc(&installation->arena, config->model_count, sizeof(*installation->models));
    if (installation->models == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < config->model_count; i++) {
        installation->models[i].config = &config->models[i];
        buffer_clear(message);
        enum status status = open_model(installation, &installation->models[i], any, message);
        if (status != STATUS_OK) return status;
        installation->model_count++;
    }
    return STATUS_OK;
}

/* A schema that cannot be read would make every scenario of its topic fail with a riddle. */
static enum status judge_schemas(const struct config *config, struct buffer *message)
{
    for (uint32_t i = 0; i < config->topic_count; i++) {
        const char *path = config->topics[i].schema;
        struct buffer text;

        if (path[0] == '\0') continue;
        buffer_init(&text, SCHEMA_BYTES_MAX);
        enum status status = file_read(path, &text);
        buffer_deinit(&text);
        if (status == STATUS_OK) continue;
        buffer_append_text(message, path);
        buffer_append_text(message, ": the schema of the topic ");
        buffer_append_text(message, config->topics[i].name);
        buffer_append_text(message, " cannot be read: ");
        buffer_append_text(message, file_trouble(path, status));
        return status;
    }
    return STATUS_OK;
}

static enum status installation_start(const char *config_path, bool any,
                                      struct installation *installation, struct buffer *message)
{
    *installation = (struct installation){0};
    enum status status = config_load(config_path, &installation->config, message);

    if (status != STATUS_OK) return status;
    arena_init(&installation->arena, INSTALLATION_ARENA_BYTES);
    installation->environment = (struct scenario_environment){
        .context = installation,
        .topic = environment_topic,
        .model = environment_model,
        .node_setting = environment_node_setting,
        .zones = &installation->tables.zones,
        .dictionaries = &installation->tables.dictionaries,
    };
    status = expression_tables_load(&installation->config, &installation->arena,
                                    &installation->tables, message);
    if (status == STATUS_OK) status = judge_schemas(&installation->config, message);
    if (status == STATUS_OK) status = open_models(installation, any, message);
    if (status != STATUS_OK) installation_close(installation);
    return status;
}

enum status installation_open(const char *config_path, struct installation *installation,
                              struct buffer *message)
{
    return installation_start(config_path, false, installation, message);
}

enum status installation_open_any(const char *config_path, struct installation *installation,
                                  struct buffer *message)
{
    return installation_start(config_path, true, installation, message);
}

const struct installation_model *installation_missing(const struct installation *installation,
                                                      uint32_t *from)
{
    while (*from < installation->model_count) {
        const struct installation_model *entry = &installation->models[(*from)++];

        if (entry->model == NULL) return entry;
    }
    return NULL;
}

void installation_close(struct installation *installation)
{
    for (uint32_t i = 0; i < installation->model_count; i++)
        model_close(installation->models[i].model);
    arena_deinit(&installation->arena);
    config_deinit(&installation->config);
}

static void append_problem(struct buffer *message, const char *path,
                           const struct scenario_problem *problem)
{
    char place[64];

    if (problem->severity != PROBLEM_ERROR) return;
    if (message->len > 0) buffer_append_byte(message, '\n');
    buffer_append_text(message, path);
    (void)snprintf(place, sizeof(place), ":%u:%u: ", problem->line, problem->column);
    buffer_append_text(message, place);
    if (problem->node.len > 0) {
        buffer_append_text(message, "node \"");
        buffer_append(message, problem->node);
        buffer_append_text(message, "\": ");
    }
    if (problem->field.len > 0) {
        buffer_append(message, problem->field);
        buffer_append_text(message, ": ");
    }
    buffer_append(message, problem->message);
}

enum status installation_compile(struct installation *installation, const char *path,
                                 const struct plan **plan, const struct scenario **scenario,
                                 struct buffer *message)
{
    struct scenario_problems *problems = arena_zalloc(&installation->arena, 1, sizeof(*problems));
    struct buffer text;
    struct slice kept;
    struct scenario *read = NULL;

    if (problems == NULL) return STATUS_LIMIT;
    buffer_init(&text, SCENARIO_BYTES_MAX);
    enum status status = file_read(path, &text);
    if (status != STATUS_OK) {
        buffer_append_text(message, path);
        buffer_append_text(message, ": the scenario file cannot be read: ");
        buffer_append_text(message, file_trouble(path, status));
    }
    if (status == STATUS_OK) status = arena_copy(&installation->arena, buffer_slice(&text), &kept);
    buffer_deinit(&text);
    if (status != STATUS_OK) return status;
    status = scenario_read(kept, &installation->arena, problems, &read);
    if (status == STATUS_OK) {
        status = scenario_compile(read, &installation->environment, &installation->arena, problems,
                                  plan);
    }
    for (uint32_t i = 0; i < problems->count; i++)
        append_problem(message, path, &problems->items[i]);
    if (status == STATUS_OK && scenario != NULL) *scenario = read;
    return status;
}

void installation_engine_limits(const struct installation *installation,
                                struct engine_limits *limits)
{
    const struct config_engine *engine = &installation->config.engine;

    *limits = engine_limits_default;
    limits->keys_max = (uint32_t)engine->keys_max;
    limits->elements_max = (uint32_t)engine->elements_max;
    limits->batch_bytes_max = (uint32_t)engine->batch_bytes_max;
    limits->calls_waiting_max = (uint32_t)engine->calls_waiting_max;
    limits->expr.fuel = (uint32_t)engine->fuel;
}

/* config_find.c - what a configuration holds, by name; values of secrets. */
#include <stdlib.h>

#include "host/config.h"
#include "sys/file.h"

enum { SECRET_BYTES_MAX = 64 << 10 };

static enum status secret_from_file(struct config *config, const char *path, struct slice *value)
{
    struct buffer text;

    buffer_init(&text, SECRET_BYTES_MAX);
    enum status status = file_read(path, &text);
    while (status == STATUS_OK && text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (status == STATUS_OK) status = arena_copy(&config->arena, buffer_slice(&text), value);
    buffer_deinit(&text);
    return status;
}

enum status config_secret(struct config *config, const char *name, struct slice *value,
                          struct buffer *message)
{
    enum status status = STATUS_NOT_FOUND;

    for (uint32_t i = 0; i < config->secret_count; i++) {
        const struct config_secret *secret = &config->secrets[i];

        if (strcmp(secret->name, name) != 0) continue;
        if (secret->env[0] != '\0') {
            const char *text =
                getenv(secret->env); /* NOLINT(concurrency-mt-unsafe): at start only */

            if (text != NULL) {
                *value = slice_of(text);
                return STATUS_OK;
            }
        }
        if (secret->file[0] != '\0') status = secret_from_file(config, secret->file, value);
    }
    if (status != STATUS_OK) {
        buffer_append_text(message, config->path);
        buffer_append_text(message, ": the secret \"");
        buffer_append_text(message, name);
        buffer_append_text(message,
                           "\" has no value: set its environment variable or file (secrets.");
        buffer_append_text(message, name);
        buffer_append_text(message, ".env or .file)");
    }
    return status;
}

const struct config_topic *config_topic_find(const struct config *config, struct slice name)
{
    for (uint32_t i = 0; i < config->topic_count; i++) {
        if (slice_equal(slice_of(config->topics[i].name), name)) return &config->topics[i];
    }
    return NULL;
}

const struct config_model *config_model_find(const struct config *config, struct slice model,
                                             struct slice version)
{
    for (uint32_t i = 0; i < config->model_count; i++) {
        struct slice name = slice_of(config->models[i].name);

        if (name.len == model.len + 1 + version.len && slice_starts_with(name, model) &&
            name.data[model.len] == '/' && slice_ends_with(name, version)) {
            return &config->models[i];
        }
    }
    return NULL;
}

const struct config_node *config_node_find(const struct config *config, struct slice node_id)
{
    for (uint32_t i = 0; i < config->node_count; i++) {
        if (slice_equal(slice_of(config->nodes[i].name), node_id)) return &config->nodes[i];
    }
    return NULL;
}

/* config.c - reads YAML by the rows of config_rows.c.
 *
 * libyaml gives nodes with marks; a section's nested mappings are flattened to dotted keys, so that
 * one row describes one scalar wherever it stands.
 */
#include "host/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "sys/file.h"

enum { CONFIG_ARENA_BYTES = 4 << 20, CONFIG_KEY_MAX = 128, SECRET_BYTES_MAX = 64 << 10 };

struct loader {
    struct config *config;
    struct buffer *message;
    yaml_document_t document;
    const char *folder; /* of the file, for relative paths */
};

static enum status complain(struct loader *loader, const yaml_mark_t *mark, const char *what,
                            const char *which)
{
    char place[64];

    buffer_append_text(loader->message, loader->config->path);
    if (mark != NULL) {
        (void)snprintf(place, sizeof(place), ":%zu:%zu", mark->line + 1, mark->column + 1);
        buffer_append_text(loader->message, place);
    }
    buffer_append_text(loader->message, ": ");
    buffer_append_text(loader->message, what);
    if (which != NULL) {
        buffer_append_text(loader->message, " \"");
        buffer_append_text(loader->message, which);
        buffer_append_text(loader->message, "\"");
    }
    return STATUS_INVALID;
}

static char *keep_text(struct config *config, const char *text, size_t len)
{
    char *copy = arena_alloc(&config->arena, len + 1, 1);

    if (copy == NULL) return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

/* --- scalars --------------------------------------------------------------------------------------- */

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit byte_units[] = {
    {"", 1},
    {"B", 1},
    {"KiB", 1 << 10},
    {"MiB", 1 << 20},
    {"GiB", 1 << 30},
    {"TiB", INT64_C(1) << 40},
    {0},
};
static const struct unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {0},
};
static const struct unit plain_units[] = {{"", 1}, {0}};

static bool read_quantity(const char *text, const struct unit *units, int64_t *value)
{
    size_t digits = strspn(text, "0123456789");

    if (slice_to_i64((struct slice){(const uint8_t *)text, digits}, value) != STATUS_OK)
        return false;
    for (const struct unit *unit = units; unit->name != NULL; unit++) {
        if (strcmp(unit->name, text + digits) == 0) {
            return !__builtin_mul_overflow(*value, unit->factor, value);
        }
    }
    return false;
}

static enum status set_quantity(struct loader *loader, const struct config_row *row, void *target,
                                const char *text, const yaml_mark_t *mark)
{
    const struct unit *units = plain_units;
    const char *form = "must be a whole number, not";
    int64_t value = 0;

    if (row->kind == CONFIG_BYTES) {
        units = byte_units;
        form = "must be a size such as 64KiB, 1MiB or 2GiB, not";
    } else if (row->kind == CONFIG_DURATION) {
        units = duration_units;
        form = "must be a duration such as 250ms, 5s, 10m, 1h or 7d, not";
    }
    if (!read_quantity(text, units, &value)) return complain(loader, mark, form, text);
    if (value < row->min || value > row->max) {
        char bounds[96];

        (void)snprintf(bounds, sizeof(bounds), "must be between %lld and %lld%s, not",
                       (long long)row->min, (long long)row->max,
                       row->kind == CONFIG_DURATION ? " ms" : "");
        return complain(loader, mark, bounds, text);
    }
    memcpy(target, &value, sizeof(value));
    return STATUS_OK;
}

static enum status set_text(struct loader *loader, const struct config_row *row, void *target,
                            const char *text)
{
    char *copy;
    bool relative =
        row->kind == CONFIG_PATH && text[0] != '\0' && text[0] != '/' && loader->folder != NULL;

    if (relative) {
        size_t len = strlen(loader->folder) + strlen(text) + 1;

        copy = arena_alloc(&loader->config->arena, len + 1, 1);
        if (copy == NULL) return STATUS_LIMIT;
        (void)snprintf(copy, len + 1, "%s/%s", loader->folder, text);
    } else {
        copy = keep_text(loader->config, text, strlen(text));
        if (copy == NULL) return STATUS_LIMIT;
    }
    memcpy(target, &copy, sizeof(copy));
    return STATUS_OK;
}

static enum status set_scalar(struct loader *loader, const struct config_row *row, void *item,
                              const char *text, const yaml_mark_t *mark)
{
    void *target = (uint8_t *)item + row->offset;

    switch (row->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH: return set_text(loader, row, target, text);
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION: return set_quantity(loader, row, target, text, mark);
    case CONFIG_SWITCH: {
        bool on = strcmp(text, "true") == 0;

        if (!on && strcmp(text, "false") != 0) {
            return complain(loader, mark, "must be true or false, not", text);
        }
        memcpy(target, &on, sizeof(on));
        return STATUS_OK;
    }
    case CONFIG_PAIRS: return complain(loader, mark, "must be a mapping, not", text);
    }
    UNREACHABLE("configuration kind outside the enum");
}

static enum status set_defaults(struct loader *loader, const struct config_section *section,
                                void *item)
{
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        if (row->initial == NULL) continue;
        enum status status = set_scalar(loader, row, item, row->initial, NULL);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* --- mappings -------------------------------------------------------------------------------------- */

static const char *scalar_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

static const struct config_row *row_find(const struct config_section *section, const char *key)
{
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        if (strcmp(row->key, key) == 0) return row;
    }
    return NULL;
}

static enum status set_pairs(struct loader *loader, const struct config_row *row, void *item,
                             const yaml_node_t *mapping)
{
    struct config_pairs pairs = {0};
    size_t count = (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);

    if (count > CONFIG_ITEMS_MAX)
        return complain(loader, &mapping->start_mark, "too many entries", NULL);
    pairs.items = arena_zalloc(&loader->config->arena, count, sizeof(*pairs.items));
    if (pairs.items == NULL) return STATUS_LIMIT;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);

        if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE) {
            return complain(loader, &key->start_mark, "must be a text with a text", NULL);
        }
        pairs.items[pairs.count++] = (struct config_pair){
            keep_text(loader->config, scalar_text(key), key->data.scalar.length),
            keep_text(loader->config, scalar_text(value), value->data.scalar.length),
        };
    }
    memcpy((uint8_t *)item + row->offset, &pairs, sizeof(pairs));
    return STATUS_OK;
}

static enum status read_mapping(struct loader *loader, const struct config_section *section,
                                void *item, const yaml_node_t *mapping, const char *prefix);

static enum status read_member(struct loader *loader, const struct config_section *section,
                               void *item, const yaml_node_t *key, const yaml_node_t *value,
                               const char *prefix)
{
    char name[CONFIG_KEY_MAX];

    if (key->type != YAML_SCALAR_NODE)
        return complain(loader, &key->start_mark, "a key must be a text", NULL);
    int len = snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] != '\0' ? "." : "",
                       scalar_text(key));
    if (len < 0 || (size_t)len >= sizeof(name)) {
        return complain(loader, &key->start_mark, "too long a key", NULL);
    }
    const struct config_row *row = row_find(section, name);
    if (row != NULL && row->kind == CONFIG_PAIRS && value->type == YAML_MAPPING_NODE) {
        return set_pairs(loader, row, item, value);
    }
    if (row != NULL && value->type == YAML_SCALAR_NODE) {
        return set_scalar(loader, row, item, scalar_text(value), &value->start_mark);
    }
    if (row != NULL) return complain(loader, &value->start_mark, "must be one value:", name);
    if (value->type == YAML_MAPPING_NODE && strlen(name) + 1 < sizeof(name)) {
        size_t known = strlen(name);

        for (row = section->rows; row->key != NULL; row++) {
            if (strncmp(row->key, name, known) == 0 && row->key[known] == '.') {
                return read_mapping(loader, section, item, value, name);
            }
        }
    }
    return complain(loader, &key->start_mark,
                    "unknown key (`headrace config` lists all keys):", name);
}

static enum status read_mapping(struct loader *loader, const struct config_section *section,
                                void *item, const yaml_node_t *mapping, const char *prefix)
{
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        enum status status =
            read_member(loader, section, item, yaml_document_get_node(&loader->document, pair->key),
                        yaml_document_get_node(&loader->document, pair->value), prefix);

        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static bool is_empty(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0;
}

/* Items by name: each starts with the defaults, its first member is the name. */
static enum status read_items(struct loader *loader, const struct config_section *section,
                              const yaml_node_t *mapping)
{
    size_t count = (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
    uint8_t *items = arena_zalloc(&loader->config->arena, count, section->size);
    uint8_t *target = (uint8_t *)loader->config + section->offset;
    uint32_t index = 0;

    if (count > CONFIG_ITEMS_MAX)
        return complain(loader, &mapping->start_mark, "too many entries", NULL);
    if (items == NULL) return STATUS_LIMIT;
    memcpy(target, &items, sizeof(items));
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
        uint8_t *item = items + index * section->size;

        if (key->type != YAML_SCALAR_NODE ||
            (value->type != YAML_MAPPING_NODE && !is_empty(value))) {
            return complain(loader, &key->start_mark, "must be a name with a mapping", NULL);
        }
        const char *name = keep_text(loader->config, scalar_text(key), key->data.scalar.length);
        if (name == NULL) return STATUS_LIMIT;
        enum status status = set_defaults(loader, section, item);
        memcpy(item, &name, sizeof(name));
        if (status == STATUS_OK && !is_empty(value))
            status = read_mapping(loader, section, item, value, "");
        if (status != STATUS_OK) return status;
        index++;
    }
    memcpy(target + sizeof(items), &index, sizeof(index));
    return STATUS_OK;
}

static const struct config_section *section_find(const char *name)
{
    for (const struct config_section *section = config_sections + 1; section->name != NULL;
         section++) {
        if (strcmp(section->name, name) == 0) return section;
    }
    return NULL;
}

static enum status read_top(struct loader *loader, const yaml_node_t *root)
{
    if (root->type != YAML_MAPPING_NODE)
        return complain(loader, &root->start_mark, "must be a mapping", NULL);
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&loader->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&loader->document, pair->value);
        const struct config_section *section =
            key->type == YAML_SCALAR_NODE ? section_find(scalar_text(key)) : NULL;
        enum status status;

        if (section == NULL) {
            status = read_member(loader, &config_sections[0], loader->config, key, value, "");
        } else if (is_empty(value)) {
            status = STATUS_OK;
        } else if (value->type != YAML_MAPPING_NODE) {
            status = complain(loader, &value->start_mark, "must be a mapping:", section->name);
        } else if (section->by_name) {
            status = read_items(loader, section, value);
        } else {
            status = read_mapping(loader, section, (uint8_t *)loader->config + section->offset,
                                  value, "");
        }
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* --- the file --------------------------------------------------------------------------------------- */

static enum status read_document(struct loader *loader, struct slice text)
{
    yaml_parser_t parser;
    enum status status = STATUS_OK;

    if (!yaml_parser_initialize(&parser)) return STATUS_LIMIT;
    /* libyaml takes no NULL, not even for nothing */
    yaml_parser_set_input_string(&parser, text.len == 0 ? (const uint8_t *)"" : text.data,
                                 text.len);
    if (!yaml_parser_load(&parser, &loader->document)) {
        status = complain(loader, &parser.problem_mark, "not YAML:", parser.problem);
    } else {
        const yaml_node_t *root = yaml_document_get_root_node(&loader->document);

        if (root != NULL) status = read_top(loader, root);
        yaml_document_delete(&loader->document);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum status check_prove(struct loader *loader)
{
#ifndef HEADRACE_KILLPOINTS
    const struct config_prove *prove = &loader->config->prove;

    if (prove->ack_before_sync || prove->output_before_commit || prove->no_event_id_check) {
        return complain(loader, NULL, "this build cannot re-enable known bugs; remove", "prove");
    }
#else
    (void)loader;
#endif
    return STATUS_OK;
}

static enum status begin(struct loader *loader, const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    struct config *config = loader->config;

    *config = (struct config){.path = "(defaults)"};
    arena_init(&config->arena, CONFIG_ARENA_BYTES);
    for (const struct config_section *section = config_sections; section->name != NULL; section++) {
        if (section->by_name) continue;
        enum status status = set_defaults(loader, section, (uint8_t *)config + section->offset);
        ASSERT(status == STATUS_OK); /* our own rows */
    }
    if (path == NULL) return STATUS_OK;
    config->path = keep_text(config, path, strlen(path));
    loader->folder = slash == NULL ? "." : keep_text(config, path, (size_t)(slash - path));
    return config->path == NULL || loader->folder == NULL ? STATUS_LIMIT : STATUS_OK;
}

enum status config_read(struct slice text, const char *path, struct config *config,
                        struct buffer *message)
{
    struct loader loader = {.config = config, .message = message};
    enum status status = begin(&loader, path);

    if (status == STATUS_OK) status = read_document(&loader, text);
    if (status == STATUS_OK) status = check_prove(&loader);
    if (status != STATUS_OK) config_deinit(config);
    return status;
}

enum status config_load(const char *path, struct config *config, struct buffer *message)
{
    struct buffer text;

    if (path == NULL) return config_read((struct slice){0}, NULL, config, message);
    buffer_init(&text, CONFIG_BYTES_MAX);
    enum status status = file_read(path, &text);
    if (status == STATUS_OK) {
        status = config_read(buffer_slice(&text), path, config, message);
    } else {
        buffer_append_text(message, path);
        buffer_append_text(message, ": cannot be read: ");
        buffer_append_text(message, status_meaning(status));
    }
    buffer_deinit(&text);
    return status;
}

void config_deinit(struct config *config)
{
    arena_deinit(&config->arena);
}

/* --- looking up --------------------------------------------------------------------------------------- */

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

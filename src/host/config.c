/* config.c - reads YAML by the rows of config_rows.c.
 *
 * libyaml gives nodes with marks; a section's nested mappings are flattened to dotted keys, so that
 * one row describes one scalar wherever it stands.
 */
#include "host/config.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/config_reading.h"
#include "sys/file.h"

enum { CONFIG_ARENA_BYTES = 4 << 20, CONFIG_KEY_MAX = 128 };

enum status config_complain(struct config_reading *reading, const yaml_mark_t *mark,
                            const char *what, const char *which)
{
    char place[64];

    buffer_append_text(reading->message, reading->config->path);
    if (mark != NULL) {
        (void)snprintf(place, sizeof(place), ":%zu:%zu", mark->line + 1, mark->column + 1);
        buffer_append_text(reading->message, place);
    }
    buffer_append_text(reading->message, ": ");
    buffer_append_text(reading->message, what);
    if (which != NULL) {
        buffer_append_text(reading->message, " \"");
        buffer_append_text(reading->message, which);
        buffer_append_text(reading->message, "\"");
    }
    return STATUS_INVALID;
}

char *config_keep(struct config *config, const char *text, size_t len)
{
    char *copy = arena_alloc(&config->arena, len + 1, 1);

    if (copy == NULL) return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static enum status set_defaults(struct config_reading *reading,
                                const struct config_section *section, void *item)
{
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        if (row->initial == NULL) continue;
        enum status status = config_set(reading, row, item, row->initial, NULL);
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

static bool is_mapping_kind(enum config_kind kind)
{
    return kind == CONFIG_TRACKER_PATHS || kind == CONFIG_SECRET_HEADERS;
}

/* YAML would take the last of two equal keys; whoever wrote both meant something else. */
static enum status judge_repeat(struct config_reading *reading, const yaml_node_t *mapping,
                                const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);

    for (const yaml_node_pair_t *other = mapping->data.mapping.pairs.start; other < pair; other++) {
        const yaml_node_t *earlier = yaml_document_get_node(&reading->document, other->key);

        if (strcmp(scalar_text(earlier), scalar_text(key)) == 0)
            return config_complain(reading, &key->start_mark, "is there twice:", scalar_text(key));
    }
    return STATUS_OK;
}

static enum status set_pairs(struct config_reading *reading, const struct config_row *row,
                             void *item, const yaml_node_t *mapping)
{
    struct config_pairs pairs = {0};
    size_t count = (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);

    if (count > CONFIG_ITEMS_MAX)
        return config_complain(reading, &mapping->start_mark, "too many entries", NULL);
    pairs.items = arena_zalloc(&reading->config->arena, count, sizeof(*pairs.items));
    if (pairs.items == NULL) return STATUS_LIMIT;
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reading->document, pair->value);

        struct config_pair *kept = &pairs.items[pairs.count++];

        if (key->type != YAML_SCALAR_NODE || value->type != YAML_SCALAR_NODE) {
            return config_complain(reading, &key->start_mark, "must be a text with a text", NULL);
        }
        *kept = (struct config_pair){
            config_keep(reading->config, scalar_text(key), key->data.scalar.length),
            config_keep(reading->config, scalar_text(value), value->data.scalar.length),
        };
        if (kept->name == NULL || kept->value == NULL) return STATUS_LIMIT;
        enum status status =
            config_judge_pair(reading, row->kind, kept, &key->start_mark, &value->start_mark);
        if (status == STATUS_OK) status = judge_repeat(reading, mapping, pair);
        if (status != STATUS_OK) return status;
    }
    memcpy((uint8_t *)item + row->offset, &pairs, sizeof(pairs));
    return STATUS_OK;
}

static enum status read_mapping(struct config_reading *reading,
                                const struct config_section *section, void *item,
                                const yaml_node_t *mapping, const char *prefix);

static enum status read_member(struct config_reading *reading, const struct config_section *section,
                               void *item, const yaml_node_t *key, const yaml_node_t *value,
                               const char *prefix)
{
    char name[CONFIG_KEY_MAX];

    if (key->type != YAML_SCALAR_NODE)
        return config_complain(reading, &key->start_mark, "a key must be a text", NULL);
    int len = snprintf(name, sizeof(name), "%s%s%s", prefix, prefix[0] != '\0' ? "." : "",
                       scalar_text(key));
    if (len < 0 || (size_t)len >= sizeof(name)) {
        return config_complain(reading, &key->start_mark, "too long a key", NULL);
    }
    const struct config_row *row = row_find(section, name);
    if (row != NULL && is_mapping_kind(row->kind) && value->type == YAML_MAPPING_NODE) {
        return set_pairs(reading, row, item, value);
    }
    if (row != NULL && value->type == YAML_SCALAR_NODE) {
        return config_set(reading, row, item, scalar_text(value), &value->start_mark);
    }
    if (row != NULL)
        return config_complain(reading, &value->start_mark, "must be one value:", name);
    if (value->type == YAML_MAPPING_NODE && strlen(name) + 1 < sizeof(name)) {
        size_t known = strlen(name);

        for (row = section->rows; row->key != NULL; row++) {
            if (strncmp(row->key, name, known) == 0 && row->key[known] == '.') {
                return read_mapping(reading, section, item, value, name);
            }
        }
    }
    return config_complain(reading, &key->start_mark,
                           "unknown key (`headrace config` lists all keys):", name);
}

static enum status read_mapping(struct config_reading *reading,
                                const struct config_section *section, void *item,
                                const yaml_node_t *mapping, const char *prefix)
{
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        enum status status = read_member(
            reading, section, item, yaml_document_get_node(&reading->document, pair->key),
            yaml_document_get_node(&reading->document, pair->value), prefix);

        if (status == STATUS_OK) status = judge_repeat(reading, mapping, pair);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

static bool is_empty(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0;
}

/* An item as a whole: what must be given is there, and it makes sense together. */
static enum status judge_item(struct config_reading *reading, const struct config_section *section,
                              const void *item, const char *name, const yaml_mark_t *mark)
{
    char what[CONFIG_KEY_MAX];

    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        const char *text;

        if (row->initial != NULL || is_mapping_kind(row->kind)) continue;
        memcpy(&text, (const uint8_t *)item + row->offset, sizeof(text));
        if (text != NULL && text[0] != '\0') continue;
        (void)snprintf(what, sizeof(what), "`%s` must be given for", row->key);
        return config_complain(reading, mark, what, name);
    }
    const char *problem = section->problem == NULL ? NULL : section->problem(item);
    return problem == NULL ? STATUS_OK : config_complain(reading, mark, problem, name);
}

static enum status read_item(struct config_reading *reading, const struct config_section *section,
                             const yaml_node_t *key, const yaml_node_t *value, void *item)
{
    if (key->type != YAML_SCALAR_NODE || (value->type != YAML_MAPPING_NODE && !is_empty(value)))
        return config_complain(reading, &key->start_mark, "must be a name with a mapping", NULL);
    const char *name = config_keep(reading->config, scalar_text(key), key->data.scalar.length);
    if (name == NULL) return STATUS_LIMIT;
    enum status status = config_judge_name(reading, section->names, name, &key->start_mark);
    if (status == STATUS_OK) status = set_defaults(reading, section, item);
    memcpy(item, &name, sizeof(name));
    if (status == STATUS_OK && !is_empty(value))
        status = read_mapping(reading, section, item, value, "");
    if (status == STATUS_OK) status = judge_item(reading, section, item, name, &key->start_mark);
    return status;
}

/* Items by name: each starts with the defaults, its first member is the name. */
static enum status read_items(struct config_reading *reading, const struct config_section *section,
                              const yaml_node_t *mapping)
{
    size_t count = (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
    uint8_t *items = arena_zalloc(&reading->config->arena, count, section->size);
    uint8_t *target = (uint8_t *)reading->config + section->offset;
    uint32_t index = 0;

    if (count > CONFIG_ITEMS_MAX)
        return config_complain(reading, &mapping->start_mark, "too many entries", NULL);
    if (items == NULL) return STATUS_LIMIT;
    memcpy(target, &items, sizeof(items));
    for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
         pair < mapping->data.mapping.pairs.top; pair++) {
        enum status status = read_item(
            reading, section, yaml_document_get_node(&reading->document, pair->key),
            yaml_document_get_node(&reading->document, pair->value), items + index * section->size);

        if (status == STATUS_OK) status = judge_repeat(reading, mapping, pair);
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

static enum status read_top(struct config_reading *reading, const yaml_node_t *root)
{
    if (root->type != YAML_MAPPING_NODE)
        return config_complain(reading, &root->start_mark, "must be a mapping", NULL);
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
        const yaml_node_t *value = yaml_document_get_node(&reading->document, pair->value);
        const struct config_section *section =
            key->type == YAML_SCALAR_NODE ? section_find(scalar_text(key)) : NULL;
        enum status status;

        if (section == NULL) {
            status = read_member(reading, &config_sections[0], reading->config, key, value, "");
        } else if (is_empty(value)) {
            status = STATUS_OK;
        } else if (value->type != YAML_MAPPING_NODE) {
            status =
                config_complain(reading, &value->start_mark, "must be a mapping:", section->name);
        } else if (section->by_name) {
            status = read_items(reading, section, value);
        } else {
            status = read_mapping(reading, section, (uint8_t *)reading->config + section->offset,
                                  value, "");
        }
        if (status == STATUS_OK) status = judge_repeat(reading, root, pair);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

/* --- the file --------------------------------------------------------------------------------------- */

/* Every secret that is named must be declared. */
static enum status judge_secrets(struct config_reading *reading)
{
    const struct config *config = reading->config;

    for (uint32_t i = 0; i < reading->asked_count; i++) {
        const struct config_asked *asked = &reading->asked[i];
        bool known = false;

        for (uint32_t k = 0; k < config->secret_count; k++)
            known = known || strcmp(config->secrets[k].name, asked->name) == 0;
        if (!known) {
            return config_complain(reading, &asked->mark, "`secrets` has none of the name",
                                   asked->name);
        }
    }
    return STATUS_OK;
}

static void parser_open(yaml_parser_t *parser, struct slice text)
{
    /* libyaml takes no NULL, not even for nothing */
    yaml_parser_set_input_string(parser, text.len == 0 ? (const uint8_t *)"" : text.data, text.len);
}

/* How deep the nesting is after an event. */
static int depth_after(yaml_event_type_t type, int depth)
{
    if (type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT) return depth + 1;
    if (type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT) return depth - 1;
    return depth;
}

/* What reading the tree would not tell: a second document, which would be passed over, and nesting, with
 * whose square libyaml's time grows: it is refused on the way. */
static enum status judge_form(struct config_reading *reading, struct slice text)
{
    yaml_parser_t parser;
    enum status status = STATUS_OK;
    bool more = true;
    int depth = 0;
    int documents = 0;

    if (!yaml_parser_initialize(&parser)) return STATUS_LIMIT;
    parser_open(&parser, text);
    while (more && status == STATUS_OK) {
        yaml_event_t event;

        if (!yaml_parser_parse(&parser, &event)) {
            status = config_complain(reading, &parser.problem_mark, "not YAML:", parser.problem);
            break;
        }
        depth = depth_after(event.type, depth);
        if (depth > CONFIG_DEPTH_MAX)
            status = config_complain(reading, &event.start_mark, "too deeply nested", NULL);
        documents += event.type == YAML_DOCUMENT_START_EVENT;
        if (documents > 1) {
            status = config_complain(reading, &event.start_mark,
                                     "a second document; a configuration is one", NULL);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum status read_document(struct config_reading *reading, struct slice text)
{
    yaml_parser_t parser;
    enum status status = judge_form(reading, text);

    if (status != STATUS_OK) return status;
    if (!yaml_parser_initialize(&parser)) return STATUS_LIMIT;
    parser_open(&parser, text);
    if (!yaml_parser_load(&parser, &reading->document)) {
        status = config_complain(reading, &parser.problem_mark, "not YAML:", parser.problem);
    } else {
        const yaml_node_t *root = yaml_document_get_root_node(&reading->document);

        if (root != NULL) status = read_top(reading, root);
        yaml_document_delete(&reading->document);
    }
    yaml_parser_delete(&parser);
    return status;
}

static enum status check_prove(struct config_reading *reading)
{
#ifndef HEADRACE_KILLPOINTS
    const struct config_prove *prove = &reading->config->prove;

    if (prove->ack_before_sync || prove->output_before_commit || prove->no_event_id_check) {
        return config_complain(reading, NULL, "this build cannot re-enable known bugs; remove",
                               "prove");
    }
#else
    (void)reading;
#endif
    return STATUS_OK;
}

static enum status begin(struct config_reading *reading, const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    struct config *config = reading->config;

    *config = (struct config){.path = "(defaults)"};
    arena_init(&config->arena, CONFIG_ARENA_BYTES);
    for (const struct config_section *section = config_sections; section->name != NULL; section++) {
        if (section->by_name) continue;
        enum status status = set_defaults(reading, section, (uint8_t *)config + section->offset);
        ASSERT(status == STATUS_OK); /* our own rows */
    }
    if (path == NULL) return STATUS_OK;
    config->path = config_keep(config, path, strlen(path));
    reading->folder = slash == NULL ? "." : config_keep(config, path, (size_t)(slash - path));
    return config->path == NULL || reading->folder == NULL ? STATUS_LIMIT : STATUS_OK;
}

enum status config_read(struct slice text, const char *path, struct config *config,
                        struct buffer *message)
{
    struct config_reading reading = {.config = config, .message = message};
    enum status status = begin(&reading, path);

    if (status == STATUS_OK) status = read_document(&reading, text);
    if (status == STATUS_OK) status = judge_secrets(&reading);
    if (status == STATUS_OK) status = check_prove(&reading);
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
        buffer_append_text(message, file_trouble(path, status));
    }
    buffer_deinit(&text);
    return status;
}

void config_deinit(struct config *config)
{
    arena_deinit(&config->arena);
}

/* config_tree.c - the sections of a YAML tree into the configuration, by the rows of config_rows.c.
 *
 * A section's nested mappings are flattened to dotted keys, so that one row describes one scalar
 * wherever it stands.
 */
#include <stdio.h>

#include "host/config_reading.h"

enum { CONFIG_KEY_MAX = 128 };

enum status config_set_defaults(struct config_reading *reading,
                                const struct config_section *section, void *item)
{
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        if (row->initial == NULL) continue;
        enum status status = config_set(reading, row, item, row->initial, NULL);
        if (status != STATUS_OK) return status;
    }
    return STATUS_OK;
}

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
    if (status == STATUS_OK) status = config_set_defaults(reading, section, item);
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

enum status config_read_tree(struct config_reading *reading, const yaml_node_t *root)
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

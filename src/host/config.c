/* config.c - a configuration out of a file: YAML by libyaml, whose nodes have marks; defaults before, what only the
 * whole tells after. config_tree.c reads the tree.
 */
#include "host/config.h"

#include <stdio.h>

#include "host/config_reading.h"
#include "sys/file.h"

enum { CONFIG_ARENA_BYTES = 4 << 20 };

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

        if (root != NULL) status = config_read_tree(reading, root);
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
        enum status status =
            config_set_defaults(reading, section, (uint8_t *)config + section->offset);
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

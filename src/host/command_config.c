/* command_config.c - `headrace config`: every key with its default, or a check of a file. */
#include <stdio.h>

#include "host/command.h"
#include "host/installation.h"

enum { MESSAGE_BYTES_MAX = 256 << 10 };

static const char *initial_shown(const struct config_row *row)
{
    if (row->kind == CONFIG_TRACKER_PATHS || row->kind == CONFIG_SECRET_HEADERS) return "{}";
    if (row->initial == NULL) return "(must be given)";
    return row->initial[0] == '\0' ? "\"\"" : row->initial;
}

static void print_section(const struct config_section *section)
{
    (void)printf("\n# %s\n", section->meaning);
    if (section->name[0] != '\0')
        (void)printf("%s:%s\n", section->name, section->by_name ? "\n  NAME:" : "");
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        const char *indent = section->name[0] == '\0' ? "" : section->by_name ? "    " : "  ";

        (void)printf("%s%s: %-*s # %s\n", indent, row->key, (int)(30 - strlen(row->key)),
                     initial_shown(row), row->meaning);
    }
}

/* Opens what it names, as `serve` will. */
static enum exit_code check(const char *path, struct buffer *message)
{
    struct installation installation;
    const struct installation_model *model;
    uint32_t from = 0;

    if (installation_open_any(path, &installation, message) != STATUS_OK) return EXIT_INPUT;
    while ((model = installation_missing(&installation, &from)) != NULL) {
        if (message->len > 0) buffer_append_byte(message, '\n');
        buffer_append_text(message, path);
        buffer_append_text(message, ": models: ");
        buffer_append_text(message, model->config->name);
        buffer_append_text(message, ": ");
        buffer_append(message, model->trouble);
    }
    if (message->len == 0) (void)printf("%s: no problems\n", path);
    installation_close(&installation);
    return message->len == 0 ? EXIT_OK : EXIT_INPUT;
}

static enum exit_code config_run(const struct command_arguments *arguments)
{
    struct buffer message;

    if (arguments->values[0] == NULL) {
        (void)puts("# every key, its default and its meaning; dots stand for nested mappings");
        for (const struct config_section *section = config_sections; section->name != NULL;
             section++) {
            print_section(section);
        }
        return EXIT_OK;
    }
    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum exit_code code = check(arguments->values[0], &message);
    if (message.len > 0)
        (void)fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
    buffer_deinit(&message);
    return code;
}

static const struct command_option config_options[] = {
    {"--check", "FILE", NULL, false,
     "check this configuration instead of listing the keys, and open what it names: models, "
     "schemas, "
     "dictionaries"},
    {0},
};

const struct command command_config = {
    "config",
    "list every configuration key with its default, or check a file",
    config_options,
    config_run,
};

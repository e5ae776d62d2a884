/* command_config.c - `headrace config`: every key with its default, or a check of a file. */
#include <stdio.h>

#include "host/command.h"
#include "host/config.h"

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

static enum exit_code config_run(const struct command_arguments *arguments)
{
    struct config config;
    struct buffer message;

    if (arguments->values[0] == NULL) {
        (void)puts("# every key, its default and its meaning; dots stand for nested mappings");
        for (const struct config_section *section = config_sections; section->name != NULL;
             section++) {
            print_section(section);
        }
        return EXIT_OK;
    }
    buffer_init(&message, 4096);
    enum status status = config_load(arguments->values[0], &config, &message);
    if (status == STATUS_OK) {
        (void)printf("%s: no problems\n", arguments->values[0]);
        config_deinit(&config);
    } else {
        (void)fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
    }
    buffer_deinit(&message);
    return status == STATUS_OK ? EXIT_OK : EXIT_INPUT;
}

static const struct command_option config_options[] = {
    {"--check", "FILE", NULL, false, "check this configuration instead of listing the keys"},
    {0},
};

const struct command command_config = {
    "config",
    "list every configuration key with its default, or check a file",
    config_options,
    config_run,
};

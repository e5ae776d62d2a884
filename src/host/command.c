/* command.c - reads argv by the commands' own rows and prints help from them. */
#include "host/command.h"

#include <stdio.h>

static const struct command *const commands[] = {
#define COMMAND(symbol) &command_##symbol,
#include "host/commands.def"
#undef COMMAND
};

static uint32_t option_count(const struct command *command)
{
    uint32_t count = 0;

    while (command->options[count].name != NULL)
        count++;
    ASSERT(count <= COMMAND_OPTIONS_MAX);
    return count;
}

static bool is_positional(const struct command_option *option)
{
    return option->name[0] != '-';
}

static void print_overview(FILE *out)
{
    (void)fputs("headrace: clicks of a shop in, recommendations out\n\nusage: headrace COMMAND "
                "[OPTIONS]\n\ncommands:\n",
                out);
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        (void)fprintf(out, "  %-18s %s\n", commands[i]->name, commands[i]->meaning);
    }
    (void)fputs("\n`headrace COMMAND --help` tells a command's options.\n"
                "exit codes: 0 done, 1 the input has errors, 2 wrong usage, 3 a file or the "
                "configuration cannot be used, 4 it had to stop while running\n",
                out);
}

static void print_usage(FILE *out, const struct command *command)
{
    (void)fprintf(out, "usage: headrace %s", command->name);
    for (const struct command_option *option = command->options; option->name != NULL; option++) {
        const char *open = option->required ? "" : "[";
        const char *close = option->required ? "" : "]";

        (void)fprintf(out, " %s%s%s%s%s", open, option->name, option->argument != NULL ? " " : "",
                      option->argument != NULL ? option->argument : "", close);
    }
    (void)fputc('\n', out);
}

static void print_help(const struct command *command)
{
    print_usage(stdout, command);
    (void)printf("\n%s\n", command->meaning);
    if (command->options[0].name != NULL) (void)puts("");
    for (const struct command_option *option = command->options; option->name != NULL; option++) {
        char title[64];

        (void)snprintf(title, sizeof(title), "%s%s%s", option->name,
                       option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
        (void)printf("  %-22s %s", title, option->meaning);
        if (option->initial != NULL) (void)printf(" (default: %s)", option->initial);
        (void)puts("");
    }
}

/* Whether the words of the name stand at argv[1..]; returns how many, 0 if not. */
static int words_matched(const char *name, int argc, char **argv)
{
    int word = 1;

    while (*name != '\0') {
        size_t len = strcspn(name, " ");

        if (word >= argc || strlen(argv[word]) != len || strncmp(argv[word], name, len) != 0) {
            return 0;
        }
        name += len;
        if (*name == ' ') name++;
        word++;
    }
    return word - 1;
}

static const struct command *command_find(int argc, char **argv, int *words)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        *words = words_matched(commands[i]->name, argc, argv);
        if (*words > 0) return commands[i];
    }
    return NULL;
}

static uint32_t option_find(const struct command *command, const char *text, size_t len)
{
    uint32_t count = option_count(command);

    for (uint32_t i = 0; i < count; i++) {
        const char *name = command->options[i].name;

        if (!is_positional(&command->options[i]) && strlen(name) == len &&
            strncmp(name, text, len) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static enum exit_code usage_error(const struct command *command, const char *what,
                                  const char *which)
{
    (void)fprintf(stderr, "headrace %s: %s %s\n", command->name, what, which);
    print_usage(stderr, command);
    (void)fprintf(stderr, "`headrace %s --help` tells more.\n", command->name);
    return EXIT_USAGE;
}

static bool positional_place(const struct command *command, struct command_arguments *arguments,
                             const char *text)
{
    uint32_t count = option_count(command);

    for (uint32_t i = 0; i < count; i++) {
        if (!is_positional(&command->options[i]) || arguments->values[i] != NULL) continue;
        arguments->values[i] = text;
        return true;
    }
    return false;
}

/* One option at argv[*at]: `--name VALUE`, `--name=VALUE` or a flag. */
static enum exit_code option_read(const struct command *command, int argc, char **argv, int *at,
                                  struct command_arguments *arguments)
{
    const char *text = argv[*at];
    size_t len = strcspn(text, "=");
    uint32_t index = option_find(command, text, len);

    if (index == UINT32_MAX) return usage_error(command, "there is no option", text);
    if (arguments->values[index] != NULL) return usage_error(command, "given twice:", text);
    if (command->options[index].argument == NULL) {
        if (text[len] != '\0') return usage_error(command, "takes no value:", text);
        arguments->values[index] = "yes";
    } else if (text[len] == '=') {
        arguments->values[index] = text + len + 1;
    } else if (*at + 1 < argc) {
        arguments->values[index] = argv[++*at];
    } else {
        return usage_error(command, "a value is missing after", text);
    }
    return EXIT_OK;
}

static enum exit_code command_execute(const struct command *command, int argc, char **argv,
                                      int first)
{
    struct command_arguments arguments = {{NULL}};
    uint32_t count = option_count(command);

    ASSERT(count == 0 || command->options != NULL);
    for (int at = first; at < argc; at++) {
        bool is_option = argv[at][0] == '-' && argv[at][1] != '\0';

        if (is_option) {
            enum exit_code code = option_read(command, argc, argv, &at, &arguments);
            if (code != EXIT_OK) return code;
        } else if (!positional_place(command, &arguments, argv[at])) {
            return usage_error(command, "one argument too many:", argv[at]);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct command_option *option = &command->options[i];

        if (arguments.values[i] == NULL) arguments.values[i] = option->initial;
        if (arguments.values[i] == NULL && option->required) {
            return usage_error(command, "missing:", option->name);
        }
    }
    return command->run(&arguments);
}

static bool asks_for_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0 || strcmp(text, "help") == 0;
}

/* Lists the commands that begin with argv[1], when it is only the first word of several. */
static bool print_group(FILE *out, const char *word)
{
    bool any = false;
    size_t len = strlen(word);

    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        const struct command *command = commands[i];

        ASSERT(command != NULL);
        if (strncmp(command->name, word, len) != 0 || command->name[len] != ' ') continue;
        if (!any) (void)fprintf(out, "headrace %s has these commands:\n", word);
        (void)fprintf(out, "  %-18s %s\n", command->name, command->meaning);
        any = true;
    }
    return any;
}

/* No command stands at argv[1..]: lists those that begin with that word, or says that none does. */
static enum exit_code no_command(int argc, char **argv)
{
    bool helps = argc > 2 && asks_for_help(argv[2]);

    if (argc > 2 && !helps) {
        (void)fprintf(stderr, "headrace: there is no command \"%s %s\"\n", argv[1], argv[2]);
    }
    if (print_group(helps ? stdout : stderr, argv[1])) return helps ? EXIT_OK : EXIT_USAGE;
    if (argc <= 2 || helps) {
        (void)fprintf(stderr, "headrace: there is no command \"%s\"\n", argv[1]);
    }
    (void)fputs("`headrace --help` lists the commands.\n", stderr);
    return EXIT_USAGE;
}

static enum exit_code words_run(int argc, char **argv)
{
    int words = 0;

    if (argc > 2 && strcmp(argv[1], "help") == 0) { /* help serve: as serve --help */
        if (command_find(argc - 1, argv + 1, &words) == NULL) return no_command(argc - 1, argv + 1);
        print_help(command_find(argc - 1, argv + 1, &words));
        return EXIT_OK;
    }
    if (argc < 2 || asks_for_help(argv[1])) {
        print_overview(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_USAGE : EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) return command_execute(&command_version, argc, argv, 2);
    const struct command *command = command_find(argc, argv, &words);
    if (command == NULL) return no_command(argc, argv);
    for (int at = words + 1; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            print_help(command);
            return EXIT_OK;
        }
    }
    return command_execute(command, argc, argv, words + 1);
}

/* Whatever a command printed is out, or it did not do what it was asked for. */
static enum exit_code output_finish(enum exit_code code)
{
    bool failed = ferror(stdout) != 0;

    if (fflush(stdout) != 0) failed = true;
    if (!failed) return code;
    (void)fputs("headrace: standard output cannot be written; is there room where it goes?\n",
                stderr);
    return code == EXIT_OK ? EXIT_RUNTIME : code;
}

enum exit_code command_main(int argc, char **argv)
{
    return output_finish(words_run(argc, argv));
}

/* command_check.c - `headrace check SCENARIO`: what is wrong with a scenario, as JSON lines. */
#include "host/command_check.h"

#include "host/installation.h"
#include "sys/file.h"

enum { CHECK_ARENA_BYTES = 256 << 20, CHECK_LINE_BYTES = 1 << 20 };

static void append_text_member(struct buffer *line, const char *name, struct slice text)
{
    buffer_append_text(line, name);
    json_write_string(text, line);
}

static void append_number_member(struct buffer *line, const char *name, uint32_t number)
{
    buffer_append_text(line, name);
    buffer_append_u64(line, number);
}

static void print_problem(const struct scenario_problem *problem, struct buffer *line, FILE *out)
{
    buffer_clear(line);
    append_text_member(line, "{\"node\":", problem->node);
    append_text_member(line, ",\"field\":", problem->field);
    append_text_member(line, ",\"message\":", problem->message);
    append_number_member(line, ",\"position\":{\"start\":", problem->start);
    append_number_member(line, ",\"end\":", problem->end);
    append_number_member(line, ",\"line\":", problem->line);
    append_number_member(line, ",\"column\":", problem->column);
    buffer_append_text(line, "},\"severity\":\"");
    buffer_append_text(line, problem->severity == PROBLEM_ERROR ? "error" : "warning");
    buffer_append_text(line, "\"}\n");
    if (!line->failed) (void)fwrite(line->data, 1, line->len, out);
}

static void print_problems(const struct scenario_problems *problems, FILE *out)
{
    struct buffer line;

    buffer_init(&line, CHECK_LINE_BYTES);
    for (uint32_t i = 0; i < problems->count; i++)
        print_problem(&problems->items[i], &line, out);
    buffer_deinit(&line);
}

static enum exit_code check_text(struct slice text, const struct scenario_environment *environment,
                                 struct arena *arena, FILE *out)
{
    struct scenario_problems *problems = arena_zalloc(arena, 1, sizeof(*problems));
    struct scenario *scenario;
    const struct plan *plan;

    if (problems == NULL) return EXIT_RUNTIME;
    enum status status = scenario_read(text, arena, problems, &scenario);
    if (status == STATUS_OK)
        status = scenario_compile(scenario, environment, arena, problems, &plan);
    print_problems(problems, out);
    return status == STATUS_OK ? EXIT_OK : EXIT_PROBLEMS;
}

enum exit_code check_scenario(const char *path, const struct scenario_environment *environment,
                              FILE *out)
{
    struct buffer text;
    struct arena arena;

    buffer_init(&text, SCENARIO_BYTES_MAX);
    enum status status = file_read(path, &text);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "%s: the scenario file cannot be read: %s\n", path,
                      file_trouble(path, status));
        buffer_deinit(&text);
        return EXIT_INPUT;
    }
    arena_init(&arena, CHECK_ARENA_BYTES);
    enum exit_code code = check_text(buffer_slice(&text), environment, &arena, out);
    arena_deinit(&arena);
    buffer_deinit(&text);
    return code;
}

static enum exit_code check_with_config(const char *path, const char *config_path)
{
    struct installation installation;
    struct buffer message;

    buffer_init(&message, 1 << 16);
    enum status status = installation_open(config_path, &installation, &message);
    if (status != STATUS_OK)
        (void)fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
    buffer_deinit(&message);
    if (status != STATUS_OK) return EXIT_INPUT;
    enum exit_code code = check_scenario(path, &installation.environment, stdout);
    installation_close(&installation);
    return code;
}

static enum exit_code check_run(const struct command_arguments *arguments)
{
    const char *path = arguments->values[0];
    const char *config_path = arguments->values[1];

    return config_path == NULL ? check_scenario(path, NULL, stdout)
                               : check_with_config(path, config_path);
}

static const struct command_option check_options[] = {
    {"SCENARIO", NULL, NULL, true, "the scenario file"},
    {"--config", "FILE", NULL, false,
     "topics and models to check against; without it every topic is taken as schemaless and what "
     "models answer as of unknown type"},
    {0},
};

const struct command command_check = {
    "check",
    "print what is wrong with a scenario as JSON lines; exit 1 if there are errors",
    check_options,
    check_run,
};

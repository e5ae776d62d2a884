/* command_serve.c - `headrace serve`. */
#include <signal.h>
#include <stdio.h>

#include "host/command.h"
#include "host/serve/serve.h"

enum { MESSAGE_BYTES_MAX = 256 << 10 };

static struct server *volatile stopping_server;

static void stop(int signal_number)
{
    (void)signal_number;
    if (stopping_server != NULL) server_stop(stopping_server);
}

static void catch_signals(struct server *server)
{
    struct sigaction action = {.sa_handler = stop};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    stopping_server = server;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

static void print_addresses(const struct serve *serve)
{
    const struct config *config = &serve->installation.config;

    (void)printf("headrace " HEADRACE_VERSION "\n");
    (void)printf("trackers and pages   http://%s (port %u)\n", config->collect.listen,
                 server_port(serve->server, 0));
    (void)printf("page of the operator http://%s (port %u)\n", config->api.listen,
                 server_port(serve->server, 1));
    for (uint32_t i = 0; i < serve->shard_count; i++) {
        (void)printf("scenario             %s\n", shard_name(serve->shards[i]));
    }
    (void)printf("ready\n");
    (void)fflush(stdout);
}

static enum exit_code serve_command(const struct command_arguments *arguments)
{
    static struct serve serve; /* large; one per process */
    struct buffer message;

    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum status status = serve_open(arguments->values[0], arguments->values[1], &serve, &message);
    if (status != STATUS_OK) {
        (void)fprintf(stderr, "%.*s\n", (int)message.len, (const char *)message.data);
        buffer_deinit(&message);
        return EXIT_INPUT;
    }
    buffer_deinit(&message);
    catch_signals(serve.server);
    print_addresses(&serve);
    status = serve_run(&serve);
    stopping_server = NULL;
    serve_close(&serve);
    (void)puts("stopped");
    return status == STATUS_OK ? EXIT_OK : EXIT_RUNTIME;
}

static const struct command_option serve_options[] = {
    {"--config", "FILE", NULL, false, "configuration (`headrace config` lists every key)"},
    {"--data", "DIR", "data", false, "where the log and the state live"},
    {0},
};

const struct command command_serve = {
    "serve",
    "collect events, run the scenarios, serve recommendations",
    serve_options,
    serve_command,
};

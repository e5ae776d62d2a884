/* run_lines.c - lines in. */
#include <stdlib.h>

#include "host/run_parts.h"

static enum exit_code refuse_line(struct run *run, const char *what, struct slice detail)
{
    buffer_clear(&run->message);
    buffer_append_text(&run->message, run->options->input);
    buffer_append_byte(&run->message, ':');
    buffer_append_u64(&run->message, run->line);
    buffer_append_text(&run->message, ": ");
    buffer_append_text(&run->message, what);
    buffer_append(&run->message, detail);
    return run_complain(run, EXIT_INPUT);
}

static bool is_text(const struct document *document, uint32_t at)
{
    enum document_kind kind = document->nodes[at].kind;

    return kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;
}

/* The text of a member: a string decoded, anything else as it stands; data NULL: null or missing. */
static enum status member_text(struct run *run, const struct document *document, uint32_t at,
                               bool decode, struct slice *text)
{
    *text = (struct slice){0};
    if (at == 0 || document->nodes[at].kind == DOCUMENT_NULL) return STATUS_OK;
    bool string = is_text(document, at);

    *text = document_text(document, at);
    if (string && decode) return document_string(document, at, &run->arena, text);
    if (string) *text = (struct slice){text->data - 1, text->len + 2}; /* with its quotes */
    return STATUS_OK;
}

static enum exit_code find_source(struct run *run, const struct document *document,
                                  uint32_t *source)
{
    uint32_t at = document == NULL ? 0 : document_member(document, 0, SLICE("topic"));
    struct slice topic = {0};

    *source = 0;
    if (at == 0 || document->nodes[at].kind == DOCUMENT_NULL) {
        if (run->plan->source_count == 1) return EXIT_OK;
        return refuse_line(run, "a scenario with several sources needs a \"topic\" in every line",
                           (struct slice){0});
    }
    if (member_text(run, document, at, true, &topic) != STATUS_OK)
        return refuse_line(run, "the line is too large", (struct slice){0});
    if (!is_text(document, at)) return refuse_line(run, "\"topic\" is no text but ", topic);
    for (uint32_t i = 0; i < run->plan->source_count; i++) {
        const struct plan_node *node = &run->plan->nodes[run->plan->sources[i]];

        *source = i;
        if (slice_equal(node->topic.name, topic)) return EXIT_OK;
    }
    return refuse_line(run, "no source of the scenario reads the topic ", topic);
}

static enum exit_code read_timestamp(struct run *run, const struct document *document)
{
    uint32_t at = document_member(document, 0, SLICE("timestamp"));

    if (at == 0) return EXIT_OK;
    if (document->nodes[at].kind != DOCUMENT_NUMBER ||
        slice_to_i64(document_text(document, at), &run->time_ms) != STATUS_OK) {
        return refuse_line(run, "\"timestamp\" is no whole number of milliseconds",
                           (struct slice){0});
    }
    return EXIT_OK;
}

static enum exit_code step_record(struct run *run, uint32_t source, const struct record *record)
{
    uint32_t node = run->plan->sources[source];
    struct engine_input input = {
        .kind = INPUT_RECORD,
        .node = node,
        .topic_id = source,
        .record = record,
        .topic_name = run->plan->nodes[node].topic.name,
        .watermark_ms = run->watermark.current_ms,
        .now_ms = record->time_ms,
    };
    enum status status = run_step(run, input);

    (void)watermark_advance(&run->watermark, source, record->time_ms, record->time_ms);
    if (status == STATUS_OK) return EXIT_OK;
    (void)refuse_line(run, "the run had to stop: ", slice_of(status_meaning(status)));
    return EXIT_RUNTIME;
}

static enum exit_code take_line(struct run *run, struct slice line)
{
    struct document document;
    struct json_error error = {0};
    struct record record = {0};
    uint32_t source = 0;
    enum exit_code code = EXIT_OK;

    arena_reset(&run->arena);
    if (run->options->bare) {
        code = find_source(run, NULL, &source);
        record.value = line;
    } else {
        if (json_parse(line, &json_limits_default, &run->arena, &document, &error) != STATUS_OK ||
            document.nodes[0].kind != DOCUMENT_OBJECT) {
            return refuse_line(run, "the line is no JSON object: ",
                               slice_of(error.message == NULL ? "" : error.message));
        }
        code = find_source(run, &document, &source);
        if (code == EXIT_OK) code = read_timestamp(run, &document);
        if (code != EXIT_OK) return code;
        bool plain =
            run->plan->nodes[run->plan->sources[source]].topic.content == PLAN_CONTENT_PLAIN;
        uint32_t key_at = document_member(&document, 0, SLICE("key"));
        uint32_t value_at = document_member(&document, 0, SLICE("value"));

        if (member_text(run, &document, key_at, true, &record.key) != STATUS_OK ||
            member_text(run, &document, value_at, plain, &record.value) != STATUS_OK)
            return refuse_line(run, "the line is too large", (struct slice){0});
    }
    if (code != EXIT_OK) return code;
    record.offset = run->offsets[source]++;
    record.time_ms = run->time_ms;
    return step_record(run, source, &record);
}

enum exit_code run_take_lines(struct run *run, FILE *input)
{
    char *text = NULL;
    size_t capacity = 0;
    ssize_t len;
    enum exit_code code = EXIT_OK;

    while (code == EXIT_OK && (len = getline(&text, &capacity, input)) > 0) {
        size_t bytes = (size_t)len;

        run->line++;
        while (bytes > 0 && (text[bytes - 1] == '\n' || text[bytes - 1] == '\r'))
            bytes--;
        if (bytes == 0) continue;
        if (bytes > RUN_LINE_BYTES_MAX) {
            code = refuse_line(run, "the line is longer than 16 MiB", (struct slice){0});
        } else {
            code = take_line(run, (struct slice){(const uint8_t *)text, bytes});
        }
    }
    free(text);
    return code;
}

/* Nothing more comes: every timer fires. */
enum exit_code run_finish(struct run *run)
{
    struct engine_input input = {.kind = INPUT_WATERMARK,
                                 .watermark_ms = INT64_MAX,
                                 .now_ms = run->time_ms,
                                 .identity = {.offset = run->line}};

    if (run_step(run, input) == STATUS_OK) return EXIT_OK;
    (void)refuse_line(run, "the run had to stop at its end", (struct slice){0});
    return EXIT_RUNTIME;
}

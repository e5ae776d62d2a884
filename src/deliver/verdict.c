/* verdict.c - status codes first; for Shopify the body has the last word. */
#include "deliver/verdict.h"

enum { THROTTLED_WAIT_MS = 1000, MESSAGE_BYTES_MAX = 300 };

/* What a status code asks for; rows are looked up by code. */
struct status_row {
    uint16_t status;
    enum verdict_kind kind;
    const char *advice;
};
static const struct status_row status_rows[] = {
    {401, VERDICT_FAILED,
     "the endpoint refused the credentials: check the secret its configuration "
     "names (http.<name>.secret_headers), then replay"},
    {402, VERDICT_FAILED, "the account is frozen: settle it, then replay"},
    {403, VERDICT_FAILED, "the credentials lack a permission: grant it, then replay"},
    {404, VERDICT_FAILED, "there is nothing under that address: check the URL"},
    {408, VERDICT_RETRY, "the endpoint gave up waiting"},
    {423, VERDICT_FAILED, "the account is locked: unlock it, then replay"},
    {425, VERDICT_RETRY, "too early"},
    {429, VERDICT_THROTTLED, "too many requests"},
    {501, VERDICT_FAILED, "the endpoint does not know the method"},
    {505, VERDICT_FAILED, "the endpoint does not speak HTTP/1.1"},
};

static void explain_status(const struct answer *answer, const char *advice, struct buffer *reason)
{
    buffer_append_text(reason, "HTTP ");
    buffer_append_u64(reason, answer->status);
    if (advice == NULL) return;
    buffer_append_text(reason, ": ");
    buffer_append_text(reason, advice);
}

static enum verdict_kind kind_of_class(uint16_t status, bool reads)
{
    if (status >= 500) return VERDICT_RETRY;
    if (status >= 200 && status < 300) return VERDICT_DELIVERED;
    return reads && status >= 300 ? VERDICT_DELIVERED : VERDICT_FAILED;
}

static void judge_status(const struct answer *answer, bool reads, struct buffer *reason,
                         struct verdict *verdict)
{
    const char *advice = NULL;

    verdict->kind = kind_of_class(answer->status, reads);
    for (size_t i = 0; i < COUNT_OF(status_rows); i++) {
        if (status_rows[i].status != answer->status) continue;
        advice = status_rows[i].advice;
        if (!reads || answer->status != 404) verdict->kind = status_rows[i].kind;
    }
    int64_t told_ms = answer_retry_after_ms(answer);
    /* 503 with a time is an orderly "wait", without one an outage. */
    if (answer->status == 503 && told_ms >= 0) verdict->kind = VERDICT_THROTTLED;
    if (verdict->kind == VERDICT_THROTTLED) verdict->wait_ms = THROTTLED_WAIT_MS;
    if (verdict->kind == VERDICT_THROTTLED && told_ms >= 0) verdict->wait_ms = told_ms;
    if (verdict->kind == VERDICT_RETRY && told_ms > 0) verdict->wait_ms = told_ms;
    verdict->endpoint_failed = verdict->kind == VERDICT_RETRY;
    if (verdict->kind != VERDICT_DELIVERED) explain_status(answer, advice, reason);
}

static void explain_shopify(const struct shopify_reading *reading, struct buffer *reason)
{
    struct slice message = reading->message;

    buffer_append_text(reason, "Shopify: ");
    buffer_append(reason, reading->code.len > 0 ? reading->code : SLICE("error"));
    if (reading->field.len > 0) {
        buffer_append_text(reason, " at ");
        buffer_append(reason, reading->field);
    }
    if (message.len > MESSAGE_BYTES_MAX) message.len = MESSAGE_BYTES_MAX;
    while (message.len > 0 && message.len < reading->message.len &&
           (message.data[message.len] & 0xC0U) == 0x80U)
        message.len--; /* not inside a character */
    buffer_append_text(reason, ": ");
    buffer_append(reason, message);
}

static enum verdict_kind kind_of_outcome(enum shopify_outcome outcome)
{
    switch (outcome) {
    case SHOPIFY_DONE: return VERDICT_DELIVERED;
    case SHOPIFY_THROTTLED: return VERDICT_THROTTLED;
    case SHOPIFY_INTERNAL: return VERDICT_RETRY;
    case SHOPIFY_REFUSED: return VERDICT_FAILED;
    }
    UNREACHABLE("outcome outside the enum");
}

static void judge_shopify(const struct answer *answer, struct arena *arena, struct buffer *reason,
                          struct verdict *verdict)
{
    struct document document;
    struct shopify_reading reading;
    enum answer_body body;

    if (answer_body_read(answer, arena, &body, &document) != STATUS_OK ||
        body != ANSWER_BODY_JSON || shopify_read(&document, arena, &reading) != STATUS_OK) {
        verdict->kind = VERDICT_RETRY;
        verdict->endpoint_failed = true;
        buffer_append_text(reason, "the answer is no GraphQL answer");
        return;
    }
    verdict->kind = kind_of_outcome(reading.outcome);
    verdict->cost = reading.cost;
    if (verdict->kind == VERDICT_THROTTLED) verdict->wait_ms = shopify_wait_ms(&reading.cost);
    if (verdict->wait_ms < 0) {
        verdict->kind = VERDICT_FAILED;
        verdict->wait_ms = 0;
    }
    if (verdict->kind != VERDICT_DELIVERED) explain_shopify(&reading, reason);
}

/* A whole answer that says JSON and is none was torn on the way or by its maker. */
static void judge_body(const struct answer *answer, struct arena *arena, struct buffer *reason,
                       struct verdict *verdict)
{
    struct document document;
    enum answer_body body;

    if (answer_body_read(answer, arena, &body, &document) != STATUS_INVALID) return;
    verdict->kind = VERDICT_RETRY;
    verdict->endpoint_failed = true;
    buffer_append_text(reason, "the answer says JSON and is none");
}

void verdict_of(const struct answer *answer, bool shopify, bool reads, struct arena *arena,
                struct buffer *reason, struct verdict *verdict)
{
    *verdict = (struct verdict){0};
    switch (answer->kind) {
    case ANSWER_RESPONSE:
        judge_status(answer, reads, reason, verdict);
        if (verdict->kind != VERDICT_DELIVERED) break;
        if (shopify && answer->status == 200) {
            judge_shopify(answer, arena, reason, verdict);
        } else {
            judge_body(answer, arena, reason, verdict);
        }
        break;
    case ANSWER_BROKEN:
        verdict->kind = VERDICT_RETRY;
        verdict->endpoint_failed = true;
        buffer_append_text(reason, answer->problem);
        break;
    case ANSWER_REFUSED:
    case ANSWER_TOO_LARGE:
        verdict->kind = VERDICT_FAILED;
        buffer_append_text(reason, answer->problem);
        break;
    }
    verdict->reason = buffer_slice(reason);
}

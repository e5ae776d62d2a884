/* fuzz_answer.c - any bytes as an endpoint's answer, a scenario's request and a stored entry: a verdict, a
 * reply that is JSON, and an entry that is written again as it was read. */
#include "connect/http/outgoing.h"
#include "deliver/entry.h"
#include "deliver/verdict.h"

enum { BYTES_MAX = 1 << 22 };

static void judge(struct slice bytes, struct arena *arena)
{
    struct answer answer = {.kind = ANSWER_RESPONSE,
                            .status = 200,
                            .headers = {{SLICE("Content-Type"), SLICE("application/json")}},
                            .header_count = 1,
                            .body = bytes};
    struct document document;
    struct json_error error;
    struct verdict verdict;
    struct buffer reason;
    struct buffer reply;

    buffer_init(&reason, BYTES_MAX);
    buffer_init(&reply, BYTES_MAX);
    verdict_of(&answer, true, false, arena, &reason, &verdict);
    ASSERT((verdict.kind == VERDICT_DELIVERED) == (verdict.reason.len == 0));
    ASSERT(verdict.wait_ms >= 0);
    answer_write(&answer, arena, &reply);
    if (!reply.failed)
        ASSERT(json_parse(buffer_slice(&reply), &json_limits_default, arena, &document, &error) !=
               STATUS_INVALID);
    buffer_deinit(&reason);
    buffer_deinit(&reply);
}

static void reread(struct slice bytes)
{
    struct entry entry = {0};
    struct entry again = {0};
    struct buffer written;

    if (entry_read(bytes, true, &entry) != STATUS_OK) return;
    buffer_init(&written, BYTES_MAX);
    entry_write(&entry, true, &written);
    enum status status = entry_read(buffer_slice(&written), true, &again);
    ASSERT(status == STATUS_OK);
    ASSERT(slice_equal(entry.request, again.request) && slice_equal(entry.error, again.error));
    buffer_deinit(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = size > 0 ? (struct slice){data, size} : SLICE("");
    struct outgoing outgoing;
    struct arena arena;
    const char *why = NULL;

    arena_init(&arena, 64 << 20);
    judge(bytes, &arena);
    reread(bytes);
    if (outgoing_read(bytes, &arena, &outgoing, &why) != STATUS_OK) ASSERT(why[0] != '\0');
    arena_deinit(&arena);
    return 0;
}

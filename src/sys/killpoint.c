/* killpoint.c - the environment is read once, at the first pass; then a pass costs one load. */
#include "sys/killpoint.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define KILLPOINT_ROW(name, meaning) const struct killpoint killpoint_##name = {#name, meaning};
#include "sys/killpoint.def"
#undef KILLPOINT_ROW

static const struct killpoint *armed; /* NULL: none */
static atomic_llong passes_left;
static pthread_once_t armed_once = PTHREAD_ONCE_INIT;

#ifdef HEADRACE_KILLPOINTS
static const struct killpoint *const killpoints[] = {
#define KILLPOINT_ROW(name, meaning) &killpoint_##name,
#include "sys/killpoint.def"
#undef KILLPOINT_ROW
};

void killpoint_list(struct buffer *out)
{
    for (size_t i = 0; i < COUNT_OF(killpoints); i++) {
        buffer_append_text(out, killpoints[i]->name);
        buffer_append_byte(out, '\t');
        buffer_append_text(out, killpoints[i]->meaning);
        buffer_append_byte(out, '\n');
    }
}

static const struct killpoint *killpoint_find(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(killpoints); i++) {
        if (slice_equal(name, slice_of(killpoints[i]->name))) return killpoints[i];
    }
    return NULL;
}
#else
void killpoint_list(struct buffer *out)
{
    (void)out;
}

static const struct killpoint *killpoint_find(struct slice name)
{
    (void)name;
    return NULL;
}
#endif

static void killpoint_arm(void)
{
    const char *text = getenv("HEADRACE_KILLPOINT"); /* NOLINT(concurrency-mt-unsafe) once */
    int64_t passes = 1;

    if (text == NULL) return;
    struct slice name = slice_of(text);
    const char *colon = strchr(text, ':');
    if (colon != NULL) {
        name.len = (size_t)(colon - text);
        if (slice_to_i64(slice_of(colon + 1), &passes) != STATUS_OK) return;
    }
    atomic_store(&passes_left, passes);
    armed = killpoint_find(name);
}

void killpoint_pass(const struct killpoint *killpoint)
{
    int failed = pthread_once(&armed_once, killpoint_arm);

    ASSERT(failed == 0);
    if (killpoint != armed) return;
    if (atomic_fetch_sub(&passes_left, 1) == 1) (void)raise(SIGKILL);
}

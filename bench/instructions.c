/* instructions.c - the processor's counter, or a child run step by step.
 *
 * The child stops itself before and after the piece; the parent steps it from one stop to the other.
 * What the two stops cost is measured with an empty piece and taken off. */
#define _GNU_SOURCE /* NOLINT(readability-identifier-naming): syscall */
#include "instructions.h"

#include <linux/perf_event.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNTED_CALLS = 100, STEPS_MAX = 100 * 1000 * 1000 };

/* --- the counter --------------------------------------------------------------------------------- */

static int counter_open(void)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static uint64_t counter_read(int counter)
{
    uint64_t count = 0;
    ssize_t got = read(counter, &count, sizeof(count));

    ASSERT(got == (ssize_t)sizeof(count));
    return count;
}

static double count_by_counter(int counter, void (*piece)(void *context), void *context)
{
    uint64_t before = counter_read(counter);

    for (uint32_t i = 0; i < COUNTED_CALLS; i++)
        piece(context);
    return (double)(counter_read(counter) - before) / COUNTED_CALLS;
}

/* --- single steps -------------------------------------------------------------------------------- */

static void run_child(void (*piece)(void *context), void *context)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) _exit(1);
    (void)raise(SIGSTOP);
    piece(context);
    (void)raise(SIGSTOP);
    _exit(0);
}

static bool stopped_by(pid_t child, int signal)
{
    int state = 0;

    return waitpid(child, &state, 0) == child && WIFSTOPPED(state) && WSTOPSIG(state) == signal;
}

/* From the child's first stop to its second; -1 if it does not get there. */
static int64_t step_child(pid_t child)
{
    if (!stopped_by(child, SIGSTOP)) return -1;
    for (int64_t steps = 1; steps < STEPS_MAX; steps++) {
        int state = 0;
        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0) return -1;
        if (waitpid(child, &state, 0) != child || !WIFSTOPPED(state)) return -1;
        if (WSTOPSIG(state) == SIGSTOP) return steps;
        if (WSTOPSIG(state) != SIGTRAP) return -1;
    }
    return -1;
}

static int64_t count_steps(void (*piece)(void *context), void *context)
{
    pid_t child = fork();
    int state = 0;

    if (child < 0) return -1;
    if (child == 0) run_child(piece, context);
    int64_t steps = step_child(child);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, &state, 0);
    return steps;
}

static void nothing(void *context)
{
    (void)context;
}

/* --- the door ------------------------------------------------------------------------------------ */

void instructions_open(struct instructions *instructions)
{
    instructions->source = INSTRUCTIONS_NONE;
    instructions->counter = counter_open();
    if (instructions->counter >= 0) {
        instructions->source = INSTRUCTIONS_COUNTER;
    } else if (count_steps(nothing, NULL) > 0) {
        instructions->source = INSTRUCTIONS_STEPPED;
    }
}

void instructions_close(struct instructions *instructions)
{
    if (instructions->counter >= 0) (void)close(instructions->counter);
}

const char *instructions_source_name(enum instructions_source source)
{
    switch (source) {
    case INSTRUCTIONS_NONE: return "none";
    case INSTRUCTIONS_COUNTER: return "counter";
    case INSTRUCTIONS_STEPPED: return "single steps";
    }
    UNREACHABLE("source outside the enum");
}

double instructions_count(const struct instructions *instructions, void (*piece)(void *context),
                          void *context)
{
    if (instructions->source == INSTRUCTIONS_NONE) return -1;
    if (instructions->source == INSTRUCTIONS_COUNTER) {
        return count_by_counter(instructions->counter, piece, context);
    }
    int64_t empty = count_steps(nothing, NULL);
    int64_t steps = count_steps(piece, context);
    return empty < 0 || steps < 0 ? -1 : (double)(steps - empty);
}

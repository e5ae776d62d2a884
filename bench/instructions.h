/* instructions.h - how many instructions a piece of a bench runs.
 *
 * The processor's own counter where the system lends it out. Where it does not (most virtual
 * machines), a copy of the process runs the piece one instruction at a time under ptrace: slow, but
 * exact, and free of what the machine does beside. A string instruction with a repeat prefix counts
 * once a step there. */
#pragma once
#include "base/base.h"

enum instructions_source {
    INSTRUCTIONS_NONE,    /* the system allows neither */
    INSTRUCTIONS_COUNTER, /* the processor's */
    INSTRUCTIONS_STEPPED, /* single steps */
};

struct instructions {
    enum instructions_source source;
    int counter; /* descriptor; -1 none */
};

void instructions_open(struct instructions *instructions);
void instructions_close(struct instructions *instructions);

/* "counter", "single steps", or "none". */
const char *instructions_source_name(enum instructions_source source);

/* Instructions of one call of `piece`, which has run before: its memory is warm. Stepping calls it in
 * a copy of the process, so what it changes is lost.
 * returns  -1: not counted */
double instructions_count(const struct instructions *instructions, void (*piece)(void *context),
                          void *context);

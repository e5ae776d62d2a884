/* interrupt.h - Ctrl-C in a long command: the first time it is asked to stop, the second it ends at once. */
#pragma once
#include <stdbool.h>

/* From now on SIGINT and SIGTERM only set what interrupt_seen() tells. A process has one such state.
 * runs on  the main thread, before others are started */
void interrupt_catch(void);

/* runs on  any thread */
bool interrupt_seen(void);

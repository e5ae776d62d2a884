/* clock.h - the operating system's clocks, milliseconds and nanoseconds. */
#pragma once
#include "base/base.h"

int64_t clock_wall_ms(void);      /* Unix time */
int64_t clock_monotonic_ms(void); /* never goes back; for timeouts */
uint64_t clock_monotonic_ns(void);
uint64_t clock_thread_ns(void); /* processor time of this thread, for benches on busy machines */

/* thread.c - prctl and setpriority, because the portable calls are extensions too. */
#include "sys/thread.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* Half the share of a thread at 0 for every three steps: enough to yield, not enough to starve while
 * holding a lock. */
enum { GIVE_WAY_NICE = 5 };

void thread_name(const char *name)
{
    (void)prctl(PR_SET_NAME, name);
}

void thread_give_way(void)
{
    /* 0: the calling thread alone, on Linux. A refusal costs nothing but latency. */
    (void)setpriority(PRIO_PROCESS, 0, GIVE_WAY_NICE);
}

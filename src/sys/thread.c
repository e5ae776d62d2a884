/* thread.c - prctl, because the portable calls are extensions too. */
#include "sys/thread.h"

#include <sys/prctl.h>

void thread_name(const char *name)
{
    (void)prctl(PR_SET_NAME, name);
}

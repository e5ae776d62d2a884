/* thread.h - what the calling thread is called, and how it stands beside the others. */
#pragma once
#include "base/base.h"

/* As tools show it; at most 15 characters count. */
void thread_name(const char *name);

/* Lets the threads a visitor waits for go first when processors are short (a nice value; Linux keeps
 * one for each thread). For threads whose work nobody waits for within milliseconds. */
void thread_give_way(void);

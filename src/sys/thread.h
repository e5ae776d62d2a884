/* thread.h - a name for the calling thread, as tools show it (at most 15 characters count). */
#pragma once
#include "base/base.h"

void thread_name(const char *name);

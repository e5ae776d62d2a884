/* random.h - unpredictable bytes from the operating system. */
#pragma once
#include "base/base.h"

/* A broken assertion if the system has none: nothing safe could go on without. */
void random_fill(uint8_t *target, size_t len);

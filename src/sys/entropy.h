/* entropy.h - unpredictable bytes from the operating system. (Not named random.h: that name is a
 * system header, which -Isrc would hide.) */
#pragma once
#include "base/base.h"

/* A broken assertion if the system has none: nothing safe could go on without. */
void entropy_fill(uint8_t *target, size_t len);

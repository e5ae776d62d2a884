/* assert.c - what a process does with a broken assertion: says where and aborts. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"

_Noreturn void assert_failed(const char *file, int line, const char *text)
{
    (void)fprintf(stderr, "headrace: %s:%d: broken assertion: %s (this is a bug of ours)\n", file,
                  line, text);
    abort();
}

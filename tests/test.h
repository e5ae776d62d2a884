/* test.h - what every test includes: cmocka in the order it needs, and a few words of ours. */
#pragma once
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

#include "base/base.h"

/* Fails naming the row when two slices differ. */
#define assert_slice_equal(left, right)                                                    \
    do {                                                                                   \
        struct slice left_ = (left);                                                       \
        struct slice right_ = (right);                                                     \
        if (!slice_equal(left_, right_)) {                                                 \
            fail_msg("\"%.*s\" is not \"%.*s\"", (int)left_.len, (const char *)left_.data, \
                     (int)right_.len, (const char *)right_.data);                          \
        }                                                                                  \
    } while (0)

#define assert_ok(call) assert_int_equal((call), STATUS_OK)

/* killpoint.h - named places where a test build can be made to die, as by kill -9.
 *
 * HEADRACE_KILLPOINT=name[:n] raises SIGKILL when the process passes that point for the n-th time
 * (first: 1). Shipped builds have no kill points: the macro is empty there.
 */
#pragma once
#include "base/buffer.h"

struct killpoint {
    const char *name;
    const char *meaning;
};

#define KILLPOINT_ROW(name, meaning) extern const struct killpoint killpoint_##name;
#include "sys/killpoint.def"
#undef KILLPOINT_ROW

/* Dies if the environment says so. From any thread. */
void killpoint_pass(const struct killpoint *killpoint);

#ifdef HEADRACE_KILLPOINTS
#define KILLPOINT(name) killpoint_pass(&killpoint_##name)
#else
#define KILLPOINT(name) ((void)0)
#endif

/* One line a point, "name<tab>meaning"; nothing in builds without kill points. */
void killpoint_list(struct buffer *out);

/* write.c - the document again: nothing was thrown away, so nothing can be missing. */
#include "scenario/view.h"

enum { WRITE_INDENT = 2 };

void scenario_write(const struct scenario *scenario, struct buffer *out)
{
    json_write_document(&scenario->document, 0, WRITE_INDENT, out);
}

/* json_position.c - where in a text a problem is, as people count: lines and columns. */
#include "codec/json.h"

void json_position(struct slice text, size_t at, uint32_t *line, uint32_t *column)
{
    ASSERT(at <= text.len);
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at; i++) {
        bool newline = text.data[i] == '\n';

        *line += newline;
        *column = newline ? 1 : *column + 1;
    }
}

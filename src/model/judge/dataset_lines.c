/* dataset_lines.c - lines of a file, cells of a table line, words of a sequence line. */
#include "model/judge/dataset_room.h"

bool line_next(struct lines *lines)
{
    if (lines->rest.len == 0) return false;
    const uint8_t *end = memchr(lines->rest.data, '\n', lines->rest.len);
    size_t len = end == NULL ? lines->rest.len : (size_t)(end - lines->rest.data);
    size_t taken = end == NULL ? len : len + 1;

    lines->line = (struct slice){lines->rest.data, len};
    lines->rest = (struct slice){lines->rest.data + taken, lines->rest.len - taken};
    if (len > 0 && lines->line.data[len - 1] == '\r') lines->line.len--;
    lines->number++;
    return true;
}

/* A cell in quotes: up to the quote that no other follows. Doubled quotes stay as they are, in a name
 * they tell items apart as well as single ones. */
static struct slice quoted_cell(struct slice *rest)
{
    size_t end = 1;

    while (end < rest->len &&
           (rest->data[end] != '"' || (end + 1 < rest->len && rest->data[end + 1] == '"')))
        end += rest->data[end] == '"' ? 2 : 1;
    if (end > rest->len) end = rest->len;
    struct slice cell = {rest->data + 1, end - 1};
    size_t taken = end < rest->len ? end + 1 : end;
    *rest = (struct slice){rest->data + taken, rest->len - taken};
    return cell;
}

uint32_t cells_of(const struct lines *lines, struct slice *cells)
{
    struct slice rest = lines->line;
    uint32_t count = 0;

    for (;;) {
        bool quoted = lines->quotes && rest.len > 0 && rest.data[0] == '"';
        struct slice cell = quoted ? quoted_cell(&rest) : (struct slice){rest.data, 0};
        size_t len = 0;

        while (len < rest.len && rest.data[len] != lines->separator)
            len++;
        if (!quoted) cell.len = len;
        if (count < CELLS_MAX) cells[count] = cell;
        count++;
        if (len == rest.len) return count;
        rest = (struct slice){rest.data + len + 1, rest.len - len - 1};
    }
}

uint8_t separator_of(struct slice header)
{
    static const char candidates[] = "\t;,";

    for (const char *at = candidates; *at != '\0'; at++) {
        if (memchr(header.data, *at, header.len) != NULL) return (uint8_t)*at;
    }
    return ',';
}

struct slice word_next(struct slice *rest)
{
    size_t start = 0;

    while (start < rest->len && (rest->data[start] == ' ' || rest->data[start] == '\t'))
        start++;
    size_t end = start;
    while (end < rest->len && rest->data[end] != ' ' && rest->data[end] != '\t')
        end++;
    struct slice word = {rest->data + start, end - start};
    *rest = (struct slice){rest->data + end, rest->len - end};
    return word;
}

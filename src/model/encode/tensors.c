/* tensors.c - a safetensors file out of arrays. */
#include <stdio.h>

#include "model/encode/store.h"

static void part_describe(const struct tensor_part *part, uint64_t at, struct buffer *header)
{
    char text[256];
    char columns[32] = "";
    uint64_t end = at + part->data.len;

    if (part->columns > 0)
        (void)snprintf(columns, sizeof(columns), ",%llu", (unsigned long long)part->columns);
    int len = snprintf(text, sizeof(text),
                       "\"%s\":{\"dtype\":\"%s\",\"shape\":[%llu%s],\"data_offsets\":[%llu,%llu]}",
                       part->name, part->dtype, (unsigned long long)part->rows, columns,
                       (unsigned long long)at, (unsigned long long)end);
    ASSERT(len > 0 && (size_t)len < sizeof(text));
    buffer_append_text(header, text);
}

void tensors_write(const struct tensor_part *parts, uint32_t count, struct buffer *out)
{
    struct buffer header;
    uint64_t at = 0;

    buffer_init(&header, 1 << 20);
    for (uint32_t i = 0; i < count; i++) {
        buffer_append_byte(&header, i == 0 ? '{' : ',');
        part_describe(&parts[i], at, &header);
        at += parts[i].data.len;
    }
    buffer_append_byte(&header, '}');
    while (header.len % 8 != 0 && !header.failed)
        buffer_append_byte(&header, ' ');
    buffer_append_le64(out, header.len);
    buffer_append(out, buffer_slice(&header));
    for (uint32_t i = 0; i < count; i++)
        buffer_append(out, parts[i].data);
    if (header.failed) out->failed = true;
    buffer_deinit(&header);
}

/* learned.c - a sum does not depend on order: clicks are added as they come, from files and from logs. */
#include "model/learned.h"

#include <stdio.h>

#include "base/hash.h"
#include "model/number_text.h"
#include "model/parts.h"

#define MILLISECONDS_FROM 1e11 /* as seconds this is the year 5138 */

static double seconds_of(double time)
{
    return time >= MILLISECONDS_FROM ? time / 1000.0 : time;
}

uint64_t learned_click(struct slice item, double time)
{
    double seconds = seconds_of(time);

    return hash_bytes(item, seconds > 0.0 ? (uint64_t)(seconds * 1000.0 + 0.5) : 0);
}

void learned_add(struct learned *learned, struct slice item, double time, bool held_back)
{
    uint64_t share = learned_click(item, time);

    learned->data += share;
    if (held_back) return;
    learned->fingerprint += share;
    learned->clicks++;
    if (seconds_of(time) > learned->until) learned->until = seconds_of(time);
}

void learned_write(const struct learned *learned, struct buffer *out)
{
    char text[200];

    (void)snprintf(text, sizeof(text),
                   "\"learned\": {\"clicks\": %llu, \"until\": %.3f, \"fingerprint\": "
                   "\"%016llx\", \"data\": \"%016llx\"}",
                   (unsigned long long)learned->clicks, learned->until,
                   (unsigned long long)learned->fingerprint, (unsigned long long)learned->data);
    buffer_append_text(out, text);
}

static bool number_read(const struct document *document, uint32_t object, const char *name,
                        double *number)
{
    uint32_t node = document_member(document, object, slice_of(name));

    return node != 0 && document->nodes[node].kind == DOCUMENT_NUMBER &&
           number_text(document_text(document, node), number);
}

static bool fingerprint_read(const struct document *document, uint32_t object, const char *name,
                             uint64_t *fingerprint)
{
    static const char digits[] = "0123456789abcdef";
    uint32_t node = document_member(document, object, slice_of(name));

    *fingerprint = 0;
    if (node == 0 || document->nodes[node].kind != DOCUMENT_STRING) return false;
    struct slice text = document_text(document, node);
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.data[i] == '\0' ? NULL : strchr(digits, text.data[i]);

        if (digit == NULL) return false;
        *fingerprint = *fingerprint << 4 | (uint64_t)(digit - digits);
    }
    return text.len == 16;
}

bool learned_read(const struct document *document, struct learned *learned)
{
    uint32_t object = document_member(document, 0, SLICE("learned"));
    double clicks;

    *learned = (struct learned){0};
    if (object == 0 || document->nodes[object].kind != DOCUMENT_OBJECT) return false;
    if (!number_read(document, object, "clicks", &clicks) ||
        !number_read(document, object, "until", &learned->until) ||
        !fingerprint_read(document, object, "fingerprint", &learned->fingerprint) ||
        !fingerprint_read(document, object, "data", &learned->data) || !(clicks >= 1.0) ||
        clicks > 1e15)
        return false;
    learned->clicks = (uint64_t)clicks;
    return true;
}

bool learned_open(const char *directory, struct learned *learned)
{
    struct document document;
    struct buffer ignored;
    struct arena arena;

    *learned = (struct learned){0};
    arena_init(&arena, (size_t)PART_JSON_BYTES_MAX);
    buffer_init(&ignored, 4096);
    bool told =
        part_read_object(directory, "headrace.json", &arena, &document, &ignored) == STATUS_OK &&
        learned_read(&document, learned);
    buffer_deinit(&ignored);
    arena_deinit(&arena);
    return told;
}

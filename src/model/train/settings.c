/* settings.c - a table of settings read from text. */
#include "model/train/settings.h"

#include <stdio.h>
#include <string.h>

#include "model/number_text.h"

double train_setting_value(const struct train_setting *row, const void *target)
{
    const uint8_t *at = (const uint8_t *)target + row->at;
    uint32_t whole;
    double number;

    if (row->whole) {
        memcpy(&whole, at, sizeof(whole));
        return whole;
    }
    memcpy(&number, at, sizeof(number));
    return number;
}

static void put(const struct train_setting *row, double number, void *target)
{
    uint8_t *at = (uint8_t *)target + row->at;
    uint32_t whole = (uint32_t)number;

    if (row->whole) {
        memcpy(at, &whole, sizeof(whole));
    } else {
        memcpy(at, &number, sizeof(number));
    }
}

struct reading {
    const struct train_setting *rows;
    size_t count;
    void *target;
    struct buffer *message;
};

static enum status refuse(const struct reading *reading, struct slice word, const char *what)
{
    buffer_append_text(reading->message, "--settings: \"");
    buffer_append(reading->message, word);
    buffer_append_text(reading->message, what);
    for (size_t i = 0; i < reading->count; i++) {
        const struct train_setting *row = &reading->rows[i];
        char text[96];

        (void)snprintf(text, sizeof(text), "%s%s (%g to %g)", i > 0 ? ", " : "", row->name,
                       row->low, row->high);
        buffer_append_text(reading->message, text);
    }
    return STATUS_INVALID;
}

/* "name=number" */
static enum status read_one(const struct reading *reading, struct slice word)
{
    const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
    size_t len = equals == NULL ? word.len : (size_t)(equals - word.data);
    size_t i = 0;
    double number;

    while (i < reading->count &&
           !slice_equal((struct slice){word.data, len}, slice_of(reading->rows[i].name)))
        i++;
    if (i == reading->count) return refuse(reading, word, "\" is no setting; there are: ");
    const struct train_setting *row = &reading->rows[i];
    if (equals == NULL || !number_text((struct slice){equals + 1, word.len - len - 1}, &number) ||
        number < row->low || number > row->high ||
        (row->whole && number != (double)(uint32_t)number))
        return refuse(reading, word, "\" has no number in its range: ");
    put(row, number, reading->target);
    return STATUS_OK;
}

enum status train_settings_read(const char *text, const struct train_setting *rows, size_t count,
                                void *target, struct buffer *message)
{
    struct reading reading = {rows, count, target, message};
    enum status status = STATUS_OK;

    while (status == STATUS_OK && text != NULL && *text != '\0') {
        size_t len = strcspn(text, ",");

        status = read_one(&reading, (struct slice){(const uint8_t *)text, len});
        text += len + (text[len] == ',');
    }
    return status;
}

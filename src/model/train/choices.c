/* choices.c - settings as rows: name, place, bounds. */
#include "model/train/choices.h"

#include <stdio.h>

#include "base/hash.h"
#include "model/number_text.h"

struct row {
    const char *name;
    size_t at;
    bool whole;
    double low, high;
};

#define WHOLE(name, member, low, high)                                \
    {                                                                 \
        name, offsetof(struct train_choices, member), true, low, high \
    }
#define NUMBER(name, member, low, high)                                \
    {                                                                  \
        name, offsetof(struct train_choices, member), false, low, high \
    }

static const struct row rows[] = {
    WHOLE("batch", batch, 2, 10000),
    WHOLE("negatives", negatives, 1, 1000),
    WHOLE("judge-negatives", judge_negatives, 1, 1000),
    WHOLE("patience", patience, 1, 10000),
    WHOLE("memory", memory, 0, 50),
    NUMBER("learning-rate", learning_rate, 1e-7, 1),
    NUMBER("dropout", dropout, 0, 0.9),
    NUMBER("unknown", unknown, 0, 0.5),
};

/* compat: the showcase's; fixed: what learns better (docs/models.md). */
static const struct train_choices usual[] = {
    {.epochs = 10,
     .batch = 400,
     .negatives = 4,
     .judge_negatives = 9,
     .patience = 10,
     .memory = 50,
     .learning_rate = 1e-3,
     .dropout = 0.3},
    {.fixed = true,
     .by_time = true,
     .epochs = 10,
     .batch = 50,
     .negatives = 20,
     .judge_negatives = 9,
     .patience = 5,
     .memory = 50,
     .learning_rate = 2e-3,
     .dropout = 0.1,
     .unknown = 0.01},
};

static double value_of(const struct train_choices *choices, const struct row *row)
{
    const uint8_t *at = (const uint8_t *)choices + row->at;
    uint32_t whole;
    double number;

    memcpy(&whole, at, sizeof(whole));
    if (row->whole) return whole;
    memcpy(&number, at, sizeof(number));
    return number;
}

static void set_value(struct train_choices *choices, const struct row *row, double number)
{
    uint8_t *at = (uint8_t *)choices + row->at;
    uint32_t whole = (uint32_t)number;

    if (row->whole) {
        memcpy(at, &whole, sizeof(whole));
    } else {
        memcpy(at, &number, sizeof(number));
    }
}

static enum status refuse(struct slice word, const char *what, struct buffer *message)
{
    buffer_append_text(message, "--settings: \"");
    buffer_append(message, word);
    buffer_append_text(message, what);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[96];

        (void)snprintf(text, sizeof(text), "%s%s (%g to %g)", i > 0 ? ", " : "", rows[i].name,
                       rows[i].low, rows[i].high);
        buffer_append_text(message, text);
    }
    return STATUS_INVALID;
}

/* "name=number" */
static enum status read_setting(struct slice word, struct train_choices *choices,
                                struct buffer *message)
{
    const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
    size_t len = equals == NULL ? word.len : (size_t)(equals - word.data);
    double number;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!slice_equal((struct slice){word.data, len}, slice_of(rows[i].name))) continue;
        if (equals == NULL ||
            !number_text((struct slice){equals + 1, word.len - len - 1}, &number) ||
            number < rows[i].low || number > rows[i].high ||
            (rows[i].whole && number != (double)(uint32_t)number)) {
            return refuse(word, "\" has no number in its range: ", message);
        }
        set_value(choices, &rows[i], number);
        return STATUS_OK;
    }
    return refuse(word, "\" is no setting; there are: ", message);
}

enum status train_choices_read(const struct course_request *request, struct train_choices *choices,
                               struct buffer *message)
{
    const char *arithmetic = request->arithmetic != NULL ? request->arithmetic : "compat";
    const char *at = request->settings;
    bool fixed = strcmp(arithmetic, "fixed") == 0;
    enum status status = STATUS_OK;

    if (!fixed && strcmp(arithmetic, "compat") != 0) {
        buffer_append_text(message, "--arithmetic: must be compat or fixed");
        return STATUS_INVALID;
    }
    *choices = usual[fixed];
    if (request->order != COURSE_ORDER_DEFAULT)
        choices->by_time = request->order == COURSE_ORDER_TIME;
    if (request->epochs > 0) choices->epochs = request->epochs;
    while (status == STATUS_OK && at != NULL && *at != '\0') {
        size_t len = strcspn(at, ",");

        status = read_setting((struct slice){(const uint8_t *)at, len}, choices, message);
        at += len + (at[len] == ',');
    }
    return status;
}

void train_choices_text(const struct train_choices *choices, struct buffer *out)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];

        (void)snprintf(text, sizeof(text), "%s%s=%.10g", i > 0 ? "," : "", rows[i].name,
                       value_of(choices, &rows[i]));
        buffer_append_text(out, text);
    }
}

uint64_t train_choices_hash(const struct train_choices *choices, uint64_t seed)
{
    struct buffer text;

    buffer_init(&text, 4096);
    train_choices_text(choices, &text);
    buffer_append_text(&text, choices->fixed ? ",fixed" : ",compat");
    buffer_append_text(&text, choices->by_time ? ",time" : ",given");
    uint64_t hash = hash_bytes(buffer_slice(&text), seed);
    buffer_deinit(&text);
    return hash;
}

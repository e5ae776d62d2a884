/* choices.c - settings as rows: name, place, bounds. */
#include "model/train/choices.h"

#include <stdio.h>

#include "base/hash.h"
#include "model/train/settings.h"

#define WHOLE(name, member, low, high)                                \
    {                                                                 \
        name, offsetof(struct train_choices, member), true, low, high \
    }
#define NUMBER(name, member, low, high)                                \
    {                                                                  \
        name, offsetof(struct train_choices, member), false, low, high \
    }

static const struct train_setting rows[] = {
    WHOLE("batch", batch, 2, 10000),
    WHOLE("negatives", negatives, 1, 1000),
    WHOLE("judge-negatives", judge_negatives, 1, 1000),
    WHOLE("patience", patience, 1, 10000),
    WHOLE("memory", memory, 0, 50),
    NUMBER("learning-rate", learning_rate, 1e-7, 1),
    NUMBER("dropout", dropout, 0, 0.9),
    NUMBER("unknown", unknown, 0, 0.5),
    NUMBER("crop", crop, 0, 1),
    NUMBER("correction", correction, 0, 1),
    NUMBER("binary", binary, 0, 100),
    WHOLE("average", average, 0, 1000000),
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
     .unknown = 0.01,
     .crop = 0.5,
     .correction = 1,
     .binary = 0.2,
     .average = 1000},
};

enum status train_choices_read(const struct course_request *request, struct train_choices *choices,
                               struct buffer *message)
{
    const char *arithmetic = request->arithmetic != NULL ? request->arithmetic : "compat";
    bool fixed = strcmp(arithmetic, "fixed") == 0;

    if (!fixed && strcmp(arithmetic, "compat") != 0) {
        buffer_append_text(message, "--arithmetic: must be compat or fixed");
        return STATUS_INVALID;
    }
    *choices = usual[fixed];
    if (request->order != COURSE_ORDER_DEFAULT)
        choices->by_time = request->order == COURSE_ORDER_TIME;
    if (request->epochs > 0) choices->epochs = request->epochs;
    return train_settings_read(request->settings, rows, COUNT_OF(rows), choices, message);
}

void train_choices_text(const struct train_choices *choices, struct buffer *out)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];

        (void)snprintf(text, sizeof(text), "%s%s=%.10g", i > 0 ? "," : "", rows[i].name,
                       train_setting_value(&rows[i], choices));
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

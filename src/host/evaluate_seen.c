/* evaluate_seen.c - what headrace.json says was learned, in words. */
#include "host/evaluate_seen.h"

#include <stdio.h>

#include "model/model_room.h"

struct asked {
    const char *name;
    const struct dataset *dataset;
    const struct dataset_part *part;
    uint64_t data; /* fingerprint of its file */
};

static struct seen directory_seen(const char *path, const struct asked *asked)
{
    struct learned learned;

    (void)learned_open(path, &learned);
    return seen_judge(&learned, asked->dataset, asked->part, asked->data);
}

static void tell(const char *model, const struct seen *seen, const struct asked *asked)
{
    if (seen->verdict == SEEN_UNTOLD) {
        (void)fprintf(stderr,
                      "%s: whether it has learned what %s asks cannot be told: its headrace.json "
                      "does not say, or there are no times\n",
                      model, asked->name);
        return;
    }
    if (seen->before > 0) {
        (void)fprintf(stderr, "%s: %u of %u questions of %s are not later than what it has learned",
                      model, seen->before, seen->questions, asked->name);
    } else {
        (void)fprintf(stderr, "%s: has learned what %s asks", model, asked->name);
    }
    (void)fputs(": its figures say nothing. Hold back what is asked (docs/models.md, \"Judging a "
                "directory\")\n",
                stderr);
}

/* A trained model of many items answers from its index, too, and so does an encoder. */
static bool uses_index(const struct model *model)
{
    return model != NULL && model->index != NULL &&
           (model->encoder != NULL || model_two_stages(model));
}

static enum seen_verdict place_seen(const struct evaluate_models *models, uint32_t place,
                                    const struct asked *asked)
{
    const char *name = models->recommenders[place].name;
    const char *path = name + strlen("dir:");
    struct seen seen = directory_seen(path, asked);
    const struct model *called = models->called[place];
    char inside[4096];

    int len = snprintf(inside, sizeof(inside), "%s/index", path);
    if (uses_index(called) && len > 0 && (size_t)len < sizeof(inside)) {
        struct seen found = directory_seen(inside, asked);

        if (found.verdict > seen.verdict) seen = found;
    }
    if (seen.verdict != SEEN_NO) tell(name, &seen, asked);
    return seen.verdict;
}

void evaluate_seen(const struct evaluate_models *models, const char *name,
                   enum seen_verdict *verdicts)
{
    const struct dataset *dataset = models->dataset;
    bool valid = strcmp(name, "valid") == 0;
    const struct asked asked = {
        .name = name,
        .dataset = dataset,
        .part = valid ? &dataset->valid : &dataset->test,
        .data = valid ? dataset->valid_data : dataset->test_data,
    };
    const struct evaluate_options *options = models->options;

    for (uint32_t i = 0; i < options->model_count; i++) {
        verdicts[i] = SEEN_NO;
        if (options->models[i] != MODEL_DIRECTORY) continue;
        verdicts[i] = place_seen(models, i, &asked);
    }
    for (uint32_t i = 0; i < options->model_count; i++) {
        if (options->models[i] == MODEL_HYBRID && models->opened != NULL)
            verdicts[i] = verdicts[models->opened_place];
    }
}

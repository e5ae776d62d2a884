/* index_settings.h - the settings of an index by name: in its headrace.json and on the command line. */
#pragma once
#include "model/retrieve/index.h"

struct index_setting {
    const char *name;
    size_t at; /* in struct index_settings */
    bool whole;
    double low;
    double high;
    const char *meaning;
};
extern const struct index_setting index_setting_rows[]; /* ends with a row without a name */

/* NULL: there is no such setting. */
const struct index_setting *index_setting_find(struct slice name);

double index_setting_get(const struct index_setting *setting,
                         const struct index_settings *settings);

/* False: no number, or not one that fits; nothing is changed. */
bool index_setting_put(const struct index_setting *setting, struct slice text,
                       struct index_settings *settings);

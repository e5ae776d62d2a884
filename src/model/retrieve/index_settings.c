/* index_settings.c - one row a setting. */
#include "model/retrieve/index_settings.h"

#include "model/number_text.h"

#define FIELD(member) offsetof(struct index_settings, member)
#define WEIGHT(part)  (FIELD(weights) + (part) * sizeof(double))

const struct index_setting index_setting_rows[] = {
    {"vmis-knn.m", FIELD(vmis_knn.sessions), true, 1, 100000,
     "most recent sessions looked at; an item keeps so many"},
    {"vmis-knn.k", FIELD(vmis_knn.neighbours), true, 1, 10000, "of them, nearest"},
    {"vmis-knn.last", FIELD(vmis_knn.last), true, 1, VMIS_KNN_LAST_MAX, "last clicks taken"},
    {"cooccurrence.window", FIELD(cooccurrence.window), true, 1, 1000, "clicks apart, at most"},
    {"cooccurrence.backward", FIELD(cooccurrence.backward), false, 0, 100,
     "what a click counts for the one after it"},
    {"cooccurrence.half-life-days", FIELD(cooccurrence.half_life_days), false, 0.001, 100000,
     "of a session"},
    {"cooccurrence.row", FIELD(cooccurrence.row_max), true, 1, INDEX_ROW_MAX,
     "neighbours kept of an item"},
    {"walk.last", FIELD(cooccurrence.walk_last), true, 1, 50, "last clicks a walk starts from"},
    {"walk.decay", FIELD(cooccurrence.walk_decay), false, 0.001, 1,
     "what a click counts of the one after it"},
    {"walk.branches", FIELD(cooccurrence.walk_branches), true, 1, 1000, "items it goes on from"},
    {"trend.half-life-days", FIELD(trend_half_life_days), false, 0.001, 100000,
     "of a click in what is popular"},
    {"blend.vmis-knn", WEIGHT(INDEX_VMIS_KNN), false, 0, 1000, "weight of the nearest sessions"},
    {"blend.cooccurrence", WEIGHT(INDEX_COOCCURRENCE), false, 0, 1000,
     "weight of the last click's neighbours"},
    {"blend.walk", WEIGHT(INDEX_WALK), false, 0, 1000, "weight of the neighbours' neighbours"},
    {"blend.category", WEIGHT(INDEX_CATEGORY), false, 0, 1000,
     "weight of what is popular in the last click's category"},
    {"blend.popular", WEIGHT(INDEX_POPULAR), false, 1e-9, 1000,
     "weight of what is popular; above 0, so that there is always an answer"},
    {"rerank.above", FIELD(rerank_above), true, 0, INDEX_ITEMS_MAX,
     "a trained model scores its whole catalogue up to so many items, beyond what the index finds"},
    {"rerank.candidates", FIELD(rerank_candidates), true, 50, INDEX_RANKED_MAX,
     "how many the index finds for it"},
    {"hybrid.sasrec", FIELD(hybrid_weight), false, 0, 1000,
     "beside an encoder: weight of its probabilities; 0: the blend alone"},
    {"sasrec.temperature", FIELD(hybrid_temperature), false, 0.001, 1000,
     "beside an encoder: what its scores are divided by before they become probabilities"},
    {0},
};

const struct index_setting *index_setting_find(struct slice name)
{
    for (const struct index_setting *row = index_setting_rows; row->name != NULL; row++) {
        if (slice_equal(name, slice_of(row->name))) return row;
    }
    return NULL;
}

double index_setting_get(const struct index_setting *setting, const struct index_settings *settings)
{
    const char *source = (const char *)settings + setting->at;
    uint32_t whole;
    double number;

    memcpy(&whole, source, sizeof(whole));
    if (setting->whole) return whole;
    memcpy(&number, source, sizeof(number));
    return number;
}

bool index_setting_put(const struct index_setting *setting, struct slice text,
                       struct index_settings *settings)
{
    char *target = (char *)settings + setting->at;
    double number;

    if (!number_text(text, &number) || !(number >= setting->low) || !(number <= setting->high))
        return false;
    uint32_t whole = (uint32_t)number;
    if (setting->whole && number != (double)whole) return false;
    if (setting->whole) {
        memcpy(target, &whole, sizeof(whole));
    } else {
        memcpy(target, &number, sizeof(number));
    }
    return true;
}

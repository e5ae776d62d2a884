/* retrieval.h - the models that need no training: what is popular, what goes together, whom one follows.
 *
 * They are retrieval, fallback and baseline at once. None of them gives back the item just clicked.
 */
#pragma once
#include "model/retrieve/recommender.h"

/* Clicks in training: the same for everybody. whole: every item has its score, else those that a list of the
 * best needs. */
struct recommender popular_recommender(const struct dataset *dataset, bool whole);

/* Item to item: how often and how near to each other two items are clicked in a session, of late more
 * than long ago. */
struct cooccurrence_settings {
    uint32_t window; /* clicks apart, at most */
    double backward; /* what a click counts for the one after it; the other way round it is 1 */
    double half_life_days;  /* of a session; where there is no time all count alike */
    uint32_t row_max;       /* items kept for an item */
    uint32_t walk_last;     /* clicks a walk starts from, */
    double walk_decay;      /* each counting so much of the one after it */
    uint32_t walk_branches; /* items it goes on from */
};
extern const struct cooccurrence_settings cooccurrence_defaults;

struct cooccurrence;
enum status cooccurrence_create(const struct dataset *dataset,
                                const struct cooccurrence_settings *settings, struct arena *arena,
                                const struct cooccurrence **cooccurrence) MUST_USE;

/* An item's neighbours, best first, and the sum of their scores; lives as long as the model. */
const struct ranked *cooccurrence_row(const struct cooccurrence *cooccurrence, uint32_t item,
                                      uint32_t *count, double *sum);

/* The neighbours of the last click. */
struct recommender cooccurrence_recommender(const struct cooccurrence *cooccurrence);
/* The neighbours' neighbours of the last clicks: finds what never stood beside them. */
struct recommender walk_recommender(const struct cooccurrence *cooccurrence);

/* VMIS-kNN: what the nearest among the most recent sessions clicked.
 * source   Kersbergen, Sprangers, Schelter: "Serenade - Low-Latency Session-Based Recommendation in
 *          e-Commerce at Scale", SIGMOD 2022 */
enum { VMIS_KNN_LAST_MAX = 9 }; /* the tenth click from the end weighs nothing */
struct vmis_knn_settings {
    uint32_t sessions;   /* m: most recent sessions looked at */
    uint32_t neighbours; /* k: of them, most alike */
    uint32_t last;       /* clicks of the visitor taken, 1 .. VMIS_KNN_LAST_MAX */
};
extern const struct vmis_knn_settings vmis_knn_defaults;

enum status vmis_knn_recommender(const struct dataset *dataset,
                                 const struct vmis_knn_settings *settings, struct arena *arena,
                                 struct recommender *recommender) MUST_USE;

/* A weighted sum of others, each divided by its best score. */
enum { BLEND_PARTS_MAX = 8 };
struct blend_part {
    struct recommender recommender;
    double weight;
};
enum status blend_recommender(const struct blend_part *parts, uint32_t count,
                              const struct dataset *dataset, struct arena *arena,
                              struct recommender *recommender) MUST_USE;

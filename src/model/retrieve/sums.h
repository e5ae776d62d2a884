/* sums.h - sparse sums by item for catalogues too large to hold a number for each: a small hash table
 * that a call makes, fills and forgets. What recommender.h's scores are to evaluation, these are to
 * serving. */
#pragma once
#include "model/retrieve/recommender.h"

struct sums {
    uint32_t *slots; /* place + 1, 0 empty */
    uint32_t slot_mask;
    uint32_t *items;   /* [capacity] by place, in the order they came */
    double *parts;     /* [capacity] of the part under way */
    double *totals;    /* [capacity] of parts folded in */
    uint32_t *touched; /* [capacity] places of the part under way */
    uint32_t touched_count;
    uint32_t count;
    uint32_t capacity;
};

/* capacity  how many items there may be; more are let go */
enum status sums_init(struct sums *sums, uint32_t capacity, struct arena *arena) MUST_USE;

/* amount > 0 */
void sums_add(struct sums *sums, uint32_t item, double amount);

/* The part's sum of an item is nothing after all. */
void sums_remove(struct sums *sums, uint32_t item);

/* The best of the part under way, as scores_best() has them. */
uint32_t sums_part_best(const struct sums *sums, uint32_t wanted, struct ranked *out);

/* Ends the part: weight times its sums, divided by the largest, go into the totals. 0 drops it. Returns the largest. */
double sums_fold(struct sums *sums, double weight);

/* What is folded in of an item; 0: nothing. */
double sums_total(const struct sums *sums, uint32_t item);

uint32_t sums_best(const struct sums *sums, uint32_t wanted, struct ranked *out);

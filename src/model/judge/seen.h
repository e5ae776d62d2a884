/* seen.h - whether a model made elsewhere has learned the clicks that a part asks for.
 *
 *   its clicks are this run's training clicks, or among them       no
 *   it was made of the data that is asked                          yes, unless all of it that was learned
 *                                                                  lies before the first question
 *   both have times                                                yes, if a question lies before the last
 *                                                                  click learned
 *   else                                                           untold
 */
#pragma once
#include "model/judge/dataset.h"

enum seen_verdict { SEEN_NO, SEEN_UNTOLD, SEEN_YES }; /* the worse the higher */

struct seen {
    enum seen_verdict verdict;
    uint32_t before; /* questions that are not later than the last click learned; 0 without times */
    uint32_t questions;
};

/* in       part: of the data set; part_data: the fingerprint of its file, 0: split off the training file */
struct seen seen_judge(const struct learned *learned, const struct dataset *dataset,
                       const struct dataset_part *part, uint64_t part_data);

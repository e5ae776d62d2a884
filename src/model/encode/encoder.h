/* encoder.h - a trained encoder answers: clicks to a vector, once; items by their product with it. */
#pragma once
#include "model/encode/body.h"
#include "model/retrieve/recommender.h"

struct encoder {
    struct encode_layout layout;
    struct encode_body body;
};

/* value    [layout count], the caller's, as long as the encoder lives */
void encoder_init(const struct encode_shape *shape, const real *value, struct encoder *encoder);

/* The vector of the latest clicks; those on items it does not know are passed over.
 * out      [width]
 * fails    NOT_FOUND: no known click; LIMIT: scratch is full */
enum status encoder_encode(const struct encoder *encoder, struct context context,
                           struct arena *scratch, real *out) MUST_USE;

/* What would be without a click: for each of the latest, the vector of the others (leave one out).
 * Attention's weights tell how a layer mixes, not what a score is due to (Jain, Wallace: "Attention is not
 * Explanation", NAACL 2019); what happens without something does (Li, Monroe, Jurafsky:
 * "Understanding Neural Networks through Representation Erasure", 2016). */
enum { ENCODER_ABSENCES_MAX = 10 }; /* 45 rows more at most: the clicks before are encoded once */
struct encoder_absences {
    uint32_t count;
    uint32_t places[ENCODER_ABSENCES_MAX]; /* of the click left out, in the context; latest first */
    const real *vectors;                   /* [count][width]; NULL: the one click there is */
};

/* encoder_encode(), up to the rounding of products of more rows, and those.
 * lives    vectors in scratch
 * fails    NOT_FOUND, LIMIT */
enum status encoder_encode_absences(const struct encoder *encoder, struct context context,
                                    struct arena *scratch, real *out,
                                    struct encoder_absences *absences) MUST_USE;

/* How much lower an item's score would be without each of the clicks; below 0: higher. Not where there is one click
 * only. */
void encoder_drops(const struct encoder *encoder, const real *vector,
                   const struct encoder_absences *absences, uint32_t item,
                   double drops[ENCODER_ABSENCES_MAX]);

/* An item's score. */
double encoder_score(const struct encoder *encoder, const real *vector, uint32_t item);

/* How much lower an item's score would be without the click that it would miss most, by the place of that click
 * in the context; UINT32_MAX: it would miss none. */
uint32_t encoder_cause(const struct encoder *encoder, const real *vector,
                       const struct encoder_absences *absences, uint32_t item);

/* Scores are exp((score - the best score) / temperature), in (0, 1]: what the softmax says, up to a
 * factor. The item clicked last has none. */
struct encoder_setting {
    const struct encoder *encoder;
    double temperature;
    /* Items of the data set asked about by the encoder's, and the other way round; UINT32_MAX: none.
     * NULL: it learned from that data set, they are the same. */
    const uint32_t *theirs;
    const uint32_t *ours;
};
struct recommender encoder_recommender(const struct encoder_setting *setting);

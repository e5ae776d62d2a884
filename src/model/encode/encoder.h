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

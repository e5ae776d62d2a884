/* model_place.h - where a model directory stands: a new model takes an old one's place whole.
 *
 * It is written beside (sys/directory.h), opened there and held against what a shop can use, and only then
 * exchanged with what stood there. So nothing of the old one stays beside the new one, but
 *
 *   index/      made for it with `headrace model index`: kept while the new model can use it
 *   checkpoint  of the training that made the new one
 *
 * What may stand there: nothing, an empty directory, or files of a model of the same kind.
 */
#pragma once
#include "base/buffer.h"
#include "sys/directory.h"

enum model_kind { MODEL_KIND_SLIREC, MODEL_KIND_SASREC, MODEL_KIND_INDEX };

struct model_place {
    const char *directory;
    enum model_kind kind;
    struct directory_change change;
    struct buffer path, other; /* scratch */
};

/* Whether a model of the kind may be made there; before the work is done.
 * out      there: a model or a checkpoint stands there; NULL: not asked for
 * fails    INVALID, LIMIT, IO; message says what is in the way and what to do */
enum status model_place_check(const char *directory, enum model_kind kind, bool *there,
                              struct buffer *message) MUST_USE;

/* Makes the folder that the parts are written to. fails  as model_place_check() */
enum status model_place_begin(const char *directory, enum model_kind kind,
                              struct model_place *place, struct buffer *message) MUST_USE;

/* Lives as long as the place. */
const char *model_place_fresh(const struct model_place *place);

/* A file of the directory that stands there goes into the new one, if there is such. */
enum status model_place_keep(struct model_place *place, const char *name,
                             struct buffer *message) MUST_USE;

/* Opens what was written; if it is good, it takes the place.
 * in       made_of: begins the message if it is not, "shop.tsv makes no model: "
 *          message: empty
 * out      message: if all went well, what is worth a word, a line each
 * fails    INVALID, NOT_FOUND, LIMIT, IO; message says what, where, what to do */
enum status model_place_take(struct model_place *place, const char *made_of,
                             struct buffer *message) MUST_USE;

/* Always. What did not take the place is removed. */
void model_place_end(struct model_place *place);

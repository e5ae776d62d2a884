/* model.h - models that answer in this process, from a model directory: SLi-Rec, an encoder
 * (encode/store.h) or an index of clicks (retrieve/index.h). SLi-Rec's:
 *
 *   MODEL/  MLmodel              signature and flavours (YAML, as MLflow writes it)
 *           headrace.json        format version, hyper-parameters, arithmetic (compat, fixed), order (given,
 *                                time), precision (float32, bf16; absent: float32)
 *           weights.safetensors  61 variables of the checkpoint
 *           items.json cates.json item_category.json products.json   vocabularies and catalogue order
 *
 * A call is a function of its arguments and the time given: 1 row in (userId, items, timestamps),
 * 1 row out (itemIds, preds), as the original pyfunc; unknown items, an empty or over-long history
 * give an answer, never an error.
 */
#pragma once
#include "base/arena.h"
#include "codec/candidates.h"
#include "value/type.h"

struct model;

enum { MODEL_CANDIDATES = 50 }; /* kept for the store; the signature's answer has the first 16 */

/* Loads and checks a directory: shapes, finite numbers, vocabularies. Immutable afterwards, shared by
 * threads. fails  NOT_FOUND, INVALID, LIMIT, IO; message says what, where, what to do */
enum status model_open(const char *directory, struct model **model,
                       struct buffer *message) MUST_USE;
void model_close(struct model *model);

const char *model_version_label(const struct model *model);

/* Record types of the signature, which all models have; live in the arena. */
enum status model_signature(struct arena *arena, const struct type **inputs,
                            const struct type **outputs) MUST_USE;

struct model_answer {
    struct value value;      /* record itemIds, preds: MODEL_ANSWER_ITEMS = 16 */
    struct slice candidates; /* codec/candidates.h: the 50 best, the clicks behind them and seen */
    struct slice viewed;     /* handle of the newest history item; empty: none */
    struct slice message;    /* when it fails */
};

/* in       arguments: record by the signature; timestamps are texts of numbers (seconds, as trained).
 *          History in the order the model was trained with (given, by time); the last 50 count. An unknown item has the unknown id and
 *          category; a missing or unreadable timestamp counts as now; timestamps beyond the items
 *          are ignored; an empty history is scored as padding alone. userId is not read.
 * units    now_ms: milliseconds; the model's own clock is whole seconds, as the original's
 * runs on  any thread; allocates from the arena only
 * lives    the answer in the arena, names in the model
 * fails    TYPE: items or timestamps is no list; LIMIT: arena; both with a message */
enum status model_call(const struct model *model, struct value arguments, int64_t now_ms,
                       struct arena *arena, struct model_answer *answer) MUST_USE;

/* The same, with what is kept of visitors (found by userId) between the calls of one thread: the bits
 * of the answer are model_call's. live: made for this model, or NULL. */
struct live;
enum status model_call_live(const struct model *model, struct live *live, struct value arguments,
                            int64_t now_ms, struct arena *arena,
                            struct model_answer *answer) MUST_USE;

/* NULL: this kind of model keeps nothing (docs/models.md), or there is no room; live_destroy (live.h) ends it. */
struct live *model_live_create(const struct model *model, size_t bytes_max);

/* --- what an index knows besides ------------------------------------------------------------------ */

/* Lists for a page whose visitor no model answered: what goes with the items seen, what is popular of
 * late in their category, what is popular of late. */
enum model_list { MODEL_LIST_NEIGHBOURS, MODEL_LIST_CATEGORY, MODEL_LIST_POPULAR };

bool model_has_index(const struct model *model);

/* in       a model with an index; seen: newest first, unknown ones are passed over
 * out      best first, none of them the newest seen
 * lives    scratch: anything; names in the model and in seen
 * fails    LIMIT: scratch */
enum status model_list(const struct model *model, enum model_list which,
                       const struct seen_items *seen, struct arena *scratch,
                       struct candidate out[MODEL_CANDIDATES], uint32_t *count) MUST_USE;

/* Whether the model's index has no click on an item. */
bool model_is_cold(const struct model *model, struct slice item);

enum model_precision { MODEL_FLOAT32, MODEL_BF16 };

/* By its name, float32 or bf16; false: there is no such. */
bool model_precision_find(const char *name, enum model_precision *precision);

/* Makes a model directory from exported parts (`headrace model import SOURCE DIR`): SOURCE has
 * weights.safetensors, hparams.json, vocab_items.json, vocab_cates.json, vocab_item_category.json,
 * and MLmodel if there is one. It takes the place of a SLi-Rec that stands there (model_place.h): a failed
 * import leaves that.
 * in       inventory: a shop's file with "handle_to_id_dict", for product ids; NULL: handles are the
 *          ids
 *          precision: of the networks while serving; the weights are stored as they are
 * out      message: also of an import that went well, what is worth a word, a line each */
enum status model_import(const char *source, const char *directory, const char *inventory,
                         enum model_precision precision, struct buffer *message) MUST_USE;

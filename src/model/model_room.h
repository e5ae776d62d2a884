/* model_room.h - what a loaded model consists of; for this folder, its tests and its bench. */
#pragma once
#include "model/encode/store.h"
#include "model/index_model.h"
#include "model/mlmodel.h"
#include "model/model.h"
#include "model/slirec.h"
#include "model/vocabulary.h"

enum { MODEL_ANSWER_ITEMS = 16 };
#define MODEL_NO_PLACE UINT32_MAX

/* How a history is read and computed; as it was trained. */
struct model_manner {
    bool fixed;   /* times in seconds, empty slots take no part; else the original's arithmetic */
    bool by_time; /* events in the order of their times; else in the order given */
    bool seconds; /* a time too late to be seconds is milliseconds, now has fractions; else, as the
                     original does, times are taken as they stand and now is in whole seconds */
};

/* A trained model, an encoder, an index, or one of the first two with an index beside it. */
struct model {
    struct arena arena; /* everything below lives in it, but for the index */
    struct model_manner manner;
    const char *label;
    struct index_model *index;     /* NULL: none */
    struct encoder_model *encoder; /* NULL: none; then it is not trained */
    const uint32_t
        *encoded; /* encoder with an index: of the index's items, the encoder's numbers, */
    const uint32_t *indexed; /* and of the encoder's the index's; UINT32_MAX: none */
    const uint32_t *places;  /* trained with an index: its items' places in the catalogue */
    bool trained;            /* what follows is there */
    bool half;               /* headrace.json asks for bf16 */
    struct slirec slirec;
    struct vocabulary vocabulary;
    struct slirec_catalogue catalogue;
};

/* model_open() with messages that name files as they are called in the directory.
 * in       index: a directory to take instead of DIR/index; NULL: DIR/index, if there is one */
enum status model_read(const char *directory, const char *index, struct model **model,
                       struct buffer *message) MUST_USE;

/* What opens and yet cannot recommend: names of which the weights know none, ids of another shop or given
 * twice. notes: what is so in part. fails  INVALID, LIMIT; message */
enum status model_suits(const struct model *model, struct buffer *notes,
                        struct buffer *message) MUST_USE;

/* Writes a model directory's files from exported parts (model_import()) to a folder that is there; nothing is
 * opened. */
struct model_parts {
    const char *source;
    const char *directory;
    const char *inventory; /* NULL: none */
    enum model_precision precision;
};
enum status model_parts_write(const struct model_parts *parts, struct buffer *message) MUST_USE;

/* Whether calls score what the index finds instead of the whole catalogue. */
bool model_two_stages(const struct model *model);

/* What scoring was compiled for; hparams.json and headrace.json must say the same. */
struct model_setting {
    const char *name;
    const char *json; /* compact */
};
enum { MODEL_SETTINGS = 9 };
extern const struct model_setting model_settings[MODEL_SETTINGS];

struct document;

struct model_choice {
    const char *name, *first, *second;
};

/* "arithmetic", "order" and "times" of a JSON object; absent, they are the original's. Fixed arithmetic has
 * its times in seconds.
 * fails  INVALID with a message */
enum status model_manner_read(const char *name, const struct document *document,
                              struct model_manner *manner, struct buffer *message) MUST_USE;

/* Whether an MLmodel's signature is the one all models have. fails  INVALID, LIMIT; message */
enum status model_signature_check(struct model *model, const struct mlmodel *mlmodel,
                                  struct buffer *message) MUST_USE;

/* Holds a JSON object against the settings. fails  INVALID with a message */
enum status model_settings_check(const char *name, const struct document *document, uint32_t object,
                                 struct buffer *message) MUST_USE;

/* What a trained model is given of a call: ids and features, as training computes them.
 * fails    TYPE, LIMIT */
enum status model_history(const struct model *model, struct value arguments, int64_t now_ms,
                          struct arena *arena, struct slirec_history *history) MUST_USE;

/* model.c - opening a model directory: every file read, checked, prepared, then immutable. */
#include "model/model.h"

#include <stdlib.h>

#include "codec/json.h"
#include "model/model_ranking.h"
#include "model/parts.h"
#include "model/seals.h"
#include "sys/file.h"

#define MODEL_BYTES_MAX ((size_t)8 << 30)

const struct model_setting model_settings[MODEL_SETTINGS] = {
    {"model_type", "\"sli_rec\""},
    {"item_embedding_dim", "32"},
    {"cate_embedding_dim", "8"},
    {"hidden_size", "40"},
    {"attention_size", "40"},
    {"max_seq_length", "50"},
    {"att_fcn_layer_sizes", "[80,40]"},
    {"layer_sizes", "[100,64]"},
    {"activation", "[\"relu\",\"relu\"]"},
};

static bool setting_equal(const struct document *document, uint32_t node, const char *json)
{
    struct buffer text;

    buffer_init(&text, 4096);
    json_write_document(document, node, 0, &text);
    bool equal = !text.failed && slice_equal(buffer_slice(&text), slice_of(json));
    buffer_deinit(&text);
    return equal;
}

static enum status setting_refuse(const char *name, const struct model_setting *setting,
                                  struct buffer *message)
{
    buffer_append_text(message, name);
    buffer_append_text(message, ": ");
    buffer_append_text(message, setting->name);
    buffer_append_text(message, " must be ");
    buffer_append_text(message, setting->json);
    buffer_append_text(message, ", what this build computes");
    return STATUS_INVALID;
}

enum status model_settings_check(const char *name, const struct document *document, uint32_t object,
                                 struct buffer *message)
{
    for (size_t i = 0; i < MODEL_SETTINGS; i++) {
        uint32_t node = document->nodes[object].kind != DOCUMENT_OBJECT
                            ? 0
                            : document_member(document, object, slice_of(model_settings[i].name));

        if (node == 0 || !setting_equal(document, node, model_settings[i].json))
            return setting_refuse(name, &model_settings[i], message);
    }
    return STATUS_OK;
}

/* Whether the member is the second of two texts; an absent one is the first. */
static enum status choice_read(const char *name, const struct document *document,
                               const struct model_choice *choice, bool *second,
                               struct buffer *message)
{
    uint32_t node = document_member(document, 0, slice_of(choice->name));

    *second = node != 0 && setting_equal(document, node, choice->second);
    if (node == 0 || *second || setting_equal(document, node, choice->first)) return STATUS_OK;
    buffer_append_text(message, name);
    buffer_append_text(message, ": ");
    buffer_append_text(message, choice->name);
    buffer_append_text(message, " must be ");
    buffer_append_text(message, choice->first);
    buffer_append_text(message, " or ");
    buffer_append_text(message, choice->second);
    return STATUS_INVALID;
}

enum status model_manner_read(const char *name, const struct document *document,
                              struct model_manner *manner, struct buffer *message)
{
    static const struct model_choice arithmetic = {"arithmetic", "\"compat\"", "\"fixed\""};
    static const struct model_choice order = {"order", "\"given\"", "\"time\""};
    static const struct model_choice times = {"times", "\"given\"", "\"seconds\""};
    enum status status = choice_read(name, document, &arithmetic, &manner->fixed, message);

    if (status == STATUS_OK)
        status = choice_read(name, document, &order, &manner->by_time, message);
    if (status == STATUS_OK)
        status = choice_read(name, document, &times, &manner->seconds, message);
    manner->seconds = manner->seconds || manner->fixed;
    return status;
}

/* headrace.json: {"format": 1, "arithmetic": "compat", "order": "given", "times": "given", "hyper_parameters": {...}} */
static enum status read_settings(struct model *model, const char *directory, struct buffer *message)
{
    static const struct model_setting format = {"format", "1"};
    static const char *const members[] = {"format",  "arithmetic", "order",
                                          "times",   "precision",  "hyper_parameters",
                                          "learned", "files",      NULL};
    struct document document;
    enum status status =
        part_read_object(directory, "headrace.json", &model->arena, &document, message);

    if (status != STATUS_OK) return status;
    uint32_t node = document_member(&document, 0, slice_of(format.name));
    if (node == 0 || !setting_equal(&document, node, format.json))
        return setting_refuse("headrace.json", &format, message);
    uint32_t kind = document_member(&document, 0, SLICE("kind"));
    if (kind != 0) {
        return part_refuse("headrace.json", &document, kind,
                           "\"kind\" must be \"index\" or \"sasrec\"; a SLi-Rec has none", message);
    }
    status = part_members_check("headrace.json", &document, members, message);
    if (status != STATUS_OK) return status;
    status = model_manner_read("headrace.json", &document, &model->manner, message);
    if (status == STATUS_OK) {
        static const struct model_choice precision = {"precision", "\"float32\"", "\"bf16\""};

        status = choice_read("headrace.json", &document, &precision, &model->half, message);
    }
    if (status != STATUS_OK) return status;
    uint32_t parameters = document_member(&document, 0, SLICE("hyper_parameters"));
    return model_settings_check("headrace.json: hyper_parameters", &document, parameters, message);
}

/* It is shown on terminals and pages, so it has nothing in it that acts there. */
static enum status check_label(struct slice label, struct buffer *message)
{
    enum { LABEL_BYTES_MAX = 200 };
    bool plain = label.len <= LABEL_BYTES_MAX;

    for (size_t i = 0; plain && i < label.len; i++)
        plain = label.data[i] > ' ' && label.data[i] < 0x7F;
    if (plain) return STATUS_OK;
    buffer_append_text(message, "MLmodel: model_id must be at most 200 printable ASCII characters");
    return STATUS_INVALID;
}

static enum status read_mlmodel(struct model *model, const char *directory, struct buffer *message)
{
    struct mlmodel mlmodel;
    struct buffer yaml;

    buffer_init(&yaml, MLMODEL_BYTES_MAX);
    enum status status = part_read(directory, "MLmodel", &yaml, message);
    if (status == STATUS_OK) {
        size_t before = message->len;

        buffer_append_text(message, "MLmodel: ");
        status = mlmodel_parse(buffer_slice(&yaml), &model->arena, &mlmodel, message);
        if (status == STATUS_OK) message->len = before;
    }
    buffer_deinit(&yaml);
    if (status != STATUS_OK) return status;

    status = check_label(mlmodel.model_id, message);
    if (status != STATUS_OK) return status;
    char *label = arena_zalloc(&model->arena, mlmodel.model_id.len + 1, 1);
    if (label == NULL) return STATUS_LIMIT;
    if (mlmodel.model_id.len > 0) memcpy(label, mlmodel.model_id.data, mlmodel.model_id.len);
    model->label = label;
    return model_signature_check(model, &mlmodel, message);
}

static enum status read_weights(struct model *model, const char *directory, struct buffer *message)
{
    const struct kernels *kernels[KERNELS_MAX + 1];
    struct slirec_weights weights = {0};
    struct buffer file;

    buffer_init(&file, PART_WEIGHTS_BYTES_MAX);
    enum status status = part_read(directory, "weights.safetensors", &file, message);
    if (status == STATUS_OK) {
        size_t before = message->len;

        buffer_append_text(message, "weights.safetensors: ");
        status = slirec_weights_read(buffer_slice(&file), &model->arena, &weights, message);
        if (status == STATUS_OK) message->len = before;
    }
    buffer_deinit(&file);
    if (status != STATUS_OK) return status;
    kernels_available(kernels);
    status = slirec_prepare(&weights, kernels[0], &model->arena, &model->slirec);
    model->slirec.half = model->half;
    model->slirec.masked = model->manner.fixed;
    return status;
}

static enum status make_catalogue(struct model *model)
{
    const struct vocabulary *vocabulary = &model->vocabulary;
    uint32_t count = vocabulary->catalogue_count;
    uint32_t *items = arena_alloc(&model->arena, count, sizeof(*items));
    uint32_t *cates = arena_alloc(&model->arena, count, sizeof(*cates));

    if (items == NULL || cates == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; i < count; i++) {
        items[i] = vocabulary->items[i].item;
        cates[i] = vocabulary->items[i].cate;
    }
    return slirec_catalogue_init(&model->slirec, items, cates, count, &model->arena,
                                 &model->catalogue);
}

/* --- an index, alone or beside a trained model --------------------------------------------------- */

bool model_two_stages(const struct model *model)
{
    return model->trained && model->index != NULL &&
           model->catalogue.count > model->index->settings.rerank_above;
}

static enum status open_index(struct model *model, const char *directory, struct buffer *message)
{
    enum status status = index_model_open(directory, &model->index, message);

    if (status == STATUS_OK) model->label = (const char *)model->index->version.data;
    return status;
}

/* Where the index's items stand in the catalogue. */
static enum status find_places(struct model *model, struct buffer *message)
{
    const struct index *index = &model->index->index;
    const struct vocabulary *vocabulary = &model->vocabulary;
    uint32_t *places = arena_alloc(&model->arena, index->counts.items, sizeof(*places));
    uint32_t found = 0;

    if (places == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < index->counts.items; item++) {
        const struct vocabulary_item *known = vocabulary_find(vocabulary, index_name(index, item));
        bool candidate = known != NULL && known - vocabulary->items < vocabulary->catalogue_count;

        places[item] = candidate ? (uint32_t)(known - vocabulary->items) : MODEL_NO_PLACE;
        found += candidate;
    }
    model->places = places;
    if (found > 0) return STATUS_OK;
    buffer_append_text(message, "index: none of its items is in the model's catalogue; make it "
                                "from the clicks the model was trained on");
    return STATUS_INVALID;
}

/* DIR/index, if there is one, or the directory given. */
static enum status open_index_beside(struct model *model, const char *directory, const char *index,
                                     struct buffer *message)
{
    struct buffer path;

    buffer_init(&path, 4096);
    const char *beside = index != NULL ? index : file_join(&path, directory, "index");
    size_t before = message->len;
    enum status status = path.failed || (index == NULL && !file_is_directory(beside))
                             ? STATUS_NOT_FOUND
                             : index_model_open(beside, &model->index, message);
    if (status != STATUS_OK) part_place("index", before, message);
    buffer_deinit(&path);
    if (status == STATUS_NOT_FOUND && model->index == NULL && message->len == before)
        return STATUS_OK;
    if (status != STATUS_OK) return status;
    return model->encoder != NULL ? model_match_items(model, message) : find_places(model, message);
}

static enum status open_encoder(struct model *model, const char *directory, const char *index,
                                struct buffer *message)
{
    enum status status = encoder_model_open(directory, &model->encoder, message);

    if (status == STATUS_OK) status = open_index_beside(model, directory, index, message);
    if (status == STATUS_OK) model->label = encoder_model_version(model->encoder);
    return status;
}

static enum status open_trained(struct model *model, const char *directory, const char *index,
                                struct buffer *message)
{
    enum status status = read_settings(model, directory, message);

    if (status == STATUS_OK) status = read_mlmodel(model, directory, message);
    if (status == STATUS_OK) status = read_weights(model, directory, message);
    if (status == STATUS_OK) {
        status = vocabulary_read(directory, model->slirec.weights.item_count,
                                 model->slirec.weights.cate_count, &model->arena,
                                 &model->vocabulary, message);
    }
    if (status == STATUS_OK) status = make_catalogue(model);
    if (status == STATUS_OK) status = open_index_beside(model, directory, index, message);
    model->trained = true;
    return status;
}

/* headrace.json says which kind of model the directory has, and which files were made together. */
static enum status open_kind(struct model *model, const char *directory, const char *index,
                             struct buffer *message)
{
    struct document settings;
    enum status status =
        part_read_object(directory, "headrace.json", &model->arena, &settings, message);

    if (status != STATUS_OK) return status;
    status = index_model_is(&settings)     ? open_index(model, directory, message)
             : encoder_model_is(directory) ? open_encoder(model, directory, index, message)
                                           : open_trained(model, directory, index, message);
    return status == STATUS_OK ? seals_check(directory, &settings, message) : status;
}

enum status model_read(const char *directory, const char *index, struct model **model,
                       struct buffer *message)
{
    struct model *opened = calloc(1, sizeof(*opened));

    *model = NULL;
    if (opened == NULL) return STATUS_LIMIT;
    arena_init(&opened->arena, MODEL_BYTES_MAX);
    enum status status = open_kind(opened, directory, index, message);
    if (status != STATUS_OK) {
        model_close(opened);
        return status;
    }
    *model = opened;
    return STATUS_OK;
}

enum status model_open(const char *directory, struct model **model, struct buffer *message)
{
    size_t before = message->len;
    enum status status = model_read(directory, NULL, model, message);

    if (status == STATUS_OK) return status;
    part_place(directory, before, message);
    if (message->len == before) {
        buffer_append_text(message, directory);
        buffer_append_text(message, ": the model does not fit the memory set aside for it");
    }
    return status;
}

void model_close(struct model *model)
{
    if (model == NULL) return;
    index_model_close(model->index);
    encoder_model_close(model->encoder);
    arena_deinit(&model->arena);
    free(model);
}

const char *model_version_label(const struct model *model)
{
    return model->label;
}

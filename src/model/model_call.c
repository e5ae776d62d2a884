/* model_call.c - a call: arguments to what the visitor did, that to the best items, those to the answer. */
#include "codec/candidates.h"
#include "model/model_room.h"
#include "model/slirec_time.h"
#include "model/topk.h"

/* The history with its ids and features, in the order given. */
static void history_init(const struct model *model, const struct past *past, double now,
                         struct slirec_history *history)
{
    double times[SLIREC_STEPS_MAX + 1];
    double from_first[SLIREC_STEPS_MAX + 1];
    double to_now[SLIREC_STEPS_MAX + 1];

    history->len = past_len(past);
    times[0] = past->first_time; /* element 0 is only the origin; the features come after it */
    for (uint32_t t = 0; t < history->len; t++) {
        const struct past_event *event = past_at(past, t);
        const struct vocabulary_item *item = vocabulary_find(&model->vocabulary, event->item);

        history->items[t] = item == NULL ? 0 : item->item;
        history->cates[t] = item == NULL ? 0 : item->cate;
        times[t + 1] = event->time;
    }
    slirec_times(SLIREC_DAYS, times, history->len + 1, now, from_first, to_now);
    for (uint32_t t = 0; t < history->len; t++) {
        history->from_first[t] = (float)from_first[t + 1];
        history->to_now[t] = (float)to_now[t + 1];
    }
}

static float pred_of(float logit)
{
    return (float)(1.0 / (1.0 + slirec_exp(-(double)logit)));
}

/* --- all of a catalogue, or what retrieval finds in it ------------------------------------------- */

/* Places in the catalogue of what goes with the past; those it lacks are passed over. */
static enum status places_of(const struct model *model, const struct past *past,
                             struct arena *arena, uint32_t *places, uint32_t *count)
{
    uint32_t wanted = model->index->settings.rerank_candidates;
    struct ranked *found = arena_alloc(arena, wanted, sizeof(*found));
    uint32_t found_count = 0;

    *count = 0;
    if (found == NULL) return STATUS_LIMIT;
    enum status status = index_model_rank(model->index, past, wanted, arena, found, &found_count);
    for (uint32_t i = 0; status == STATUS_OK && i < found_count; i++) {
        uint32_t place = model->places[found[i].item];

        if (place != MODEL_NO_PLACE) places[(*count)++] = place;
    }
    return status;
}

static void candidates_of(const struct model *model, const struct ranked *best,
                          const uint32_t *places, uint32_t count, struct candidate *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = places == NULL ? best[i].item : places[best[i].item];

        out[i] = (struct candidate){model->vocabulary.items[place].product,
                                    pred_of((float)best[i].score)};
    }
}

static enum status rank_all(const struct model *model, const struct slirec_user *user,
                            struct arena *arena, struct candidate *out, uint32_t *count)
{
    struct ranked best[MODEL_CANDIDATES];
    float *logits = slirec_floats(arena, (size_t)model->catalogue.block_count * BLOCK);

    if (logits == NULL) return STATUS_LIMIT;
    enum status status = slirec_score(&model->slirec, user, &model->catalogue, arena, logits);
    if (status != STATUS_OK) return status;
    *count = topk_select(logits, model->catalogue.count, MODEL_CANDIDATES, best);
    candidates_of(model, best, NULL, *count, out);
    return STATUS_OK;
}

static enum status rank_some(const struct model *model, const struct past *past,
                             const struct slirec_user *user, struct arena *arena,
                             struct candidate *out, uint32_t *count)
{
    struct ranked best[MODEL_CANDIDATES];
    uint32_t places[INDEX_RANKED_MAX];
    uint32_t some;
    enum status status = places_of(model, past, arena, places, &some);
    float *logits = slirec_floats(arena, (size_t)some + BLOCK);

    if (logits == NULL) return STATUS_LIMIT;
    if (status == STATUS_OK) {
        status =
            slirec_score_some(&model->slirec, user, &model->catalogue, places, some, arena, logits);
    }
    if (status != STATUS_OK) return status;
    *count = topk_select(logits, some, MODEL_CANDIDATES, best);
    candidates_of(model, best, places, *count, out);
    return STATUS_OK;
}

static enum status rank_trained(const struct model *model, const struct past *past, double now,
                                struct arena *arena, struct candidate *out, uint32_t *count)
{
    struct slirec_history history;
    struct slirec_user user;

    history_init(model, past, now, &history);
    enum status status = slirec_user_init(&model->slirec, &history, arena, &user);
    if (status != STATUS_OK) return status;
    return model_two_stages(model) ? rank_some(model, past, &user, arena, out, count)
                                   : rank_all(model, &user, arena, out, count);
}

static enum status rank_index(const struct model *model, const struct past *past,
                              struct arena *arena, struct candidate *out, uint32_t *count)
{
    struct ranked best[MODEL_CANDIDATES];
    const struct index_model *index = model->index;
    enum status status = index_model_rank(index, past, MODEL_CANDIDATES, arena, best, count);

    for (uint32_t i = 0; status == STATUS_OK && i < *count; i++) {
        out[i] = (struct candidate){index_product_id(&index->index, best[i].item),
                                    (float)(best[i].score / index->weight_sum)};
    }
    return status;
}

/* --- the answer ---------------------------------------------------------------------------------- */

static enum status candidates_make(const struct candidate *candidates, uint32_t count,
                                   struct arena *arena, struct slice *bytes)
{
    size_t size = 1 + VARINT_BYTES_MAX;

    for (uint32_t i = 0; i < count; i++)
        size += candidates[i].item.len + VARINT_BYTES_MAX + sizeof(float);
    /* A buffer over the arena's bytes: large enough, so that it never grows. */
    struct buffer out = {.data = arena_alloc(arena, size, 1), .capacity = size, .bytes_max = size};
    if (out.data == NULL) return STATUS_LIMIT;
    candidates_write(candidates, count, &out);
    ASSERT(!out.failed);
    *bytes = buffer_slice(&out);
    return STATUS_OK;
}

/* {itemIds: [16 texts], preds: [16 doubles]} */
static enum status value_make(const struct candidate *candidates, uint32_t count,
                              struct arena *arena, struct value *value)
{
    struct value *ids = arena_alloc(arena, MODEL_ANSWER_ITEMS, sizeof(*ids));
    struct value *preds = arena_alloc(arena, MODEL_ANSWER_ITEMS, sizeof(*preds));
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));

    if (ids == NULL || preds == NULL || entries == NULL) return STATUS_LIMIT;
    if (count > MODEL_ANSWER_ITEMS) count = MODEL_ANSWER_ITEMS;
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = value_string(candidates[i].item);
        preds[i] = value_double((double)candidates[i].score);
    }
    entries[0] = (struct value_entry){value_string(SLICE("itemIds")), value_list(ids, count)};
    entries[1] = (struct value_entry){value_string(SLICE("preds")), value_list(preds, count)};
    *value = value_map(entries, 2);
    return STATUS_OK;
}

/* A list under a name; anything else is the caller's mistake. */
static enum status list_argument(struct value arguments, const char *name, struct arena *arena,
                                 struct value *list)
{
    enum status status = STATUS_NOT_FOUND;

    if (arguments.kind == VALUE_MAP) status = map_get(arguments, slice_of(name), arena, list);
    if (status == STATUS_LIMIT) return status;
    return status == STATUS_OK && list->kind == VALUE_LIST ? STATUS_OK : STATUS_TYPE;
}

/* What the arguments say the visitor did. */
static enum status past_of(struct value arguments, double now, struct arena *arena,
                           struct past *past, struct slice *message)
{
    struct value items;
    struct value timestamps;
    enum status status = list_argument(arguments, "items", arena, &items);

    if (status == STATUS_TYPE) *message = SLICE("items must be a list of item names");
    if (status != STATUS_OK) return status;
    status = list_argument(arguments, "timestamps", arena, &timestamps);
    if (status == STATUS_TYPE)
        *message = SLICE("timestamps must be a list of texts, seconds since 1970");
    return status == STATUS_OK ? past_read(items, timestamps, now, arena, past) : status;
}

enum status model_call(const struct model *model, struct value arguments, int64_t now_ms,
                       struct arena *arena, struct model_answer *answer)
{
    double now = (double)(now_ms >= 0 ? now_ms / 1000 : -((999 - now_ms) / 1000));
    struct past past;
    struct candidate candidates[MODEL_CANDIDATES];
    uint32_t count = 0;

    *answer = (struct model_answer){.value = value_null()};
    enum status status = past_of(arguments, now, arena, &past, &answer->message);
    if (status == STATUS_OK) {
        struct arena_mark mark = arena_mark(arena);

        status = model->trained ? rank_trained(model, &past, now, arena, candidates, &count)
                                : rank_index(model, &past, arena, candidates, &count);
        arena_rewind(arena, mark);
    }
    if (status == STATUS_OK) status = value_make(candidates, count, arena, &answer->value);
    if (status == STATUS_OK)
        status = candidates_make(candidates, count, arena, &answer->candidates);
    if (status == STATUS_OK && past.count > 0) answer->viewed = past.newest.item;
    if (status == STATUS_LIMIT) answer->message = SLICE("the call's memory is used up");
    return status;
}

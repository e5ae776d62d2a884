/* model_call.c - a call: arguments to what the visitor did, that to the best items, those to the answer. */
#include "base/hash.h"
#include "codec/candidates.h"
#include "model/live.h"
#include "model/model_ranking.h"
#include "model/slirec_time.h"
#include "model/topk.h"

enum { SEEN_BYTES_MAX = 1024 }; /* a longer name is no product's */

/* The events with their ids and features. */
static void history_init(const struct model *model, const struct past *past, double now,
                         struct slirec_history *history)
{
    enum slirec_clock clock = model->manner.fixed ? SLIREC_SECONDS : SLIREC_DAYS;
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
    slirec_times(clock, times, history->len + 1, now, from_first, to_now);
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
static enum status places_of(const struct ranking *ranking, uint32_t *places, uint32_t *count)
{
    const struct model *model = ranking->model;
    struct index_model_list found = {.wanted = model->index->settings.rerank_candidates};

    *count = 0;
    found.items = arena_alloc(ranking->arena, found.wanted, sizeof(*found.items));
    if (found.items == NULL) return STATUS_LIMIT;
    enum status status = index_model_rank(model->index, ranking->past, ranking->arena, &found);
    for (uint32_t i = 0; status == STATUS_OK && i < found.count; i++) {
        uint32_t place = model->places[found.items[i].item];

        if (place != MODEL_NO_PLACE) places[(*count)++] = place;
    }
    return status;
}

/* The click that weighed most in the score at `at`. */
static struct slice because_of(const struct past *past, const float *cause, uint32_t at)
{
    return cause[at] < 0.0F ? (struct slice){0} : past_at(past, (uint32_t)cause[at])->item;
}

/* Scores `count` items, of the whole catalogue or of extras->which, and takes the best. */
static enum status rank_scored(struct ranking *ranking, const struct slirec_user *user,
                               struct slirec_extras *extras, uint32_t count)
{
    const struct model *model = ranking->model;
    struct ranked best[MODEL_CANDIDATES];
    float *logits = slirec_floats(ranking->arena, (size_t)count + BLOCK);

    extras->cause = slirec_floats(ranking->arena, (size_t)count + BLOCK);
    extras->cause_share = slirec_floats(ranking->arena, (size_t)count + BLOCK);
    if (logits == NULL || extras->cause == NULL || extras->cause_share == NULL) return STATUS_LIMIT;
    enum status status =
        slirec_score_extra(&model->slirec, user, &model->catalogue, extras, ranking->arena, logits);
    if (status != STATUS_OK) return status;
    ranking->count = topk_select(logits, count, MODEL_CANDIDATES, best);
    for (uint32_t i = 0; i < ranking->count; i++) {
        uint32_t place = extras->which == NULL ? best[i].item : extras->which[best[i].item];

        ranking->out[i] = (struct candidate){
            .item = model->vocabulary.items[place].product,
            .score = pred_of((float)best[i].score),
            .because = because_of(ranking->past, extras->cause, best[i].item),
        };
    }
    return STATUS_OK;
}

static enum status rank_some(struct ranking *ranking, const struct slirec_history *history)
{
    uint32_t places[INDEX_RANKED_MAX];
    struct slirec_extras extras = {.which = places};
    struct slirec_user user;
    enum status status = places_of(ranking, places, &extras.which_count);

    if (status == STATUS_OK)
        status = slirec_user_init(&ranking->model->slirec, history, ranking->arena, &user);
    return status == STATUS_OK ? rank_scored(ranking, &user, &extras, extras.which_count) : status;
}

static enum status rank_all(struct ranking *ranking, const struct slirec_history *history)
{
    const struct model *model = ranking->model;
    struct slirec_extras extras = {0};
    struct slirec_user user;
    struct live_visit visit;

    if (ranking->live != NULL) {
        live_begin(ranking->live, ranking->visitor, history, &visit);
        extras.step_logits = visit.rows;
        extras.known = visit.known;
    }
    enum status status =
        slirec_user_init_known(&model->slirec, history, extras.known, ranking->arena, &user);
    if (status == STATUS_OK) status = rank_scored(ranking, &user, &extras, model->catalogue.count);
    if (status == STATUS_OK && ranking->live != NULL) live_keep(ranking->live, &visit, history);
    return status;
}

static enum status rank_trained(struct ranking *ranking)
{
    struct slirec_history history;

    history_init(ranking->model, ranking->past, ranking->now, &history);
    return model_two_stages(ranking->model) ? rank_some(ranking, &history)
                                            : rank_all(ranking, &history);
}

static enum status rank_index(struct ranking *ranking)
{
    struct ranked best[MODEL_CANDIDATES];
    struct slice because[MODEL_CANDIDATES];
    struct index_model_list list = {.items = best, .wanted = MODEL_CANDIDATES, .because = because};
    const struct index_model *index = ranking->model->index;
    enum status status = index_model_rank(index, ranking->past, ranking->arena, &list);

    for (uint32_t i = 0; i < list.count; i++) {
        ranking->out[i] = (struct candidate){
            .item = index_product_id(&index->index, best[i].item),
            .score = (float)(best[i].score / index->weight_sum),
            .because = because[i],
        };
    }
    ranking->count = list.count;
    return status;
}

static enum status rank_encoder(struct ranking *ranking)
{
    const struct encoder_model *encoder = ranking->model->encoder;
    struct ranked best[MODEL_CANDIDATES];
    uint32_t causes[MODEL_CANDIDATES];
    struct encoder_list list = {.items = best, .wanted = MODEL_CANDIDATES, .causes = causes};
    struct past_event events[PAST_EVENTS_MAX];
    uint32_t items[PAST_EVENTS_MAX];
    struct context context = {.items = items, .len = 0};
    uint32_t len = past_by_time(ranking->past, events);

    for (uint32_t i = 0; i < len; i++) {
        items[context.len] = encoder_model_find(encoder, events[i].item);
        if (items[context.len] != UINT32_MAX) events[context.len++].item = events[i].item;
    }
    enum status status = encoder_model_rank(encoder, context, ranking->arena, &list);
    for (uint32_t i = 0; i < list.count; i++) {
        ranking->out[i] = (struct candidate){
            .item = encoder_model_name(encoder, best[i].item),
            .score = (float)best[i].score,
            .because = causes[i] == UINT32_MAX ? (struct slice){0} : events[causes[i]].item,
        };
    }
    ranking->count = list.count;
    return status;
}

static enum status rank_encoder_or_hybrid(struct ranking *ranking)
{
    return ranking->model->index != NULL ? model_rank_hybrid(ranking) : rank_encoder(ranking);
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* What the visitor looked at, newest first, each once. */
static void seen_of(const struct past *past, struct seen_items *seen)
{
    struct past_event events[PAST_EVENTS_MAX];

    seen->count = 0;
    for (uint32_t at = past_by_time(past, events); at-- > 0 && seen->count < CANDIDATES_SEEN_MAX;) {
        struct slice item = events[at].item;
        bool again = item.len == 0 || item.len > SEEN_BYTES_MAX;

        for (uint32_t i = 0; i < seen->count; i++)
            again = again || slice_equal(seen->items[i], item);
        if (!again) seen->items[seen->count++] = item;
    }
}

static enum status candidates_make(const struct candidate *candidates, uint32_t count,
                                   const struct past *past, struct arena *arena,
                                   struct slice *bytes)
{
    struct seen_items seen;
    size_t size = candidates_size_max(candidates, count) + VARINT_BYTES_MAX;

    seen_of(past, &seen);
    for (uint32_t i = 0; i < seen.count; i++)
        size += seen.items[i].len + VARINT_BYTES_MAX;
    /* A buffer over the arena's bytes: large enough, so that it never grows. */
    struct buffer out = {.data = arena_alloc(arena, size, 1), .capacity = size, .bytes_max = size};
    if (out.data == NULL) return STATUS_LIMIT;
    candidates_write_seen(candidates, count, &seen, &out);
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

static double now_of(const struct model *model, int64_t now_ms)
{
    if (model->manner.seconds) return (double)now_ms / 1000.0;
    return (double)(now_ms >= 0 ? now_ms / 1000 : -((999 - now_ms) / 1000));
}

/* What the arguments say the visitor did. */
static enum status past_of(const struct model *model, struct value arguments, double now,
                           struct arena *arena, struct past *past, struct slice *message)
{
    enum past_order order = model->manner.by_time   ? PAST_BY_TIME
                            : model->manner.seconds ? PAST_SECONDS
                                                    : PAST_GIVEN;
    struct value items;
    struct value timestamps;
    enum status status = list_argument(arguments, "items", arena, &items);

    if (status == STATUS_TYPE) *message = SLICE("items must be a list of item names");
    if (status != STATUS_OK) return status;
    status = list_argument(arguments, "timestamps", arena, &timestamps);
    if (status == STATUS_TYPE)
        *message = SLICE("timestamps must be a list of texts, seconds since 1970");
    return status == STATUS_OK ? past_read(items, timestamps, now, order, arena, past) : status;
}

enum status model_history(const struct model *model, struct value arguments, int64_t now_ms,
                          struct arena *arena, struct slirec_history *history)
{
    double now = now_of(model, now_ms);
    struct slice message = {0};
    struct past past;
    enum status status = past_of(model, arguments, now, arena, &past, &message);

    if (status == STATUS_OK) history_init(model, &past, now, history);
    return status;
}

/* Only a hint where to look, so any number will do. */
static uint64_t visitor_of(struct value arguments, struct arena *arena)
{
    struct value user;

    if (map_get(arguments, SLICE("userId"), arena, &user) != STATUS_OK) return 0;
    return user.kind == VALUE_STRING ? hash_bytes(value_text(user), 0) : 0;
}

struct live *model_live_create(const struct model *model, size_t bytes_max)
{
    bool times_move = model->manner.fixed; /* seconds: no click has the same from call to call */

    if (!model->trained || model_two_stages(model) || times_move) return NULL;
    return live_create((size_t)model->catalogue.block_count * BLOCK, bytes_max);
}

enum status model_call(const struct model *model, struct value arguments, int64_t now_ms,
                       struct arena *arena, struct model_answer *answer)
{
    return model_call_live(model, NULL, arguments, now_ms, arena, answer);
}

enum status model_call_live(const struct model *model, struct live *live, struct value arguments,
                            int64_t now_ms, struct arena *arena, struct model_answer *answer)
{
    struct past past;
    struct candidate candidates[MODEL_CANDIDATES];
    struct ranking ranking = {
        .model = model,
        .live = live,
        .past = &past,
        .now = now_of(model, now_ms),
        .arena = arena,
        .out = candidates,
    };

    *answer = (struct model_answer){.value = value_null()};
    enum status status = past_of(model, arguments, ranking.now, arena, &past, &answer->message);
    if (status == STATUS_OK) {
        struct arena_mark mark = arena_mark(arena);

        if (live != NULL) ranking.visitor = visitor_of(arguments, arena);
        status = model->trained           ? rank_trained(&ranking)
                 : model->encoder != NULL ? rank_encoder_or_hybrid(&ranking)
                                          : rank_index(&ranking);
        arena_rewind(arena, mark);
    }
    if (status == STATUS_OK) status = value_make(candidates, ranking.count, arena, &answer->value);
    if (status == STATUS_OK)
        status = candidates_make(candidates, ranking.count, &past, arena, &answer->candidates);
    if (status == STATUS_OK && past.count > 0) answer->viewed = past.newest.item;
    if (status == STATUS_LIMIT) answer->message = SLICE("the call's memory is used up");
    return status;
}

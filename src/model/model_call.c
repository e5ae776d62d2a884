/* model_call.c - a call: arguments to history, history to logits, logits to the answer.
 *
 * The history is read in one pass whatever its length: only its first time, its last 50 events and
 * its newest event matter.
 */
#include "codec/candidates.h"
#include "model/model_room.h"
#include "model/number_text.h"
#include "model/slirec_time.h"
#include "model/topk.h"

struct event {
    struct slice item; /* empty: not a text */
    double time;
};

/* What is kept of a history: a ring of its last events. */
struct past {
    struct event last[SLIREC_STEPS_MAX];
    uint64_t count;
    double first_time;
    struct event newest;
};

static void past_add(struct past *past, struct event event)
{
    if (past->count == 0) past->first_time = event.time;
    if (past->count == 0 || event.time >= past->newest.time) past->newest = event;
    past->last[past->count % SLIREC_STEPS_MAX] = event;
    past->count++;
}

/* Seconds of a timestamp; `now` for what is none. */
static double time_of(struct value timestamp, double now)
{
    double seconds;

    switch (timestamp.kind) {
    case VALUE_STRING: return number_text(value_text(timestamp), &seconds) ? seconds : now;
    case VALUE_INTEGER:
    case VALUE_LONG: return (double)timestamp.i64;
    default: return now;
    }
}

static enum status past_read(struct value items, struct value timestamps, double now,
                             struct arena *arena, struct past *past)
{
    struct value_cursor item_cursor = value_cursor(items);
    struct value_cursor time_cursor = value_cursor(timestamps);
    struct value_entry item;
    struct value_entry time;
    enum status status = STATUS_OK;

    *past = (struct past){0};
    while (cursor_next(&item_cursor, arena, &item, &status)) {
        struct event event = {.time = now};

        if (cursor_next(&time_cursor, arena, &time, &status)) event.time = time_of(time.value, now);
        if (status != STATUS_OK) return status;
        if (item.value.kind == VALUE_STRING) event.item = value_text(item.value);
        past_add(past, event);
    }
    return status;
}

/* The history with its ids and features, in the order given. */
static void history_init(const struct model *model, const struct past *past, double now,
                         struct slirec_history *history)
{
    uint64_t from = past->count > SLIREC_STEPS_MAX ? past->count - SLIREC_STEPS_MAX : 0;
    double times[SLIREC_STEPS_MAX + 1];
    double from_first[SLIREC_STEPS_MAX + 1];
    double to_now[SLIREC_STEPS_MAX + 1];

    history->len = (uint32_t)(past->count - from);
    times[0] = past->first_time; /* element 0 is only the origin; the features come after it */
    for (uint32_t t = 0; t < history->len; t++) {
        const struct event *event = &past->last[(from + t) % SLIREC_STEPS_MAX];
        const struct vocabulary_item *item = vocabulary_find(&model->vocabulary, event->item);

        history->items[t] = item == NULL ? 0 : item->item;
        history->cates[t] = item == NULL ? 0 : item->cate;
        times[t + 1] = event->time;
    }
    slirec_times(times, history->len + 1, now, from_first, to_now);
    for (uint32_t t = 0; t < history->len; t++) {
        history->from_first[t] = (float)from_first[t + 1];
        history->to_now[t] = (float)to_now[t + 1];
    }
}

/* The best candidates of a history, with their logits. */
static enum status best_of(const struct model *model, const struct slirec_history *history,
                           struct arena *arena, struct ranked best[MODEL_CANDIDATES],
                           uint32_t *count)
{
    struct slirec_user user;
    float *logits = slirec_floats(arena, (size_t)model->catalogue.block_count * BLOCK);

    if (logits == NULL) return STATUS_LIMIT;
    enum status status = slirec_user_init(&model->slirec, history, arena, &user);
    if (status == STATUS_OK)
        status = slirec_score(&model->slirec, &user, &model->catalogue, arena, logits);
    if (status == STATUS_OK)
        *count = topk_select(logits, model->catalogue.count, MODEL_CANDIDATES, best);
    return status;
}

static float pred_of(float logit)
{
    return (float)(1.0 / (1.0 + slirec_exp(-(double)logit)));
}

static enum status candidates_make(const struct model *model, const struct ranked *best,
                                   uint32_t count, struct arena *arena, struct slice *bytes)
{
    struct candidate candidates[MODEL_CANDIDATES];
    size_t size = 1 + VARINT_BYTES_MAX;

    for (uint32_t i = 0; i < count; i++) {
        struct slice product = model->vocabulary.items[best[i].item].product;

        candidates[i] = (struct candidate){product, pred_of((float)best[i].score)};
        size += product.len + VARINT_BYTES_MAX + sizeof(float);
    }
    /* A buffer over the arena's bytes: large enough, so that it never grows. */
    struct buffer out = {.data = arena_alloc(arena, size, 1), .capacity = size, .bytes_max = size};
    if (out.data == NULL) return STATUS_LIMIT;
    candidates_write(candidates, count, &out);
    ASSERT(!out.failed);
    *bytes = buffer_slice(&out);
    return STATUS_OK;
}

/* {itemIds: [16 texts], preds: [16 doubles]} */
static enum status value_make(const struct model *model, const struct ranked *best, uint32_t count,
                              struct arena *arena, struct value *value)
{
    struct value *ids = arena_alloc(arena, MODEL_ANSWER_ITEMS, sizeof(*ids));
    struct value *preds = arena_alloc(arena, MODEL_ANSWER_ITEMS, sizeof(*preds));
    struct value_entry *entries = arena_alloc(arena, 2, sizeof(*entries));

    if (ids == NULL || preds == NULL || entries == NULL) return STATUS_LIMIT;
    if (count > MODEL_ANSWER_ITEMS) count = MODEL_ANSWER_ITEMS;
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = value_string(model->vocabulary.items[best[i].item].product);
        preds[i] = value_double((double)pred_of((float)best[i].score));
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

enum status model_call(const struct model *model, struct value arguments, int64_t now_ms,
                       struct arena *arena, struct model_answer *answer)
{
    double now = (double)(now_ms >= 0 ? now_ms / 1000 : -((999 - now_ms) / 1000));
    struct value items;
    struct value timestamps;
    struct past past;
    struct slirec_history history;
    struct ranked best[MODEL_CANDIDATES];
    uint32_t count = 0;

    *answer = (struct model_answer){.value = value_null()};
    enum status status = list_argument(arguments, "items", arena, &items);
    if (status == STATUS_TYPE) answer->message = SLICE("items must be a list of item names");
    if (status == STATUS_OK) {
        status = list_argument(arguments, "timestamps", arena, &timestamps);
        if (status == STATUS_TYPE)
            answer->message = SLICE("timestamps must be a list of texts, seconds since 1970");
    }
    if (status == STATUS_OK) status = past_read(items, timestamps, now, arena, &past);
    if (status == STATUS_OK) {
        struct arena_mark mark = arena_mark(arena);

        history_init(model, &past, now, &history);
        status = best_of(model, &history, arena, best, &count);
        arena_rewind(arena, mark);
    }
    if (status == STATUS_OK) status = value_make(model, best, count, arena, &answer->value);
    if (status == STATUS_OK)
        status = candidates_make(model, best, count, arena, &answer->candidates);
    if (status == STATUS_OK && past.count > 0) answer->viewed = past.newest.item;
    if (status == STATUS_LIMIT) answer->message = SLICE("the call's memory is used up");
    return status;
}

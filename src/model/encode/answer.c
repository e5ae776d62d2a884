/* answer.c - the best of an opened encoder's items for a visitor: encoded once, scanned once. */
#include <math.h>

#include "model/encode/store_room.h"

const char *encoder_model_version(const struct encoder_model *model)
{
    return model->version;
}

/* Items are numbered by their clicks in training. */
static uint32_t rank_popular(const struct encoder_model *model, uint32_t wanted, struct ranked *out)
{
    uint32_t items = model->encoder.layout.shape.items;
    uint32_t count = wanted < items ? wanted : items;

    for (uint32_t i = 0; i < count; i++)
        out[i] = (struct ranked){.score = 1.0 / (i + 1.0), .item = i};
    return count;
}

/* One more than wanted was taken, since the last click may be among them. */
static uint32_t last_leave_out(struct ranked *best, uint32_t count, uint32_t last, uint32_t wanted,
                               struct ranked *out)
{
    uint32_t kept = 0;
    double highest = 0.0;

    for (uint32_t i = 0; i < count && kept < wanted; i++) {
        if (best[i].item == last) continue;
        if (kept == 0) highest = best[i].score;
        out[kept++] = (struct ranked){exp(best[i].score - highest), best[i].item};
    }
    return kept;
}

static bool is_finite(const real *vector, uint32_t width)
{
    for (uint32_t d = 0; d < width; d++) {
        if (!isfinite(vector[d])) return false;
    }
    return true;
}

enum status encoder_model_encode(const struct encoder_model *model, struct context context,
                                 bool absences, struct arena *arena, struct encoder_visit *visit)
{
    uint32_t width = model->encoder.layout.shape.width;
    real *vector = arena_alloc(arena, width, sizeof(*vector));
    struct arena_mark mark = arena_mark(arena);
    enum status status = STATUS_LIMIT;

    *visit = (struct encoder_visit){.vector = vector};
    if (vector == NULL) return STATUS_LIMIT;
    if (context.len == 0) return STATUS_NOT_FOUND;
    if (absences) {
        status = encoder_encode_absences(&model->encoder, context, arena, vector, &visit->absences);
    }
    if (status == STATUS_LIMIT) {
        arena_rewind(arena, mark);
        status = encoder_encode(&model->encoder, context, arena, vector);
    }
    return status == STATUS_OK && !is_finite(vector, width) ? STATUS_NOT_FOUND : status;
}

enum status encoder_model_scan(const struct encoder_model *model, const real *vector,
                               uint32_t wanted, struct arena *arena, struct ranked *out,
                               uint32_t *count)
{
    enum status status = encode_scan(&model->scan, vector, wanted, arena, out, count);
    uint32_t kept = 0;

    for (uint32_t i = 0; status == STATUS_OK && i < *count; i++) {
        if (isfinite(out[i].score)) out[kept++] = out[i];
    }
    if (status == STATUS_OK) *count = kept;
    return status;
}

enum status encoder_model_rank(const struct encoder_model *model, struct context context,
                               struct arena *arena, struct encoder_list *list)
{
    uint32_t wanted = list->wanted;
    struct ranked *best = arena_alloc(arena, (size_t)wanted + 1, sizeof(*best));
    struct encoder_visit visit;
    uint32_t count = 0;

    list->count = 0;
    if (list->causes != NULL) memset(list->causes, 0xFF, wanted * sizeof(*list->causes));
    if (best == NULL) return STATUS_LIMIT;
    enum status status = encoder_model_encode(model, context, list->causes != NULL, arena, &visit);
    if (status == STATUS_NOT_FOUND) {
        list->count = rank_popular(model, wanted, list->items);
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        status = encoder_model_scan(model, visit.vector, wanted + 1, arena, best, &count);
    if (status != STATUS_OK) return status;
    uint32_t last = context.items[context.len - 1];
    list->count = last_leave_out(best, count, last, wanted, list->items);
    for (uint32_t i = 0; visit.absences.count > 0 && i < list->count; i++) {
        list->causes[i] =
            encoder_cause(&model->encoder, visit.vector, &visit.absences, list->items[i].item);
    }
    return STATUS_OK;
}

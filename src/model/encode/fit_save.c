/* fit_save.c - a training on disk: all numbers, both moments, the best so far, and how far it is.
 *
 * A safetensors file and behind it the CRC32C of it, u32 little-endian. `identity` are hashes of what must be the same for the rest to mean anything;
 * what may differ (epochs, patience) is not among them.
 */
#include <math.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "codec/safetensors.h"
#include "model/encode/fit_room.h"
#include "model/encode/store.h"

enum { SAVE_FORMAT = 2, CRC_BYTES = 4, IDENTITIES = 4, COURSE_NUMBERS = 6, MEASURES = 6 };

static uint64_t hash_numbers(const double *numbers, size_t count)
{
    return hash_bytes((struct slice){(const uint8_t *)numbers, count * sizeof(*numbers)}, 1);
}

static uint64_t hash_windows(const struct encode_fit *fit)
{
    uint64_t hash = fit->window_count;

    for (uint32_t i = 0; i < fit->window_count; i++) {
        const struct encode_sequence *window = &fit->windows[i];

        hash = hash_bytes(
            (struct slice){(const uint8_t *)window->items, window->len * sizeof(*window->items)},
            hash);
    }
    return hash;
}

static void identify(const struct encode_fit *fit, int64_t identity[IDENTITIES])
{
    const struct encode_shape *shape = &fit->plan.shape;
    const struct encode_settings *s = &fit->plan.settings;
    const double shapes[] = {shape->items,  shape->width, shape->heads,
                             shape->layers, shape->inner, shape->steps};
    const double settings[] = {s->learning_rate,         s->dropout,
                               (double)s->batch,         (double)s->sampled,
                               (double)s->threads,       (double)(s->seed >> 32),
                               (double)(uint32_t)s->seed};

    identity[0] = SAVE_FORMAT;
    identity[1] = (int64_t)hash_numbers(shapes, COUNT_OF(shapes));
    identity[2] = (int64_t)hash_numbers(settings, COUNT_OF(settings));
    identity[3] = (int64_t)hash_windows(fit);
}

static void course_pack(const struct encode_fit *fit, int64_t numbers[COURSE_NUMBERS],
                        double measures[MEASURES])
{
    const struct encode_course *course = &fit->course;
    const int64_t packed[COURSE_NUMBERS] = {
        course->epoch, course->batch,      (int64_t)course->clicks,
        course->stale, course->best_epoch, (int64_t)*encode_trainer_state(fit->trainer).step,
    };
    const double measured[MEASURES] = {course->loss,        course->best.hr10,
                                       course->best.ndcg10, course->best.hr20,
                                       course->best.mrr20,  course->best.questions};

    memcpy(numbers, packed, sizeof(packed));
    memcpy(measures, measured, sizeof(measured));
}

static bool course_unpack(struct encode_fit *fit, const int64_t *numbers, const double *measures)
{
    struct encode_course *course = &fit->course;
    uint32_t batch = fit->plan.settings.batch;

    for (size_t i = 0; i < COURSE_NUMBERS; i++) {
        if (numbers[i] < 0 || numbers[i] > UINT32_MAX) return false;
    }
    for (size_t i = 0; i < MEASURES; i++) {
        if (!(measures[i] >= 0.0 && measures[i] <= 4e9)) return false;
    }
    if (numbers[1] > (fit->window_count + batch - 1) / batch) return false;
    *course = (struct encode_course){
        .epoch = (uint32_t)numbers[0],
        .batch = (uint32_t)numbers[1],
        .clicks = (uint64_t)numbers[2],
        .stale = (uint32_t)numbers[3],
        .best_epoch = (uint32_t)numbers[4],
        .loss = measures[0],
        .best = {.hr10 = measures[1],
                 .ndcg10 = measures[2],
                 .hr20 = measures[3],
                 .mrr20 = measures[4],
                 .questions = (uint32_t)measures[5]},
    };
    *encode_trainer_state(fit->trainer).step = (uint64_t)numbers[5];
    return true;
}

static struct tensor_part reals_part(const char *name, const real *numbers, size_t count)
{
    struct tensor_part part = {
        .dtype = "F32",
        .rows = count,
        .data = {(const uint8_t *)numbers, count * sizeof(real)},
    };

    ASSERT(strlen(name) < sizeof(part.name));
    memcpy(part.name, name, strlen(name) + 1);
    return part;
}

void encode_fit_save(const struct encode_fit *fit, struct buffer *out)
{
    struct encode_state state = encode_trainer_state(fit->trainer);
    size_t count = fit->body.layout->count;
    int64_t identity[IDENTITIES];
    int64_t numbers[COURSE_NUMBERS];
    double measures[MEASURES];

    identify(fit, identity);
    course_pack(fit, numbers, measures);
    const struct tensor_part parts[] = {
        {"identity", "I64", IDENTITIES, 0, {(const uint8_t *)identity, sizeof(identity)}},
        {"course", "I64", COURSE_NUMBERS, 0, {(const uint8_t *)numbers, sizeof(numbers)}},
        {"measures", "F64", MEASURES, 0, {(const uint8_t *)measures, sizeof(measures)}},
        reals_part("value", state.value, count),
        reals_part("m", state.m, count),
        reals_part("v", state.v, count),
        reals_part("best", fit->best, count),
    };
    tensors_write(parts, COUNT_OF(parts), out);
    buffer_append_le32(out, crc32c(0, buffer_slice(out)));
}

/* --- taking it up again -------------------------------------------------------------------------- */

static bool part_take(const struct safetensors *saved, const char *name,
                      enum safetensors_dtype dtype, void *to, size_t bytes)
{
    const struct safetensor *tensor = safetensors_find(saved, slice_of(name));

    if (tensor == NULL || tensor->dtype != dtype || tensor->data.len != bytes) return false;
    memcpy(to, tensor->data.data, bytes);
    return true;
}

static bool all_finite(const real *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(numbers[i])) return false;
    }
    return true;
}

static const char *identity_trouble(const struct encode_fit *fit, const struct safetensors *saved)
{
    int64_t wanted[IDENTITIES];
    int64_t found[IDENTITIES];

    identify(fit, wanted);
    if (!part_take(saved, "identity", SAFETENSORS_I64, found, sizeof(found)))
        return "is no saved training";
    if (found[0] != wanted[0]) return "is of another format; start without --resume";
    if (found[1] != wanted[1]) return "is of a model of another shape; give the same settings";
    if (found[2] != wanted[2]) {
        return "was made with another seed, thread count, batch, dropout, rate or sample; give the "
               "same";
    }
    if (found[3] != wanted[3]) return "was made from other clicks; give the same files";
    return NULL;
}

static const char *restore(struct encode_fit *fit, const struct safetensors *saved)
{
    struct encode_state state = encode_trainer_state(fit->trainer);
    size_t count = fit->body.layout->count;
    int64_t numbers[COURSE_NUMBERS];
    double measures[MEASURES];
    const struct {
        const char *name;
        real *to;
    } rows[] = {{"value", state.value}, {"m", state.m}, {"v", state.v}, {"best", fit->best}};
    const char *trouble = identity_trouble(fit, saved);

    if (trouble != NULL) return trouble;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!part_take(saved, rows[i].name, SAFETENSORS_F32, rows[i].to, count * sizeof(real)) ||
            !all_finite(rows[i].to, count))
            return "is damaged; start without --resume";
    }
    if (!part_take(saved, "course", SAFETENSORS_I64, numbers, sizeof(numbers)) ||
        !part_take(saved, "measures", SAFETENSORS_F64, measures, sizeof(measures)) ||
        !course_unpack(fit, numbers, measures))
        return "is damaged; start without --resume";
    return NULL;
}

/* The file in front of its checksum; nothing: they do not agree. */
static struct slice unseal(struct slice saved)
{
    struct slice tensors = {saved.data, saved.len - CRC_BYTES};

    if (saved.len < CRC_BYTES) return (struct slice){0};
    return get_le32(saved.data + tensors.len) == crc32c(0, tensors) ? tensors : (struct slice){0};
}

enum status encode_fit_restore(struct encode_fit *fit, struct slice saved, struct buffer *message)
{
    struct safetensors_error error;
    struct safetensors tensors;
    struct arena arena;
    const char *trouble = "is no saved training, or damaged or cut short; start without --resume";

    arena_init(&arena, 1 << 20);
    if (safetensors_parse(unseal(saved), &arena, &tensors, &error) == STATUS_OK)
        trouble = restore(fit, &tensors);
    arena_deinit(&arena);
    if (trouble == NULL) return STATUS_OK;
    buffer_append_text(message, trouble);
    return STATUS_INVALID;
}

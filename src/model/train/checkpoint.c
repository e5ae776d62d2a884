/* checkpoint.c - written and read in one order, by one list of fields. */
#include "model/train/checkpoint.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "sys/file.h"

enum { VERSION = 2, MAGIC_BYTES = 4, LOG_NUMBERS = 8, CRC_BYTES = 4 };
#define BYTES_MAX ((size_t)1 << 30)
static const char magic[MAGIC_BYTES + 1] = "HRTC";

static enum status refuse(const char *path, const char *what, enum status status,
                          struct buffer *message)
{
    buffer_append_text(message, path);
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    return status;
}

/* --- out ---------------------------------------------------------------------------------------- */

static void put_f64(struct buffer *out, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    buffer_append_le64(out, bits);
}

static void put_reals(struct buffer *out, const float *numbers, size_t count)
{
    uint8_t *to = buffer_reserve(out, count * sizeof(float));

    if (to == NULL) return;
    memcpy(to, numbers, count * sizeof(float)); /* every processor this runs on is little-endian */
    out->len += count * sizeof(float);
}

static void put_log(struct buffer *out, const struct train_place_in_time *place)
{
    for (uint32_t i = 0; i < place->logged; i++) {
        const struct train_epoch *epoch = &place->log[i];

        put_f64(out, epoch->loss);
        put_f64(out, epoch->valid.auc);
        put_f64(out, epoch->valid.group_auc);
        put_f64(out, epoch->valid.logloss);
        put_f64(out, epoch->valid.mrr);
        for (size_t k = 0; k < COUNT_OF(epoch->valid.ndcg); k++)
            put_f64(out, epoch->valid.ndcg[k]);
    }
}

enum status train_checkpoint_write(const char *path, struct trainer *trainer,
                                   const struct train_place_in_time *place, struct buffer *message)
{
    struct train_state state = trainer_state(trainer);
    size_t count = trainer_layout(trainer)->count;
    struct buffer out;

    buffer_init(&out, BYTES_MAX);
    buffer_append_text(&out, magic);
    buffer_append_byte(&out, VERSION);
    buffer_append_le64(&out, place->data);
    buffer_append_le64(&out, place->settings);
    buffer_append_le64(&out, count);
    buffer_append_le64(&out, *state.step);
    buffer_append_le32(&out, place->epoch);
    buffer_append_le32(&out, place->batch);
    put_f64(&out, place->loss_sum);
    buffer_append_le64(&out, place->loss_count);
    put_f64(&out, place->best_value);
    buffer_append_le32(&out, place->best_epoch);
    buffer_append_le32(&out, place->logged);
    put_log(&out, place);
    put_reals(&out, state.value, count);
    put_reals(&out, state.m, count);
    put_reals(&out, state.v, count);
    put_reals(&out, state.average, count);
    put_reals(&out, place->best, count);
    buffer_append_le32(&out, crc32c(0, buffer_slice(&out)));
    enum status status = out.failed ? STATUS_LIMIT : file_write(path, buffer_slice(&out));
    buffer_deinit(&out);
    if (status == STATUS_OK) return status;
    return refuse(path, "cannot be written; is there room, and may it be written?", status,
                  message);
}

/* --- in ----------------------------------------------------------------------------------------- */

struct taker {
    struct slice rest;
    bool failed;
};

static uint64_t take(struct taker *taker, size_t bytes)
{
    uint64_t number = 0;

    if (taker->rest.len < bytes) {
        taker->failed = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)taker->rest.data[i] << (8 * i);
    taker->rest = (struct slice){taker->rest.data + bytes, taker->rest.len - bytes};
    return number;
}

static double take_f64(struct taker *taker)
{
    uint64_t bits = take(taker, sizeof(bits));
    double x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

static void take_reals(struct taker *taker, float *numbers, size_t count)
{
    size_t bytes = count * sizeof(float);

    if (taker->rest.len < bytes) {
        taker->failed = true;
        return;
    }
    memcpy(numbers, taker->rest.data, bytes);
    taker->rest = (struct slice){taker->rest.data + bytes, taker->rest.len - bytes};
}

static void take_log(struct taker *taker, struct train_place_in_time *place)
{
    for (uint32_t i = 0; i < place->logged; i++) {
        struct train_epoch *epoch = &place->log[i];

        epoch->loss = take_f64(taker);
        epoch->valid.auc = take_f64(taker);
        epoch->valid.group_auc = take_f64(taker);
        epoch->valid.logloss = take_f64(taker);
        epoch->valid.mrr = take_f64(taker);
        for (size_t k = 0; k < COUNT_OF(epoch->valid.ndcg); k++)
            epoch->valid.ndcg[k] = take_f64(taker);
    }
}

static enum status take_all(const char *path, struct taker *taker, struct trainer *trainer,
                            struct train_place_in_time *place, struct buffer *message)
{
    struct train_state state = trainer_state(trainer);
    size_t count = trainer_layout(trainer)->count;

    if (take(taker, 1) != VERSION) {
        return refuse(path, "was written by another version; start anew, without --resume",
                      STATUS_INVALID, message);
    }
    uint64_t data = take(taker, 8);
    if (take(taker, 8) != place->settings) { /* they decide about the data, too */
        return refuse(
            path,
            "was made with other settings; give the same arithmetic, order, seed, threads "
            "and --settings on the same kind of processor, or start without --resume",
            STATUS_INVALID, message);
    }
    if (take(taker, 8) != count || data != place->data) {
        return refuse(path, "was made from other data; give the same file, or another --output",
                      STATUS_INVALID, message);
    }
    *state.step = take(taker, 8);
    place->epoch = (uint32_t)take(taker, 4);
    place->batch = (uint32_t)take(taker, 4);
    place->loss_sum = take_f64(taker);
    place->loss_count = take(taker, 8);
    place->best_value = take_f64(taker);
    place->best_epoch = (uint32_t)take(taker, 4);
    place->logged = (uint32_t)take(taker, 4);
    if (place->logged > TRAIN_EPOCHS_MAX)
        return refuse(path, "is damaged", STATUS_CORRUPT, message);
    take_log(taker, place);
    take_reals(taker, state.value, count);
    take_reals(taker, state.m, count);
    take_reals(taker, state.v, count);
    take_reals(taker, state.average, count);
    take_reals(taker, place->best, count);
    if (taker->failed || taker->rest.len > 0)
        return refuse(path, "is damaged", STATUS_CORRUPT, message);
    return STATUS_OK;
}

enum status train_checkpoint_read(const char *path, struct trainer *trainer,
                                  struct train_place_in_time *place, struct buffer *message)
{
    struct buffer bytes;

    buffer_init(&bytes, BYTES_MAX);
    enum status status = file_read_regular(path, &bytes);
    if (status == STATUS_NOT_FOUND) {
        (void)refuse(path, "there is none to go on from; leave --resume out", status, message);
    } else if (status != STATUS_OK) {
        (void)refuse(path, file_trouble(path, status), status, message);
    } else if (bytes.len < MAGIC_BYTES + CRC_BYTES || memcmp(bytes.data, magic, MAGIC_BYTES) != 0) {
        status = refuse(path, "is no checkpoint of a training", STATUS_INVALID, message);
    } else {
        size_t len = bytes.len - CRC_BYTES;
        struct taker end = {.rest = {bytes.data + len, CRC_BYTES}};
        struct taker taker = {.rest = {bytes.data + MAGIC_BYTES, len - MAGIC_BYTES}};

        status = take(&end, CRC_BYTES) == crc32c(0, (struct slice){bytes.data, len})
                     ? take_all(path, &taker, trainer, place, message)
                     : refuse(path, "is damaged (its checksum differs); start without --resume",
                              STATUS_CORRUPT, message);
    }
    buffer_deinit(&bytes);
    return status;
}

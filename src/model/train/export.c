/* export.c - the parts that `headrace model import` reads, so that what is trained and what is imported go
 * through the same checks. */
#include "model/train/export.h"

#include <stdio.h>

#include "codec/json.h"
#include "model/model_place.h"
#include "model/model_room.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096 };
#define PART_BYTES_MAX ((size_t)1 << 28)

struct job {
    const struct train_export *what;
    const char *directory; /* of the parts */
    struct buffer bytes, path;
    struct buffer *message;
};

static enum status write_part(struct job *job, const char *name)
{
    const char *file = file_join(&job->path, job->directory, name);
    enum status status =
        job->bytes.failed ? STATUS_LIMIT : file_write(file, buffer_slice(&job->bytes));

    if (status != STATUS_OK) {
        buffer_append_text(job->message, file);
        buffer_append_text(job->message, ": cannot be written: ");
        buffer_append_text(job->message, status_meaning(status));
    }
    buffer_clear(&job->bytes);
    return status;
}

/* --- weights ------------------------------------------------------------------------------------ */

static void put_header(const struct train_layout *layout, struct buffer *out)
{
    size_t at = 0;

    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];
        char row[512];
        char columns[32] = "";

        if (tensor->columns > 0) (void)snprintf(columns, sizeof(columns), ",%u", tensor->columns);
        (void)snprintf(row, sizeof(row),
                       "%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%u%s],\"data_offsets\":[%zu,%zu]}",
                       i == 0 ? "{" : ",", tensor->name, tensor->rows, columns, at,
                       at + tensor->count * sizeof(float));
        buffer_append_text(out, row);
        at += tensor->count * sizeof(float);
    }
    buffer_append_byte(out, '}');
    while (out->len % sizeof(uint64_t) != 0)
        buffer_append_byte(out, ' ');
}

static enum status write_weights(struct job *job)
{
    const struct train_layout *layout = job->what->layout;
    struct buffer header;

    buffer_init(&header, PART_BYTES_MAX);
    put_header(layout, &header);
    buffer_append_le64(&job->bytes, header.len);
    buffer_append(&job->bytes, buffer_slice(&header));
    job->bytes.failed |= header.failed;
    buffer_deinit(&header);
    for (size_t i = 0; i < TRAIN_PARAMETERS; i++) {
        const struct train_tensor *tensor = &layout->tensors[i];
        const void *numbers = job->what->value + tensor->at;

        buffer_append(&job->bytes, (struct slice){numbers, tensor->count * sizeof(float)});
    }
    return write_part(job, "weights.safetensors");
}

/* --- vocabularies ------------------------------------------------------------------------------- */

static enum status write_settings(struct job *job)
{
    for (size_t i = 0; i < MODEL_SETTINGS; i++) {
        buffer_append_text(&job->bytes, i == 0 ? "{\n \"" : ",\n \"");
        buffer_append_text(&job->bytes, model_settings[i].name);
        buffer_append_text(&job->bytes, "\": ");
        buffer_append_text(&job->bytes, model_settings[i].json);
    }
    buffer_append_text(&job->bytes, ",\n \"arithmetic\": \"");
    buffer_append_text(&job->bytes, job->what->arithmetic);
    buffer_append_text(&job->bytes, "\",\n \"order\": \"");
    buffer_append_text(&job->bytes, job->what->order);
    buffer_append_text(&job->bytes, "\",\n \"times\": \"seconds\",\n ");
    learned_write(&job->what->data->learned, &job->bytes);
    buffer_append_text(&job->bytes, "\n}\n");
    return write_part(job, "hparams.json");
}

static enum status write_ids(struct job *job, const struct train_names *names, const char *unknown,
                             const char *part)
{
    struct buffer *out = &job->bytes;

    buffer_append_text(out, "{");
    for (uint32_t id = 0; id < names->count; id++) {
        buffer_append_text(out, id == 0 ? "\n " : ",\n ");
        json_write_string(id == 0 ? slice_of(unknown) : names->at[id], out);
        buffer_append_text(out, ": ");
        buffer_append_u64(out, id);
    }
    buffer_append_text(out, "\n}\n");
    return write_part(job, part);
}

static enum status write_catalogue(struct job *job)
{
    const struct train_data *data = job->what->data;
    struct buffer *out = &job->bytes;

    buffer_append_text(out, "{");
    for (uint32_t i = 0; i < data->catalogue_count; i++) {
        buffer_append_text(out, i == 0 ? "\n " : ",\n ");
        json_write_string(data->catalogue[i], out);
        buffer_append_text(out, ": ");
        json_write_string(data->catalogue_cates[i], out);
    }
    buffer_append_text(out, "\n}\n");
    return write_part(job, "vocab_item_category.json");
}

static enum status write_parts(struct job *job)
{
    const struct train_data *data = job->what->data;
    enum status status = write_weights(job);

    if (status == STATUS_OK) status = write_settings(job);
    if (status == STATUS_OK)
        status = write_ids(job, &data->item_names, "default_mid", "vocab_items.json");
    if (status == STATUS_OK)
        status = write_ids(job, &data->cate_names, "default_cat", "vocab_cates.json");
    if (status == STATUS_OK) status = write_catalogue(job);
    return status;
}

/* The parts as `headrace model import` reads them, then the model of them in the directory. */
static enum status import_parts(struct job *job, const char *directory)
{
    const struct model_parts parts = {.source = job->directory,
                                      .directory = directory,
                                      .inventory = job->what->inventory,
                                      .precision = job->what->precision};
    enum status status = file_make_directory(job->directory, FILE_DIRECTORY);

    if (status != STATUS_OK) {
        buffer_append_text(job->message, job->directory);
        buffer_append_text(job->message, ": cannot be made: ");
        buffer_append_text(job->message, file_make_trouble(status));
        return status;
    }
    status = write_parts(job);
    if (status == STATUS_OK) status = model_parts_write(&parts, job->message);
    directory_remove(job->directory);
    return status;
}

static enum status export_into(struct job *job, struct model_place *place)
{
    struct buffer parts;

    buffer_init(&parts, PATH_BYTES_MAX);
    job->directory = file_join(&parts, model_place_fresh(place), "parts");
    enum status status = import_parts(job, model_place_fresh(place));
    job->directory = model_place_fresh(place);
    if (status == STATUS_OK) {
        buffer_append(&job->bytes, job->what->card);
        status = write_part(job, "card.md");
    }
    buffer_deinit(&parts);
    if (status == STATUS_OK) status = model_place_keep(place, "checkpoint", job->message);
    return status == STATUS_OK
               ? model_place_take(place, "what was trained makes no model: ", job->message)
               : status;
}

enum status train_export(const struct train_export *what, const char *directory,
                         struct buffer *message)
{
    struct job job = {.what = what, .message = message};
    struct model_place place;
    enum status status = model_place_begin(directory, MODEL_KIND_SLIREC, &place, message);

    if (status != STATUS_OK) return status;
    buffer_init(&job.path, PATH_BYTES_MAX);
    buffer_init(&job.bytes, PART_BYTES_MAX);
    status = export_into(&job, &place);
    buffer_deinit(&job.bytes);
    buffer_deinit(&job.path);
    model_place_end(&place);
    return status;
}

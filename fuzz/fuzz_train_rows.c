/* fuzz_train_rows.c - any bytes as interactions, sessions or events, or as a record of a log: instances that
 * point into their events, ids that have names, or a message. The first byte chooses. */
#include "codec/json.h"
#include "host/train_log.h"
#include "model/train/data.h"

#define ARENA_BYTES_MAX ((size_t)256 << 20)

static void check_instances(const struct train_data *data, const struct train_instances *instances)
{
    for (uint32_t i = 0; i < instances->count; i++) {
        const struct train_instance *instance = &instances->at[i];

        ASSERT(instance->first < instance->event && instance->event < data->event_count);
    }
}

/* All of them are written as JSON. */
static void check_names(const struct slice *names, uint32_t count)
{
    struct buffer out;

    buffer_init(&out, SIZE_MAX);
    for (uint32_t i = 0; i < count; i++)
        json_write_string(names[i], &out);
    buffer_deinit(&out);
}

static void check(const struct train_data *data, bool by_time)
{
    for (uint32_t i = 0; i < data->event_count; i++) {
        ASSERT(data->items[i] < data->item_names.count);
        ASSERT(data->cates[i] < data->cate_names.count);
        ASSERT(data->from_first[i] - data->from_first[i] == 0.0F);
    }
    for (uint32_t i = 0; by_time && i < data->train.count; i++)
        ASSERT(data->times[data->train.at[i].event - 1] <= data->times[data->train.at[i].event]);
    for (uint32_t item = 0; item < data->item_names.count; item++)
        ASSERT(data->own_cates[item] < data->cate_names.count);
    check_instances(data, &data->train);
    check_instances(data, &data->valid);
    check_instances(data, &data->test);
    check_names(data->catalogue, data->catalogue_count);
    check_names(data->catalogue_cates, data->catalogue_count);
}

static enum status read_any(uint8_t choice, struct slice text, struct train_rows *rows,
                            struct buffer *message)
{
    struct train_log counts = {0};

    if (choice % 5 < 4)
        return train_rows_parse(text, (enum course_format)(choice % 5), NULL, rows, message);
    while (text.len > 0) { /* a record a line */
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        size_t taken = len + (end != NULL);
        enum status status =
            train_log_record((struct slice){text.data, len}, 1700000000000, NULL, rows, &counts);

        if (status != STATUS_OK) return status;
        text = (struct slice){text.data + taken, text.len - taken};
    }
    return STATUS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buffer message;
    struct train_rows rows;
    struct train_data made;

    if (size == 0) return 0;
    arena_init(&arena, ARENA_BYTES_MAX);
    buffer_init(&message, 1 << 20);
    enum status status = train_rows_init(&rows, "fuzz", &arena);
    if (status == STATUS_OK)
        status = read_any(data[0], (struct slice){data + 1, size - 1}, &rows, &message);
    if (status == STATUS_OK) {
        const struct train_data_options options = {.by_time = data[0] & 0x20,
                                                   .own_cates = data[0] & 0x20,
                                                   .clock = data[0] & 0x20 ? SLIREC_SECONDS
                                                                           : SLIREC_DAYS};

        status = train_data_make(&rows, &options, &made, &message);
        if (status == STATUS_OK) check(&made, options.by_time);
        ASSERT(status == STATUS_OK || message.len > 0);
    }
    buffer_deinit(&message);
    arena_deinit(&arena);
    return 0;
}

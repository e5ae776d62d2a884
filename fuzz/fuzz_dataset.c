/* fuzz_dataset.c - any bytes as clicks to judge models by: a data set whose numbers hold together, or a message.
 * The first byte chooses format, protocol and whether anything is asked; 0x1e ends a file (train, valid, test). */
#define _GNU_SOURCE /* memfd_create */ /* NOLINT(readability-identifier-naming) */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "codec/json.h"
#include "model/judge/dataset.h"

enum { FILES_MAX = 3, PATH_BYTES = 32, MESSAGE_BYTES_MAX = 1 << 20, FILE_END = 0x1e };
#define ARENA_BYTES_MAX ((size_t)256 << 20)

static void check_part(const struct dataset *dataset, const struct dataset_part *part, bool timed)
{
    if (part->count == 0) return;
    ASSERT(part->starts[0] == 0);
    for (uint32_t i = 0; i < part->count; i++) {
        ASSERT(part->starts[i] < part->starts[i + 1]);
        ASSERT(i == 0 || part->ends[i - 1] <= part->ends[i]);
        for (uint32_t k = part->starts[i]; k < part->starts[i + 1]; k++) {
            ASSERT(part->items[k] < dataset->item_count);
            ASSERT(part->times[k] - part->times[k] == 0.0);
            ASSERT(timed || part->times[k] == 0.0);
            ASSERT(k == part->starts[i] || part->times[k - 1] <= part->times[k]);
        }
        ASSERT(part->times[part->starts[i + 1] - 1] <= part->ends[i]);
    }
}

static void check(const struct dataset *dataset, bool timed)
{
    const struct dataset_part *train = &dataset->train;
    uint64_t clicks = 0;
    struct buffer json;

    buffer_init(&json, SIZE_MAX);
    ASSERT(2 <= dataset->catalogue_count && dataset->catalogue_count <= dataset->item_count);
    for (uint32_t item = 0; item < dataset->item_count; item++) {
        ASSERT(dataset->names[item].len > 0);
        json_write_string(dataset->names[item], &json);
        ASSERT((dataset->clicks[item] > 0) == (item < dataset->catalogue_count));
        ASSERT(item == 0 || dataset->clicks[item - 1] >= dataset->clicks[item]);
        clicks += dataset->clicks[item];
    }
    buffer_deinit(&json);
    ASSERT(clicks == dataset->click_count && clicks == train->starts[train->count]);
    check_part(dataset, train, timed);
    check_part(dataset, &dataset->valid, timed);
    check_part(dataset, &dataset->test, timed);
}

struct files {
    int fds[FILES_MAX];
    char paths[FILES_MAX][PATH_BYTES];
    uint32_t count;
};

static void files_make(struct slice text, struct files *files)
{
    for (files->count = 0; files->count < FILES_MAX; files->count++) {
        const uint8_t *end = text.len == 0 ? NULL : memchr(text.data, FILE_END, text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);

        if (files->count > 0 && text.len == 0) break;
        int fd = memfd_create("fuzz", MFD_CLOEXEC);
        ASSERT(fd >= 0 && write(fd, text.data, len) == (ssize_t)len);
        (void)snprintf(files->paths[files->count], PATH_BYTES, "/proc/self/fd/%d", fd);
        files->fds[files->count] = fd;
        len += end != NULL;
        text = (struct slice){text.data + len, text.len - len};
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct buffer notes;
    struct buffer message;
    struct files files;
    struct dataset dataset;

    if (size == 0) return 0;
    files_make((struct slice){data + 1, size - 1}, &files);
    const struct dataset_source source = {
        .train = files.paths[0],
        .valid = files.count > 1 ? files.paths[1] : NULL,
        .test = files.count > 2 ? files.paths[2] : NULL,
        .format = data[0] & 0x80 ? DATASET_INTERACTIONS : (enum dataset_format)(data[0] % 3),
        .protocol = data[0] & 0x08 ? DATASET_NEXT_CLICK : DATASET_LEAVE_ONE_OUT,
        .whole = (data[0] & 0x10) != 0,
    };
    arena_init(&arena, ARENA_BYTES_MAX);
    buffer_init(&notes, MESSAGE_BYTES_MAX);
    buffer_init(&message, MESSAGE_BYTES_MAX);
    enum status status = dataset_read(&source, &arena, &notes, &message, &dataset);
    if (status == STATUS_OK) {
        check(&dataset, source.format != DATASET_SEQUENCES);
    } else {
        ASSERT(status == STATUS_INVALID || status == STATUS_LIMIT);
        ASSERT(message.len > 0);
    }
    for (uint32_t i = 0; i < files.count; i++)
        (void)close(files.fds[i]);
    buffer_deinit(&message);
    buffer_deinit(&notes);
    arena_deinit(&arena);
    return 0;
}

/* test_model_large.c - catalogues at the bound: weights of as many items as are allowed and one more, and
 * names that make more JSON than a request may have. */
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "codec/safetensors.h"
#include "model/parts.h"
#include "model/slirec.h"
#include "model/vocabulary.h"
#include "sys/file.h"
#include "test.h"

#define GIB ((size_t)1 << 30)
static const char items_name[] = "sequential/embedding/item_embedding";

/* --- weights -------------------------------------------------------------------------------------- */

/* The golden weights with an item table of zeros, which lies at the end and takes no memory until it is read. */
struct large {
    struct buffer golden;
    struct arena arena;
    struct buffer header;
    uint8_t *bytes;
    size_t len;
};

static size_t put_row(const struct safetensor *tensor, uint64_t rows, size_t at,
                      struct buffer *header)
{
    size_t end = at + rows * tensor->data.len / tensor->shape[0];
    char row[400];

    (void)snprintf(row, sizeof(row), "%s\"%.*s\":{\"dtype\":\"F32\",\"shape\":[%llu",
                   header->len == 0 ? "{" : ",", (int)tensor->name.len,
                   (const char *)tensor->name.data, (unsigned long long)rows);
    buffer_append_text(header, row);
    for (uint32_t i = 1; i < tensor->rank; i++) {
        (void)snprintf(row, sizeof(row), ",%llu", (unsigned long long)tensor->shape[i]);
        buffer_append_text(header, row);
    }
    (void)snprintf(row, sizeof(row), "],\"data_offsets\":[%zu,%zu]}", at, end);
    buffer_append_text(header, row);
    return end;
}

static void large_init(struct large *large, uint64_t items)
{
    struct safetensors_error error;
    struct safetensors golden;
    size_t at = 0;

    *large = (struct large){0};
    buffer_init(&large->golden, 1 << 20);
    buffer_init(&large->header, 1 << 20);
    arena_init(&large->arena, GIB);
    assert_ok(file_read(TEST_DATA_DIR "/model/weights.safetensors", &large->golden));
    assert_ok(safetensors_parse(buffer_slice(&large->golden), &large->arena, &golden, &error));
    const struct safetensor *table = safetensors_find(&golden, slice_of(items_name));
    assert_non_null(table);
    for (uint32_t i = 0; i < golden.count; i++) {
        const struct safetensor *tensor = &golden.tensors[i];

        if (tensor != table) at = put_row(tensor, tensor->shape[0], at, &large->header);
    }
    size_t end = put_row(table, items, at, &large->header);
    buffer_append_byte(&large->header, '}');
    large->len = 8 + large->header.len + end;
    large->bytes = calloc(large->len, 1);
    assert_non_null(large->bytes);
    put_le64(large->bytes, large->header.len);
    memcpy(large->bytes + 8, large->header.data, large->header.len);
    uint8_t *to = large->bytes + 8 + large->header.len;
    for (uint32_t i = 0; i < golden.count; i++) {
        const struct safetensor *tensor = &golden.tensors[i];

        if (tensor == table) continue;
        memcpy(to, tensor->data.data, tensor->data.len);
        to += tensor->data.len;
    }
}

static void large_deinit(struct large *large)
{
    free(large->bytes);
    buffer_deinit(&large->header);
    buffer_deinit(&large->golden);
    arena_deinit(&large->arena);
}

static void as_many_items_as_are_allowed_are_read(void **state)
{
    struct slirec_weights weights = {0};
    struct buffer message;
    struct large large;
    const size_t last = (size_t)SLIREC_ITEMS_MAX * SLIREC_ITEM_WIDTH - 1;

    (void)state;
    buffer_init(&message, 4096);
    large_init(&large, SLIREC_ITEMS_MAX);
    assert_true(large.len <= PART_WEIGHTS_BYTES_MAX);
    large.bytes[large.len - 1] = 0x40; /* the last number is 2 */
    assert_ok(slirec_weights_read((struct slice){large.bytes, large.len}, &large.arena, &weights,
                                  &message));
    assert_int_equal(weights.item_count, SLIREC_ITEMS_MAX);
    assert_true(weights.item_embedding[last] == 2.0F && weights.item_embedding[last - 1] == 0.0F);
    large_deinit(&large);
    buffer_deinit(&message);
}

static void one_item_more_is_refused(void **state)
{
    static const char wanted[] =
        "variable sequential/embedding/item_embedding has the shape 2000001 x 32, this build "
        "computes SLi-Rec with 1 to 2000000 x 32";
    struct slirec_weights weights = {0};
    struct buffer message;
    struct large large;

    (void)state;
    buffer_init(&message, 4096);
    large_init(&large, SLIREC_ITEMS_MAX + 1);
    assert_int_equal(slirec_weights_read((struct slice){large.bytes, large.len}, &large.arena,
                                         &weights, &message),
                     STATUS_INVALID);
    assert_slice_equal(buffer_slice(&message), slice_of(wanted));
    large_deinit(&large);
    buffer_deinit(&message);
}

/* --- names ---------------------------------------------------------------------------------------- */

enum { NAMES = 600000, CATES = 1000 }; /* an object of so many has 1.2 million nodes */

static void write_names(const char *path, uint32_t count, const char *prefix, bool by_cate)
{
    struct buffer text;
    char row[64];

    buffer_init(&text, 64 << 20);
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(row, sizeof(row), by_cate ? "%s\"%s%u\":\"cate%u\"" : "%s\"%s%u\":%u",
                       i == 0 ? "{" : ",", prefix, i, by_cate ? (i * 7) % CATES : i);
        buffer_append_text(&text, row);
    }
    buffer_append_byte(&text, '}');
    assert_false(text.failed);
    assert_ok(file_write(path, buffer_slice(&text)));
    buffer_deinit(&text);
}

static void names_of_a_large_catalogue_are_read(void **state)
{
    static const char *const files[] = {"model_large/items.json", "model_large/item_category.json",
                                        "model_large/cates.json", "model_large/products.json"};
    struct vocabulary vocabulary;
    struct buffer message;
    struct arena arena;

    (void)state;
    buffer_init(&message, 4096);
    arena_init(&arena, GIB);
    assert_ok(file_make_directory("model_large", FILE_DIRECTORY));
    write_names(files[0], NAMES, "item", false);
    write_names(files[1], NAMES, "item", true);
    write_names(files[2], CATES, "cate", false);
    write_names(files[3], 1, "nothing", true);
    enum status status =
        vocabulary_read("model_large", NAMES, CATES, &arena, &vocabulary, &message);
    if (status != STATUS_OK) fail_msg("%.*s", (int)message.len, (const char *)message.data);
    assert_int_equal(vocabulary.catalogue_count, NAMES);
    for (uint32_t i = 0; i < NAMES; i += 1001) {
        char name[32];

        (void)snprintf(name, sizeof(name), "item%u", i);
        const struct vocabulary_item *item = vocabulary_find(&vocabulary, slice_of(name));
        assert_non_null(item);
        assert_int_equal(item->item, i);
        assert_int_equal(item->cate, (i * 7) % CATES);
    }
    for (size_t i = 0; i < COUNT_OF(files); i++)
        assert_int_equal(remove(files[i]), 0);
    arena_deinit(&arena);
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_items_as_are_allowed_are_read),
        cmocka_unit_test(one_item_more_is_refused),
        cmocka_unit_test(names_of_a_large_catalogue_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

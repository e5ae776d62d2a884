/* test_shop_event.c - what a view is of: training and serving take the same handle from an address. */
#include "host/shop_event.h"

#include "expr/sample.h"
#include "test.h"

#define SCENARIO TEST_DATA_DIR "/../../examples/shop/scenarios/shop-recommendations.json"

enum { FILE_BYTES_MAX = 1 << 20 };

static const char *const addresses[] = {
    "https://shop.example/products/cup",
    "https://shop.example/products/cup/",
    "https://shop.example/products/cup?variant=7#reviews",
    "https://shop.example/products/cup#reviews",
    "https://shop.example/collections/all/products/cup",
    "https://shop.example/products/cup.js",
    "https://shop.example/products/old/products/cup",
    "https://shop.example/products/cup?from=/products/mug",
    "https://shop.example/products/Ku%C3%B3&lt",
    "https://shop.example/products/ku%c3%b3",
    "https://shop.example/products/100%",
    "https://shop.example/products/\xc3\xb3",
    "https://shop.example/products/",
    "https://shop.example/products/cup/products/",
    "https://shop.example/products",
    "https://shop.example/products/?page=2",
    "https://shop.example/",
    "/products/cup",
};

static struct arena arena;

static struct slice file_read(const char *path)
{
    uint8_t *bytes = arena_alloc(&arena, FILE_BYTES_MAX, 1);
    FILE *file = fopen(path, "rb");

    assert_non_null(bytes);
    assert_non_null(file);
    size_t len = fread(bytes, 1, FILE_BYTES_MAX, file);
    assert_int_equal(fclose(file), 0);
    assert_true(len < FILE_BYTES_MAX);
    return (struct slice){bytes, len};
}

/* The example's field `slug`, which becomes the item of the model's call. */
static struct slice scenario_expression(void)
{
    struct document document;
    struct json_error error;

    assert_ok(json_parse(file_read(SCENARIO), &json_limits_default, &arena, &document, &error));
    for (uint32_t at = 0; at < document.node_count; at++) {
        uint32_t expression;

        if (document.nodes[at].kind != DOCUMENT_OBJECT) continue;
        if (!slice_equal(shop_event_text(&document, at, SLICE("name"), &arena), SLICE("slug")))
            continue;
        expression = document_member(&document, at, SLICE("expression"));
        if (expression != 0)
            return shop_event_text(&document, expression, SLICE("expression"), &arena);
    }
    fail_msg("%s has no field slug", SCENARIO);
    return (struct slice){0};
}

static struct slice handle_by_scenario(struct slice expression, const char *address)
{
    char text[512];
    struct sample sample = {0};
    struct sample_result result;
    struct slice why;

    (void)snprintf(text, sizeof(text),
                   "[{\"name\":\"pageAddress\",\"type\":\"String\",\"value\":\"%s\"}]", address);
    assert_ok(sample_read(slice_of(text), NULL, &arena, &sample, &why));
    const struct expr_source source = {.text = expression};
    assert_ok(sample_run(&sample, &source, 0, &arena, &result));
    assert_true(result.valid && !result.failed);
    return result.value.kind == VALUE_NULL ? (struct slice){0} : value_text(result.value);
}

static enum status keep_item(void *context, const struct shop_event *event)
{
    struct slice *item = context;

    assert_int_equal(event->kind, SHOP_VIEW);
    *item = event->item;
    return STATUS_OK;
}

static struct slice handle_by_event(const char *address)
{
    char text[512];
    struct slice item = {0};
    struct document document;
    struct json_error error;
    int len = snprintf(text, sizeof(text),
                       "{\"message\":{\"data\":[{\"e\":\"pv\",\"url\":\"%s\"}]}}", address);
    struct slice copy;

    assert_ok(arena_copy(&arena, (struct slice){(uint8_t *)text, (size_t)len}, &copy));
    assert_ok(json_parse(copy, &json_limits_default, &arena, &document, &error));
    assert_ok(shop_events_each(&document, &arena, &item, keep_item));
    return item;
}

/* The scenario's expression is the contract; where it is odd, training is odd with it. */
static void training_takes_the_handle_the_scenario_takes(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    struct slice expression = scenario_expression();
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_slice_equal(handle_by_event(addresses[i]),
                           handle_by_scenario(expression, addresses[i]));
    assert_slice_equal(handle_by_event(addresses[0]), SLICE("cup"));
    arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_takes_the_handle_the_scenario_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

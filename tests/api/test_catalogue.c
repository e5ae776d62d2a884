/* test_catalogue.c - products by id and handle; what is wrong with a catalogue is said with its place. */
#include "api/catalogue.h"
#include "sys/file.h"
#include "test.h"

static const char path[] = "test_catalogue.json";

static enum status open_text(const char *text, struct catalogue **catalogue, struct buffer *message)
{
    assert_ok(file_write(path, slice_of(text)));
    buffer_clear(message);
    return catalogue_open(path, catalogue, message);
}

static const struct {
    const char *about;
    const char *text;
    const char *message;
} rows[] = {
    {"an object", "{}", "test_catalogue.json: must be a JSON list of products"},
    {"no JSON", "[\n  {\"id\": }\n]", "test_catalogue.json:2:10: a value must stand here"},
    {"cut off", "[{\"id\":\"a\"", "test_catalogue.json:1:11: the text ends too early"},
    {"a product that is none", "[\n 1]",
     "test_catalogue.json:2:2: a product needs the texts \"id\" and \"handle\""},
    {"without a handle", "[{\"id\":\"a\",\"handle\":\"b\"},\n {\"id\":\"c\"}]",
     "test_catalogue.json:2:2: a product needs the texts \"id\" and \"handle\""},
    {"an id that is a number", "[{\"id\":1,\"handle\":\"b\"}]",
     "test_catalogue.json:1:2: a product needs the texts \"id\" and \"handle\""},
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    struct buffer message;
    struct catalogue *catalogue;

    (void)state;
    buffer_init(&message, 4096);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(open_text(rows[i].text, &catalogue, &message), STATUS_INVALID);
        if (!slice_starts_with(buffer_slice(&message), slice_of(rows[i].message)))
            fail_msg("%s: %.*s", rows[i].about, (int)message.len, message.data);
    }
    buffer_clear(&message);
    assert_int_equal(catalogue_open("none/such.json", &catalogue, &message), STATUS_NOT_FOUND);
    assert_slice_equal(buffer_slice(&message),
                       SLICE("none/such.json: there is nothing under that name"));
    buffer_clear(&message);
    assert_int_equal(catalogue_open(".", &catalogue, &message), STATUS_IO);
    assert_slice_equal(buffer_slice(&message), SLICE(".: it is a directory"));
    buffer_deinit(&message);
}

static void products_are_found_by_id_and_by_handle(void **state)
{
    static const char text[] = "[{\"id\":\"gid://1\",\"handle\":\"jeans\",\"title\":\"Je\\u00e4ns "
                               "<b>\",\"price\":\"1.00\",\"more\":1},"
                               "{\"id\":\"gid://2\",\"handle\":\"scarf\",\"available\":false}]";
    struct buffer message;
    struct catalogue *catalogue;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(open_text(text, &catalogue, &message));
    const struct product *jeans = catalogue_find(catalogue, SLICE("gid://1"));
    assert_non_null(jeans);
    assert_ptr_equal(catalogue_find(catalogue, SLICE("jeans")), jeans);
    assert_true(jeans->available);
    assert_slice_equal(jeans->json,
                       SLICE("\"id\":\"gid://1\",\"handle\":\"jeans\",\"title\":\"Je\\u00e4ns "
                             "<b>\",\"price\":\"1.00\""));
    assert_false(catalogue_find(catalogue, SLICE("scarf"))->available);
    assert_null(catalogue_find(catalogue, SLICE("gid://3")));
    assert_int_equal(catalogue_count(catalogue), 2);
    catalogue_close(catalogue);
    buffer_deinit(&message);
    (void)remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(products_are_found_by_id_and_by_handle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

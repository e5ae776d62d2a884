/* test_config.c - headrace.yaml: defaults, units, positions of what is wrong. */
#include "host/config.h"
#include "test.h"

static const struct {
    const char *about;
    const char *text;
    const char *message; /* NULL: no problem */
} rows[] = {
    {"an empty file is all defaults", "", NULL},
    {"a section may be empty", "collect:\n", NULL},
    {"an unknown section", "colect:\n  listen: x\n",
     "c.yaml:1:1: unknown key (`headrace config` lists all keys): \"colect\""},
    {"an unknown key", "collect:\n  listn: x\n",
     "c.yaml:2:3: unknown key (`headrace config` lists all keys): \"listn\""},
    {"an unknown nested key", "collect:\n  cookie:\n    colour: x\n",
     "c.yaml:3:5: unknown key (`headrace config` lists all keys): \"cookie.colour\""},
    {"a size without a known unit", "log:\n  map: 3 parsecs\n",
     "c.yaml:2:8: must be a size such as 64KiB, 1MiB or 2GiB, not \"3 parsecs\""},
    {"a duration without a unit", "state:\n  checkpoint: 5\n",
     "c.yaml:2:15: must be a duration such as 250ms, 5s, 10m, 1h or 7d, not \"5\""},
    {"a number out of its bounds", "results: {items_max: 51}\n",
     "c.yaml:1:22: must be between 1 and 50, not \"51\""},
    {"a number too large for any type", "results: {items_max: 99999999999999999999}\n",
     "c.yaml:1:22: must be a whole number, not \"99999999999999999999\""},
    {"a switch is true or false", "collect: {store_headers: yes}\n",
     "c.yaml:1:26: must be true or false, not \"yes\""},
    {"a list where one value belongs", "collect: {listen: [a]}\n",
     "c.yaml:1:19: must be one value: \"listen\""},
    {"an item without a mapping", "topics: {a: 3}\n", "c.yaml:1:10: must be a name with a mapping"},
    {"a broken file", "collect: {\n",
     "c.yaml:2:1: not YAML: \"did not find expected node content\""},
    {"a list at the top", "- a\n", "c.yaml:1:1: must be a mapping"},
    {"a topic with nothing said", "topics:\n  a.b:\n", NULL},
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config;
        struct buffer message;

        buffer_init(&message, 4096);
        enum status status = config_read(slice_of(rows[i].text), "c.yaml", &config, &message);
        assert_slice_equal(buffer_slice(&message),
                           slice_of(rows[i].message == NULL ? "" : rows[i].message));
        assert_int_equal(status, rows[i].message == NULL ? STATUS_OK : STATUS_INVALID);
        if (status == STATUS_OK) config_deinit(&config);
        buffer_deinit(&message);
    }
}

static void values_and_defaults_are_read(void **state)
{
    static const char text[] = "namespace: demo\n"
                               "collect: {cookie: {days: 3}, paths: {/a/b: /c/d}}\n"
                               "log: {map: 64MiB}\n"
                               "state: {checkpoint: 2m}\n"
                               "topics:\n  one: {schema: s.json, http: true}\n  two:\n"
                               "models: {m/1: {directory: /abs/m}}\n";
    struct config config;
    struct buffer message;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(config_read(slice_of(text), "etc/shop/c.yaml", &config, &message));
    assert_string_equal(config.name_space, "demo");
    assert_int_equal(config.collect.cookie_days, 3);
    assert_string_equal(config.collect.cookie_name, "sp");
    assert_int_equal(config.collect.paths.count, 1);
    assert_string_equal(config.collect.paths.items[0].value, "/c/d");
    assert_int_equal(config.log.map_bytes, 64 << 20);
    assert_int_equal(config.state.checkpoint_ms, 120000);
    assert_int_equal(config.topic_count, 2);
    assert_string_equal(config.topics[0].schema, "etc/shop/s.json");
    assert_true(config.topics[0].http);
    assert_int_equal(config.topics[1].retention_ms, INT64_C(7) * 86400000);
    assert_string_equal(config.models[0].directory, "/abs/m");
    assert_ptr_equal(config_model_find(&config, SLICE("m"), SLICE("1")), &config.models[0]);
    assert_null(config_model_find(&config, SLICE("m"), SLICE("11")));
    assert_ptr_equal(config_topic_find(&config, SLICE("two")), &config.topics[1]);
    config_deinit(&config);
    buffer_deinit(&message);
}

static void a_secret_comes_from_the_environment_and_is_never_told(void **state)
{
    static const char text[] = "secrets: {shop: {env: HEADRACE_TEST_SECRET}}\n";
    struct config config;
    struct buffer message;
    struct slice value;

    (void)state;
    buffer_init(&message, 4096);
    assert_ok(config_read(slice_of(text), "c.yaml", &config, &message));
    (void)unsetenv("HEADRACE_TEST_SECRET");
    assert_int_equal(config_secret(&config, "shop", &value, &message), STATUS_NOT_FOUND);
    assert_slice_equal(
        buffer_slice(&message),
        SLICE("c.yaml: the secret \"shop\" has no value: set its environment variable or "
              "file (secrets.shop.env or .file)"));
    (void)setenv("HEADRACE_TEST_SECRET", "abc", 1);
    buffer_clear(&message);
    assert_ok(config_secret(&config, "shop", &value, &message));
    assert_slice_equal(value, SLICE("abc"));
    config_deinit(&config);
    buffer_deinit(&message);
}

/* Every row can be said: its own default, read from a file, gives no problem. */
static void every_default_is_valid(void **state)
{
    (void)state;
    for (const struct config_section *section = config_sections; section->name != NULL; section++) {
        for (const struct config_row *row = section->rows; row->key != NULL; row++) {
            struct buffer text;
            struct buffer message;
            struct config config;

            if (row->initial == NULL) continue;
            buffer_init(&text, 4096);
            buffer_init(&message, 4096);
            if (section->name[0] != '\0') {
                buffer_append_text(&text, section->name);
                buffer_append_text(&text, section->by_name ? ": {x: {" : ": {");
            }
            buffer_append_text(&text, row->key);
            buffer_append_text(&text, ": \"");
            buffer_append_text(&text, row->initial);
            buffer_append_text(&text, "\"");
            if (section->name[0] != '\0') buffer_append_text(&text, section->by_name ? "}}" : "}");
            assert_int_equal(config_read(buffer_slice(&text), "c.yaml", &config, &message),
                             STATUS_OK);
            config_deinit(&config);
            buffer_deinit(&text);
            buffer_deinit(&message);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_said_with_its_place),
        cmocka_unit_test(values_and_defaults_are_read),
        cmocka_unit_test(a_secret_comes_from_the_environment_and_is_never_told),
        cmocka_unit_test(every_default_is_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

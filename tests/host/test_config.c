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
    {"a second document", "collect:\n  topic: a\n---\napi: {}\n",
     "c.yaml:3:1: a second document; a configuration is one"},
    {"a section twice", "collect:\n  topic: a\ncollect:\n  topic: b\n",
     "c.yaml:3:1: is there twice: \"collect\""},
    {"a key twice", "collect:\n  topic: a\n  topic: b\n", "c.yaml:3:3: is there twice: \"topic\""},
    {"an item twice", "topics:\n  a: {}\n  a: {}\n", "c.yaml:3:3: is there twice: \"a\""},
    {"an entry of a mapping twice", "collect:\n  paths:\n    /a/b: /c/d\n    /a/b: /e/f\n",
     "c.yaml:4:5: is there twice: \"/a/b\""},
    {"an address without a port", "api: {listen: localhost}\n",
     "c.yaml:1:15: must be an address such as 127.0.0.1:8080, [::1]:8080 or :8080, not "
     "\"localhost\""},
    {"a port no machine has", "api: {listen: \"127.0.0.1:65536\"}\n",
     "c.yaml:1:15: must be an address such as 127.0.0.1:8080, [::1]:8080 or :8080, not "
     "\"127.0.0.1:65536\""},
    {"a custom path of one segment", "collect: {paths: {/a: /b/c}}\n",
     "c.yaml:1:19: must be a path of two segments such as /a/b, not \"/a\""},
    {"a custom path to three segments", "collect: {paths: {/a/b: /b/c/d}}\n",
     "c.yaml:1:25: must be a path of two segments such as /a/b, not \"/b/c/d\""},
    {"a topic name with a blank", "collect: {bad_topic: a b}\n",
     "c.yaml:1:22: must be a topic name (letters, digits, '.', '_', '-', no '_' in front), not "
     "\"a b\""},
    {"one of our own topics", "topics: {_control: {http: true}}\n",
     "c.yaml:1:10: must be a topic name (letters, digits, '.', '_', '-', no '_' in front), not "
     "\"_control\""},
    {"a user without a password", "topics:\n  a: {http: true, user: u}\n",
     "c.yaml:2:3: needs both `user` and `password` (the name of a secret), or neither: \"a\""},
    {"a secret nobody has", "topics:\n  a: {user: u, password: p}\n",
     "c.yaml:2:26: `secrets` has none of the name \"p\""},
    {"a secret header nobody has", "http:\n  a: {match: \"http://a\", secret_headers: {X: p}}\n",
     "c.yaml:2:46: `secrets` has none of the name \"p\""},
    {"a secret without a place", "secrets:\n  p: {}\n",
     "c.yaml:2:3: needs `env` or `file`, where its value lives: \"p\""},
    {"a scenario without a file", "scenarios:\n  s: {}\n",
     "c.yaml:2:3: `file` must be given for \"s\""},
    {"a model without a version", "models: {m: {directory: d}}\n",
     "c.yaml:1:10: must be name/version as the scenario names it, not \"m\""},
    {"a model without a directory", "models: {m/1: {}}\n",
     "c.yaml:1:10: `directory` must be given for \"m/1\""},
    {"an endpoint without a match", "http: {a: {}}\n",
     "c.yaml:1:8: `match` must be given for \"a\""},
    {"an endpoint that is no address", "http: {a: {match: shop.example}}\n",
     "c.yaml:1:19: must be an http or https address such as https://shop.example, not "
     "\"shop.example\""},
    {"another outcome", "nodes: {n: {on_failure: maybe}}\n",
     "c.yaml:1:25: must be error or empty, not \"maybe\""},
    {"a dictionary without a table", "dictionaries: {d: {}}\n",
     "c.yaml:1:16: `file` must be given for \"d\""},
    {"a dictionary no expression could name", "dictionaries: {1-d: {file: d.json}}\n",
     "c.yaml:1:16: must be a name of letters, digits and '_', no digit in front, not \"1-d\""},
    {"a dictionary of another kind of key", "dictionaries: {d: {file: d.json, keys: Double}}\n",
     "c.yaml:1:40: must be String, Long or Boolean, not \"Double\""},
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

/* A megabyte of brackets would take libyaml minutes. */
static void deep_nesting_is_refused_at_once(void **state)
{
    static const char *const openings[] = {"[", "{a: ", "- "};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(openings); i++) {
        struct config config;
        struct buffer text;
        struct buffer message;

        buffer_init(&text, CONFIG_BYTES_MAX);
        buffer_init(&message, 4096);
        while (text.len + 4 < CONFIG_BYTES_MAX)
            buffer_append_text(&text, openings[i]);
        assert_int_equal(config_read(buffer_slice(&text), "c.yaml", &config, &message),
                         STATUS_INVALID);
        assert_true(slice_ends_with(buffer_slice(&message), SLICE(": too deeply nested")));
        buffer_deinit(&text);
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

/* An item that has all that must be given; the row under test comes on top of it. */
static void append_required(const struct config_section *section, const struct config_row *tested,
                            struct buffer *text)
{
    for (const struct config_row *row = section->rows; row->key != NULL; row++) {
        if (row->initial != NULL || row == tested || row->kind == CONFIG_SECRET_HEADERS ||
            row->kind == CONFIG_TRACKER_PATHS)
            continue;
        buffer_append_text(text, ", ");
        buffer_append_text(text, row->key);
        buffer_append_text(text, ": https://shop.example");
    }
    if (strcmp(section->name, "secrets") == 0)
        buffer_append_text(text, strcmp(tested->key, "env") == 0 ? ", file: a" : ", env: A");
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
                buffer_append_text(&text, section->by_name ? ": {x/1: {" : ": {");
            }
            if (section->names == CONFIG_TOPIC || section->names == CONFIG_VARIABLE) {
                buffer_clear(&text);
                buffer_append_text(&text, section->name);
                buffer_append_text(&text, ": {x: {");
            }
            buffer_append_text(&text, row->key);
            buffer_append_text(&text, ": \"");
            buffer_append_text(&text, row->initial);
            buffer_append_text(&text, "\"");
            if (section->by_name) append_required(section, row, &text);
            if (section->name[0] != '\0') buffer_append_text(&text, section->by_name ? "}}" : "}");
            if (config_read(buffer_slice(&text), "c.yaml", &config, &message) != STATUS_OK)
                fail_msg("%.*s: %.*s", (int)text.len, text.data, (int)message.len, message.data);
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
        cmocka_unit_test(deep_nesting_is_refused_at_once),
        cmocka_unit_test(values_and_defaults_are_read),
        cmocka_unit_test(a_secret_comes_from_the_environment_and_is_never_told),
        cmocka_unit_test(every_default_is_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

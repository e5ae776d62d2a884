/* test_train_log.c - records of a topic become interactions: views, carts, orders, objects. */
#include "host/train_log.h"
#include "model/name_text.h"
#include "test.h"

static struct arena arena;
static struct train_rows rows;
static struct train_log counts;

static int prepare(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    counts = (struct train_log){0};
    return train_rows_init(&rows, "topic", &arena) == STATUS_OK ? 0 : -1;
}

static int tidy(void **state)
{
    (void)state;
    arena_deinit(&arena);
    return 0;
}

static void take(const char *value)
{
    assert_ok(train_log_record(slice_of(value), 1700000000000, NULL, &rows, &counts));
}

static void assert_row(uint32_t at, const char *user, const char *item, const char *cate,
                       double time)
{
    assert_true(at < rows.count);
    assert_slice_equal(rows.users.texts[rows.at[at].user], slice_of(user));
    assert_slice_equal(rows.items.texts[rows.at[at].item], slice_of(item));
    assert_slice_equal(rows.cates.texts[rows.at[at].cate], slice_of(cate));
    assert_true(rows.at[at].time == time);
}

static void views_carts_and_orders_count_in_the_order_of_the_log(void **state)
{
    (void)state;
    take("{\"message\":{\"schema\":\"iglu:x\",\"data\":["
         "{\"e\":\"pv\",\"duid\":\"ann\",\"dtm\":\"1700000001000\","
         "\"url\":\"https://shop.example/products/red-hat?from=mail\"},"
         "{\"e\":\"pv\",\"duid\":\"ann\",\"dtm\":\"1700000002000\",\"url\":\"https://shop.example/"
         "\"},"
         "{\"e\":\"ue\",\"duid\":\"ann\",\"dtm\":\"1700000003000\",\"ue_pr\":\"{\\\"schema\\\":"
         "\\\"s\\\","
         "\\\"data\\\":{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow/add_to_cart/"
         "jsonschema/"
         "1-0-0\\\",\\\"data\\\":{\\\"sku\\\":\\\"red-hat\\\",\\\"category\\\":\\\"hats\\\"}}}\"},"
         "{\"e\":\"ti\",\"duid\":\"bob\",\"ti_sk\":\"blue-hat\",\"ti_ca\":\"hats\"}]}}");
    assert_int_equal(rows.count, 3);
    assert_row(0, "ann", "red-hat", "none", 1700000001000.0);
    assert_row(1, "ann", "red-hat", "hats", 1700000003000.0);
    assert_row(2, "bob", "blue-hat", "hats", 1700000000000.0); /* without a time: the record's */
    assert_int_equal(counts.views, 1);
    assert_int_equal(counts.carts, 1);
    assert_int_equal(counts.orders, 1);
    assert_int_equal(counts.passed_over, 1);
}

/* Whatever trackers send: one name that is none takes no other with it. */
static void a_name_without_end_is_passed_over(void **state)
{
    struct buffer record;

    (void)state;
    buffer_init(&record, 1 << 16);
    buffer_append_text(&record, "{\"user\":\"ann\",\"item\":\"");
    for (uint32_t i = 0; i <= NAME_BYTES_MAX; i++)
        buffer_append_byte(&record, 'a');
    buffer_append_text(&record, "\"}");
    buffer_append_byte(&record, '\0');
    take((const char *)record.data);
    take("{\"user\":\"ann\",\"item\":\"\\ud800\"}");
    assert_int_equal(rows.count, 1);
    assert_int_equal(counts.passed_over, 1);
    assert_int_equal(counts.objects, 1);
    buffer_deinit(&record);
}

#define ACTION(type)                                                                      \
    "\"{\\\"data\\\":{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow.ecommerce/"  \
    "snowplow_ecommerce_action/jsonschema/1-0-2\\\",\\\"data\\\":{\\\"type\\\":\\\"" type \
    "\\\"}}}\""
#define ENTITIES                                                                                \
    "\"{\\\"data\\\":["                                                                         \
    "{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow.ecommerce/transaction/jsonschema/" \
    "1-0-0\\\","                                                                                \
    "\\\"data\\\":{\\\"id\\\":\\\"order\\\"}},"                                                 \
    "{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/"     \
    "1-0-0\\\","                                                                                \
    "\\\"data\\\":{\\\"id\\\":\\\"mug\\\",\\\"category\\\":\\\"cups\\\"}},"                     \
    "{\\\"schema\\\":\\\"iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/"     \
    "1-0-0\\\","                                                                                \
    "\\\"data\\\":{\\\"id\\\":\\\"red-hat\\\",\\\"category\\\":\\\"hats\\\"}}]}\""
/* {"schema":"s","data":[the mug]} */
#define ENCODED                                                                        \
    "eyJzY2hlbWEiOiJzIiwiZGF0YSI6W3sic2NoZW1hIjoiaWdsdTpjb20uc25vd3Bsb3dhbmFseXRpY3Mu" \
    "c25vd3Bsb3cuZWNvbW1lcmNlL3Byb2R1Y3QvanNvbnNjaGVtYS8xLTAtMCIsImRhdGEiOnsiaWQiOiJt" \
    "dWciLCJjYXRlZ29yeSI6ImN1cHMifX1dfQ"

static void a_cart_may_be_encoded(void **state)
{
    (void)state;
    /* {"schema":"s","data":{"schema":"iglu:com.snowplowanalytics.snowplow/add_to_cart/jsonschema/1-0-0",
     * "data":{"sku":"mug"}}} */
    take("{\"message\":{\"data\":[{\"e\":\"ue\",\"duid\":\"cid\",\"ue_px\":"
         "\"eyJzY2hlbWEiOiJzIiwiZGF0YSI6eyJzY2hlbWEiOiJpZ2x1OmNvbS5zbm93cGxvd2FuYWx5dGljcy5zbm93cGx"
         "vdy9h"
         "ZGRfdG9fY2FydC9qc29uc2NoZW1hLzEtMC0wIiwiZGF0YSI6eyJza3UiOiJtdWcifX19\"}]}}");
    assert_row(0, "cid", "mug", "none", 1700000000000.0);
}

/* As @snowplow/browser-plugin-snowplow-ecommerce 4.10 tells it, in base64 or not. */
static void the_ecommerce_plugins_actions_count_by_product(void **state)
{
    (void)state;
    take(
        "{\"message\":{\"data\":[{\"e\":\"ue\",\"duid\":\"ann\",\"dtm\":\"1700000001000\","
        "\"ue_pr\":" ACTION(
            "transaction") ",\"co\":" ENTITIES "},"
                           "{\"e\":\"ue\",\"duid\":\"ann\",\"ue_pr\":" ACTION(
                               "product_view") ",\"co\":" ENTITIES "},"
                                               "{\"e\":\"ue\",\"duid\":\"ann\",\"ue_pr\":" ACTION(
                                                   "add_to_cart") "},"
                                                                  "{\"e\":\"ue\",\"duid\":\"ann\","
                                                                  "\"ue_pr\":" ACTION(
                                                                      "add_to_cart") ",\"co\":\"[1]"
                                                                                     "\"},"
                                                                                     "{\"e\":"
                                                                                     "\"ue\","
                                                                                     "\"duid\":"
                                                                                     "\"bob\",\"ue_"
                                                                                     "pr\":" ACTION(
                                                                                         "add_to_"
                                                                                         "cart") ","
                                                                                                 "\"cx\":\"" ENCODED
                                                                                                 "\"}"
                                                                                                 "]"
                                                                                                 "}"
                                                                                                 "}");
    assert_int_equal(rows.count, 3);
    assert_row(0, "ann", "mug", "cups", 1700000001000.0);
    assert_row(1, "ann", "red-hat", "hats", 1700000001000.0);
    assert_row(2, "bob", "mug", "cups", 1700000000000.0);
    assert_int_equal(counts.orders, 2);
    assert_int_equal(counts.carts, 1);
    assert_int_equal(counts.passed_over, 3);
}

static void objects_have_members(void **state)
{
    (void)state;
    take("{\"user\":\"ann\",\"item\":\"hat\",\"time\":\"2026-01-31T12:00:00Z\",\"category\":"
         "\"hats\"}");
    take("{\"user\":7,\"item\":8}");
    assert_row(0, "ann", "hat", "hats", 1769860800.0);
    assert_row(1, "7", "8", "none", 1700000000000.0);
    assert_ok(train_log_record(SLICE("{\"who\":\"bob\",\"what\":\"cup\"}"), 5, "who,what,when",
                               &rows, &counts));
    assert_row(2, "bob", "cup", "none", 5.0);
    assert_int_equal(counts.objects, 3);
}

static void what_is_neither_is_passed_over(void **state)
{
    static const char *const others[] = {
        "",
        "no JSON",
        "[1,2]",
        "{}",
        "{\"user\":\"ann\"}",
        "{\"user\":\"ann\",\"item\":\"hat\",\"time\":\"soon\"}",
        "{\"message\":{\"data\":[1,\"x\",{\"e\":\"pv\"},{\"e\":\"pv\",\"duid\":\"a\",\"url\":\"/"
        "products/\"},"
        "{\"e\":\"ue\",\"duid\":\"a\",\"ue_pr\":\"{\"},{\"e\":\"ue\",\"duid\":\"a\",\"ue_pr\":\"[]"
        "\"},"
        "{\"e\":\"ue\",\"duid\":\"a\",\"ue_px\":\"!\"},{\"e\":\"pp\",\"duid\":\"a\"}]}}",
        "{\"message\":{\"data\":[{\"e\":\"ue\",\"duid\":\"a\",\"ue_pr\":\"{\\\"data\\\":{"
        "\\\"schema\\\":"
        "\\\"iglu:com.snowplowanalytics.snowplow/remove_from_cart/jsonschema/1-0-0\\\","
        "\\\"data\\\":{\\\"sku\\\":\\\"hat\\\"}}}\"}]}}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        take(others[i]);
    assert_int_equal(rows.count, 0);
    assert_int_equal(counts.passed_over, 6 + 8 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(views_carts_and_orders_count_in_the_order_of_the_log,
                                        prepare, tidy),
        cmocka_unit_test_setup_teardown(a_name_without_end_is_passed_over, prepare, tidy),
        cmocka_unit_test_setup_teardown(a_cart_may_be_encoded, prepare, tidy),
        cmocka_unit_test_setup_teardown(the_ecommerce_plugins_actions_count_by_product, prepare,
                                        tidy),
        cmocka_unit_test_setup_teardown(objects_have_members, prepare, tidy),
        cmocka_unit_test_setup_teardown(what_is_neither_is_passed_over, prepare, tidy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

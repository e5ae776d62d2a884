/* test_aggregate.c - every #AGG case of the original, from tests/data/engine/aggregators.jsonl:
 * running results, neutral elements, merging of chunks. Where a newer release answers differently
 * (`v119`) its answer counts. */
#include "engine/aggregate.h"
#include "sys/file.h"
#include "tagged.h"

enum { LEAVES_MAX = 8, CHUNKS_MAX = 64 };

struct golden {
    const struct document *document;
    uint32_t row;
    struct slice id;
    struct aggregate aggregate;
    struct pool pool;
    struct arena *arena;
};

/* --- reading what the row says of types and aggregators ------------------------------------------- */

static struct slice take_word(struct slice *text)
{
    struct slice word = *text;
    size_t len = 0;

    while (len < text->len && strchr(" :,{}[]()|", text->data[len]) == NULL)
        len++;
    word.len = len;
    *text = (struct slice){text->data + len, text->len - len};
    return word;
}

static bool take(struct slice *text, const char *token)
{
    while (text->len > 0 && text->data[0] == ' ')
        *text = (struct slice){text->data + 1, text->len - 1};
    if (!slice_starts_with(*text, slice_of(token))) return false;
    *text = (struct slice){text->data + strlen(token), text->len - strlen(token)};
    return true;
}

static struct aggregator parse_aggregator(struct slice *text, struct arena *arena)
{
    struct aggregator made = {.kind = AGGREGATOR_COUNT};
    static const char *const names[] = {
#define AGGREGATOR(name, meaning) #name,
#include "expr/aggregators.def"
#undef AGGREGATOR
    };

    assert_true(take(text, "#AGG."));
    struct slice name = take_word(text);

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(name, slice_of(names[i]))) made.kind = (enum aggregator_kind)i;
    }
    assert_int_not_equal(made.kind, AGGREGATOR_COUNT);
    if (made.kind != AGGREGATOR_map) return made;
    struct aggregator_field *fields = arena_alloc(arena, LEAVES_MAX, sizeof(*fields));

    made.fields = fields;
    assert_true(take(text, "({"));
    if (take(text, ":})")) return made;
    do {
        (void)take(text, "");
        fields[made.field_count].name = take_word(text);
        assert_true(take(text, ":"));
        fields[made.field_count++].aggregator = parse_aggregator(text, arena);
    } while (take(text, ","));
    assert_true(take(text, "})"));
    return made;
}

static const struct type *parse_type(struct slice *text, struct arena *arena)
{
    static const struct {
        const char *name;
        enum class_id class_id;
    } classes[] = {{"Long", CLASS_Long},
                   {"Double", CLASS_Double},
                   {"Number", CLASS_Number},
                   {"BigDecimal", CLASS_BigDecimal},
                   {"BigInteger", CLASS_BigInteger}};

    (void)take(text, "");
    struct slice name = take_word(text);

    if (slice_equal(name, SLICE("Record"))) {
        struct type_field *fields = arena_alloc(arena, LEAVES_MAX, sizeof(*fields));
        uint32_t count = 0;

        assert_true(take(text, "{"));
        while (!take(text, "}")) {
            (void)take(text, ",");
            (void)take(text, "");
            fields[count].name = take_word(text);
            assert_true(take(text, ":"));
            fields[count++].type = parse_type(text, arena);
        }
        return type_record(fields, count, arena);
    }
    if (take(text, "[")) {
        for (int depth = 1; depth > 0; *text = (struct slice){text->data + 1, text->len - 1})
            depth += (text->data[0] == '[') - (text->data[0] == ']');
        return &type_unknown;
    }
    if (take(text, "|")) {
        (void)parse_type(text, arena);
        return &type_unknown;
    }
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        if (slice_equal(name, slice_of(classes[i].name))) return type_of_class(classes[i].class_id);
    }
    return &type_unknown;
}

/* --- driving ---------------------------------------------------------------------------------- */

static enum status result_of(struct golden *golden, const struct leaf *const *buckets,
                             uint32_t count, struct value *result)
{
    struct slice message;

    return aggregate_result(&golden->aggregate, buckets, count, golden->arena, &message, result);
}

static enum status add(struct golden *golden, struct leaf *leaves, struct value element)
{
    struct slice message;
    uint32_t added;
    bool neutral;
    enum status status = aggregate_is_neutral(&golden->aggregate, leaves, element, golden->arena,
                                              &message, &neutral);

    if (status != STATUS_OK) return status;
    return aggregate_add(&golden->aggregate, leaves, element, &golden->pool, golden->arena, &added);
}

/* The member of the newer answers, else of the row. */
static uint32_t member_of(const struct golden *golden, const char *name)
{
    uint32_t newer = node_member(golden->document, golden->row, "v119");
    uint32_t at = newer == 0 ? 0 : node_member(golden->document, newer, name);

    return at != 0 ? at : node_member(golden->document, golden->row, name);
}

static bool is_exception(const struct golden *golden, uint32_t node)
{
    return golden->document->nodes[node].kind == DOCUMENT_OBJECT &&
           node_member(golden->document, node, "exception") != 0;
}

static void expect(struct golden *golden, const char *what, uint32_t expected_node,
                   const struct leaf *const *buckets, uint32_t count)
{
    struct value expected = tagged_value(golden->document, expected_node, golden->arena);
    struct value got = value_null();

    assert_ok(result_of(golden, buckets, count, &got));
    if (!tagged_equal(got, expected, golden->arena))
        fail_different(golden->id, what, got, expected);
}

static void check_neutral(struct golden *golden, const struct leaf *leaves, struct value element,
                          uint32_t expected_node)
{
    enum document_kind kind = golden->document->nodes[expected_node].kind;
    struct slice message;
    bool neutral = false;

    enum status status = aggregate_is_neutral(&golden->aggregate, leaves, element, golden->arena,
                                              &message, &neutral);

    if (status != STATUS_OK)
        fail_msg("%.*s: neutral fails with %s", (int)golden->id.len, (const char *)golden->id.data,
                 status_name(status));
    if (kind != DOCUMENT_TRUE && kind != DOCUMENT_FALSE) return; /* the original throws */
    if (neutral != (kind == DOCUMENT_TRUE))
        fail_msg("%.*s: neutral is %d", (int)golden->id.len, (const char *)golden->id.data,
                 neutral);
}

static void check_running(struct golden *golden)
{
    const struct document *document = golden->document;
    uint32_t elements = node_member(document, golden->row, "elements");
    uint32_t running = member_of(golden, "running");
    uint32_t neutral = member_of(golden, "neutral");
    struct leaf leaves[LEAVES_MAX] = {0};
    const struct leaf *bucket = leaves;
    uint32_t element = elements + 1;
    uint32_t result = running + 1;
    uint32_t is_neutral = neutral + 1;

    for (uint32_t i = 0; i < document->nodes[running].count; i++) {
        struct value value = tagged_value(document, element, golden->arena);

        if (is_exception(golden, result)) {
            struct value unused;

            if (add(golden, leaves, value) == STATUS_OK &&
                result_of(golden, &bucket, 1, &unused) == STATUS_OK)
                fail_msg("%.*s: element %u should fail", (int)golden->id.len,
                         (const char *)golden->id.data, i);
            break; /* where a null kills the original's job it is skipped */
        }
        if (neutral != 0) check_neutral(golden, leaves, value, is_neutral);
        assert_ok(add(golden, leaves, value));
        expect(golden, "running", result, &bucket, 1);
        element = document->nodes[element].next;
        result = document->nodes[result].next;
        is_neutral = document->nodes[is_neutral].next;
    }
    aggregate_free(&golden->aggregate, leaves, &golden->pool);
}

static void check_chunks(struct golden *golden, uint32_t merged)
{
    const struct document *document = golden->document;
    uint32_t chunks = node_member(document, merged, "chunks");
    uint32_t expected = node_member(document, merged, "result");
    uint32_t element = node_member(document, golden->row, "elements") + 1;
    struct leaf leaves[CHUNKS_MAX][LEAVES_MAX] = {0};
    const struct leaf *buckets[CHUNKS_MAX];
    uint32_t count = document->nodes[chunks].count;
    uint32_t size_node = chunks + 1;
    enum status status = STATUS_OK;

    assert_true(count <= CHUNKS_MAX);
    for (uint32_t i = 0; i < count; i++, size_node = document->nodes[size_node].next) {
        int64_t size;

        assert_ok(slice_to_i64(document_text(document, size_node), &size));
        buckets[i] = leaves[i];
        for (; size > 0 && status == STATUS_OK; size--) {
            status = add(golden, leaves[i], tagged_value(document, element, golden->arena));
            element = document->nodes[element].next;
        }
    }
    struct value unused;

    if (expected == 0 || is_exception(golden, expected)) {
        if (status == STATUS_OK) status = result_of(golden, buckets, count, &unused);
    } else {
        assert_ok(status);
        expect(golden, "merged", expected, buckets, count);
    }
    for (uint32_t i = 0; i < count; i++)
        aggregate_free(&golden->aggregate, leaves[i], &golden->pool);
}

static void check_merged(struct golden *golden)
{
    uint32_t merged = member_of(golden, "merged");
    uint32_t at = merged + 1;

    for (uint32_t i = 0; merged != 0 && i < golden->document->nodes[merged].count; i++) {
        check_chunks(golden, at);
        at = golden->document->nodes[at].next;
    }
}

/* Long inputs are told by a rule. */
static void check_rule(struct golden *golden)
{
    struct value count = value_null();
    struct leaf leaves[LEAVES_MAX] = {0};
    const struct leaf *bucket = leaves;
    struct slice rule;
    struct slice type;
    char text[32];

    assert_ok(document_value(golden->document,
                             node_member(golden->document, golden->row, "elementCount"),
                             golden->arena, &count));
    assert_ok(document_string(golden->document,
                              node_member(golden->document, golden->row, "elementsRule"),
                              golden->arena, &rule));
    assert_ok(document_string(golden->document,
                              node_member(golden->document, golden->row, "inputType"),
                              golden->arena, &type));
    for (int64_t i = 1; i <= count.i64; i++) {
        struct value element =
            slice_equal(type, SLICE("Long")) ? value_long(i) : value_integer((int32_t)i);

        if (slice_starts_with(rule, SLICE("i % 40"))) element = value_integer((int32_t)(i % 40));
        (void)snprintf(text, sizeof(text), "user-%d", (int)i);
        if (slice_starts_with(rule, SLICE("'user"))) element = value_string(slice_of(text));
        assert_ok(add(golden, leaves, element));
    }
    expect(golden, "result", member_of(golden, "result"), &bucket, 1);
    aggregate_free(&golden->aggregate, leaves, &golden->pool);
}

static void check_row(struct slice line, struct arena *arena)
{
    struct golden golden = {.arena = arena};
    struct document document;
    struct json_error error;
    struct aggregator aggregator;
    struct slice text;

    assert_ok(json_parse(line, &json_limits_default, arena, &document, &error));
    golden.document = &document;
    assert_ok(document_string(&document, node_member(&document, 0, "id"), arena, &golden.id));
    assert_ok(document_string(&document, node_member(&document, 0, "aggregator"), arena, &text));
    aggregator = parse_aggregator(&text, arena);
    assert_ok(document_string(&document, node_member(&document, 0, "outputType"), arena, &text));
    assert_ok(aggregate_make(&aggregator, parse_type(&text, arena), &golden.aggregate));
    pool_init(&golden.pool);
    struct leaf none[LEAVES_MAX] = {0};
    const struct leaf *empty = none;

    expect(&golden, "empty", member_of(&golden, "empty"), &empty, 1);
    if (node_member(&document, 0, "elementCount") != 0)
        check_rule(&golden);
    else {
        check_running(&golden);
        check_merged(&golden);
    }
    pool_deinit(&golden.pool);
}

static void aggregators_answer_as_the_original(void **state)
{
    struct buffer text;
    struct arena arena;
    uint32_t rows = 0;

    (void)state;
    buffer_init(&text, 16 << 20);
    arena_init(&arena, 256 << 20);
    assert_ok(file_read(TEST_DATA_DIR "/engine/aggregators.jsonl", &text));
    struct slice rest = buffer_slice(&text);

    while (rest.len > 0) {
        const uint8_t *end = memchr(rest.data, '\n', rest.len);
        size_t len = end == NULL ? rest.len : (size_t)(end - rest.data);

        arena_reset(&arena);
        check_row((struct slice){rest.data, len}, &arena);
        rows++;
        rest = (struct slice){rest.data + len + 1, rest.len > len ? rest.len - len - 1 : 0};
    }
    assert_int_equal(rows, 722);
    arena_deinit(&arena);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(aggregators_answer_as_the_original)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

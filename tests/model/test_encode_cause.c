/* test_encode_cause.c - which click a SASRec's item is due to: the fast way beside leaving each click out and
 * encoding anew. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "codec/candidates.h"
#include "model/encode/store.h"
#include "model/model.h"
#include "test.h"

enum { ITEMS = 30, CLICKS_MAX = 24, WIDTH_MAX = 64 };

struct bench {
    struct encode_shape shape;
    struct encode_layout layout;
    real *value;
    struct encoder encoder;
    struct arena arena;
    uint32_t clicks[CLICKS_MAX];
};

static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525U + 1013904223U;
    return (uint32_t)(((uint64_t)*state * bound) >> 32);
}

/* Numbers so large that attention is far from even and every click counts. */
static void bench_init(struct bench *bench, const struct encode_shape *shape, uint32_t seed)
{
    *bench = (struct bench){.shape = *shape};
    arena_init(&bench->arena, 256 << 20);
    encode_layout_init(shape, &bench->layout);
    size_t count = bench->layout.body + (size_t)train_pad(ITEMS) * shape->width;
    bench->value = arena_zalloc(&bench->arena, count, sizeof(real));
    assert_non_null(bench->value);
    for (size_t i = 0; i < count; i++)
        bench->value[i] = (real)((double)draw(&seed, 2001) / 4000.0 - 0.25);
    encoder_init(shape, bench->value, &bench->encoder);
    for (uint32_t i = 0; i < CLICKS_MAX; i++)
        bench->clicks[i] = draw(&seed, 8) == 0 ? UINT32_MAX : draw(&seed, ITEMS);
}

/* The known ones of the latest clicks, as many as the encoder looks at, by their places. */
static uint32_t known(const struct bench *bench, uint32_t len, uint32_t places[CLICKS_MAX])
{
    uint32_t count = 0;
    uint32_t from = len;

    for (uint32_t at = len; at-- > 0 && count < bench->shape.steps;) {
        count += bench->clicks[at] != UINT32_MAX;
        from = at;
    }
    count = 0;
    for (uint32_t at = from; at < len; at++) {
        if (bench->clicks[at] != UINT32_MAX) places[count++] = at;
    }
    return count;
}

static void encode_without(struct bench *bench, const uint32_t *places, uint32_t count,
                           uint32_t left_out, real *out)
{
    uint32_t items[CLICKS_MAX];
    uint32_t len = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (places[i] != left_out) items[len++] = bench->clicks[places[i]];
    }
    assert_ok(encoder_encode(&bench->encoder, (struct context){.items = items, .len = len},
                             &bench->arena, out));
}

static double score(const struct bench *bench, const real *vector, uint32_t item)
{
    const real *row = bench->value + bench->layout.body + (size_t)item * bench->shape.width;
    double sum = 0.0;

    for (uint32_t k = 0; k < bench->shape.width; k++)
        sum += (double)vector[k] * (double)row[k];
    return sum;
}

/* By leaving out each of the ten latest; `sure`: no other click comes near. */
static uint32_t slow_cause(const struct bench *bench, const uint32_t *places, uint32_t count,
                           const real *vector, real without[][WIDTH_MAX], uint32_t item, bool *sure)
{
    double least = score(bench, vector, item);
    uint32_t cause = UINT32_MAX;

    *sure = true;
    if (count == 1) return places[0];
    for (uint32_t back = 0; back < count && back < 10; back++) {
        double now = score(bench, without[back], item);

        if (fabs(now - least) < 1e-4) *sure = false;
        if (now >= least) continue;
        if (least - now > 1e-3) *sure = true;
        least = now;
        cause = places[count - 1 - back];
    }
    return cause;
}

/* Products of more rows may be rounded otherwise. */
static bool near(real got, real wanted)
{
    return fabs((double)(got - wanted)) <= 1e-5 * (1.0 + fabs((double)wanted));
}

static uint32_t check(struct bench *bench, uint32_t len)
{
    const struct context context = {.items = bench->clicks, .len = len};
    struct arena_mark mark = arena_mark(&bench->arena);
    struct encoder_absences absences;
    uint32_t places[CLICKS_MAX];
    real vector[WIDTH_MAX];
    real wanted[WIDTH_MAX];
    real without[ENCODER_ABSENCES_MAX][WIDTH_MAX];
    uint32_t count = known(bench, len, places);
    uint32_t checked = 0;

    enum status status =
        encoder_encode_absences(&bench->encoder, context, &bench->arena, vector, &absences);
    assert_int_equal(status, count == 0 ? STATUS_NOT_FOUND : STATUS_OK);
    if (count == 0) return 0;
    assert_ok(encoder_encode(&bench->encoder, context, &bench->arena, wanted));
    for (uint32_t k = 0; k < bench->shape.width; k++)
        assert_true(near(vector[k], wanted[k]));
    assert_int_equal(absences.count, count < 10 ? count : 10);
    for (uint32_t i = 0; i < absences.count; i++) {
        assert_int_equal(absences.places[i], places[count - 1 - i]);
        if (count == 1) continue;
        encode_without(bench, places, count, absences.places[i], without[i]);
        for (uint32_t k = 0; k < bench->shape.width; k++) {
            real got = absences.vectors[i * bench->shape.width + k];

            assert_true(near(got, without[i][k]));
        }
    }
    for (uint32_t item = 0; item < ITEMS; item++) {
        bool sure;
        uint32_t cause = slow_cause(bench, places, count, vector, without, item, &sure);

        if (!sure) continue;
        assert_int_equal(encoder_cause(&bench->encoder, vector, &absences, item), cause);
        checked++;
    }
    arena_rewind(&bench->arena, mark);
    return checked;
}

static void a_cause_is_the_click_whose_absence_costs_most(void **state)
{
    static const struct encode_shape shapes[] = {
        {.items = ITEMS, .width = 32, .heads = 2, .layers = 2, .inner = 32, .steps = 20},
        {.items = ITEMS, .width = 64, .heads = 1, .layers = 1, .inner = 16, .steps = 4},
        {.items = ITEMS, .width = 64, .heads = 4, .layers = 3, .inner = 64, .steps = 12},
    };
    uint32_t checked = 0;

    (void)state;
    for (uint32_t seed = 0; seed < 12; seed++) {
        struct bench bench;

        bench_init(&bench, &shapes[seed % COUNT_OF(shapes)], seed * 7 + 1);
        for (uint32_t len = 0; len <= CLICKS_MAX; len++)
            checked += check(&bench, len);
        arena_deinit(&bench.arena);
    }
    print_message("  %u items held against encoding anew\n", checked);
    assert_true(checked > 7000);
}

/* --- whole calls ---------------------------------------------------------------------------------- */

static void call(const struct model *model, const struct bench *bench, uint32_t len,
                 const struct slice *names, struct arena *arena, struct model_answer *answer)
{
    struct value *items = arena_alloc(arena, len + 1, sizeof(*items));
    struct value *times = arena_alloc(arena, len + 1, sizeof(*times));

    for (uint32_t i = 0; i < len; i++) {
        bool none = bench->clicks[i] == UINT32_MAX;

        items[i] = value_string(none ? SLICE("nobody-knows-it") : names[bench->clicks[i]]);
        times[i] = value_string(SLICE("1795000000"));
    }
    struct value_entry entries[] = {
        {value_string(SLICE("items")), value_list(items, len)},
        {value_string(SLICE("timestamps")), value_list(times, len)},
    };
    assert_ok(model_call(model, value_map(entries, 2), 1795000100000, arena, answer));
}

static void answers_name_the_click(void **state)
{
    static const char directory[] = "encode_cause_model";
    static const char *const parts[] = {"encode_cause_model/weights.safetensors",
                                        "encode_cause_model/items.json",
                                        "encode_cause_model/headrace.json"};
    const struct encode_shape shape = {
        .items = ITEMS, .width = 32, .heads = 2, .layers = 2, .inner = 32, .steps = 20};
    struct candidate candidates[CANDIDATES_MAX];
    struct model_answer answer;
    struct slice names[ITEMS];
    char texts[ITEMS][16];
    struct model *model;
    struct buffer message;
    struct bench bench;
    uint32_t count;

    (void)state;
    bench_init(&bench, &shape, 5);
    buffer_init(&message, 4096);
    for (uint32_t i = 0; i < ITEMS; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "item-%u", i);
        names[i] = slice_of(texts[i]);
    }
    assert_ok(encoder_model_write(directory, &bench.layout, bench.value, names,
                                  &(struct learned){0}, &message));
    assert_ok(model_open(directory, &model, &message));
    for (uint32_t len = 0; len <= CLICKS_MAX; len++) {
        struct arena_mark mark = arena_mark(&bench.arena);
        struct encoder_absences absences = {0};
        real vector[WIDTH_MAX];
        bool any = encoder_encode_absences(&bench.encoder,
                                           (struct context){.items = bench.clicks, .len = len},
                                           &bench.arena, vector, &absences) == STATUS_OK;

        call(model, &bench, len, names, &bench.arena, &answer);
        assert_ok(candidates_read(answer.candidates, candidates, &count));
        assert_true(count >= ITEMS - 1);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t item = 0;

            while (!slice_equal(names[item], candidates[i].item))
                item++;
            uint32_t cause =
                any ? encoder_cause(&bench.encoder, vector, &absences, item) : UINT32_MAX;
            assert_slice_equal(candidates[i].because, cause == UINT32_MAX
                                                          ? (struct slice){0}
                                                          : names[bench.clicks[cause]]);
        }
        arena_rewind(&bench.arena, mark);
    }
    model_close(model);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        assert_int_equal(unlink(parts[i]), 0);
    assert_int_equal(rmdir(directory), 0);
    buffer_deinit(&message);
    arena_deinit(&bench.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cause_is_the_click_whose_absence_costs_most),
        cmocka_unit_test(answers_name_the_click),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* trainer.c - three rounds a step: pack the items, run the rows there and back, move the numbers. */
#include "model/encode/trainer.h"

#include <math.h>
#include <stdlib.h>

#include "model/encode/sample.h"

enum { TRAINER_BYTES_MAX_SHIFT = 36 };

/* What one thread owns. */
struct seat {
    struct encode_run run;
    struct encode_tile tile;
    struct encode_span *spans; /* [batch] */
    uint32_t *items, *targets; /* [rows_max] places in the table */
    struct encode_own *own;    /* [rows_max] the items of a row's sequence; when sampled */
    uint32_t *own_items;       /* [rows_max + batch] */
    uint32_t own_count;
    real *gradient; /* [body + table rows] */
    double loss;
};

struct encode_trainer {
    struct encode_layout layout;
    struct encode_settings settings;
    struct encode_body body;
    struct encode_table table;
    struct arena arena;
    struct team *team;
    struct seat *seats;
    struct sample sample;
    real *value, *m, *v, *flipped;
    size_t gradient_count; /* of a seat, in use */
    uint64_t step;
    uint32_t targets; /* in the batch */
    struct train_adam adam;
};

static uint32_t rows_of(const struct encode_trainer *trainer)
{
    const struct encode_settings *settings = &trainer->settings;

    return settings->batch * trainer->layout.shape.steps / settings->threads +
           trainer->layout.shape.steps;
}

static uint32_t table_max(const struct encode_trainer *trainer)
{
    const struct encode_settings *settings = &trainer->settings;
    uint32_t items = trainer->layout.shape.items;
    uint64_t most =
        (uint64_t)settings->batch * (trainer->layout.shape.steps + 1) + settings->sampled;

    return settings->sampled == 0 || most > items ? items : (uint32_t)most;
}

static enum status seat_init(struct encode_trainer *trainer, struct seat *seat)
{
    struct arena *arena = &trainer->arena;
    const struct encode_shape *shape = &trainer->layout.shape;
    uint32_t rows = rows_of(trainer);
    size_t gradient = trainer->layout.body + (size_t)train_pad(table_max(trainer)) * shape->width;

    enum status status = encode_run_init(shape, rows, arena, &seat->run);
    if (status == STATUS_OK) status = encode_tile_init(table_max(trainer), arena, &seat->tile);
    seat->spans = arena_alloc(arena, trainer->settings.batch, sizeof(*seat->spans));
    seat->items = arena_alloc(arena, rows, sizeof(*seat->items));
    seat->targets = arena_alloc(arena, rows, sizeof(*seat->targets));
    seat->own = arena_alloc(arena, rows, sizeof(*seat->own));
    seat->own_items =
        arena_alloc(arena, (size_t)rows + trainer->settings.batch, sizeof(*seat->own_items));
    seat->gradient = arena_zalloc(arena, gradient, sizeof(real));
    if (status != STATUS_OK || seat->spans == NULL || seat->items == NULL ||
        seat->targets == NULL || seat->own == NULL || seat->own_items == NULL ||
        seat->gradient == NULL)
        return STATUS_LIMIT;
    return STATUS_OK;
}

/* The table is the items themselves, or a copy of those sampled. */
static enum status table_init(struct encode_trainer *trainer)
{
    const struct encode_shape *shape = &trainer->layout.shape;
    uint32_t most = table_max(trainer);
    size_t packed = (size_t)encode_blocks(most) * ENCODE_BLOCK * shape->width;

    trainer->table = (struct encode_table){
        .kernels = trainer->body.kernels,
        .products = trainer->body.products,
        .count = shape->items,
        .width = shape->width,
        .rows = trainer->value + trainer->layout.body,
        .packed = arena_zalloc(&trainer->arena, packed, sizeof(real)),
    };
    return trainer->table.packed == NULL ? STATUS_LIMIT : STATUS_OK;
}

static enum status trainer_init(struct encode_trainer *trainer, const uint32_t *clicks)
{
    struct arena *arena = &trainer->arena;
    const struct encode_shape *shape = &trainer->layout.shape;
    /* behind the items as much as fills a unit of them */
    size_t count = trainer->layout.body + (size_t)train_pad(shape->items) * shape->width;

    trainer->value = arena_zalloc(arena, count, sizeof(real));
    trainer->m = arena_zalloc(arena, count, sizeof(real));
    trainer->v = arena_zalloc(arena, count, sizeof(real));
    trainer->flipped = arena_zalloc(arena, trainer->layout.body, sizeof(real));
    trainer->seats = arena_zalloc(arena, trainer->settings.threads, sizeof(*trainer->seats));
    if (trainer->value == NULL || trainer->m == NULL || trainer->v == NULL ||
        trainer->flipped == NULL || trainer->seats == NULL)
        return STATUS_LIMIT;
    trainer->body = (struct encode_body){
        .layout = &trainer->layout,
        .kernels = trainer->settings.kernels,
        .products = trainer->settings.products,
        .value = trainer->value,
        .flipped = trainer->flipped,
    };
    encode_values_init(&trainer->layout, trainer->settings.seed, trainer->value);
    enum status status = table_init(trainer);
    for (uint32_t i = 0; status == STATUS_OK && i < trainer->settings.threads; i++)
        status = seat_init(trainer, &trainer->seats[i]);
    if (status == STATUS_OK && trainer->settings.sampled > 0)
        status = sample_init(shape, table_max(trainer), clicks, arena, &trainer->sample);
    return status == STATUS_OK ? team_create(trainer->settings.threads, &trainer->team) : status;
}

enum status encode_trainer_create(const struct encode_shape *shape,
                                  const struct encode_settings *settings, const uint32_t *clicks,
                                  struct encode_trainer **out)
{
    struct encode_trainer *trainer = calloc(1, sizeof(*trainer));

    ASSERT(settings->batch >= 1 && settings->threads >= 1 && settings->threads <= TEAM_MAX);
    ASSERT(settings->dropout >= 0 && settings->dropout < 1);
    ASSERT(settings->sampled == 0 || clicks != NULL);
    if (trainer == NULL) return STATUS_LIMIT;
    arena_init(&trainer->arena, (size_t)1 << TRAINER_BYTES_MAX_SHIFT);
    encode_layout_init(shape, &trainer->layout);
    trainer->settings = *settings;
    enum status status = trainer_init(trainer, clicks);
    if (status == STATUS_OK) {
        *out = trainer;
    } else {
        encode_trainer_destroy(trainer);
    }
    return status;
}

void encode_trainer_destroy(struct encode_trainer *trainer)
{
    if (trainer == NULL) return;
    team_destroy(trainer->team);
    arena_deinit(&trainer->arena);
    free(trainer);
}

const struct encode_layout *encode_trainer_layout(const struct encode_trainer *trainer)
{
    return &trainer->layout;
}

struct team *encode_trainer_team(const struct encode_trainer *trainer)
{
    return trainer->team;
}

struct encode_state encode_trainer_state(struct encode_trainer *trainer)
{
    return (struct encode_state){trainer->value, trainer->m, trainer->v, &trainer->step};
}

const real *encode_trainer_gradient(const struct encode_trainer *trainer)
{
    ASSERT(trainer->settings.sampled == 0);
    return trainer->seats[0].gradient;
}

/* --- a step -------------------------------------------------------------------------------------- */

static uint32_t place_of(const struct encode_trainer *trainer, uint32_t item)
{
    return trainer->settings.sampled > 0 ? sample_place(&trainer->sample, item) : item;
}

/* The places of a sequence's items, each once. */
static struct encode_own own_of(const struct encode_trainer *trainer, struct seat *seat,
                                const struct encode_sequence *sequence)
{
    uint32_t *items = seat->own_items + seat->own_count;
    uint32_t count = 0;

    for (uint32_t t = 0; t < sequence->len; t++) {
        uint32_t place = place_of(trainer, sequence->items[t]);
        uint32_t i = 0;

        while (i < count && items[i] != place)
            i++;
        if (i == count) items[count++] = place;
    }
    seat->own_count += count;
    return (struct encode_own){items, count};
}

static void seat_add(const struct encode_trainer *trainer, struct seat *seat,
                     const struct encode_sequence *sequence)
{
    struct encode_run *run = &seat->run;

    ASSERT(sequence->len >= 2 && sequence->len <= trainer->layout.shape.steps + 1);
    seat->spans[run->span_count++] =
        (struct encode_span){.first = run->rows, .len = sequence->len - 1};
    const struct encode_own own =
        trainer->settings.sampled > 0 ? own_of(trainer, seat, sequence) : (struct encode_own){0};
    for (uint32_t t = 0; t + 1 < sequence->len; t++) {
        seat->own[run->rows] = own;
        seat->items[run->rows] = place_of(trainer, sequence->items[t]);
        seat->targets[run->rows++] = place_of(trainer, sequence->items[t + 1]);
    }
}

/* A thread takes sequences until it has its share of the rows. */
static void seats_fill(struct encode_trainer *trainer, const struct encode_sequence *sequences,
                       uint32_t count)
{
    uint32_t threads = trainer->settings.threads;
    uint64_t done = 0;
    uint32_t next = 0;

    trainer->targets = 0;
    for (uint32_t i = 0; i < count; i++)
        trainer->targets += sequences[i].len - 1;
    for (uint32_t t = 0; t < threads; t++) {
        struct seat *seat = &trainer->seats[t];
        struct encode_run *run = &seat->run;

        run->rows = run->span_count = seat->own_count = 0;
        for (; next < count && done * threads < (uint64_t)trainer->targets * (t + 1); next++) {
            done += sequences[next].len - 1;
            seat_add(trainer, seat, &sequences[next]);
        }
        run->gradient = seat->gradient;
        run->spans = seat->spans;
        run->items = seat->items;
        run->embeddings = trainer->table.rows;
        run->dropout = trainer->settings.dropout;
        run->seed = trainer->settings.seed ^ (trainer->step * TEAM_MAX + t) * 0xA24BAED4963EE407U;
    }
    ASSERT(next == count);
}

static void round_pack(void *context, uint32_t thread)
{
    struct encode_trainer *trainer = context;

    encode_table_pack(&trainer->table, thread, trainer->settings.threads);
    if (thread == 0) encode_flip(&trainer->layout, trainer->value, trainer->flipped);
}

static void round_learn(void *context, uint32_t thread)
{
    struct encode_trainer *trainer = context;
    struct seat *seat = &trainer->seats[thread];
    uint32_t width = trainer->layout.shape.width;
    real *d_items = seat->gradient + trainer->layout.body;

    memset(seat->gradient, 0, trainer->gradient_count * sizeof(real));
    seat->loss = 0.0;
    if (seat->run.rows == 0) return;
    encode_forward(&trainer->body, &seat->run);
    const struct encode_answers answers = {
        .vectors = seat->run.out,
        .targets = seat->targets,
        .own = seat->own,
        .rows = seat->run.rows,
        .weight = 1 / (real)trainer->targets,
        .d_vectors = seat->run.d,
        .d_items = d_items,
    };
    seat->loss = encode_table_learn(&trainer->table, &answers, &seat->tile);
    encode_backward(&trainer->body, &seat->run);
    for (uint32_t row = 0; row < seat->run.rows; row++) {
        trainer->body.products->add_scaled(d_items + (size_t)seat->items[row] * width,
                                           seat->run.d + (size_t)row * width, 1, width);
    }
}

/* Items of the table, or numbers of the body, that are this thread's. */
struct share {
    size_t first, end;
};

static struct share share_of(size_t count, uint32_t thread, uint32_t threads)
{
    return (struct share){count * thread / threads, count * (thread + 1) / threads};
}

static void gradient_gather(struct encode_trainer *trainer, size_t first, size_t count)
{
    for (uint32_t t = 1; t < trainer->settings.threads; t++) {
        trainer->body.products->add_scaled(trainer->seats[0].gradient + first,
                                           trainer->seats[t].gradient + first, 1, (uint32_t)count);
    }
}

static void numbers_move(struct encode_trainer *trainer, size_t gradient, size_t value,
                         size_t count)
{
    trainer->body.products->adam(&trainer->adam, trainer->seats[0].gradient + gradient,
                                 trainer->m + value, trainer->v + value, trainer->value + value,
                                 count);
}

static void round_gather(void *context, uint32_t thread)
{
    struct encode_trainer *trainer = context;
    struct share units =
        share_of(trainer->gradient_count / TRAIN_UNIT, thread, trainer->settings.threads);

    gradient_gather(trainer, units.first * TRAIN_UNIT, (units.end - units.first) * TRAIN_UNIT);
}

static void round_move(void *context, uint32_t thread)
{
    struct encode_trainer *trainer = context;
    uint32_t threads = trainer->settings.threads;
    size_t body = trainer->layout.body;
    size_t width = trainer->layout.shape.width;
    struct share units = share_of(body / TRAIN_UNIT, thread, threads);
    struct share items = share_of(trainer->table.count, thread, threads);

    numbers_move(trainer, units.first * TRAIN_UNIT, units.first * TRAIN_UNIT,
                 (units.end - units.first) * TRAIN_UNIT);
    if (trainer->settings.sampled == 0) {
        size_t first = body + items.first * width;

        numbers_move(trainer, first, first, (items.end - items.first) * width);
        return;
    }
    for (size_t i = items.first; i < items.end; i++) {
        numbers_move(trainer, body + i * width, body + trainer->sample.items[i] * width, width);
    }
}

static void adam_prepare(struct encode_trainer *trainer)
{
    double step = (double)++trainer->step;

    trainer->adam = (struct train_adam){
        .rate = (real)(trainer->settings.learning_rate * sqrt(1.0 - pow(0.999, step)) /
                       (1.0 - pow(0.9, step))),
        .beta1 = (real)0.9,
        .beta2 = (real)0.999,
        .epsilon = (real)1e-8,
    };
}

double encode_trainer_differentiate(struct encode_trainer *trainer,
                                    const struct encode_sequence *sequences, uint32_t count)
{
    double loss = 0.0;

    ASSERT(count >= 1 && count <= trainer->settings.batch);
    if (trainer->settings.sampled > 0) {
        uint64_t seed = trainer->settings.seed + trainer->step * 0xD6E8FEB86659FD93U;

        sample_draw(&trainer->sample, sequences, count, trainer->settings.sampled, seed);
        sample_gather(&trainer->sample, trainer->value + trainer->layout.body, &trainer->table);
    }
    trainer->gradient_count = trainer->layout.body +
                              (size_t)train_pad(trainer->table.count) * trainer->layout.shape.width;
    seats_fill(trainer, sequences, count);
    team_run(trainer->team, round_pack, trainer);
    team_run(trainer->team, round_learn, trainer);
    team_run(trainer->team, round_gather, trainer);
    for (uint32_t t = 0; t < trainer->settings.threads; t++)
        loss += trainer->seats[t].loss;
    return loss / trainer->targets;
}

double encode_trainer_step(struct encode_trainer *trainer, const struct encode_sequence *sequences,
                           uint32_t count)
{
    double loss = encode_trainer_differentiate(trainer, sequences, count);

    adam_prepare(trainer);
    team_run(trainer->team, round_move, trainer);
    return loss;
}

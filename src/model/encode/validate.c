/* validate.c - questions of a part in tiles; a place is one more than the items scored above it.
 *
 * Where only the last click is asked for, items clicked before are no answer; otherwise the last one
 * is none. Equal scores count for the item asked for; a score that is not finite is below all.
 */
#include "model/encode/validate.h"

#include <math.h>

/* Rows of one thread: sequences are taken until the room is full. */
struct asker {
    struct encode_run run;
    struct encode_tile tile;
    struct encode_span *spans;
    uint32_t *items;
    uint32_t *asked;   /* [rows_max] rows with a question, */
    uint32_t *targets; /* [rows_max] their items */
    uint32_t asked_count;
    real *vectors; /* [ENCODE_TILE][width] */
    struct encode_quality sum;
};

struct encode_validation {
    const struct encode_body *body;
    struct encode_table table;
    const struct dataset_part *part;
    struct team *team;
    struct asker *askers;
};

enum { ROWS_MAX = 1024 };

static enum status asker_init(const struct encode_shape *shape, struct arena *arena,
                              struct asker *asker)
{
    enum status status = encode_run_init(shape, ROWS_MAX, arena, &asker->run);

    if (status == STATUS_OK) status = encode_tile_init(shape->items, arena, &asker->tile);
    asker->spans = arena_alloc(arena, ROWS_MAX, sizeof(*asker->spans));
    asker->items = arena_alloc(arena, ROWS_MAX, sizeof(*asker->items));
    asker->asked = arena_alloc(arena, ROWS_MAX, sizeof(*asker->asked));
    asker->targets = arena_alloc(arena, ROWS_MAX, sizeof(*asker->targets));
    asker->vectors = arena_alloc(arena, (size_t)ENCODE_TILE * shape->width, sizeof(real));
    if (asker->spans == NULL || asker->items == NULL || asker->asked == NULL ||
        asker->targets == NULL || asker->vectors == NULL)
        return STATUS_LIMIT;
    return status;
}

enum status encode_validation_create(const struct encode_body *body,
                                     const struct dataset_part *part, struct team *team,
                                     struct arena *arena, struct encode_validation **out)
{
    struct encode_validation *made = arena_zalloc(arena, 1, sizeof(*made));
    const struct encode_shape *shape = &body->layout->shape;
    size_t packed = (size_t)encode_blocks(shape->items) * ENCODE_BLOCK * shape->width;
    enum status status = STATUS_OK;

    if (made == NULL) return STATUS_LIMIT;
    *made = (struct encode_validation){body, {0}, part, team, NULL};
    made->askers = arena_zalloc(arena, team_count(team), sizeof(*made->askers));
    made->table = (struct encode_table){
        .kernels = body->kernels,
        .products = body->products,
        .count = shape->items,
        .width = shape->width,
        .rows = body->value + body->layout->body,
        .packed = arena_zalloc(arena, packed, sizeof(real)),
    };
    if (made->askers == NULL || made->table.packed == NULL) return STATUS_LIMIT;
    for (uint32_t i = 0; status == STATUS_OK && i < team_count(team); i++)
        status = asker_init(shape, arena, &made->askers[i]);
    *out = made;
    return status;
}

/* --- ranks --------------------------------------------------------------------------------------- */

static uint32_t count_above(const struct encode_validation *validation, const struct asker *asker,
                            uint32_t r, real wanted)
{
    uint32_t above = 0;

    for (uint32_t b = 0; b < encode_blocks(validation->table.count); b++) {
        const real *scores = encode_tile_row(&asker->tile, b, r);
        uint32_t columns = encode_block_width(&validation->table, b);

        for (uint32_t j = 0; j < columns; j++)
            above += scores[j] > wanted;
    }
    return above;
}

static real score_of(const struct asker *asker, uint32_t r, uint32_t item)
{
    return encode_tile_row(&asker->tile, item / ENCODE_BLOCK, r)[item % ENCODE_BLOCK];
}

/* Of the items clicked so far those that stand above though they are no answer, each once. */
static uint32_t count_barred(const struct encode_validation *validation, const struct asker *asker,
                             uint32_t r, uint32_t row, real wanted)
{
    uint32_t last = asker->run.rows_max;
    uint32_t barred = 0;
    uint32_t first = row;

    for (uint32_t s = 0; s < asker->run.span_count; s++) {
        if (asker->spans[s].first <= row) last = asker->spans[s].first;
    }
    if (validation->part->last_only) first = last;
    for (uint32_t i = first; i <= row; i++) {
        bool seen = false;

        for (uint32_t j = first; j < i; j++)
            seen = seen || asker->items[j] == asker->items[i];
        if (!seen && score_of(asker, r, asker->items[i]) > wanted) barred++;
    }
    return barred;
}

static void question_judge(const struct encode_validation *validation, struct asker *asker,
                           uint32_t question, uint32_t r)
{
    uint32_t target = asker->targets[question];
    uint32_t row = asker->asked[question];
    real wanted = score_of(asker, r, target);
    bool is_answer = validation->part->last_only || asker->items[row] != target;

    asker->sum.questions++;
    if (!is_answer || !isfinite(wanted)) return;
    uint32_t above =
        count_above(validation, asker, r, wanted) - count_barred(validation, asker, r, row, wanted);
    asker->sum.hr10 += above < 10;
    asker->sum.ndcg10 += above < 10 ? 1.0 / log2(above + 2.0) : 0.0;
    asker->sum.hr20 += above < 20;
    asker->sum.mrr20 += above < 20 ? 1.0 / (above + 1.0) : 0.0;
}

/* Asks what has been gathered, and empties the room. */
static void room_ask(const struct encode_validation *validation, struct asker *asker)
{
    struct encode_run *run = &asker->run;
    size_t width = validation->table.width;

    run->spans = asker->spans;
    run->items = asker->items;
    run->embeddings = validation->table.rows;
    run->dropout = 0;
    if (run->rows > 0) encode_forward(validation->body, run);
    for (uint32_t first = 0; first < asker->asked_count; first += ENCODE_TILE) {
        uint32_t left = asker->asked_count - first;
        uint32_t rows = left < ENCODE_TILE ? left : ENCODE_TILE;

        for (uint32_t r = 0; r < rows; r++) {
            memcpy(asker->vectors + r * width, run->out + asker->asked[first + r] * width,
                   width * sizeof(real));
        }
        encode_tile_score(&validation->table, asker->vectors, rows, &asker->tile);
        for (uint32_t r = 0; r < rows; r++)
            question_judge(validation, asker, first + r, r);
    }
    run->rows = run->span_count = asker->asked_count = 0;
}

/* --- gathering ----------------------------------------------------------------------------------- */

/* The latest `steps` known clicks of a sequence before `end`. */
static uint32_t context_add(const struct encode_validation *validation, struct asker *asker,
                            const uint32_t *items, uint32_t end)
{
    struct encode_run *run = &asker->run;
    const struct encode_shape *shape = &validation->body->layout->shape;
    uint32_t from = end;
    uint32_t len = 0;

    while (from > 0 && len < shape->steps) {
        if (items[--from] < shape->items) len++;
    }
    if (len == 0) return 0;
    asker->spans[run->span_count++] = (struct encode_span){.first = run->rows, .len = len};
    for (uint32_t i = from; i < end; i++) {
        if (items[i] < shape->items) asker->items[run->rows++] = items[i];
    }
    return len;
}

static void question_add(struct asker *asker, uint32_t row, uint32_t target)
{
    asker->asked[asker->asked_count] = row;
    asker->targets[asker->asked_count++] = target;
}

/* All of a short sequence's questions share its rows; a long one has rows for each. */
static void sequence_add(const struct encode_validation *validation, struct asker *asker,
                         const uint32_t *items, uint32_t len)
{
    const struct encode_shape *shape = &validation->body->layout->shape;
    bool last_only = validation->part->last_only;

    if (len < 2) return;
    if (!last_only && len - 1 <= shape->steps) {
        uint32_t row = asker->run.rows;

        if (context_add(validation, asker, items, len - 1) == 0) return;
        for (uint32_t t = 0; t + 1 < len; t++) {
            if (items[t] < shape->items) row++;
            bool known = row > asker->spans[asker->run.span_count - 1].first;
            if (known && items[t + 1] < shape->items) question_add(asker, row - 1, items[t + 1]);
        }
        return;
    }
    for (uint32_t end = last_only ? len - 1 : 1; end < len; end++) {
        if (asker->run.rows + shape->steps > ROWS_MAX) room_ask(validation, asker);
        if (items[end] >= shape->items || context_add(validation, asker, items, end) == 0) continue;
        question_add(asker, asker->run.rows - 1, items[end]);
    }
}

static void part_ask(void *context, uint32_t thread)
{
    const struct encode_validation *validation = context;
    const struct dataset_part *part = validation->part;
    struct asker *asker = &validation->askers[thread];

    asker->sum = (struct encode_quality){0};
    asker->run.rows = asker->run.span_count = asker->asked_count = 0;
    for (uint32_t i = thread; i < part->count; i += team_count(validation->team)) {
        if (asker->run.rows + validation->body->layout->shape.steps > ROWS_MAX)
            room_ask(validation, asker);
        sequence_add(validation, asker, part->items + part->starts[i],
                     part->starts[i + 1] - part->starts[i]);
    }
    room_ask(validation, asker);
}

static void pack(void *context, uint32_t thread)
{
    const struct encode_validation *validation = context;

    encode_table_pack(&validation->table, thread, team_count(validation->team));
}

struct encode_quality encode_validate(struct encode_validation *validation)
{
    struct encode_quality all = {0};

    team_run(validation->team, pack, validation);
    team_run(validation->team, part_ask, validation);
    for (uint32_t i = 0; i < team_count(validation->team); i++) {
        const struct encode_quality *one = &validation->askers[i].sum;

        all.questions += one->questions;
        all.hr10 += one->hr10;
        all.ndcg10 += one->ndcg10;
        all.hr20 += one->hr20;
        all.mrr20 += one->mrr20;
    }
    double count = all.questions > 0 ? all.questions : 1;
    all.hr10 /= count;
    all.ndcg10 /= count;
    all.hr20 /= count;
    all.mrr20 /= count;
    return all;
}

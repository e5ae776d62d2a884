/* index_sessions.c - an index's sessions: of each the last items, each once; of an item's sessions the
 * m most recent. */
#include <math.h>

#include "model/retrieve/index_room.h"

/* A session's last items, each once, into `out`. `seen` holds session + 1 by item. */
static uint32_t session_items(const struct dataset_part *train, uint32_t session, uint32_t *seen,
                              uint32_t *out)
{
    uint32_t count = 0;

    for (uint32_t at = train->starts[session + 1]; at-- > train->starts[session];) {
        uint32_t item = train->items[at];

        if (seen[item] == session + 1) continue;
        if (count == INDEX_SESSION_MAX) break;
        seen[item] = session + 1;
        out[count++] = item;
    }
    return count;
}

struct pruning {
    const struct dataset_part *train;
    struct arena *arena;
    uint32_t items;
    uint32_t wanted; /* sessions an item keeps */
    uint32_t *seen;
    uint32_t *with;    /* sessions with an item */
    uint32_t *numbers; /* [train->count] new number + 1; 0: left out */
    uint64_t total;    /* items of all sessions */
    uint32_t kept;
    uint64_t kept_items;
};

/* Newest first: what an item's list has room for is kept. */
static void sessions_choose(struct pruning *pruning)
{
    uint32_t items[INDEX_SESSION_MAX];

    for (uint32_t session = pruning->train->count; session-- > 0;) {
        uint32_t count = session_items(pruning->train, session, pruning->seen, items);
        bool needed = false;

        for (uint32_t i = 0; i < count; i++)
            needed = pruning->with[items[i]]++ < pruning->wanted || needed;
        pruning->total += count;
        if (!needed) continue;
        pruning->numbers[session] = 1;
        pruning->kept++;
        pruning->kept_items += count;
    }
    for (uint32_t session = 0, number = 0; session < pruning->train->count; session++) {
        if (pruning->numbers[session] != 0) pruning->numbers[session] = ++number;
    }
}

static enum status idf_make(const struct pruning *pruning, struct index *index)
{
    double *idf = arena_zalloc(pruning->arena, pruning->items, sizeof(*idf));

    if (idf == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < pruning->items; item++) {
        if (pruning->with[item] > 0)
            idf[item] = log((double)pruning->total / (double)pruning->with[item]);
    }
    index->idf = idf;
    return STATUS_OK;
}

static enum status sessions_fill(struct pruning *pruning, struct index *index)
{
    uint32_t *starts = arena_zalloc(pruning->arena, (size_t)pruning->kept + 1, sizeof(*starts));
    uint32_t *items = arena_alloc(pruning->arena, (size_t)pruning->kept_items, sizeof(*items));

    if (starts == NULL || items == NULL) return STATUS_LIMIT;
    memset(pruning->seen, 0, pruning->items * sizeof(*pruning->seen));
    for (uint32_t session = 0; session < pruning->train->count; session++) {
        uint32_t number = pruning->numbers[session];

        if (number == 0) continue;
        starts[number] = starts[number - 1] + session_items(pruning->train, session, pruning->seen,
                                                            items + starts[number - 1]);
    }
    index->session_starts = starts;
    index->session_items = items;
    index->counts.sessions = pruning->kept;
    index->counts.session_clicks = (uint32_t)pruning->kept_items;
    return STATUS_OK;
}

static enum status lists_fill(const struct pruning *pruning, struct index *index)
{
    uint32_t *starts = arena_zalloc(pruning->arena, (size_t)pruning->items + 1, sizeof(*starts));
    uint32_t *held = arena_zalloc(pruning->arena, pruning->items, sizeof(*held));

    if (starts == NULL || held == NULL) return STATUS_LIMIT;
    for (uint32_t item = 0; item < pruning->items; item++) {
        uint32_t with = pruning->with[item];

        starts[item + 1] = starts[item] + (with < pruning->wanted ? with : pruning->wanted);
    }
    uint32_t *lists = arena_alloc(pruning->arena, starts[pruning->items], sizeof(*lists));
    if (lists == NULL) return STATUS_LIMIT;
    for (uint32_t session = index->counts.sessions; session-- > 0;) {
        for (uint32_t i = index->session_starts[session]; i < index->session_starts[session + 1];
             i++) {
            uint32_t item = index->session_items[i];

            if (starts[item] + held[item] < starts[item + 1])
                lists[starts[item] + held[item]++] = session;
        }
    }
    index->list_starts = starts;
    index->lists = lists;
    index->counts.listed = starts[pruning->items];
    return STATUS_OK;
}

enum status index_sessions_make(const struct dataset *dataset, uint32_t sessions_max,
                                struct arena *arena, struct index *index)
{
    uint32_t items = index->counts.items;
    struct pruning pruning = {
        .train = &dataset->train,
        .arena = arena,
        .items = items,
        .wanted = sessions_max,
        .seen = arena_zalloc(arena, items, sizeof(uint32_t)),
        .with = arena_zalloc(arena, items, sizeof(uint32_t)),
        .numbers = arena_zalloc(arena, dataset->train.count, sizeof(uint32_t)),
    };

    if (pruning.seen == NULL || pruning.with == NULL || pruning.numbers == NULL)
        return STATUS_LIMIT;
    sessions_choose(&pruning);
    if (pruning.kept_items > UINT32_MAX) return STATUS_LIMIT;
    enum status status = idf_make(&pruning, index);
    if (status == STATUS_OK) status = sessions_fill(&pruning, index);
    return status == STATUS_OK ? lists_fill(&pruning, index) : status;
}

/* ladder.c - one rung after the other until the page is full. */
#include "api/ladder.h"

#include "base/hash.h"

const char *const rung_names[RUNG_COUNT] = {
#define RUNG(symbol, name) name,
    RUNG_TABLE
#undef RUNG
};

struct climb {
    const struct ladder_request *request;
    const struct visitor *visitor;
    struct picks *picks;
    bool strict; /* soft filters hold */
};

/* A name of a product, whichever the shop or the model uses. */
static bool names_it(struct slice name, const struct product *product, struct slice item)
{
    if (slice_equal(name, item)) return true;
    return product != NULL &&
           (slice_equal(name, product->id) || slice_equal(name, product->handle));
}

static bool among(const struct slice *names, uint32_t count, const struct product *product,
                  struct slice item)
{
    for (uint32_t i = 0; i < count; i++) {
        if (names_it(names[i], product, item)) return true;
    }
    return false;
}

static bool picked(const struct picks *picks, const struct product *product, struct slice item)
{
    for (uint32_t i = 0; i < picks->count; i++) {
        const struct pick *pick = &picks->items[i];

        if (product != NULL && pick->product == product) return true;
        if (slice_equal(pick->candidate.item, item)) return true;
    }
    return false;
}

static bool category_full(const struct climb *climb, const struct product *product)
{
    uint32_t most = climb->request->settings.category_max;
    uint32_t count = 0;

    if (most == 0 || product == NULL || product->category.len == 0) return false;
    for (uint32_t i = 0; i < climb->picks->count; i++)
        count += slice_equal(climb->picks->items[i].product->category, product->category);
    return count >= most;
}

static uint32_t hidden_count(const struct climb *climb)
{
    uint32_t hidden = climb->request->settings.hide_viewed;

    return hidden < climb->visitor->seen.count ? hidden : climb->visitor->seen.count;
}

static bool may_show(const struct climb *climb, const struct product *product, struct slice item)
{
    const struct ladder_request *request = climb->request;

    if (climb->visitor->catalogue != NULL && (product == NULL || !product->available)) return false;
    if (among(request->excludes, request->exclude_count, product, item)) return false;
    if (among(climb->visitor->bought, climb->visitor->bought_count, product, item)) return false;
    if (picked(climb->picks, product, item)) return false;
    if (!climb->strict) return true;
    return !among(climb->visitor->seen.items, hidden_count(climb), product, item) &&
           !category_full(climb, product);
}

static bool is_full(const struct climb *climb)
{
    return climb->picks->count >= climb->request->limit;
}

/* --- products without clicks --------------------------------------------------------------------- */

static uint64_t drawn(const struct climb *climb, uint32_t place)
{
    uint64_t seed[2] = {climb->visitor->random, place};

    return hash_bytes((struct slice){(const uint8_t *)seed, sizeof(seed)}, 0);
}

/* From where the draw falls, the first that may be shown; of the visitor's category if there is one. */
static const struct product *cold_product(const struct climb *climb, uint64_t draw)
{
    const struct ladder_request *request = climb->request;
    const struct visitor *visitor = climb->visitor;
    const struct product *other = NULL;

    for (uint32_t i = 0; i < request->cold_count; i++) {
        uint32_t at = request->cold[(draw + i) % request->cold_count];
        const struct product *product = catalogue_product(visitor->catalogue, at);

        if (!may_show(climb, product, product->id)) continue;
        if (visitor->category.len == 0 || slice_equal(product->category, visitor->category))
            return product;
        if (other == NULL) other = product;
    }
    return other;
}

/* Whether the next place goes to a product without clicks; then it does. Each place draws for itself. */
static bool explore(const struct climb *climb)
{
    const struct ladder_request *request = climb->request;
    struct picks *picks = climb->picks;
    uint64_t draw = drawn(climb, picks->count);

    if (request->cold_count == 0 || picks->count == 0 || is_full(climb)) return false;
    if (draw % 100 >= request->settings.explore_percent) return false;
    const struct product *product = cold_product(climb, draw / 100);
    if (product == NULL) return false;
    picks->items[picks->count++] = (struct pick){product, {.item = product->id}, RUNG_EXPLORE};
    return true;
}

/* --- rungs --------------------------------------------------------------------------------------- */

static void offer(const struct climb *climb, const struct candidate *candidate,
                  const struct product *product, enum rung rung)
{
    struct picks *picks = climb->picks;

    while (explore(climb))
        continue;
    if (is_full(climb) || !may_show(climb, product, candidate->item)) return;
    if (picks->count == 0) picks->rung = rung;
    picks->items[picks->count++] = (struct pick){product, *candidate, rung};
}

static void offer_list(const struct climb *climb, const struct candidate *items, uint32_t count,
                       enum rung rung)
{
    const struct catalogue *catalogue = climb->visitor->catalogue;

    for (uint32_t i = 0; i < count && !is_full(climb); i++) {
        const struct product *product =
            catalogue == NULL ? NULL : catalogue_find(catalogue, items[i].item);

        offer(climb, &items[i], product, rung);
    }
}

static void offer_catalogue(const struct climb *climb)
{
    const struct catalogue *catalogue = climb->visitor->catalogue;
    uint32_t count = catalogue == NULL ? 0 : catalogue_count(catalogue);

    for (uint32_t i = 0; i < count && !is_full(climb); i++) {
        const struct product *product = catalogue_product(catalogue, i);
        const struct candidate candidate = {.item = product->id};

        offer(climb, &candidate, product, RUNG_CATALOGUE);
    }
}

static enum status climb_up(const struct climb *climb, struct arena *arena)
{
    const struct ladder_request *request = climb->request;
    const struct visitor *visitor = climb->visitor;
    struct candidate *items = arena_alloc(arena, CANDIDATES_MAX, sizeof(*items));
    enum status status = items == NULL ? STATUS_LIMIT : STATUS_OK;

    if (visitor->from_model) offer_list(climb, visitor->candidates, visitor->count, RUNG_MODEL);
    for (enum rung rung = RUNG_ITEM; rung <= RUNG_POPULAR && status == STATUS_OK; rung++) {
        uint32_t count = 0;

        if (is_full(climb)) return STATUS_OK;
        status = request->source(request->context, rung, visitor, arena, items, &count);
        if (status == STATUS_OK) offer_list(climb, items, count, rung);
    }
    offer_catalogue(climb);
    return status;
}

/* The category of what was seen last among products that have one. */
static struct slice category_of(const struct visitor *visitor)
{
    for (uint32_t i = 0; visitor->catalogue != NULL && i < visitor->seen.count; i++) {
        const struct product *product = catalogue_find(visitor->catalogue, visitor->seen.items[i]);

        if (product != NULL && product->category.len > 0) return product->category;
    }
    return (struct slice){0};
}

enum status ladder_pick(const struct ladder_request *request, struct visitor *visitor,
                        struct arena *arena, struct picks *picks)
{
    struct climb climb = {request, visitor, picks, true};

    visitor->category = category_of(visitor);
    *picks = (struct picks){.rung = RUNG_CATALOGUE};
    enum status status = climb_up(&climb, arena);
    if (status != STATUS_OK || picks->count > 0) return status;
    climb.strict = false;
    return climb_up(&climb, arena);
}

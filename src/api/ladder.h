/* ladder.h - which products a page shows: the best source that has something, the next for what it
 * leaves open, and what may not be shown left out before anything is counted.
 *
 *   model      the visitor's own list
 *   item-item  what goes with the clicks last seen
 *   category   what is popular of late in the last click's category
 *   popular    what is popular of late
 *   catalogue  the order of the catalogue
 *
 * Hard filters hold on every rung: not in the catalogue, not available, excluded by the page, bought. Soft ones
 * (seen already, too many of a category) are dropped when nothing is left without them: a page is
 * empty only if the shop has nothing to show.
 */
#pragma once
#include "api/catalogue.h"
#include "codec/candidates.h"

/* RUNG(symbol, name): best first; explore is no rung, but where a product without clicks comes from. */
#define RUNG_TABLE               \
    RUNG(MODEL, "model")         \
    RUNG(ITEM, "item-item")      \
    RUNG(CATEGORY, "category")   \
    RUNG(POPULAR, "popular")     \
    RUNG(CATALOGUE, "catalogue") \
    RUNG(EXPLORE, "explore")

enum rung {
#define RUNG(symbol, name) RUNG_##symbol,
    RUNG_TABLE
#undef RUNG
        RUNG_COUNT
};
extern const char *const rung_names[RUNG_COUNT];

enum { LADDER_ITEMS_MAX = 50, LADDER_EXCLUDES_MAX = 10 };

struct ladder_settings {
    uint32_t category_max;    /* products of one category in an answer; 0: any number */
    uint32_t hide_viewed;     /* the visitor's last so many views are not shown, up to 10 */
    uint32_t explore_percent; /* of places behind the first that go to products without clicks */
};

/* What is known for a token. */
struct visitor {
    bool from_model; /* then the next four are known */
    struct slice model;
    struct slice event_id;
    uint64_t offset;
    int64_t time_ms;
    struct candidate candidates[CANDIDATES_MAX]; /* the model's, before any filter */
    uint32_t count;
    struct seen_items seen;
    const struct slice
        *bought; /* in the cart or ordered: never shown; known without the model, too */
    uint32_t bought_count;
    uint64_t random;                   /* of the visitor and the event, for what is drawn */
    const struct catalogue *catalogue; /* NULL: there is none */
    struct slice category;             /* of what was seen last; len 0: unknown */
};

/* Where a rung's items come from; runs on the server's loop.
 * in       ITEM, CATEGORY or POPULAR
 * lives    in the arena
 * fails    LIMIT; nothing to offer is count 0 */
typedef enum status (*ladder_source)(void *context, enum rung rung, const struct visitor *visitor,
                                     struct arena *arena, struct candidate items[CANDIDATES_MAX],
                                     uint32_t *count);

struct ladder_request {
    struct ladder_settings settings;
    ladder_source source;
    void *context;
    uint32_t limit; /* <= LADDER_ITEMS_MAX */
    const struct slice *excludes;
    uint32_t exclude_count;
    const uint32_t *cold; /* products of the catalogue without clicks */
    uint32_t cold_count;
};

struct pick {
    const struct product *product; /* NULL: there is no catalogue */
    struct candidate candidate;
    enum rung rung;
};

struct picks {
    struct pick items[LADDER_ITEMS_MAX];
    uint32_t count;
    enum rung rung; /* of the first */
};

/* Fills in the visitor's category, then the picks. fails  LIMIT: arena */
enum status ladder_pick(const struct ladder_request *request, struct visitor *visitor,
                        struct arena *arena, struct picks *picks) MUST_USE;

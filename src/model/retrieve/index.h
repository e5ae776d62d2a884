/* index.h - the retrieval models as a file: what goes together, whom one follows, what is popular.
 *
 * Made from clicks without training, served from memory as it lies in the file. An item's number says
 * how popular it is: 0 is clicked most; products nobody clicked yet come last.
 *
 *   | "hr-index" | version u32 | crc u32 | counts u32 ... | 0 .. 7 | section | 0 .. 7 | section | ...
 *
 * Sections are arrays of little-endian numbers at multiples of 8, in the order of index_sections.def;
 * their lengths follow from the counts. The CRC32C is that of everything behind it. It tells damage;
 * reading checks every number besides, so that no file leads out of its arrays.
 */
#pragma once
#include "base/buffer.h"
#include "model/retrieve/retrieval.h"

enum {
    INDEX_VERSION = 1,
    INDEX_ITEMS_MAX = 20000000,
    INDEX_SESSION_MAX = 50,    /* items of a session that are kept: its last */
    INDEX_TRENDING_MAX = 1000, /* items that count as popular, */
    INDEX_SHELF_MAX = 200,     /* and so many in a category */
    INDEX_ROW_MAX = 1000,
    INDEX_RANKED_MAX = 1000,
};
#define INDEX_BYTES_MAX ((size_t)8 << 30)

struct index_counts {
#define COUNT(field) uint32_t field;
#include "model/retrieve/index_counts.def"
#undef COUNT
};

struct index {
    struct index_counts counts;
#define SECTION(field, type, count, stop) const type *field;
#include "model/retrieve/index_sections.def"
#undef SECTION
    uint32_t longest_session;
    uint32_t longest_row;
    uint32_t *slots; /* names and product ids to items: number + 1, 0 empty */
    uint32_t slot_mask;
};

/* What a list is made of; each part is divided by its best score. */
enum index_part {
    INDEX_VMIS_KNN,
    INDEX_COOCCURRENCE,
    INDEX_WALK,
    INDEX_CATEGORY, /* what is popular, lately, in the last click's category, */
    INDEX_POPULAR,  /* and in the whole shop */
    INDEX_PARTS
};

struct index_settings {
    struct vmis_knn_settings vmis_knn;
    struct cooccurrence_settings cooccurrence;
    double trend_half_life_days;
    double weights[INDEX_PARTS];
    uint32_t rerank_above;      /* a trained model's catalogue of more items is not scored whole */
    uint32_t rerank_candidates; /* but so many that the index finds */
    double hybrid_weight;       /* beside an encoder: of its probabilities, divided by the best, */
    double hybrid_temperature;  /* and what its scores are divided by before */
};
extern const struct index_settings index_settings_default;

/* One of a shop's products; what clicks call it is its handle or its id. */
struct index_product {
    struct slice id;
    struct slice handle;
    struct slice category; /* len 0: none */
};

/* Makes the file's bytes. Products without clicks go in as cold items.
 * in       scratch: 100 bytes a click, more or less
 * fails    LIMIT: out or scratch is full, or there are too many items */
enum status index_write(const struct dataset *dataset, const struct index_product *products,
                        uint32_t product_count, const struct index_settings *settings,
                        struct arena *scratch, struct buffer *out) MUST_USE;

/* Checks bytes and looks at them in place.
 * in       bytes: at an address that is a multiple of 8
 * lives    bytes and arena as long as the index
 * fails    CORRUPT: no index, or a damaged one; LIMIT: arena; message says what and where */
enum status index_read(struct slice bytes, struct arena *arena, struct buffer *message,
                       struct index *index) MUST_USE;

struct slice index_name(const struct index *index, uint32_t item);
struct slice index_product_id(const struct index *index, uint32_t item);

/* By name or product id. False: nobody clicked it and no product is called so. */
bool index_find(const struct index *index, struct slice name, uint32_t *item);

struct index_list {
    struct ranked *items; /* [wanted] */
    uint32_t wanted;      /* <= INDEX_RANKED_MAX */
    uint32_t count;       /* out */
    double *shares;       /* NULL, or [wanted][context.len]: what each click gave to the scores */
};

/* The best for what was clicked so far, best first; a score is 0 .. sum of the weights. The item
 * clicked last is never among them. An empty context gets what is popular.
 * lives    scratch: until it is reset
 * fails    LIMIT: scratch */
enum status index_rank(const struct index *index, const struct index_settings *settings,
                       struct context context, struct arena *scratch,
                       struct index_list *list) MUST_USE;

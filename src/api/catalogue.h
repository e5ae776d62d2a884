/* catalogue.h - the shop's products: what a recommended id looks like on a page.
 *
 * Read once from a JSON list of {id, handle, title, url, image, price, category, available}; immutable,
 * shared by threads. A product that is missing or not available is never shown.
 */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"

enum { CATALOGUE_BYTES_MAX = 256 << 20, CATALOGUE_PRODUCTS_MAX = 1000000 };

struct product {
    struct slice id;
    struct slice handle;
    struct slice category; /* len 0: none */
    struct slice json;     /* members for an answer, without braces: "id":"..","handle":".." ... */
    bool available;
};

struct catalogue;

/* fails    NOT_FOUND, INVALID, LIMIT with a message that says where */
enum status catalogue_open(const char *path, struct catalogue **catalogue,
                           struct buffer *message) MUST_USE;
void catalogue_close(struct catalogue *catalogue);

/* By id or by handle; NULL if there is none. */
const struct product *catalogue_find(const struct catalogue *catalogue, struct slice id_or_handle);

/* Products in the order of the file. */
uint32_t catalogue_count(const struct catalogue *catalogue);
const struct product *catalogue_product(const struct catalogue *catalogue, uint32_t index);

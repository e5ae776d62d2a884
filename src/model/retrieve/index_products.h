/* index_products.h - a shop's products out of the JSON list that pages are shown from. */
#pragma once
#include "model/retrieve/index.h"

/* A list of objects with the texts id and handle, and category if there is one.
 * lives    in the arena
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message says which file and where */
enum status index_products_read(const char *path, struct arena *arena, struct buffer *message,
                                struct index_product **products, uint32_t *count) MUST_USE;

/* inventory.h - a shop's file of handles and product ids.
 *
 *   {"handle_to_id_dict": {"red-hat": "gid://shopify/Product/1", ...}, ...}
 */
#pragma once
#include "base/arena.h"
#include "value/document.h"

/* out      handles: the object's node in the document, which lives in the arena
 * fails    NOT_FOUND, INVALID, LIMIT, IO; message says file, place and what it must be */
enum status inventory_read(const char *path, struct arena *arena, struct document *document,
                           uint32_t *handles, struct buffer *message) MUST_USE;

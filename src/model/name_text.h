/* name_text.h - what may be called an item, a category, a product, a user.
 *
 * Names come from files and logs and leave as values and JSON, so they are checked where they come in.
 */
#pragma once
#include "base/base.h"

/* Longer than any handle, an escaped one of 255 letters too; a list of them fits a call. */
enum { NAME_BYTES_MAX = 4096 };

/* NULL if the text can be a name; otherwise what is wrong with it, to be read behind "the item" or the
 * like, and what to do. A lone surrogate, which JSON can write, may stand in it (utf8.h). */
const char *name_trouble(struct slice text);

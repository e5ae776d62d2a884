/* uuid.h - the id that generation 3 gives to a node of an older file.
 *
 * source  RFC 4122 version 3 without a namespace: MD5 (RFC 1321) of the UTF-8 name alone, as Java's
 *         UUID.nameUUIDFromBytes does it. Not for security: it only has to be the same everywhere.
 */
#pragma once
#include "base/base.h"

enum { UUID_TEXT_BYTES = 36 };

/* out  text [36], lower-case hex with hyphens, no NUL */
void uuid_of_name(struct slice name, char *text);

/* Is this the text form of a UUID (any version)? */
bool uuid_is(struct slice text);

/* tzif.h - compiled time zone tables (TZif, RFC 8536), as zoneinfo installs them.
 *
 *   "TZif" | version | 15 unused | counts: isut isstd leap time type char, u32 be each | block
 *   with version >= 2 again header and block with 64-bit times, then "\n" POSIX TZ rule "\n"
 *
 * Only the second block and the rule are used; version 1 alone is refused, it ends in 2037.
 */
#pragma once
#include "base/arena.h"
#include "value/zone.h"

enum { TZIF_TRANSITIONS_MAX = 4096, TZIF_TYPES_MAX = 256 };

/* Reads a table into `zone` (its id is the caller's matter); lives in `arena`. Transitions that change
 * no offset (only a name) are left out. fails  INVALID, LIMIT: the arena */
enum status tzif_read(struct slice bytes, struct arena *arena, struct zone *zone) MUST_USE;

/* The rule at the end of a table: "CET-1CEST,M3.5.0,M10.5.0/3"; sets tail, standard, summer and the
 * changes. fails  INVALID */
enum status tzif_read_rule(struct slice rule, struct zone *zone) MUST_USE;

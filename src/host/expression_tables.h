/* expression_tables.h - what expressions need of the host: time zones and dictionaries, as tables.
 *
 * The same for servers, checks and `headrace expr`.
 */
#pragma once
#include "expr/dictionary.h"
#include "host/config.h"
#include "value/zone.h"

struct expression_tables {
    struct zones zones; /* of the system; none: fixed offsets only */
    struct dictionaries dictionaries;
};

/* Loads what the configuration names, into `arena`; both must outlive the tables.
 * fails    with a message that says which file or key, what, and what to do */
enum status expression_tables_load(const struct config *config, struct arena *arena,
                                   struct expression_tables *tables,
                                   struct buffer *message) MUST_USE;

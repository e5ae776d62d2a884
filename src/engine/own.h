/* own.h - values that live in keyed state: one pool block a value, freed with it. */
#pragma once
#include "engine/pool.h"
#include "value/value.h"

/* A deep copy in the pool; scalars need no block. `scratch` is used to measure nested ones.
 * fails    LIMIT: memory, or depth above VALUE_DEPTH_MAX */
enum status value_own(struct pool *pool, struct arena *scratch, struct value value,
                      struct value *owned) MUST_USE;
void value_disown(struct pool *pool, struct value owned);

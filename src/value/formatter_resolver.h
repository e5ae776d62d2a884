/* formatter_resolver.h - between formatter_resolve.c and formatter_resolve_day.c: fields that were read, taken one by
 * one until a day and a time are left.
 */
#pragma once
#include "value/formatter.h"
#include "value/formatter_room.h"
#include "value/temporal.h"

struct resolver {
    struct parsed *parsed;
    struct week_rule week;
    bool strict;
    bool next_day; /* 24:00 */
    struct temporal_fields *fields;
    struct fault *fault;
};

bool resolver_has(const struct resolver *resolver, enum formatter_field field);
int64_t resolver_take(struct resolver *resolver, enum formatter_field field);
void resolver_put(struct resolver *resolver, enum formatter_field field, int64_t number);

/* The field's number must be one of its own. fails  INVALID, said in the fault */
enum status resolver_check(struct resolver *resolver, enum formatter_field field, int64_t number);
/* Takes a field whose number must be one of its own. */
enum status resolver_take_checked(struct resolver *resolver, enum formatter_field field,
                                  int64_t *number);
/* Puts a field that another one says; what the text said itself must be the same. */
enum status resolver_derive(struct resolver *resolver, enum formatter_field from,
                            enum formatter_field field, int64_t number);

/* The day, if the fields say one (formatter_resolve_day.c). */
enum status resolver_day(struct resolver *resolver);

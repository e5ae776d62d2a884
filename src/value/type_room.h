/* type_room.h - shared by type.c, type_relation.c and class.c only. */
#pragma once
#include "value/type.h"

/* Direct supertypes of a class; returns how many were written. */
uint32_t class_supers(enum class_id class_id, enum class_id *supers, uint32_t max);

/* A union's members, or the type itself as the only one. */
const struct type *const *type_members(const struct type *const *type, uint32_t *count);

/* Does the text of a literal turn into a `class_id` (a date, a zone, an identifier) without error?
 * Zones are judged by form: their names are known only where the zone rules are. */
bool text_fits_class(struct slice text, enum class_id class_id);

/* encoding.h - the stored form of values, which encode.c writes and decode.c reads: one version byte, then a
 * value.
 *
 *   value    | kind u8 | parts |
 *   NULL       -                          BOOLEAN    u8
 *   BYTE..LONG, CHARACTER  zigzag varint  CLASS      its Java name, sized
 *   FLOAT      f32 le                     DOUBLE     f64 le
 *   BIG_*      zigzag scale (DECIMAL only), then 0 and zigzag varint, or limb count, sign u8, limbs le
 *   STRING     length varint, bytes       DURATION   zigzag seconds, varint nanos
 *   LIST, SET  count varint, values       MAP        count varint, { key, value }
 *   TEMPORAL   its Java class, sized; quarters u8, zigzag i64, zigzag nanos; behind quarters 127 a
 *              zigzag offset in seconds; ZonedDateTime and ZoneId: the zone's id, sized
 *   OBJECT     its Java class, sized; its parts, values
 *   FORMATTER  see formatter_value.c
 *
 * The kind bytes are those of enum value_kind: stored, so never renumbered.
 */
#pragma once
#include "value/value.h"

enum { ENCODING_VERSION = 1, QUARTER_SECONDS = 900, NO_QUARTERS = 127 };
_Static_assert(VALUE_NULL == 0 && VALUE_INTEGER == 4 && VALUE_BIG_DECIMAL == 9 &&
                   VALUE_STRING == 11 && VALUE_MAP == 14 && VALUE_TEMPORAL == 17 &&
                   VALUE_OBJECT == 18 && VALUE_FORMATTER == 19 && VALUE_KIND_COUNT == 20,
               "kind bytes are stored in state");

/* object.h - values of classes that are a few parts and nothing more.
 *
 *   UUID      Long, Long        high and low bits
 *   Point     Double, Double    latitude, longitude
 *   Locale    String, String    language, country (may be empty)
 *   Currency  String            ISO 4217 code
 *   Charset   String            name, as Java prints it
 *   Optional  anything          what is there
 * source  java.util, java.nio.charset (JDK 17)
 */
#pragma once
#include "value/type.h"

enum { OBJECT_PARTS_MAX = 2 };

/* An object over parts that outlive it. */
struct value value_object(enum class_id class_id, const struct value *parts);
uint32_t object_part_count(enum class_id class_id); /* 0: not a class of objects */

/* The object that a text stands for; no arena: only whether it stands for one.
 * fails    INVALID: it stands for none; NOT_FOUND: objects of the class are not read from text;
 *          LIMIT: the arena is full */
enum status object_from_text(struct slice text, enum class_id class_id, struct arena *arena,
                             struct value *object) MUST_USE;

/* High and low bits of an UUID's text. fails  INVALID */
enum status uuid_parse(struct slice text, int64_t bits[2]) MUST_USE;

void object_to_text(struct value object, struct buffer *out); /* Java's toString() */
const char *object_class_name(struct value object);           /* Java's name of its class */

/* Checks of stored parts. */
bool object_is_valid(struct value object);

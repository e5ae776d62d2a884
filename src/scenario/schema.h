/* schema.h - JSON Schema as a type, a decoder and a checker.
 *
 * A subset: type, properties, required, default, additionalProperties, items, enum, format, minimum
 * and maximum (also exclusive), minLength, maxLength, minItems, maxItems, oneOf/anyOf, $ref inside the
 * document. Other keywords are ignored, other formats are text. A schema lives in the arena it was read into and is immutable.
 *
 *   integer  Long; Integer or BigInteger if its bounds say so
 *   date-time ZonedDateTime, date LocalDate, time OffsetTime
 *                                                    object with properties   record
 *   number   BigDecimal                              object without           Map[String, T]
 *   string   String                                  array                    List[T]
 *   boolean  Boolean                                 enum, oneOf, anyOf       union
 *
 * source  json-schema.org draft-07; typing as nussknacker-compat §2.1, checks as §2.2
 */
#pragma once
#include "codec/json.h"
#include "value/type.h"

enum { SCHEMA_NODES_MAX = 4096, SCHEMA_DEPTH_MAX = 32, SCHEMA_COLUMNS_MAX = 256 };

struct schema;

/* Reads a schema's text. fails  INVALID: `message` says what; LIMIT: too large */
enum status schema_read(struct slice text, struct arena *arena, const struct schema **schema,
                        struct slice *message) MUST_USE;

const struct type *schema_type(const struct schema *schema);

/* A document's node as a typed value: defaults filled in, integers Long, numbers BigDecimal.
 * Undeclared members that the schema allows come as schemaless ones do.
 * fails    INVALID: `message` (in the arena) says where and what; LIMIT: arena full */
enum status schema_decode(const struct schema *schema, const struct document *document,
                          uint32_t node, struct arena *arena, struct value *value,
                          struct slice *message) MUST_USE;

/* The value as the schema wants it written: missing members get their default, or null where that
 * is allowed and they are required; nulls that nobody asked for go. `strict` refuses undeclared
 * members that the schema does not allow; otherwise they are dropped.
 * fails    INVALID: `message` says where and what; LIMIT: arena or buffer full */
enum status schema_encode(const struct schema *schema, struct value value, bool strict,
                          struct arena *arena, struct buffer *out, struct slice *message) MUST_USE;

/* Can values of the type be written? strict: as far as is known they must fit; lax: it is enough
 * that they might. false: `message` in the original's words. */
bool schema_accepts(const struct schema *schema, const struct type *type, bool strict,
                    struct arena *arena, struct slice *message);

/* --- the schema as columns: what the sink's editor shows ------------------------------------------ */

struct schema_column {
    struct slice name; /* dots between levels: "address.city" */
    const struct schema *schema;
    bool required;
    bool has_default;
};

/* Columns of a record; 0: the schema is no record with properties.
 * fails  LIMIT: more than SCHEMA_COLUMNS_MAX, or the arena is full */
enum status schema_columns(const struct schema *schema, struct arena *arena,
                           const struct schema_column **columns, uint32_t *count) MUST_USE;

/* error_record.h - a failed event as the error topic has it.
 *
 *   key    <scenario>-<nodeId>
 *   value  {processName, nodeId, message, exceptionInput, inputEvent, stackTrace, timestamp, host,
 *           additionalData}
 *
 * source   nussknacker-compat §5.2
 */
#pragma once
#include "engine/engine.h"

enum { ERROR_RECORD_BYTES_MAX = 1048476 };

/* Writes key and JSON value (buffers cleared first). An event too large for the record is left out.
 * host: name of the machine; empty: null. fails  LIMIT: a buffer is too small */
enum status error_record_write(const struct plan *plan, const struct effect *effect,
                               struct slice host, struct buffer *key,
                               struct buffer *value) MUST_USE;

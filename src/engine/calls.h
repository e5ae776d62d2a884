/* calls.h - requests of outside calls and what becomes of their replies.
 *
 *   request   {"url":..,"method":..,"headers":[["name","value"],..],"body":"text","contentType":..}
 *   reply     {"statusCode":..,"statusText":..,"headers":{..} or [[..]],"body":..}, or {"error":..}
 *   output    {request: {url, method, headers, body}, response: {statusCode, statusText, headers, body}}
 *
 * Values of request headers are shown as "***" in the output: a scenario that logs the output must
 * not log its secrets. source  nussknacker-compat §2.6
 */
#pragma once
#include "engine/instance.h"

enum { HEADERS_MAX = 64 };

/* Request JSON (in `out`) and the `request` part of the output, from the http parameters. */
enum status call_request(struct engine *engine, struct value parameters, struct slice *request,
                         struct value *shown) MUST_USE;

/* The output variable, or a failure as the Error Strategy has it. */
enum status call_output(struct engine *engine, const struct plan_node *node, enum status status,
                        struct slice payload, struct value shown, struct value *output) MUST_USE;

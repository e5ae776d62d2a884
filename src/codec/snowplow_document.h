/* snowplow_document.h - the JSON documents inside an event: `ue_pr`/`ue_px` and `co`/`cx`. */
#pragma once
#include "base/arena.h"

enum snowplow_inner {
    SNOWPLOW_UNSTRUCT_EVENT, /* {"schema", "data": {"schema", "data"}} */
    SNOWPLOW_CONTEXTS,       /* {"schema", "data": [{"schema", "data"} ...]} */
};

/* Checks a self-describing document, base64 (either alphabet, padded or not) if `encoded`.
 * NULL: it is one; else what is wrong, for people. */
const char *snowplow_check_inner(struct slice text, bool encoded, enum snowplow_inner kind,
                                 struct arena *arena);

/* iglu:vendor/name/format/model-revision-addition */
bool snowplow_is_iglu_uri(struct slice uri);

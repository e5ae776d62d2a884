/* url.h - absolute http and https URLs, as libcurl reads them; everything else is refused.
 *
 * One reader for matching and for calling: an endpoint can only be matched by what is really called.
 */
#pragma once
#include "base/arena.h"

enum { URL_BYTES_MAX = 64 * 1024 };

struct url {
    struct slice
        origin;        /* "https://shop.example" or "http://127.0.0.1:8080": lower case, no default
                            port, numeric hosts in their usual form */
    struct slice path; /* "/..." with the query, without the fragment */
};

/* lives    in the arena
 * fails    INVALID: `why` says what; user info is refused, credentials belong into secrets */
enum status url_read(struct slice text, struct arena *arena, struct url *url,
                     const char **why) MUST_USE;

/* base (an URL whose path is a prefix) and the path of another one, NUL-terminated. */
enum status url_join(struct slice base, struct slice path, struct arena *arena,
                     const char **joined) MUST_USE;

/* bench_simdjson_none.c - built where simdjson or a C++ compiler is missing. */
#include "bench_simdjson.h"

bool bench_simdjson_linked(void)
{
    return false;
}

size_t bench_simdjson(const uint8_t *text, size_t len)
{
    (void)text;
    (void)len;
    return 0;
}

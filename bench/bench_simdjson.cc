/* bench_simdjson.cc - simdjson's DOM parser, one parser kept as it is meant to be. */
#include "bench_simdjson.h"

#include <simdjson.h>

bool bench_simdjson_linked(void)
{
    return true;
}

size_t bench_simdjson(const uint8_t *text, size_t len)
{
    static simdjson::dom::parser parser;
    simdjson::dom::element root;

    return parser.parse(text, len, false).get(root) == simdjson::SUCCESS;
}

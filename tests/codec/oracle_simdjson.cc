/* oracle_simdjson.cc - the DOM of simdjson, rendered. */
#include "oracle_simdjson.h"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <simdjson.h>
#include <string>

using namespace simdjson;

static void render_number(double number, std::string &out)
{
    char digits[24];
    uint64_t bits;

    if (number == 0) number = 0; // minus zero is an Integer to us
    memcpy(&bits, &number, sizeof(bits));
    snprintf(digits, sizeof(digits), "#%" PRIx64, bits);
    out += digits;
}

static void render_string(std::string_view text, std::string &out)
{
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

static void render(dom::element element, std::string &out)
{
    switch (element.type()) {
    case dom::element_type::ARRAY:
        out += '[';
        for (dom::element item : dom::array(element)) {
            render(item, out);
            out += ',';
        }
        out += ']';
        break;
    case dom::element_type::OBJECT:
        out += '{';
        for (auto field : dom::object(element)) {
            render_string(field.key, out);
            render(field.value, out);
            out += ',';
        }
        out += '}';
        break;
    case dom::element_type::INT64: render_number((double)int64_t(element), out); break;
    case dom::element_type::UINT64: render_number((double)uint64_t(element), out); break;
    case dom::element_type::DOUBLE: render_number(double(element), out); break;
    case dom::element_type::STRING: render_string(std::string_view(element), out); break;
    case dom::element_type::BOOL: out += bool(element) ? 't' : 'f'; break;
    case dom::element_type::NULL_VALUE: out += 'n'; break;
    }
}

enum oracle_verdict oracle_read(const uint8_t *text, size_t text_len, char *rendering, size_t size,
                                size_t *len)
{
    static dom::parser parser;
    dom::element root;
    std::string out;

    switch (parser.parse(text, text_len, true).get(root)) {
    case SUCCESS: break;
    case NUMBER_ERROR: return ORACLE_REFUSES_NUMBER;
    case STRING_ERROR: return ORACLE_REFUSES_STRING;
    case DEPTH_ERROR: return ORACLE_REFUSES_DEPTH;
    default: return ORACLE_REFUSES;
    }
    render(root, out);
    *len = out.size();
    memcpy(rendering, out.data(), out.size() < size ? out.size() : size);
    return ORACLE_ACCEPTS;
}

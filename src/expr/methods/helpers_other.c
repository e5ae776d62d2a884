/* helpers_other.c - #CONV, #UTIL, #BASE64, #GEO and #RANDOM. */
#include "codec/json.h"
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/utf8.h"
#include <math.h>

/* --- #CONV -------------------------------------------------------------------------------------------- */

enum status method_conversion_to_any(struct call *call)
{
    return call_return(call, call->arguments[1]);
}

/* --- #RANDOM and #UTIL -------------------------------------------------------------------------------- */

/* SplitMix64 over the record's key and a counter: no state but the frame's. */
uint64_t call_random(struct call *call)
{
    struct expr_frame *frame = call->machine->frame;
    uint64_t mixed = frame->random_key + ++frame->random_counter * 0x9E3779B97F4A7C15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBU;
    return mixed ^ (mixed >> 31);
}

static double random_unit(struct call *call)
{
    return (double)(call_random(call) >> 11) * 0x1p-53;
}

/* Up to two arguments: the end, or start and end. */
static enum status random_range(struct call *call, double *start, double *end)
{
    enum status status = STATUS_OK;

    *start = 0;
    *end = 1;
    if (call->count == 1) status = call_double(call, 1, end);
    if (call->count == 2) {
        status = call_double(call, 1, start);
        if (status == STATUS_OK) status = call_double(call, 2, end);
    }
    if (status == STATUS_OK && !(*end > *start)) {
        return call_fail(call, "bound must be greater than origin", (struct slice){0});
    }
    return status;
}

enum status method_random_next_double(struct call *call)
{
    double start;
    double end;
    enum status status = random_range(call, &start, &end);

    if (status != STATUS_OK) return status;
    return call_return(call, value_double(start + random_unit(call) * (end - start)));
}

static enum status next_whole(struct call *call, enum value_kind kind)
{
    int64_t start = 0;
    int64_t end = 0;
    enum status status = call_integer(call, call->count, &end);

    if (status == STATUS_OK && call->count == 2) status = call_integer(call, 1, &start);
    if (status != STATUS_OK) return status;
    if (end <= start) return call_fail(call, "bound must be positive", (struct slice){0});
    uint64_t range = (uint64_t)end - (uint64_t)start;
    int64_t number = (int64_t)((uint64_t)start + call_random(call) % range);
    return call_return(call, (struct value){.kind = (uint8_t)kind, .i64 = number});
}

enum status method_random_next_int(struct call *call)
{
    return next_whole(call, VALUE_INTEGER);
}

enum status method_random_next_long(struct call *call)
{
    return next_whole(call, VALUE_LONG);
}

enum status method_random_next_boolean(struct call *call)
{
    return call_return(call, value_boolean((call_random(call) & 1) != 0));
}

enum status method_random_next_boolean_with_success_rate(struct call *call)
{
    double rate = 0;
    enum status status = call_double(call, 1, &rate);

    if (status != STATUS_OK) return status;
    if (!(rate >= 0 && rate <= 1)) {
        return call_fail(call, "Success rate must be in range [0.0, 1.0]", (struct slice){0});
    }
    return call_return(call, value_boolean(random_unit(call) < rate));
}

enum status method_util_uuid(struct call *call)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *text = machine_alloc(call->machine, 36, 1);
    uint64_t high = (call_random(call) & 0xFFFFFFFFFFFF0FFFU) | 0x4000U;
    uint64_t low = (call_random(call) & 0x3FFFFFFFFFFFFFFFU) | 0x8000000000000000U;
    size_t at = 0;

    if (text == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text[at++] = '-';
        uint64_t word = i < 16 ? high : low;
        text[at++] = (uint8_t)digits[(word >> (60 - 4 * (i % 16))) & 15];
    }
    return call_return(call, value_string((struct slice){text, at}));
}

/* --- #BASE64 ------------------------------------------------------------------------------------------ */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static enum status encode(struct call *call, char plus, char slash)
{
    struct value text;
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    uint8_t *target = machine_alloc(call->machine, ((size_t)text.len + 2) / 3 * 4, 1);
    size_t len = 0;
    if (target == NULL) return machine_limit(call->machine);
    for (uint32_t i = 0; i < text.len; i += 3) {
        uint32_t left = text.len - i;
        uint32_t bits = (uint32_t)text.text[i] << 16;
        if (left > 1) bits |= (uint32_t)text.text[i + 1] << 8;
        if (left > 2) bits |= text.text[i + 2];
        for (uint32_t j = 0; j < 4; j++) {
            char letter = alphabet[(bits >> (18 - 6 * j)) & 63];
            if (letter == '+') letter = plus;
            if (letter == '/') letter = slash;
            target[len++] = (uint8_t)(j <= left ? letter : '=');
        }
    }
    return call_return(call, value_string((struct slice){target, len}));
}

enum status method_base64_encode(struct call *call)
{
    return encode(call, '+', '/');
}

enum status method_base64_url_safe_encode(struct call *call)
{
    return encode(call, '-', '_');
}

static int digit_of(uint8_t byte, char plus, char slash)
{
    if (byte == (uint8_t)plus) return 62;
    if (byte == (uint8_t)slash) return 63;
    if (byte >= 'A' && byte <= 'Z') return byte - 'A';
    if (byte >= 'a' && byte <= 'z') return byte - 'a' + 26;
    return byte >= '0' && byte <= '9' ? byte - '0' + 52 : -1;
}

static enum status fail_digit(struct call *call, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t text[2] = {(uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 15]};
    struct slice shown = {text, 2};

    if (text[0] == '0') shown = (struct slice){text + 1, 1};
    return call_fail(call, "Illegal base64 character %", shown);
}

/* What Java's decoder accepts: padding may be left out, nothing may follow it. */
static enum status decode(struct call *call, char plus, char slash)
{
    struct value text;
    uint32_t bits = 0;
    uint32_t held = 0;
    uint32_t end;
    size_t len = 0;
    enum status status = call_string(call, 1, &text);

    if (status != STATUS_OK) return status;
    uint8_t *target = machine_alloc(call->machine, text.len + 1, 1);
    if (target == NULL) return machine_limit(call->machine);
    for (end = text.len; end > 0 && text.text[end - 1] == '=' && text.len - end < 2;)
        end--;
    for (uint32_t i = 0; i < end; i++) {
        int digit = digit_of(text.text[i], plus, slash);
        if (digit < 0) return fail_digit(call, text.text[i]);
        bits = (bits << 6) | (uint32_t)digit;
        held += 6;
        if (held >= 8) {
            held -= 8;
            target[len++] = (uint8_t)(bits >> held);
        }
    }
    if (held == 6 || (end < text.len && text.len % 4 != 0)) {
        return call_fail(call, "Input byte array has wrong 4-byte ending unit", (struct slice){0});
    }
    struct slice decoded = {target, len};
    if (utf8_invalid_at(decoded) != len) {
        return call_fail(call, "The decoded bytes are no UTF-8 text", (struct slice){0});
    }
    return call_return(call, value_string(decoded));
}

enum status method_base64_decode(struct call *call)
{
    return decode(call, '+', '/');
}

enum status method_base64_url_safe_decode(struct call *call)
{
    return decode(call, '-', '_');
}

/* --- #GEO --------------------------------------------------------------------------------------------- */

static double radians(double degrees)
{
    return degrees * 0.017453292519943295;
}

enum { LATITUDE, LONGITUDE, OTHER_LATITUDE, OTHER_LONGITUDE, COORDINATES };

/* A haversine with the original's slip: the cosine of the first point's longitude stands where its
 * latitude belongs. Scenarios were tuned with it, so it stays (nussknacker-compat §3.7). */
static double distance_km(const double at[COORDINATES])
{
    static const double earth_km = 6372.8;
    double up = radians(at[OTHER_LATITUDE] - at[LATITUDE]);
    double across = radians(at[OTHER_LONGITUDE] - at[LONGITUDE]);
    double half = sin(up / 2) * sin(up / 2) + sin(across / 2) * sin(across / 2) *
                                                  cos(radians(at[LONGITUDE])) *
                                                  cos(radians(at[OTHER_LATITUDE]));
    return earth_km * 2 * asin(sqrt(half));
}

enum status method_geo_distance(struct call *call)
{
    double at[COORDINATES] = {0};

    for (uint32_t i = 0; i < COORDINATES; i++) {
        if (call->arguments[i + 1].kind == VALUE_NULL) {
            return call_fail(call,
                             "Cannot invoke \"java.lang.Number.doubleValue()\" because \"%\" is "
                             "null",
                             i % 2 == LATITUDE ? SLICE("lat") : SLICE("lon"));
        }
        enum status status = call_double(call, i + 1, &at[i]);
        if (status != STATUS_OK) return status;
    }
    return call_return(call, value_double(distance_km(at)));
}

enum status method_geo_distance_of_points(struct call *call)
{
    double at[COORDINATES] = {0};

    for (uint32_t i = 0; i < 2; i++) {
        struct value point = call->arguments[i + 1];
        if (point.kind == VALUE_NULL) return call_fail_null_argument(call, i + 1, "Point");
        if (class_of_value(point) != CLASS_Point) {
            return call_fail(call, "distanceInKm needs points, but got %",
                             machine_class_name(point));
        }
        at[2 * i + LATITUDE] = point.items[0].f64;
        at[2 * i + LONGITUDE] = point.items[1].f64;
    }
    return call_return(call, value_double(distance_km(at)));
}

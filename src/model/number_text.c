/* number_text.c - strtod reads the locale and hexadecimal; this reads timestamps. */
#include "model/number_text.h"

enum { DIGITS_MAX = 18, EXPONENT_MAX = 400 };
#define NUMBER_MAX 1e15

struct scan {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t mantissa;
    uint32_t digits; /* that count in the mantissa */
    int32_t exponent;
    bool any;
};

static bool digit_next(struct scan *scan, uint8_t *digit)
{
    if (scan->at == scan->end || *scan->at < '0' || *scan->at > '9') return false;
    *digit = (uint8_t)(*scan->at++ - '0');
    scan->any = true;
    return true;
}

static bool sign_next(struct scan *scan)
{
    if (scan->at == scan->end || (*scan->at != '-' && *scan->at != '+')) return false;
    return *scan->at++ == '-';
}

static void scan_digits(struct scan *scan, int32_t step)
{
    uint8_t digit;

    while (digit_next(scan, &digit)) {
        if (scan->digits >= DIGITS_MAX) { /* dropped; before the point it still counts */
            if (step == 0 && scan->exponent < EXPONENT_MAX) scan->exponent++;
            continue;
        }
        scan->mantissa = scan->mantissa * 10 + digit;
        if (scan->mantissa > 0) scan->digits++;
        if (scan->exponent > -EXPONENT_MAX) scan->exponent += step;
    }
}

static bool scan_exponent(struct scan *scan)
{
    int32_t exponent = 0;
    uint8_t digit;

    if (scan->at == scan->end || (*scan->at != 'e' && *scan->at != 'E')) return true;
    scan->at++;
    scan->any = false;
    bool negative = sign_next(scan);
    while (digit_next(scan, &digit)) {
        if (exponent < EXPONENT_MAX) exponent = exponent * 10 + digit;
    }
    scan->exponent += negative ? -exponent : exponent;
    return scan->any;
}

static double scaled(double number, int32_t exponent)
{
    for (; exponent > 0 && number < NUMBER_MAX; exponent--)
        number *= 10.0;
    if (exponent >= 0) return number;
    double divisor = 1.0;
    for (; exponent < 0 && divisor < 1e300; exponent++)
        divisor *= 10.0;
    return number / divisor;
}

bool number_text(struct slice text, double *number)
{
    struct scan scan = {.at = text.data, .end = text.data + text.len};

    if (text.len == 0) return false;
    while (scan.at < scan.end && *scan.at == ' ')
        scan.at++;
    while (scan.end > scan.at && scan.end[-1] == ' ')
        scan.end--;
    bool negative = sign_next(&scan);
    scan_digits(&scan, 0);
    if (scan.at < scan.end && *scan.at == '.') {
        scan.at++;
        scan_digits(&scan, -1);
    }
    if (!scan.any || !scan_exponent(&scan) || scan.at != scan.end) return false;
    double size = scan.mantissa == 0 ? 0.0 : scaled((double)scan.mantissa, scan.exponent);
    if (size > NUMBER_MAX) size = NUMBER_MAX;
    *number = negative ? -size : size;
    return true;
}

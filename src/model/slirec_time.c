/* slirec_time.c - logarithms of elapsed time. */
#include "model/slirec_time.h"

#include <string.h>

#define LN2_HIGH          0.693147180369123816490 /* 32 bits: n * LN2_HIGH is exact */
#define LN2_LOW           1.90821492927058770002e-10
#define DAY_SECONDS       86400.0
#define DAYS_MIN          0.5
#define SECONDS_MIN       1.0
#define MILLISECONDS_FROM 1e11 /* as seconds this is the year 5138 */

static double double_of(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* x = 2^n m with m in [0.7, 1.42); ln m = 2 artanh(s), s = (m - 1) / (m + 1), by its series. */
double slirec_log(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    int64_t n = (int64_t)(bits >> 52) - 1023;
    double m = double_of((bits & 0xFFFFFFFFFFFFFULL) | 0x3FF0000000000000ULL);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        n++;
    }
    double s = (m - 1.0) / (m + 1.0);
    double square = s * s;
    double sum = 0.0;
    for (int k = 23; k >= 3; k -= 2)
        sum = (sum + 1.0 / k) * square;
    return (double)n * LN2_HIGH + (2.0 * s + (2.0 * s * sum + (double)n * LN2_LOW));
}

/* x = n ln 2 + r, |r| <= 0.35; the Taylor series to r^14 leaves 1e-19. */
double slirec_exp(double x)
{
    if (!(x > -700.0)) x = -700.0;
    if (x > 700.0) x = 700.0;
    double rounded = x * 1.4426950408889634 + 6755399441055744.0; /* 1.5 * 2^52 */
    double n = rounded - 6755399441055744.0;
    double r = (x - n * LN2_HIGH) - n * LN2_LOW;
    double sum = 1.0;
    for (int k = 14; k >= 1; k--)
        sum = 1.0 + sum * (r / k);
    return sum * double_of((uint64_t)((int64_t)n + 1023) << 52);
}

double slirec_elapsed(enum slirec_clock clock, double seconds)
{
    double unit = clock == SLIREC_DAYS ? seconds / DAY_SECONDS : seconds;
    double least = clock == SLIREC_DAYS ? DAYS_MIN : SECONDS_MIN;

    return slirec_log(unit > least ? unit : least);
}

double slirec_seconds(double time)
{
    return time >= MILLISECONDS_FROM ? time / 1000.0 : time;
}

void slirec_times(enum slirec_clock clock, const double *times, uint32_t count, double now,
                  double *from_first, double *to_now)
{
    for (uint32_t i = 0; i < count; i++) {
        double next = i + 1 < count ? times[i + 1] : now;

        from_first[i] = slirec_elapsed(clock, next - times[0]);
        to_now[i] = slirec_elapsed(clock, now - times[i]);
    }
}

/* slirec_time.h - the two time features of a history, and the double functions behind them.
 *
 * Compat: unit days, floor half a day. Fixed: unit seconds, floor one second. Natural logarithm. Element i of from_first looks at event i + 1 (the
 * last one at now), which is how the original was trained. log and exp are ours: the C library's
 * last bit differs between machines.
 * source   recommenders SequentialIterator.parser_one_line
 */
#pragma once
#include <stdint.h>

#define SLIREC_TIME_FLOOR (-0.69314718055994530942) /* ln 0.5 */

enum slirec_clock { SLIREC_DAYS, SLIREC_SECONDS };

/* A time as it comes, in seconds: what is too late to be seconds is milliseconds. */
double slirec_seconds(double time);

/* ln max(unit, floor) */
double slirec_elapsed(enum slirec_clock clock, double seconds);

/* in   times [count] seconds, in the order of the history; now in seconds
 * out  [count]: from_first of times[i + 1] - times[0]; to_now of now - times[i] */
void slirec_times(enum slirec_clock clock, const double *times, uint32_t count, double now,
                  double *from_first, double *to_now);

double slirec_log(double x); /* x positive, finite; within 2 ulp */
double slirec_exp(double x); /* cut to [-700, 700]; within 2 ulp */

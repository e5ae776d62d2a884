/* slirec_time.h - the two time features of a history, and the double functions behind them.
 *
 * Unit: days; floor half a day; natural logarithm. Element i of from_first looks at event i + 1 (the
 * last one at now), which is how the original was trained. log and exp are ours: the C library's
 * last bit differs between machines.
 * source   recommenders SequentialIterator.parser_one_line
 */
#pragma once
#include <stdint.h>

#define SLIREC_TIME_FLOOR (-0.69314718055994530942) /* ln 0.5 */

/* in   times [count] seconds, in the order of the history; now in seconds
 * out  [count]: from_first ln max((times[i + 1] - times[0]) / 86400, 0.5)
 *               to_now     ln max((now - times[i]) / 86400, 0.5) */
void slirec_times(const double *times, uint32_t count, double now, double *from_first,
                  double *to_now);

double slirec_log(double x); /* x positive, finite; within 2 ulp */
double slirec_exp(double x); /* cut to [-700, 700]; within 2 ulp */

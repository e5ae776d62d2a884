/* fuzz_tzif.c - time zone tables from any bytes. A table that is read gives, for every moment near its
 * changes and far behind them, a clock time that means that moment again.
 */
#include "codec/tzif.h"

static void check(const struct zone *zone, int64_t moment)
{
    int32_t offset = zone_offset_at(zone, moment);
    int64_t local = moment + offset;

    ASSERT(offset >= -ZONE_OFFSET_MAX && offset <= ZONE_OFFSET_MAX);
    int32_t resolved = zone_resolve(zone, &local, offset);
    ASSERT(resolved >= -ZONE_OFFSET_MAX && resolved <= ZONE_OFFSET_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data,
                           size_t size); /* NOLINT(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct zone zone;

    arena_init(&arena, 1 << 20);
    if (tzif_read((struct slice){data, size}, &arena, &zone) == STATUS_OK) {
        for (uint32_t i = 0; i < zone.count; i++) {
            int64_t moment = zone.moments[i];
            if (moment < -(INT64_C(1) << 50) || moment > INT64_C(1) << 50) continue;
            for (int64_t step = -1; step <= 1; step++)
                check(&zone, moment + step * 1800);
        }
        for (int64_t day = 0; day < 366; day++)
            check(&zone, INT64_C(4102444800) + day * 86400);
    }
    arena_deinit(&arena);
    return 0;
}

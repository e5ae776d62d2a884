/* scan_kernels_body.h - sixteen items side by side; included with SCAN_NAME and SCAN_ROW defined. */
static void products(const int8_t *codes, uint32_t count, uint32_t width, const uint8_t *query,
                     const int32_t *offsets, int32_t *sums)
{
    for (uint32_t first = 0; first < count; first += SCAN_GROUP) {
        int32_t group[SCAN_GROUP] = {0};

        for (uint32_t d = 0; d < width; d += 4) {
            for (uint32_t i = 0; i < SCAN_GROUP; i++) {
                for (uint32_t j = 0; j < 4; j++)
                    group[i] += codes[4 * i + j] * query[d + j];
            }
            codes += (size_t)SCAN_GROUP * 4;
        }
        for (uint32_t i = 0; i < SCAN_GROUP; i++)
            sums[first + i] = group[i] - offsets[first + i];
    }
}

const struct scan_kernels SCAN_ROW = {SCAN_NAME, products};

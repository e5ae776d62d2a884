/* hash.h - checksums and hashes.
 *
 * crc32c guards every stored value (Castagnoli polynomial, RFC 3720 appendix B.4); hardware
 * instructions where the compiler's target has them, a table elsewhere, equal results. */
#pragma once
#include "base/base.h"

/* Continues a checksum: start with 0; crc32c(crc32c(0, a), b) is the checksum of a then b. */
uint32_t crc32c(uint32_t crc, struct slice bytes);

/* A 64-bit hash for tables and state digests; the same on every machine and run.
 * source   wyhash-style folded multiply; not for adversarial keys unless seeded */
uint64_t hash_bytes(struct slice bytes, uint64_t seed);

/* index_room.h - what writing and reading an index share. */
#pragma once
#include "model/retrieve/index.h"

#define INDEX_MAGIC "hr-index"

/* Magic, version, checksum; then the counts, which are nothing but u32. */
enum {
    INDEX_ALIGNMENT = 8,
    INDEX_COUNTS_AT = 8 + 4 + 4,
    INDEX_HEAD_BYTES = INDEX_COUNTS_AT + sizeof(struct index_counts),
};

/* Decay may take a score below what a float holds; it stays something. */
#define INDEX_LEAST 1e-30F

/* Fills idf, lists and sessions; counts.items says how many items there are. fails  LIMIT */
enum status index_sessions_make(const struct dataset *dataset, uint32_t sessions_max,
                                struct arena *arena, struct index *index) MUST_USE;

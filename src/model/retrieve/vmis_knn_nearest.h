/* vmis_knn_nearest.h - the nearest among the most recent sessions, for whoever has lists of sessions by
 * item, newest (largest number) first. */
#pragma once
#include "model/retrieve/retrieval.h"

struct vmis_neighbour {
    uint32_t session;
    uint32_t alike; /* u r */
    uint16_t place; /* p of the latest item in common */
    uint16_t with;  /* bit p: the item of place p is in it */
};

/* One of the visitor's items and how far its list has been read. */
struct vmis_cursor {
    const uint32_t *next;
    const uint32_t *end;
    uint32_t place;
    uint32_t weight; /* n - p */
};

/* in       cursors: latest item first, each item once
 * out      room for settings->sessions; newest first; returns how many are near */
uint32_t vmis_nearest(struct vmis_cursor *cursors, uint32_t count,
                      const struct vmis_knn_settings *settings, struct vmis_neighbour *out);

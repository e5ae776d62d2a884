/* place.h - a fresh directory for one test, on the disk the tests run on, and its removal. */
#pragma once
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
    char path[64];
};

static inline int place_remove_one(const char *path, const struct stat *file, int kind,
                                   struct FTW *walk)
{
    (void)file;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline void place_make(struct place *place)
{
    (void)snprintf(place->path, sizeof(place->path), "place-XXXXXX");
    assert_non_null(mkdtemp(place->path));
}

static inline void place_remove(const struct place *place)
{
    (void)nftw(place->path, place_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

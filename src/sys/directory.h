/* directory.h - a folder that takes another's place whole, or not at all.
 *
 *   PARENT/NAME                the place; links are followed to the folder they lead to
 *   PARENT/.NAME.new-0123abcd  fresh: written, synced, exchanged with the place in one step. What stood
 *                              at the place then has this name, and is removed
 *   PARENT/.NAME.old-0123abcd  where the file system cannot exchange (NFS): what stood there, moved away
 *                              for the moment until the fresh one is renamed
 *
 * Whoever is killed in between leaves one folder of the latter names; the next change of the place removes
 * it, or puts the old one back if nothing stands there. A change under way holds a lock on its own (flock),
 * so that no other takes it for left over.
 * source  renameat2(2), RENAME_EXCHANGE
 */
#pragma once
#include "base/buffer.h"

struct directory_change {
    struct buffer place, fresh; /* texts, NUL-terminated */
    int parent, held;           /* descriptors, -1: none; held: of fresh, with its lock */
};

/* Makes an empty folder beside the place, and the folders above it that are not there.
 * fails    INVALID: the place is no folder, or a mount point; LIMIT; IO. directory_trouble() says more */
enum status directory_change_begin(const char *place, struct directory_change *change) MUST_USE;

/* What is written here takes the place. Lives as long as the change. */
const char *directory_change_fresh(const struct directory_change *change);

/* Has it taken the place; then the old one is removed. Files must be on disk (file_write), the folders'
 * own lists of names are brought there.
 * fails    INVALID: this file system cannot rename it; LIMIT; IO. Nothing has changed then, unless it was the folder
 *          above that could not be brought to disk */
enum status directory_change_commit(struct directory_change *change) MUST_USE;

/* Always: removes what did not take the place. */
void directory_change_end(struct directory_change *change);

/* Why one of them just failed, for people. */
const char *directory_trouble(enum status status);

/* A folder with all that is in it; links are removed, not followed. What cannot be removed stays. */
void directory_remove(const char *path);

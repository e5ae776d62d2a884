/* fault.h - faults below the libraries: a preloaded object that stands between LMDB and the disk.
 *
 * It looks only at files named data.mdb. What it does stands in one word that several processes may
 * share: a test sets it through the exported pointer `headrace_fault` (same process, or one it forked),
 * or through the file named by HEADRACE_FAULT_FILE, whose first word is the mode, little-endian.
 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum fault_mode {
    FAULT_NONE,
    FAULT_FULL,        /* the file cannot grow: ENOSPC; what is allocated can be written */
    FAULT_FULL_ALL,    /* no write finds room, as on a file system that copies on write */
    FAULT_SYNC_ERROR,  /* fdatasync fails with EIO */
    FAULT_WRITE_ERROR, /* writes fail with EIO */
    FAULT_POWER_LOSS, /* a write reaches the disk by the next sync; until then only random sectors of
                         it do. A process killed now has lost what it did not sync, and torn the rest */
};

struct fault {
    _Atomic uint32_t mode; /* enum fault_mode */
    _Atomic uint32_t met;  /* how often a fault was given */
    _Atomic uint32_t seed; /* for the sectors */
};

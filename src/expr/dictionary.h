/* dictionary.h - keys with a name for people: {"pl": "Poland", "de": "Germany"}.
 *
 * The host hands dictionaries to the compiler as tables. `#countries['pl']` and `#countries.pl` are
 * the key, checked while one writes; a `dictKeyWithLabel` parameter holds one key.
 * source  nussknacker-compat §1.8, §3.3, §3.8
 */
#pragma once
#include "value/type.h"

struct dictionary_entry {
    struct slice key; /* as written */
    struct slice label;
    struct value value; /* the key as what the dictionary's keys are */
};

struct dictionary {
    struct slice id;
    enum class_id keys;                     /* String, Long or Boolean */
    const struct dictionary_entry *entries; /* in the order of the table */
    uint32_t count;
};

struct dictionaries {
    const struct dictionary *items;
    uint32_t count;
};

enum { DICTIONARY_ENTRIES_MAX = 4096 };

/* Reads a table, a JSON object of key -> label, into `arena`; `id` must live as long.
 * fails    INVALID: *why says what is wrong, `at` where in the text; LIMIT */
struct dictionary_fault {
    size_t at;
    struct slice why;
};
enum status dictionary_read(struct slice id, enum class_id keys, struct slice text,
                            struct arena *arena, struct dictionary *dictionary,
                            struct dictionary_fault *fault) MUST_USE;

/* NULL: there is none. */
const struct dictionary *dictionary_find(const struct dictionaries *dictionaries, struct slice id);

/* The entry of a key, or of a label where no key is spelled so. NULL: none */
const struct dictionary_entry *dictionary_entry(const struct dictionary *dictionary,
                                                struct slice key);

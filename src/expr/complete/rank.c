/* rank.c - which suggestions are kept, and in what order: an ordered array of the best.
 *
 * Prefixes come before scattered letters, the right case before the wrong one, then the order of
 * kinds, then the alphabet.
 */
#include "expr/complete/room.h"

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

static bool has_letters(struct slice label, struct slice letters)
{
    size_t found = 0;

    for (size_t i = 0; i < label.len && found < letters.len; i++) {
        if (lower(label.data[i]) == lower(letters.data[found])) found++;
    }
    return found == letters.len;
}

uint32_t rank_of(struct slice label, struct slice prefix)
{
    if (prefix.len == 0 || slice_starts_with(label, prefix)) return 0;
    if (label.len >= prefix.len &&
        slice_equal_ignoring_case((struct slice){label.data, prefix.len}, prefix)) {
        return 1;
    }
    return has_letters(label, prefix) ? 2 : RANK_NONE;
}

static bool stands_before(const struct complete_suggestion *left, uint32_t left_rank,
                          const struct complete_suggestion *right, uint32_t right_rank)
{
    if (left_rank != right_rank) return left_rank < right_rank;
    if (left->kind != right->kind) return left->kind < right->kind;
    return slice_compare(left->label, right->label) < 0;
}

/* Another signature of a method that is there already. */
static bool join_overload(struct completing *work, const struct complete_suggestion *suggestion)
{
    for (uint32_t i = 0; i < work->count; i++) {
        struct complete_suggestion *known = &work->best[i];
        if (!slice_equal(known->label, suggestion->label)) continue;
        if (known->kind != suggestion->kind) return true;
        /* Labels of dictionaries may be the same for several keys. */
        if (known->kind == COMPLETE_KIND_key && !slice_equal(known->insert, suggestion->insert))
            continue;
        uint32_t overloads = 1;
        for (size_t at = 0; at + 4 <= known->signature.len; at++) {
            if (memcmp(known->signature.data + at, " or ", 4) == 0) overloads++;
        }
        if (suggestion->signature.len == 0 || overloads >= COMPLETE_OVERLOADS_MAX) return true;
        struct slice parts[] = {known->signature, SLICE(" or "), suggestion->signature};
        known->signature = complete_join(work, parts, COUNT_OF(parts));
        if (!slice_equal(known->type, suggestion->type)) known->type = (struct slice){0};
        return true;
    }
    return false;
}

void offer(struct completing *work, const struct complete_suggestion *suggestion,
           struct slice matched)
{
    uint32_t rank = rank_of(matched, work->prefix);
    uint32_t at = work->count;

    if (rank == RANK_NONE || join_overload(work, suggestion)) return;
    while (at > 0 && stands_before(suggestion, rank, &work->best[at - 1], work->ranks[at - 1]))
        at--;
    if (at == COMPLETE_SUGGESTIONS_MAX) return;
    uint32_t moved = work->count - at;
    if (work->count == COMPLETE_SUGGESTIONS_MAX) {
        moved--;
    } else {
        work->count++;
    }
    memmove(&work->best[at + 1], &work->best[at], moved * sizeof(*work->best));
    memmove(&work->ranks[at + 1], &work->ranks[at], moved * sizeof(*work->ranks));
    work->best[at] = *suggestion;
    work->ranks[at] = rank;
}

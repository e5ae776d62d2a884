/* seen.c - fingerprints first, since they tell for certain; times where they do not. */
#include "model/judge/seen.h"

static void count(const struct dataset_part *part, double until, struct seen *seen)
{
    for (uint32_t unit = 0; unit < part->count; unit++) {
        uint32_t start = part->starts[unit];
        uint32_t len = part->starts[unit + 1] - start;

        for (uint32_t i = part->last_only && len > 1 ? len - 1 : 1; i < len; i++) {
            seen->before += !(part->times[start + i] > until);
        }
    }
}

static bool is_timed(const struct dataset_part *part)
{
    return part->count > 0 && part->ends[part->count - 1] > 0.0;
}

struct seen seen_judge(const struct learned *learned, const struct dataset *dataset,
                       const struct dataset_part *part, uint64_t part_data)
{
    const struct learned *ours = &dataset->learned;
    bool timed = learned->until > 0.0 && is_timed(part);
    bool of_asked = learned->data == (part_data == 0 ? ours->data : part_data);
    struct seen seen = {.verdict = SEEN_UNTOLD};

    seen.questions = dataset_part_questions(part);
    if (timed) count(part, learned->until, &seen);
    if (learned->clicks == 0) return seen;
    bool same = learned->fingerprint == ours->fingerprint;
    bool among = part_data != 0 && learned->data == ours->data;
    if (same || (among && !of_asked)) {
        seen.verdict = SEEN_NO;
    } else if (timed) {
        seen.verdict = seen.before > 0 ? SEEN_YES : SEEN_NO;
    } else if (of_asked) {
        seen.verdict = SEEN_YES;
    }
    return seen;
}

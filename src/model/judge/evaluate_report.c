/* evaluate_report.c - results for people (one table) and for programs (flat JSON rows). */
#include <stdio.h>

#include "codec/json.h"
#include "model/judge/evaluate.h"

static const char *const segment_names[] = {
#define SEGMENT(symbol, name, meaning) name,
#include "model/judge/segments.def"
#undef SEGMENT
};

static const char *const metric_names[] = {
#define METRIC(symbol, name, meaning) name,
#include "model/judge/metrics.def"
#undef METRIC
};

const char *segment_name(enum segment segment)
{
    return segment_names[segment];
}

const char *metric_name(enum metric metric)
{
    return metric_names[metric];
}

enum { LINE_BYTES = 256 };

/* What snprintf wrote; nothing here is longer than a line. */
static void append_line(struct buffer *out, const char *line, int len)
{
    ASSERT(len >= 0 && len < LINE_BYTES);
    buffer_append_text(out, line);
}

/* printf into the buffer by way of a local `line`. */
#define PRINT(out, ...) append_line((out), line, snprintf(line, sizeof(line), __VA_ARGS__))

/* A cell for a name; longer ones move the rest of the line. A star: see the foot of the table. */
static void print_name(const struct model_result *result, size_t width, struct buffer *out)
{
    size_t before = out->len;

    buffer_append_text(out, result->name);
    if (result->seen == SEEN_YES) buffer_append_text(out, "*");
    while (!out->failed && out->len < before + width)
        buffer_append_byte(out, ' ');
}

static void print_foot(const struct evaluation *evaluation, const struct model_result *results,
                       struct buffer *out)
{
    bool seen = false;

    for (uint32_t i = 0; i < evaluation->count; i++)
        seen = seen || results[i].seen == SEEN_YES;
    if (!seen) return;
    buffer_append_text(out,
                       "\n* has learned what it is asked, or may have: its figures say nothing "
                       "(docs/models.md, \"Judging a directory\")\n");
}

static void print_estimates(const struct segment_result *segment, uint32_t k, struct buffer *out)
{
    char line[LINE_BYTES];

    for (uint32_t m = 0; m < METRIC_COUNT; m++) {
        const struct estimate *estimate = &segment->metrics[k][m];

        PRINT(out, "  %.4f [%.4f %.4f]", estimate->mean, estimate->low, estimate->high);
    }
}

static void print_differences(const char *part, const struct evaluation *evaluation,
                              const struct model_result *results, struct buffer *out)
{
    char line[LINE_BYTES];
    uint32_t last = evaluation->settings->k_count - 1;

    PRINT(out, "\n%-6s %-28s at k = %u: HR, MRR, NDCG [95 %%]\n", part, "difference",
          evaluation->settings->ks[last]);
    for (uint32_t i = 0; i < evaluation->count; i++) {
        if (i == evaluation->against) continue;
        PRINT(out, "%-6s ", part);
        print_name(&results[i], 13, out);
        buffer_append_text(out, " - ");
        print_name(&results[evaluation->against], 12, out);
        for (uint32_t m = 0; m < METRIC_COUNT; m++) {
            const struct estimate *estimate = &results[i].difference.metrics[last][m];

            PRINT(out, "  %+.4f [%+.4f %+.4f]", estimate->mean, estimate->low, estimate->high);
        }
        PRINT(out, "\n");
    }
}

static void print_sampled(const char *part, const struct evaluation *evaluation,
                          const struct model_result *results, struct buffer *out)
{
    char line[LINE_BYTES];
    const struct evaluate_settings *settings = evaluation->settings;

    if (settings->negatives == 0) return;
    PRINT(out, "\n%-6s %-13s %4s  %-8s%-8s%-8s%-8s%s\n", part, "sampled", "k", "AUC", "gAUC", "MRR",
          "NDCG", "HR");
    PRINT(out, "%-6s one asked for and %u others; for comparison with published tables only\n",
          part, settings->negatives);
    for (uint32_t i = 0; i < evaluation->count; i++) {
        const struct sampled_result *result = &results[i].sampled;

        for (uint32_t k = 0; k < settings->k_count; k++) {
            PRINT(out, "%-6s ", part);
            print_name(&results[i], 13, out);
            PRINT(out, " %4u  %.4f  %.4f  %.4f  %.4f  %.4f\n", settings->ks[k], result->auc,
                  result->gauc, result->mrr, result->ndcg[k], result->hr[k]);
        }
    }
}

void evaluate_table(const char *part, const struct evaluation *evaluation,
                    const struct model_result *results, struct buffer *out)
{
    char line[LINE_BYTES];
    const struct evaluate_settings *settings = evaluation->settings;
    uint32_t count = evaluation->count;

    PRINT(out, "%-6s %-13s %4s  %-24s%-24s%-24s%-10s%-9s%s\n", "part", "model", "k", "HR [95 %]",
          "MRR [95 %]", "NDCG [95 %]", "coverage", "novelty", "answered");
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < settings->k_count; k++) {
            PRINT(out, "%-6s ", part);
            print_name(&results[i], 13, out);
            PRINT(out, " %4u", settings->ks[k]);
            print_estimates(&results[i].segments[SEGMENT_ALL], k, out);
            PRINT(out, "  %8.4f  %7.2f  %.4f\n", results[i].coverage[k], results[i].novelty[k],
                  results[i].answered);
        }
    }
    print_differences(part, evaluation, results, out);
    print_sampled(part, evaluation, results, out);
    uint32_t last = settings->k_count - 1;
    PRINT(out, "\n%-6s %-13s %-14s %9s %8s  at k = %u: %s\n", "part", "segment", "model",
          "questions", "sessions", settings->ks[last], "HR, MRR, NDCG [95 %]");
    for (uint32_t s = 0; s < SEGMENT_COUNT; s++) {
        for (uint32_t i = 0; i < count; i++) {
            const struct segment_result *segment = &results[i].segments[s];

            PRINT(out, "%-6s %-13s ", part, segment_names[s]);
            print_name(&results[i], 14, out);
            PRINT(out, " %9u %8u", segment->questions, segment->units);
            if (segment->questions > 0) print_estimates(segment, last, out);
            PRINT(out, "\n");
        }
    }
    print_foot(evaluation, results, out);
}

/* Of nothing there is no mean. */
static void json_nulls(const char *suffix, struct buffer *out)
{
    char line[LINE_BYTES];

    for (uint32_t m = 0; m < METRIC_COUNT; m++) {
        const char *name = metric_names[m];

        PRINT(out, ",\"%s%s\":null,\"%s%s_low\":null,\"%s%s_high\":null", name, suffix, name,
              suffix, name, suffix);
    }
}

static void json_estimates(const struct segment_result *segment, uint32_t k, const char *suffix,
                           struct buffer *out)
{
    char line[LINE_BYTES];

    if (segment->questions == 0) {
        json_nulls(suffix, out);
        return;
    }
    for (uint32_t m = 0; m < METRIC_COUNT; m++) {
        const struct estimate *estimate = &segment->metrics[k][m];
        const char *name = metric_names[m];

        PRINT(out, ",\"%s%s\":%.6f,\"%s%s_low\":%.6f,\"%s%s_high\":%.6f", name, suffix,
              estimate->mean, name, suffix, estimate->low, name, suffix, estimate->high);
    }
}

/* A number, or null where there was no question. */
static void json_number(const char *name, double number, bool is, struct buffer *out)
{
    char line[LINE_BYTES];

    if (is) {
        PRINT(out, ",\"%s\":%.6f", name, number);
    } else {
        PRINT(out, ",\"%s\":null", name);
    }
}

/* What only all questions together have. */
static void json_all(const struct evaluation *evaluation, const struct model_result *results,
                     const struct model_result *result, uint32_t k, struct buffer *out)
{
    static const char *const seen[] = {
        [SEEN_NO] = "false", [SEEN_UNTOLD] = "null", [SEEN_YES] = "true"};
    bool is = result->segments[SEGMENT_ALL].questions > 0;
    const struct sampled_result *sampled = &result->sampled;

    buffer_append_text(out, ",\"learned_from_these\":");
    buffer_append_text(out, seen[result->seen]);
    buffer_append_text(out, ",\"against\":");
    json_write_string(slice_of(results[evaluation->against].name), out);
    json_estimates(&result->difference, k, "_difference", out);
    json_number("coverage", result->coverage[k], is, out);
    json_number("novelty", result->novelty[k], is, out);
    json_number("answered", result->answered, is, out);
    if (evaluation->settings->negatives == 0) return;
    buffer_append_text(out, ",\"negatives\":");
    buffer_append_u64(out, evaluation->settings->negatives);
    json_number("auc", sampled->auc, is, out);
    json_number("gauc", sampled->gauc, is, out);
    json_number("sampled_mrr", sampled->mrr, is, out);
    json_number("sampled_ndcg", sampled->ndcg[k], is, out);
    json_number("sampled_hr", sampled->hr[k], is, out);
}

void evaluate_json(const char *part, const struct evaluation *evaluation,
                   const struct model_result *results, struct buffer *out)
{
    char line[LINE_BYTES];
    const struct evaluate_settings *settings = evaluation->settings;
    uint32_t rows = evaluation->count * SEGMENT_COUNT * settings->k_count;

    for (uint32_t row = 0; row < rows; row++) {
        uint32_t k = row % settings->k_count;
        uint32_t s = row / settings->k_count % SEGMENT_COUNT;
        const struct model_result *result = &results[row / settings->k_count / SEGMENT_COUNT];
        const struct segment_result *segment = &result->segments[s];

        PRINT(out, "%s\n  {\"part\":\"%s\",\"model\":", row == 0 ? "" : ",", part);
        json_write_string(slice_of(result->name), out);
        PRINT(out, ",\"segment\":\"%s\",\"k\":%u,\"questions\":%u,\"sessions\":%u",
              segment_names[s], settings->ks[k], segment->questions, segment->units);
        json_estimates(segment, k, "", out);
        if (s == SEGMENT_ALL) json_all(evaluation, results, result, k, out);
        buffer_append_text(out, "}");
    }
}

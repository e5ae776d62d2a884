/* card.c - Markdown, short: data, settings, a table of epochs, the test. */
#include "model/train/card.h"

#include <stdio.h>

/* A cell of a table. */
static void put(struct buffer *out, double value)
{
    char text[64];

    (void)snprintf(text, sizeof(text), " %.4f |", value);
    buffer_append_text(out, text);
}

static void put_count(struct buffer *out, uint64_t count, const char *after)
{
    buffer_append_u64(out, count);
    buffer_append_text(out, after);
}

static void put_data(const struct train_card *card, struct buffer *out)
{
    const struct train_data *data = card->data;
    char hash[32];

    (void)snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)card->place->data);
    buffer_append_text(out, "# A SLi-Rec, trained by `headrace model train`\n\n## Data\n\n* ");
    buffer_append_text(out, card->request->data);
    buffer_append_text(out, ": ");
    put_count(out, data->event_count, " interactions of ");
    put_count(out, data->user_count, " users with ");
    put_count(out, data->catalogue_count, " items; ");
    put_count(out, data->train.count, " instances to learn from, ");
    put_count(out, data->valid.count, " to choose by, ");
    put_count(out, data->test.count, " to test\n* hash of what was learnt from: ");
    buffer_append_text(out, hash);
    buffer_append_text(out, "\n\n## Settings\n\n* arithmetic ");
    buffer_append_text(out, card->choices->fixed ? "fixed" : "compat");
    buffer_append_text(out, ", events ");
    buffer_append_text(out, card->choices->by_time ? "by time" : "in the order given");
    buffer_append_text(out, ", seed ");
    put_count(out, card->request->seed, ", threads ");
    put_count(out, card->request->threads, ", kernels ");
    buffer_append_text(out, card->kernels);
    buffer_append_text(out, "\n* ");
    train_choices_text(card->choices, out);
}

static void put_metrics(const struct train_metrics *metrics, struct buffer *out)
{
    put(out, metrics->auc);
    put(out, metrics->group_auc);
    put(out, metrics->mrr);
    put(out, metrics->ndcg[0]);
    put(out, metrics->ndcg[1]);
    put(out, metrics->ndcg[2]);
    put(out, metrics->logloss);
    buffer_append_byte(out, '\n');
}

void train_card_write(const struct train_card *card, struct buffer *out)
{
    static const char head[] =
        "| loss | AUC | group AUC | MRR | NDCG@2 | NDCG@4 | NDCG@6 | logloss |\n";

    put_data(card, out);
    buffer_append_text(out, "\n\n## Validation, by epoch\n\nA positive among ");
    put_count(out, card->choices->judge_negatives,
              " drawn negatives; the epoch of the best group AUC is what this model is: ");
    put_count(out, card->place->best_epoch, "\n\n| epoch ");
    buffer_append_text(out, head);
    buffer_append_text(out, "|---|---|---|---|---|---|---|---|---|\n");
    for (uint32_t i = 0; i < card->place->logged; i++) {
        buffer_append_text(out, "| ");
        put_count(out, (uint64_t)i + 1, " |");
        put(out, card->place->log[i].loss);
        put_metrics(&card->place->log[i].valid, out);
    }
    buffer_append_text(
        out, "\n## Test\n\n| AUC | group AUC | MRR | NDCG@2 | NDCG@4 | NDCG@6 | logloss |\n"
             "|---|---|---|---|---|---|---|\n|");
    put_metrics(card->test, out);
    buffer_append_text(
        out, "\nMetrics over drawn negatives compare with tables made the same way and with "
             "nothing else; what a whole catalogue's ranking is worth, `headrace model "
             "evaluate` says.\n");
}

static void note(const char *path, uint32_t line, uint32_t count, const char *what,
                 struct buffer *notes)
{
    if (count == 0) return;
    buffer_append_text(notes, path);
    if (line > 0) {
        buffer_append_text(notes, ": line ");
        buffer_append_u64(notes, line);
    }
    buffer_append_text(notes, ": ");
    buffer_append_u64(notes, count);
    buffer_append_text(notes, what);
}

void train_note(const char *path, const struct train_data *data,
                const struct train_data_options *options, struct buffer *notes)
{
    note(path, data->backwards_line, data->backwards,
         options->by_time
             ? " events stand before the one above them in time; they were sorted\n"
             : " events lie before the one above them in time and were kept in the order "
               "given; --order time sorts them\n",
         notes);
    note(path, data->repeats_line, data->repeats,
         " lines repeat the one above them; they were kept\n", notes);
    note(path, 0, data->short_users,
         " users have fewer than 3 events; nothing was learnt from them\n", notes);
}

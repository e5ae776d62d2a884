/* shard_switch.c - models switched on and off by records of the control topic: {"model":"name/version","active":bool}.
 *
 * A switch holds twice: for the scenario from its place in the log on, also when it is stepped again
 * after a restart (`model_stopped`); for pages as of the newest record there is (`model_hidden`),
 * or a model that was stopped long ago would be shown until the log is stepped up to it.
 */
#include "codec/json.h"
#include "host/serve/shard_parts.h"

static uint32_t model_count(const struct shard *shard)
{
    uint32_t count = shard->world.installation->model_count;

    return count < SHARD_MODELS_MAX ? count : SHARD_MODELS_MAX;
}

/* Index in the installation; model_count() if it is not there. */
static uint32_t model_find(const struct shard *shard, struct slice name)
{
    const struct installation *installation = shard->world.installation;
    uint32_t i = 0;

    while (i < model_count(shard) &&
           !slice_equal(slice_of(installation->models[i].config->name), name))
        i++;
    return i;
}

/* --- in the scenario's position ----------------------------------------------------------------------- */

void shard_switches_write(const struct shard *shard, struct buffer *bytes)
{
    for (uint32_t i = 0; i < model_count(shard); i++) {
        if (!atomic_load(&shard->model_stopped[i])) continue;
        buffer_append_sized(bytes, slice_of(shard->world.installation->models[i].config->name));
    }
}

void shard_switches_clear(struct shard *shard)
{
    for (uint32_t i = 0; i < SHARD_MODELS_MAX; i++)
        atomic_store(&shard->model_stopped[i], false);
}

void shard_switches_read(struct shard *shard, struct byte_reader *reader)
{
    while (!reader->bad && reader->next < reader->end) {
        uint32_t model = model_find(shard, read_sized(reader));

        if (model < model_count(shard)) atomic_store(&shard->model_stopped[model], true);
    }
}

/* --- in the log ----------------------------------------------------------------------------------------- */

struct model_switch {
    uint32_t model; /* index in the installation */
    bool stopped;
};

/* Another sender's nonsense in the control topic switches nothing. */
static bool switch_parse(struct shard *shard, struct slice text, struct model_switch *found)
{
    struct document document;
    struct json_error error;
    struct slice name;

    if (json_parse(text, &json_limits_default, &shard->arena, &document, &error) != STATUS_OK)
        return false;
    if (document.nodes[0].kind != DOCUMENT_OBJECT) return false;
    uint32_t model = document_member(&document, 0, SLICE("model"));
    uint32_t active = document_member(&document, 0, SLICE("active"));
    if (model == 0 || active == 0) return false;
    if (document.nodes[model].kind != DOCUMENT_STRING &&
        document.nodes[model].kind != DOCUMENT_ESCAPED_STRING)
        return false;
    if (document_string(&document, model, &shard->arena, &name) != STATUS_OK) return false;
    *found = (struct model_switch){model_find(shard, name),
                                   document.nodes[active].kind == DOCUMENT_FALSE};
    return found->model < model_count(shard);
}

static enum status hide(void *context, const struct record *record)
{
    struct shard *shard = context;
    struct model_switch found;

    if (switch_parse(shard, record->value, &found))
        atomic_store(&shard->model_hidden[found.model], found.stopped);
    return STATUS_OK;
}

static enum status stop(void *context, const struct record *record)
{
    struct shard *shard = context;
    struct model_switch found;

    if (switch_parse(shard, record->value, &found))
        atomic_store(&shard->model_stopped[found.model], found.stopped);
    return STATUS_OK;
}

static enum status hide_by(struct shard *shard, const struct log_view *view)
{
    if (view->lsn <= shard->hidden_lsn) return STATUS_OK;
    shard->hidden_lsn = view->lsn;
    return log_view_each(view, shard, hide);
}

enum status shard_switches_step(struct shard *shard, const struct log_view *view)
{
    enum status status = log_view_each(view, shard, stop);

    return status == STATUS_OK ? hide_by(shard, view) : status;
}

enum status shard_switches_open(struct shard *shard, uint64_t lsn)
{
    struct log_reader *reader;
    struct log_view view;
    enum status status =
        log_reader_open(shard->world.log, &shard->world.control_topic_id, 1, lsn, &reader);

    if (status != STATUS_OK) return status;
    for (uint32_t i = 0; i < SHARD_MODELS_MAX; i++)
        atomic_store(&shard->model_hidden[i], atomic_load(&shard->model_stopped[i]));
    shard->hidden_lsn = lsn;
    while ((status = log_reader_next(reader, &view)) == STATUS_OK) {
        arena_reset(&shard->arena);
        status = hide_by(shard, &view);
        if (status != STATUS_OK) break;
    }
    log_reader_close(reader);
    return status == STATUS_AGAIN ? STATUS_OK : status;
}

bool shard_model_is_active(struct shard *shard, struct slice model)
{
    uint32_t found = model_find(shard, model);

    return found < model_count(shard) && shard->world.installation->models[found].model != NULL &&
           !atomic_load(&shard->model_hidden[found]);
}

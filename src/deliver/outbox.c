/* outbox.c - puts, moves and reads entries; every move is one commit. */
#include "deliver/outbox.h"

#include "base/bytes.h"
#include "codec/json.h"
#include "connect/http/outgoing.h"
#include "connect/http/url.h"

enum { KEY_LETTER = 0, KEY_LANE = 1, KEY_LETTER_HEAD = 9 };

static struct slice part(const struct buffer *buffer, size_t from)
{
    return (struct slice){buffer->data + from, buffer->len - from};
}

enum status outbox_put(struct state_txn *txn, const struct entry *entry, struct buffer *scratch)
{
    buffer_clear(scratch);
    entry_write_name(entry->scenario, &entry->identity, scratch);
    size_t name_len = scratch->len;
    entry_write(entry, false, scratch);
    if (scratch->failed) return STATUS_LIMIT;
    return state_put(txn, STATE_OUTBOX, (struct slice){scratch->data, name_len},
                     part(scratch, name_len));
}

static void write_letter_key(const struct entry *dead, struct buffer *out)
{
    uint8_t head[KEY_LETTER_HEAD] = {KEY_LETTER};

    put_be64(head + 1, dead->sequence);
    buffer_append(out, (struct slice){head, sizeof(head)});
    entry_write_name(dead->scenario, &dead->identity, out);
}

enum status dead_letter_put(struct state_txn *txn, const struct entry *dead, struct buffer *scratch)
{
    buffer_clear(scratch);
    write_letter_key(dead, scratch);
    size_t key_len = scratch->len;
    entry_write(dead, true, scratch);
    if (scratch->failed) return STATUS_LIMIT;
    return state_put(txn, STATE_DEAD_LETTERS, (struct slice){scratch->data, key_len},
                     part(scratch, key_len));
}

enum status dead_letter_remove(struct state_txn *txn, const struct entry *entry,
                               struct buffer *scratch)
{
    buffer_clear(scratch);
    write_letter_key(entry, scratch);
    if (scratch->failed) return STATUS_LIMIT;
    return state_remove(txn, STATE_DEAD_LETTERS, buffer_slice(scratch));
}

enum status outbox_remove(struct state_txn *txn, struct slice scenario,
                          const struct identity *identity, struct buffer *scratch)
{
    buffer_clear(scratch);
    entry_write_name(scenario, identity, scratch);
    if (scratch->failed) return STATUS_LIMIT;
    return state_remove(txn, STATE_OUTBOX, buffer_slice(scratch));
}

enum status outbox_get(struct state *state, struct slice scenario, const struct identity *identity,
                       struct arena *arena, struct entry *entry)
{
    struct slice bytes;
    struct buffer name;

    buffer_init(&name, STATE_KEY_BYTES_MAX);
    entry_write_name(scenario, identity, &name);
    enum status status = name.failed
                             ? STATUS_LIMIT
                             : state_get(state, STATE_OUTBOX, buffer_slice(&name), arena, &bytes);
    buffer_deinit(&name);
    if (status != STATUS_OK) return status;
    *entry = (struct entry){.scenario = scenario, .identity = *identity};
    return entry_read(bytes, false, entry);
}

static enum status visit_call(void *context, struct slice key, struct slice bytes)
{
    const struct outbox_visitor *visitor = context;
    struct entry entry = {0};
    enum status status = entry_read_name(key, &entry);

    if (status == STATUS_OK) status = entry_read(bytes, false, &entry);
    return status == STATUS_OK ? visitor->visit(visitor->context, &entry) : status;
}

enum status outbox_scan(struct state *state, const struct outbox_visitor *visitor)
{
    struct outbox_visitor copy = *visitor;

    return state_scan(state, STATE_OUTBOX, (struct slice){0}, &copy, visit_call);
}

static enum status visit_letter(void *context, struct slice key, struct slice bytes)
{
    const struct outbox_visitor *visitor = context;
    struct entry entry = {0};

    if (key.len <= KEY_LETTER_HEAD) return STATUS_CORRUPT;
    struct slice name = {key.data + KEY_LETTER_HEAD, key.len - KEY_LETTER_HEAD};
    enum status status = entry_read_name(name, &entry);
    if (status == STATUS_OK) status = entry_read(bytes, true, &entry);
    return status == STATUS_OK ? visitor->visit(visitor->context, &entry) : status;
}

enum status dead_letters_scan(struct state *state, const struct outbox_visitor *visitor)
{
    static const uint8_t prefix[] = {KEY_LETTER};
    struct outbox_visitor copy = *visitor;

    return state_scan(state, STATE_DEAD_LETTERS, (struct slice){prefix, 1}, &copy, visit_letter);
}

/* --- lanes with dead letters ----------------------------------------------------------------------- */

static void write_lane_key(const struct entry *entry, struct buffer *out)
{
    uint8_t node[4];

    put_be32(node, entry->node);
    buffer_append_byte(out, KEY_LANE);
    buffer_append(out, entry->scenario);
    buffer_append_byte(out, '\0');
    buffer_append(out, (struct slice){node, sizeof(node)});
    buffer_append(out, entry->coalescing_key);
}

enum status lane_set_newest(struct state_txn *txn, const struct entry *entry,
                            struct buffer *scratch)
{
    uint8_t sequence[8];

    put_le64(sequence, entry->sequence);
    buffer_clear(scratch);
    write_lane_key(entry, scratch);
    if (scratch->failed) return STATUS_LIMIT;
    return state_put(txn, STATE_DEAD_LETTERS, buffer_slice(scratch),
                     (struct slice){sequence, sizeof(sequence)});
}

enum status dead_letter_superseded(struct state *state, const struct entry *dead,
                                   struct arena *arena, bool *superseded)
{
    struct slice bytes;
    struct buffer key;

    *superseded = false;
    if (dead->coalescing_key.len == 0) return STATUS_OK;
    buffer_init(&key, STATE_KEY_BYTES_MAX);
    write_lane_key(dead, &key);
    enum status status =
        key.failed ? STATUS_LIMIT
                   : state_get(state, STATE_DEAD_LETTERS, buffer_slice(&key), arena, &bytes);
    buffer_deinit(&key);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status == STATUS_OK && bytes.len != 8) status = STATUS_CORRUPT;
    if (status == STATUS_OK) *superseded = get_le64(bytes.data) > dead->sequence;
    return status;
}

/* --- one dead letter ------------------------------------------------------------------------------- */

struct search {
    struct entry wanted; /* scenario and identity */
    struct arena *arena;
    struct entry *found;
    bool done;
};

static enum status copy_entry(const struct entry *entry, struct arena *arena, struct entry *copy)
{
    struct slice *const parts[] = {&copy->scenario, &copy->coalescing_key, &copy->origin,
                                   &copy->request, &copy->error};
    enum status status = STATUS_OK;

    *copy = *entry;
    for (size_t i = 0; i < COUNT_OF(parts) && status == STATUS_OK; i++)
        status = arena_copy(arena, *parts[i], parts[i]);
    return status;
}

static bool same_identity(const struct identity *left, const struct identity *right)
{
    return left->topic_id == right->topic_id && left->partition == right->partition &&
           left->offset == right->offset && left->path_len == right->path_len &&
           memcmp(left->path, right->path, left->path_len) == 0;
}

static enum status search_visit(void *context, const struct entry *entry)
{
    struct search *search = context;

    if (search->done || !slice_equal(entry->scenario, search->wanted.scenario) ||
        !same_identity(&entry->identity, &search->wanted.identity))
        return STATUS_OK;
    search->done = true;
    return copy_entry(entry, search->arena, search->found);
}

enum status dead_letter_find(struct state *state, struct slice id, struct arena *arena,
                             struct entry *dead)
{
    struct search search = {.arena = arena, .found = dead};
    size_t at = id.len;

    while (at > 0 && id.data[at - 1] != '/')
        at--;
    if (at == 0) return STATUS_NOT_FOUND;
    search.wanted.scenario = (struct slice){id.data, at - 1};
    struct slice identity = {id.data + at, id.len - at};
    if (identity_from_text(identity, &search.wanted.identity) != STATUS_OK) return STATUS_NOT_FOUND;
    enum status status = dead_letters_scan(state, &(struct outbox_visitor){&search, search_visit});
    return status == STATUS_OK && !search.done ? STATUS_NOT_FOUND : status;
}

enum status dead_letter_replay(struct state *state, const struct entry *dead, bool force,
                               struct arena *arena)
{
    struct entry entry = *dead;
    struct state_txn *txn;
    struct buffer scratch;
    bool superseded;
    enum status status = dead_letter_superseded(state, dead, arena, &superseded);

    if (status == STATUS_OK && superseded && !force) return STATUS_INVALID;
    if (status == STATUS_OK) status = state_begin(state, &txn);
    if (status != STATUS_OK) return status;
    buffer_init(&scratch, OUTBOX_BYTES_MAX);
    entry.flags |= ENTRY_REPLAYED;
    status = outbox_put(txn, &entry, &scratch);
    if (status == STATUS_OK) status = dead_letter_remove(txn, dead, &scratch);
    buffer_deinit(&scratch);
    if (status == STATUS_OK) return state_commit(txn);
    state_abort(txn);
    return status;
}

/* Origin and path: a query may carry keys. */
static void write_address(const struct entry *dead, struct arena *arena, struct buffer *json)
{
    struct outgoing outgoing;
    struct url url;
    const char *why;
    struct slice shown = dead->origin;

    if (outgoing_read(dead->request, arena, &outgoing, &why) == STATUS_OK &&
        url_read(outgoing.url, arena, &url, &why) == STATUS_OK) {
        const uint8_t *query = memchr(url.path.data, '?', url.path.len);
        const char *joined;

        if (query != NULL) url.path.len = (size_t)(query - url.path.data);
        if (url_join(url.origin, url.path, arena, &joined) == STATUS_OK) shown = slice_of(joined);
    }
    json_write_string(shown, json);
}

void dead_letter_write_id(const struct entry *dead, struct buffer *out)
{
    buffer_append(out, dead->scenario);
    buffer_append_byte(out, '/');
    identity_to_text(&dead->identity, out);
}

void dead_letter_write(const struct entry *dead, bool superseded, struct arena *arena,
                       struct buffer *json)
{
    struct buffer id;

    buffer_init(&id, STATE_KEY_BYTES_MAX);
    dead_letter_write_id(dead, &id);
    buffer_append_text(json, "{\"id\":");
    json_write_string(buffer_slice(&id), json);
    buffer_deinit(&id);
    buffer_append_text(json, ",\"scenario\":");
    json_write_string(dead->scenario, json);
    buffer_append_text(json, ",\"node\":");
    buffer_append_u64(json, dead->node);
    buffer_append_text(json, ",\"url\":");
    write_address(dead, arena, json);
    buffer_append_text(json, ",\"attempts\":");
    buffer_append_u64(json, dead->attempts);
    buffer_append_text(json, ",\"error\":");
    json_write_string(dead->error, json);
    buffer_append_text(json, ",\"time\":");
    buffer_append_i64(json, dead->died_ms);
    buffer_append_text(json, superseded ? ",\"superseded\":true}" : ",\"superseded\":false}");
}

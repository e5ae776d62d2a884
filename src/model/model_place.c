/* model_place.c - see model_place.h. */
#include "model/model_place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "model/model_room.h"
#include "model/parts.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096, JOINED_BYTES_MAX = 2 * 4096, MESSAGE_BYTES_MAX = 64 * 1024 };
#define KEPT_BYTES_MAX ((size_t)16 << 30)

static const char *const kind_names[] = {
    [MODEL_KIND_SLIREC] = "a SLi-Rec",
    [MODEL_KIND_SASREC] = "a SASRec",
    [MODEL_KIND_INDEX] = "an index of clicks",
};

static enum status refuse(const char *directory, const char *what, struct buffer *message)
{
    buffer_append_text(message, directory);
    buffer_append_text(message, ": ");
    buffer_append_text(message, what);
    return STATUS_INVALID;
}

/* --- what stands there -------------------------------------------------------------------------- */

/* Files of any kind of model, and what a write of one that was killed left. */
static bool is_part(struct slice name)
{
    static const char *const names[] = {
        "headrace.json", "weights.safetensors", "items.json",
        "cates.json",    "item_category.json",  "products.json",
        "MLmodel",       "index.bin",           "card.md",
        "checkpoint",
    };

    if (slice_ends_with(name, SLICE(".new"))) name.len -= SLICE(".new").len;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_equal(name, slice_of(names[i]))) return true;
    }
    return false;
}

/* Name of the first entry of a directory that no model has, "" if there is none. The folder `index` counts
 * as a part where it may be one. */
static enum status foreign_find(const char *directory, bool index, struct buffer *name)
{
    DIR *entries = opendir(directory);

    buffer_clear(name);
    if (entries == NULL) return errno == ENOENT ? STATUS_OK : STATUS_IO;
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) { /* NOLINT(*-mt-unsafe) */
        struct slice found = slice_of(entry->d_name);
        bool own = slice_equal(found, SLICE(".")) || slice_equal(found, SLICE("..")) ||
                   slice_starts_with(found, SLICE(".index.new-")) || is_part(found) ||
                   (index && slice_equal(found, SLICE("index")));

        if (own) continue;
        buffer_append(name, found);
        break;
    }
    (void)closedir(entries);
    return name->failed ? STATUS_LIMIT : STATUS_OK;
}

static enum status foreign_check(const char *directory, bool index, struct buffer *message)
{
    struct buffer name;

    buffer_init(&name, PATH_BYTES_MAX);
    enum status status = foreign_find(directory, index, &name);
    if (status != STATUS_OK) {
        (void)refuse(directory, "cannot be looked into: ", message);
        buffer_append_text(message, file_trouble(directory, status));
    } else if (name.len > 0) {
        status = refuse(directory, "\"", message);
        buffer_append(message, buffer_slice(&name));
        buffer_append_text(message,
                           "\" in it is no file of a model, and what stands there is replaced as a "
                           "whole: name another directory, or move that away");
    }
    buffer_deinit(&name);
    return status;
}

/* False: no model that can be told. */
static bool kind_read(const char *directory, enum model_kind *kind, bool *known)
{
    struct document document;
    struct buffer ignored;
    struct arena arena;

    arena_init(&arena, (size_t)PART_JSON_BYTES_MAX);
    buffer_init(&ignored, PATH_BYTES_MAX);
    bool read =
        part_read_object(directory, "headrace.json", &arena, &document, &ignored) == STATUS_OK;
    if (read) {
        uint32_t node = document_member(&document, 0, SLICE("kind"));
        struct slice text = node == 0 ? (struct slice){0} : document_text(&document, node);

        *kind = slice_equal(text, SLICE("index"))    ? MODEL_KIND_INDEX
                : slice_equal(text, SLICE("sasrec")) ? MODEL_KIND_SASREC
                                                     : MODEL_KIND_SLIREC;
        *known = node == 0 || *kind != MODEL_KIND_SLIREC;
    }
    buffer_deinit(&ignored);
    arena_deinit(&arena);
    return read;
}

static enum status kind_check(const char *directory, enum model_kind kind, bool *there,
                              struct buffer *message)
{
    enum model_kind stands = kind;
    bool known = true;

    *there = kind_read(directory, &stands, &known);
    if (stands == kind && known) return STATUS_OK;
    (void)refuse(directory, "is ", message);
    buffer_append_text(message, known ? kind_names[stands] : "a model of another kind");
    buffer_append_text(message, " and would become ");
    buffer_append_text(message, kind_names[kind]);
    buffer_append_text(message, ": name another directory, or remove this one first");
    return STATUS_INVALID;
}

static bool file_is_there(const char *directory, const char *name)
{
    struct buffer path;

    buffer_init(&path, JOINED_BYTES_MAX);
    bool is = access(file_join(&path, directory, name), F_OK) == 0;
    buffer_deinit(&path);
    return is;
}

static enum status parts_check(const char *directory, enum model_kind kind, bool *there,
                               struct buffer *message)
{
    struct buffer index;

    if (strlen(directory) >= PATH_BYTES_MAX) {
        (void)refuse("a directory's name", "is too long", message);
        return STATUS_LIMIT;
    }
    enum status status = foreign_check(directory, kind != MODEL_KIND_INDEX, message);
    buffer_init(&index, JOINED_BYTES_MAX);
    const char *beside = file_join(&index, directory, "index");
    if (status == STATUS_OK && kind != MODEL_KIND_INDEX && file_is_directory(beside))
        status = foreign_check(beside, false, message);
    buffer_deinit(&index);
    return status == STATUS_OK ? kind_check(directory, kind, there, message) : status;
}

/* What a killed run left may be put back by the beginning. */
static enum status change_begin(const char *directory, enum model_kind kind, bool *there,
                                struct directory_change *change, struct buffer *message)
{
    bool stood = file_is_directory(directory);
    enum status status = stood ? parts_check(directory, kind, there, message) : STATUS_OK;

    if (status != STATUS_OK) return status;
    status = directory_change_begin(directory, change);
    if (status != STATUS_OK) {
        (void)refuse(directory, directory_trouble(status), message);
    } else if (!stood && file_is_directory(directory)) {
        status = parts_check(directory, kind, there, message);
        if (status != STATUS_OK) directory_change_end(change);
    }
    return status;
}

enum status model_place_check(const char *directory, enum model_kind kind, bool *there,
                              struct buffer *message)
{
    struct directory_change change;
    bool model = false;
    enum status status = change_begin(directory, kind, &model, &change, message);

    if (status != STATUS_OK) return status;
    directory_change_end(&change);
    if (there != NULL) *there = model || file_is_there(directory, "checkpoint");
    return STATUS_OK;
}

/* --- writing ------------------------------------------------------------------------------------ */

enum status model_place_begin(const char *directory, enum model_kind kind,
                              struct model_place *place, struct buffer *message)
{
    bool there;

    *place = (struct model_place){.directory = directory, .kind = kind};
    enum status status = change_begin(directory, kind, &there, &place->change, message);
    if (status != STATUS_OK) return status;
    buffer_init(&place->path, JOINED_BYTES_MAX);
    buffer_init(&place->other, JOINED_BYTES_MAX);
    return STATUS_OK;
}

const char *model_place_fresh(const struct model_place *place)
{
    return directory_change_fresh(&place->change);
}

enum status model_place_keep(struct model_place *place, const char *name, struct buffer *message)
{
    const char *from = file_join(&place->path, place->directory, name);
    enum status status =
        file_share(from, file_join(&place->other, model_place_fresh(place), name), KEPT_BYTES_MAX);

    if (status == STATUS_OK || status == STATUS_NOT_FOUND) return STATUS_OK;
    (void)refuse(from, "cannot be kept: ", message);
    buffer_append_text(message, status_meaning(status));
    return status;
}

void model_place_end(struct model_place *place)
{
    directory_change_end(&place->change);
    buffer_deinit(&place->path);
    buffer_deinit(&place->other);
}

/* --- taking the place --------------------------------------------------------------------------- */

/* The index that was made for the model that stands there. False: there is none, or it cannot be taken. */
static bool index_take(struct model_place *place)
{
    static const char *const parts[] = {"headrace.json", "index.bin"};
    struct buffer ignored;
    bool taken = place->kind != MODEL_KIND_INDEX &&
                 file_is_directory(file_join(&place->path, place->directory, "index")) &&
                 file_make_directory(file_join(&place->path, model_place_fresh(place), "index"),
                                     FILE_DIRECTORY) == STATUS_OK;

    buffer_init(&ignored, MESSAGE_BYTES_MAX);
    for (size_t i = 0; taken && i < COUNT_OF(parts); i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "index/%s", parts[i]);
        taken = model_place_keep(place, name, &ignored) == STATUS_OK;
    }
    buffer_deinit(&ignored);
    return taken;
}

static void index_drop(struct model_place *place)
{
    directory_remove(file_join(&place->path, model_place_fresh(place), "index"));
}

/* "models/slirec" of "models/slirec/index" where that is a trained model; false: the place is none beside a model. */
static bool owner_find(struct model_place *place, struct buffer *owner)
{
    struct slice text = slice_of((const char *)place->change.place.data);
    enum model_kind kind = MODEL_KIND_INDEX;
    bool known = false;

    if (place->kind != MODEL_KIND_INDEX) return false;
    buffer_clear(owner);
    if (slice_equal(text, SLICE("index"))) {
        buffer_append_text(owner, ".");
    } else if (slice_ends_with(text, SLICE("/index")) && text.len > SLICE("/index").len) {
        buffer_append(owner, (struct slice){text.data, text.len - SLICE("/index").len});
    } else {
        return false;
    }
    buffer_append_byte(owner, '\0');
    return !owner->failed && kind_read((const char *)owner->data, &kind, &known) && known &&
           kind != MODEL_KIND_INDEX;
}

/* Opens what was written as it will stand: an index of a model with that model. */
static enum status fresh_open(struct model_place *place, struct model **model,
                              struct buffer *message)
{
    struct buffer owner;

    buffer_init(&owner, PATH_BYTES_MAX);
    bool owned = owner_find(place, &owner);
    enum status status =
        owned ? model_read((const char *)owner.data, model_place_fresh(place), model, message)
              : model_read(model_place_fresh(place), NULL, model, message);
    buffer_deinit(&owner);
    return status;
}

static void note(const struct model_place *place, const char *what, struct buffer *notes)
{
    buffer_append_text(notes, place->directory);
    buffer_append_text(notes, what);
}

/* With the index of the model that stands there, if the new one can use it. */
static enum status fresh_judge(struct model_place *place, struct buffer *notes,
                               struct buffer *message)
{
    struct model *model = NULL;
    bool index = index_take(place);
    enum status status = fresh_open(place, &model, message);

    if (index && status != STATUS_OK) {
        note(place, "/index is not kept: ", notes);
        buffer_append(notes, buffer_slice(message));
        buffer_append_text(notes, "; `headrace model index` makes one\n");
        buffer_clear(message);
        index_drop(place);
        status = fresh_open(place, &model, message);
    } else if (index) {
        note(place, "/index is kept; `headrace model index` makes it anew from later clicks\n",
             notes);
    }
    if (!index) index_drop(place);
    if (status != STATUS_OK) return status;
    status = model_suits(model, notes, message);
    model_close(model);
    return status;
}

static void tell_gone(struct model_place *place, struct buffer *notes)
{
    static const char *const extras[] = {"checkpoint", "card.md"};

    for (size_t i = 0; i < COUNT_OF(extras); i++) {
        if (!file_is_there(place->directory, extras[i]) ||
            file_is_there(model_place_fresh(place), extras[i]))
            continue;
        note(place, "/", notes);
        buffer_append_text(notes, extras[i]);
        buffer_append_text(notes, " was of the model before, and goes with it\n");
    }
}

enum status model_place_take(struct model_place *place, const char *made_of, struct buffer *message)
{
    struct buffer notes;
    struct buffer trouble;

    buffer_init(&notes, MESSAGE_BYTES_MAX);
    buffer_init(&trouble, MESSAGE_BYTES_MAX);
    enum status status = fresh_judge(place, &notes, &trouble);
    if (status != STATUS_OK) {
        buffer_append_text(message, made_of);
        buffer_append(message, buffer_slice(&trouble));
    } else {
        tell_gone(place, &notes);
        status = directory_change_commit(&place->change);
        if (status != STATUS_OK) {
            (void)refuse(place->directory, directory_trouble(status), message);
        } else {
            buffer_append(message, buffer_slice(&notes));
        }
    }
    buffer_deinit(&trouble);
    buffer_deinit(&notes);
    return status;
}

/* model_import.c - exported parts become a model directory; no pickle is ever read. */
#include <unistd.h>

#include "base/hash.h"
#include "codec/json.h"
#include "model/inventory.h"
#include "model/learned.h"
#include "model/model_place.h"
#include "model/model_room.h"
#include "model/parts.h"
#include "model/seals.h"
#include "sys/file.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 };

static const char mlmodel_head[] =
    "# The signature of a SLi-Rec served in process; written by `headrace model import`.\n"
    "flavors:\n"
    "  headrace:\n"
    "    data: headrace.json\n"
    "model_id: ";
static const char mlmodel_tail[] =
    "\n"
    "signature:\n"
    "  inputs: '[{\"type\": \"string\", \"name\": \"userId\", \"required\": true},\n"
    "    {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"items\", "
    "\"required\": "
    "true},\n"
    "    {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"timestamps\", "
    "\"required\": true}]'\n"
    "  outputs: '[{\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"name\": \"itemIds\", "
    "\"required\": true},\n"
    "    {\"type\": \"array\", \"items\": {\"type\": \"double\"}, \"name\": \"preds\", "
    "\"required\": true}]'\n"
    "  params: null\n";

struct import {
    const char *source;
    const char *directory; /* where the parts are written */
    enum model_precision precision;
    struct buffer *message;
    struct arena arena;
    struct buffer bytes;  /* the part in hand */
    struct buffer path;   /* where it goes */
    uint64_t fingerprint; /* of the parts copied so far */
    struct model_manner manner;
    struct learned learned;
    struct seals seals;
};

static enum status write_part(struct import *import, const char *name)
{
    const char *file = file_join(&import->path, import->directory, name);
    enum status status = file_write(file, buffer_slice(&import->bytes));

    if (status != STATUS_OK) {
        buffer_append_text(import->message, file);
        buffer_append_text(import->message, ": cannot be written: ");
        buffer_append_text(import->message, status_meaning(status));
    }
    return status;
}

/* A source's file that is not there: what a source has, and what it may have instead. */
static enum status refuse_missing(struct import *import, const char *name)
{
    static const char *const pickles[] = {"python_model.pkl", "model.pkl"};

    buffer_append_text(import->message, file_join(&import->path, import->source, name));
    buffer_append_text(import->message,
                       ": no such file; a source has weights.safetensors, hparams.json, "
                       "vocab_items.json, vocab_cates.json and vocab_item_category.json");
    for (size_t i = 0; i < COUNT_OF(pickles); i++) {
        if (access(file_join(&import->path, import->source, pickles[i]), F_OK) != 0) continue;
        buffer_append_text(import->message, "; ");
        buffer_append_text(import->message, pickles[i]);
        buffer_append_text(import->message, " is a pickle, which would run code and is never "
                                            "read: export the weights where it was made");
    }
    return STATUS_NOT_FOUND;
}

static bool part_is_missing(struct import *import, const char *name)
{
    return access(file_join(&import->path, import->source, name), F_OK) != 0;
}

static enum status copy_part(struct import *import, const char *from, const char *to)
{
    if (part_is_missing(import, from)) return refuse_missing(import, from);
    enum status status = part_read(import->source, from, &import->bytes, import->message);
    if (status != STATUS_OK) {
        part_place(import->source, 0, import->message);
        return status;
    }
    import->fingerprint = hash_bytes(buffer_slice(&import->bytes), import->fingerprint);
    if (strcmp(to, "MLmodel") != 0) seals_add(&import->seals, to, buffer_slice(&import->bytes));
    return write_part(import, to);
}

static enum status read_manner(struct import *import)
{
    static const char name[] = "hparams.json";
    struct document document;

    if (part_is_missing(import, name)) return refuse_missing(import, name);
    enum status status =
        part_read_object(import->source, name, &import->arena, &document, import->message);
    if (status == STATUS_OK) status = model_settings_check(name, &document, 0, import->message);
    if (status == STATUS_OK)
        status = model_manner_read(name, &document, &import->manner, import->message);
    if (status != STATUS_OK) part_place(import->source, 0, import->message);
    if (status == STATUS_OK) (void)learned_read(&document, &import->learned);
    return status;
}

/* Of hparams.json only what the arithmetic depends on. */
static enum status write_settings(struct import *import)
{
    const struct model_manner manner = import->manner;
    const struct learned learned = import->learned;
    struct buffer *out = &import->bytes;

    buffer_clear(out);
    buffer_append_text(out, "{\n \"format\": 1,\n \"arithmetic\": \"");
    buffer_append_text(out, manner.fixed ? "fixed" : "compat");
    buffer_append_text(out, "\",\n \"order\": \"");
    buffer_append_text(out, manner.by_time ? "time" : "given");
    if (manner.seconds) buffer_append_text(out, "\",\n \"times\": \"seconds");
    if (import->precision == MODEL_BF16) buffer_append_text(out, "\",\n \"precision\": \"bf16");
    buffer_append_text(out, "\",\n ");
    if (learned.clicks > 0) {
        learned_write(&learned, out);
        buffer_append_text(out, ",\n ");
    }
    buffer_append_text(out, "\"hyper_parameters\": {\n");
    for (size_t i = 0; i < MODEL_SETTINGS; i++) {
        buffer_append_text(out, "  \"");
        buffer_append_text(out, model_settings[i].name);
        buffer_append_text(out, "\": ");
        buffer_append_text(out, model_settings[i].json);
        buffer_append_text(out, i + 1 < MODEL_SETTINGS ? ",\n" : "\n },\n ");
    }
    seals_write(&import->seals, out);
    buffer_append_text(out, "\n}\n");
    return write_part(import, "headrace.json");
}

/* The inventory's handles and product ids, or an empty object. */
static enum status write_products(struct import *import, const char *inventory)
{
    struct document document;
    struct buffer *out = &import->bytes;
    uint32_t products = 0;

    if (inventory == NULL) {
        buffer_clear(out);
        buffer_append_text(out, "{}\n");
        return write_part(import, "products.json");
    }
    enum status status =
        inventory_read(inventory, &import->arena, &document, &products, import->message);
    if (status != STATUS_OK) return status;
    buffer_clear(out);
    json_write_document(&document, products, 1, out);
    buffer_append_byte(out, '\n');
    return write_part(import, "products.json");
}

static enum status write_mlmodel(struct import *import)
{
    static const char digits[] = "0123456789abcdef";
    const char *given = file_join(&import->path, import->source, "MLmodel");

    if (access(given, F_OK) == 0) return copy_part(import, "MLmodel", "MLmodel");
    buffer_clear(&import->bytes);
    buffer_append_text(&import->bytes, mlmodel_head);
    buffer_append_text(&import->bytes, "slirec-");
    for (int shift = 60; shift >= 0; shift -= 4)
        buffer_append_byte(&import->bytes, (uint8_t)digits[(import->fingerprint >> shift) & 15]);
    buffer_append_text(&import->bytes, mlmodel_tail);
    return write_part(import, "MLmodel");
}

static enum status write_parts(struct import *import, const char *inventory)
{
    static const struct {
        const char *from;
        const char *to;
    } parts[] = {
        {"weights.safetensors", "weights.safetensors"},
        {"vocab_items.json", "items.json"},
        {"vocab_cates.json", "cates.json"},
        {"vocab_item_category.json", "item_category.json"},
    };
    enum status status = read_manner(import);

    for (size_t i = 0; status == STATUS_OK && i < COUNT_OF(parts); i++)
        status = copy_part(import, parts[i].from, parts[i].to);
    if (status == STATUS_OK) status = write_products(import, inventory);
    if (status == STATUS_OK) status = write_mlmodel(import);
    return status == STATUS_OK ? write_settings(import) : status;
}

bool model_precision_find(const char *name, enum model_precision *precision)
{
    static const char *const names[] = {[MODEL_FLOAT32] = "float32", [MODEL_BF16] = "bf16"};

    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        *precision = (enum model_precision)i;
        if (strcmp(name, names[i]) == 0) return true;
    }
    return false;
}

enum status model_parts_write(const struct model_parts *parts, struct buffer *message)
{
    struct import import = {.source = parts->source,
                            .directory = parts->directory,
                            .precision = parts->precision,
                            .message = message};

    arena_init(&import.arena, 4 * (size_t)PART_JSON_BYTES_MAX);
    buffer_init(&import.bytes, PART_WEIGHTS_BYTES_MAX);
    buffer_init(&import.path, 4096);
    enum status status = write_parts(&import, parts->inventory);
    buffer_deinit(&import.path);
    buffer_deinit(&import.bytes);
    arena_deinit(&import.arena);
    return status;
}

static enum status import_into(struct model_place *place, struct model_parts *parts,
                               struct buffer *message)
{
    struct buffer made_of;

    parts->directory = model_place_fresh(place);
    enum status status = model_parts_write(parts, message);
    if (status != STATUS_OK) return status;
    buffer_init(&made_of, MESSAGE_BYTES_MAX);
    buffer_append_text(&made_of, parts->source);
    buffer_append_text(&made_of,
                       " makes no model (its vocab_items.json is items.json, and so on): ");
    buffer_append_byte(&made_of, '\0');
    status = model_place_take(place, made_of.failed ? "" : (const char *)made_of.data, message);
    buffer_deinit(&made_of);
    return status;
}

enum status model_import(const char *source, const char *directory, const char *inventory,
                         enum model_precision precision, struct buffer *message)
{
    struct model_parts parts = {.source = source, .inventory = inventory, .precision = precision};
    struct model_place place;
    struct buffer said; /* what the caller has said before stays apart */

    buffer_init(&said, MESSAGE_BYTES_MAX);
    enum status status = model_place_begin(directory, MODEL_KIND_SLIREC, &place, &said);
    if (status == STATUS_OK) {
        status = import_into(&place, &parts, &said);
        model_place_end(&place);
    }
    buffer_append(message, buffer_slice(&said));
    buffer_deinit(&said);
    return status;
}

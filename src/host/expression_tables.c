/* expression_tables.c - reads the time zones of the system and the dictionaries of a configuration. */
#include "host/expression_tables.h"

#include "codec/json.h"
#include "sys/file.h"
#include "sys/zoneinfo.h"

enum { DICTIONARY_BYTES_MAX = 4 << 20 };

static void say(struct buffer *message, const struct slice *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buffer_append(message, parts[i]);
}

#define SAY(message, ...)                             \
    say(message, (const struct slice[]){__VA_ARGS__}, \
        sizeof((const struct slice[]){__VA_ARGS__}) / sizeof(struct slice))

/* --- zones -------------------------------------------------------------------------------------------- */

/* A system without tables is no failure: scenarios may not need them, and those that do say so. */
static enum status load_zones(struct arena *arena, struct zones *zones, struct buffer *message)
{
    enum status status = zoneinfo_load(ZONEINFO_DIRECTORY, arena, zones);

    if (status == STATUS_OK || status == STATUS_NOT_FOUND) return STATUS_OK;
    SAY(message, SLICE(ZONEINFO_DIRECTORY),
        SLICE(": the time zone tables cannot be read; reinstall tzdata"));
    return status;
}

/* A zone that nobody knows would fail every event that asks for it. */
static enum status set_zone(const struct config *config, struct zones *zones,
                            struct buffer *message)
{
    struct slice name = slice_of(config->expressions.zone);
    struct zone_id_room room;
    struct zone zone;

    if (zone_read(zones, name, &room, &zone) != ZONE_GOOD) {
        SAY(message, slice_of(config->path), SLICE(": expressions.zone: there is no time zone \""),
            name,
            zones->count == 0 ? SLICE("\"; the tables of " ZONEINFO_DIRECTORY
                                      " are missing: install tzdata or give an offset")
                              : SLICE("\"; names are like Europe/Warsaw, UTC or +02:00"));
        return STATUS_INVALID;
    }
    zones->default_id = name;
    return STATUS_OK;
}

/* --- dictionaries -------------------------------------------------------------------------------------- */

static enum class_id keys_of(const struct config_dictionary *row)
{
    return strcmp(row->keys, "Long") == 0      ? CLASS_Long
           : strcmp(row->keys, "Boolean") == 0 ? CLASS_Boolean
                                               : CLASS_String;
}

static void say_fault(const struct config_dictionary *row, struct slice text,
                      const struct dictionary_fault *fault, struct buffer *message)
{
    uint32_t line;
    uint32_t column;

    json_position(text, fault->at, &line, &column);
    SAY(message, slice_of(row->file), SLICE(":"));
    buffer_append_u64(message, line);
    buffer_append_byte(message, ':');
    buffer_append_u64(message, column);
    SAY(message, SLICE(": the dictionary "), slice_of(row->name), SLICE(": "), fault->why);
}

static enum status load_dictionary(const struct config_dictionary *row, struct arena *arena,
                                   struct dictionary *dictionary, struct buffer *message)
{
    struct dictionary_fault fault = {0};
    struct buffer text;
    struct slice kept = {0};

    buffer_init(&text, DICTIONARY_BYTES_MAX);
    enum status status = file_read(row->file, &text);
    if (status != STATUS_OK) {
        SAY(message, slice_of(row->file), SLICE(": the dictionary "), slice_of(row->name),
            SLICE(" cannot be read: "), slice_of(file_trouble(row->file, status)));
    } else {
        status = arena_copy(arena, buffer_slice(&text), &kept);
    }
    buffer_deinit(&text);
    if (status != STATUS_OK) return status;
    status = dictionary_read(slice_of(row->name), keys_of(row), kept, arena, dictionary, &fault);
    if (status != STATUS_OK) say_fault(row, kept, &fault, message);
    return status;
}

enum status expression_tables_load(const struct config *config, struct arena *arena,
                                   struct expression_tables *tables, struct buffer *message)
{
    struct dictionary *items = arena_zalloc(arena, config->dictionary_count, sizeof(*items));

    *tables = (struct expression_tables){0};
    if (items == NULL) return STATUS_LIMIT;
    enum status status = load_zones(arena, &tables->zones, message);
    if (status == STATUS_OK) status = set_zone(config, &tables->zones, message);
    for (uint32_t i = 0; i < config->dictionary_count && status == STATUS_OK; i++)
        status = load_dictionary(&config->dictionaries[i], arena, &items[i], message);
    tables->dictionaries = (struct dictionaries){items, config->dictionary_count};
    return status;
}

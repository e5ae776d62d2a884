/* config_value.c - one value of a configuration: read and judged by its row's kind.
 *
 * What can be known from the file alone is judged here, so that it is told with line and column and
 * before anything is opened. */
#include <stdio.h>

#include "host/config_reading.h"

/* --- quantities ------------------------------------------------------------------------------------ */

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit byte_units[] = {
    {"", 1},
    {"B", 1},
    {"KiB", 1 << 10},
    {"MiB", 1 << 20},
    {"GiB", 1 << 30},
    {"TiB", INT64_C(1) << 40},
    {0},
};
static const struct unit duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {0},
};
static const struct unit plain_units[] = {{"", 1}, {0}};

static bool read_quantity(const char *text, const struct unit *units, int64_t *value)
{
    size_t digits = strspn(text, "0123456789");

    if (slice_to_i64((struct slice){(const uint8_t *)text, digits}, value) != STATUS_OK)
        return false;
    for (const struct unit *unit = units; unit->name != NULL; unit++) {
        if (strcmp(unit->name, text + digits) == 0) {
            return !__builtin_mul_overflow(*value, unit->factor, value);
        }
    }
    return false;
}

static enum status set_quantity(struct config_reading *reading, const struct config_row *row,
                                void *target, const char *text, const yaml_mark_t *mark)
{
    const struct unit *units = plain_units;
    const char *form = "must be a whole number, not";
    int64_t value = 0;

    if (row->kind == CONFIG_BYTES) {
        units = byte_units;
        form = "must be a size such as 64KiB, 1MiB or 2GiB, not";
    } else if (row->kind == CONFIG_DURATION) {
        units = duration_units;
        form = "must be a duration such as 250ms, 5s, 10m, 1h or 7d, not";
    }
    if (!read_quantity(text, units, &value)) return config_complain(reading, mark, form, text);
    if (value < row->min || value > row->max) {
        char bounds[96];

        (void)snprintf(bounds, sizeof(bounds), "must be between %lld and %lld%s, not",
                       (long long)row->min, (long long)row->max,
                       row->kind == CONFIG_DURATION ? " ms" : "");
        return config_complain(reading, mark, bounds, text);
    }
    memcpy(target, &value, sizeof(value));
    return STATUS_OK;
}

/* --- texts ------------------------------------------------------------------------------------------ */

/* As topics are named: letters, digits, '.', '_' and '-'; names with '_' in front are our own. */
static bool is_topic_name(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(text);

    return len > 0 && len <= CONFIG_TOPIC_NAME_MAX && text[0] != '_' &&
           strspn(text, allowed) == len;
}

/* "127.0.0.1:8080", "[::1]:8080", ":8080" */
static bool is_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    int64_t port = 0;

    if (colon == NULL || !read_quantity(colon + 1, plain_units, &port)) return false;
    return port <= UINT16_MAX;
}

/* "/a/b": two segments */
static bool is_tracker_path(const char *text)
{
    const char *second = text[0] == '/' ? strchr(text + 1, '/') : NULL;

    return second != NULL && second > text + 1 && second[1] != '\0' &&
           strchr(second + 1, '/') == NULL && strpbrk(text, "?# ") == NULL;
}

static bool is_origin(const char *text)
{
    size_t scheme = strncmp(text, "https://", 8) == 0  ? 8
                    : strncmp(text, "http://", 7) == 0 ? 7
                                                       : 0;

    return scheme > 0 && text[scheme] != '\0' && strpbrk(text + scheme, "?# ") == NULL;
}

static bool is_outcome(const char *text)
{
    return strcmp(text, "error") == 0 || strcmp(text, "empty") == 0;
}

static bool is_model_name(const char *text)
{
    const char *slash = strrchr(text, '/');

    return slash != NULL && slash > text && slash[1] != '\0';
}

static bool is_variable_name(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

    return strspn(text, letters) > 0 &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] ==
               '\0';
}

static bool is_key_class(const char *text)
{
    return strcmp(text, "String") == 0 || strcmp(text, "Long") == 0 || strcmp(text, "Boolean") == 0;
}

struct form {
    bool (*holds)(const char *text);
    const char *form; /* said when it does not */
    bool may_be_empty;
};

static const struct form *form_of(enum config_kind kind)
{
    static const struct form topic = {
        is_topic_name,
        "must be a topic name (letters, digits, '.', '_', '-', no '_' in front), not", true};
    static const struct form address = {
        is_address, "must be an address such as 127.0.0.1:8080, [::1]:8080 or :8080, not", false};
    static const struct form origin = {
        is_origin, "must be an http or https address such as https://shop.example, not", true};
    static const struct form outcome = {is_outcome, "must be error or empty, not", false};
    static const struct form model = {is_model_name,
                                      "must be name/version as the scenario names it, not", false};
    static const struct form variable = {
        is_variable_name, "must be a name of letters, digits and '_', no digit in front, not",
        false};
    static const struct form keys = {is_key_class, "must be String, Long or Boolean, not", false};
    static const struct form path = {is_tracker_path,
                                     "must be a path of two segments such as /a/b, not", false};

    switch (kind) {
    case CONFIG_TOPIC: return &topic;
    case CONFIG_ADDRESS: return &address;
    case CONFIG_ORIGIN: return &origin;
    case CONFIG_OUTCOME: return &outcome;
    case CONFIG_MODEL: return &model;
    case CONFIG_VARIABLE: return &variable;
    case CONFIG_KEYS: return &keys;
    case CONFIG_TRACKER_PATHS: return &path;
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION:
    case CONFIG_SWITCH:
    case CONFIG_SECRET:
    case CONFIG_SECRET_HEADERS: return NULL;
    }
    UNREACHABLE("configuration kind outside the enum");
}

static enum status judge(struct config_reading *reading, enum config_kind kind, const char *text,
                         const yaml_mark_t *mark)
{
    const struct form *form = form_of(kind);

    if (form == NULL || (text[0] == '\0' && form->may_be_empty) || form->holds(text))
        return STATUS_OK;
    return config_complain(reading, mark, form->form, text);
}

/* Whether the secret is declared is known when the whole file has been read. */
static enum status ask_secret(struct config_reading *reading, const char *name,
                              const yaml_mark_t *mark)
{
    if (name[0] == '\0') return STATUS_OK;
    if (reading->asked_count == CONFIG_ITEMS_MAX)
        return config_complain(reading, mark, "one secret too many:", name);
    reading->asked[reading->asked_count++] = (struct config_asked){name, *mark};
    return STATUS_OK;
}

static enum status set_text(struct config_reading *reading, const struct config_row *row,
                            void *target, const char *text)
{
    char *copy;
    bool relative =
        row->kind == CONFIG_PATH && text[0] != '\0' && text[0] != '/' && reading->folder != NULL;

    if (relative) {
        size_t len = strlen(reading->folder) + strlen(text) + 1;

        copy = arena_alloc(&reading->config->arena, len + 1, 1);
        if (copy == NULL) return STATUS_LIMIT;
        (void)snprintf(copy, len + 1, "%s/%s", reading->folder, text);
    } else {
        copy = config_keep(reading->config, text, strlen(text));
        if (copy == NULL) return STATUS_LIMIT;
    }
    memcpy(target, &copy, sizeof(copy));
    return STATUS_OK;
}

/* --- any ------------------------------------------------------------------------------------------- */

static enum status set_switch(struct config_reading *reading, void *target, const char *text,
                              const yaml_mark_t *mark)
{
    bool on = strcmp(text, "true") == 0;

    if (!on && strcmp(text, "false") != 0)
        return config_complain(reading, mark, "must be true or false, not", text);
    memcpy(target, &on, sizeof(on));
    return STATUS_OK;
}

static enum status set_judged_text(struct config_reading *reading, const struct config_row *row,
                                   void *target, const char *text, const yaml_mark_t *mark)
{
    const char *kept;
    enum status status = mark == NULL ? STATUS_OK : judge(reading, row->kind, text, mark);

    if (status == STATUS_OK) status = set_text(reading, row, target, text);
    if (status != STATUS_OK || row->kind != CONFIG_SECRET || mark == NULL) return status;
    memcpy(&kept, target, sizeof(kept));
    return ask_secret(reading, kept, mark);
}

enum status config_set(struct config_reading *reading, const struct config_row *row, void *item,
                       const char *text, const yaml_mark_t *mark)
{
    void *target = (uint8_t *)item + row->offset;

    switch (row->kind) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_TOPIC:
    case CONFIG_ADDRESS:
    case CONFIG_ORIGIN:
    case CONFIG_OUTCOME:
    case CONFIG_MODEL:
    case CONFIG_VARIABLE:
    case CONFIG_KEYS:
    case CONFIG_SECRET: return set_judged_text(reading, row, target, text, mark);
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION: return set_quantity(reading, row, target, text, mark);
    case CONFIG_SWITCH: return set_switch(reading, target, text, mark);
    case CONFIG_TRACKER_PATHS:
    case CONFIG_SECRET_HEADERS:
        return config_complain(reading, mark, "must be a mapping, not", text);
    }
    UNREACHABLE("configuration kind outside the enum");
}

enum status config_judge_name(struct config_reading *reading, enum config_kind kind,
                              const char *name, const yaml_mark_t *mark)
{
    if (name[0] == '\0') return config_complain(reading, mark, "a name is missing", NULL);
    return judge(reading, kind, name, mark);
}

enum status config_judge_pair(struct config_reading *reading, enum config_kind kind,
                              const struct config_pair *pair, const yaml_mark_t *name_mark,
                              const yaml_mark_t *value_mark)
{
    enum status status = judge(reading, kind, pair->name, name_mark);

    if (status == STATUS_OK) status = judge(reading, kind, pair->value, value_mark);
    if (status == STATUS_OK && kind == CONFIG_SECRET_HEADERS)
        status = ask_secret(reading, pair->value, value_mark);
    return status;
}

/* members.c - what there is to suggest at a place: variables, fields, rows of the method
 * tables, classes, words. Rows that are typed but not computed are not offered.
 */
#include "expr/complete/room.h"
#include "expr/methods/methods.h"

struct named {
    const char *name;
    const char *meaning;
};

static bool next_is(const struct completing *work, uint8_t byte)
{
    uint32_t at = work->place.to;

    return at < work->text.len && work->text.data[at] == byte;
}

static struct complete_suggestion suggestion_at(const struct completing *work,
                                                enum complete_kind kind, struct slice label)
{
    return (struct complete_suggestion){.kind = kind,
                                        .label = label,
                                        .insert = label,
                                        .from = work->place.from,
                                        .to = work->place.to};
}

static bool matches(const struct completing *work, struct slice name)
{
    return rank_of(name, work->prefix) != RANK_NONE;
}

/* --- variables ---------------------------------------------------------------------------------------- */

/* The name comes with its # where a value may begin. */
static void offer_variable(struct completing *work, enum complete_kind kind, struct slice name,
                           const struct type *type, const char *doc)
{
    struct slice parts[] = {SLICE("#"), name};

    if (!matches(work, name)) return;
    struct slice label = complete_join(work, parts, COUNT_OF(parts));
    struct complete_suggestion suggestion = suggestion_at(work, kind, label);
    if (work->place.kind == AT_NAME) suggestion.insert = name;
    suggestion.type = complete_display(work, type, false);
    suggestion.doc = slice_of(doc);
    offer(work, &suggestion, name);
}

static void offer_variables(struct completing *work)
{
    static const struct {
        struct named named;
        enum class_id class_id;
    } helpers[] = {
#define HELPER(name, class_name, meaning) {{#name, meaning}, CLASS_##class_name},
#include "expr/methods/helper_objects.def"
#undef HELPER
    };
    const struct expr_scope *scope = work->request->scope;
    const struct type *element = work->place.stand.element;

    if (element != NULL) {
        offer_variable(work, COMPLETE_KIND_variable, SLICE("this"), element, "the item at hand");
    }
    for (uint32_t i = 0; i < scope->count; i++) {
        const struct expr_variable *variable = &scope->variables[i];
        offer_variable(work, COMPLETE_KIND_variable, variable->name, variable->type,
                       complete_type_doc(variable->type));
    }
    for (size_t i = 0; i < COUNT_OF(helpers); i++) {
        offer_variable(work, COMPLETE_KIND_helper, slice_of(helpers[i].named.name),
                       type_of_class(helpers[i].class_id), helpers[i].named.meaning);
    }
    for (uint32_t i = 0; scope->dictionaries != NULL && i < scope->dictionaries->count; i++) {
        struct slice id = scope->dictionaries->items[i].id;
        const struct type *type = type_dict(id, work->arena);
        if (type == NULL) {
            work->failed = true;
            return;
        }
        offer_variable(work, COMPLETE_KIND_variable, id, type, complete_type_doc(type));
    }
    if (scope->aggregators) {
        offer_variable(work, COMPLETE_KIND_helper, SLICE("AGG"), type_of_class(CLASS_aggregates),
                       "aggregates of a window: sum, list, map");
    }
}

/* --- fields -------------------------------------------------------------------------------------------- */

static bool is_identifier(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.data[i];
        bool letter = ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || byte == '_' || byte == '$';
        if (!letter && (i == 0 || byte < '0' || byte > '9')) return false;
    }
    return name.len > 0;
}

/* 'name', or only its end where a quote stands already; quotes inside are written twice. */
static struct slice quoted(struct completing *work, struct slice name)
{
    uint8_t open = work->place.kind == AT_KEY ? work->place.quote : 0;
    uint8_t quote = open != 0 ? open : '\'';
    uint8_t *text = arena_alloc(work->arena, name.len * 2 + 3, 1);
    size_t len = 0;

    if (text == NULL) {
        work->failed = true;
        return (struct slice){0};
    }
    if (open == 0) text[len++] = quote;
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == quote) text[len++] = quote;
        text[len++] = name.data[i];
    }
    if (open == 0 || !next_is(work, quote)) {
        text[len++] = quote;
        if (open != 0 && !next_is(work, ']')) text[len++] = ']';
    }
    return (struct slice){text, len};
}

/* How a name is written where the caret is; false: it cannot be. */
static bool set_key(struct completing *work, struct slice name,
                    struct complete_suggestion *suggestion)
{
    if (work->place.kind == AT_KEY) {
        suggestion->insert = quoted(work, name);
    } else if (!is_identifier(name)) {
        /* No dot can be written before such a name: brackets take the dot's place. */
        if (work->place.kind != AT_MEMBER || work->place.safe) return false;
        struct slice parts[] = {SLICE("["), quoted(work, name), SLICE("]")};
        suggestion->insert = complete_join(work, parts, COUNT_OF(parts));
        while (suggestion->from > 0 && work->text.data[suggestion->from] != '.')
            suggestion->from--;
    }
    return true;
}

static void offer_field(struct completing *work, const struct type_field *field)
{
    struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_field, field->name);

    if (!matches(work, field->name) || !set_key(work, field->name, &suggestion)) return;
    suggestion.type = complete_display(work, field->type, false);
    suggestion.doc = slice_of(complete_type_doc(field->type));
    offer(work, &suggestion, field->name);
}

/* A key of a dictionary is found by its label too, and explained by it. */
static void offer_entry(struct completing *work, const struct dictionary_entry *entry,
                        enum class_id keys)
{
    struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_key, entry->key);

    if (!set_key(work, entry->key, &suggestion)) return;
    suggestion.type = slice_of(class_infos[keys].name);
    suggestion.doc = entry->label;
    offer(work, &suggestion,
          rank_of(entry->label, work->prefix) < rank_of(entry->key, work->prefix) ? entry->label
                                                                                  : entry->key);
}

static void offer_entries(struct completing *work, const struct type *type)
{
    const struct dictionary *dictionary =
        dictionary_find(work->request->scope->dictionaries, value_text(type->value));

    for (uint32_t i = 0; dictionary != NULL && i < dictionary->count; i++)
        offer_entry(work, &dictionary->entries[i], dictionary->keys);
}

static void offer_fields(struct completing *work, const struct type *type)
{
    for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->count; i++)
        offer_fields(work, type->parameters[i]);
    if (type->kind == TYPE_DICT) offer_entries(work, type);
    if (type->kind != TYPE_RECORD) return;
    for (uint32_t i = 0; i < type->count; i++)
        offer_field(work, &type->fields[i]);
}

/* --- methods ------------------------------------------------------------------------------------------- */

static void offer_row(struct completing *work, const struct method *row,
                      const struct type *receiver)
{
    struct slice name = slice_of(row->name);
    struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_method, name);

    if (row->run == method_unavailable || !matches(work, name)) return;
    const struct type *result = typer_row_result(&work->typer, row, receiver);
    if (result == NULL) return;
    suggestion.type = complete_display(work, result, false);
    suggestion.doc = slice_of(row->meaning);
    if (row_is_constant(row)) {
        suggestion.kind = COMPLETE_KIND_constant;
    } else if (row_is_property(row)) {
        suggestion.kind = COMPLETE_KIND_property;
    } else {
        struct slice parts[] = {name, SLICE("()")};
        suggestion.signature = row_signature(work, row, suggestion.type);
        if (!next_is(work, '(')) suggestion.insert = complete_join(work, parts, COUNT_OF(parts));
    }
    offer(work, &suggestion, name);
}

static void offer_rows(struct completing *work, const struct type *receiver, bool static_context)
{
    enum method_place place = static_context ? PLACE_STATIC : PLACE_INSTANCE;
    enum class_id class_id = type_class_id(receiver);
    const struct method *row;

    if (receiver->kind == TYPE_NULL || receiver->kind == TYPE_DICT) return;
    for (uint32_t i = 0; (row = method_row(i)) != NULL && !work->failed; i++) {
        if (method_offered(row, class_id, place)) offer_row(work, row, receiver);
    }
}

static void offer_members(struct completing *work, const struct type *receiver, bool static_context)
{
    uint32_t count = receiver->kind == TYPE_UNION ? receiver->count : 1;

    for (uint32_t i = 0; i < count; i++) {
        const struct type *member =
            receiver->kind == TYPE_UNION ? receiver->parameters[i] : receiver;
        if (!static_context) offer_fields(work, member);
        offer_rows(work, member, static_context);
    }
}

static void offer_aggregators(struct completing *work)
{
    static const struct named rows[] = {
#define AGGREGATOR(name, meaning) {#name, meaning},
#include "expr/aggregators.def"
#undef AGGREGATOR
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice name = slice_of(rows[i].name);
        struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_property, name);
        suggestion.type = slice_of(class_infos[CLASS_Aggregator].name);
        suggestion.doc = slice_of(rows[i].meaning);
        if (slice_equal(name, SLICE("map"))) {
            suggestion.kind = COMPLETE_KIND_method;
            suggestion.signature = SLICE("map(Record): Aggregator");
            if (!next_is(work, '(')) suggestion.insert = SLICE("map()");
        }
        offer(work, &suggestion, name);
    }
}

static void offer_steps(struct completing *work)
{
    const struct stand *stand = &work->place.stand;
    bool aggregators = work->request->scope->aggregators && stand->before != NULL &&
                       stand->before->kind == NODE_VARIABLE &&
                       slice_equal(stand->before->name, SLICE("AGG"));

    if (aggregators) {
        offer_aggregators(work);
    } else {
        offer_members(work, stand->receiver, stand->static_context);
    }
}

/* --- classes and words ---------------------------------------------------------------------------------- */

static bool has_rows(enum class_id class_id, enum method_place place)
{
    const struct method *row;

    for (uint32_t i = 0; (row = method_row(i)) != NULL; i++) {
        if (method_offered(row, class_id, place) && row->run != method_unavailable) return true;
    }
    return false;
}

/* Found by the full name and by the simple one. */
static void offer_class(struct completing *work, enum class_id class_id)
{
    const struct class_info *info = &class_infos[class_id];
    struct slice name = slice_of(info->java_name);
    struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_class, name);
    enum method_place place = work->place.kind == AT_CLASS ? PLACE_STATIC : PLACE_NEW;

    if (class_is_helper(class_id) || class_id == CLASS_Array || !method_class_known(class_id)) {
        return;
    }
    if (!has_rows(class_id, place)) return;
    suggestion.type = slice_of(info->name);
    suggestion.doc = slice_of(info->meaning);
    struct slice simple = slice_of(info->name);
    offer(work, &suggestion,
          rank_of(simple, work->prefix) < rank_of(name, work->prefix) ? simple : name);
}

enum word_place { WORD_VALUE, WORD_BETWEEN };

static void offer_words(struct completing *work, enum word_place place)
{
    static const struct {
        enum word_place place;
        const char *insert;
        struct named named;
    } words[] = {
#define COMPLETE_WORD(place, word, insert, meaning) {WORD_##place, insert, {word, meaning}},
#include "expr/complete/complete.def"
#undef COMPLETE_WORD
    };

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct slice word = slice_of(words[i].named.name);
        struct complete_suggestion suggestion = suggestion_at(work, COMPLETE_KIND_keyword, word);
        if (words[i].place != place) continue;
        suggestion.insert = slice_of(words[i].insert);
        suggestion.doc = slice_of(words[i].named.meaning);
        offer(work, &suggestion, word);
    }
}

static void offer_values(struct completing *work)
{
    const struct type *element = work->place.stand.element;

    if (element != NULL) offer_members(work, element, false);
    offer_variables(work);
    offer_words(work, WORD_VALUE);
}

/* --- the place ------------------------------------------------------------------------------------------ */

void offer_place(struct completing *work)
{
    switch (work->place.kind) {
    case AT_NOTHING: return;
    case AT_NAME: offer_variables(work); return;
    case AT_MEMBER: offer_steps(work); return;
    case AT_KEY:
        offer_fields(work, work->place.stand.keyed);
        if (work->place.quote == 0) offer_values(work);
        return;
    case AT_VALUE: offer_values(work); return;
    case AT_BETWEEN: offer_words(work, WORD_BETWEEN); return;
    case AT_CLASS:
    case AT_CLASS_NEW:
        for (uint32_t i = 0; i < CLASS_COUNT; i++)
            offer_class(work, (enum class_id)i);
        return;
    }
    UNREACHABLE("place outside the enum");
}

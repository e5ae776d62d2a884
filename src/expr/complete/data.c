/* data.c - suggestions in the languages that are JSON: literals as they are, tables with
 * their own keys and classes, dictionary keys as a whole. */
#include "expr/complete/json.h"

/* --- tables ----------------------------------------------------------------------------------------- */

/* {"columns": [{"name", "type"}], "rows": [[...]]} as a type. */
static const struct type *table_type(struct arena *arena)
{
    const struct type *text = type_of_class(CLASS_String);
    struct type_field column[] = {{SLICE("name"), text}, {SLICE("type"), text}};
    const struct type *record = type_record(column, COUNT_OF(column), arena);
    const struct type *columns = record != NULL ? type_list(record, arena) : NULL;
    const struct type *row = type_list(text, arena);
    const struct type *rows = row != NULL ? type_list(row, arena) : NULL;
    struct type_field table[] = {{SLICE("columns"), columns}, {SLICE("rows"), rows}};

    return columns != NULL && rows != NULL ? type_record(table, COUNT_OF(table), arena) : NULL;
}

static bool is_column_type(const struct json_place *place)
{
    return place->depth == 3 && slice_equal(place->levels[0].key, SLICE("columns")) &&
           slice_equal(place->levels[2].key, SLICE("type"));
}

static void offer_cell_classes(struct completing *work)
{
    static const enum class_id classes[] = {CLASS_String,     CLASS_Boolean,   CLASS_Integer,
                                            CLASS_Float,      CLASS_Double,    CLASS_BigInteger,
                                            CLASS_BigDecimal, CLASS_LocalDate, CLASS_LocalDateTime};

    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        const struct class_info *info = &class_infos[classes[i]];
        struct slice name = slice_of(info->java_name);
        struct slice simple = slice_of(info->name);
        struct complete_suggestion suggestion = json_suggestion(
            work, COMPLETE_KIND_class, name, json_text(work, SLICE(""), name, SLICE("")));
        suggestion.type = simple;
        suggestion.doc = slice_of(info->meaning);
        offer(work, &suggestion,
              rank_of(simple, work->prefix) < rank_of(name, work->prefix) ? simple : name);
    }
}

/* --- dictionary keys ---------------------------------------------------------------------------------- */

/* An entry is chosen as a whole: it takes the place of the text. */
static void offer_entries(struct completing *work, const struct json_place *place)
{
    const struct complete_request *request = work->request;
    const struct dictionary *dictionary =
        dictionary_find(request->scope->dictionaries, request->dictionary);

    if (dictionary == NULL) return;
    json_set_span(work, place);
    if (!place->in_string && place->depth > 0) work->prefix = (struct slice){0};
    work->place.from = 0;
    work->place.to = (uint32_t)work->text.len;
    for (uint32_t i = 0; i < dictionary->count; i++) {
        const struct dictionary_entry *entry = &dictionary->entries[i];
        struct slice key = json_text(work, SLICE("{\"key\":"), entry->key, SLICE(",\"label\":"));
        struct complete_suggestion suggestion = json_suggestion(
            work, COMPLETE_KIND_key, entry->label, json_text(work, key, entry->label, SLICE("}")));
        struct slice doc[] = {SLICE("the key "), entry->key};
        suggestion.type = slice_of(class_infos[dictionary->keys].name);
        suggestion.doc = complete_join(work, doc, COUNT_OF(doc));
        offer(work, &suggestion,
              rank_of(entry->key, work->prefix) < rank_of(entry->label, work->prefix)
                  ? entry->key
                  : entry->label);
    }
}

/* --- the languages ------------------------------------------------------------------------------------ */

void complete_json(struct completing *work, struct complete_hover *hover)
{
    struct json_place place;
    enum expr_language language = work->request->language;
    const struct type *wanted =
        language == EXPR_TABULAR ? table_type(work->arena) : work->request->expected;

    json_walk(work, &place, wanted);
    if (language == EXPR_DICT_KEY) {
        offer_entries(work, &place);
    } else {
        json_set_span(work, &place);
        if (language == EXPR_TABULAR && is_column_type(&place) && !place.key &&
            (place.in_string || place.free)) {
            offer_cell_classes(work);
        } else {
            json_offer(work, &place, wanted);
        }
    }
    json_hover(work, hover);
}

/* components.c - the rows. Names of parameters are those of existing files: an interface. */
#include "scenario/components.h"

#include "scenario/scenario.h"

#define NO_MORE_PARAMETERS \
    {                      \
        0                  \
    }

static const struct component_parameter filter_parameters[] = {
    {"$expression", CLASS_Boolean, 0, NULL, NULL, "events go on where this is true"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter variable_parameters[] = {
    {"$expression", CLASS_Object, 0, NULL, NULL, "the variable's value"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter no_parameters[] = {NO_MORE_PARAMETERS};

static const struct component_parameter kafka_source_parameters[] = {
    {"Topic", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL,
     "where events come from"},
    {"Schema version", CLASS_String, PARAMETER_EAGER, "'latest'", NULL,
     "of a topic with a schema: 'latest' or a number"},
    {"Content type", CLASS_String, PARAMETER_EAGER, "'JSON'", "JSON|PLAIN",
     "of a topic without a schema: how its values are read"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter kafka_sink_parameters[] = {
    {"Topic", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL, "where records go"},
    {"Schema version", CLASS_String, PARAMETER_EAGER, "'latest'", NULL,
     "of a topic with a schema: 'latest' or a number"},
    {"Content type", CLASS_String, PARAMETER_EAGER, "'JSON'", "JSON|PLAIN",
     "of a topic without a schema: how values are written"},
    {"Key", CLASS_CharSequence, PARAMETER_OPTIONAL, "", NULL, "the record's key; blank: none"},
    {"Raw editor", CLASS_Boolean, PARAMETER_EAGER, "false", NULL,
     "false: one parameter for each field of the schema; true: one value"},
    {"Value validation mode", CLASS_String, PARAMETER_EAGER, "'strict'", "strict|lax",
     "strict: types must match the schema; lax: unknown ones are checked when written"},
    {"Value", CLASS_Object, 0, NULL, NULL, "the record's value; null: no record is written"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter sliding_parameters[] = {
    {"groupBy", CLASS_CharSequence, 0, NULL, NULL, "the key; events are aggregated for each key"},
    {"aggregator", CLASS_Object, PARAMETER_EAGER, NULL, NULL,
     "how: #AGG.sum, #AGG.map({...}), ..."},
    {"aggregateBy", CLASS_Object, 0, NULL, NULL, "what: the element each event adds"},
    {"windowLength", CLASS_Duration, PARAMETER_EAGER, NULL, NULL, "how far back, in whole minutes"},
    {"emitWhenEventLeft", CLASS_Boolean, PARAMETER_EAGER, "false", NULL,
     "also emit when an event leaves the window"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter model_parameters[] = {
    {"Model", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL,
     "name in the registry"},
    {"Version", CLASS_String, PARAMETER_EAGER | PARAMETER_NOT_BLANK, NULL, NULL,
     "version in the registry"},
    {"Raw editor", CLASS_Boolean, PARAMETER_EAGER, "false", NULL,
     "false: one parameter for each input of the model's signature"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter http_parameters[] = {
    {"URL", CLASS_String, 0, NULL, NULL, "where the request goes"},
    {"Path Segments", CLASS_List, PARAMETER_OPTIONAL, "", NULL, "appended to the URL, encoded"},
    {"Query Parameters", CLASS_List, PARAMETER_OPTIONAL, "", NULL, "list of {name, value}"},
    {"HTTP Method", CLASS_String, PARAMETER_EAGER, "'GET'", "GET|POST|PUT|DELETE|PATCH|HEAD",
     "of the request"},
    {"Headers", CLASS_List, PARAMETER_OPTIONAL, "", NULL, "list of {name, value}"},
    {"Body Type", CLASS_String, PARAMETER_EAGER, "'None'", "JSON|Plain Text|None",
     "how Body is written"},
    {"Body", CLASS_Object, PARAMETER_OPTIONAL, "", NULL,
     "of the request, unless Body Type is 'None'"},
    {"Error Strategy", CLASS_String, PARAMETER_EAGER, "'Accept Only 2xx'", "Accept Only 2xx",
     "which answers are failures of the event"},
    NO_MORE_PARAMETERS,
};

static const struct component_parameter debug_parameters[] = {
    {"Value", CLASS_Object, PARAMETER_OPTIONAL, "", NULL, "what to show; blank: every variable"},
    NO_MORE_PARAMETERS,
};

const struct component components[] = {
    {"filter", COMPONENT_BUILT_IN, PLAN_FILTER, "base", false, filter_parameters, NULL,
     "lets events through where a condition holds"},
    {"variable", COMPONENT_BUILT_IN, PLAN_VARIABLE, "base", false, variable_parameters, NULL,
     "names a value"},
    {"record-variable", COMPONENT_BUILT_IN, PLAN_RECORD, "base", false, no_parameters, NULL,
     "names a record of values"},
    {"choice", COMPONENT_BUILT_IN, PLAN_CHOICE, "base", false, no_parameters, NULL,
     "sends an event to the first case that holds"},
    {"split", COMPONENT_BUILT_IN, PLAN_SPLIT, "base", false, no_parameters, NULL,
     "sends an event to every branch"},
    {"kafka", COMPONENT_SOURCE, PLAN_SOURCE, "sources", true, kafka_source_parameters, NULL,
     "reads a topic"},
    {"kafka", COMPONENT_SINK, PLAN_SINK, "sinks", true, kafka_sink_parameters, NULL,
     "writes to a topic"},
    {"dead-end", COMPONENT_SINK, PLAN_DEAD_END, "sinks", false, no_parameters, NULL,
     "ends events without a trace"},
    {"debug", COMPONENT_SINK, PLAN_DEBUG, "sinks", false, debug_parameters, NULL,
     "shows a value in the log and to who watches"},
    {"aggregate-sliding", COMPONENT_CUSTOM, PLAN_SLIDING, "custom", false, sliding_parameters, NULL,
     "aggregates what the last while brought, for each key"},
    {"*-mlflow", COMPONENT_SERVICE, PLAN_CALL, "enrichers", true, model_parameters, NULL,
     "asks a model; the answer is a record of its outputs"},
    {"http", COMPONENT_SERVICE, PLAN_CALL, "enrichers", true, http_parameters, NULL,
     "sends an HTTP request; the answer is {request, response}"},
};
const uint32_t component_count = (uint32_t)COUNT_OF(components);

static bool row_matches(const struct component *row, enum component_role role, struct slice id)
{
    struct slice pattern = slice_of(row->id);

    if (row->role != role) return false;
    if (pattern.data[0] != '*') return slice_equal(pattern, id);
    pattern.data++;
    pattern.len--;
    return id.len > pattern.len && slice_ends_with(id, pattern);
}

const struct component *component_find(const struct scenario_environment *environment,
                                       enum component_role role, struct slice id)
{
    for (uint32_t i = 0; environment != NULL && i < environment->component_count; i++) {
        if (row_matches(&environment->components[i], role, id)) return &environment->components[i];
    }
    for (uint32_t i = 0; i < component_count; i++) {
        if (row_matches(&components[i], role, id)) return &components[i];
    }
    return NULL;
}

const struct component_parameter *component_parameter(const struct component *component,
                                                      const char *name)
{
    for (const struct component_parameter *row = component->parameters; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) return row;
    }
    UNREACHABLE("a parameter the component's rows do not have");
}

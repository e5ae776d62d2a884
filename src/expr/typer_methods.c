/* typer_methods.c - types of calls: which rows fit the arguments, and what they give.
 *
 * All rows that fit count; the result is one of theirs. When none fits, the message lists them all.
 */
#include "expr/typer.h"

enum { SIGNATURES_BYTES_MAX = 16 * 1024, PARAMETERS_MAX = 8 };

/* --- signatures ----------------------------------------------------------------------------------- */

struct signature {
    const struct type *parameters[PARAMETERS_MAX];
    uint32_t count;
    const struct type *variable; /* NULL: none */
};

/* Splits "A, Map[B,C]" at the commas outside brackets. */
static struct slice next_parameter(struct slice *rest)
{
    uint32_t depth = 0;
    size_t end = 0;

    while (end < rest->len && (depth > 0 || rest->data[end] != ',')) {
        if (rest->data[end] == '[') depth++;
        if (rest->data[end] == ']') depth--;
        end++;
    }
    struct slice parameter = {rest->data, end};
    size_t skip = end;
    while (skip < rest->len && (rest->data[skip] == ',' || rest->data[skip] == ' '))
        skip++;
    *rest = (struct slice){rest->data + skip, rest->len - skip};
    return parameter;
}

static const struct type *read_type(struct typer *typer, struct slice text)
{
    const struct type *type = NULL;

    if (type_from_text(text, typer->arena, &type) != STATUS_OK) {
        /* Rows may name types that no value has (MathContext): nothing fits them. */
        return &type_null;
    }
    return type;
}

static void read_signature(struct typer *typer, const struct method *row,
                           struct signature *signature)
{
    struct slice rest = slice_of(row->parameters);

    *signature = (struct signature){0};
    while (rest.len > 0) {
        ASSERT(signature->count < PARAMETERS_MAX);
        signature->parameters[signature->count++] = read_type(typer, next_parameter(&rest));
    }
    if (row->variable != NULL) signature->variable = read_type(typer, slice_of(row->variable));
}

static bool arguments_fit(const struct signature *signature, const struct type_call *call)
{
    if (call->count < signature->count) return false;
    if (call->count > signature->count && signature->variable == NULL) return false;
    for (uint32_t i = 0; i < call->count; i++) {
        const struct type *wanted =
            i < signature->count ? signature->parameters[i] : signature->variable;
        if (!type_assignable(call->arguments[i], wanted)) return false;
    }
    return true;
}

/* --- rows of a receiver ---------------------------------------------------------------------------- */

static enum method_place place_of(const struct type_call *call)
{
    return call->static_context ? PLACE_STATIC : PLACE_INSTANCE;
}

/* Walks the rows of all classes a receiver may have. */
struct row_walk {
    const struct type_call *call;
    const struct type *const *members;
    uint32_t member_count;
    uint32_t member;
    uint32_t index;
};

static const struct method *next_row(struct row_walk *walk)
{
    while (walk->member < walk->member_count) {
        enum class_id class_id = type_class_id(walk->members[walk->member]);
        const struct method *row =
            method_find(class_id, place_of(walk->call), walk->call->name, walk->index++);
        if (row != NULL) return row;
        walk->member++;
        walk->index = 0;
    }
    return NULL;
}

static struct row_walk walk_rows(const struct type_call *call)
{
    struct row_walk walk = {.call = call, .members = &call->receiver, .member_count = 1};

    if (call->receiver->kind == TYPE_UNION) {
        walk.members = call->receiver->parameters;
        walk.member_count = call->receiver->count;
    }
    return walk;
}

/* --- messages -------------------------------------------------------------------------------------- */

static void append_found(const struct type_call *call, struct buffer *text)
{
    buffer_append(text, call->name);
    buffer_append_byte(text, '(');
    for (uint32_t i = 0; i < call->count; i++) {
        if (i > 0) buffer_append_text(text, ", ");
        type_to_text(call->arguments[i], true, text);
    }
    buffer_append_byte(text, ')');
}

static void append_required(const struct method *row, struct buffer *text)
{
    buffer_append_text(text, row->name);
    buffer_append_byte(text, '(');
    buffer_append_text(text, row->parameters);
    if (row->variable != NULL) {
        if (row->parameters[0] != '\0') buffer_append_text(text, ", ");
        buffer_append_text(text, row->variable);
        buffer_append_text(text, "...");
    }
    buffer_append_byte(text, ')');
}

static void fail_mismatch(struct typer *typer, const struct type_call *call)
{
    struct row_walk walk = walk_rows(call);
    const struct method *row;
    struct buffer text;
    bool first = true;

    buffer_init(&text, SIGNATURES_BYTES_MAX);
    buffer_append_text(&text, "Mismatch parameter types. Found: ");
    append_found(call, &text);
    buffer_append_text(&text, ". Required: ");
    while ((row = next_row(&walk)) != NULL) {
        if (!first) buffer_append_text(&text, " or ");
        append_required(row, &text);
        first = false;
    }
    struct slice whole = buffer_slice(&text);
    typer_fail(typer, call->node, "%", &whole, 1);
    buffer_deinit(&text);
}

static void append_class_name(enum class_id class_id, struct buffer *text)
{
    if (class_id == CLASS_Object) {
        buffer_append_text(text, "Unknown");
    } else {
        type_to_text(type_of_class(class_id), false, text);
    }
}

static void fail_unknown(struct typer *typer, const struct type_call *call)
{
    struct row_walk walk = walk_rows(call);
    struct buffer text;

    buffer_init(&text, SIGNATURES_BYTES_MAX);
    for (uint32_t i = 0; i < walk.member_count; i++) {
        if (i > 0) buffer_append_text(&text, ", ");
        if (walk.members[i]->kind == TYPE_DICT) {
            type_to_text(walk.members[i], false, &text);
        } else {
            append_class_name(type_class_id(walk.members[i]), &text);
        }
    }
    struct slice parts[] = {call->name, buffer_slice(&text)};
    typer_fail(typer, call->node, "Unknown method '%' in %", parts, COUNT_OF(parts));
    buffer_deinit(&text);
}

/* --- results --------------------------------------------------------------------------------------- */

static const struct type *row_result(struct typer *typer, const struct method *row,
                                     const struct type_call *call, const char **message)
{
    if (row->result[0] == '@') return type_rule(typer, row->result + 1, call, message);
    return read_type(typer, slice_of(row->result));
}

const struct type *type_call_result(struct typer *typer, const struct type_call *call)
{
    enum { RESULTS_MAX = 32 };
    const struct type *results[RESULTS_MAX];
    struct row_walk walk = walk_rows(call);
    const char *message = NULL;
    const struct method *row;
    uint32_t count = 0;
    bool any = false;

    while ((row = next_row(&walk)) != NULL && count < RESULTS_MAX) {
        struct signature signature;
        any = true;
        read_signature(typer, row, &signature);
        if (!arguments_fit(&signature, call)) continue;
        results[count] = row_result(typer, row, call, &message);
        if (results[count] != NULL) count++;
    }
    if (!any) return NULL;
    if (count > 0) return typer_need(typer, type_union(results, count, typer->arena));
    if (message != NULL && call->property) return NULL;
    if (message != NULL) {
        typer_fail_plain(typer, call->node, message);
    } else {
        fail_mismatch(typer, call);
    }
    return &type_unknown;
}

/* --- nodes ----------------------------------------------------------------------------------------- */

static const struct type *const *argument_types(struct typer *typer, struct node *node,
                                                const struct typer_scope *scope)
{
    const struct type **types =
        arena_alloc(typer->arena, (size_t)node->child_count + 1, sizeof(const struct type *));

    type_children(typer, node, scope);
    if (types == NULL) {
        typer->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < node->child_count; i++)
        types[i] = node->children[i]->type;
    return types;
}

static bool all_classes_known(const struct type_call *call)
{
    struct row_walk walk = walk_rows(call);

    for (uint32_t i = 0; i < walk.member_count; i++) {
        if (!method_class_known(type_class_id(walk.members[i]))) return false;
    }
    return true;
}

const struct type *type_method(struct typer *typer, struct node *node,
                               const struct typer_scope *scope)
{
    if (scope == NULL) {
        struct buffer text;
        buffer_init(&text, (size_t)EXPR_TEXT_BYTES_MAX * 2);
        ast_to_text(node, &text);
        struct slice whole = buffer_slice(&text);
        typer_fail(typer, node, "Invalid method reference: %.", &whole, 1);
        buffer_deinit(&text);
    }
    struct type_call call = {.receiver = scope != NULL ? scope->type : &type_unknown,
                             .static_context = scope != NULL && scope->static_context,
                             .name = node->name,
                             .count = node->child_count,
                             .node = node};
    call.arguments = argument_types(typer, node, scope != NULL ? scope->outer : NULL);
    if (call.arguments == NULL) return &type_unknown;
    if (call.receiver->kind == TYPE_NULL) {
        typer_fail_plain(typer, node, "Method invocation on Null is not allowed");
        return &type_unknown;
    }
    if (call.receiver->kind != TYPE_UNKNOWN && !all_classes_known(&call)) return &type_unknown;
    const struct type *result = type_call_result(typer, &call);
    if (result != NULL) return result;
    if (call.receiver->kind == TYPE_UNKNOWN) {
        typer_fail_plain(typer, node, "Method invocation on Unknown is not allowed");
    } else {
        fail_unknown(typer, &call);
    }
    return &type_unknown;
}

const struct type *type_construction(struct typer *typer, struct node *node,
                                     const struct typer_scope *scope)
{
    struct slice java_name = node->name;
    enum class_id class_id;

    type_children(typer, node, scope);
    enum class_exists exists = class_lookup(typer->arena, &java_name, &class_id);
    if (exists == CLASS_ALLOWED) {
        if (node->kind == NODE_NEW) return type_of_class(class_id);
        typer_fail_plain(typer, node, "Array constructor is not supported");
    } else if (exists == CLASS_MISSING) {
        typer_fail_plain(typer, node, "Cannot create instance of unknown class");
    } else {
        typer_fail(typer, node,
                   exists == CLASS_PRIMITIVE ? "Cannot create instance of unknown class %"
                                             : "Cannot create instance of unknown class class %",
                   &java_name, 1);
    }
    return &type_unknown;
}

/* --- classes by name -------------------------------------------------------------------------------- */

static bool name_in(struct slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(name, slice_of(names[i]))) return true;
    }
    return false;
}

/* Without a JVM the classes it would know are judged by their names: packages people try. */
static bool looks_like_jvm_class(struct slice name)
{
    static const char *const packages[] = {"java.", "javax.", "org.springframework.",
                                           "pl.touk.nussknacker.", "scala."};
    const uint8_t *dot = name.data + name.len;

    while (dot > name.data && dot[-1] != '.')
        dot--;
    if (dot == name.data + name.len || *dot < 'A' || *dot > 'Z') return false;
    for (size_t i = 0; i < COUNT_OF(packages); i++) {
        if (slice_starts_with(name, slice_of(packages[i]))) return true;
    }
    return false;
}

static bool prefixed(struct arena *arena, struct slice *name)
{
    struct slice prefix = SLICE("java.lang.");
    uint8_t *full = arena_alloc(arena, prefix.len + name->len, 1);

    if (full == NULL) return false;
    memcpy(full, prefix.data, prefix.len);
    memcpy(full + prefix.len, name->data, name->len);
    *name = (struct slice){full, prefix.len + name->len};
    return true;
}

enum class_exists class_lookup(struct arena *arena, struct slice *name, enum class_id *class_id)
{
    static const char *const primitives[] = {"boolean", "byte",  "char",   "short",
                                             "int",     "float", "double", "long"};
    static const char *const lang[] = {
        "Math",   "System",    "Runtime", "Thread", "ProcessBuilder", "Process",   "Class",
        "Object", "Character", "Void",    "Enum",   "StringBuilder",  "Exception", "ClassLoader"};

    if (name_in(*name, primitives, COUNT_OF(primitives))) return CLASS_PRIMITIVE;
    if (memchr(name->data, '.', name->len) == NULL) {
        struct slice simple = *name;
        if (!prefixed(arena, name)) return CLASS_MISSING;
        bool known = class_find(*name, class_id) == STATUS_OK;
        if (!known && !name_in(simple, lang, COUNT_OF(lang))) {
            *name = simple;
            return CLASS_MISSING;
        }
        return known && method_class_known(*class_id) ? CLASS_ALLOWED : CLASS_FORBIDDEN;
    }
    if (class_find(*name, class_id) == STATUS_OK) {
        return method_class_known(*class_id) ? CLASS_ALLOWED : CLASS_FORBIDDEN;
    }
    return looks_like_jvm_class(*name) ? CLASS_FORBIDDEN : CLASS_MISSING;
}

/* --- signatures for people --------------------------------------------------------------------------- */

const struct type *typer_row_result(struct typer *typer, const struct method *row,
                                    const struct type *receiver)
{
    struct signature signature;
    const char *message = NULL;

    read_signature(typer, row, &signature);
    struct type_call call = {.receiver = receiver,
                             .static_context = row->place == PLACE_STATIC,
                             .name = slice_of(row->name),
                             .arguments = signature.parameters,
                             .count = signature.count};
    const struct type *result = row_result(typer, row, &call, &message);
    if (result != NULL || row->parameters[0] == '\0') return result;
    /* These wait for the literal that names a class; what they answer is known before. */
    return strcmp(row->result, "@can_be") == 0 ? type_of_class(CLASS_Boolean) : &type_unknown;
}

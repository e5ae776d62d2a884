/* typer_operators.c - types of arithmetic, comparison and logic; folds what is known. */
#include "expr/arithmetic.h"
#include "expr/typer.h"

static const struct type *boolean(void)
{
    return type_of_class(CLASS_Boolean);
}

static const struct type *known_boolean(struct typer *typer, bool value)
{
    return typer_need(typer, type_with_value(boolean(), value_boolean(value), typer->arena));
}

static bool is_numeric(const struct type *type)
{
    return type_assignable(type, type_of_class(CLASS_Number));
}

static void fail_two(struct typer *typer, const struct node *node, const char *message)
{
    struct slice parts[] = {slice_of(operator_spelling(node->op)),
                            typer_display(typer, node->children[0]->type),
                            typer_display(typer, node->children[1]->type)};

    typer_fail(typer, node, message, parts, COUNT_OF(parts));
}

static void fail_numeric(struct typer *typer, const struct node *node, const struct type *type)
{
    typer_fail_named(typer, node, "Operator '%' used with non numeric type: %",
                     slice_of(operator_spelling(node->op)), type);
}

/* --- arithmetic ----------------------------------------------------------------------------------- */

/* The text of an operation without its parentheses. */
static struct slice operation_text(struct typer *typer, const struct node *node)
{
    struct slice copy = SLICE("");
    struct buffer text;

    buffer_init(&text, (size_t)EXPR_TEXT_BYTES_MAX * 2);
    ast_to_text(node, &text);
    struct slice whole = buffer_slice(&text);
    if (whole.len >= 2 && arena_copy(typer->arena, (struct slice){whole.data + 1, whole.len - 2},
                                     &copy) != STATUS_OK) {
        typer->failed = true;
    }
    buffer_deinit(&text);
    return copy;
}

static bool fails_by_zero(struct typer *typer, const struct node *node, struct value right)
{
    bool divides = node->op == OPERATOR_DIVIDE;

    if (!divides && node->op != OPERATOR_REMAINDER) return false;
    if (number_to_double(right) != 0) return false;
    struct slice text = operation_text(typer, node);
    typer_fail(typer, node, divides ? "Division by zero: %" : "Taking remainder modulo zero: %",
               &text, 1);
    return true;
}

static const struct type *promote(struct typer *typer, const struct node *node)
{
    enum promotion promotion = node->op == OPERATOR_POWER ? PROMOTION_POWER : PROMOTION_MATH;

    return typer_need(typer, type_promote(node->children[0]->type, node->children[1]->type,
                                          promotion, typer->arena));
}

static const struct type *type_numbers(struct typer *typer, struct node *node)
{
    const struct type *promoted = promote(typer, node);
    struct value left;
    struct value right;
    struct value result;
    const char *why;

    bool known = node->op != OPERATOR_POWER &&
                 type_known(node->children[0]->type, typer->arena, &left) &&
                 type_known(node->children[1]->type, typer->arena, &right);
    if (!known || !value_is_number(left) || !value_is_number(right)) return promoted;
    if (fails_by_zero(typer, node, right)) return promoted;
    if (arithmetic_apply(node->op, left, right, typer->arena, &result, &why) != STATUS_OK) {
        return promoted;
    }
    return typer_need(typer, type_of_value(result, typer->arena));
}

/* Known texts join at once; of numbers and containers Java's text. */
static const struct type *type_concatenation(struct typer *typer, struct node *node)
{
    const struct type *string = type_of_class(CLASS_String);
    struct value left;
    struct value right;
    struct slice copy;
    struct buffer text;

    if (!type_known(node->children[0]->type, typer->arena, &left) ||
        !type_known(node->children[1]->type, typer->arena, &right)) {
        return string;
    }
    buffer_init(&text, EXPR_TEXT_BYTES_MAX);
    value_to_text(left, &text);
    value_to_text(right, &text);
    bool fits = !text.failed && arena_copy(typer->arena, buffer_slice(&text), &copy) == STATUS_OK;
    buffer_deinit(&text);
    return fits ? typer_need(typer, type_of_value(value_string(copy), typer->arena)) : string;
}

static const struct type *type_mismatch(struct typer *typer, struct node *node)
{
    const struct type *left = node->children[0]->type;
    const struct type *right = node->children[1]->type;

    if (node->op == OPERATOR_SUBTRACT && type_equal(left, right)) {
        fail_numeric(typer, node, left);
        return &type_unknown;
    }
    fail_two(typer, node, "Operator '%' used with mismatch types: % and %");
    if (node->op == OPERATOR_ADD || node->op == OPERATOR_SUBTRACT) return &type_unknown;
    return typer_need(typer, type_without_value(typer_common(typer, left, right), typer->arena));
}

static const struct type *type_arithmetic(struct typer *typer, struct node *node)
{
    const struct type *left = node->children[0]->type;
    const struct type *right = node->children[1]->type;

    if (node->op == OPERATOR_ADD) {
        const struct type *string = type_of_class(CLASS_String);
        if (left->kind == TYPE_UNKNOWN || right->kind == TYPE_UNKNOWN) return &type_unknown;
        bool text = (left->kind != TYPE_NULL && type_assignable(left, string)) ||
                    (right->kind != TYPE_NULL && type_assignable(right, string));
        if (text) return type_concatenation(typer, node);
    }
    if (is_numeric(left) && is_numeric(right)) return type_numbers(typer, node);
    return type_mismatch(typer, node);
}

static const struct type *type_unary_number(struct typer *typer, struct node *node)
{
    const struct type *operand = node->children[0]->type;
    struct value value;
    struct value negated;

    if (!is_numeric(operand)) {
        fail_numeric(typer, node, operand);
        return &type_unknown;
    }
    if (node->op == OPERATOR_ADD) return operand;
    if (node->op == OPERATOR_SUBTRACT && operand->kind == TYPE_CLASS &&
        type_known(operand, typer->arena, &value) &&
        arithmetic_negate(value, typer->arena, &negated) == STATUS_OK) {
        return typer_need(typer, type_of_value(negated, typer->arena));
    }
    return typer_need(typer, type_without_value(operand, typer->arena));
}

/* --- comparison and logic ------------------------------------------------------------------------- */

static bool is_known(const struct type *type)
{
    return type->kind == TYPE_CLASS && type->known;
}

/* Two constants are shown by their classes. */
static void forget_values(struct typer *typer, struct node *node)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        struct node *child = node->children[i];
        child->type = typer_need(typer, type_without_value(child->type, typer->arena));
    }
}

static const struct type *type_equality(struct typer *typer, struct node *node)
{
    const struct type *left = node->children[0]->type;
    const struct type *right = node->children[1]->type;
    bool equal;

    if (!type_comparable(left, right, typer->arena)) {
        if (is_known(left) && is_known(right)) forget_values(typer, node);
        fail_two(typer, node, "Operator '%' used with not comparable types: % and %");
        return boolean();
    }
    if (left->kind == TYPE_CLASS && left->known && right->kind == TYPE_CLASS && right->known &&
        values_equal(left->value, right->value, typer->arena, &equal) == STATUS_OK) {
        return known_boolean(typer, equal == (node->op == OPERATOR_EQ));
    }
    return boolean();
}

static bool relation_holds(enum operator op, int order)
{
    if (order == UNORDERED) return false;
    switch ((int)op) {
    case OPERATOR_LT: return order < 0;
    case OPERATOR_LE: return order <= 0;
    case OPERATOR_GT: return order > 0;
    default: return order >= 0;
    }
}

static const struct type *type_relation(struct typer *typer, struct node *node)
{
    struct value left;
    struct value right;
    int order;

    if (!is_numeric(node->children[0]->type) || !is_numeric(node->children[1]->type)) {
        typer_fail_plain(typer, node, "Wrong part types");
        return boolean();
    }
    bool known = type_known(node->children[0]->type, typer->arena, &left) &&
                 type_known(node->children[1]->type, typer->arena, &right) &&
                 value_is_number(left) && value_is_number(right);
    if (known && arithmetic_compare(left, right, typer->arena, &order) == STATUS_OK) {
        return known_boolean(typer, relation_holds(node->op, order));
    }
    return boolean();
}

static bool known_truth(struct typer *typer, const struct type *type, bool *truth)
{
    struct value value;

    if (!type_known(type, typer->arena, &value)) return false;
    *truth = value.kind == VALUE_BOOLEAN && value.boolean;
    return true;
}

static const struct type *type_logic(struct typer *typer, struct node *node)
{
    bool left;
    bool right;

    if (!type_assignable(node->children[0]->type, boolean()) ||
        !type_assignable(node->children[1]->type, boolean())) {
        typer_fail_plain(typer, node, "Wrong part types");
        return boolean();
    }
    if (known_truth(typer, node->children[0]->type, &left) &&
        known_truth(typer, node->children[1]->type, &right)) {
        return known_boolean(typer, node->op == OPERATOR_AND ? left && right : left || right);
    }
    return boolean();
}

static const struct type *type_parts(struct typer *typer, struct node *node,
                                     const struct type *wanted)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        if (type_assignable(node->children[i]->type, wanted)) continue;
        typer_fail_plain(typer, node, "Wrong part types");
        break;
    }
    return boolean();
}

const struct type *type_operator(struct typer *typer, struct node *node,
                                 const struct typer_scope *scope)
{
    type_children(typer, node, scope);
    if (node->child_count == 0) return &type_unknown;
    if (node->kind == NODE_UNARY) {
        return node->op == OPERATOR_NOT ? type_parts(typer, node, boolean())
                                        : type_unary_number(typer, node);
    }
    switch ((int)node->op) {
    case OPERATOR_OR:
    case OPERATOR_AND: return type_logic(typer, node);
    case OPERATOR_EQ:
    case OPERATOR_NE: return type_equality(typer, node);
    case OPERATOR_LT:
    case OPERATOR_LE:
    case OPERATOR_GT:
    case OPERATOR_GE: return type_relation(typer, node);
    case OPERATOR_INSTANCEOF:
    case OPERATOR_BETWEEN: return boolean();
    case OPERATOR_MATCHES: return type_parts(typer, node, type_of_class(CLASS_String));
    default: return type_arithmetic(typer, node);
    }
}

/* languages.h - between expr.c and the rooms of the other languages. */
#pragma once
#include "expr/code.h"

/* Parses and types SpEL; `offset` is where the text begins in what the user wrote.
 * fails    INVALID with problems added; LIMIT likewise */
enum status tree_make(struct slice text, uint32_t offset, const struct expr_scope *scope,
                      struct arena *plan, struct expr_problems *problems,
                      struct node **root) MUST_USE;

/* fails    INVALID with the problem "Bad expression type" */
enum status expected_check(const struct type *found, const struct type *expected, struct slice text,
                           struct arena *plan, struct expr_problems *problems) MUST_USE;

/* An expression that gives a constant, which must live as long as the plan. */
enum status constant_make(struct value value, const struct type *type, struct slice text,
                          struct arena *plan, struct expr *expr) MUST_USE;

enum status problem_add(struct expr_problems *problems, struct arena *arena, struct span span,
                        struct slice message) MUST_USE;
enum status problem_add_syntax(struct expr_problems *problems, struct arena *arena,
                               struct slice text, const struct syntax_problem *syntax,
                               uint32_t offset) MUST_USE;
enum status problem_add_limit(struct expr_problems *problems, struct arena *arena,
                              struct slice text) MUST_USE;

bool text_is_blank(struct slice text);

/* The hole around `caret`, without its #{ and }; one that is not closed ends with the text. */
bool template_hole(struct slice text, size_t caret, size_t *start, size_t *end);

enum status compile_template(struct slice text, const struct expr_scope *scope,
                             const struct type *expected, struct arena *plan,
                             struct expr_problems *problems, struct expr *expr) MUST_USE;
enum status compile_json(struct slice text, const struct type *expected, struct arena *plan,
                         struct expr_problems *problems, struct expr *expr) MUST_USE;
/* source->text must live as long as the plan. */
enum status compile_dict_key(const struct expr_source *source, const struct expr_scope *scope,
                             struct arena *plan, struct expr_problems *problems,
                             struct expr *expr) MUST_USE;
enum status compile_tabular(struct slice text, struct arena *plan, struct expr_problems *problems,
                            struct expr *expr) MUST_USE;

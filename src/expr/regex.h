/* regex.h - a compiled pattern in the frame's arena, and walking its matches. */
#pragma once
#include "expr/machine.h"

struct pcre2_real_code_8;
struct pcre2_real_match_data_8;
struct pcre2_real_match_context_8;

struct regex {
    struct pcre2_real_code_8 *code;
    struct pcre2_real_match_data_8 *data;
    struct pcre2_real_match_context_8 *context;
};

/* `error_message` with one '%' for the pattern, or "" for Java's own wording. */
enum status regex_open(struct machine *machine, struct slice pattern, const char *error_message,
                       struct regex *regex) MUST_USE;

struct match {
    bool found;
    size_t start; /* bytes [start, end) */
    size_t end;
};

/* The next match from byte `from` on. fails  LIMIT: too many steps */
enum status regex_next(struct machine *machine, const struct regex *regex, struct slice text,
                       size_t from, bool whole, struct match *match) MUST_USE;

/* Span of a group of the last match; false: there is no such group. */
bool regex_group(const struct regex *regex, uint32_t group, size_t *start, size_t *end);
int regex_named_group(const struct regex *regex, const char *name); /* < 0: none */

/* regex.c - Java's regular expressions on PCRE2's interpreter.
 *
 * Patterns are compiled where they are used, into the frame's arena; matching has limits on steps,
 * depth and memory, so that a pattern made to explode is an error and not a halt.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "expr/regex.h"
#include "expr/methods/methods.h"
#include "expr/text.h"
#include "value/utf8.h"
#include <pcre2.h>

enum { MATCH_STEPS_MAX = 200000, MATCH_DEPTH_MAX = 2000, MATCH_HEAP_KIB_MAX = 4096 };

static void *take_memory(size_t bytes, void *arena)
{
    return arena_alloc(arena, bytes, 1);
}

static void leave_memory(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

/* Java's message for the few mistakes people make; PCRE2's number else. */
static enum status fail_pattern(struct machine *machine, struct slice pattern, int error,
                                size_t offset, const char *prefix)
{
    uint8_t memory[256];
    PCRE2_UCHAR text[128];
    struct slice parts[3] = {SLICE(""), pattern, SLICE("")};

    if (error == PCRE2_ERROR_MISSING_SQUARE_BRACKET) {
        struct buffer position = {
            .data = memory, .capacity = sizeof(memory), .bytes_max = sizeof(memory)};
        size_t at = pattern.len > 0 ? pattern.len - 1 : 0;
        buffer_append_i64(&position, (int64_t)at);
        parts[0] = buffer_slice(&position);
        struct buffer caret = {.data = memory + 32, .capacity = 200, .bytes_max = 200};
        for (size_t i = 0; i < at && i < 150; i++)
            buffer_append_byte(&caret, ' ');
        parts[2] = buffer_slice(&caret);
        if (prefix[0] == '\0') {
            return machine_fail(machine, STATUS_INVALID,
                                "Unclosed character class near index %\n%\n%^", parts, 3);
        }
    }
    (void)offset;
    int len = pcre2_get_error_message(error, text, sizeof(text));
    parts[0] = (struct slice){text, len > 0 ? (size_t)len : 0};
    if (prefix[0] != '\0') return machine_fail_one(machine, prefix, pattern);
    return machine_fail(machine, STATUS_INVALID, "% in pattern %", parts, 2);
}

/* Java has no recursion, callouts, verbs or \K; what looks like them is refused. */
static bool is_foreign(struct slice pattern)
{
    static const char foreign[] = "RC|&P(0123456789"; /* behind "(?" */

    for (size_t i = 0; i + 1 < pattern.len; i++) {
        uint8_t byte = pattern.data[i];
        uint8_t next = pattern.data[i + 1];
        uint8_t third = i + 2 < pattern.len ? pattern.data[i + 2] : 0;
        if (byte == '\\' && (next == 'K' || next == 'C' || next == 'g')) return true;
        if (byte == '\\') i++;
        if (byte != '(') continue;
        if (next == '*') return true;
        if (next == '?' && memchr(foreign, third, sizeof(foreign) - 1) != NULL) return true;
    }
    return false;
}

static bool has_lone_surrogate(struct slice text)
{
    return utf8_invalid_at(text) != text.len;
}

enum status regex_open(struct machine *machine, struct slice pattern, const char *error_message,
                       struct regex *regex)
{
    struct arena *arena = machine->frame->arena;
    int error = 0;
    PCRE2_SIZE offset = 0;

    *regex = (struct regex){0};
    if (is_foreign(pattern) || has_lone_surrogate(pattern)) {
        return machine_fail_one(machine, "The pattern uses what Java's patterns do not have: %",
                                pattern);
    }
    pcre2_general_context *general = pcre2_general_context_create(take_memory, leave_memory, arena);
    pcre2_compile_context *compiling =
        general != NULL ? pcre2_compile_context_create(general) : NULL;
    if (compiling == NULL) return machine_limit(machine);
    pcre2_set_parens_nest_limit(compiling, 100);
    pcre2_set_max_pattern_length(compiling, (size_t)16 * 1024);
    pcre2_set_newline(compiling, PCRE2_NEWLINE_ANY);
    regex->code = pcre2_compile(pattern.data, pattern.len,
                                PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY * 0,
                                &error, &offset, compiling);
    if (regex->code == NULL) {
        return fail_pattern(machine, pattern, error, offset, error_message);
    }
    regex->data = pcre2_match_data_create_from_pattern(regex->code, general);
    regex->context = pcre2_match_context_create(general);
    if (regex->data == NULL || regex->context == NULL) return machine_limit(machine);
    pcre2_set_match_limit(regex->context, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(regex->context, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(regex->context, MATCH_HEAP_KIB_MAX);
    return STATUS_OK;
}

enum status regex_next(struct machine *machine, const struct regex *regex, struct slice text,
                       size_t from, bool whole, struct match *match)
{
    uint32_t options = whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0;
    enum status status = machine_spend(machine, 50 + (text.len - from) / 8);

    if (status != STATUS_OK) return status;
    if (from == 0 && has_lone_surrogate(text)) {
        return machine_fail(machine, STATUS_INVALID,
                            "A text with half a surrogate pair cannot be matched", NULL, 0);
    }
    const uint8_t *data = text.data != NULL ? text.data : (const uint8_t *)"";
    int count = pcre2_match(regex->code, data, text.len, from, options | PCRE2_NO_UTF_CHECK,
                            regex->data, regex->context);
    *match = (struct match){.found = count > 0};
    if (count == PCRE2_ERROR_NOMATCH) return STATUS_OK;
    if (count < 0) {
        return machine_fail(
            machine, STATUS_LIMIT,
            "The pattern takes too many steps on this text; write it without repetitions inside of "
            "repetitions",
            NULL, 0);
    }
    PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
    match->start = ends[0];
    match->end = ends[1];
    return STATUS_OK;
}

bool regex_group(const struct regex *regex, uint32_t group, size_t *start, size_t *end)
{
    if (group >= pcre2_get_ovector_count(regex->data)) return false;
    PCRE2_SIZE *ends = pcre2_get_ovector_pointer(regex->data);
    *start = ends[2 * (size_t)group];
    *end = ends[2 * (size_t)group + 1];
    if (*start == PCRE2_UNSET) *start = *end = 0;
    return true;
}

int regex_named_group(const struct regex *regex, const char *name)
{
    return pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR)name);
}

enum status regex_matches(struct machine *machine, struct slice text, struct slice pattern,
                          bool *matched)
{
    struct regex regex;
    struct match match = {0};
    enum status status = regex_open(machine, pattern, "EL1018E: Pattern is not valid '%'", &regex);

    if (status == STATUS_OK) status = regex_next(machine, &regex, text, 0, true, &match);
    *matched = match.found;
    return status;
}

/* formatter_pattern.h - between formatter_compile.c and formatter_letters.c: where a pattern is read, and its steps. */
#pragma once
#include "value/formatter.h"

struct pattern_reader {
    struct slice pattern;
    size_t at;
    struct formatter_step *steps;
    uint16_t count;
    uint8_t *text;
    uint16_t text_len;
    int32_t number; /* step of the number that digits may still be handed to; -1: none */
    uint16_t options[FORMATTER_DEPTH_MAX];
    uint32_t depth;
    bool needs_names;
    struct fault *fault;
};

enum status pattern_step(struct pattern_reader *reader, struct formatter_step step);
/* The message's % is the letter; returns INVALID. */
enum status pattern_fail(struct pattern_reader *reader, const char *message, uint8_t letter);

/* formatter_letters.c: the same letters side by side, with the padding before them, to a step. */
bool pattern_is_letter(uint8_t byte);
enum status pattern_letters(struct pattern_reader *reader);

/* json.h - between the rooms of completion in JSON: where the caret stands in a literal. */
#pragma once
#include "expr/complete/room.h"

enum { JSON_LEVELS_MAX = 64 };

/* What is open before the caret. */
struct level {
    bool object;
    const struct type *type; /* expected of it; NULL: anything */
    struct slice key;        /* OBJECT: of the value at hand */
    uint32_t index;          /* ARRAY: of the value at hand */
    uint32_t keys_from;      /* where it begins, for the keys that are there already */
};

struct json_place {
    struct level levels[JSON_LEVELS_MAX];
    uint32_t depth;
    bool key;       /* a key is being written; else a value */
    bool in_string; /* between quotes */
    bool free;      /* nothing stands here yet, or the word at the caret */
    uint32_t at;    /* where the walk is */
};

/* Walks the text up to the caret; `wanted` is the type expected of it, NULL: anything. */
void json_walk(struct completing *work, struct json_place *place, const struct type *wanted);

/* What a suggestion takes the place of, and what of it is written already. */
void json_set_span(struct completing *work, const struct json_place *place);
struct complete_suggestion json_suggestion(const struct completing *work, enum complete_kind kind,
                                           struct slice label, struct slice insert);

/* A text as JSON between two others, in the arena. */
struct slice json_text(struct completing *work, struct slice before, struct slice text,
                       struct slice after);

/* Keys and values of a literal. */
void json_offer(struct completing *work, const struct json_place *place, const struct type *wanted);

/* The type of the smallest part around the caret, where the text is whole. */
void json_hover(struct completing *work, struct complete_hover *hover);

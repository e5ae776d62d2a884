/* room.h - between the rooms of completion: the work at hand and where the caret stands.
 *
 * Rooms: complete.c (the door, languages, units), place.c (what kind of thing the caret
 * asks for, from tokens and tree), members.c and rows.c (what there is of it),
 * json.c and data.c (the languages that are JSON), rank.c (the best, in
 * order), hover.c, answer.c (requests and answers). Positions here are bytes.
 */
#pragma once
#include "expr/complete/complete.h"
#include "expr/typer.h"

enum place_kind {
    AT_NOTHING,
    AT_NAME,     /* behind # */
    AT_MEMBER,   /* behind . or ?. */
    AT_KEY,      /* inside the brackets of a record */
    AT_VALUE,    /* where an expression begins */
    AT_BETWEEN,  /* behind an expression: operators */
    AT_CLASS,    /* T( */
    AT_CLASS_NEW /* new */
};

/* What a node of the tree stands on. */
struct stand {
    const struct type *receiver; /* of a step: what the steps before gave; NULL: none */
    bool static_context;
    const struct node *before;  /* of a step: the one before; NULL: none */
    const struct type *element; /* #this; NULL outside of selections and projections */
    const struct type *keyed;   /* of an index: what is indexed; NULL: not inside brackets */
};

struct place {
    enum place_kind kind;
    struct stand stand;
    uint32_t from; /* what a suggestion takes the place of */
    uint32_t to;
    uint8_t quote; /* KEY: the quote before the caret; 0: none yet */
    bool safe;     /* MEMBER: behind ?. */
};

struct completing {
    const struct complete_request *request;
    struct arena *arena;
    struct slice text; /* the expression: all of it, or the inside of a hole */
    uint32_t caret;
    struct place place;
    struct slice prefix; /* what is written already, up to the caret */
    struct typer typer;
    struct expr_problems problems;
    struct complete_suggestion *best; /* ranked, spans still in bytes of `text` */
    uint32_t *ranks;
    uint32_t count;
    bool failed; /* the arena is full */
};

/* Parses and types a text as far as it goes. NULL: nesting or memory ended it.
 * A limit of nesting is no failure of completion. */
struct node *complete_tree(struct completing *work, struct slice text);

/* Called for every node with what it stands on; parents before children. */
typedef void (*stand_visit)(void *context, const struct node *node, const struct stand *stand);
void stand_walk(struct completing *work, const struct node *root, stand_visit visit, void *context);

/* Fills work->place and work->prefix. */
void place_find(struct completing *work);

/* The languages that are JSON: suggestions and hover. */
void complete_json(struct completing *work, struct complete_hover *hover);

/* Suggestions of the place. */
void offer_place(struct completing *work);

/* Does a label that long match what is written? Lower is better. */
enum { RANK_NONE = 3 };
uint32_t rank_of(struct slice label, struct slice prefix);

/* Takes a suggestion among the best; `matched` is compared with the prefix, the label names it. */
void offer(struct completing *work, const struct complete_suggestion *suggestion,
           struct slice matched);

void hover_find(struct completing *work, const struct node *root, struct complete_hover *hover);

/* Is the row a constant, read as one (FRIDAY)? Or a property: `year` beside `getYear`, `empty` beside
 * `isEmpty`, read without parentheses? "name(A, B): R" */
bool row_is_constant(const struct method *row);
bool row_is_property(const struct method *row);
struct slice row_signature(struct completing *work, const struct method *row, struct slice result);

/* Text in the arena: a type; joined pieces. */
struct slice complete_display(struct completing *work, const struct type *type, bool with_values);
struct slice complete_join(struct completing *work, const struct slice *parts, uint32_t count);
const char *complete_type_doc(const struct type *type);

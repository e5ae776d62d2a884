/* document.h - a JSON text that has been checked and indexed, but not built.
 *
 * codec/json.c makes it in one pass: a flat array of nodes in text order. A container's children
 * follow it; an object's children alternate key, value. `next` skips a subtree, so reaching member
 * k of an object costs k steps and touches no text but keys. Values are made on access only.
 */
#pragma once
#include "value/value.h"

enum document_kind {
    DOCUMENT_NULL,
    DOCUMENT_FALSE,
    DOCUMENT_TRUE,
    DOCUMENT_NUMBER,
    DOCUMENT_STRING, /* between the quotes, no escapes inside */
    DOCUMENT_ESCAPED_STRING,
    DOCUMENT_ARRAY,
    DOCUMENT_OBJECT,
};

enum { DOCUMENT_COUNT_MAX = (1 << 28) - 1 };

struct document_node {
    uint32_t start;      /* byte offset: first byte of the token, after the quote of a string */
    uint32_t next;       /* index of the node after this one's subtree */
    uint32_t len;        /* bytes; containers: whole text including brackets */
    uint32_t count : 28; /* ARRAY: items; OBJECT: members; a key: document_key_mark() */
    uint32_t kind : 4;   /* enum document_kind */
};
_Static_assert(sizeof(struct document_node) == 16, "four nodes a cache line");
_Static_assert(offsetof(struct document_node, len) == 8,
               "len, count and kind are looked at as one word");

struct document {
    struct slice text;
    const struct document_node *nodes; /* nodes[0] is the root */
    uint32_t node_count;
    bool ascii;      /* the text has no byte above 0x7F; false: not known */
    bool plain_keys; /* no key has an escape; false: not known */
};

/* What a key without escapes has in `count`: its first byte; "" has the quote that ends it. Most
 * keys of an object that are as long as another one begin differently. */
static inline uint32_t document_key_mark(const uint8_t *key)
{
    return key[0];
}

/* Original bytes of a node; of a string without its quotes. */
static inline struct slice document_text(const struct document *document, uint32_t node)
{
    const struct document_node *at = &document->nodes[node];

    return (struct slice){document->text.data + at->start, at->len};
}

/* The value of a node: containers lazily, scalars now. Numbers follow the rule of schemaless
 * input: Integer if it fits, else Long, else BigDecimal; 1.0 is Integer 1. Escaped strings are
 * decoded into the arena; a lone \uD8xx is kept as three bytes. fails  LIMIT: arena full */
enum status document_value(const struct document *document, uint32_t node, struct arena *arena,
                           struct value *value) MUST_USE;

/* Node index of a member's value, 0 if there is none (the root is nobody's member). Keys are
 * compared decoded; the last duplicate wins. */
uint32_t document_member(const struct document *document, uint32_t object, struct slice key);

/* The member's value. fails  NOT_FOUND, LIMIT: arena full */
enum status document_get(const struct document *document, uint32_t object, struct slice key,
                         struct arena *arena, struct value *value) MUST_USE;

/* Decoded text of a string node (borrowed if it has no escapes, else in the arena). */
enum status document_string(const struct document *document, uint32_t node, struct arena *arena,
                            struct slice *text) MUST_USE;

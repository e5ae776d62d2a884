/* mutation.c - see mutation.h */
#include "mutation.h"

#include "test.h"

static uint32_t below(struct mutation *mutation, uint32_t limit)
{
    /* xorshift64*: the test's own sequence, the same on every machine */
    mutation->random ^= mutation->random >> 12;
    mutation->random ^= mutation->random << 25;
    mutation->random ^= mutation->random >> 27;
    return (uint32_t)((mutation->random * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static void space(struct mutation *mutation)
{
    static const char *const spaces[] = {"", "", " ", "\n", "\t ", "\r\n  "};

    buffer_append_text(mutation->out, spaces[below(mutation, COUNT_OF(spaces))]);
}

static void unknown_value(struct mutation *mutation, uint32_t depth)
{
    static const char *const values[] = {
        "null",
        "true",
        "-0.0",
        "1.50",
        "1e+30",
        "123456789012345678901234567890",
        "\"\"",
        "\"x\\u00e9\\ud800\\/\"",
        "[]",
        "{}",
        "[1,[2,{\"nodes\":[3]}]]",
        "\"żółw\"",
    };

    if (depth < 3 && below(mutation, 3) == 0) {
        buffer_append_text(mutation->out, "{\"a\":");
        unknown_value(mutation, depth + 1);
        buffer_append_text(mutation->out, ",\"a\":");
        unknown_value(mutation, depth + 1);
        buffer_append_text(mutation->out, "}");
        return;
    }
    buffer_append_text(mutation->out, values[below(mutation, COUNT_OF(values))]);
}

/* Members whose absence means the same as what they say. */
static bool optional_member(const struct document *document, struct slice name, uint32_t value)
{
    static const char *const always[] = {"layoutData", "description", "showDescription"};
    static const char *const if_empty[] = {"isDisabled", "endResult", "nextFalse",
                                           "additionalBranches"};
    const struct document_node *node = &document->nodes[value];
    bool empty =
        node->kind == DOCUMENT_NULL ||
        ((node->kind == DOCUMENT_ARRAY || node->kind == DOCUMENT_OBJECT) && node->count == 0);

    for (size_t i = 0; i < COUNT_OF(always); i++) {
        if (slice_equal(name, slice_of(always[i]))) return true;
    }
    for (size_t i = 0; i < COUNT_OF(if_empty); i++) {
        if (empty && slice_equal(name, slice_of(if_empty[i]))) return true;
    }
    return false;
}

static void write_node(struct mutation *mutation, uint32_t at, struct slice name);

static void write_key(struct mutation *mutation, struct slice name)
{
    space(mutation);
    buffer_append_byte(mutation->out, '"');
    buffer_append(mutation->out, name);
    buffer_append_byte(mutation->out, '"');
    space(mutation);
    buffer_append_byte(mutation->out, ':');
    space(mutation);
}

/* The children's nodes in a random order. */
static uint32_t shuffled(struct mutation *mutation, uint32_t at, uint32_t step, uint32_t *order)
{
    const struct document_node *nodes = mutation->document->nodes;
    uint32_t count = 0;

    for (uint32_t child = at + 1; child < nodes[at].next;) {
        order[count++] = child;
        for (uint32_t i = 0; i < step; i++)
            child = nodes[child].next;
    }
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = below(mutation, i);
        uint32_t kept = order[i - 1];

        order[i - 1] = order[other];
        order[other] = kept;
    }
    return count;
}

static void write_object(struct mutation *mutation, uint32_t at, struct slice name)
{
    const struct document_node *nodes = mutation->document->nodes;
    uint32_t order[64];
    bool first = true;
    bool closed = slice_equal(name, SLICE("properties")); /* its members are what #meta shows */

    assert_true(nodes[at].count <= COUNT_OF(order));
    uint32_t count = shuffled(mutation, at, 2, order);
    buffer_append_byte(mutation->out, '{');
    for (uint32_t i = 0; i < count; i++) {
        struct slice key = document_text(mutation->document, order[i]);
        uint32_t value = nodes[order[i]].next;
        bool optional = optional_member(mutation->document, key, value);
        uint32_t choice = below(mutation, 4);

        if (optional && choice == 0) continue;
        if (!first) buffer_append_byte(mutation->out, ',');
        first = false;
        if (!closed && below(mutation, 6) == 0) {
            write_key(mutation,
                      below(mutation, 2) == 0 ? SLICE("_unsafe_x") : SLICE("unheard \\u006ff"));
            unknown_value(mutation, 0);
            buffer_append_byte(mutation->out, ',');
        }
        write_key(mutation, key);
        if (optional && choice == 1) {
            buffer_append_text(mutation->out, "null");
        } else {
            write_node(mutation, value, key);
        }
        space(mutation);
    }
    buffer_append_byte(mutation->out, '}');
}

/* Parameters go by name: their order is free. */
static void write_array(struct mutation *mutation, uint32_t at, struct slice name)
{
    const struct document_node *nodes = mutation->document->nodes;
    uint32_t order[64];
    uint32_t count = 0;

    assert_true(nodes[at].count <= COUNT_OF(order));
    if (slice_equal(name, SLICE("parameters"))) {
        count = shuffled(mutation, at, 1, order);
    } else {
        for (uint32_t child = at + 1; child < nodes[at].next; child = nodes[child].next)
            order[count++] = child;
    }
    buffer_append_byte(mutation->out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) buffer_append_byte(mutation->out, ',');
        space(mutation);
        write_node(mutation, order[i], (struct slice){0});
    }
    space(mutation);
    buffer_append_byte(mutation->out, ']');
}

static void write_node(struct mutation *mutation, uint32_t at, struct slice name)
{
    uint32_t kind = mutation->document->nodes[at].kind;
    bool text = kind == DOCUMENT_STRING || kind == DOCUMENT_ESCAPED_STRING;

    if (kind == DOCUMENT_OBJECT) {
        write_object(mutation, at, name);
        return;
    }
    if (kind == DOCUMENT_ARRAY) {
        write_array(mutation, at, name);
        return;
    }
    if (text) buffer_append_byte(mutation->out, '"');
    buffer_append(mutation->out, document_text(mutation->document, at));
    if (text) buffer_append_byte(mutation->out, '"');
}

void mutation_write(struct mutation *mutation)
{
    assert_true(mutation->random != 0);
    space(mutation);
    write_node(mutation, 0, (struct slice){0});
    space(mutation);
}

/* --- tokens --------------------------------------------------------------------------------------- */

/* The next token, empty at the end: a string with its quotes, a sign, or a run of other bytes. */
static struct slice next_token(struct slice text, size_t *at)
{
    static const char signs[] = "{}[]:,";
    size_t start;

    while (*at < text.len && text.data[*at] <= ' ')
        (*at)++;
    start = *at;
    if (start == text.len) return (struct slice){0};
    (*at)++;
    if (text.data[start] == '"') {
        while (text.data[*at] != '"')
            *at += text.data[*at] == '\\' ? 2 : 1;
        (*at)++;
    } else if (strchr(signs, text.data[start]) == NULL) {
        while (*at < text.len && text.data[*at] > ' ' && strchr(signs, text.data[*at]) == NULL)
            (*at)++;
    }
    return (struct slice){text.data + start, *at - start};
}

bool same_tokens(struct slice left, struct slice right)
{
    size_t left_at = 0;
    size_t right_at = 0;

    for (;;) {
        struct slice one = next_token(left, &left_at);
        struct slice other = next_token(right, &right_at);

        if (!slice_equal(one, other)) return false;
        if (one.len == 0) return true;
    }
}

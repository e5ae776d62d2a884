/* rows.c - rows of the method tables as an editor shows them. */
#include "expr/complete/room.h"
#include "expr/methods/methods.h"

bool row_is_constant(const struct method *row)
{
    bool fixed = row->place == PLACE_STATIC || class_is_helper(row->receiver);

    if (!fixed || row->parameters[0] != '\0') return false;
    for (const char *at = row->name; *at != '\0'; at++) {
        if (*at >= 'a' && *at <= 'z') return false;
    }
    return true;
}

static bool getter_of(struct slice name, struct slice prefix, struct slice property)
{
    if (name.len != prefix.len + property.len || !slice_starts_with(name, prefix)) return false;
    return (name.data[prefix.len] | 0x20) == (property.data[0] | 0x20) &&
           memcmp(name.data + prefix.len + 1, property.data + 1, property.len - 1) == 0;
}

bool row_is_property(const struct method *row)
{
    struct slice name = slice_of(row->name);
    const struct method *other;

    if (row->parameters[0] != '\0' || row->variable != NULL) return false;
    for (uint32_t i = 0; (other = method_row(i)) != NULL; i++) {
        if (other->receiver != row->receiver || other->place != row->place) continue;
        struct slice getter = slice_of(other->name);
        if (getter_of(getter, SLICE("get"), name) || getter_of(getter, SLICE("is"), name)) {
            return true;
        }
    }
    return false;
}

struct slice row_signature(struct completing *work, const struct method *row, struct slice result)
{
    bool both = row->variable != NULL && row->parameters[0] != '\0';
    struct slice parts[] = {slice_of(row->name),
                            SLICE("("),
                            slice_of(row->parameters),
                            both ? SLICE(", ") : SLICE(""),
                            slice_of(row->variable != NULL ? row->variable : ""),
                            row->variable != NULL ? SLICE("...") : SLICE(""),
                            SLICE("): "),
                            result};

    return complete_join(work, parts, COUNT_OF(parts));
}

/* programs.h - expressions from a seed: well typed ones, and ones of any shape.
 *
 * A well-typed program is made from the wanted type down: a value of a class is a variable of it, an
 * operator that gives it, or a call whose row gives it, for whose receiver and arguments the same is
 * done. Nearly all compile, so that the machine and the functions meet real work. Programs of any
 * shape walk the grammar without looking at types and lose a byte now and then: they are for the
 * parser and the typer.
 */
#pragma once
#include "base/buffer.h"
#include "expr/method.h"

/* The variables programs speak of, as sample_read() takes them. */
extern const char program_variables[];

enum { PROGRAM_BYTES_MAX = 64 * 1024, PROGRAM_METHODS_MAX = 4096, PROGRAM_UNREACHED = 1000 };

struct programs {
    struct buffer text; /* the program made last */
    uint64_t random;
    uint32_t method_count;
    /* Of each row: the class it gives (Object: not known), how high its smallest call is. */
    enum class_id results[PROGRAM_METHODS_MAX];
    uint32_t row_costs[PROGRAM_METHODS_MAX];
    /* Of each class: the height of the smallest expression that gives it, and its row. */
    uint32_t class_costs[CLASS_COUNT];
    uint32_t class_rows[CLASS_COUNT];
    uint32_t loops;         /* selections and projections around */
    enum class_id elements; /* the class of #this inside of them */
};

void programs_init(struct programs *programs);
void programs_deinit(struct programs *programs);

void program_typed(struct programs *programs, uint64_t seed);
void program_of_any_shape(struct programs *programs, uint64_t seed);

/* --- between the rooms ------------------------------------------------------------------------------ */

uint32_t program_below(struct programs *programs, uint32_t count);
void program_put(struct programs *programs, const char *text);

#define PROGRAM_PUT_ONE_OF(programs, choices) \
    program_put(programs, (choices)[program_below(programs, COUNT_OF(choices))])

/* Writes a variable, a literal or the item at hand of a class; false: there is none. */
bool program_leaf(struct programs *programs, enum class_id class_id);

uint32_t program_parameter_count(const struct method *row);

/* The class a row is called on; of a conversion one that has it. */
enum class_id program_receiver(const struct method *row);

/* The variable of a helper object's class: "#COLLECTION". NULL: it is no helper */
const char *program_helper(enum class_id class_id);

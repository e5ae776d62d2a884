/* null.c - what is said of a null argument: the original's words where they are known. */
#include "expr/methods/methods.h"

static const struct {
    enum class_id receiver;
    uint32_t index;
    const char *method;
    const char *message;
} null_arguments[] = {
#define NULL_ARGUMENT(receiver, method, index, message) {CLASS_##receiver, index, method, message},
#include "expr/methods/null_arguments.def"
#undef NULL_ARGUMENT
};

enum status call_fail_null_argument(struct call *call, uint32_t index, const char *what)
{
    for (size_t i = 0; i < COUNT_OF(null_arguments); i++) {
        if (null_arguments[i].receiver == call->method->receiver &&
            null_arguments[i].index == index &&
            strcmp(null_arguments[i].method, call->method->name) == 0) {
            return call_fail(call, null_arguments[i].message, (struct slice){0});
        }
    }
    struct slice parts[] = {slice_of(what), slice_of(call->method->name)};
    return machine_fail(call->machine, STATUS_INVALID, "The % given to % is null", parts,
                        COUNT_OF(parts));
}

/* A method whose first argument nothing but null can be given for: no expression makes a value of its
 * class. */
enum status method_any_null_only(struct call *call)
{
    struct value ignored;

    if (call->arguments[1].kind == VALUE_NULL) return call_fail_null_argument(call, 1, "style");
    return call->arguments[1].kind == VALUE_MAP ? call_collection(call, 1, &ignored)
                                                : call_map(call, 1, &ignored);
}

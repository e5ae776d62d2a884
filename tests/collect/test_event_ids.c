/* test_event_ids.c - the set against an obvious list. */
#include "base/hash.h"
#include "collect/event_ids.h"
#include "test.h"

enum { CAPACITY = 16, UNIVERSE = 40, STEPS = 200000 };

/* The newest CAPACITY positions and which id lies there; -1: forgotten. */
struct oracle {
    int ids[STEPS];
    uint64_t next;
};

static int64_t oracle_find(const struct oracle *oracle, int id)
{
    uint64_t first = oracle->next > CAPACITY ? oracle->next - CAPACITY : 0;

    for (uint64_t position = first; position < oracle->next; position++)
        if (oracle->ids[position] == id) return (int64_t)position;
    return -1;
}

static struct slice id_text(int id, bool upper, char text[40])
{
    if (id % 2 == 0) {
        (void)snprintf(text, 40,
                       upper ? "0000ABCD-0000-4000-8000-%012X" : "0000abcd-0000-4000-8000-%012x",
                       (unsigned)id * 2654435761U);
    } else {
        (void)snprintf(text, 40, "event %d", id);
    }
    return slice_of(text);
}

static void the_set_equals_a_list(void **state)
{
    static struct oracle oracle;
    struct event_ids ids;
    uint64_t random = 1;
    char text[40];

    (void)state;
    assert_ok(event_ids_init(&ids, CAPACITY, 42));
    for (int step = 0; step < STEPS; step++) {
        random = hash_bytes((struct slice){(const uint8_t *)&step, sizeof(step)}, 7);
        int id = (int)(random % UNIVERSE);
        uint64_t position = 0;

        if (random % 101 == 0 && oracle.next > 5) { /* a batch failed */
            uint64_t begin = oracle.next - random / 128 % 6;

            event_ids_forget(&ids, begin, oracle.next);
            for (uint64_t i = begin; i < oracle.next; i++)
                oracle.ids[i] = -1;
            continue;
        }
        int64_t known = oracle_find(&oracle, id);
        bool added = event_ids_add(&ids, id_text(id, random / 64 % 2 == 0, text), &position);
        assert_int_equal(added, known < 0);
        assert_int_equal(position, known < 0 ? (int64_t)oracle.next : known);
        if (added) oracle.ids[oracle.next++] = id;
        assert_int_equal(ids.next, oracle.next);
    }
    event_ids_deinit(&ids);
}

static void without_capacity_nothing_is_remembered(void **state)
{
    struct event_ids ids;
    uint64_t position;

    (void)state;
    assert_ok(event_ids_init(&ids, 0, 42));
    assert_true(event_ids_add(&ids, SLICE("a"), &position));
    assert_true(event_ids_add(&ids, SLICE("a"), &position));
    event_ids_forget(&ids, 0, 0);
    event_ids_deinit(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_set_equals_a_list),
        cmocka_unit_test(without_capacity_nothing_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

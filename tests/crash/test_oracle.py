"""The oracle itself: Nussknacker's own vector, and that it finds what it is there to find."""

import unittest

import oracle


def stored(offset, eid, time_ms, item, visitor="v"):
    data = [{"e": "pv", "eid": eid, "duid": visitor, "page": item}]
    return {"offset": offset, "timestamp": time_ms, "value": {"message": {"data": data}}}


def sent(offset, eid, items, visitor="v", identity=None):
    identity = identity or f"1:0:{offset}:00"
    value = {"eid": eid, "visitor": visitor, "items": items}
    return {"offset": 0, "key": visitor, "value": value, "headers": [["identity", identity]]}


class Oracle(unittest.TestCase):
    def test_buckets_oldest_first_and_inside_newest_first(self):
        ten = 10 * 3600_000  # a two-minute window instead of the vector's five
        times = [("A", 5_000), ("B", 50_000), ("C", 70_000), ("D", 20_000), ("E", 119_000)]
        records = [stored(i, f"e{i}", ten + t, item) for i, (item, t) in enumerate(times)]
        lists = oracle.sliding_lists(records)
        self.assertEqual(
            [items for _, items in lists.values()],
            [["A"], ["B", "A"], ["B", "A", "C"], ["D", "B", "A"], ["D", "B", "A", "E", "C"]],
        )

    def test_what_left_the_window_is_gone(self):
        records = [stored(0, "a", 0, "A"), stored(1, "b", 120_000, "B")]
        self.assertEqual(oracle.sliding_lists(records)[1][1], ["B"])

    def check(self, acknowledged, lists, records):
        return oracle.check(records, acknowledged, lists, [], [])

    def test_problems_are_found(self):
        one = [stored(0, "a", 0, "A")]
        good = [sent(0, "a", ["A"])]
        rows = [
            ("all is well", {"a"}, good, one, None),
            ("an acknowledged event is missing", {"a", "b"}, good, one, "not stored"),
            ("an event is stored twice", {"a"}, good, one + [stored(1, "a", 1, "A")], "2 times"),
            ("a list is wrong", {"a"}, [sent(0, "a", ["B"])], one, "is not"),
            ("a list is missing", {"a"}, [], one, "0 outputs"),
            ("an output came twice", {"a"}, good + good, one, "occurs twice"),
            ("an output came from nowhere", {"a"}, good + [sent(9, "z", [])], one, "not stored"),
        ]
        for name, acknowledged, lists, records, words in rows:
            with self.subTest(name):
                problems = self.check(acknowledged, lists, records)
                self.assertEqual(bool(problems), words is not None, problems)
                if words:
                    self.assertTrue(any(words in problem for problem in problems), problems)


if __name__ == "__main__":
    unittest.main()

"""Sampled metrics of `model evaluate` beside a slow reckoning of the same draws: what is popular, over more items than any list has.
Usage: test_evaluate_oracle.py HEADRACE"""
import bisect
import collections
import json
import pathlib
import subprocess
import sys
import unittest

HEADRACE = sys.argv.pop(1)
DATA = pathlib.Path(__file__).resolve().parents[1] / "data/model/serenade"
NEGATIVES = 50
MASK = (1 << 64) - 1


def sessions(name):
    """Lists of items, in order of their last click; a row given twice counts once."""
    lines = (DATA / name).read_text().splitlines()
    columns = [lines[0].split("\t").index(column) for column in ("SessionId", "ItemId", "Time")]
    found = collections.OrderedDict()
    for line in lines[1:]:
        session, item, time = (line.split("\t")[column] for column in columns)
        found.setdefault(session, []).append((float(time), item))
    for rows in found.values():
        rows.sort(key=lambda row: row[0])
        rows[:] = [row for at, row in enumerate(rows) if at == 0 or row != rows[at - 1]]
    return [[item for _, item in rows] for rows in sorted(found.values(), key=lambda rows: rows[-1][0])]


def draws(clicks, asked, number, seed):
    """The item asked for and others, by their clicks: SplitMix64."""
    state = (seed + number * 0xD1B54A32D192ED03) & MASK
    group = [asked]
    while len(group) <= NEGATIVES:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        item = clicks[(z ^ (z >> 31)) % len(clicks)]
        if item not in group:
            group.append(item)
    return group


def reckon(train, valid, seed):
    clicks = [item for items in train for item in items]
    counts = collections.Counter(clicks)
    groups = []
    for items in valid:
        for at in range(1, len(items)):
            group = draws(clicks, items[at], len(groups), seed)
            groups.append([0 if item == items[at - 1] else counts[item] for item in group])
    others = sorted(score for group in groups for score in group[1:])
    right = sum(bisect.bisect_left(others, group[0]) + bisect.bisect_right(others, group[0]) for group in groups) / 2
    own = [sum((score < group[0]) + (score == group[0]) / 2 for score in group[1:]) / NEGATIVES for group in groups]
    place = [1 + sum(score >= group[0] for score in group[1:]) for group in groups]
    return {"auc": right / len(groups) / len(others), "gauc": sum(own) / len(own), "sampled_mrr": sum(1 / at for at in place) / len(place)}


class Oracle(unittest.TestCase):
    def test_popular_over_a_few_items(self):
        train, valid = sessions("train.txt"), sessions("valid.txt")
        self.assertGreater(len({item for items in train for item in items}), 3000)
        for seed in 1, 5:
            done = subprocess.run([HEADRACE, "model", "evaluate", "--train", DATA / "train.txt", "--valid", DATA / "valid.txt", "--format", "sessions",
                                   "--models", "popular,blend", "--settings", "blend.vmis-knn=0,blend.cooccurrence=0,blend.walk=0", "--negatives",
                                   str(NEGATIVES), "--seed", str(seed), "--json"], capture_output=True, text=True, check=True)
            rows = {row["model"]: row for row in json.loads(done.stdout)["results"] if row["segment"] == "all"}
            for name, wanted in reckon(train, valid, seed).items():
                self.assertAlmostEqual(rows["popular"][name], wanted, 5, name)
                if name != "auc":  # a blend divides by the best, which the item clicked last may be: within a question all stays in order
                    self.assertAlmostEqual(rows["blend"][name], wanted, 5, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)

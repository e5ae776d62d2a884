"""`headrace model evaluate` at the edges: odd names, nothing asked, nothing weighed, nothing known.
Usage: test_evaluate_edges.py HEADRACE"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HEADRACE = sys.argv.pop(1)


class Edges(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="headrace-test-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.sequences("train.txt", [[f"i{(user + step) % 7}" for step in range(6)] for user in range(20)])
        self.sequences("test.txt", [["i1", "i2", "i3"], ["i4", "i5", "i4"], ["i2", "i3", "i3"]])

    def sequences(self, name, lines):
        (self.folder / name).write_text("".join(f"u{name}{at} {' '.join(line)}\n" for at, line in enumerate(lines)))

    def run_it(self, command, *arguments, code=0):
        done = subprocess.run([HEADRACE, "model", command, *map(str, arguments)], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def evaluate(self, *arguments, code=0, test="test.txt"):
        return self.run_it("evaluate", "--train", "train.txt", "--test", test, "--format", "sequences", "--k", 5, *arguments, code=code)

    def test_a_directory_may_be_called_anything(self):
        for name in "d" * 200 + "/" + "e" * 200, 'q"x\\y':
            with self.subTest(name):
                (self.folder / name).parent.mkdir(exist_ok=True)
                self.run_it("index", "--data", "train.txt", "--format", "sequences", "--output", name)
                models = "--models", "popular,dir:" + name, "--negatives", 3, "--against", "dir:" + name
                self.assertEqual(self.evaluate(*models).stdout.count(f"test   dir:{name} "), 2, "figures and sampled figures")
                rows = json.loads(self.evaluate(*models, "--json").stdout)["results"]
                self.assertEqual({row["model"] for row in rows}, {"popular", "dir:" + name})
                self.assertEqual(rows[0]["against"], "dir:" + name)

    def test_more_negatives_than_items_are_refused_in_tuning_too(self):
        for more in [], ["--valid", "test.txt", "--tune", "walk.last=1/2"]:
            done = self.evaluate("--models", "walk", "--negatives", 7, *more, code=3)
            self.assertIn("--negatives: there are only 7 items in training; give fewer", done.stderr)

    def test_of_no_question_there_is_no_mean(self):
        rows = {row["segment"]: row for row in json.loads(self.evaluate("--models", "vmis-knn", "--json").stdout)["results"]}
        self.assertEqual((rows["new-item"]["questions"], rows["new-item"]["hr"], rows["new-item"]["mrr_low"], rows["new-item"]["ndcg_high"]), (0, None, None, None))
        self.assertEqual(type(rows["all"]["hr"]), float)
        self.sequences("mixed.txt", [["i1"], ["i2"], ["i4"]])
        row = json.loads(self.evaluate("--models", "vmis-knn", "--json", "--valid", "mixed.txt", "--negatives", 2).stdout)["results"][0]
        self.assertEqual((row["part"], row["segment"], row["questions"]), ("valid", "all", 0))
        for name in "hr", "hr_difference", "coverage", "novelty", "answered", "auc", "gauc", "sampled_mrr", "sampled_ndcg", "sampled_hr":
            self.assertIsNone(row[name], name)

    def test_a_blend_of_nothing_is_refused(self):
        none = "blend.vmis-knn=0,blend.cooccurrence=0,blend.walk=0,blend.popular=0"
        done = self.evaluate("--models", "blend", "--settings", none, code=3)
        self.assertIn("blend: all its weights are 0; give one of them more with --settings", done.stderr)
        self.evaluate("--models", "vmis-knn", "--settings", none)
        self.evaluate("--models", "blend", "--settings", none.replace("walk=0", "walk=1"))

    def test_tuning_has_no_json(self):
        done = self.evaluate("--models", "walk", "--tune", "walk.last=1/2", "--valid", "test.txt", "--json", code=2)
        self.assertIn("--json: does not go with --tune", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_items_nobody_knows_are_not_blamed_on_a_model(self):
        self.sequences("new.txt", [["n1", "n2", "n3"], ["n4", "n1", "n2"]])
        error = self.evaluate("--models", "vmis-knn,cooccurrence", test="new.txt").stderr
        self.assertIn("test: no question has a click on an item of --train: are the items called otherwise there, or all of them new?", error)
        self.assertNotIn("answered no question", error)
        self.assertNotIn("no question", self.evaluate("--models", "vmis-knn").stderr)

    def events(self, name, rows, time):
        (self.folder / name).write_text("s;i;day;ms;time\n" + "".join(f"s{s};i{i};{time(s, at)}\n" for s, i, at in rows))

    def test_time_may_stand_in_two_columns(self):
        """A day, and the milliseconds within it: the file has each session's clicks the wrong way round."""
        rows = [(session, (session + step) % 5, 1000 * step + 500) for session in range(30) for step in reversed(range(4))]
        self.events("two.csv", rows, lambda s, at: f"2026-01-{s + 1:02};{at};")
        self.events("one.csv", rows, lambda s, at: f";;2026-01-{s + 1:02}T00:00:{at / 1000:04.1f}Z")
        said = []
        for name, time in ("two.csv", "day+ms"), ("one.csv", "time"):
            made = "--format", "events", "--columns", "s,i," + time
            said.append(self.run_it("evaluate", "--train", name, *made, "--models", "cooccurrence,vmis-knn").stdout)
            self.run_it("train", "--data", name, *made, "--output", name + "-m", "--epochs", 1, "--settings", "batch=20,negatives=3,judge-negatives=3")
            said.append(json.loads((self.folder / (name + "-m/headrace.json")).read_text())["learned"])
        self.assertEqual(said[:2], said[2:])
        self.assertIn("  1.0000", said[0])
        for cell, wanted in ("x", '"x" is no time'), ("86400000", '"86400000" is no time'), ("-1", '"-1" is no time'), ("", '"" is no time'):
            self.events("bad.csv", rows[:1], lambda s, at: f"2026-01-01;{cell};")
            done = self.run_it("evaluate", "--train", "bad.csv", "--format", "events", "--columns", "s,i,day+ms", code=3)
            self.assertIn("bad.csv:2: " + wanted, done.stderr)
        done = self.run_it("evaluate", "--train", "two.csv", "--format", "events", "--columns", "s,i,day+hour", code=3)
        self.assertIn('the header has no column "day+hour"', done.stderr)

    def test_the_hybrids_weight_is_chosen_by_all_of_the_valid_part(self):
        """Files are in some order: here nothing can be found in the first half."""
        for protocol, after in ("leave-one-out", ["i3"]), ("next-click", ["i3"]):
            self.sequences("long.txt", [["i2", "i2"]] * 6000 + [["i2", *after]] * 6000)
            small = "sasrec.width=16,sasrec.heads=1,sasrec.layers=1,sasrec.inner=16,sasrec.epochs=1,sasrec.steps=8"
            done = self.evaluate("--valid", "long.txt", "--models", "hybrid", "--settings", small, "--protocol", protocol, "--json", "--threads", 1)
            row = json.loads(done.stdout)["results"][0]
            chosen = re.search(r"hybrid\.sasrec \S+ is best on valid \((\S+)\)", done.stderr)
            self.assertGreater(row["mrr"], 0.1)
            self.assertAlmostEqual(float(chosen[1]), row["ndcg" if protocol == "leave-one-out" else "mrr"], 3)

    def test_what_the_protocol_bars_is_said(self):
        error = self.evaluate("--models", "popular").stderr
        self.assertIn("test: 1 of 6 questions ask for an item that was clicked last, so", error)
        error = self.evaluate("--models", "popular", "--protocol", "leave-one-out").stderr
        self.assertIn("test: 2 of 3 questions ask for an item that was clicked before (--protocol next-click bars only", error)


if __name__ == "__main__":
    unittest.main(verbosity=2)

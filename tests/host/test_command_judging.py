"""Who may be judged by which clicks: directories that have learned what is asked are told and marked, those that have not are not.
Usage: test_command_judging.py HEADRACE"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

HEADRACE = sys.argv.pop(1)
SMALL = "width=16,heads=1,layers=1,inner=16,steps=8"
SAID = r"\(docs/models\.md, \"Judging a directory\"\)"


def clicks(sessions=40, first=0):
    """Sessions one after the other, a day each, walking round a ring of items."""
    draw = random.Random(7 + first)
    for session in range(first, first + sessions):
        at = draw.randrange(12)
        for step in range(draw.randrange(4, 8)):
            at = (at + draw.choice((1, 1, 1, 2))) % 12
            yield f"s{session}", f"item{at}", 1_700_000_000 + 86400 * session + 60 * step


class Judging(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="headrace-test-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.rows = list(clicks())
        self.sessions("train.txt", self.rows)
        self.sessions("later.txt", clicks(10, first=40))
        (self.folder / "train.tsv").write_text("".join(f"1\t{s}\t{i}\t{t}\tkind\n" for s, i, t in self.rows))
        lines = {}
        for session, item, _ in self.rows:
            lines.setdefault(session, []).append(item)
        (self.folder / "sequences.txt").write_text("".join(" ".join([s, *items]) + "\n" for s, items in lines.items()))

    def sessions(self, name, rows):
        (self.folder / name).write_text("SessionId\tItemId\tTime\n" + "".join(f"{s}\t{i}\t{t}\n" for s, i, t in rows))

    def headrace(self, *arguments, code=0):
        done = subprocess.run([HEADRACE, "model", *map(str, arguments)], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def judge(self, *arguments, code=0):
        """What is said on standard error; learned_from_these by (part, model)."""
        done = self.headrace("evaluate", "--json", "--k", 5, *arguments, code=code)
        rows = json.loads(done.stdout)["results"] if code == 0 else []
        return done.stderr, {(row["part"], row["model"]): row["learned_from_these"] for row in rows if row["segment"] == "all"}

    SESSIONS = "--format", "sessions", "--train", "train.txt"
    SEQUENCES = "--format", "sequences", "--train", "sequences.txt", "--protocol", "leave-one-out"
    INTERACTIONS = "--format", "interactions", "--train", "train.tsv", "--protocol", "leave-one-out"

    def test_an_index_of_all_clicks_is_marked(self):
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "all")
        error, marks = self.judge(*self.SESSIONS, "--models", "blend,dir:all")
        self.assertEqual(marks, {("valid", "blend"): False, ("valid", "dir:all"): True, ("test", "blend"): False, ("test", "dir:all"): True})
        self.assertRegex(error, r"dir:all: (\d+) of \1 questions of test are not later than what it has learned: its figures say nothing\. .*" + SAID)
        table = self.headrace("evaluate", "--k", 5, *self.SESSIONS, "--models", "blend,dir:all").stdout
        self.assertRegex(table, r"\ntest   dir:all\*  +5  ")
        self.assertRegex(table, r"\n\* has learned what it is asked, or may have: .*" + SAID)
        self.assertNotIn("blend*", table)

    def test_an_index_of_sequences_is_marked_by_what_it_was_made_of(self):
        self.headrace("index", "--data", "sequences.txt", "--format", "sequences", "--output", "all")
        error, marks = self.judge(*self.SEQUENCES, "--models", "dir:all")
        self.assertEqual(set(marks.values()), {True})
        self.assertRegex(error, r"dir:all: has learned what test asks: its figures say nothing")

    def test_an_index_that_holds_back_what_is_asked_is_not_marked(self):
        for name, data, run in ("next-click", ("train.txt", "sessions"), self.SESSIONS), ("leave-one-out", ("sequences.txt", "sequences"), self.SEQUENCES):
            with self.subTest(name):
                data = "--data", data[0], "--format", data[1]
                whole = self.headrace("index", *data, "--output", "all").stdout
                held = self.headrace("index", *data, "--output", name, "--hold-out", name).stdout
                self.assertNotEqual(whole.split(": ")[1], held.split(": ")[1])
                error, marks = self.judge(*run, "--models", f"blend,dir:{name}")
                self.assertEqual(set(marks.values()), {False})
                self.assertNotIn("learned", error)
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "x", "--hold-out", "some", code=2)

    def test_an_index_with_held_back_clicks_answers_as_one_of_the_rest_alone(self):
        last = sorted({s for s, _, _ in self.rows}, key=lambda s: int(s[1:]))[-8:]
        self.sessions("rest.txt", [row for row in self.rows if row[0] not in last])
        self.headrace("index", "--data", "rest.txt", "--format", "sessions", "--output", "rest")
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "held", "--hold-out", "next-click")
        self.assertEqual((self.folder / "rest/index.bin").read_bytes(), (self.folder / "held/index.bin").read_bytes())

    def test_later_clicks_are_not_what_it_has_learned(self):
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "all")
        error, marks = self.judge(*self.SESSIONS, "--test", "later.txt", "--models", "dir:all")
        self.assertEqual((marks, "learned" in error), ({("test", "dir:all"): False}, False))
        self.headrace("index", "--data", "later.txt", "--format", "sessions", "--output", "later")
        error, marks = self.judge(*self.SESSIONS, "--test", "later.txt", "--models", "dir:later")
        self.assertEqual(marks, {("test", "dir:later"): True})

    def train(self, model, output, *arguments):
        slirec = ["--settings", "batch=20,negatives=3,judge-negatives=5"]
        self.headrace("train", "--model", model, "--output", output, "--threads", 1, "--epochs", 1, *arguments,
                      *(slirec if model == "slirec" else ["--settings", SMALL]))

    def test_trainings_hold_back_what_leave_one_out_asks(self):
        data = "--data", "train.tsv", "--format", "interactions"
        self.train("slirec", "compat", *data)
        self.train("slirec", "fixed", *data, "--arithmetic", "fixed")
        self.train("sasrec", "encoder", *data)
        models = "dir:compat,dir:fixed,dir:encoder,hybrid"
        error, marks = self.judge(*self.INTERACTIONS, "--models", models)
        self.assertEqual(len(marks), 8)
        self.assertEqual(set(marks.values()), {False})
        self.assertNotIn("learned", error)
        error, marks = self.judge("--format", "interactions", "--train", "train.tsv", "--models", models)
        self.assertEqual(len(marks), 8)
        self.assertEqual(set(marks.values()), {True}, "the split by time asks for what they have learned")

    def test_what_a_models_own_index_has_learned_counts(self):
        self.train("slirec", "slirec", "--data", "train.tsv", "--format", "interactions", "--arithmetic", "fixed")
        for hold_out, above, marked in ([], 1, True), (["--hold-out", "leave-one-out"], 1, False), ([], 5000, False):
            self.headrace("index", "--data", "train.tsv", "--format", "interactions", "--output", "slirec/index", "--settings",
                          f"rerank.above={above},rerank.candidates=50", *hold_out)
            _, marks = self.judge(*self.INTERACTIONS, "--models", "dir:slirec")
            self.assertEqual(set(marks.values()), {marked}, (hold_out, above))

    def test_a_training_of_sessions_holds_back_what_next_click_asks(self):
        self.train("sasrec", "encoder", "--data", "train.txt", "--format", "sessions")
        error, marks = self.judge(*self.SESSIONS, "--models", "dir:encoder")
        self.assertEqual((set(marks.values()), "learned" in error), ({False}, False))
        error, marks = self.judge("--format", "sessions", "--train", "train.txt", "--protocol", "leave-one-out", "--models", "dir:encoder")
        self.assertEqual(set(marks.values()), {True})

    def write_log(self):
        lines = "".join(json.dumps({"value": {"who": s, "what": i, "time": t}}) + "\n" for s, i, t in self.rows)
        subprocess.run([HEADRACE, "topic", "write", "clicks", "--data", "data"], input=lines, text=True, cwd=self.folder, check=True, capture_output=True)

    LOG = "--from-log", "data", "--topic", "clicks", "--columns", "who,what,time"

    def test_a_log_is_judged_as_its_clicks_in_a_file(self):
        self.write_log()
        for log, file in ((), self.SESSIONS), (("--protocol", "leave-one-out"), self.INTERACTIONS):
            mine = json.loads(self.headrace("evaluate", "--json", *self.LOG, *log, "--models", "popular,blend").stdout)
            theirs = json.loads(self.headrace("evaluate", "--json", *file, "--models", "popular,blend").stdout)
            self.assertGreater(mine["results"][0]["questions"], 5)
            self.assertEqual(mine, theirs)

    def test_a_log_is_judged_with_what_was_made_of_it(self):
        self.write_log()
        self.train("slirec", "slirec", *self.LOG, "--arithmetic", "fixed")
        for protocol, models in ("leave-one-out", "dir:slirec,dir:index"), ("next-click", "dir:index"):
            self.headrace("index", *self.LOG, "--output", "index", "--hold-out", protocol)
            error, marks = self.judge(*self.LOG, "--protocol", protocol, "--models", models)
            self.assertEqual((set(marks.values()), "learned" in error), ({False}, False))
        self.headrace("index", *self.LOG, "--output", "index")
        _, marks = self.judge(*self.LOG, "--models", "dir:index,dir:slirec")
        self.assertEqual(set(marks.values()), {True})

    def test_a_log_has_a_format_of_its_own(self):
        for more, wanted in ([], "give either --train with --format, or --from-log"), (["--format", "sessions"], "give either --train"), \
                            ([*self.LOG, "--format", "sessions"], "--format: goes with --train; a log has its own"), \
                            ([*self.LOG, "--valid", "later.txt"], "--valid: goes with --train; a log is split"):
            error, _ = self.judge(*more, "--models", "popular", code=2)
            self.assertIn(wanted, error)
        error, _ = self.judge("--from-log", "none", "--models", "popular", code=3)
        self.assertIn("none holds no topics", error)

    def test_what_a_directory_does_not_tell_is_said(self):
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "all")
        head = json.loads((self.folder / "all/headrace.json").read_text())
        self.assertEqual(head["learned"]["clicks"], len(self.rows))
        self.assertEqual(head["learned"]["until"], max(time for _, _, time in self.rows))
        del head["learned"]
        (self.folder / "all/headrace.json").write_text(json.dumps(head))
        error, marks = self.judge(*self.SESSIONS, "--models", "dir:all")
        self.assertEqual(set(marks.values()), {None})
        self.assertRegex(error, "dir:all: whether it has learned what valid asks cannot be told")

    def test_a_directory_may_know_items_that_training_has_not(self):
        self.sessions("few.txt", [("a", "item1", 1_600_000_000), ("a", "item2", 1_600_000_060)])
        self.sessions("many.txt", [(f"b{n}", item, 1_600_100_000 + 60 * n + m) for n in range(300) for m, item in enumerate(("item1", f"new{n}"))])
        self.headrace("index", "--data", "many.txt", "--format", "sessions", "--output", "many")
        done = self.headrace("evaluate", "--json", "--k", 1000, "--format", "sessions", "--train", "few.txt", "--test", "many.txt", "--models", "dir:many")
        row = next(row for row in json.loads(done.stdout)["results"] if row["segment"] == "all")
        self.assertLessEqual(row["coverage"], 1)
        self.assertLess(row["novelty"], 10)

    def test_show_tells_it(self):
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "all")
        self.assertRegex(self.headrace("show", "all").stdout, rf"\nlearned     {len(self.rows)} clicks, until 2023-12-23T22:1\d:\d\dZ\n")

    def test_tuning_says_it_too(self):
        self.headrace("index", "--data", "train.txt", "--format", "sessions", "--output", "all")
        done = self.headrace("evaluate", *self.SESSIONS, "--models", "dir:all", "--tune", "walk.last=1/2")
        self.assertEqual(done.stderr.count("dir:all: "), 1)
        self.assertIn("its figures say nothing", done.stderr)

    def test_asking_what_is_learned_is_refused(self):
        self.sessions("shuffled.txt", reversed(self.rows))
        for option, name in ("--valid", "train.txt"), ("--test", "shuffled.txt"):
            error, _ = self.judge(*self.SESSIONS, option, name, code=3)
            self.assertRegex(error, rf"{name}: {option} has the very clicks of --train, so .* leave it out, and both parts are split off --train")


if __name__ == "__main__":
    unittest.main(verbosity=2)

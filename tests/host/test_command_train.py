"""`headrace model train` as a shell calls it: from a file, from a log, interrupted and taken up again.
Usage: test_command_train.py HEADRACE"""
import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

HEADRACE = sys.argv.pop(1)


def shop(users, events, items=9):
    """Every user walks round a ring of items, a step a minute."""
    for user in range(users):
        for event in range(events):
            item = (user * 3 + event * (1 + user % 2)) % items
            yield f"user{user}", f"item{item}", 1_700_000_000 + 60 * event + user, f"kind{item % 3}"


class Train(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-train-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def headrace(self, *arguments, text=None):
        return subprocess.run([HEADRACE, *map(str, arguments)], cwd=self.folder, input=text, capture_output=True, text=True)

    def write(self, rows):
        (self.folder / "shop.tsv").write_text("".join("1\t%s\t%s\t%s\t%s\n" % row for row in rows))

    def answer(self, directory):
        request = {"userId": "x", "items": ["item1", "item2"], "timestamps": ["1700000000", "1700000060"]}
        run = self.headrace("model", "answer", directory, "--now", 1_700_000_100_000, text=json.dumps(request))
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def test_a_file_becomes_a_model_that_answers(self):
        self.write(shop(12, 9))
        for arithmetic in "compat", "fixed":
            run = self.headrace("model", "train", "--data", "shop.tsv", "--output", arithmetic, "--arithmetic", arithmetic,
                                "--epochs", 2, "--threads", 2, "--settings", "batch=20,negatives=3,judge-negatives=5")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertRegex(run.stderr, r"epoch 2 of 2 loss \d.\d+, group AUC 0?.\d+ \(best")
            self.assertEqual(len(self.answer(arithmetic)["itemIds"]), 9)
            card = (self.folder / arithmetic / "card.md").read_text()
            self.assertIn(f"arithmetic {arithmetic}", card)
            self.assertIn("108 interactions of 12 users with 9 items; 72 instances to learn from", card)

    def test_a_model_is_trained_for_the_precision_it_serves_in(self):
        self.write(shop(12, 9))
        for number, options in enumerate(([], ["--precision", "float32"], ["--precision", "bf16"])):
            run = self.headrace("model", "train", "--data", "shop.tsv", "--output", f"m{number}", "--epochs", 1, "--threads", 1,
                                "--settings", "batch=20,negatives=3", *options)
            self.assertEqual(run.returncode, 0, run.stderr)
        heads = [json.loads((self.folder / f"m{number}" / "headrace.json").read_text()) for number in range(3)]
        self.assertEqual([head.get("precision") for head in heads], [None, None, "bf16"])
        weights = [(self.folder / f"m{number}" / "weights.safetensors").read_bytes() for number in range(3)]
        self.assertEqual(weights[0], weights[2], "the weights are stored as they are")
        self.assertIn("precision bf16", self.headrace("model", "show", "m2").stdout)
        self.answer("m2")
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "m3", "--precision", "half")
        self.assertEqual((run.returncode, run.stderr), (2, 'headrace model train: --precision: "half" is not float32 or bf16\n'))
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "m3", "--model", "sasrec", "--precision", "bf16")
        self.assertEqual(run.returncode, 2)
        self.assertIn("--precision: is for slirec only; leave it out", run.stderr)

    def test_a_log_becomes_a_model_that_answers(self):
        lines = [{"value": {"message": {"data": [{"e": "pv", "duid": user, "url": f"https://shop.example/products/{item}?x=1",
                                                  "dtm": str(time * 1000)}]}}} for user, item, time, _ in shop(12, 9)]
        run = self.headrace("topic", "write", "http.shopify-events", "--data", "data", text="\n".join(map(json.dumps, lines)))
        self.assertEqual(run.returncode, 0, run.stderr)
        run = self.headrace("model", "train", "--from-log", "data", "--output", "model", "--arithmetic", "fixed", "--epochs", 1,
                            "--settings", "batch=20,negatives=3")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("http.shopify-events: 108 records: 108 views, 0 carts", run.stderr)
        self.assertEqual(len(self.answer("model")["itemIds"]), 9)
        run = self.headrace("model", "train", "--from-log", "nowhere", "--output", "model")
        self.assertEqual(run.returncode, 3)
        self.assertEqual(run.stderr, "headrace model train: nowhere holds no topics; name the directory a server was run with\n")
        run = self.headrace("model", "train", "--from-log", "data", "--topic", "no", "--output", "model")
        self.assertEqual((run.returncode, run.stderr), (3, "headrace model train: there is no topic no; `headrace topic list` shows them\n"))

    def test_going_on_otherwise_says_what_is_other(self):
        self.write(shop(12, 9))
        small = ["--epochs", 1, "--threads", 1, "--settings", "batch=20,negatives=3"]
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", *small)
        self.assertEqual(run.returncode, 0, run.stderr)
        for other, wanted in (["--arithmetic", "fixed"], "was made with other settings"), (["--order", "time"], "was made with other settings"):
            run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", *small, "--resume", *other)
            self.assertEqual(run.returncode, 3)
            self.assertIn(f"model/checkpoint: {wanted}", run.stderr)
        for rows in shop(12, 8), shop(13, 9, items=11):
            self.write(rows)
            run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", *small, "--resume")
            self.assertEqual(run.returncode, 3)
            self.assertIn("model/checkpoint: was made from other data", run.stderr)

    def test_interrupted_it_says_how_to_go_on_and_goes_on(self):
        self.write(shop(12, 12))
        command = ["model", "train", "--data", "shop.tsv", "--output", "model", "--threads", "1", "--settings",
                   "batch=50,negatives=3,patience=10000"]
        for number in signal.SIGINT, signal.SIGTERM:
            process = subprocess.Popen([HEADRACE, *command, "--epochs", "10000"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
            if number == signal.SIGTERM:
                self.assertEqual(process.stderr.readline(), "model: what stands there is trained anew, and stays until that is done; "
                                                            "--resume would go on from its checkpoint\n")
            self.assertIn("epoch 1 of 10000", process.stderr.readline())
            process.send_signal(number)
            said = process.stderr.read()
            process.stderr.close()
            self.assertEqual(process.wait(), 4)
            self.assertIn("saved in model/checkpoint. The same command with --resume goes on", said)
        run = self.headrace(*command, "--epochs", 1, "--resume")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("model: ready", run.stdout)

    def test_what_is_wrong_is_said_with_its_place(self):
        for text, wanted in (
            ("1\ta\tx\t1\tc\n1\ta\ty\tsoon\tc\n", "shop.tsv: line 2: column 4 (time) is \"soon\", must be a number"),
            ("", "shop.tsv: nothing to learn from: a user needs 4 lines at least"),
        ):
            (self.folder / "shop.tsv").write_text(text)
            run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model")
            self.assertEqual(run.returncode, 3)
            self.assertIn(wanted, run.stderr)
        run = self.headrace("model", "train", "--output", "model")
        self.assertEqual(run.returncode, 2)
        self.assertIn("give either --data or --from-log", run.stderr)
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", "--columns", "a,b,c")
        self.assertEqual(run.returncode, 2)
        self.assertIn("--columns: \"a,b,c\" goes with --format sessions or events", run.stderr)
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", "--model", "bert")
        self.assertEqual(run.returncode, 2)
        self.assertIn("slirec", run.stderr)

    def test_options_a_model_does_not_take_are_a_wrong_command(self):
        for model, options, wanted in (
            ("slirec", ["--settings", "width=3"], '--settings: "width=3" is no setting; there are: batch'),
            ("slirec", ["--arithmetic", "better"], "--arithmetic: must be compat or fixed"),
            ("sasrec", ["--settings", "width=40"], "--settings: "),
            ("sasrec", ["--arithmetic", "fixed"], "--arithmetic: is for slirec only"),
            ("sasrec", ["--format", "events", "--columns", "a,b"], "--columns: must be USER,ITEM,TIME"),
        ):
            with self.subTest(options):
                run = self.headrace("model", "train", "--model", model, "--data", "none.tsv", "--output", "model", *options)
                self.assertEqual(run.returncode, 2)
                self.assertIn(wanted, run.stderr)

    def test_an_inventory_is_judged_before_learning(self):
        self.write(shop(12, 9))
        for text, wanted in (
            (None, "inventory.json: cannot be read: "),
            ("{", "inventory.json: line 1, column 2: "),
            ("[]", 'inventory.json: line 1, column 1: must be a JSON file with an object "handle_to_id_dict"'),
            ('{"handle_to_id_dict": {"item1": 7}}', "inventory.json: line 1, column 33: a product id must be a text"),
            ('{"handle_to_id_dict": {"hat": "1"}}', "inventory.json: has none of the items that are learned from"),
        ):
            with self.subTest(text):
                if text is not None:
                    (self.folder / "inventory.json").write_text(text)
                run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "model", "--epochs", 1, "--inventory", "inventory.json")
                self.assertEqual(run.returncode, 3, run.stderr)
                self.assertIn(wanted, run.stderr)
                self.assertNotIn("epoch", run.stderr)

    def test_advice_names_only_what_training_has(self):
        (self.folder / "clicks").write_text("SessionId\tItemId\tTime\nu\ta\t1\nu\tb\t2\nu\tc\t3\n")
        run = self.headrace("model", "train", "--model", "sasrec", "--format", "sessions", "--data", "clicks", "--output", "model")
        self.assertEqual(run.returncode, 3)
        self.assertTrue(run.stderr.endswith("too few to split by time; give more clicks\n"), run.stderr)
        for data, code in ((".", 3), ("none", 3)):
            run = self.headrace("model", "train", "--data", data, "--output", "model")
            self.assertEqual(run.returncode, code, run.stderr)

    def test_help_names_models_their_settings_and_epochs(self):
        text = self.headrace("model", "train", "--help").stdout
        for wanted in ("slirec: SLi-Rec", "sasrec: a sequence encoder", "(default: slirec)", "sasrec: width, heads", "sasrec: 100, or 20"):
            self.assertIn(wanted, text)

    def test_an_output_that_cannot_be_made_is_refused_before_learning(self):
        self.write(shop(12, 9))
        run = self.headrace("model", "train", "--data", "shop.tsv", "--output", "shop.tsv", "--epochs", 1)
        self.assertEqual(run.returncode, 3)
        self.assertIn("--output: shop.tsv is there and no directory", run.stderr)
        self.assertNotIn("epoch", run.stderr)

    def test_judging_that_is_interrupted_says_so(self):
        lines = ["%s %s" % (f"user{user}", " ".join(f"item{(user + step) % 9}" for step in range(6))) for user in range(12)]
        (self.folder / "clicks.txt").write_text("\n".join(lines) + "\n")
        command = [HEADRACE, "model", "evaluate", "--train", "clicks.txt", "--format", "sequences", "--protocol", "leave-one-out"]
        small = "sasrec.width=16,sasrec.heads=1,sasrec.layers=1,sasrec.inner=16,sasrec.steps=8,sasrec.epochs=1000,sasrec.patience=0"
        process = subprocess.Popen([*command, "--models", "sasrec", "--settings", small], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "epoch 1 of at most 1000" in line:
                break
        process.send_signal(signal.SIGINT)
        out, said = process.communicate()
        self.assertEqual((process.returncode, out), (4, ""))
        self.assertIn("stopped; nothing is kept", said)

    def test_trying_settings_that_is_interrupted_tells_the_best_so_far(self):
        lines = ["%s %s" % (f"user{user}", " ".join(f"item{(user + step) % 9}" for step in range(6))) for user in range(12)]
        (self.folder / "clicks.txt").write_text("\n".join(lines) + "\n")
        command = [HEADRACE, "model", "evaluate", "--train", "clicks.txt", "--format", "sequences", "--protocol", "leave-one-out"]
        many = "/".join(map(str, range(1, 65)))
        grid = f"vmis-knn.m={many},vmis-knn.k={many},walk.branches={many}"
        process = subprocess.Popen([*command, "--models", "vmis-knn", "--tune", grid], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.assertIn("262144 of 262144 combinations", process.stdout.readline())
        self.assertIn("vmis-knn.m=1,vmis-knn.k=1", process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate()
        self.assertEqual(process.returncode, 4)
        self.assertRegex(out.splitlines()[-1], r"^best of vmis-knn: \d\.\d+ with --settings vmis-knn\.m=")
        self.assertIn("stopped", said)


if __name__ == "__main__":
    unittest.main()

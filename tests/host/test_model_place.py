"""A model directory is replaced whole, by whichever command makes it, or stays as it was.
Usage: test_model_place.py HEADRACE SOURCE NO_EXCHANGE   (SOURCE: the parts of a small SLi-Rec; NO_EXCHANGE: no_exchange.c, built)"""
import fcntl
import json
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

NO_EXCHANGE = sys.argv.pop()
SOURCE = pathlib.Path(sys.argv.pop())
HEADRACE = sys.argv.pop()
POINTS = "file_written", "file_renamed", "directory_synced", "directory_exchanged"
CLICKS = "".join(f"{user}\t{item}\t{1700000000 + 100 * user + item}\n" for user in range(30) for item in range(user % 5, user % 5 + 4))


def contents(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}


class Place(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="headrace-place-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.write("clicks.txt", "SessionId\tItemId\tTime\n" + CLICKS)

    def write(self, name, text):
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text)

    def headrace(self, *arguments, code=0, environment=None):
        done = subprocess.run([HEADRACE, "model", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout + done.stderr

    def source(self, name="other"):
        """Parts of another model of the same sizes: two items have changed their names, and the weights theirs."""
        folder = self.folder / name
        shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("golden", "serenade"))
        items = json.loads((folder / "vocab_items.json").read_text())
        items["laptop"], items["pen"] = items["pen"], items["laptop"]
        (folder / "vocab_items.json").write_text(json.dumps(items))
        weights = bytearray((folder / "weights.safetensors").read_bytes())
        weights[-4:] = weights[-8:-4]
        (folder / "weights.safetensors").write_bytes(weights)
        return folder

    def shop(self, users=12, events=9):
        self.write("shop.tsv", "".join(f"1\tu{user}\titem{(user * 3 + event) % 9}\t{1700000000 + 60 * event + user}\tc{user % 2}\n"
                                       for user in range(users) for event in range(events)))

    def train(self, *arguments, output="model", code=0, **more):
        return self.headrace("train", "--data", "shop.tsv", "--output", output, "--epochs", 1, "--threads", 1, *arguments, code=code, **more)

    def slirec(self, *arguments, **more):
        return self.train("--settings", "batch=20,negatives=3", *arguments, **more)

    def sasrec(self, *arguments, **more):
        return self.train("--model", "sasrec", "--settings", "width=16,heads=1,layers=1,inner=16,steps=8,batch=8", *arguments, **more)

    def index(self, output, clicks="clicks.txt", **more):
        return self.headrace("index", "--data", clicks, "--format", "sessions", "--output", output, **more)

    def hidden(self):
        return sorted(path.name for path in self.folder.rglob(".*"))

    # --- killed at any moment

    def killed_everywhere(self, make, old):
        """make(environment, code) over `old` (model/), killed at every pass of every point: old or new, whole."""
        make({}, 0)
        new = contents(self.folder / "model")
        self.assertNotEqual(old, new)
        seen = set()
        for point in POINTS:
            for passes in range(1, 40):
                shutil.rmtree(self.folder / "model")
                for name, data in old.items():
                    (self.folder / "model" / name).parent.mkdir(exist_ok=True, parents=True)
                    (self.folder / "model" / name).write_bytes(data)
                killed = make({"HEADRACE_KILLPOINT": f"{point}:{passes}"}, None)
                found = contents(self.folder / "model")
                self.headrace("show", "model")
                kept = {name: data for name, data in found.items() if not name.startswith("checkpoint")}
                which = [name for name, whole in (("old", old), ("new", new))
                         if kept == {key: data for key, data in whole.items() if key != "checkpoint"}]
                self.assertTrue(which, f"{point}:{passes} left {sorted(found)}")
                seen.add((point, which[0]) if killed else ("whole", which[0]))
                self.assertLessEqual(len(self.hidden()), 1)
                if not killed:
                    break
            else:
                self.fail(f"{point} is passed without end")
        self.assertEqual(self.hidden(), [], "the last one, not killed, has removed what was left")
        self.assertEqual({which for point, which in seen if point == "directory_exchanged"}, {"new"})
        self.assertEqual({which for point, which in seen if point == "directory_synced"}, {"old"})

    def maker(self, *arguments):
        def make(environment, code):
            done = subprocess.run([HEADRACE, "model", *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                                  env={**os.environ, **environment})
            self.assertIn(done.returncode, (0, -signal.SIGKILL), done.stderr)
            self.assertTrue(code is None or done.returncode == code, done.stderr)
            return done.returncode != 0
        return make

    def test_an_import_that_is_killed_leaves_the_old_model_or_the_new_one(self):
        other = self.source()
        self.headrace("import", SOURCE, "model", "--inventory", SOURCE / "inventory.json")
        self.killed_everywhere(self.maker("import", other, "model"), contents(self.folder / "model"))

    def test_so_does_a_training(self):
        self.shop()
        for model, settings in ("slirec", "batch=20,negatives=3"), ("sasrec", "width=16,heads=1,layers=1,inner=16,steps=8,batch=8"):
            with self.subTest(model):
                command = "train", "--data", "shop.tsv", "--output", "model", "--epochs", 1, "--threads", 1, "--settings", settings, "--model", model
                shutil.rmtree(self.folder / "model", ignore_errors=True)
                self.headrace(*command, "--seed", 1)
                self.killed_everywhere(self.maker(*command, "--seed", 2), contents(self.folder / "model"))

    def test_so_does_an_index(self):
        self.index("model")
        self.write("more.txt", "SessionId\tItemId\tTime\n" + CLICKS + "99\t3\t1700099000\n99\t1\t1700099001\n")
        self.killed_everywhere(self.maker("index", "--data", "more.txt", "--format", "sessions", "--output", "model"), contents(self.folder / "model"))

    def test_what_another_run_is_writing_is_not_taken_for_left_over(self):
        held, left, other = (self.folder / f".model.new-{name}" for name in ("00000000", "00000001", "0000000g"))
        for folder in held, left, other:
            folder.mkdir()
        descriptor = os.open(held, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self.headrace("import", SOURCE, "model")
        self.assertEqual(self.hidden(), [held.name, other.name])
        os.close(descriptor)
        self.headrace("import", SOURCE, "model")
        self.assertEqual(self.hidden(), [other.name])

    def test_a_write_that_fails_leaves_the_old_model(self):
        self.headrace("import", SOURCE, "model")
        before = contents(self.folder / "model")
        other = self.source()
        for limit in 100, 3000, 100000:
            done = subprocess.run([HEADRACE, "model", "import", other, "model"], cwd=self.folder, capture_output=True, text=True,
                                  restore_signals=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(done.returncode, 3)
            self.assertIn(": cannot be written: ", done.stderr)
            self.assertEqual((contents(self.folder / "model"), self.hidden()), (before, []))

    def test_where_nothing_can_be_exchanged_the_old_one_comes_back(self):
        other = self.source()
        apart = {"LD_PRELOAD": NO_EXCHANGE}
        self.headrace("import", SOURCE, "model", environment=apart)
        old = contents(self.folder / "model")
        self.headrace("import", SOURCE, "new")
        self.headrace("import", other, "new", environment=apart)
        new = contents(self.folder / "new")
        self.assertNotEqual(old, new)
        self.headrace("import", other, "model", code=-signal.SIGKILL, environment={**apart, "HEADRACE_KILLPOINT": "directory_moved_away"})
        self.assertFalse((self.folder / "model").exists())
        self.assertIn("is a SLi-Rec and would become", self.index("model", code=3))
        self.assertEqual((contents(self.folder / "model"), self.hidden()), (old, []))
        self.headrace("import", other, "model", code=-signal.SIGKILL, environment={**apart, "HEADRACE_KILLPOINT": "directory_exchanged"})
        self.assertEqual((contents(self.folder / "model"), len(self.hidden())), (new, 1))
        self.headrace("import", other, "model", environment=apart)
        self.assertEqual((contents(self.folder / "model"), self.hidden()), (new, []))

    def test_a_name_that_is_too_long_is_said(self):
        for name in "n" * 300, "n" * 5000, "n/" * 10000:
            self.assertIn(f"headrace model import: {name}: ", self.headrace("import", SOURCE, name, code=3))

    # --- what stands there

    def test_a_neighbour_with_a_likely_name_stays(self):
        self.headrace("import", SOURCE, "a.new")
        self.write(".a.new-note", "mine")
        self.headrace("import", SOURCE, "a")
        self.headrace("show", "a.new")
        self.assertEqual((self.folder / ".a.new-note").read_text(), "mine")

    def test_nothing_of_the_old_model_stays_beside_the_new_one(self):
        self.shop()
        self.slirec()
        self.assertLessEqual({"card.md", "checkpoint"}, set(contents(self.folder / "model")))
        said = self.headrace("import", SOURCE, "model")
        self.assertEqual(set(contents(self.folder / "model")), {"headrace.json", "weights.safetensors", "items.json", "cates.json",
                                                                "item_category.json", "products.json", "MLmodel"})
        self.assertIn("model/checkpoint was of the model before, and goes with it", said)
        self.assertIn("model/card.md was of the model before", said)

    def test_an_index_stays_while_it_fits(self):
        self.shop()
        self.write("item.txt", "SessionId\tItemId\tTime\n" + "".join(f"{s}\titem{(s + i) % 9}\t{1700000000 + i}\n" for s in range(9) for i in range(3)))
        for train, output in (self.slirec, "a"), (self.sasrec, "b"):
            train(output=output)
            self.index(f"{output}/index", "item.txt")
            made = contents(self.folder / output / "index")
            self.assertIn(f"{output}/index is kept", train("--seed", 2, output=output))
            self.assertEqual(contents(self.folder / output / "index"), made)
        said = self.headrace("import", SOURCE, "a")
        self.assertIn("a/index is not kept: index: none of its items is in the model's catalogue", said)
        self.assertFalse((self.folder / "a" / "index").exists())
        self.headrace("show", "a")

    def test_an_index_that_does_not_fit_the_model_is_not_put_beside_it(self):
        self.headrace("import", SOURCE, "model")
        said = self.index("model/index", code=3)
        self.assertIn("none of its items is in the model's catalogue", said)
        self.assertFalse((self.folder / "model" / "index").exists())
        self.headrace("show", "model")

    def test_a_model_of_another_kind_is_not_replaced(self):
        self.shop()
        make = {"slirec": lambda output, **more: self.slirec(output=output, **more), "sasrec": lambda output, **more: self.sasrec(output=output, **more),
                "import": lambda output, **more: self.headrace("import", SOURCE, output, **more), "index": self.index}
        kinds = {"slirec": "a SLi-Rec", "sasrec": "a SASRec", "index": "an index of clicks"}
        for stands, kind in kinds.items():
            make[stands](stands)
            before = contents(self.folder / stands)
            for other in set(make) - {stands, "import" if stands == "slirec" else stands}:
                if other == "import" and stands == "slirec":
                    continue
                said = make[other](stands, code=3)
                self.assertIn(f"{stands}: is {kind} and would become ", said)
                self.assertNotIn("epoch", said)
                self.assertEqual(contents(self.folder / stands), before)

    def test_a_directory_of_other_things_is_not_replaced(self):
        self.shop()
        self.write("home/diary.txt", "dear")
        for make in (lambda: self.headrace("import", SOURCE, "home", code=3), lambda: self.slirec(output="home", code=3),
                     lambda: self.sasrec(output="home", code=3), lambda: self.index("home", code=3)):
            said = make()
            self.assertIn('home: "diary.txt" in it is no file of a model', said)
            self.assertNotIn("epoch", said)
            self.assertEqual(contents(self.folder / "home"), {"diary.txt": b"dear"})
        for model in "slirec", "sasrec":
            self.assertIn("diary.txt", self.headrace("train", "--model", model, "--data", "none.tsv", "--output", "home", code=3), "before data are read")
        self.headrace("import", SOURCE, "model")
        self.write("model/notes.md", "mine")
        self.assertIn('model: "notes.md" in it is no file', self.headrace("import", SOURCE, "model", code=3))
        self.write("file", "")
        self.assertIn("file: is no directory", self.headrace("import", SOURCE, "file", code=3))

    def test_a_link_stays_a_link(self):
        (self.folder / "disk").mkdir()
        self.headrace("import", SOURCE, "disk/model")
        (self.folder / "model").symlink_to("disk/model")
        self.headrace("import", self.source(), "model/")
        self.assertTrue((self.folder / "model").is_symlink())
        self.headrace("show", "model")
        self.assertEqual([path.name for path in (self.folder / "disk").iterdir()], ["model"])
        (self.folder / "gone").symlink_to("nowhere")
        self.assertIn("gone: is a link that leads nowhere", self.headrace("import", SOURCE, "gone", code=3))

    def test_a_training_that_is_stopped_leaves_the_model_and_goes_on(self):
        self.shop(12, 12)
        self.slirec("--seed", 1)
        before = contents(self.folder / "model")
        command = [HEADRACE, "model", "train", "--data", "shop.tsv", "--output", "model", "--threads", "1", "--seed", "2",
                   "--settings", "batch=20,negatives=3,patience=10000"]
        process = subprocess.Popen([*command, "--epochs", "10000"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        while "epoch 1 of" not in (line := process.stderr.readline()):
            self.assertIn("what stands there is trained anew, and stays until that is done", line)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        self.assertEqual(process.wait(), 4)
        stopped = contents(self.folder / "model")
        self.assertEqual({name for name in stopped if stopped[name] != before.get(name)}, {"checkpoint"})
        self.headrace("show", "model")
        done = subprocess.run([*command, "--epochs", "1", "--resume"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        after = contents(self.folder / "model")
        self.assertEqual(after["checkpoint"], stopped["checkpoint"])
        self.assertNotEqual(after["weights.safetensors"], before["weights.safetensors"])

    # --- files of two models

    def test_a_vocabulary_of_another_model_is_refused(self):
        other = self.source()
        self.headrace("import", SOURCE, "a")
        self.headrace("import", other, "b")
        for name in "items.json", "weights.safetensors":
            mixed = self.folder / "mixed"
            shutil.rmtree(mixed, ignore_errors=True)
            shutil.copytree(self.folder / "a", mixed)
            shutil.copy(self.folder / "b" / name, mixed)
            said = self.headrace("show", "mixed", code=3)
            self.assertIn(f"mixed/{name}: is not the file this model was made with", said)
            self.assertIn("copy the whole directory of one model, or make it anew", said)

    def test_so_is_one_of_an_encoder(self):
        self.shop()
        self.sasrec()
        items = self.folder / "model" / "items.json"
        names = json.loads(items.read_text())
        items.write_text(json.dumps(names[::-1]))
        self.assertIn("model/items.json: is not the file this model was made with", self.headrace("show", "model", code=3))

    def test_a_directory_without_checksums_is_opened(self):
        self.headrace("import", SOURCE, "model")
        head = self.folder / "model" / "headrace.json"
        settings = json.loads(head.read_text())
        self.assertEqual(set(settings["files"]), {"weights.safetensors", "items.json", "cates.json", "item_category.json"})
        for files, wanted in (({"../shop.tsv": "crc32c:00000000"}, "is no file of a model"), ({"items.json": 3}, "must be a text like"),
                              ([], "must be an object")):
            head.write_text(json.dumps({**settings, "files": files}))
            self.assertIn(wanted, self.headrace("show", "model", code=3))
        del settings["files"]
        head.write_text(json.dumps(settings))
        self.headrace("show", "model")

    def test_what_a_directory_made_by_hand_lacks_is_shown(self):
        self.headrace("import", SOURCE, "model")
        self.assertNotRegex(self.headrace("show", "model"), "(?m)^but ")
        head = self.folder / "model" / "headrace.json"
        settings = json.loads(head.read_text())
        del settings["files"]
        head.write_text(json.dumps(settings))
        self.write("model/products.json", json.dumps({"boat": "1"}))
        self.assertRegex(self.headrace("show", "model"), "(?m)^but +products.json: the inventory has none of the catalogue's handles")
        self.write("model/item_category.json", json.dumps({"laptop": "Boats", "boat": "Home"}))
        self.write("model/products.json", "{}")
        self.assertRegex(self.headrace("show", "model"), "(?m)^but +1 of 2 items of the catalogue are unknown to the weights\n1 of 2 items .* category$")

    # --- parts that fit by their sizes alone

    def refused(self, wanted, *arguments, **parts):
        folder = self.source("parts")
        for name, value in parts.items():
            (folder / f"vocab_{name}.json").write_text(json.dumps(value))
        self.assertIn(wanted, self.headrace("import", folder, "model", *arguments, code=3))
        self.assertFalse((self.folder / "model").exists())
        shutil.rmtree(folder)

    def test_a_catalogue_of_another_shop_is_refused(self):
        self.refused("none of its items is in items.json", item_category={"boat": "Home", "sail": "Home"})
        self.refused("none of its categories is in cates.json", item_category={"laptop": "Boats", "pen": "Boats"})
        folder = self.source()
        (folder / "vocab_item_category.json").write_text(json.dumps({"laptop": "Home", "pen": "Boats", "boat": "Home"}))
        said = self.headrace("import", folder, "model")
        self.assertIn("1 of 3 items of the catalogue are unknown to the weights", said)
        self.assertIn("1 of 3 items of the catalogue have an unknown category", said)

    def test_an_inventory_of_another_shop_is_refused(self):
        self.write("inventory.json", json.dumps({"handle_to_id_dict": {"boat": "1"}}))
        self.refused("the inventory has none of the catalogue's handles", "--inventory", "inventory.json")
        self.write("inventory.json", json.dumps({"handle_to_id_dict": {"laptop": "1", "pen": "1"}}))
        self.refused('"1" is the id of "laptop" and of "pen"', "--inventory", "inventory.json")
        self.write("inventory.json", json.dumps({"handle_to_id_dict": {"laptop": "1", "pen": "2"}}))
        self.assertRegex(self.headrace("import", SOURCE, "model", "--inventory", "inventory.json"),
                         r"232 of 234 items of the catalogue have no id in the inventory")

    # --- who may read it

    def test_umask_decides_who_may_read_a_model(self):
        self.shop()
        old = os.umask(0o027)
        self.addCleanup(os.umask, old)
        self.headrace("import", SOURCE, "deep/a")
        self.slirec(output="b")
        self.sasrec(output="c")
        self.index("d")
        self.index("e/index")
        for path in [path for top in ("deep", "b", "c", "d", "e") for path in [self.folder / top, *(self.folder / top).rglob("*")]]:
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o750 if path.is_dir() else 0o640, path)
        (self.folder / "b").chmod(0o2775)
        self.slirec(output="b")
        self.assertEqual(stat.S_IMODE((self.folder / "b").stat().st_mode), 0o2775, "a directory keeps the mode it was given")


if __name__ == "__main__":
    unittest.main()

"""`headrace model index` from clicks to answers, and what it says of input that is no good.
Usage: test_command_index.py HEADRACE"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HEADRACE = sys.argv.pop(1)
CLICKS = [("s1", "red-shoe", 100), ("s1", "blue-shoe", 110), ("s2", "red-shoe", 200), ("s2", "blue-shoe", 210), ("s2", "hat", 220),
          ("s3", "hat", 300), ("s3", "scarf", 310), ("s4", "blue-shoe", 400), ("s4", "red-shoe", 420)]
CATALOGUE = [{"id": f"gid://shopify/Product/{number}", "handle": handle, "category": category}
             for number, (handle, category) in enumerate([("red-shoe", "shoes"), ("blue-shoe", "shoes"), ("hat", "heads"), ("scarf", "heads"),
                                                          ("new-shoe", "shoes")])]


def product(handle):
    return next(row["id"] for row in CATALOGUE if row["handle"] == handle)


class ModelIndex(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="headrace-test-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.write("clicks.txt", "SessionId\tItemId\tTime\n" + "".join(f"{s}\t{i}\t{t}\n" for s, i, t in CLICKS))
        self.write("catalogue.json", json.dumps(CATALOGUE))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def run_it(self, *arguments, code=0, text=None):
        done = subprocess.run([HEADRACE, "model", *arguments], capture_output=True, text=True, cwd=self.folder, input=text)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def index(self, *arguments, code=0):
        return self.run_it("index", "--data", "clicks.txt", "--format", "sessions", "--output", "model", *arguments, code=code)

    def answer(self, *items):
        request = {"userId": "u", "items": items, "timestamps": [str(500 + at) for at in range(len(items))]}
        return json.loads(self.run_it("answer", "model", "--now", "1000000", text=json.dumps(request)))

    def test_a_shop_with_clicks_alone_has_a_recommender(self):
        self.assertIn("4 sessions, 9 clicks, 4 items", self.index())
        self.assertEqual(self.answer("red-shoe")["itemIds"][0], "blue-shoe")
        self.assertIn("retrieval from an index of clicks", self.run_it("show", "model"))

    def write_log(self, values):
        lines = "\n".join(json.dumps({"value": value}) for value in values)
        done = subprocess.run([HEADRACE, "topic", "write", "http.shopify-events", "--data", "data"], capture_output=True, text=True, cwd=self.folder, input=lines)
        self.assertEqual(done.returncode, 0, done.stderr)

    def index_log(self, *arguments, code=0):
        return self.run_it("index", "--from-log", "data", "--output", "model", *arguments, code=code)

    def test_a_log_gives_the_same_model_as_its_clicks_in_a_file(self):
        def event(session, item, time, **fields):
            page = {"e": "pv", "duid": session, "url": f"https://shop.example/products/{item}", "dtm": str(time * 1000)}
            return {"message": {"data": [{**page, **fields}]}}

        clicks = [(session, item, 1700000000 + time) for session, item, time in CLICKS]
        self.write("clicks.txt", "SessionId\tItemId\tTime\n" + "".join(f"{s}\t{i}\t{t}\n" for s, i, t in clicks))
        events = [event(*click) for click in clicks]
        events[3] = event("s2", "", clicks[3][2], e="ti", ti_sk="blue-shoe")
        events += [{"message": {"data": [{"e": "pp", "duid": "s1"}]}}, event("s1", "", 1700000130)]
        self.write_log(reversed(events))
        self.assertIn("4 sessions, 9 clicks, 4 items", self.index_log("--catalogue", "catalogue.json"))
        made = self.answer("red-shoe")
        self.index("--catalogue", "catalogue.json")
        self.assertEqual(made, self.answer("red-shoe"))
        self.assertEqual(len(made["itemIds"]), 4)

    def test_a_visitors_pause_of_half_an_hour_ends_a_session(self):
        clicks = [("v", "red-shoe", 0), ("v", "hat", 1800), ("v", "scarf", 3601), ("v", "blue-shoe", 3700), ("w", "hat", 3700)]
        self.write_log({"user": user, "item": item, "time": 1700000000 + time} for user, item, time in clicks)
        self.assertIn("3 sessions, 5 clicks, 4 items", self.index_log())

    def test_a_log_without_clicks_is_said(self):
        self.write_log([{"who": "v", "what": "hat"}, {"who": "v", "what": "mug"}])
        self.assertIn("http.shopify-events: holds no views, carts, orders or objects with user and item; name another --topic", self.index_log(code=3))
        self.assertIn("1 sessions, 2 clicks, 2 items", self.index_log("--columns", "who,what,when"))
        self.assertEqual(self.index_log("--topic", "nothing", code=3), "headrace model index: there is no topic nothing; `headrace topic list` shows them\n")
        self.assertIn("give either --data or --from-log", self.run_it("index", "--output", "model", code=2))
        self.assertIn("give either --data or --from-log", self.index("--from-log", "data", code=2))
        self.assertIn("goes with --data", self.index_log("--format", "sessions", code=2))
        self.assertIn("give sessions, sequences, events or interactions", self.run_it("index", "--data", "clicks.txt", "--output", "model", code=2))

    def test_answers_have_the_catalogues_ids_and_scores_between_0_and_1(self):
        self.index("--catalogue", "catalogue.json")
        answer = self.answer("red-shoe")
        self.assertEqual(answer["itemIds"][0], product("blue-shoe"))
        self.assertEqual(sorted(answer["itemIds"]), sorted(row["id"] for row in CATALOGUE if row["handle"] != "red-shoe"))
        self.assertEqual(answer["preds"], sorted(answer["preds"], reverse=True))
        self.assertTrue(all(0 < pred <= 1 for pred in answer["preds"]))

    def test_there_is_an_answer_whoever_asks(self):
        self.index("--catalogue", "catalogue.json")
        self.assertEqual(self.answer()["itemIds"][0], product("red-shoe"), "what is popular")
        self.assertEqual(self.answer("nobody-knows-it"), self.answer())
        self.assertEqual(set(self.answer("new-shoe")["itemIds"][:2]), {product("red-shoe"), product("blue-shoe")}, "its category")

    def test_the_order_is_that_of_time(self):
        self.index()
        late = {"userId": "u", "items": ["hat", "red-shoe"], "timestamps": ["900", "100"]}
        there = json.loads(self.run_it("answer", "model", text=json.dumps(late)))
        self.assertEqual(there, self.answer("red-shoe", "hat"))

    def test_a_weight_changes_without_the_clicks(self):
        self.index()
        before = self.answer("hat")
        head = json.loads((self.folder / "model/headrace.json").read_text())
        for name in ("blend.vmis-knn", "blend.cooccurrence", "blend.walk"):
            head["settings"][name] = 0
        self.write("model/headrace.json", json.dumps(head))
        self.assertEqual(self.answer("hat")["itemIds"][0], "red-shoe", "popularity alone is left")
        self.assertNotEqual(self.answer("hat"), before)

    def test_wrong_options_are_said(self):
        for arguments, words in [(["--settings", "blend.wlak=1"], "blend.walk"), (["--settings", "blend.walk=x"], "blend.walk takes a number from 0"),
                                 (["--settings", "blend.popular=0"], "1e-09"), (["--columns", "a,b"], "SESSION,ITEM,TIME"),
                                 (["--settings", "vmis-knn.m=1.5"], "whole number")]:
            with self.subTest(arguments):
                self.assertIn(words, self.index(*arguments, code=2))

    def test_wrong_input_is_said_with_its_place_and_leaves_the_model(self):
        self.index()
        before = self.answer("hat")
        self.write("broken.json", '[{"id": "1", "handle": "a"},\n {"id": 2, "handle": "b"}]')
        self.write("object.json", "{}")
        self.write("long.json", json.dumps([{"id": "1" * 4097, "handle": "a"}]))
        for file, words in [("broken.json", "broken.json:2:2: a product needs the texts"), ("object.json", "must be a JSON list"), ("none", "none: "),
                            ("long.json", 'long.json:1:2: "id", "handle" and "category" have at most 4096 bytes')]:
            with self.subTest(file):
                self.assertIn(words, self.index("--catalogue", file, code=3))
        self.write("clicks.txt", "SessionId\tItemId\tTime\ns\ta\tyesterday\n")
        self.assertIn("clicks.txt:2: \"yesterday\" is no time", self.index(code=3))
        (self.folder / "clicks.txt").write_bytes(b"SessionId\tItemId\tTime\ns\tcaf\xe9\t1\n")
        self.assertIn("clicks.txt:2: a name is not UTF-8", self.index(code=3))
        self.assertEqual(self.answer("hat"), before)

    def test_an_output_that_cannot_be_made_is_refused_before_reading(self):
        self.write("clicks.txt", "no clicks at all")
        self.write("file", "")
        for output in "file", "file/index":
            said = self.run_it("index", "--data", "clicks.txt", "--format", "sessions", "--output", output, code=3)
            self.assertIn("headrace model index: --output: file is there and no directory that may be written; name another", said)
            self.assertNotIn("clicks.txt", said)

    def test_beside_an_encoder_it_makes_a_hybrid(self):
        self.write("clicks.txt", "SessionId\tItemId\tTime\n" + "".join(
            f"s{session}\titem{(session * 5 + click * 3) % 17}\t{1700000000 + session * 1000 + click}\n" for session in range(60) for click in range(5)))
        self.run_it("train", "--model", "sasrec", "--data", "clicks.txt", "--format", "sessions", "--output", "model", "--epochs", "2", "--threads", "1",
                    "--settings", "width=16,heads=1,layers=1,inner=16,steps=5")
        encoder = self.answer("item3", "item6")
        self.run_it("index", "--data", "clicks.txt", "--format", "sessions", "--output", "model/index")
        show = self.run_it("show", "model")
        self.assertIn("answers     from the index's blend and the encoder's probabilities", show)
        self.assertRegex(show, r"hybrid\.sasrec +1\n")
        both = self.answer("item3", "item6")
        self.assertNotIn("item6", both["itemIds"])
        self.assertNotEqual(both, encoder)
        self.run_it("index", "--data", "clicks.txt", "--format", "sessions", "--output", "model/index", "--settings", "hybrid.sasrec=0")
        blend = self.answer("item3", "item6")
        self.assertNotEqual(both, blend)
        (self.folder / "model/index").rename(self.folder / "alone")
        self.assertEqual(self.answer("item3", "item6"), encoder)
        (self.folder / "model").rename(self.folder / "encoder")
        (self.folder / "alone").rename(self.folder / "model")
        self.assertEqual(self.answer("item3", "item6"), blend)

    def test_the_hybrid_that_is_judged_is_the_one_that_answers(self):
        lines = ["SessionId\tItemId\tTime"] + [f"s{session}\titem{(session * session + click * (1 + session % 4)) % 37}\t{1700000000 + session * 1000 + click}"
                                               for session in range(150) for click in range(6)]
        self.write("clicks.txt", "\n".join(lines) + "\n")
        self.write("train.txt", "\n".join(lines[:601]) + "\n")
        self.write("valid.txt", "\n".join(lines[:1] + lines[601:]) + "\n")
        settings = "blend.popular=1e-9,hybrid.sasrec=2,sasrec.temperature=0.5"

        def judged(data):
            self.run_it("index", "--data", data, "--format", "sessions", "--output", "model/index", "--settings", settings + ",blend.category=0")
            out = self.run_it("evaluate", "--train", "train.txt", "--valid", "valid.txt", "--format", "sessions", "--k", "1,5,20", "--models",
                              "blend,dir:model,hybrid", "--settings", settings, "--json")
            return {(row["model"], row["segment"], row["k"]): row for row in json.loads(out)["results"]}

        self.run_it("train", "--model", "sasrec", "--data", "train.txt", "--format", "sessions", "--output", "model", "--epochs", "2", "--threads", "1",
                    "--settings", "width=16,heads=1,layers=1,inner=16,steps=5")
        rows = judged("train.txt")
        for (model, segment, k), found in rows.items():
            if model == "hybrid":
                self.assertEqual([rows["dir:model", segment, k][name] for name in ("hr", "mrr", "ndcg")], [found[name] for name in ("hr", "mrr", "ndcg")])
        self.assertNotEqual(rows["blend", "all", 20]["mrr"], rows["hybrid", "all", 20]["mrr"])
        self.assertFalse(rows["dir:model", "all", 20]["learned_from_these"])
        self.assertTrue(judged("clicks.txt")["dir:model", "all", 20]["learned_from_these"], "its index has")

    def test_what_is_wrong_with_a_model_is_said_with_its_directory(self):
        self.index()
        self.write("model/headrace.json", '{"format": 1, "kind": "index"}')
        self.assertEqual(self.run_it("show", "model", code=3), 'headrace model show: model/headrace.json: line 1, column 1: needs a text "version"\n')
        self.assertEqual(self.run_it("answer", "model", code=3, text="{}"), 'headrace model answer: model/headrace.json: line 1, column 1: needs a text "version"\n')

    def test_a_damaged_model_is_not_opened(self):
        self.index()
        good = (self.folder / "model/index.bin").read_bytes()
        for bad in (b"", good[:100], good[:-1], good + b"x", good[:200] + bytes([good[200] ^ 1]) + good[201:], b"x" + good[1:]):
            (self.folder / "model/index.bin").write_bytes(bad)
            self.assertIn("model index", self.run_it("show", "model", code=3))
        (self.folder / "model/index.bin").write_bytes(good)
        for bad, words in [('{"format": 1, "kind": "index"}', "version"), ('{"format": 2, "kind": "index", "version": "x"}', "format"),
                           ('{"format": 1, "kind": "index", "version": "x", "settings": {"blend.walk": -1}}', "line 1, column 75: blend.walk takes"),
                           ('{"format": 1, "kind": "index", "version": "x", "settings": {"speed": 1}}', "is no setting"),
                           ('{"format": 1, "kind": "index", "version": "x", "settings": []}', "must be an object")]:
            self.write("model/headrace.json", bad)
            self.assertIn(words, self.run_it("show", "model", code=3))


if __name__ == "__main__":
    unittest.main()

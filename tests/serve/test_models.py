"""A server one of whose models cannot be opened: the rest runs, and what is missing is said. Usage: test_models.py HEADRACE"""
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server, until  # noqa: E402

HEADRACE = sys.argv.pop(1)
TRAINED = "slirec_shopify_model/1"


class Shop(Server):
    """The shop with an index besides its trained model."""

    def _model(self):
        super()._model()
        names = sorted(self.handles.values())
        lines = ["SessionId\tItemId\tTime"]
        lines += [f"s{session}\t{names[(session + step) % len(names)]}\t{1700000000 + session * 60 + step}" for session in range(300) for step in range(3)]
        (self.folder / "clicks.txt").write_text("\n".join(lines) + "\n")
        subprocess.run([self.headrace, "model", "index", "--data", self.folder / "clicks.txt", "--format", "sessions",
                        "--catalogue", self.folder / "catalogue.json", "--output", self.folder / "index"], check=True, capture_output=True)

    def _config(self):
        trained = f"  {TRAINED}:\n"
        return super()._config().replace(trained, f"  clicks/1:\n    directory: {self.folder}/index\n{trained}")

    def check(self):
        return subprocess.run([self.headrace, "config", "--check", self.config], capture_output=True, text=True)

    def said(self):
        return (self.folder / "serve.log").read_text()

    def available(self):
        return self.counts("model_available")

    def cut(self, name, size):
        """Damages a file; returns what mends it."""
        whole = self.folder / name
        kept = self.folder / (name.replace("/", "-") + ".kept")
        shutil.copy(whole, kept)
        with whole.open("rb+") as file:
            file.truncate(size)
        return lambda: shutil.copy(kept, whole)


class Missing(unittest.TestCase):
    def setUp(self):
        self.shop = Shop(HEADRACE, start=False)
        self.addCleanup(self.shop.close)

    def test_a_scenario_whose_model_is_missing_goes_on_and_pages_are_filled(self):
        shop = self.shop
        self.assertEqual(shop.check().returncode, 0)
        shop.start()
        until(lambda: shop.ask(shop.api, "GET", "/ready")[1] == b"ok")
        self.assertEqual(shop.available(), {"clicks/1": 1, TRAINED: 1})
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        self.assertEqual(shop.read("v1")["source"], "model")
        shop.stop()

        mend = shop.cut("model/weights.safetensors", 5000)
        trouble = f"{shop.folder}/model/weights.safetensors: byte "
        done = shop.check()
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn(f"{shop.config}: models: {TRAINED}: {trouble}", done.stderr)
        shop.start()
        self.assertIn(f"headrace: the model {TRAINED} is not available: {trouble}", shop.said())
        until(lambda: shop.ask(shop.api, "GET", "/ready")[0] == 200)
        ready = shop.ask(shop.api, "GET", "/ready")[1].decode()
        self.assertTrue(ready.startswith(f"ok\nbut the model {TRAINED} is not available: {trouble}"), ready)
        self.assertEqual(shop.available(), {"clicks/1": 1, TRAINED: 0})
        self.assertEqual(shop.read("v1")["source"], "item-item", "the list of before no longer follows the visitor")
        shop.click("v2", "dress")
        self.assertEqual(until(lambda: [error for error in shop.scenario()["errors"] if trouble in error["text"]])[0]["node"],
                         shop.scenario()["errors"][0]["node"])
        self.assertEqual(shop.read("v2")["source"], "popular")
        shop.stop()
        self.assertEqual(len(shop.topic("http.shopify-events")), 2, "what was posted is kept")

        mend()
        self.assertEqual(shop.check().returncode, 0)
        shop.start()
        until(lambda: shop.read("v1")["source"] == "model")
        shop.read_as_of("v2", shop.click("v2", "shirt")["eid"])
        self.assertEqual(shop.read("v2")["source"], "model")

    def test_a_fallback_that_is_missing_does_not_stop_the_others(self):
        shop = self.shop
        text = shop.config.read_text()
        self.assertEqual(text.count("\nresults:\n"), 1)
        shop.config.write_text(text.replace("\nresults:\n", "\nresults:\n  fallback: clicks/1\n"))
        shop.cut("index/index.bin", 100)
        shop.start()
        self.assertIn(f"the model clicks/1 is not available: {shop.folder}/index/index.bin: ", shop.said())
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        self.assertEqual(shop.read("v1")["source"], "model")

    def test_every_model_may_be_missing_and_all_are_named(self):
        shop = self.shop
        shutil.rmtree(shop.folder / "model")
        shutil.rmtree(shop.folder / "index")
        said = shop.check().stderr
        self.assertIn(f"clicks/1: {shop.folder}/index/headrace.json: no such file", said)
        self.assertIn(f"{TRAINED}: {shop.folder}/model/headrace.json: no such file", said)
        shop.start()
        shop.click("v1", "jeans")
        self.assertEqual(shop.available(), {"clicks/1": 0, TRAINED: 0})
        shop.stop()
        self.assertEqual(len(shop.topic("http.shopify-events")), 1)


if __name__ == "__main__":
    unittest.main()

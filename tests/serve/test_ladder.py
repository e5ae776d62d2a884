"""Where a page's products come from and which may be shown, in a running server. Usage: test_ladder.py HEADRACE"""
import contextlib
import http.client
import json
import pathlib
import random
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import DATA, Server, token_of, until  # noqa: E402

HEADRACE = sys.argv.pop(1)
JSON = {"Content-Type": "application/json"}
CATEGORIES = json.loads((DATA / "model/vocab_item_category.json").read_text())
NEW = ["ribbon", "glove", "mitten"]


class Shop(Server):
    """A shop with clicks: its index is the model `clicks/1`, or stands in for the trained model; some products are new."""

    def __init__(self, index_only=False, hide_bought=True, results=""):
        self.index_only, self.hide_bought, self.results = index_only, hide_bought, results
        super().__init__(HEADRACE)

    def _model(self):
        super()._model()
        catalogue = json.loads((self.folder / "catalogue.json").read_text())
        for product in catalogue:
            product["category"] = CATEGORIES.get(product["handle"], "Other")
        catalogue += [{"id": f"gid://shopify/Product/new-{name}", "handle": name, "category": "Clothing"} for name in NEW]
        self.handles.update({product["id"]: product["handle"] for product in catalogue})
        (self.folder / "catalogue.json").write_text(json.dumps(catalogue))
        rng, lines = random.Random(7), ["SessionId\tItemId\tTime"]
        names = sorted(CATEGORIES)
        for session in range(600):
            start = rng.randrange(len(names))
            lines += [f"s{session}\t{names[(start + step * rng.randrange(1, 4)) % len(names)]}\t{1700000000 + session * 60 + step}" for step in range(4)]
        clicked = {line.split("\t")[1] for line in lines}
        self.cold = {product["handle"] for product in catalogue} - clicked
        (self.folder / "clicks.txt").write_text("\n".join(lines) + "\n")
        subprocess.run([self.headrace, "model", "index", "--data", self.folder / "clicks.txt", "--format", "sessions",
                        "--catalogue", self.folder / "catalogue.json", "--output", self.folder / "index"], check=True, capture_output=True)

    def _config(self):
        trained = "  slirec_shopify_model/1:\n"
        text = super()._config()
        if self.index_only:
            text = text.replace(f"directory: {self.folder}/model", f"directory: {self.folder}/index")
        else:
            text = text.replace(trained, f"  clicks/1:\n    directory: {self.folder}/index\n{trained}")
        if not self.hide_bought:
            text = re.sub("  hide_bought: .*\n", "", text)
        return text + self.results

    def shown(self, visitor, query=""):
        return [item["handle"] for item in self.read(visitor, query)["items"]]

    def kill(self):
        self.child.kill()
        self.child.wait()

    @contextlib.contextmanager
    def stream(self, visitor):
        """Handles of each list that the visitor's event stream brings."""
        connection = http.client.HTTPConnection("127.0.0.1", self.collect, timeout=30)
        connection.request("GET", f"/v1/recommendations/{token_of(visitor)}/events")
        lines = iter(connection.getresponse().readline, b"")
        yield ([item["handle"] for item in json.loads(line[6:])["items"]] for line in lines if line.startswith(b"data: "))
        connection.close()

    def model(self, verb):
        status = self.ask(self.api, "POST", f"/api/models/slirec_shopify_model/1/{verb}", "", JSON)[0]
        assert status == 200, status

    def list_counts(self):
        return self.counts("recommendation_lists_total")


class LadderTest(unittest.TestCase):
    def shop(self, **options):
        shop = Shop(**options)
        self.addCleanup(shop.close)
        return shop

    def answer(self, shop, *items):
        """The index's own answer, as handles."""
        request = {"userId": "v", "items": items, "timestamps": [str(at) for at in range(len(items))]}
        out = subprocess.run([HEADRACE, "model", "answer", shop.folder / "index"], input=json.dumps(request), capture_output=True, text=True, check=True)
        return [shop.handles[gid] for gid in json.loads(out.stdout)["itemIds"]]


class WithoutATrainedModel(LadderTest):
    def test_clicks_alone_make_personal_lists(self):
        shop = self.shop(index_only=True)
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        found = shop.read_as_of("v1", shop.click("v1", "laptop")["eid"])
        self.assertEqual((found["source"], found["model"]), ("model", "slirec_shopify_model/1"))
        expected = [handle for handle in self.answer(shop, "jeans", "laptop") if handle != "scarf"]
        self.assertEqual([item["handle"] for item in found["items"]], expected[:10])
        calls = until(lambda: shop.shop.calls if len(shop.shop.calls) == 2 else None)
        pushed = json.loads(calls[-1][2]["variables"]["metaobject"]["fields"][0]["value"])
        self.assertEqual([shop.handles[gid] for gid in pushed], self.answer(shop, "jeans", "laptop")[:10], "the scenario pushes the same")


class Rungs(LadderTest):
    def test_each_rung_answers_when_those_above_it_have_nothing(self):
        shop = self.shop()
        self.assertEqual(shop.read("v1")["source"], "popular", "of the index: nobody has clicked yet")
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        self.assertEqual(shop.read("v1")["source"], "model")
        shop.read_as_of("v2", shop.click("v2", "ribbon")["eid"])
        shop.model("stop")
        found = until(lambda: (lambda found: found if found["source"] == "item-item" else None)(shop.read("v1")))
        expected = [handle for handle in self.answer(shop, "jeans") if handle != "scarf"]
        self.assertEqual([item["handle"] for item in found["items"]][:3], expected[:3], "what goes with the last click")
        self.assertNotIn("asOf", found)
        found = shop.read("v2")
        self.assertEqual(found["source"], "category", "nobody clicked a ribbon, so nothing goes with it")
        self.assertEqual(CATEGORIES[found["items"][0]["handle"]], "Clothing")
        self.assertEqual(shop.read("nobody")["source"], "popular")
        counts = shop.list_counts()
        self.assertEqual([name for name in counts], ["model", "item-item", "category", "popular", "catalogue"])
        self.assertTrue(all(counts[name] > 0 for name in ("model", "item-item", "category", "popular")))
        self.assertEqual(counts["catalogue"], 0)

    def test_a_page_is_always_full(self):
        shop = self.shop()
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        for visitor in ("v1", "nobody"):
            found = shop.read(visitor, "?limit=50")
            self.assertEqual(len(found["items"]), 50)
            self.assertEqual(len({item["id"] for item in found["items"]}), 50)
            self.assertNotIn("scarf", [item["handle"] for item in found["items"]])
            filled = [item["source"] for item in found["items"] if "source" in item]
            self.assertNotIn(found["source"], filled, "only what comes from elsewhere says so")


class Filters(LadderTest):
    def test_caps_and_views_hold_whoever_answers(self):
        shop = self.shop(results="  category_max: 2\n  hide_viewed: 3\n")
        clicks = ["jeans", "laptop", "dress", "textbook"]
        for slug in clicks:
            shop.read_as_of("v1", shop.click("v1", slug)["eid"])

        def check(source):
            found = shop.read("v1", "?limit=50")
            self.assertEqual(found["source"], source)
            handles = [item["handle"] for item in found["items"]]
            self.assertFalse({"laptop", "dress", "textbook", "scarf"} & set(handles))
            of = [CATEGORIES.get(handle, "Clothing" if handle in NEW else "Other") for handle in handles]
            self.assertEqual(max(of.count(category) for category in of), 2)
            self.assertEqual(sorted(of), sorted(2 * sorted(set(of))), "and the lower rungs fill them up")

        check("model")
        shop.model("stop")
        until(lambda: shop.read("v1")["source"] != "model")
        check("item-item")

    def test_what_is_bought_or_in_the_cart_is_not_shown(self):
        shop = self.shop()
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        first, second, third = shop.shown("v1")[:3]
        shop.cart("v1", first)
        until(lambda: first not in shop.shown("v1", "?limit=50"))
        shop.order("v1", second)
        until(lambda: second not in shop.shown("v1", "?limit=50"))
        self.assertEqual(shop.shown("v1")[0], third)
        shop.cart("v1", first, "remove_from")
        until(lambda: shop.shown("v1")[0] == first)
        shop.cart("v1", second, "remove_from")
        shop.cart("v1", first)
        until(lambda: shop.shown("v1")[0] == third)
        popular = shop.shown("nobody")[0]
        shop.order("v2", popular)
        until(lambda: popular not in shop.shown("v2", "?limit=50"))
        self.assertEqual(shop.shown("nobody")[0], popular, "it is the others' still")
        self.assertEqual(shop.counts("bought_noted_total"), {"cart": 2, "order": 2, "uncart": 2})
        self.assertTrue(0 < shop.gauge("bought_lsn") <= shop.gauge("log_durable_lsn"))
        for restart in shop.stop, shop.kill:
            restart()
            shop.start()
            self.assertFalse({first, second} & set(shop.shown("v1", "?limit=50")), "at once")
            self.assertNotIn(popular, shop.shown("v2", "?limit=50"))
        shop.model("stop")
        until(lambda: shop.read("v1")["source"] == "item-item")
        self.assertFalse({first, second} & set(shop.shown("v1", "?limit=50")), "whoever answers")

    def test_a_stream_is_told_what_was_bought(self):
        shop = self.shop()
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        best = shop.shown("v1")[0]
        with shop.stream("v1") as events:
            self.assertIn(best, next(events))
            shop.order("v1", best)
            self.assertNotIn(best, next(events))

    def test_what_is_bought_is_read_off_a_log_that_was_there_before(self):
        shop = self.shop(hide_bought=False)
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        best = shop.shown("v1")[0]
        shop.order("v1", best)
        shop.read_as_of("v2", shop.click("v2", "jeans")["eid"])
        self.assertEqual(shop.shown("v1")[0], best, "it is shown unless the shop says so")
        shop.stop()
        shop.config.write_text(shop.config.read_text() + "  hide_bought: 30d\n")
        shop.start()
        until(lambda: best not in shop.shown("v1", "?limit=50"))

    def test_new_products_get_their_share_of_places(self):
        shop = self.shop(results="  explore_percent: 30\n")
        explored, lists = 0, []
        for at in range(40):
            visitor = f"v{at}"
            event = shop.click(visitor, "jeans")
            found = shop.read_as_of(visitor, event["eid"])
            self.assertEqual(found["items"][0].get("source"), None, "never the first place")
            new = [item["handle"] for item in found["items"] if item.get("source") == "explore"]
            self.assertTrue(set(new) <= shop.cold, new)
            explored += len(new)
            lists.append(new)
            self.assertEqual(shop.read(visitor), found, "an event draws once")
        self.assertGreater(explored, 40)
        self.assertGreater(len({tuple(new) for new in lists}), 3, "others draw otherwise")


class Catalogue(LadderTest):
    def test_what_is_sold_out_disappears_without_a_restart(self):
        shop = self.shop()
        shop.read_as_of("v1", shop.click("v1", "jeans")["eid"])
        best = shop.shown("v1")[0]
        file = shop.folder / "catalogue.json"
        products = json.loads(file.read_text())
        next(product for product in products if product["handle"] == best)["available"] = False
        file.write_text(json.dumps(products))
        until(lambda: best not in shop.shown("v1", "?limit=50"))
        file.write_text("[{]")
        until(lambda: "the catalogue read before stays" in (shop.folder / "serve.log").read_text())
        self.assertNotIn(best, shop.shown("v1", "?limit=50"))
        self.assertEqual(len(shop.shown("v1", "?limit=50")), 50)
        next(product for product in products if product["handle"] == best)["available"] = True
        file.write_text(json.dumps(products))
        until(lambda: shop.shown("v1")[0] == best)
        shop.stop()


class Wrong(LadderTest):
    def test_a_fallback_that_has_no_index_is_said(self):
        with self.assertRaisesRegex(AssertionError, "results.fallback: slirec_shopify_model/1 is no model of the configuration, or one without an index"):
            Shop(results="  fallback: slirec_shopify_model/1\n")


if __name__ == "__main__":
    unittest.main()

"""The whole server, as trackers, pages and operators use it. Usage: test_serve.py HEADRACE"""
import http.client
import json
import pathlib
import shutil
import subprocess
import sys
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).resolve().parents[2] / "tools")]
from known_clicks import known_clicks  # noqa: E402
from server import DATA, OPERATOR, SCHEMA, SECRET, Server, page_view, token_of, until  # noqa: E402

HEADRACE = sys.argv.pop(1)
JSON = {"Content-Type": "application/json"}

TRANSACTIONS = f"""
topics:
  Transactions:
    http: true
    schema: {DATA}/scenario/Transactions.schema.json
  ProcessedTransactions:
    schema: {DATA}/scenario/ProcessedTransactions.schema.json
"""


class ServeTest(unittest.TestCase):
    extra = ""

    def setUp(self):
        self.server = Server(HEADRACE, self.extra)
        self.addCleanup(self.server.close)


class Clicks(ServeTest):
    def test_a_click_becomes_the_models_own_list(self):
        server = self.server
        first = server.click("v1", "jeans")
        server.read_as_of("v1", first["eid"])
        second = server.click("v1", "dress")
        found = server.read_as_of("v1", second["eid"])
        self.assertEqual(found["source"], "model")
        self.assertEqual(found["model"], "slirec_shopify_model/1")
        request = {"userId": "v1", "items": ["dress", "jeans"], "timestamps": [second["dtm"], first["dtm"]]}
        out = subprocess.run([HEADRACE, "model", "answer", server.folder / "model", "--now", str(found["asOf"]["time"])],
                             input=json.dumps(request), capture_output=True, text=True, check=True).stdout
        expected = [server.handles[gid] for gid in json.loads(out)["itemIds"] if server.handles[gid] not in ("scarf", "dress")]  # sold out; just viewed
        self.assertEqual([item["handle"] for item in found["items"]], expected[:10])
        self.assertLessEqual({item["because"] for item in found["items"]}, {"dress", "jeans"})
        calls = until(lambda: server.shop.calls if len(server.shop.calls) == 2 else None)
        path, headers, body = calls[-1]
        self.assertEqual(path, "/admin/api/2026-07/graphql.json")
        self.assertEqual(headers["X-Shopify-Access-Token"], SECRET)
        self.assertIn("Idempotency-Key", headers)
        self.assertEqual(body["variables"]["handle"]["handle"], "customer-v1")
        self.assertEqual(json.loads(body["variables"]["metaobject"]["fields"][0]["value"]), json.loads(out)["itemIds"][:10])

    def test_metrics_tell_what_was_kept_of_visitors(self):
        """The window's list has its minutes oldest first and the clicks of a minute newest first: a new one comes before those of its
        minute, of which nothing is known again, and behind those of the minutes before. The scenario gives milliseconds, which a
        model takes as they are, so that of those the last changes, too, once the visit has lasted 43 seconds. By time both are gone."""
        seconds = [10, 30, 65, 100, 110, 180]
        clicks = list(zip(seconds, ("jeans", "dress", "laptop", "jeans", "novel", "chair")))
        self.assertEqual(known_clicks(clicks, "given", 1000), (21, 0 + 0 + 2 + 1 + 1 + 4))
        self.assertEqual(known_clicks(clicks, "time", 1000), (21, 0 + 1 + 2 + 3 + 4 + 5))
        for order in "given", "time":
            server = Server(HEADRACE, start=False)
            self.addCleanup(server.close)
            settings = server.folder / "model/headrace.json"
            settings.write_text(settings.read_text().replace('"order": "given"', f'"order": "{order}"'))
            start = (int(time.time()) // 60 - 5) * 60
            times = [(start + second) * 1000 for second in seconds]
            views = [page_view("v1", handle, dtm=str(at)) for at, (_, handle) in zip(times, clicks)]
            lines = "\n".join(json.dumps({"timestamp": at, "value": {"message": {"schema": SCHEMA, "data": [view]}}}) for at, view in zip(times, views))
            subprocess.run([HEADRACE, "topic", "write", "http.shopify-events", "--data", server.folder / "data"], input=lines, capture_output=True, text=True, check=True)
            server.start()

            def counts():
                lines = server.ask(server.api, "GET", "/metrics")[1].decode().splitlines()
                return {words[0]: int(words[1]) for words in map(str.split, lines) if words[0].startswith("headrace_model_")}

            found = until(lambda: (lambda found: found if found["headrace_model_clicks_total"] == 21 else None)(counts()))
            self.assertEqual(found["headrace_model_clicks_known_total"], known_clicks(clicks, order, 1000)[1], order)
            server.stop()

    def test_lists_are_filtered_when_read(self):
        server = self.server
        event = server.click("v1", "jeans")
        whole = server.read_as_of("v1", event["eid"])
        self.assertEqual(len(whole["items"]), 10)
        self.assertNotIn("scarf", [item["handle"] for item in server.read("v1", "?limit=50")["items"]])
        self.assertEqual(server.read("v1", "?limit=3")["items"], whole["items"][:3])
        without = server.read("v1", "?exclude=" + whole["items"][0]["handle"])
        self.assertEqual(without["items"][:9], whole["items"][1:])
        status, body, headers = server.ask(server.collect, "GET", f"/v1/recommendations/{token_of('v1')}")
        status, body, _ = server.ask(server.collect, "GET", f"/v1/recommendations/{token_of('v1')}", headers={"If-None-Match": headers["ETag"]})
        self.assertEqual((status, body), (304, b""))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(server.ask(server.collect, "GET", "/v1/recommendations/short")[0], 400)
        self.assertEqual(server.ask(server.collect, "GET", f"/v1/recommendations/{token_of('v1')}?limit=51")[0], 400)

    def test_a_page_may_ask_with_its_etag(self):
        server = self.server
        asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
        for path in ("", "/events"):
            status, body, headers = server.ask(server.collect, "OPTIONS", f"/v1/recommendations/{token_of('v1')}{path}", headers=asks)
            self.assertEqual((status, body), (200, b""))
            self.assertEqual(headers["Access-Control-Allow-Origin"], "*")
            self.assertIn("If-None-Match", headers["Access-Control-Allow-Headers"])

    def test_an_unknown_visitor_gets_what_is_popular(self):
        server = self.server
        for visitor in ("a", "b", "c"):
            event = server.click(visitor, "blender")
            server.read_as_of(visitor, event["eid"])
        found = server.read("nobody")
        self.assertEqual(found["source"], "popular")
        self.assertEqual(found["items"][0]["handle"], "blender")
        self.assertNotIn("asOf", found)

    def test_an_open_stream_follows(self):
        server = self.server
        best = server.read_as_of("v0", server.click("v0", "jeans")["eid"])["items"][0]["handle"]
        connection = http.client.HTTPConnection("127.0.0.1", server.collect, timeout=30)
        connection.request("GET", f"/v1/recommendations/{token_of('v1')}/events?exclude={best}&limit=20")
        answer = connection.getresponse()
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")

        def next_list():
            lines = []
            while not lines or lines[-1] != b"\n":
                lines.append(answer.fp.readline())
            return json.loads(b"".join(lines).split(b"data: ")[1])

        self.assertEqual(next_list()["source"], "popular")
        event = server.click("v1", "jeans")
        followed = next_list()
        self.assertEqual(followed["asOf"]["eid"], event["eid"])
        self.assertNotIn(best, [item["handle"] for item in followed["items"]])
        self.assertEqual(len(followed["items"]), 20)
        self.assertIn(best, [item["handle"] for item in server.read("v1", "?limit=20")["items"]])
        connection.close()

    def test_a_repeated_event_counts_once(self):
        server = self.server
        event = server.click("v1", "jeans")
        server.read_as_of("v1", event["eid"])
        server.click("v1", "jeans", eid=event["eid"])
        metrics = server.ask(server.api, "GET", "/metrics")[1].decode()
        self.assertIn("\nheadrace_collect_duplicates_total 1\n", metrics)
        server.stop()
        self.assertEqual(len(server.topic("http.shopify-events")), 1)

    def test_a_failing_event_goes_to_the_error_topic_and_the_stream_goes_on(self):
        server = self.server
        server.click("v1", "jeans", dtm="not a number")
        event = server.click("v2", "jeans")
        server.read_as_of("v2", event["eid"])
        until(lambda: server.scenario()["errors"])
        server.stop()
        errors = server.topic("shop-recommendations.errors")
        self.assertEqual(len(errors), 1)
        self.assertEqual(errors[0]["key"], "shop-recommendations-Extract Product Details")
        self.assertEqual(errors[0]["value"]["processName"], "shop-recommendations")
        self.assertEqual(errors[0]["value"]["nodeId"], "Extract Product Details")


class Restart(ServeTest):
    def test_lists_windows_and_switches_survive(self):
        server = self.server
        first = server.click("v1", "jeans")
        before = server.read_as_of("v1", first["eid"])
        self.assertEqual(server.ask(server.api, "POST", "/api/models/slirec_shopify_model/1/stop", "", JSON)[0], 200)
        until(lambda: server.read("v1")["source"] == "catalogue")  # nobody viewed anything else
        server.stop()
        server.start()
        self.assertEqual(until(lambda: server.read("v1"))["source"], "catalogue", "the model is still switched off")
        self.assertEqual(server.ask(server.api, "POST", "/api/models/slirec_shopify_model/1/start", "", JSON)[0], 200)
        until(lambda: server.read("v1") == before)
        second = server.click("v1", "dress")
        server.read_as_of("v1", second["eid"])
        self.assertEqual(server.ask(server.api, "POST", "/api/models/none/1/stop", "", JSON)[0], 404)
        keys = until(lambda: (lambda seen: seen if len(seen) == 2 else None)({headers["Idempotency-Key"] for _, headers, _ in server.shop.calls}))
        self.assertEqual(len(keys), 2, "a call may be sent again after a restart, under the same key")
        until(lambda: server.scenario()["nodes"][-1]["events"] >= 1)
        server.stop()
        logged = [record["value"] for record in server.topic("shop-recommendations")]
        self.assertEqual(logged[-1]["aggregatedProducts"]["slugs"], ["dress", "jeans"], "the window went on")
        identities = [record["headers"] for record in server.topic("shop-recommendations")]
        self.assertEqual(len({json.dumps(headers) for headers in identities}), len(identities), "no output twice")

    def test_a_stopped_model_is_not_shown_while_the_log_is_stepped_again(self):
        server = Server(HEADRACE, start=False)
        self.addCleanup(server.close)
        server.config.write_text(server.config.read_text() + "\nstate:\n  checkpoint: 1h\n")
        server.start()
        server.read_as_of("v1", server.click("v1", "jeans")["eid"])
        server.stop()  # the list is in the checkpoint, what follows is in the log alone
        server.start()
        for number in range(60):
            server.clicks([(f"w{number}.{i}", "dress") for i in range(100)])
        server.read_as_of("w59.99", server.click("w59.99", "jeans")["eid"])
        self.assertEqual(server.ask(server.api, "POST", "/api/models/slirec_shopify_model/1/stop", "", JSON)[0], 200)
        until(lambda: server.read("v1")["source"] != "model")
        server.child.kill()
        server.child.wait()
        server.start()
        self.assertNotEqual(server.read("v1")["source"], "model")

    def test_commands_that_need_the_directory_say_what_to_do_while_a_server_runs(self):
        for command, instead in (("topic list", "the page on api.listen"), ("topic read x", "the page on api.listen"),
                                 ("topic write x", "POST /topics/NAME"), ("deadletter list", "GET /api/deadletters"),
                                 ("deadletter replay x", "POST /api/deadletters/ID/replay")):
            done = subprocess.run([HEADRACE, *command.split(), "--data", self.server.folder / "data"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            self.assertEqual((done.returncode, done.stdout), (3, ""), command)
            self.assertRegex(done.stderr, rf"is in use by process {self.server.child.pid}: stop it first; while it runs, .*{instead}")

    def test_secrets_are_in_no_file_and_no_answer(self):
        server = self.server
        event = server.click("v1", "jeans")
        server.read_as_of("v1", event["eid"])
        until(lambda: server.shop.calls)
        answers = b"".join(server.ask(server.api, "GET", path)[1] for path in ("/metrics", "/api/scenarios/shop-recommendations", "/api/deadletters"))
        self.assertNotIn(SECRET.encode(), answers)
        server.stop()
        for file in server.folder.rglob("*"):
            if file.is_file():
                self.assertNotIn(SECRET.encode(), file.read_bytes(), file)


class Trained(ServeTest):
    def test_a_model_learnt_from_the_log_sees_what_it_learnt_from(self):
        """Times in milliseconds, the newest of a minute first: the scenario's lists are the history that training had."""
        server = self.server
        handles = [handle for handle in server.handles.values() if handle != "scarf"]
        now = int(time.time() * 1000)
        for visitor in range(6):
            for place, handle in enumerate(handles[visitor:visitor + 5]):
                server.click(f"w{visitor}", handle, dtm=str(now - 9000 + 1700 * place))
        server.read_as_of("w0", server.click("w0", handles[7])["eid"])
        server.stop()
        trained = server.folder / "trained"
        command = [HEADRACE, "model", "train", "--from-log", server.folder / "data", "--output", trained, "--inventory", DATA / "model/inventory.json",
                   "--epochs", "3", "--settings", "batch=8,negatives=3"]
        for arithmetic in "compat", "fixed":
            subprocess.run([*command, "--arithmetic", arithmetic], check=True, capture_output=True)
            shutil.rmtree(server.folder / "model")
            trained.rename(server.folder / "model")
            server.start()
            visitor, first = f"new-{arithmetic}", int(time.time() * 1000) - 8000
            times = [first + 2503 * place for place in range(4)]
            for handle, dtm in zip(handles[2:6], times):
                event = server.click(visitor, handle, dtm=str(dtm))
            found = server.read_as_of(visitor, event["eid"])
            request = {"userId": visitor, "items": handles[2:6], "timestamps": [str(dtm / 1000) for dtm in times]}
            out = subprocess.run([HEADRACE, "model", "answer", server.folder / "model", "--now", str(found["asOf"]["time"])],
                                 input=json.dumps(request), capture_output=True, text=True, check=True).stdout
            expected = [server.handles[gid] for gid in json.loads(out)["itemIds"] if server.handles[gid] not in ("scarf", handles[5])]
            self.assertEqual(found["source"], "model")
            self.assertGreater(len(expected), 5)
            self.assertEqual([item["handle"] for item in found["items"]][:min(10, len(expected))], expected[:10])
            server.stop()


class Operator(ServeTest):
    def test_health_metrics_and_who_may_ask(self):
        server = self.server
        self.assertEqual(server.ask(server.api, "GET", "/health")[:2], (200, b"ok"))
        until(lambda: server.ask(server.api, "GET", "/ready")[0] == 200)
        for line in server.ask(server.api, "GET", "/metrics")[1].decode().splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) headrace_\w+ .+|headrace_\w+(\{(scenario="[^"]*",nodeId="[^"]*"|(source|event)="[a-z-]+"|model="[^"]+")\})? \d+)$')
        self.assertEqual(server.ask(server.api, "GET", "/metrics", headers={"Host": "evil.example"})[0], 403)
        self.assertEqual(server.ask(server.api, "POST", "/api/models/slirec_shopify_model/1/stop", "", {"Content-Type": "text/plain"})[0], 415)
        self.assertEqual(server.ask(server.api, "GET", "/nothing")[0], 404)
        self.assertEqual(server.ask(server.api, "DELETE", "/metrics")[0], 405)
        page = server.ask(server.api, "GET", "/")
        self.assertIn("default-src 'self'", page[2]["Content-Security-Policy"])
        self.assertNotIn(b"<script>", page[1])


class OperatorWithToken(unittest.TestCase):
    def setUp(self):
        self.server = Server(HEADRACE, start=False)
        self.addCleanup(self.server.close)
        text = self.server.config.read_text().replace("\napi:\n", "\napi:\n  token: operator\n")
        self.server.config.write_text(text.replace("\nsecrets:\n", "\nsecrets:\n  operator: {env: OPERATOR_TOKEN}\n"))
        self.server.start()

    def test_everything_but_the_page_itself_asks_for_the_token(self):
        server = self.server
        for path in ("/api/scenarios", "/api/scenarios/shop-recommendations", "/api/deadletters", "/metrics", "/ready", "/nothing"):
            self.assertEqual(server.ask(server.api, "GET", path)[0], 401, path)
            self.assertEqual(server.ask(server.api, "GET", path, headers={"Authorization": "Bearer wrong"})[0], 401, path)
            right = server.ask(server.api, "GET", path, headers={"Authorization": f"Bearer {OPERATOR}", "Host": "shop.example"})
            self.assertEqual(right[0], 404 if path == "/nothing" else 200, path)
        self.assertEqual(server.ask(server.api, "POST", "/api/models/slirec_shopify_model/1/stop", "", JSON)[0], 401)
        self.assertEqual(server.ask(server.api, "POST", "/", "", JSON)[0], 401)
        for path in ("/", "/page.js", "/page.css", "/health"):
            self.assertEqual(server.ask(server.api, "GET", path)[0], 200, path)


class Transactions(ServeTest):
    extra = TRANSACTIONS

    def _config_scenario(self):
        config = self.server.config
        config.write_text(config.read_text().replace(
            "scenarios:\n", f"scenarios:\n  DetectLargeTransactions:\n    file: {DATA}/scenario/DetectLargeTransactions.json\n"))

    def test_the_unchanged_scenario_runs_on_typed_topics(self):
        server = self.server
        server.stop()
        self._config_scenario()
        server.start()
        for body in ({"clientId": "a", "amount": 5}, {"clientId": "b", "amount": 100, "eventDate": 1}, {"clientId": "c"}):
            status, _, headers = server.ask(server.collect, "POST", "/topics/Transactions", json.dumps(body), JSON)
            self.assertEqual(status, 201)
            self.assertTrue(headers["Hermes-Message-Id"])
        for name in ("ProcessedTransactions", "_control", "none", "DetectLargeTransactions.errors"):
            self.assertEqual(server.ask(server.collect, "POST", f"/topics/{name}", "{}", JSON)[0], 404, name)
        until(lambda: sum(node["events"] for node in server.scenario("DetectLargeTransactions")["nodes"]) >= 4)
        until(lambda: server.scenario("DetectLargeTransactions")["errors"])
        server.stop()
        self.assertEqual([record["value"] for record in server.topic("ProcessedTransactions")], [{"clientId": "b", "amount": 100, "eventDate": 1, "isLast": False}])
        errors = server.topic("DetectLargeTransactions.errors")
        self.assertEqual(len(errors), 1)
        self.assertIn("amount", errors[0]["value"]["message"])


class Refusals(unittest.TestCase):
    def test_topics_of_our_own_are_not_opened_to_senders(self):
        for name in ("collect.bad-rows", "shop-recommendations.errors", "shop-recommendations.debug", "ProcessedTransactions"):
            with self.subTest(name):
                extra = TRANSACTIONS.replace("topics:\n", f"topics:\n  {name}:\n    http: true\n", 1)
                if name == "ProcessedTransactions":
                    extra = TRANSACTIONS + "    http: true\n"
                server = Server(HEADRACE, extra, start=False)
                self.addCleanup(server.close)
                server.config.write_text(server.config.read_text().replace(
                    "scenarios:\n", f"scenarios:\n  DetectLargeTransactions:\n    file: {DATA}/scenario/DetectLargeTransactions.json\n"))
                done = subprocess.run([HEADRACE, "serve", "--config", server.config, "--data", server.folder / "data"],
                                      capture_output=True, text=True, timeout=60, env={"SHOPIFY_TOKEN": SECRET})
                self.assertEqual(done.returncode, 3)
                self.assertRegex(done.stderr, rf"headrace\.yaml: topics\.{name}: no `http: true` here, ")

    def test_settings_of_a_node_nobody_has_are_refused(self):
        server = Server(HEADRACE, start=False)
        self.addCleanup(server.close)
        server.config.write_text(server.config.read_text().replace("Infer Recommendations:", "Infer Recomendations:"))
        done = subprocess.run([HEADRACE, "serve", "--config", server.config, "--data", server.folder / "data"],
                              capture_output=True, text=True, timeout=60, env={"SHOPIFY_TOKEN": SECRET})
        self.assertEqual(done.returncode, 3)
        self.assertIn('headrace.yaml: nodes: no scenario here runs a node named "Infer Recomendations"', done.stderr)

    def test_a_schema_that_cannot_be_read_is_told_at_the_start(self):
        server = Server(HEADRACE, "topics:\n  T:\n    schema: none.json\n", start=False)
        self.addCleanup(server.close)
        done = subprocess.run([HEADRACE, "serve", "--config", server.config, "--data", server.folder / "data"],
                              capture_output=True, text=True, timeout=60, env={"SHOPIFY_TOKEN": SECRET})
        self.assertEqual(done.returncode, 3)
        self.assertIn("none.json: the schema of the topic T cannot be read: there is nothing under that name", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

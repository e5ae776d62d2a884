"""`headrace run`, `check` and `expr eval` as a shell calls them: lines, exit codes, messages.
Usage: test_commands.py HEADRACE"""
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

HEADRACE = sys.argv.pop(1)


def expression(text, language="spel"):
    return {"language": language, "expression": text}


def parameter(name, text, language="spel"):
    return {"name": name, "expression": expression(text, language)}


def source(topic="in"):
    return {"type": "Source", "id": topic, "ref": {"typ": "kafka", "parameters": [parameter("Topic", f"'{topic}'"), parameter("Content type", "'JSON'")]}}


def sink(value):
    return {"type": "Sink", "id": "out", "ref": {"typ": "kafka", "parameters": [
        parameter("Topic", "'out'"), parameter("Content type", "'JSON'"), parameter("Key", "#inputMeta.key"), parameter("Value", value)]}}


def call(url, mock=None, **given):
    given = {"Path Segments": "", "Query Parameters": "", "HTTP Method": "'GET'", "Headers": "{}", "Body Type": "'None'", **given}
    node = {"type": "Enricher", "id": "call", "output": "answer", "service": {
        "id": "http", "parameters": [parameter("URL", url, "spelTemplate"), *(parameter(*row) for row in given.items())]}}
    return {**node, "mockExpression": expression(mock)} if mock else node


class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = json.dumps({"path": self.path, "token": self.headers["X-Token"], "body": json.loads(body)}).encode()
        self.send_response(500 if "broken" in body else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-commands-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def scenario(self, *nodes, branches=()):
        (self.folder / "scenario.json").write_text(json.dumps(
            {"metaData": {"id": "t"}, "nodes": nodes, "additionalBranches": branches}, indent=1))

    def headrace(self, *arguments, lines=(), code=0, **environment):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        done = subprocess.run([HEADRACE, *arguments], cwd=self.folder, input=text, capture_output=True, text=True, env={**os.environ, **environment})
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.messages = done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run_lines(self, *lines, arguments=(), **more):
        return self.headrace("run", "scenario.json", "--input", "-", *arguments, lines=lines, **more)


class Run(Commands):
    def test_lines_in_and_out(self):
        self.scenario(source(), sink("#input"))
        out = self.run_lines({"topic": "in", "key": "k", "timestamp": 7, "value": {"a": [1, 2.50, None]}}, {"value": "text"}, "",
                             {"topic": None, "key": None, "timestamp": 9, "value": 1}, {"timestamp": 10, "value": None})
        self.assertEqual(out, [{"node": "out", "topic": "out", "key": "k", "timestamp": 7, "value": {"a": [1, 2.5, None]}},
                               {"node": "out", "topic": "out", "key": None, "timestamp": 7, "value": "text"},
                               {"node": "out", "topic": "out", "key": None, "timestamp": 9, "value": 1}])
        self.assertEqual(list(out[0]), ["node", "topic", "key", "timestamp", "value"])

    def test_bare_values(self):
        self.scenario(source(), sink("#input"))
        self.assertEqual([line.get("value", line.get("event")) for line in self.run_lines("{\"a\":1}", "7", "null", "{", arguments=["--bare"])], [{"a": 1}, 7, "{"])

    def test_a_failed_event_is_a_line_and_the_run_goes_on(self):
        self.scenario(source(), sink("10 / #input['n'].toLong()"))
        out = self.run_lines({"timestamp": 5, "value": {"n": 0}}, {"value": {"n": 5}})
        self.assertEqual(out[0], {"node": "out", "error": "Expression [10 / #input['n'].toLong()] evaluation failed, message: / by zero",
                                  "timestamp": 5, "event": {"n": 0}})
        self.assertEqual(list(out[0]), ["node", "error", "timestamp", "event"])
        self.assertEqual(out[1]["value"], 2)

    def test_a_debugging_sink_without_a_value_shows_every_variable(self):
        self.scenario(source(), {"type": "Variable", "id": "v", "varName": "x", "value": expression("#input['a'] + 1")},
                      {"type": "Sink", "id": "look", "ref": {"typ": "debug", "parameters": []}})
        line, = self.run_lines({"key": "k", "value": {"a": 1}})
        self.assertEqual((line["node"], line["topic"]), ("look", None))
        self.assertEqual((line["value"]["input"], line["value"]["inputMeta"]["key"], line["value"]["x"]), ({"a": 1}, "k", 2))

    def test_lines_that_cannot_be_used_stop_the_run_and_say_where(self):
        self.scenario(source(), sink("#input"))
        for line, message in (("{\"value\":1", "the line is no JSON object: the text ends too early"), ("[1]", "the line is no JSON object"),
                              ("{\"topic\":\"gone\"}", "no source of the scenario reads the topic gone"), ("{\"topic\":7}", "\"topic\" is no text but 7"),
                              ("{\"topic\":{}}", "\"topic\" is no text but {}"), ("{\"timestamp\":\"7\"}", "\"timestamp\" is no whole number of milliseconds"),
                              ("{\"timestamp\":1.5}", "\"timestamp\" is no whole number of milliseconds"),
                              ("{\"timestamp\":99999999999999999999}", "\"timestamp\" is no whole number of milliseconds")):
            out = self.run_lines({"value": 1}, line, {"value": 2}, code=3)
            self.assertEqual([row["value"] for row in out], [1], line)
            self.assertTrue(self.messages.startswith("-:2: " + message), self.messages)

    def test_several_sources_need_a_topic(self):
        self.scenario(source(), sink("#input"), branches=[[source("other"), {"type": "Sink", "id": "end", "ref": {"typ": "dead-end", "parameters": []}}]])
        self.run_lines({"value": 1}, code=3)
        self.assertIn("needs a \"topic\" in every line", self.messages)
        self.assertEqual([line["value"] for line in self.run_lines({"topic": "other", "value": 1}, {"topic": "in", "value": 2})], [2])

    def test_an_enricher_that_is_not_called_answers_with_its_mock_or_nothing(self):
        self.scenario(source(), call("http://shop.example/"), sink("{answer: #answer}"))
        self.assertEqual(self.run_lines({"value": 1})[0]["value"], {"answer": None})
        mock = "{request: {url: '', method: '', headers: {:}, body: null}, response: {statusCode: 200, statusText: '', headers: {:}, body: #input['q']}}"
        self.scenario(source(), call("http://shop.example/", mock), sink("#answer.response.body"))
        self.assertEqual(self.run_lines({"value": {"q": "x"}}, arguments=["--effects", "mock"])[0]["value"], "x")

    def test_live_calls(self):
        shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        self.addCleanup(shop.server_close)
        self.addCleanup(shop.shutdown)
        (self.folder / "config.yaml").write_text(
            "http:\n  shop:\n    match: https://shop.example\n    url: http://127.0.0.1:%d\n    allow_private: true\n"
            "    secret_headers: {X-Token: token}\nsecrets:\n  token: {env: A_TOKEN}\n" % shop.server_port)
        self.scenario(source(), call("https://shop.example/a", **{"HTTP Method": "'POST'", "Body Type": "'JSON'", "Body": "{q: #input['q']}", "Path Segments": "{'b c', 'd/e'}",
                                                                  "Query Parameters": "{{name: 'k', value: 'v&w'}}", "Headers": "{{name: 'X-Token', value: 'from the file'}}"}), sink("#answer"))
        live = ["--effects", "live", "--config", "config.yaml"]
        good, bad = self.run_lines({"timestamp": 1, "value": {"q": "x"}}, {"value": {"q": "broken"}}, arguments=live, A_TOKEN="secret")
        self.assertEqual(good["value"]["response"]["body"], {"path": "/a/b%20c/d%2Fe?k=v%26w", "token": "secret", "body": {"q": "x"}})
        self.assertEqual((good["value"]["request"]["url"], good["value"]["request"]["headers"]), ("https://shop.example/a/b%20c/d%2Fe?k=v%26w", {"X-Token": "***"}))
        self.assertEqual((bad["node"], bad["error"], bad["event"]), ("call", "the endpoint answered with status 500", {"q": "broken"}))
        self.scenario(source(), call("http://127.0.0.1:%d/" % shop.server_port), sink("#answer"))
        self.assertIn("the address is private", self.run_lines({"value": 1}, arguments=["--effects", "live"])[0]["error"])

    def test_exit_codes(self):
        self.scenario(source(), sink("#nope"))
        self.run_lines(code=1)
        self.assertIn("node \"out\": Value: Failed to parse expression: Unresolved reference 'nope'", self.messages)
        self.headrace("run", "scenario.json", code=2)
        self.headrace("run", "scenario.json", "--input", "-", "--effects", "perhaps", code=2)
        self.headrace("run", "nowhere.json", "--input", "-", code=3)
        self.scenario(source(), sink("1"))
        self.headrace("run", "scenario.json", "--input", "nowhere.jsonl", code=3)
        self.run_lines(arguments=["--config", "nowhere.yaml"], code=3)


class Check(Commands):
    def test_problems_are_lines(self):
        self.scenario(source(), {"type": "Variable", "id": "v", "varName": "x", "value": expression("1 + #nope")}, sink("#x.y"))
        found = self.headrace("check", "scenario.json", code=1)
        self.assertEqual([(line["node"], line["field"], line["severity"]) for line in found], [("v", "$expression", "error"), ("out", "Value", "error")])
        self.assertEqual(set(found[0]), {"node", "field", "message", "position", "severity"})
        self.assertEqual(set(found[0]["position"]), {"start", "end", "line", "column"})
        self.assertEqual(found[0]["message"], "Failed to parse expression: Unresolved reference 'nope'")
        self.assertEqual((found[0]["position"]["start"], found[0]["position"]["end"]), (4, 9))

    def test_positions_count_as_editors_do(self):
        self.scenario(source(), sink("'zażółć \U0001F600' + #nope"), )
        found, = self.headrace("check", "scenario.json", code=1)
        self.assertEqual((found["position"]["start"], found["position"]["end"]), (14, 19))
        self.scenario(source(), call("\U0001F600 #{#nope}"), sink("1"))
        found, = self.headrace("check", "scenario.json", code=1)
        self.assertEqual((found["position"]["start"], found["position"]["end"]), (5, 10))

    def test_exit_codes(self):
        self.scenario(source(), sink("1"))
        self.assertEqual(self.headrace("check", "scenario.json"), [])
        (self.folder / "scenario.json").write_text("{\"metaData\": {},\n \"nodes\": [oops]}")
        line, = self.headrace("check", "scenario.json", code=1)
        self.assertEqual((line["position"]["line"], line["position"]["column"]), (2, 12))
        self.headrace("check", "nowhere.json", code=3)
        self.headrace("check", code=2)


class Eval(Commands):
    def test_fields_and_order(self):
        (self.folder / "variables.json").write_text(json.dumps([{"name": "n", "type": "Integer", "value": 7}, {"name": "s", "type": "String", "value": "x"}]))
        answers = self.headrace("expr", "eval", "--variables", "variables.json", lines=[
            {"id": "value", "vars": ["n"], "expr": "#n + 1L"}, {"id": "wrong", "expr": "#m"}, "no case", {"id": "fails", "expr": "#n / 0"},
            {"id": "text", "expr": "<#{#s}>", "language": "spelTemplate", "expected": "String"}, {"id": "type", "expr": "#s", "expected": "Integer"}])
        self.assertEqual(answers[0], {"id": "value", "valid": True, "type": "Long", "typeWithoutValue": "Long", "value": 8, "valueClass": "java.lang.Long", "valueToString": "8"})
        self.assertEqual(answers[1], {"id": "wrong", "valid": False, "errors": ["Unresolved reference 'm'"], "spans": [{"from": 0, "to": 2}]})
        self.assertEqual((answers[2]["id"], set(answers[2])), ("", {"id", "error"}))
        self.assertEqual((answers[3]["valid"], answers[3]["exception"]), (True, "Expression [#n / 0] evaluation failed, message: / by zero"))
        self.assertEqual(answers[4]["value"], "<x>")
        self.assertEqual(answers[5]["errors"], ["Bad expression type, expected: Integer, found: String"])

    def test_what_cannot_be_used_keeps_its_id(self):
        lines = [{"id": "a", "exp": "1"}, {"id": "b", "expr": "1", "language": "perl"}, {"id": "c", "expr": "1", "expected": "Lst["}, {"id": 4, "expr": "1"}, "{",
                 {"id": "d", "expr": "1", "vars": "n", "caret": -1}]
        for command, count in ("eval", 5), ("complete", 6):
            answers = self.headrace("expr", command, lines=lines[:count])
            expected = ["a", "b", "c", "", "", "d"] if command == "eval" else ["a", "b", "c", "", "", "d"]
            self.assertEqual([answer["id"] for answer in answers], expected[:count])
            self.assertIn("\"expr\"", answers[0]["error"])
            self.assertEqual(answers[1]["error"], "unknown language")
            self.assertTrue(all("error" in answer for answer in answers if answer["id"] != "c"), answers)

    def test_spans_count_as_editors_do(self):
        answer, template = self.headrace("expr", "eval", lines=[{"expr": "'zażółć \U0001F600' + #x + #y"}, {"expr": "\U0001F600 #{#x} ż #{1 +}", "language": "spelTemplate"}])
        self.assertEqual(answer["spans"], [{"from": 14, "to": 16}, {"from": 19, "to": 21}])
        self.assertEqual(template["spans"], [{"from": 5, "to": 7}, {"from": 15, "to": 16}])
        complete, = self.headrace("expr", "complete", lines=[{"expr": "'\U0001F600'.len", "caret": 8}])
        self.assertEqual((complete["suggestions"][0]["label"], complete["suggestions"][0]["from"], complete["suggestions"][0]["to"]), ("length", 5, 8))

    def test_zone_and_dictionaries_of_a_configuration(self):
        (self.folder / "c.yaml").write_text("expressions: {zone: Europe/Warsaw}\ndictionaries:\n  countries: {file: c.json}\n  codes: {file: n.json, keys: Long}\n")
        (self.folder / "c.json").write_text('{"pl": "Poland", "de": "Germany"}')
        (self.folder / "n.json").write_text('{"7": "seven"}')
        answers = self.headrace("expr", "eval", "--config", "c.yaml", lines=[
            {"expr": "#DATE.defaultTimeZone"}, {"expr": "#DATE.toInstantAtDefaultTimeZone(T(java.time.LocalDateTime).parse('2024-07-01T12:00'))"},
            {"expr": "#countries['de']"}, {"expr": "#codes['7'] + 1"}, {"expr": '{"key": "7", "label": "seven"}', "language": "dictKeyWithLabel", "dictionary": "codes"}])
        self.assertEqual([answer["valueToString"] for answer in answers], ["Europe/Warsaw", "2024-07-01T10:00:00Z", "de", "8", "7"])
        self.assertEqual(answers[4]["valueClass"], "java.lang.Long")
        self.scenario(source(), sink("#countries['fr']"))
        found = self.headrace("check", "scenario.json", "--config", "c.yaml", code=1)
        self.assertEqual([line["message"] for line in found], ["Failed to parse expression: Illegal key: 'fr' for Dict(id=countries). Possible keys are: 'pl', 'de'."])
        self.scenario(source(), sink("#countries.pl + ' ' + #DATE.defaultTimeZone.toString + ' ' + #DATE.zone('Europe/Paris').toString"))
        out = self.run_lines({"a": 1}, arguments=("--config", "c.yaml"))
        self.assertEqual([line["value"] for line in out if "value" in line], ["pl Europe/Warsaw Europe/Paris"])

    def test_tables_that_cannot_be_used(self):
        for config, table, message in (
                ("expressions: {zone: Mars}", "{}", 'c.yaml: expressions.zone: there is no time zone "Mars"; names are like Europe/Warsaw, UTC or +02:00'),
                ("dictionaries: {d: {file: d.json}}", "[1]", "d.json:1:1: the dictionary d: a dictionary is a JSON object of key and label"),
                ("dictionaries: {d: {file: d.json}}", '{"a": 1}', "d.json:1:7: the dictionary d: a label is a text"),
                ("dictionaries: {d: {file: d.json}}", '{"a": "x",\n "a": "y"}', "d.json:2:3: the dictionary d: a key is there twice"),
                ("dictionaries: {d: {file: d.json, keys: Long}}", '{"a": "x"}', "d.json:1:3: the dictionary d: a key is no whole number"),
                ("dictionaries: {d: {file: none.json}}", "{}", "none.json: the dictionary d cannot be read: there is nothing under that name")):
            (self.folder / "c.yaml").write_text(config)
            (self.folder / "d.json").write_text(table)
            self.headrace("expr", "eval", "--config", "c.yaml", code=3)
            self.assertIn(message, self.messages)

    def test_variables_that_cannot_be_used(self):
        for text, message in (("{", "the text ends too early"), ("[{\"name\": 5}]", "a variable needs \"name\", \"type\" and \"value\"")):
            (self.folder / "variables.json").write_text(text)
            self.headrace("expr", "eval", "--variables", "variables.json", code=3)
            self.assertIn(message, self.messages)


if __name__ == "__main__":
    unittest.main(verbosity=2)

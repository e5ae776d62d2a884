"""One hash of the state, whatever surrounds the process: 100,000 events through `headrace run` and
`headrace serve`, each in two surroundings. Usage: test_determinism.py HEADRACE

Two surroundings differ in locale, time zone, environment and in how memory is handed out. All four
runs must give the same records, in the same order, and the same hash of the keyed state."""
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import until  # noqa: E402

HEADRACE = sys.argv.pop(1)
EVENTS = 100_000
USERS = 3_000
NAMES = ["istanbul", "İzmir", "ISPARTA", "straße", "ΣΊΣΥΦΟΣ", "łódź", "iğdır", "", "🛹 board", "e\u0301te"]


def parameter(name, text):
    return {"name": name, "expression": {"language": "spel", "expression": text}}


def variable(name, text):
    return {"type": "Variable", "id": name, "varName": name, "value": {"language": "spel", "expression": text}}


def kafka(kind, name, topic, *parameters):
    topics = [parameter("Topic", f"'{topic}'"), parameter("Content type", "'JSON'")]
    return {"type": kind, "id": name, "ref": {"typ": "kafka", "parameters": [*topics, *parameters]}}


SCENARIO = {
    "metaData": {"id": "surroundings"},
    "nodes": [
        kafka("Source", "events", "events"),
        variable("name", "#input['name'].toString().toUpperCase() + '/' + #input['name'].toString().toLowerCase()"),
        variable("third", "#input['price'].toBigDecimal() / 3"),
        variable("root", "#NUMERIC.pow(#input['price'].toDouble(), 0.37)"),
        variable("moment", "#DATE.toInstant(#inputMeta.timestamp)"),
        variable("local", "#DATE.nowAtDefaultTimeZone().toString()"),
        variable("dice", "#RANDOM.nextInt(1000)"),
        {"type": "CustomNode", "id": "window", "nodeType": "aggregate-sliding", "outputVar": "window", "parameters": [
            parameter("groupBy", "#input['user'].toString()"),
            parameter("aggregator", "#AGG.map({names: #AGG.list, mean: #AGG.average, spread: #AGG.stddevPop, sum: #AGG.sum, kinds: #AGG.approxCardinality})"),
            parameter("aggregateBy", "{names: #name, mean: #root, spread: #root, sum: #third, kinds: #dice}"),
            parameter("windowLength", "T(java.time.Duration).parse('PT5M')"),
            parameter("emitWhenEventLeft", "false")]},
        kafka("Sink", "lists", "lists", parameter("Key", "#key"), parameter("Raw editor", "false"), parameter(
            "Value", "{window: #window, name: #name, third: #third, root: #root, moment: #moment, local: #local, dice: #dice}")),
    ],
}

SURROUNDINGS = [
    {"LC_ALL": "C", "TZ": "UTC", "HOME": "/"},
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": "Asia/Kathmandu", "HOME": "/nowhere", "TMPDIR": "/nowhere",
     "COLUMNS": "7", "NOTHING": "x" * 5000, "MALLOC_PERTURB_": "165", "MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "4096",
     "MALLOC_TOP_PAD_": "1048576", "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"},
]


def ready(port):
    """Whether every scenario is up to date."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


def turkish(folder):
    """Makes the second surroundings' locale when this machine can; else its name alone is different."""
    made = subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", "./tr_TR.UTF-8"], cwd=folder, capture_output=True) if shutil.which("localedef") else None
    # libc never frees what it makes of LOCPATH, which a build with a leak checker would take for ours
    return {"LOCPATH": str(folder), "LSAN_OPTIONS": "detect_leaks=0"} if made is not None and made.returncode == 0 else {}


def make_events(path):
    """Time moves on; one event in twelve is late, one in forty is broken."""
    rows = random.Random(7)
    now = 1_704_103_200_000
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(EVENTS):
            now += rows.randrange(40)
            at = now - rows.randrange(600_000) if rows.randrange(12) == 0 else now
            value = {"user": f"visitor-{rows.randrange(USERS)}", "name": rows.choice(NAMES), "price": rows.randrange(1, 10**6) / 100}
            if rows.randrange(40) == 0:
                del value["price"]
            json.dump({"key": None, "timestamp": at, "value": value}, out, ensure_ascii=rows.randrange(2) == 0)
            out.write("\n")


class Determinism(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-determinism-"))
        self.addCleanup(shutil.rmtree, self.folder)
        (self.folder / "scenario.json").write_text(json.dumps(SCENARIO))
        (self.folder / "config.yaml").write_text(
            "collect:\n  listen: 127.0.0.1:0\napi:\n  listen: 127.0.0.1:0\nengine:\n  keys_max: 1000000\n"
            "topics:\n  events: {}\n  lists: {}\nscenarios:\n  surroundings:\n    file: scenario.json\n")
        make_events(self.folder / "events.jsonl")
        SURROUNDINGS[1].update(turkish(self.folder))

    def surroundings(self, index):
        kept = {name: os.environ[name] for name in os.environ if name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH")}
        return {**kept, **SURROUNDINGS[index]}

    def run_over_the_file(self, index):
        done = subprocess.run([HEADRACE, "run", "scenario.json", "--input", "events.jsonl", "--config", "config.yaml", "--state-hash"],
                              cwd=self.folder, env=self.surroundings(index), capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-4000:])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return ([[line["key"], line["timestamp"], line["value"]] for line in lines if "error" not in line],
                [[line["timestamp"], line["error"]] for line in lines if "error" in line],
                re.search(rb"^state (\w{16})$", done.stderr, re.M)[1].decode())

    def topic(self, data, name):
        out = subprocess.run([HEADRACE, "topic", "read", name, "--data", data], check=True, capture_output=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    def serve(self, index):
        data = self.folder / f"data{index}"
        with open(self.folder / "events.jsonl", "rb") as events:
            subprocess.run([HEADRACE, "topic", "write", "events", "--data", data], stdin=events, check=True, capture_output=True)
        log = open(self.folder / f"serve{index}.log", "w+")
        child = subprocess.Popen([HEADRACE, "serve", "--config", "config.yaml", "--data", data], cwd=self.folder,
                                 env=self.surroundings(index), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        ports = until(lambda: re.findall(r"\(port (\d+)\)", pathlib.Path(log.name).read_text())[1:])
        until(lambda: ready(int(ports[0])), 240)
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(60), 0)
        log.close()
        state = re.search(r"scenario surroundings: state (\w{16})$", pathlib.Path(log.name).read_text(), re.M)[1]
        return ([[record["key"], record["timestamp"], record["value"]] for record in self.topic(data, "lists")],
                [[record["value"]["timestamp"], record["value"]["message"]] for record in self.topic(data, "surroundings.errors")], state)

    def test_the_surroundings_do_not_matter(self):
        records, errors, state = self.run_over_the_file(0)
        self.assertEqual(len(records) + len(errors), EVENTS)
        self.assertGreater(len(errors), EVENTS // 100)
        for what, other in (("run", self.run_over_the_file(1)), ("serve", self.serve(0)), ("serve elsewhere", self.serve(1))):
            self.assertEqual(other[2], state, what)
            self.assertTrue(other[0] == records, what)
            self.assertTrue(other[1] == errors, what)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""A running `headrace serve` for tests: its own ports, folder and stand-in for the shop's Admin API."""
import base64
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
SECRET = "shpat_a_secret_of_the_test"
OPERATOR = "the_operators_token_of_the_test"
SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"


class Shop(http.server.ThreadingHTTPServer):
    """Answers every upsert and keeps what was sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ShopHandler)
        self.calls = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        """A server under test that ends leaves half a request behind; that is no news."""


class ShopHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), json.loads(body)))
        answer = json.dumps({"data": {"metaobjectUpsert": {"metaobject": {"id": "gid://shopify/Metaobject/1"}, "userErrors": []}}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server:
    def __init__(self, headrace, extra="", start=True):
        self.headrace = headrace
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="headrace-test-"))
        self.shop = Shop()
        self.log = open(self.folder / "serve.log", "a+")
        self._model()
        self.config = self.folder / "headrace.yaml"
        self.config.write_text(self._config() + extra)
        self.child = None
        if start:
            self.start()

    def _model(self):
        model = self.folder / "model"
        inventory = DATA / "model/inventory.json"
        subprocess.run([self.headrace, "model", "import", DATA / "model", model, "--inventory", inventory], check=True, capture_output=True)
        handles = json.loads(inventory.read_text())["handle_to_id_dict"]
        self.handles = {gid: handle for handle, gid in handles.items()}
        catalogue = [{"id": gid, "handle": handle, "title": handle.title(), "price": "1.00 PLN", "available": handle != "scarf"}
                     for handle, gid in handles.items()]
        (self.folder / "catalogue.json").write_text(json.dumps(catalogue))

    def _config(self):
        text = (ROOT / "examples/shop/headrace.yaml").read_text()
        text = text.replace("127.0.0.1:8080", "127.0.0.1:0").replace("127.0.0.1:8081", "127.0.0.1:0")
        text = text.replace("127.0.0.1:9292", f"127.0.0.1:{self.shop.server_port}")
        text = text.replace("../../build/demo", str(self.folder))
        return text.replace("file: scenarios/", f"file: {ROOT}/examples/shop/scenarios/")

    def start(self, **environment):
        before = self.log.seek(0, os.SEEK_END)
        self.child = subprocess.Popen([self.headrace, "serve", "--config", self.config, "--data", self.folder / "data"],
                                      stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, env={**os.environ, "SHOPIFY_TOKEN": SECRET, "OPERATOR_TOKEN": OPERATOR, **environment})
        deadline = time.time() + 60
        while True:
            text = (self.folder / "serve.log").read_text()[before:]
            if re.search("^ready$", text, re.M):
                break
            if self.child.poll() is not None or time.time() > deadline:
                raise AssertionError("headrace did not start:\n" + text)
            time.sleep(0.02)
        self.collect, self.api = (int(port) for port in re.findall(r"\(port (\d+)\)", text))

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(60) == 0, (self.folder / "serve.log").read_text()

    def close(self):
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.shop.shutdown()
        self.shop.server_close()
        self.log.close()
        shutil.rmtree(self.folder)

    # --- asking -------------------------------------------------------------------------------------------

    def ask(self, port, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers

    def click(self, visitor, slug, **fields):
        event = page_view(visitor, slug, **fields)
        self.send([event])
        return event

    def clicks(self, views):
        """Page views of (visitor, slug) in one request."""
        self.send([page_view(visitor, slug) for visitor, slug in views])

    def begin_send(self, events):
        """A connection whose answer is yet to be read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.collect, timeout=30)
        connection.request("POST", "/com.snowplowanalytics.snowplow/tp2", json.dumps({"schema": SCHEMA, "data": events}),
                           {"Content-Type": "application/json"})
        return connection

    def try_send(self, events):
        """Status and body of the front door's answer."""
        connection = self.begin_send(events)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def send(self, events):
        answer = self.try_send(events)
        assert answer == (200, b"ok"), answer

    def cart(self, visitor, slug, verb="add_to"):
        item = {"schema": f"iglu:com.snowplowanalytics.snowplow/{verb}_cart/jsonschema/1-0-0", "data": {"sku": slug, "quantity": 1}}
        unstruct = {"schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", "data": item}
        return self.click(visitor, slug, e="ue", ue_px=base64.urlsafe_b64encode(json.dumps(unstruct).encode()).decode().rstrip("="))

    def order(self, visitor, slug):
        return self.click(visitor, slug, e="ti", ti_id="order-1", ti_sk=slug, ti_pr="1", ti_qu="1")

    def read(self, visitor, query=""):
        status, body, _ = self.ask(self.collect, "GET", f"/v1/recommendations/{token_of(visitor)}{query}")
        assert status == 200, (status, body)
        return json.loads(body)

    def read_as_of(self, visitor, event_id):
        return until(lambda: (lambda found: found if found.get("asOf", {}).get("eid") == event_id else None)(self.read(visitor)))

    def scenario(self, name="shop-recommendations"):
        return json.loads(self.ask(self.api, "GET", f"/api/scenarios/{name}")[1])

    def counts(self, name):
        """A metric's values by its label."""
        lines = self.ask(self.api, "GET", "/metrics")[1].decode().splitlines()
        return {line.split('"')[1]: int(line.split()[-1]) for line in lines if line.startswith(f"headrace_{name}{{")}

    def gauge(self, name):
        return int(re.search(rf"^headrace_{name} (\d+)$", self.ask(self.api, "GET", "/metrics")[1].decode(), re.M)[1])

    def topic(self, name):
        """Records of a topic; the server must be stopped."""
        out = subprocess.run([self.headrace, "topic", "read", name, "--data", self.folder / "data"], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in out.stdout.splitlines()]


def page_view(visitor, slug, **fields):
    event = {"e": "pv", "p": "web", "tv": "js-4.10.1", "aid": "shop", "eid": str(uuid.uuid4()), "duid": visitor,
             "url": f"https://shop.example/products/{slug}", "dtm": str(int(time.time() * 1000)), **fields}
    return {name: value for name, value in event.items() if value is not None}


def token_of(visitor, namespace="demo"):
    hashed = hashlib.sha256(b"headrace visitor\0" + namespace.encode() + b"\0" + visitor.encode()).digest()
    return base64.urlsafe_b64encode(hashed).decode()[:22]


def until(condition, seconds=20):
    """Waits for a condition; fails when it never holds."""
    deadline = time.time() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.time() < deadline, "it did not happen in time"
        time.sleep(0.01)

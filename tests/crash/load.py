"""Clients that behave like trackers: they post, and post the same event again until it is acknowledged.

Also the outside world the scenario calls: it answers, and remembers who asked.
"""

import http.client
import http.server
import json
import random
import threading
import time
import uuid

SCHEMA = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4"
PATH = "/com.snowplowanalytics.snowplow/tp2"
VISITORS = 150
ITEMS = 80
REFUSED = ("item-17", "item-37")  # the outside says that there is no such thing


def event(kind, visitor, item):
    return {"e": kind, "p": "web", "tv": "crash-1", "aid": "shop", "eid": str(uuid.uuid4()),
            "duid": visitor, "page": item, "url": f"https://shop.example/products/{item}"}


class Client(threading.Thread):
    """One connection, one request at a time."""

    def __init__(self, port, seed):
        super().__init__(daemon=True)
        self.port = port
        self.random = random.Random(seed)
        self.acknowledged = []
        self.answers = {}
        self.retries = 0
        self.stopping = threading.Event()
        self.connection = None

    def payload(self):
        visitor = f"visitor-{self.random.randrange(VISITORS)}"
        item = f"item-{self.random.randrange(ITEMS)}"
        events = [event("pv", visitor, item)]
        if self.random.random() < 0.1:
            events.insert(0, event("pp", visitor, item))
        return events

    def post(self, body):
        """The status, or None if the connection or the server is gone."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            self.connection.request("POST", PATH, body,
                                    {"Content-Type": "application/json; charset=UTF-8"})
            answer = self.connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None

    def post_until_acknowledged(self, events):
        body = json.dumps({"schema": SCHEMA, "data": events})
        while True:
            status = self.post(body)
            self.answers[status] = self.answers.get(status, 0) + 1
            if status == 200:
                self.acknowledged.extend(each["eid"] for each in events)
                return True
            self.retries += 1
            if status not in (None, 503):
                return False
            if self.stopping.is_set() and status is None:
                return False
            time.sleep(0.005)

    def run(self):
        while not self.stopping.is_set():
            events = self.payload()
            acknowledged = self.post_until_acknowledged(events)
            if acknowledged and self.random.random() < 0.02:
                self.post_until_acknowledged(events)  # the answer got lost, thinks the tracker


class Stub(http.server.ThreadingHTTPServer):
    """The outside: remembers the idempotency keys it was asked with."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.keys = {}
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A caller that was killed in the middle is what this is all about."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        key = self.headers.get("Idempotency-Key")
        with self.server.lock:
            self.server.keys.setdefault(key, set()).add(body)
        answer = b'{"ok":true}'
        self.send_response(404 if json.loads(body)["item"] in REFUSED else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass

"""An HTTP server that misbehaves as its request's query says, for the tests of deliver.

usage: server.py LOG [PORT]     prints the port it listens on (127.0.0.1), then serves until it is killed

One line of LOG a request, written before the answer: applied, status, Idempotency-Key, path, X-Token, body.
GET /__idle is answered when no other connection is open.
Query: status=N, fail=K (the first K requests of a key are answered with `with`, default 500, and not
applied), after=S (Retry-After), delay=MS, to=URL (Location),
how=reset | lost (applied, no answer) | garbage | large | echo | text | half.
"""
import json
import socketserver
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
seen = {}
log = open(sys.argv[1], "a", encoding="utf-8", buffering=1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def note(self, applied, status, path, body):
        fields = [str(int(applied)), str(status), self.headers.get("Idempotency-Key", ""), path,
                  self.headers.get("X-Token", ""), body]
        with lock:
            log.write("\t".join(fields) + "\n")

    def answer(self, status, body, headers=(), kind="application/json"):
        data = body.encode()
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def drop(self):
        self.close_connection = True
        self.connection.close()

    def serve(self):
        if self.path == "/__idle":
            while self.server.open_connections > 1:
                time.sleep(0.002)
            self.close_connection = True
            return self.answer(200, "{}")
        url = urllib.parse.urlsplit(self.path)
        ask = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        how = ask.get("how", "")
        key = self.headers.get("Idempotency-Key", "") + url.path
        with lock:
            seen[key] = seen.get(key, 0) + 1
            failing = seen[key] <= int(ask.get("fail", 0))
        status = int(ask.get("with", 500)) if failing else int(ask.get("status", 200))
        after = [("Retry-After", ask["after"])] if "after" in ask and status >= 400 else []
        broken = failing and how in ("reset", "lost", "half", "garbage", "delay")
        how = how if broken or not int(ask.get("fail", 0)) else ""
        if how == "reset":
            self.note(False, 0, url.path, body)
            return self.drop()
        if "delay" in ask and (failing or "fail" not in ask):
            self.note(False, 0, url.path, body)
            time.sleep(int(ask["delay"]) / 1000)
            return self.answer(200, "{}")
        applied = status < 300 or how == "lost"
        self.note(applied, status, url.path, body)
        if how == "lost":
            return self.drop()
        if how == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"only this")
            self.wfile.flush()
            return self.drop()
        if how == "garbage":
            return self.answer(200, '{"data":{"metaobj')
        if how == "large":
            return self.answer(200, '"' + "x" * 100000 + '"')
        if how == "echo":
            return self.answer(200, json.dumps(dict(self.headers.items())),
                               [("X-Echo", self.headers.get("X-Token", ""))])
        if how == "text":
            return self.answer(200, "plain words", kind="text/plain")
        if "to" in ask:
            return self.answer(int(ask.get("status", 302)), "", [("Location", ask["to"])])
        return self.answer(status, '{"n":1.50}' if status < 300 else "no", after,
                           "application/json" if status < 300 else "text/plain")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = serve


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    open_connections = 0

    def process_request(self, request, client_address):
        with lock:
            self.open_connections += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        super().process_request_thread(request, client_address)
        with lock:
            self.open_connections -= 1

    def handle_error(self, *_):  # clients that give up are part of the tests
        pass

    def server_bind(self):  # without the look-up of a host name
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()

"""A real server over a data directory of its own, with what the tests need to know of it."""

import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import load

HERE = pathlib.Path(__file__).resolve().parent
START_S = 30
DRAIN_S = 60

# fault.h
FAULT_NONE, FAULT_FULL, FAULT_FULL_ALL, FAULT_SYNC_ERROR, FAULT_WRITE_ERROR, FAULT_POWER_LOSS = range(6)

CONFIG = """\
namespace: crash
collect:
  listen: 127.0.0.1:{collect_port}
api:
  listen: 127.0.0.1:{api_port}
log:
  tail_bytes_max: 1MiB
state:
  checkpoint: 150ms
engine:
  elements_max: 1000000
deliver:
  backoff_first: 50ms
topics:
  scratch:
    retention_bytes: 64KiB
scenarios:
  crash:
    file: {scenario}
http:
  stub:
    match: http://stub.example
    url: http://127.0.0.1:{stub_port}
    allow_private: true
"""


def add_options(parser):
    parser.add_argument("--binary", required=True, help="headrace, built with kill points")
    parser.add_argument("--fault", help="fault.so, which stands between the server and the disk")
    parser.add_argument("--directory", default=".", help="where the data directories are made")
    parser.add_argument("--keep", action="store_true", help="keep the directories")


def read_options(parser):
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    options.fault = options.fault and os.path.abspath(options.fault)
    return options


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def killpoints(binary):
    """Names of the points a server passes; those of files are tests/host's."""
    lines = subprocess.run([binary, "version", "--killpoints"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    names = [line.split("\t")[0] for line in lines]
    return [name for name in names if not name.startswith(("file_", "directory_"))]


class Server:
    def __init__(self, options, more_config=""):
        self.options = options
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="server-", dir=options.directory))
        self.data = self.directory / "data"
        self.control = self.directory / "fault"
        self.stub = load.Stub()
        self.collect_port = free_port()
        self.api_port = free_port()
        self.server = None
        self.ready_s = []
        self.config = self.directory / "headrace.yaml"
        self.config.write_text(CONFIG.format(
            collect_port=self.collect_port, api_port=self.api_port,
            stub_port=self.stub.server_address[1], scenario=HERE / "scenario.json") + more_config)

    # --- its life --------------------------------------------------------------------------------

    def start(self, point=None, fault=FAULT_NONE, seed=1):
        environment = dict(os.environ)
        if point is not None:
            environment["HEADRACE_KILLPOINT"] = point
        self.control.write_bytes(struct.pack("<III", fault, 0, seed))
        if self.options.fault is not None:
            environment["HEADRACE_FAULT_FILE"] = str(self.control)
            environment["LD_PRELOAD"] = self.options.fault
        with open(self.directory / "server.log", "ab") as log:
            self.server = subprocess.Popen(
                [self.options.binary, "serve", "--config", str(self.config), "--data",
                 str(self.data)], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)

    def set_fault(self, fault):
        with open(self.control, "r+b") as control:
            control.write(struct.pack("<I", fault))

    def faults_met(self):
        return struct.unpack("<III", self.control.read_bytes()[:12])[1]

    def give_up(self, what):
        raise SystemExit(f"{what}; see {self.directory}/server.log")

    def wait_until(self, what, seconds, condition):
        until = time.monotonic() + seconds
        while not condition():
            if self.server.poll() is not None:
                self.give_up(f"the server ended with {self.server.returncode}, waiting until {what}")
            if time.monotonic() > until:
                self.give_up(f"not within {seconds} s: {what}")
            time.sleep(0.01)

    def wait_ready(self):
        began = time.monotonic()
        self.wait_until("it is ready", START_S, lambda: self.get("/ready")[0] == 200)
        self.ready_s.append(time.monotonic() - began)

    def kill(self):
        self.server.kill()
        self.server.wait()

    def stop(self):
        self.server.send_signal(signal.SIGTERM)
        if self.server.wait(DRAIN_S) != 0:
            self.give_up(f"the server stopped with {self.server.returncode}")

    def close(self, keep):
        if self.server is not None and self.server.poll() is None:
            self.kill()
        self.stub.shutdown()
        self.stub.server_close()
        if not keep:
            shutil.rmtree(self.directory)

    # --- asking it -------------------------------------------------------------------------------

    def get(self, path):
        """Status and body of the operator's side; None while nobody answers."""
        try:
            url = f"http://127.0.0.1:{self.api_port}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return None, ""

    def nothing_waits(self):
        status, text = self.get("/metrics")
        return status == 200 and "\nheadrace_deliver_waiting 0\n" in text

    def drain(self):
        """Until everything stored has had its effects."""
        self.wait_until("the scenario is up to date", DRAIN_S,
                        lambda: self.get("/ready")[0] == 200)
        self.wait_until("the outbox is empty", DRAIN_S, self.nothing_waits)
        self.wait_until("the scenario is up to date with the replies", DRAIN_S,
                        lambda: self.get("/ready")[0] == 200)

    def settle(self):
        """Drained, then stopped. Calls may still be on their way to the outbox when nothing waits in it: a stop
        stores them, so another start sends them."""
        self.drain()
        self.stop()
        self.start()
        self.wait_ready()
        self.drain()
        self.stop()

    def topic(self, *arguments, **more):
        """`headrace topic ...` over its data directory."""
        return subprocess.run([self.options.binary, "topic", *arguments, "--data", str(self.data)],
                              capture_output=True, text=True, **more)

    def read(self, topic):
        output = self.topic("read", topic, check=True)
        return [json.loads(line) for line in output.stdout.splitlines()]

    def letters(self):
        output = subprocess.run([self.options.binary, "deadletter", "list", "--data",
                                 str(self.data), "--count", "1000000"], capture_output=True,
                                text=True, check=True)
        return [json.loads(line) for line in output.stdout.splitlines()]

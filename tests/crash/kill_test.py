#!/usr/bin/env python3
"""Kills a loaded server again and again, at random instants and at each named point, with and without
the power, and then looks whether what is stored and sent is what the clients were told.

  kill_test.py --binary build/dev/headrace [--rounds 20] [--seed N] [--long] [--prove]

Passes when, over all rounds: every acknowledged event is stored, none twice; for each stored event
there is one list, equal to the batch oracle's; no sink record's identity occurs twice; every outside
call was answered once into its topic, however often it was sent. --prove re-enables known bugs one by
one: each run must fail, or the test is worth nothing. A failing run keeps its directory.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import load
import oracle

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = 6
ROUNDS_A_RUN = 40  # --long goes on in a fresh directory after so many
FAULT_POWER_LOSS = 5  # fault.h
START_S = 30
DRAIN_S = 60
POINT_S = 8

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

# The known bug, and a point at which it shows for certain.
BUGS = {
    "ack_before_sync": "log_before_commit",
    "output_before_commit": "checkpoint_before_commit",
    "no_event_id_check": "log_after_commit_before_ack",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def killpoints(binary):
    """Names of the points the binary has."""
    lines = subprocess.run([binary, "version", "--killpoints"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    return [line.split("\t")[0] for line in lines]


class Run:
    """One data directory, its clients, and a server that is killed and started again."""

    def __init__(self, options, seed, bug=None):
        self.options = options
        self.random = random.Random(seed)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="kill-", dir=options.directory))
        self.data = self.directory / "data"
        self.stub = load.Stub()
        self.collect_port = free_port()
        self.api_port = free_port()
        self.server = None
        self.ready_s = []
        self.hits = {}
        self.config = self.directory / "headrace.yaml"
        text = CONFIG.format(collect_port=self.collect_port, api_port=self.api_port,
                             stub_port=self.stub.server_address[1],
                             scenario=HERE / "scenario.json")
        if bug is not None:
            text += f"prove:\n  {bug}: true\n"
        self.config.write_text(text)
        self.clients = [load.Client(self.collect_port, seed * 1000 + i) for i in range(CLIENTS)]

    # --- the server ------------------------------------------------------------------------------

    def start(self, point=None, power_loss=False):
        environment = dict(os.environ)
        if point is not None:
            environment["HEADRACE_KILLPOINT"] = point
        if power_loss:
            control = self.directory / "fault"
            control.write_bytes(FAULT_POWER_LOSS.to_bytes(4, "little") + bytes(4) +
                                self.random.randrange(1, 2**32).to_bytes(4, "little"))
            environment["HEADRACE_FAULT_FILE"] = str(control)
            environment["LD_PRELOAD"] = self.options.fault
        with open(self.directory / "server.log", "ab") as log:
            self.server = subprocess.Popen(
                [self.options.binary, "serve", "--config", str(self.config), "--data",
                 str(self.data)], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)

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

    def wait_until(self, what, seconds, condition):
        until = time.monotonic() + seconds
        while not condition():
            if self.server.poll() is not None:
                raise SystemExit(f"the server ended with {self.server.returncode} while waiting "
                                 f"until {what}; see {self.directory}/server.log")
            if time.monotonic() > until:
                raise SystemExit(f"not within {seconds} s: {what}; see {self.directory}")
            time.sleep(0.01)

    def wait_ready(self):
        began = time.monotonic()
        self.wait_until("it is ready", START_S, lambda: self.get("/ready")[0] == 200)
        self.ready_s.append(time.monotonic() - began)

    def kill(self):
        self.server.kill()
        self.server.wait()

    # --- rounds ----------------------------------------------------------------------------------

    def round_random(self, power_loss):
        self.start(power_loss=power_loss)
        if self.random.random() < 0.7:
            self.wait_ready()
            time.sleep(self.random.uniform(0, 0.4))
        else:  # while it recovers
            time.sleep(self.random.uniform(0, 0.15))
        if self.server.poll() is not None:
            raise SystemExit(f"the server ended by itself; see {self.directory}/server.log")
        self.kill()

    def round_point(self, name, power_loss):
        """Returns whether the process died there."""
        self.start(f"{name}:{self.random.randrange(1, 12)}", power_loss)
        try:
            self.server.wait(POINT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        if self.server.returncode != -signal.SIGKILL:
            raise SystemExit(f"the server ended with {self.server.returncode} instead of at "
                             f"{name}; see {self.directory}/server.log")
        self.hits[name] = self.hits.get(name, 0) + 1
        return True

    def rounds(self, count, points):
        """`points` names one for each of the last rounds; the others are random."""
        for client in self.clients:
            client.start()
        plan = [None] * max(0, count - len(points)) + list(points)
        self.random.shuffle(plan)
        for point in plan:
            power_loss = self.options.fault is not None and self.random.random() < 0.5
            if point is None:
                self.round_random(power_loss)
            else:
                self.round_point(point, power_loss)

    # --- afterwards ------------------------------------------------------------------------------

    def read(self, topic):
        output = subprocess.run([self.options.binary, "topic", "read", topic, "--data",
                                 str(self.data)], check=True, capture_output=True, text=True)
        return [json.loads(line) for line in output.stdout.splitlines()]

    def nothing_waits(self):
        status, text = self.get("/metrics")
        waiting = [line for line in text.splitlines() if line.startswith("headrace_deliver_waiting ")]
        return status == 200 and waiting == ["headrace_deliver_waiting 0"]

    def settle(self):
        """A last start without a kill, until everything stored has had its effects."""
        self.start()
        self.wait_ready()
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(DRAIN_S)
        self.wait_until("the outbox is empty", DRAIN_S, self.nothing_waits)
        self.wait_until("the scenario is up to date", DRAIN_S,
                        lambda: self.get("/ready")[0] == 200)
        self.wait_until("the outbox stays empty", DRAIN_S, self.nothing_waits)
        time.sleep(0.2)  # the last replies' records
        self.server.send_signal(signal.SIGTERM)
        if self.server.wait(DRAIN_S) != 0:
            raise SystemExit(f"the server stopped with {self.server.returncode}; "
                             f"see {self.directory}/server.log")

    def problems(self):
        acknowledged = {eid for client in self.clients for eid in client.acknowledged}
        stored = self.read("http.shopify-events")
        answers = self.read("answers")
        found = oracle.check(stored, acknowledged, self.read("lists"), answers,
                             self.read("crash.errors"))
        asked = {json.loads(body)["eid"] for bodies in self.stub.keys.values() for body in bodies}
        for record in answers:
            if record["value"]["eid"] not in asked:
                found.append(f"answers: {record['value']['eid']} was never asked outside")
        for key, bodies in self.stub.keys.items():
            if key is None or len(bodies) > 1:
                found.append(f"outside calls: key {key} came with {len(bodies)} bodies")
        self.summary = {
            "acknowledged": len(acknowledged),
            "stored_records": len(stored),
            "retries": sum(client.retries for client in self.clients),
            "outside_calls": len(self.stub.keys),
            "ready_s_median": round(statistics.median(self.ready_s), 3),
            "ready_s_max": round(max(self.ready_s), 3),
        }
        return found

    def close(self, keep):
        for client in self.clients:
            client.stopping.set()
        if self.server is not None and self.server.poll() is None:
            self.kill()
        self.stub.shutdown()
        self.stub.server_close()
        if not keep:
            shutil.rmtree(self.directory)


def run_once(options, seed, rounds, points, bug=None):
    """Returns (problems, run)."""
    run = Run(options, seed, bug)
    keep = True
    try:
        run.rounds(rounds, points)
        run.settle()
        problems = run.problems()
        keep = options.keep or (bool(problems) and bug is None)
    finally:
        run.close(keep)
    return problems, run


def report(problems, run):
    for problem in problems[:20]:
        print(f"  {problem}")
    if len(problems) > 20:
        print(f"  ... and {len(problems) - 20} more")
    if problems:
        print(f"  kept: {run.directory}")


def test_kills(options):
    points = killpoints(options.binary)
    left = options.rounds
    hits = {}
    failed = False
    seed = options.seed
    while left > 0:
        rounds = min(left, ROUNDS_A_RUN)
        problems, run = run_once(options, seed, rounds, points[:rounds])
        for name, count in run.hits.items():
            hits[name] = hits.get(name, 0) + count
        print(f"seed {seed}: {rounds} kills, {len(problems)} problems, {json.dumps(run.summary)}",
              flush=True)
        report(problems, run)
        failed = failed or bool(problems)
        left -= rounds
        seed += 1
    missed = [name for name in points if name not in hits]
    print(f"points died at: {json.dumps(hits)}")
    if missed:
        print(f"points never reached: {', '.join(missed)}")
    return not failed and not missed


def test_bugs(options):
    """Each known bug must be found."""
    missed = []
    for bug, point in BUGS.items():
        problems, run = run_once(options, options.seed, 10, [point] * 5, bug)
        print(f"{bug}: {'found' if problems else 'NOT FOUND'}, {len(problems)} problems, "
              f"{json.dumps(run.summary)}", flush=True)
        for problem in problems[:2]:
            print(f"  {problem[:160]}")
        if not problems:
            missed.append(bug)
    return not missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="headrace, built with kill points")
    parser.add_argument("--fault", help="fault.so: half of the kills cut the power, too")
    parser.add_argument("--directory", default=".", help="where the data directories are made")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--long", action="store_true", help="1,000 rounds")
    parser.add_argument("--prove", action="store_true", help="with known bugs it must fail")
    parser.add_argument("--keep", action="store_true", help="keep the directories")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    options.fault = options.fault and os.path.abspath(options.fault)
    if options.long:
        options.rounds = 1000
    if not killpoints(options.binary):
        raise SystemExit(f"{options.binary} was built without kill points (preset dev has them)")
    print(f"seed {options.seed}")
    return test_bugs(options) if options.prove else test_kills(options)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

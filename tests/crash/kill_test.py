#!/usr/bin/env python3
"""Kills a loaded server again and again, at random instants and at each named point, with and without
the power, and then looks whether what is stored and sent is what the clients were told.

  kill_test.py --binary build/dev/headrace [--rounds 20] [--seed N] [--prove]      (see run)

Passes when, over all rounds: every acknowledged event is stored, none twice; for each stored event
there is one list, equal to the batch oracle's; no sink record's identity occurs twice; every outside
call was answered once into its topic, however often it was sent. --prove re-enables known bugs one by
one: each run must fail, or the test is worth nothing. A failing run keeps its directory.
"""

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import time

import load
import oracle
import serving

CLIENTS = 6
ROUNDS_A_RUN = 40  # it goes on in a fresh directory after so many
POINT_S = 8

# The known bug, and a point at which it shows for certain.
BUGS = {
    "ack_before_sync": "log_before_commit",
    "output_before_commit": "checkpoint_before_commit",
    "no_event_id_check": "log_after_commit_before_ack",
}


class Run(serving.Server):
    """One data directory, its clients, and a server that is killed and started again."""

    def __init__(self, options, seed, bug=None):
        super().__init__(options, f"prove:\n  {bug}: true\n" if bug else "")
        self.random = random.Random(seed)
        self.hits = {}
        self.writes_held = 0
        self.summary = {}
        self.clients = [load.Client(self.collect_port, seed * 1000 + i) for i in range(CLIENTS)]

    def begin(self, point=None, power_loss=False):
        fault = serving.FAULT_POWER_LOSS if power_loss else serving.FAULT_NONE
        self.start(point, fault, self.random.randrange(1, 2**32))

    # --- rounds ----------------------------------------------------------------------------------

    def kill(self):
        super().kill()
        self.writes_held += self.faults_met()

    def round_random(self, power_loss):
        self.begin(power_loss=power_loss)
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
        self.begin(f"{name}:{self.random.randrange(1, 12)}", power_loss)
        try:
            self.server.wait(POINT_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        if self.server.returncode != -signal.SIGKILL:
            raise SystemExit(f"the server ended with {self.server.returncode} instead of at "
                             f"{name}; see {self.directory}/server.log")
        self.hits[name] = self.hits.get(name, 0) + 1
        self.writes_held += self.faults_met()
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

    def finish(self):
        """A last start without a kill, until everything stored has had its effects."""
        self.start()
        self.wait_ready()
        for client in self.clients:
            client.stopping.set()
        for client in self.clients:
            client.join(serving.DRAIN_S)
        self.settle()

    def problems(self):
        acknowledged = {eid for client in self.clients for eid in client.acknowledged}
        stored = self.read("http.shopify-events")
        answers = self.read("answers")
        found = oracle.check(stored, acknowledged, self.read("lists"), answers,
                             self.read("crash.errors"), self.letters(), load.REFUSED)
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
            "writes_held_back": self.writes_held,
            "ready_s_median": round(statistics.median(self.ready_s), 3),
            "ready_s_max": round(max(self.ready_s), 3),
        }
        return found

    def close(self, keep):
        for client in self.clients:
            client.stopping.set()
        super().close(keep)


def run_once(options, seed, rounds, points, bug=None):
    """Returns (problems, run). A run that breaks off proves nothing: it ends the test, with a bug too."""
    run = Run(options, seed, bug)
    keep = True
    try:
        run.rounds(rounds, points)
        run.finish()
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
    points = serving.killpoints(options.binary)
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
    serving.add_options(parser)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--prove", action="store_true", help="with known bugs it must fail")
    options = serving.read_options(parser)
    if not serving.killpoints(options.binary):
        raise SystemExit(f"{options.binary} was built without kill points (preset dev has them)")
    print(f"seed {options.seed}")
    return test_bugs(options) if options.prove else test_kills(options)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

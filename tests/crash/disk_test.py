#!/usr/bin/env python3
"""A disk that is full for a while, and one that fails: the server answers 503 with CORS, stays alive,
goes on when there is room; a failed sync ends it. Then everything acknowledged is there, with its
effects. Also: the `topic` commands beside a running server, and without one.

  disk_test.py --binary build/dev/headrace --fault build/dev/tests/crash/fault.so
"""

import argparse
import http.client
import json
import sys
import time

import load
import oracle
import serving

FILL_POSTS_MAX = 4000
RETURN_S = 30
EXIT_RUNTIME = 4
EXIT_INPUT = 3


class Poster:
    """Posts page views one by one and notes what was acknowledged."""

    def __init__(self, server):
        self.server = server
        self.acknowledged = []
        self.count = 0

    def post(self, padding=0):
        """Status and CORS header, None when nobody answers."""
        self.count += 1
        event = load.event("pv", f"visitor-{self.count % 7}", f"item-{self.count % 13}")
        event["refr"] = "https://shop.example/?" + "x" * padding
        body = json.dumps({"schema": load.SCHEMA, "data": [event]})
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.server.collect_port,
                                                    timeout=10)
            connection.request("POST", load.PATH, body,
                               {"Content-Type": "application/json",
                                "Origin": "https://shop.example"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
        except (OSError, http.client.HTTPException):
            return None, None
        if answer.status == 200:
            self.acknowledged.append(event["eid"])
        return answer.status, answer.headers.get("Access-Control-Allow-Origin")


def check_full_disk(server, poster):
    """Returns how long it took to go on after space had returned."""
    server.set_fault(serving.FAULT_FULL)
    for _ in range(FILL_POSTS_MAX):
        status, cors = poster.post(padding=50_000)
        if status != 200:
            break
    if status != 503 or cors is None:
        server.give_up(f"a full disk was answered {status}, Access-Control-Allow-Origin {cors}")
    for _ in range(20):
        status, cors = poster.post()
        if status != 503 or cors is None:
            server.give_up(f"the full disk was answered {status}, CORS {cors}")
    if server.get("/health")[0] != 200:
        server.give_up("the server is not alive on a full disk")
    server.kill()
    server.start(fault=serving.FAULT_FULL)
    server.wait_until("it starts on a full disk", RETURN_S, lambda: poster.post()[0] == 503)
    server.set_fault(serving.FAULT_NONE)
    began = time.monotonic()
    server.wait_until("it accepts events again", RETURN_S, lambda: poster.post()[0] == 200)
    return time.monotonic() - began


def check_commands_beside(server):
    output = server.topic("list")
    if output.returncode != EXIT_INPUT or f"process {server.server.pid}" not in output.stderr:
        server.give_up(f"`topic list` beside a server: {output.returncode}, {output.stderr}")


def check_failed_sync(server, poster):
    server.set_fault(serving.FAULT_SYNC_ERROR)
    status, _ = poster.post()
    if status == 200:
        server.give_up("an event was acknowledged though its sync had failed")
    if server.server.wait(serving.DRAIN_S) != EXIT_RUNTIME:
        server.give_up(f"after a failed sync the server ended with {server.server.returncode}")


def check_commands(server):
    """Lines written and read come back; a bad line is named."""
    lines = [{"key": "k", "timestamp": 5, "value": {"n": n}} for n in range(1000)]
    server.topic("write", "lines", input="\n".join(map(json.dumps, lines)), check=True)
    output = server.topic("read", "lines", "--from", "990", "--count", "5", check=True)
    read = [json.loads(line) for line in output.stdout.splitlines()]
    if [record["value"]["n"] for record in read] != [990, 991, 992, 993, 994]:
        server.give_up(f"`topic read` gave {read}")
    if read[0]["key"] != "k" or read[0]["timestamp"] != 5 or read[0]["offset"] != 990:
        server.give_up(f"`topic read` gave {read[0]}")
    bad = server.topic("write", "lines", input='{"value":1}\n{"value"\n')
    if bad.returncode != EXIT_INPUT or "line 2: column" not in bad.stderr:
        server.give_up(f"a bad line: {bad.returncode}, {bad.stderr}")
    listed = [json.loads(line) for line in server.topic("list", check=True).stdout.splitlines()]
    if {topic["topic"]: topic["records"] for topic in listed}["lines"] != 1001:
        server.give_up(f"`topic list` gave {listed}")
    none = server.topic("read", "no-such-topic")
    if none.returncode != EXIT_INPUT or "no topic no-such-topic" not in none.stderr:
        server.give_up(f"an unknown topic: {none.returncode}, {none.stderr}")


def run(server):
    poster = Poster(server)
    server.start()
    server.wait_ready()
    for _ in range(200):
        poster.post(padding=500)
    return_s = check_full_disk(server, poster)
    check_commands_beside(server)
    check_failed_sync(server, poster)
    server.start()
    server.wait_ready()
    server.settle()
    problems = oracle.check(server.read("http.shopify-events"), set(poster.acknowledged),
                            server.read("lists"), server.read("answers"),
                            server.read("crash.errors"), server.letters(), load.REFUSED)
    check_commands(server)
    print(f"{len(poster.acknowledged)} of {poster.count} events acknowledged, "
          f"{return_s:.2f} s from space to the first acknowledgement, {len(problems)} problems")
    for problem in problems[:20]:
        print(f"  {problem[:300]}")
    return not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    serving.add_options(parser)
    options = serving.read_options(parser)
    if options.fault is None:
        raise SystemExit("disk_test.py needs --fault fault.so")
    server = serving.Server(options)
    passed = False
    try:
        passed = run(server)
    finally:
        server.close(keep=options.keep or not passed)
    return passed


if __name__ == "__main__":
    sys.exit(0 if main() else 1)

"""Runs the benches and prints one table. Standard library only, but for `original`, which makes itself a virtual environment; started by script/bench.

Server and load are pinned to cores 0 and 1, but for `readable`, where a shop has its whole machine. Every process it starts is ended by its own
handle; everything is written below build/bench.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/bench"
RELEASE = ROOT / "build/release"
HEADRACE = RELEASE / "headrace"
LOAD = RELEASE / "bench/load"
INVENTORY = ROOT / "tests/data/model/inventory.json"
SERVER_CORE, LOAD_CORE, BOTH_CORES = "0", "1", "0,1"
SECONDS = 10
# Passing events T over N = 200,000 visitors by Zipf 0.5 give a mean history of T ln(N) / 4N clicks, seen
# from an event: 7 clicks are T = 459,000 of 574,000 events, 30,000 of which the warm-up sends.
PRELOAD_EVENTS = 544000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pinned(core, *command):
    return ["taskset", "-c", core, *map(str, command)]


class Process:
    """A process of ours; `with` ends it by its handle."""

    def __init__(self, command, log, ready=None, port=None, env=None):
        self.log = open(log, "w")
        self.child = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
                                      env={**os.environ, **(env or {})})
        deadline = time.time() + 120
        while True:
            text = pathlib.Path(log).read_text()
            if ready and re.search(ready, text, re.M):
                break
            if port and port_open(port):
                break
            if self.child.poll() is not None or time.time() > deadline:
                raise SystemExit(f"{command}: did not start\n{text}")
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(60)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()


def port_open(port):
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def load(mode, port, core=LOAD_CORE, **options):
    arguments = [mode, "--port", port, "--products", WORK / "products.txt"]
    for name, value in options.items():
        arguments += ["--" + name, value]
    return json.loads(run(pinned(core, LOAD, *arguments)))


def nginx(port, core=SERVER_CORE):
    """A plain 200, as short as our own answer; also plays the shop's Admin API for the calls of W."""
    folder = WORK / "nginx"
    folder.mkdir(exist_ok=True)
    upsert = '{"data":{"metaobjectUpsert":{"metaobject":{"id":"gid://shopify/Metaobject/1"},"userErrors":[]}}}'
    (folder / "nginx.conf").write_text(
        f"worker_processes 1; daemon off; error_log {folder}/error.log; pid {folder}/pid;\n"
        "events { worker_connections 4096; }\n"
        "http { access_log off; keepalive_requests 100000000; client_body_temp_path " + str(folder) + "/body;\n"
        f"proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ default_type text/plain; return 200 'ok'; }}\n"
        f"location /admin/ {{ default_type application/json; return 200 '{upsert}'; }} }} }}\n")
    return Process(pinned(core, shutil.which("nginx") or "/usr/sbin/nginx", "-c", folder / "nginx.conf", "-p", folder),
                   folder / "out.log", port=port)


def config(name, collect, api, shop=None, scenario=True):
    """The demo's configuration with other ports; without the scenario it only collects."""
    text = (ROOT / "examples/shop/headrace.yaml").read_text()
    text = text.replace("127.0.0.1:8080", f"127.0.0.1:{collect}").replace("127.0.0.1:8081", f"127.0.0.1:{api}")
    text = text.replace("127.0.0.1:9292", f"127.0.0.1:{shop or collect}").replace("../../build/demo", str(WORK))
    text = text.replace("file: scenarios/", f"file: {ROOT}/examples/shop/scenarios/")
    if not scenario:
        text = re.sub(r"^(scenarios|nodes):\n(?:[ #].*\n|\n)+", "", text, flags=re.M)
    file = WORK / f"{name}.yaml"
    file.write_text(text)
    return file


def serve(name, core, collect, api, **options):
    data = WORK / f"data-{name}"
    shutil.rmtree(data, ignore_errors=True)
    command = [HEADRACE, "serve", "--config", config(name, collect, api, **options), "--data", data]
    return Process(pinned(core, *command), WORK / f"{name}.log", ready=r"^ready$", env={"SHOPIFY_TOKEN": "bench"})


def threads(pid):
    """CPU seconds by thread name."""
    ticks = os.sysconf("SC_CLK_TCK")
    seconds = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        stat = (task / "stat").read_text()
        name = stat[stat.index("(") + 1:stat.rindex(")")]
        fields = stat[stat.rindex(")") + 2:].split()
        seconds[name] = seconds.get(name, 0) + (int(fields[11]) + int(fields[12])) / ticks
    return seconds


def rss_anon_kib(pid):
    return int(re.search(r"RssAnon:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def bench_post():
    plain, collect, api = free_port(), free_port(), free_port()
    with nginx(plain):
        base = load("flood", plain, seconds=SECONDS)
    with serve("post", SERVER_CORE, collect, api, scenario=False) as server:
        load("flood", collect, seconds=2, seed=9)
        before = threads(server.child.pid)
        ours = load("flood", collect, seconds=SECONDS)
        after = threads(server.child.pid)
        half = load("clicks", collect, seconds=SECONDS, rate=ours["per_second"] / 2, sample=1000000000, seed=7)
    with nginx(plain):
        again = load("flood", plain, seconds=SECONDS)
    nginx_rate = max(base["per_second"], again["per_second"])
    return {
        "nginx_per_second": nginx_rate, "headrace_per_second": ours["per_second"],
        "ratio": round(ours["per_second"] / nginx_rate, 3), "acknowledged": ours["acknowledged"],
        "nginx_acknowledged": base["acknowledged"], "acknowledged_at_half_load": half["acknowledged"],
        "refused": ours["refused"], "cpu_seconds": {k: round(after[k] - before.get(k, 0), 2) for k in after},
    }


def bench_replay():
    return json.loads(run(pinned(SERVER_CORE, RELEASE / "bench/bench_engine", "--json")))


def score_json(rounds):
    output = run(pinned(SERVER_CORE, HEADRACE, "bench", "score", "--model", WORK / "model", "--rounds", rounds, "--json"))
    return [json.loads(line) for line in output.splitlines()]


def bench_score():
    return {"rows": score_json(1000)}


def bench_train():
    """One epoch of the showcase's size on both cores, in both arithmetics; a training has ten."""
    shop = WORK / "shop.tsv"
    with open(shop, "w") as out:
        subprocess.run([sys.executable, "-B", ROOT / "tools/made_up_shop.py"], stdout=out, check=True)
    result = {}
    for arithmetic in ("compat", "fixed"):
        started = time.time()
        run(pinned(BOTH_CORES, HEADRACE, "model", "train", "--data", shop, "--output", WORK / "trained", "--arithmetic", arithmetic,
                   "--epochs", "1", "--threads", "2"))
        card = (WORK / "trained/card.md").read_text()
        result[arithmetic] = {"seconds": round(time.time() - started, 1), "instances": int(re.search(r"(\d+) instances to learn", card)[1]),
                              "settings": re.search(r"batch=\S+", card)[0]}
    return result


def original_python():
    """The Python of a virtual environment with mlflow and tensorflow; makes it the first time (1.5 GB, from PyPI)."""
    folder = WORK / "original-venv"
    python = folder / "bin/python"
    stamp = folder / ".installed"
    if not stamp.exists():
        run([sys.executable, "-m", "venv", str(folder)])
        tensorflow = "tensorflow-cpu" if os.uname().machine == "x86_64" else "tensorflow"
        run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "mlflow", tensorflow])
        stamp.touch()
    return python


def bench_original():
    """TensorFlow behind an MLflow pyfunc beside ours, on one core; ours before and after it, the quieter one counts."""
    python = original_python()
    ours = score_json(300)
    original = json.loads(run(pinned(SERVER_CORE, python, ROOT / "bench/original_pyfunc.py", ROOT / "tests/data/model", WORK)))
    ours += score_json(300)
    for row in original["rows"]:
        for precision in ("float32", "bf16"):
            same = [r for r in ours if r["clicks"] == row["clicks"] and r["precision"] == precision and r["items"] == 240]
            median, best = min(r["median_us"] for r in same), min(r["best_us"] for r in same)
            row[precision] = {"median_us": median, "best_us": best, "ratio": round(row["median_us"] / median),
                              "ratio_of_best": round(row["best_us"] / best),
                              "ratio_of_cpu": round(row["cpu_us"] / median), "kernels": same[0]["kernels"]}
    return original


def switch_model(api, action):
    request = urllib.request.Request(f"http://127.0.0.1:{api}/api/models/slirec_shopify_model/1/{action}", b"",
                                     {"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(request, timeout=10).read()


def wait_ready(api):
    while True:
        try:
            if urllib.request.urlopen(f"http://127.0.0.1:{api}/ready", timeout=10).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)


def bench_expr():
    return json.loads(run(pinned(SERVER_CORE, RELEASE / "bench/bench_expr", "--json")))


def bench_encode():
    return json.loads(run(pinned(SERVER_CORE, RELEASE / "bench/bench_encode", "--json")))


def bench_readable():
    """Workload W; windows are filled first, with the model off, so that histories have their mean length."""
    shop, collect, api = free_port(), free_port(), free_port()
    with nginx(shop, BOTH_CORES), serve("readable", BOTH_CORES, collect, api, shop=shop) as server:
        load("clicks", collect, seconds=5, rate=500, sample=1000000000, seed=3)
        switch_model(api, "stop")
        load("flood", collect, events=PRELOAD_EVENTS, seed=5)
        wait_ready(api)
        switch_model(api, "start")
        load("clicks", collect, core=BOTH_CORES, seconds=15, rate=2000, sample=1000000000, seed=13)
        before = threads(server.child.pid)
        result = load("clicks", collect, core=BOTH_CORES, seconds=30, rate=2000, sample=10)
        after = threads(server.child.pid)
        result["rss_anon_mib"] = round(rss_anon_kib(server.child.pid) / 1024, 1)
        result["cpu_share"] = {k: round((after[k] - before.get(k, 0)) / result["seconds"], 3) for k in after}
    return result


def bench_memory():
    collect, api = free_port(), free_port()
    with serve("memory", SERVER_CORE, collect, api, scenario=False) as server:
        idle = rss_anon_kib(server.child.pid)
        load("flood", collect, events=1000000, seed=11)
        return {"idle_mib": round(idle / 1024, 1), "after_1m_events_mib": round(rss_anon_kib(server.child.pid) / 1024, 1)}


def bench_size():
    stripped = WORK / "headrace.stripped"
    run(["strip", "-o", str(stripped), str(HEADRACE)])
    return {"bytes": HEADRACE.stat().st_size, "stripped_bytes": stripped.stat().st_size}


BENCHES = {"post": bench_post, "replay": bench_replay, "score": bench_score, "original": bench_original, "train": bench_train, "expr": bench_expr,
           "encode": bench_encode, "readable": bench_readable, "memory": bench_memory, "size": bench_size}


def prepare():
    WORK.mkdir(parents=True, exist_ok=True)
    handles = json.loads(INVENTORY.read_text())["handle_to_id_dict"]
    (WORK / "products.txt").write_text("\n".join(handles) + "\n")
    catalogue = [{"id": gid, "handle": handle, "title": handle} for handle, gid in handles.items()]
    (WORK / "catalogue.json").write_text(json.dumps(catalogue))
    shutil.rmtree(WORK / "model", ignore_errors=True)
    run([str(HEADRACE), "model", "import", str(ROOT / "tests/data/model"), str(WORK / "model"), "--inventory", str(INVENTORY)])


AIMS = {(240, 5, "float32"): "<= 0.22 ms", (240, 5, "bf16"): "<= 0.12 ms", (240, 7, "float32"): "<= 0.3 ms", (10000, 10, "bf16"): "<= 8 ms"}


def rows_post(r):
    half, base = r["acknowledged_at_half_load"], r["nginx_acknowledged"]
    yield "durable POST, one core", f"{r['headrace_per_second']:,.0f}/s", f"nginx 200: {r['nginx_per_second']:,.0f}/s, x {r['ratio']}", ">= 0.4 x"
    yield "acknowledged, full load, p99", f"{r['acknowledged']['p99_ms']} ms", f"nginx 200: {base['p99_ms']} ms", ""
    yield "acknowledged, half load, p99", f"{half['p99_ms']} ms", "", "<= 5 ms"


def rows_replay(r):
    yield "replay up to the model call", f"{r['events_per_second']:,}/s", f"{r['cpu_seconds_per_million']} CPU s per million", ">= 200,000/s"


def rows_score(r):
    for row in r["rows"]:
        items, clicks, precision = row["items"], row["clicks"], row["precision"]
        beside = f"appended: {row['appended_median_us'] / 1000:.3f} ms"
        if row["naive_median_us"]:
            beside += f", plain C: {row['naive_median_us'] / 1000:.1f} ms, x {row['ratio']}"
        yield f"scoring {items:,} items, {clicks} clicks, {precision}", f"{row['median_us'] / 1000:.3f} ms", beside, AIMS.get((items, clicks, precision), "")


def rows_original(r):
    aims = {5: ">= 250 x", 50: ">= 80 x"}
    for row in r["rows"]:
        for precision in ("float32", "bf16"):
            ours = row[precision]
            yield (f"{row['items']} items, {row['clicks']} clicks, {precision}, beside TensorFlow", f"{ours['median_us'] / 1000:.3f} ms, x {ours['ratio']}",
                   f"pyfunc: {row['median_us'] / 1000:.0f} ms; by its CPU time: x {ours['ratio_of_cpu']}, by the best of both: x {ours['ratio_of_best']}", aims[row["clicks"]])


def rows_train(r):
    for arithmetic, aim in (("compat", "<= 180 s"), ("fixed", "")):
        one = r[arithmetic]
        yield (f"training, {one['instances']:,} instances x 10, {arithmetic}", f"{10 * one['seconds']:.0f} s (one: {one['seconds']} s)",
               f"{one['instances'] / one['seconds']:,.0f} instances/s; the original, on its author's machine: 472 s", aim)


def rows_expr(r):
    total, count = r["showcase"], len(r["expressions"])
    instructions = "not counted here" if total["instructions"] is None else f"{total['instructions']:,} (by {r['counted_by']})"
    yield f"{total['expressions']} expressions of the showcase, an event", f"{total['ns'] / 1000:.2f} us", f"instructions: {instructions}", f"<= {total['aim_ns'] / 1000:.2f} us"
    yield "system allocations, an event", f"{total['allocations']:g}", f"{count} expressions: {sum(e['allocations'] for e in r['expressions']):g}", "0"


def rows_encode(r):
    yield "encoder learns, full softmax over 12,000", f"{r['clicks_per_second']:,}/s", f"{r['gflops']} GFLOP/s in it", ""
    yield "best 20 of 1,000,000 x 64, int8", f"{r['scan_int8_ms']} ms", f"float: {r['scan_float_ms']} ms, share found {r['scan_shared']}", "<= 2.6 ms"


def rows_readable(r):
    readable = r["readable"]
    yield "click to readable under W, p50", f"{readable['p50_ms']} ms", f"{readable['count']} followed, {r['failures']} failures", ""
    yield "click to readable under W, p99", f"{readable['p99_ms']} ms", f"max {readable['max_ms']} ms", "<= 10 ms"
    yield "acknowledged under W, p99", f"{r['acknowledged']['p99_ms']} ms", "", ""
    yield "CPU by thread under W", " ".join(f"{k} {v:.2f}" for k, v in r["cpu_share"].items()), "", ""


def rows_memory(r):
    yield "RssAnon after 1 M events", f"{r['after_1m_events_mib']} MiB", f"idle: {r['idle_mib']} MiB", "idle <= 50 MiB"


def rows_size(r):
    yield "binary", f"{r['bytes'] / 1e6:.1f} MB", f"stripped: {r['stripped_bytes'] / 1e6:.1f} MB", "<= 15 MB"


ROWS = {"post": rows_post, "replay": rows_replay, "score": rows_score, "original": rows_original, "train": rows_train, "expr": rows_expr,
        "encode": rows_encode, "readable": rows_readable, "memory": rows_memory, "size": rows_size}


def print_table(results):
    rows = [("what", "measured", "beside it", "aim")]
    for name, result in results.items():
        rows += ROWS[name](result)
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        print(("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |"))
        if row is rows[0]:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def main(names):
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        raise SystemExit(f"script/bench: there is no bench {unknown[0]}; there are {' '.join(BENCHES)}")
    prepare()
    results = {}
    for name in names or BENCHES:
        print(f"== {name}", file=sys.stderr, flush=True)
        results[name] = BENCHES[name]()
        (WORK / "results.json").write_text(json.dumps(results, indent=1))
    print_table(results)
    print(f"written: {(WORK / 'results.json').relative_to(ROOT)}")


main(sys.argv[1:])

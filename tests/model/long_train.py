"""Trainings of a made-up shop, minutes each: what is learnt, by both arithmetics; ends with a table.
Usage: long_train.py HEADRACE [SEEDS]   (script/test --long)"""
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADRACE = pathlib.Path(sys.argv[1]).resolve()
SEEDS = range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 3))
AT_LEAST = {"compat": 0.90, "fixed": 0.90}  # median of the seeds' test AUC; a coin: .5


def trained(folder, arithmetic, seed):
    out = folder / f"{arithmetic}{seed}"
    subprocess.run([HEADRACE, "model", "train", "--data", folder / "shop.tsv", "--output", out, "--arithmetic", arithmetic,
                    "--order", "time", "--epochs", "5", "--seed", str(seed)], check=True)
    card = (out / "card.md").read_text()
    return float(re.search(r"## Test\n\n.*\n.*\n\| ([0-9.]+)", card)[1])


def main():
    failed = False
    with tempfile.TemporaryDirectory(prefix="headrace-long-") as name:
        folder = pathlib.Path(name)
        with open(folder / "shop.tsv", "w") as shop:
            subprocess.run([sys.executable, "-B", ROOT / "tools/made_up_shop.py", "60"], stdout=shop, check=True)
        for arithmetic, least in AT_LEAST.items():
            found = [trained(folder, arithmetic, seed) for seed in SEEDS]
            median = statistics.median(found)
            failed |= median < least
            print(f"{arithmetic}: test AUC {' '.join(map(str, found))}, median {median}, at least {least}", flush=True)
    return failed


sys.exit(main())

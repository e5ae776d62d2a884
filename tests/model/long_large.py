"""A model of a million items, imported, asked, given an index and asked again. It repeats the items of the small model (tests/data/model) over
and over, so that its best have the score of the small one's best, to the last digit, and are its repetitions.
Usage: long_large.py HEADRACE [ITEMS]   (script/test --long)"""
import json
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile

HEADRACE = pathlib.Path(sys.argv[1]).resolve()
ITEMS = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
SOURCE = pathlib.Path(__file__).resolve().parents[1] / "data/model"
TABLE = "sequential/embedding/item_embedding"


def headrace(*arguments, text=None):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([HEADRACE, "model", *map(str, arguments)], input=text, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"model {arguments[0]}: {spent:.1f} s of processor time; the largest run so far {after.ru_maxrss / 1e6:.1f} GB", flush=True)
    return out.stdout


def repeated(handle, round_number):
    return handle if round_number == 0 else f"{handle}--{round_number}"


def write_source(to, known, cates):
    """known: handles by id, 0 the padding's, in the golden vocabulary; every round repeats those behind it."""
    raw = (SOURCE / "weights.safetensors").read_bytes()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    header = {name: tensor for name, tensor in json.loads(raw[8:start]).items() if name != "__metadata__"}
    rounds = ITEMS // (len(known) - 1)
    end = 0
    parts = []
    for name, tensor in header.items():
        part = raw[start + tensor["data_offsets"][0]:start + tensor["data_offsets"][1]]
        if name == TABLE:
            row = len(part) // len(known)
            part = part[:row] + part[row:] * rounds
            tensor["shape"][0] = 1 + (len(known) - 1) * rounds
        tensor["data_offsets"] = [end, end + len(part)]
        end += len(part)
        parts.append(part)
    text = json.dumps(header).encode()
    (to / "weights.safetensors").write_bytes(b"".join([struct.pack("<Q", len(text)), text, *parts]))
    names = known[:1] + [repeated(handle, number) for number in range(rounds) for handle in known[1:]]
    (to / "vocab_items.json").write_text(json.dumps({name: number for number, name in enumerate(names)}))
    (to / "vocab_item_category.json").write_text(json.dumps({repeated(handle, number): cate for number in range(rounds) for handle, cate in cates.items()}))
    for same in "hparams.json", "vocab_cates.json":
        (to / same).write_bytes((SOURCE / same).read_bytes())
    return rounds


def main():
    items = json.loads((SOURCE / "vocab_items.json").read_text())
    cates = json.loads((SOURCE / "vocab_item_category.json").read_text())
    request = json.dumps({"userId": "v", "items": ["laptop", "novel", "jeans"], "timestamps": ["1795000000", "1795000060", "1795000120"]})

    def ask(model):
        return json.loads(headrace("answer", model, "--now", 1_795_000_200_000, text=request))

    with tempfile.TemporaryDirectory(prefix="headrace-long-") as name:
        folder = pathlib.Path(name)
        (folder / "source").mkdir()
        rounds = write_source(folder / "source", sorted(items, key=items.get), cates)
        headrace("import", SOURCE, folder / "small")
        headrace("import", folder / "source", folder / "large")
        best = ask(folder / "small")
        found = ask(folder / "large")
        assert found["preds"] == best["preds"][:1] * 16, (found, best)
        assert all(item.split("--")[0] == best["itemIds"][0] for item in found["itemIds"]), (found, best)
        (folder / "clicks.txt").write_text("".join(f"user{number} laptop novel jeans {repeated(best['itemIds'][0], number)}\n" for number in range(rounds)))
        headrace("index", "--data", folder / "clicks.txt", "--format", "sequences", "--output", folder / "large/index")
        found = ask(folder / "large")
        assert found["preds"] == best["preds"][:1] * 16, (found, best)
        print(f"{(len(items) - 1) * rounds} items: the best are those of the small model")


main()

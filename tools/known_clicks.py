"""How many clicks a live visitor's cache (src/model/live.h) knows again, had a shop's sessions gone through a
sliding window of five minutes into a model of `compat` arithmetic.
Usage: known_clicks.py SESSIONS   a file of `--format sessions`, times in seconds; prints a line a case"""
import collections
import csv
import sys

FLOOR = 43200  # half a day: what is shorter is one time to the model


def history(clicks, order, scale):
    """(time, item) of a window, oldest click first -> a step's item and time features, as the model has them.
    `given`: as #AGG.list gives them, minutes oldest first, of a minute newest first, times as they are;
    `time`: by time, in seconds whatever their unit."""
    now = clicks[-1][0]
    unit = scale if order == "given" else 1
    if order == "given":
        clicks = [click for _, click in sorted(enumerate(clicks), key=lambda row: (row[1][0] // 60, -row[0]))]
    clicks = clicks[-50:]
    after = [time * unit for time, _ in clicks[1:]] + [now]
    first = clicks[0][0] * unit
    return [(item, max(later - first, FLOOR), max(now - time * unit, FLOOR)) for (time, item), later in zip(clicks, after)]


def known_clicks(clicks, order, scale, window=300):
    """Steps asked for and steps known over a visitor's clicks, a call each. scale: 1000 where times are milliseconds."""
    steps = known = 0
    kept = []
    for last, (now, _) in enumerate(clicks):
        oldest = now // 60 * 60 + 60 - window
        asked = history([click for click in clicks[:last + 1] if click[0] >= oldest], order, scale)
        steps += len(asked)
        for before, after in zip(kept, asked):
            if before != after:
                break
            known += 1
        kept = asked
    return steps, known


def main(path):
    sessions = collections.defaultdict(list)
    with open(path) as file:
        for row in csv.DictReader(file, delimiter="\t"):
            sessions[row["SessionId"]].append((int(float(row["Time"])), row["ItemId"]))
    for order, scale, what in ("given", 1000, "as given, milliseconds"), ("given", 1, "as given, seconds"), ("time", 1000, "by time"):
        counts = [known_clicks(sorted(clicks, key=lambda click: click[0]), order, scale) for clicks in sessions.values()]
        steps, known = (sum(column) for column in zip(*counts))
        print(f"{what:24}{known} of {steps} steps known, {100 * known / steps:.0f} %")


if __name__ == "__main__":
    main(sys.argv[1])

"""What must be in the topics, computed from what is stored, all at once and without any state kept.

The sliding list is Nussknacker's: an event sees the elements of its key whose one-minute bucket begins
in [t - length + 1, t], buckets oldest first, inside a bucket the newest arrival first.
"""

import collections

BUCKET_MS = 60_000
WINDOW_MS = 120_000


def page_view(record):
    """The first page view of a stored request, or None: what the scenario goes on with."""
    for event in record["value"]["message"]["data"]:
        if event["e"] == "pv":
            return event
    return None


def event_ids(record):
    return [event["eid"] for event in record["value"]["message"]["data"]]


def sliding_lists(records):
    """offset -> (view, list the scenario must have sent for it), for stored requests in log order."""
    arrived = collections.defaultdict(list)  # visitor -> [(bucket, item)] in order of arrival
    lists = {}
    for record in records:
        view = page_view(record)
        if view is None:
            continue
        time_ms = record["timestamp"]
        seen = arrived[view["duid"]]
        seen.append((time_ms // BUCKET_MS * BUCKET_MS, view["page"]))
        first = time_ms - WINDOW_MS + 1
        buckets = collections.defaultdict(list)
        for bucket, item in seen:
            if first <= bucket <= time_ms:
                buckets[bucket].insert(0, item)
        lists[record["offset"]] = (view, [i for b in sorted(buckets) for i in buckets[b]])
    return lists


def headers_named(record, name):
    return [value for header, value in record["headers"] if header == name]


def by_origin(records, problems, sink):
    """offset of the causing input -> sink records; complains about identities that occur twice."""
    seen = set()
    origins = collections.defaultdict(list)
    for record in records:
        identities = headers_named(record, "identity")
        if len(identities) != 1:
            problems.append(f"{sink}: offset {record['offset']} has {len(identities)} identities")
            continue
        if identities[0] in seen:
            problems.append(f"{sink}: identity {identities[0]} occurs twice")
        seen.add(identities[0])
        origins[int(identities[0].split(":")[2])].append(record)
    return origins


def check_events(stored, acknowledged, problems):
    count = collections.Counter(eid for record in stored for eid in event_ids(record))
    for eid in acknowledged:
        if count[eid] == 0:
            problems.append(f"event {eid} was acknowledged and is not stored")
    for eid, times in count.items():
        if times > 1:
            problems.append(f"event {eid} is stored {times} times")


def check_lists(expected, sent, problems):
    origins = by_origin(sent, problems, "lists")
    for offset, (view, items) in expected.items():
        records = origins.pop(offset, [])
        if len(records) != 1:
            problems.append(f"lists: input {offset} has {len(records)} outputs")
        for record in records:
            value = {"eid": view["eid"], "visitor": view["duid"], "items": items}
            if record["value"] != value or record["key"] != view["duid"]:
                problems.append(f"lists: input {offset}: {record['value']} is not {value}")
    for offset in origins:
        problems.append(f"lists: output of input {offset}, which is not stored")


def check_answers(expected, sent, refused, problems):
    origins = by_origin(sent, problems, "answers")
    for offset, (view, _) in expected.items():
        asks = view["page"].endswith("7") and view["page"] not in refused
        wanted = [{"eid": view["eid"], "status": 200}] if asks else []
        answers = [record["value"] for record in origins.pop(offset, [])]
        if answers != wanted:
            problems.append(f"answers: input {offset}: {answers} is not {wanted}")
    for offset in origins:
        problems.append(f"answers: output of input {offset}, which is not stored")


def check_errors(expected, errors, refused, problems):
    """A refused call is an error of its event, once; nothing else is."""
    origins = by_origin(errors, problems, "errors")
    for offset, (view, _) in expected.items():
        found = len(origins.pop(offset, []))
        if found != (view["page"] in refused):
            problems.append(f"errors: input {offset} ({view['page']}) has {found} errors")
    for offset, records in origins.items():
        problems.append(f"errors: of input {offset}: {records[0]['value']}")


def check_letters(expected, letters, refused, problems):
    """A refused call is one dead letter, "<scenario>/<identity>"."""
    found = collections.Counter(int(letter["id"].split(":")[2]) for letter in letters)
    wanted = collections.Counter(o for o, (view, _) in expected.items() if view["page"] in refused)
    if found != wanted:
        problems.append(f"dead letters: {found - wanted} too many, {wanted - found} too few")


def check(stored, acknowledged, lists, answers, errors, letters=(), refused=()):
    """Everything that is wrong, as sentences. `refused`: items the outside answers with a failure."""
    problems = []
    check_events(stored, acknowledged, problems)
    expected = sliding_lists(stored)
    check_lists(expected, lists, problems)
    check_answers(expected, answers, refused, problems)
    check_errors(expected, errors, refused, problems)
    check_letters(expected, letters, refused, problems)
    return problems

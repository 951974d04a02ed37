"""What the fuzzer of the JSON cannot know by the description: files that can be read, the digest of what was shown, and
that it must not take its own role away. Counts every answer by operation. Never changes what an answer is judged by."""

import atexit
import json
import os
import random
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path

import schemathesis

DICE = random.Random(7)
SAMPLES = Path(os.environ["HOLDSPACE_SAMPLES"])
TOKEN, SELF = os.environ["HOLDSPACE_TOKEN"], os.environ.get("HOLDSPACE_SELF", "")
FILES = {"/roster": "roster", "/protected-time": "protected_time", "/sites": "sites", "/therapists": "therapists"}
ODD = ["", " ", "é", "\u202e", "2027-13-40", "2027-07-05", "25:99", "=1+1", "x" * 300, "IM", "\0", "a@b", "A;B;;", "-1"]
COUNTS = Counter()


def made_up(name, generated):
    """Some lines of a sample file under its heading, now and then with a cell that does not belong there."""
    heading, *lines = (SAMPLES / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    chosen = DICE.sample(lines, min(len(lines), DICE.randrange(12)))
    for at in range(len(chosen)):
        if DICE.random() < 0.4:
            cells = chosen[at].split(",")
            odd = DICE.choice([*ODD, str(generated)[:40]])
            cells[DICE.randrange(len(cells))] = odd
            chosen[at] = ",".join(cells)
    if DICE.random() < 0.1:
        heading = heading.replace(DICE.choice(heading.split(",")), DICE.choice(ODD))
    return "\n".join([heading, *chosen]) + "\n"


def shown(case, kwargs):
    """The digest that the same request gets without one."""
    path = case.operation.path.replace("{program}", urllib.parse.quote(str(case.path_parameters["program"]), safe=""))
    query = {key: value for key, value in (case.query or {}).items() if key != "shown"}
    query = {key: str(value).lower() if isinstance(value, bool) else value for key, value in query.items()}
    url = f"{os.environ['HOLDSPACE_URL']}{path}?{urllib.parse.urlencode(query, doseq=True)}"
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/csv", "X-Forwarded-For": peer()}
    request = urllib.request.Request(url, str(case.body).encode(errors="replace"), headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["shown"]
    except (OSError, ValueError, KeyError):
        return None


def peer():
    """Another peer each time: the limits keep out floods, and this is one."""
    return "10." + ".".join(str(DICE.randrange(1, 255)) for _ in range(3))


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = {**(case.headers or {}), "X-Forwarded-For": peer()}
    name = next((name for end, name in FILES.items() if case.operation.path.endswith(end)), None)
    if name and case.method.upper() == "POST" and case.media_type == "text/csv" and DICE.random() < 0.8:
        case.body = made_up(name, case.body)
        if "{program}" in case.operation.path and DICE.random() < 0.4:
            digest = shown(case, kwargs)
            if digest:
                case.query = {**(case.query or {}), "shown": digest}
    if case.method.upper() == "DELETE" and SELF and (case.path_parameters or {}).get("member") == SELF:
        case.path_parameters["member"] = "aebagbafaydqqcikbmga2dqpca"


@schemathesis.hook
def after_call(context, case, response):
    COUNTS[f"{case.method.upper()} {case.operation.path}", response.status_code] += 1


@atexit.register
def tell():
    # Methods that an address does not have are asked once each; they would make most of the table.
    operations = sorted({operation for operation, status in COUNTS if status != 405})
    if not operations:
        return
    statuses = sorted({status for _, status in COUNTS})
    print(f"{'answers of':<60}" + "".join(f"{status:>7}" for status in statuses))
    for operation in operations:
        print(f"{operation:<60}" + "".join(f"{COUNTS[operation, status]:>7}" for status in statuses))

#!/usr/bin/env python3
"""Books one instance by the min-cost flow of OR-tools and prints one line of JSON: the measure for `holdspace solve`.

  ortools_flow.py FILE [--fair] [--big]

Most booked first, then cheapest. CPU seconds are user and system time of this process: `total` is handing over the
graph plus solving; starting Python and reading the file are told beside it and are no part of it. Never times
anything by the wall clock, and never uses what Holdspace computed.
"""
import argparse
import json
import resource
import sys

import numpy as np
from ortools.graph.python import min_cost_flow

from instances import read_bin

# Arcs handed over at once: small enough that numpy's copies weigh nothing beside the graph of OR-tools.
CHUNK = 1 << 20


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb():
    """The system tells kilobytes, macOS bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def add(flow, tails, heads, capacities, costs):
    flow.add_arcs_with_capacity_and_unit_cost(
        np.asarray(tails, np.int32), np.asarray(heads, np.int32),
        np.asarray(capacities, np.int64), np.asarray(costs, np.int64))


def add_eligible(flow, case):
    """Resident to slot, in chunks of whole rows."""
    n, row = case["n"], case["row"].astype(np.int64)
    person = 0
    while person < n:
        until = max(person + 1, int(np.searchsorted(row, row[person] + CHUNK, "right")) - 1)
        a, b = row[person], row[until]
        tails = np.repeat(np.arange(person, until, dtype=np.int32), np.diff(row[person:until + 1]))
        add(flow, tails, case["col"][a:b].astype(np.int32) + n, np.ones(b - a, np.int64), case["cost"][a:b])
        person = until


def add_places(flow, case, fair):
    """Slot to sink; with fairness slot to therapist, and the dearer the fuller from therapist to sink."""
    n, m, nt = case["n"], case["m"], case["nt"]
    sink = n + m + (nt if fair else 0)
    heads = n + m + case["ther"].astype(np.int32) if fair else np.full(m, sink)
    add(flow, np.arange(n, n + m), heads, case["cap"], np.zeros(m))
    if fair:
        therapist, piece = np.nonzero(case["pc"])
        add(flow, n + m + therapist, np.full(len(piece), sink), case["pc"][therapist, piece], case["pm"][piece])
    return sink


def build(case, fair, big):
    flow = min_cost_flow.SimpleMinCostFlow()
    add_eligible(flow, case)
    sink = add_places(flow, case, fair)
    n = case["n"]
    if big:
        add(flow, np.arange(n), np.full(n, sink), np.ones(n), np.full(n, big))
    flow.set_nodes_supplies(
        np.append(np.arange(n), sink).astype(np.int32), np.append(np.ones(n), -n).astype(np.int64))
    return flow


def main():
    wanted = argparse.ArgumentParser()
    wanted.add_argument("file")
    wanted.add_argument("--fair", action="store_true", help="therapists' load costs more the fuller they are")
    wanted.add_argument("--big", action="store_true", help="one dear exit per resident instead of a maximum flow first")
    wanted = wanted.parse_args()
    started = cpu()
    case = read_bin(wanted.file)
    n = case["n"]
    big = (int(case["cost"].max(initial=0)) + 101) * (n + 1) if wanted.big else 0
    read = cpu()
    flow = build(case, wanted.fair, big)
    built = cpu()
    status = flow.solve() if big else flow.solve_max_flow_with_min_cost()
    solved = cpu()
    if status != flow.OPTIMAL:
        sys.exit(f"{wanted.file}: OR-tools ended with {status}, not with an optimum")
    placed, cost = flow.maximum_flow(), flow.optimal_cost()
    if big:
        exits = np.arange(flow.num_arcs() - n, flow.num_arcs(), dtype=np.int32)
        unplaced = int(np.sum(flow.flows(exits)))
        placed, cost = n - unplaced, cost - big * unplaced
    seconds = {"total": solved - read, "build": built - read, "solve": solved - built, "read": read - started,
               "start": started}
    print(json.dumps({"placed": placed, "cost": cost,
                      "cpu_seconds": {name: round(value, 6) for name, value in seconds.items()},
                      "peak_memory_mb": round(peak_mb(), 1)}))


if __name__ == "__main__":
    main()

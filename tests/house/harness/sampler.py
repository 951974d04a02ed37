"""Draws two-sided geometric noise in a way of its own, and compares it with counts that another program wrote.

A two-sided geometric number is the difference of two one-sided ones. Each of those is drawn here by its inverse
distribution function: a uniform number of 160 bits from the operating system against powers of e^-epsilon, which are
computed with 80 decimals. Nothing of it resembles the sampler under test, which never leaves whole numbers below 2^64
and never computes an exponential.

The two are compared by the two-sample chi-square, cells of fewer than 20 draws put together at either end; one honest
pair in 100,000 would fail a strength. It is also compared with the exact law, so that two samplers that err alike are
found too.
"""

import secrets
import sys
from bisect import bisect_right
from collections import Counter
from decimal import Decimal, getcontext
from math import erfc, sqrt
from pathlib import Path

getcontext().prec = 80
BITS = 160
RARE = 1e-5


def table(ratio):
    """P(X <= x) of the one-sided law, as whole numbers of BITS bits, until nothing is left."""
    whole, below, power = Decimal(2) ** BITS, [], Decimal(1)
    while True:
        power *= ratio
        edge = int((1 - power) * whole)
        below.append(edge)
        if edge >= 2**BITS - 1 or power * whole < 1:
            return below


def draws(thousandths, count):
    below = table((-Decimal(thousandths) / 1000).exp())

    def one():
        return bisect_right(below, secrets.randbits(BITS))

    return Counter(one() - one() for _ in range(count))


def beyond(statistic, freedom):
    """P(X > statistic) of chi-square, by Wilson and Hilferty: within a few percent where it matters."""
    scale = 2 / (9 * freedom)
    return erfc(((statistic / freedom) ** (1 / 3) - (1 - scale)) / sqrt(scale) / sqrt(2)) / 2


def cut(counts, edge):
    cells = Counter()
    for value, many in counts.items():
        cells[max(-edge, min(edge, value))] += many
    return [cells[x] for x in range(-edge, edge + 1)]


def main():
    count, folder = int(sys.argv[1]), Path(sys.argv[2])
    failures = 0
    for thousandths in (42, 150, 500, 700, 1000):
        lines = (folder / str(thousandths)).read_text().splitlines()
        theirs = Counter({int(value): int(many) for value, many in (line.split() for line in lines)})
        assert sum(theirs.values()) == count
        ratio = (-Decimal(thousandths) / 1000).exp()
        edge = 1
        while count * ratio ** (edge + 1) / (1 + ratio) >= 20:
            edge += 1
        law = [float((1 - ratio) / (1 + ratio) * ratio ** abs(x)) * count for x in range(-edge + 1, edge)]
        tail = float(ratio**edge / (1 + ratio)) * count
        law = [tail, *law, tail]
        own, seen = cut(draws(thousandths, count), edge), cut(theirs, edge)
        samples = sum((a - b) ** 2 / (a + b) for a, b in zip(own, seen) if a + b)
        exact = sum((a - b) ** 2 / b for a, b in zip(seen, law))
        told = [beyond(statistic, 2 * edge) for statistic in (samples, exact)]
        bad = min(told) < RARE
        failures += bad
        word = "FAILED" if bad else "ok"
        print(f"epsilon {thousandths / 1000:.3f}: {word}, p = {told[0]:.4f} (two samples), {told[1]:.4f} (exact law), {2 * edge + 1} cells")
    print(f"sampler: {count} runs, {failures} failures")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())

"""The swap-safe call against the bare C pointer call into the same library. tests/bench/service measures; each of
its lines is one pair."""

import json

from figures import AT_LEAST, AT_MOST, Bound, Figure, Sample
from process import Failed, run

SLOT = (Bound(1.5, "ratio"), Bound(1.5, "excess"))
GOALS = {
    "slot call, 1 thread": SLOT,
    "slot call, 2 threads": SLOT,
    "plugin to plugin": (Bound(2.5, "ratio"), Bound(8, "excess")),
}


def pairs(program, count):
    found = {}
    for line in run(program, count).splitlines():
        pair = json.loads(line)
        found.setdefault(pair["name"], []).append(Sample(pair["value"], pair["reference_value"]))
    return found


def calls(bench):
    program, found = bench.program("tests", "bench", "service", "bench_service"), {}
    while True:
        for name, samples in pairs(program, AT_LEAST if not found else 6).items():
            found.setdefault(name, []).extend(samples)
        figures = [Figure(name, "ns", samples, GOALS.get(name, ())) for name, samples in found.items()]
        missing = [name for name in GOALS if name not in found]
        if missing:
            raise Failed(f"{program.name} did not measure '{missing[0]}'")
        if all(figure.verdict() != "undecided" for figure in figures) or len(figures[0].samples) + 6 > AT_MOST:
            return figures


ROWS = [("calls", calls)]

"""The swap-safe call against the bare C pointer call into the same library. tests/bench/service measures; each of
its lines is one pair."""

from figures import Bound, measure_lines
from process import run

SLOT = (Bound(1.5, "ratio"), Bound(1.5, "excess"))
GOALS = {
    "slot call, 1 thread": SLOT,
    "slot call, 2 threads": SLOT,
    "plugin to plugin": (Bound(2.5, "ratio"), Bound(8, "excess")),
}


def calls(bench):
    program = bench.program("tests", "bench", "service", "bench_service")
    return measure_lines(lambda count: run(program, count), GOALS)


ROWS = [("calls", calls)]

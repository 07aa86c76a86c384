"""What it costs a plugin to ask a flag. tests/bench/flags measures: from a shared object through the host's own table, each
question counted, beside the same question without the boundary and beside the hash of the same bytes. Fair, because all
three go through the same users in the same run and take turns; the hash is what a percentage cannot do without."""

from figures import Bound, measure_lines
from process import run

GOALS = {
    "boolean, through the boundary": (Bound(10),),
    "percentage, through the boundary": (Bound(60),),
    "percentage against its hash": (),
    "allocations of 500 000 questions": (Bound(0),),
}
NOTES = {
    "boolean, through the boundary": "the reference asks flags::Flags directly",
    "percentage, through the boundary": "the reference asks flags::Flags directly",
    "percentage against its hash": "the reference is murmur3 of flag key and user key, 21 bytes",
}


def flags(bench):
    program = bench.program("tests", "bench", "flags", "bench_flags")
    return measure_lines(lambda count: run(program, bench.fresh_folder(), count), GOALS, NOTES)


ROWS = [("flags", flags)]

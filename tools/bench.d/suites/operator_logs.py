"""What a log line costs whoever logs it. tests/bench/log measures it against spdlog's async logger, which formats the message on
the caller and takes a lock of its one queue; both write to a file. The row of bound attributes is compared with a line of
spdlog that has none, since it binds none."""

from figures import Bound, measure_lines
from process import run

GOALS = {"4 attributes": 400, "4 attributes bound before": 100, "level off": 5}
NOTES = {"of a plugin, ": "through revenge.log/1: a question for the level, then the record"}


def figure(whose, what, threads):
    return f"line, {whose}{what}{', 2 threads' if threads > 1 else ''}"


LINES = {figure(whose, what, threads): (Bound(most),) for whose in ("", "of a plugin, ") for what, most in GOALS.items() for threads in (1, 2)}


def lines(bench):
    program = bench.program("tests", "bench", "log", "bench_log")
    notes = {name: note for name in LINES for start, note in NOTES.items() if name.startswith("line, " + start)}
    return measure_lines(lambda count: run(program, bench.fresh_folder(), bench.fresh_folder(), count), LINES, notes)


ROWS = [("logs", lines)]

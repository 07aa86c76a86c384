"""What tracing adds to a request, in the process that serves it. tests/bench/traces asks two servers in turn, one that traces
nothing and one that traces, with the same recorded requests, sixteen at once, over one kept connection of a Unix socket; each has one loop, whose
own CPU time is read on it before and after a slice of 800 requests, and the fastest of twelve slices counts. So neither the
client nor what else the machine does is in the figure: parsing, routing, a handler of a plugin inline, answering, sending. Sampled
requests make two spans (server, handler), and a reader empties the rings meanwhile on a thread of its own. The share is of what
the same request costs without tracing. Allocations are counted by the program's operator new on that loop."""

from figures import Bound, measure_lines
from process import run

GOALS = {
    "tracing, unsampled request": (Bound(300),),
    "tracing, sampled request": (Bound(1500),),
    "tracing, unsampled request, allocations": (Bound(0),),
}
NOTES = {
    "tracing, unsampled request": "CPU time of the loop, against the same without tracing",
    "tracing, sampled request": "two spans each",
}


def traces(bench):
    program = bench.program("tests", "bench", "traces", "bench_traces")
    return measure_lines(lambda count: run(program, count), GOALS, NOTES)


ROWS = [("traces", traces)]

"""What counting costs, and what looking costs. tests/bench/rooms measures increments, by one thread and by two that count the
same series, beside a cell of the thread's own; and the two texts of 10 000 lines. The probes and the scrape of a whole host are
asked over a kept connection, beside the host's answer to a path it does not have."""

import http.client
import time

from figures import Bound, Sample, measure, measure_lines
from process import run
from servers import Host

AN_INCREMENT = (Bound(5),)
A_SCRAPE = (Bound(10),)
GOALS = {f"increment{how}, {threads}": AN_INCREMENT
         for how in ("", " through the boundary") for threads in ("1 thread", "2 threads")}
GOALS |= {"10 000 series as 0.0.4": A_SCRAPE, "10 000 series as OpenMetrics": A_SCRAPE}
NOTES = {"a shared fetch_add, 2 threads": "what one cell for all threads would cost",
         "increment through the boundary, 2 threads": "by a plugin's shared object, through revenge.metrics/1"}


def counting(bench):
    program = bench.program("tests", "bench", "rooms", "bench_metrics")
    return measure_lines(lambda count: run(program, bench.fresh_folder(), count), GOALS, NOTES)


REQUESTS = 200  # behind one sample


def milliseconds(connection, path):
    begin = time.perf_counter()
    for _ in range(REQUESTS):
        connection.request("GET", path)
        connection.getresponse().read()
    return (time.perf_counter() - begin) * 1000 / REQUESTS


def looking(bench):
    """Of a whole host with one plugin, by one client; the reference is its answer to a path that it does not have."""
    host = Host(bench, ["stream"], {"http.access_log": False})
    try:
        connection = http.client.HTTPConnection("127.0.0.1", host.port)

        def sample(path):
            return lambda: Sample(milliseconds(connection, path), milliseconds(connection, "/none"))

        return [measure(f"GET {path}", "ms", sample(path), ()) for path in ("/health/ready", "/metrics")]
    finally:
        host.stop()


ROWS = [("metrics", counting), ("health", looking)]

"""What a request to another server costs: a small GET over a kept connection against nginx, in CPU of the process that asks.
tests/bench/rooms/bench_http_client measures it through the boundary, by the room alone, and by a plain Beast client, the
reference, in turns against the same server."""

from figures import Bound, measure_lines
from process import run
from servers import Nginx

GOALS = {"small GET out, through the table": (Bound(1.25, "ratio"),)}
NOTES = {
    "small GET out, through the table": "reference: a plain asynchronous Beast client, one thread, no pool, no deadline",
    "small GET out, the room alone": "without handles, leases and copies of the boundary",
}
SAME = '    location = /same { return 200 "ok"; }\n'


def small_get_out(bench):
    command = [bench.program("tests", "bench", "rooms", "bench_http_client"), bench.program("bench", "chain")]
    with Nginx(bench, SAME) as nginx:
        yield from measure_lines(lambda count: run(command[0], bench.fresh_folder(), command[1], nginx.port, count, timeout=120), GOALS, NOTES)


ROWS = [("client.get", small_get_out)]

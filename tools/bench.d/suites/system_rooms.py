"""What a publication costs, and a wait through two plugins. tests/bench/rooms measures both, in the host's own rooms with
real plugins."""

from figures import Bound, measure_lines
from process import run

UNAFFECTED = (Bound(1.1, "ratio"),)
PUBLICATION = {
    "publish, 500 routes and 200 slots": (Bound(2),),
    "slot call while 100/s are published": UNAFFECTED,
    "route look-up while 100/s are published": UNAFFECTED,
}
WAIT = {"wait through two plugins": (Bound(1.5, "ratio"),)}
NOTES = {
    "publish, 500 routes and 200 slots, p99": "of 100 each",
    "wait through two plugins": "one at a time; the reference hands over by asio::post alone",
}


def measured(program, packages, goals):
    """The program's arguments: a folder that is new, the packages, how many samples."""

    def row(bench):
        command = [bench.program("tests", "bench", "rooms", program), bench.program("bench", packages)]
        return measure_lines(lambda count: run(command[0], bench.fresh_folder(), command[1], count), goals, NOTES)

    return row


ROWS = [("publish", measured("bench_publish", "wide", PUBLICATION)), ("completion", measured("bench_completion", "chain", WAIT))]

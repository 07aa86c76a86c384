"""State that changes hands while it is written to: what is lost, and how long callers are kept waiting."""

import json
import subprocess

import client
from figures import Bound, Figure, Sample, measure
from process import Failed
from servers import Host, package

SWAPS = 1000
ROUTES = ("/reader/add", "/reader-c/add") * 4
WAITS = 100  # swaps behind one 99th percentile
QUIET = {"http.access_log": False}


class Adding:
    """Clients that count up; tests/bench/load. `result` says what they were answered."""

    def __init__(self, bench, port):
        command = [str(bench.program("tests", "bench", "load", "bench_adds")), str(port), *ROUTES]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        said, _ = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise Failed(f"bench_adds ended with {self.process.returncode}")
        self.result = json.loads(said)


def swaps(host, bench, kind, count):
    """The reports of so many swaps, to 2.0.0 and back in turn; the host began with 1.0.0."""
    packages = [package(bench, f"store {kind}{version}") for version in ("2.0.0", "1.0.0")]
    return [json.loads(host.swap("store", packages[turn % 2])) for turn in range(count)]


def counters(host):
    return [int(client.get(host.port, f"/reader/get?key=adds{number}").body) for number in range(len(ROUTES))]


def lost(name, kind):
    def row(bench):
        with Host(bench, [f"store {kind}1.0.0", "reader", "reader-c"], QUIET) as host:
            with Adding(bench, host.port) as adding:
                swaps(host, bench, kind, SWAPS)
            kept = counters(host)
        said = adding.result
        gone = sum(max(0, answered - count) for answered, count in zip(said["answered"], kept))
        done, seconds = sum(said["answered"]), said["seconds"]
        note = (f"{done} adds by {len(ROUTES)} clients, {done / seconds:.0f}/s; {SWAPS / seconds:.0f} swaps/s; "
                f"longest answer {said['longest_ms']:.0f} ms")
        yield Figure(f"{SWAPS} {name} swaps, writes lost", "", [Sample(gone)], (Bound(0),), note)
        yield Figure(f"{SWAPS} {name} swaps, adds refused", "", [Sample(said["refused"])], note=said["why"])

    return row


def held(bench):
    """Of the swap's own report: from the moment the gate closes to the publish that opens it."""
    with Host(bench, ["store 1.0.0", "reader", "reader-c"], {**QUIET, "plugins.store.fill_kib": 1024}) as host:
        swaps(host, bench, "", 2)  # the verdicts are known from here on

        def percentile():
            return Sample(sorted(report["held_ms"] for report in swaps(host, bench, "", WAITS))[WAITS * 99 // 100 - 1])

        yield measure("gate held, 1 MiB of state, p99", "ms", percentile, (Bound(20),), note=f"of {WAITS} swaps each")
        with Adding(bench, host.port):
            yield measure("the same while clients add, p99", "ms", percentile, ())


ROWS = [("handover.lost", lost("handover", "")), ("exclusive.lost", lost("exclusive", "exclusive-")), ("handover.held", held)]

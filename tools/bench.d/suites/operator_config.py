"""A configuration that changes: how soon it is seen, whether anybody who is served notices, what a value costs to read.

seen: from the end of the write to the event `config.applied`, less the debounce of one second that is waited on purpose; both
times are of the same clock. reloads: 100 changes, each taken by the host and by `stream`, while wrk asks as fast as it is
answered; a request that fails, or is answered by anything but 200, counts. read: tests/bench/config, against one acquire load
of a pointer and the value behind it."""

import json
import re
import subprocess
import time

import client
from figures import AT_LEAST, Bound, Figure, Sample, measure_lines
from process import Failed, run
from servers import INLINE, BENCH_PLUGIN, Host

DEBOUNCE = 1.0
RELOADS = 100


def configuration(change):
    return json.dumps({"plugins": {"stream": {"max_sessions": 100 + change}}, "log": {"level": "info"}}) + f"\n# {change}\n"


def applied(host):
    lines = run(host.control, "--socket", host.socket, "events", "--json", timeout=60).splitlines()
    return [event for event in map(json.loads, lines) if event.get("kind") == "config.applied"]


def seen(bench):
    samples = []
    with Host(bench, ["stream"], {"http.access_log": False}) as host:
        host.wait_until(host.socket.exists, "its control socket")
        for change in range(AT_LEAST + 1):
            (host.folder / "revenge.yaml").write_text(configuration(change))
            written = time.time()
            deadline = time.monotonic() + 10
            while len(events := applied(host)) <= change:
                if time.monotonic() > deadline:
                    raise Failed("a change was not seen within 10 s")
                time.sleep(0.02)
            samples.append(Sample((events[change]["time"] - written - DEBOUNCE) * 1e3))
    yield Figure("change in force after the debounce", "ms", samples[1:], (Bound(20),))


def reloads(bench):
    with Host(bench, ["stream", BENCH_PLUGIN], {"http.access_log": False, "config.watch": False}) as host:
        host.wait_until(host.socket.exists, "its control socket")
        load = subprocess.Popen(["wrk", "-t1", "-c16", "-d10s", f"http://127.0.0.1:{host.port}{INLINE}"], stdout=subprocess.PIPE, text=True)
        try:
            began = time.monotonic()
            for change in range(RELOADS):
                (host.folder / "revenge.yaml").write_text(configuration(change))
                run(host.control, "--socket", host.socket, "config", "reload", timeout=60)
            took = time.monotonic() - began
            said, _ = load.communicate(timeout=60)
        finally:
            load.kill()
        answered = int(re.search(r"(\d+) requests in", said)[1])
        bad = sum(int(number) for line in said.splitlines() if "Socket errors" in line or "Non-2xx" in line for number in re.findall(r"\d+", line.split(":", 1)[1]))
        took_live = len(applied(host))
    if took_live != RELOADS:
        raise Failed(f"{took_live} of {RELOADS} configurations were applied")
    yield Figure(f"{RELOADS} reloads under load, failed requests", "", [Sample(bad)], (Bound(0),), f"{answered} answered in 10 s; the reloads took {took:.1f} s")


def read(bench):
    program = bench.program("tests", "bench", "config", "bench_config")
    return measure_lines(lambda count: run(program, count), {"read a value": (Bound(2, "ratio"), Bound(1, "excess"))})


ROWS = [("config.seen", seen), ("config.reloads", reloads), ("config.read", read)]

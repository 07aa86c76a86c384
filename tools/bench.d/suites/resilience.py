"""What a policy costs the call that passes it, by one thread and by two that share it. tests/bench/resilience times each in short
rounds, in turn with its twin: the same loop around one reading of the clock and one atomic addition, which is the reference
of each line. Each call reads the clock once (a pipeline before its body and behind it), and that reading is part of the
figure; the two goals below the price of a reading (27 ns) are for what comes on top of it ("over the clock").

The goals are of a machine whose clock takes 27 ns a reading. Where it takes longer they are as much longer; with two threads
the twin tells, since what two cores pay for one cache line is the machine's too. golang.org/x/time/rate runs beside it, a
process of each in turn, and tells how fast this machine is compared with the one on which the other libraries were measured:
their lines are what they took there, scaled by it, and not measured here.

What the boundary adds is the difference to the same pipeline called as a function in the same run: a consumer in C, the slot
entered twice, the plugin as it is installed (tests/bench/resilience/bench_boundary.cpp).

http-limits: what its decision adds to a request, without host; and a host at four times the load, asked in an open loop."""

import json
import os
import shutil

from figures import Bound, measure_lines
from process import Failed, run
from servers import Host
from suites import resilience_connections

CLOCK = 27  # ns a reading, where the goals are from
TWIN_OF_TWO = 13.5 + 12  # the twin there, by two threads: half a reading each, and an addition on the other's cache line
XTIME = 92  # ns that x/time/rate took to allow, where the others were measured

OVER_THE_CLOCK = ("breaker execute, consecutive", "bulkhead acquire and release")
GOALS = {
    "breaker execute, consecutive, over the clock": (Bound(15, "excess"),),
    "breaker execute, time window": (Bound(60),),
    "breaker open, reject": (Bound(40),),
    "bulkhead acquire and release, over the clock": (Bound(25, "excess"),),
    "rate limiter allow": (Bound(45),),
    "rate limiter reject": (Bound(36),),
    "keyed limiter allow, 10 000 keys": (Bound(90),),
    "keyed limiter allow, 100 000 keys": (Bound(150),),
    "keyed limiter, memory of 100 000 keys": (Bound(12),),
    "pipeline of 4, inlined": (Bound(150),),
    "pipeline of 4, from data": (Bound(150),),
    "pipeline of 5, timer, inlined": (Bound(500),),
    "pipeline of 5, timer, from data": (Bound(500),),
    "http-limits on a request": (Bound(300, "excess"),),
    "allocations of all of these calls": (Bound(0),),
}
GOALS_OF_TWO = {
    "bulkhead acquire and release, 2 threads": (Bound(60),),
    "allocations of all of these calls, 2 threads": (Bound(0),),
}
BOUNDARY = (Bound(40, "excess"),)
GOALS_OF_BOUNDARY = {"pipeline of 4, through the boundary": BOUNDARY, "allocations through the boundary": (Bound(0),)}
GOALS_OF_BOUNDARY_OF_TWO = {f"{name}, 2 threads": goals for name, goals in GOALS_OF_BOUNDARY.items()}

# Nanoseconds by one thread, the best of two or three runs on the machine where x/time/rate took 92: gobreaker Execute, failsafe-go
# permits of its breaker and Execute, resilience4j with the call, a Go map of limiters of x/time/rate. Polly's by its authors, on an i7-13700H
# under .NET 9. Ours reads the clock also where theirs does not (bulkhead, breaker by counts).
PUBLISHED = {
    "breaker execute, consecutive": {"gobreaker": 149, "failsafe-go": 38, "failsafe Execute": 461, "resilience4j": 85,
                                     "Polly": 138},
    "breaker execute, time window": {"failsafe-go": 98, "resilience4j": 115},
    "breaker open, reject": {"failsafe-go": 70, "gobreaker": 72, "resilience4j": 68},
    "bulkhead acquire and release": {"failsafe-go": 36, "resilience4j": 20},
    "rate limiter allow": {"failsafe-go": 49, "resilience4j": 42, "folly": 44, "userver": 50},
    "rate limiter reject": {"failsafe-go": 47, "resilience4j": 108, "folly": 36, "userver": 31},
    "keyed limiter allow, 10 000 keys": {"Go map": 118},
    "pipeline of 4, from data": {"failsafe-go": 930},
    "pipeline of 5, timer, from data": {"failsafe-go": 1749, "Polly": 766},
}
BESIDE = {"rate limiter allow": "x/time/rate allow", "rate limiter reject": "x/time/rate reject"}
NOTES = {f"{ours} | {other}": "published, scaled" for ours, others in PUBLISHED.items() for other in others}
NOTES |= {f"{ours} | {theirs}": "measured beside it" for ours, theirs in BESIDE.items()}


def alone_figures(ours, theirs):
    """The figures of one sample: what the program and the reference have said, with what follows from both."""
    reference = {line["name"]: line["value"] for line in theirs}
    faster = reference["x/time/rate allow"] / XTIME
    value = {line["name"]: line["value"] for line in ours}
    for line in ours:
        pace = max(1, line.get("clock", 0) / CLOCK)
        yield {**line, "pace": pace}
        if line["name"] in OVER_THE_CLOCK:
            yield {"name": f"{line['name']}, over the clock", "value": line["value"], "reference_value": line["clock"], "pace": pace}
    yield from theirs
    for name, other in BESIDE.items():
        yield {"name": f"{name} | {other}", "value": value[name], "reference_value": reference[other]}
    for name, others in PUBLISHED.items():
        for other, there in others.items():
            yield {"name": f"{name} | {other}", "value": value[name], "reference_value": there * faster}


def together_figures(ours):
    return [{**line, "pace": max(1, line.get("reference_value", 0) / TWIN_OF_TWO)} for line in ours]


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def written(figures):
    return "\n".join(map(json.dumps, figures))


def reference_program(bench):
    """x/time/rate as Debian packages it, without network."""
    folder = bench.fresh_folder()
    there = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "CGO_ENABLED": "0"}
    run("go", "build", "-o", folder / "rate", bench.root / "tests" / "bench" / "resilience" / "reference" / "rate.go", env=there)
    return folder / "rate"


def alone(bench):
    program, reference = bench.program("tests", "bench", "resilience", "bench_resilience"), reference_program(bench)

    def take(count):
        return "\n".join(written(alone_figures(lines(run(program, 1, 1)), lines(run(reference, 1)))) for _ in range(count))

    return measure_lines(take, GOALS, NOTES)


def together(bench):
    program = bench.program("tests", "bench", "resilience", "bench_resilience")
    return measure_lines(lambda count: written(together_figures(lines(run(program, count, 2)))), GOALS_OF_TWO)


def boundary(threads, goals):
    """The program's arguments: a folder that is new, the packages, how many samples, how many threads."""

    def row(bench):
        program = bench.program("tests", "bench", "resilience", "bench_resilience_boundary")
        packages = bench.fresh_folder()
        shutil.copytree(bench.program("plugins", "resilience"), packages / "resilience")

        def take(count):
            said = lines(run(program, bench.fresh_folder(), packages, count, threads))
            return written({**line, "pace": max(1, line.get("clock", 0) / CLOCK)} for line in said)

        return measure_lines(take, goals)

    return row


# A route that holds one of so many workers for 5 ms, with http-limits before it: playback at a quarter of what they can do, browsing at
# the rest of four times that.
WORKERS, SECONDS, DEADLINE_MS, LAG_MS = 4, 3, 1000, 100
LOAD = "answered in time at four times the load"
LOADED = {
    "workers.threads": 2 * WORKERS, "workers.plugin_share": 0.5, "http.access_log": False,
    "plugins.http-limits.rules": [{"name": "play", "pattern": "/play/*", "class": "playback", "deadline_s": 1},
                                  {"name": "browse", "pattern": "/browse/*", "deadline_s": 1}],
}
GOALS_UNDER_LOAD = {
    LOAD: (Bound(0.9, "ratio", at_least=True),),
    f"{LOAD}, playback not": (Bound(0),),
    f"{LOAD}, playback, longest": (),
    f"{LOAD}, without http-limits": (),
    f"{LOAD}, without http-limits, playback not": (),
}


def load_figures(most, play, browse, plain):
    """The most that was answered without overload is the reference of what was answered in time under four times of it."""
    rate = most["in_time"] / most["seconds"]
    for name, kinds in ((LOAD, (play, browse)), (f"{LOAD}, without http-limits", plain)):
        answered = sum(kind["in_time"] / kind["seconds"] for kind in kinds)
        yield {"name": name, "unit": "1/s", "value": answered, "reference_value": rate}
    for name, kind in ((LOAD, play), (f"{LOAD}, without http-limits", plain[0])):
        yield {"name": f"{name}, playback not", "unit": "", "value": kind["sent"] - kind["in_time"]}
    yield {"name": f"{LOAD}, playback, longest", "unit": "ms", "value": play["longest_ms"]}


def under_load(bench):
    program = bench.program("tests", "open_loop", "open_loop")

    def asked(host, seed, *words):
        return lines(run(program, host.port, SECONDS, DEADLINE_MS, seed, *words))

    def over(host, seed, rate):
        return asked(host, seed, f"/play/1?ms=5={rate / 4}", f"/browse/1?ms=5={rate * 15 / 4}")

    with Host(bench, ["http-limits", "holder"], LOADED) as limited, Host(bench, ["holder"], {k: v for k, v in LOADED.items() if "plugins." not in k}) as plain:

        def once(seed):
            for _ in range(5):  # a client that falls behind measures the machine
                most = asked(limited, seed, f"/browse/1?ms=5*{2 * WORKERS}")[0]
                rate = most["in_time"] / most["seconds"]
                play, browse = over(limited, seed, rate)
                if play["lag_ms"] < LAG_MS:
                    break
            else:
                raise Failed("the client itself did not get a core for long")
            return written(load_figures(most, play, browse, over(plain, seed, rate)))

        return measure_lines(lambda count: "\n".join(once(seed) for seed in range(count)), GOALS_UNDER_LOAD)


ROWS = [("alone", alone), ("together", together), ("boundary", boundary(1, GOALS_OF_BOUNDARY)),
        ("boundary together", boundary(2, GOALS_OF_BOUNDARY_OF_TWO)), ("load", under_load), *resilience_connections.ROWS]

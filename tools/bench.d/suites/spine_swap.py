"""Replacing a plugin while clients are served: nothing fails, nothing is left behind, nobody notices."""

import itertools
import subprocess
import threading
import time

import client
from figures import AT_LEAST, Bound, Figure, Sample, measure
from process import Failed, mapped_code, resident_mib
from servers import BENCH_PLUGIN, COMPARABLE, INLINE, INSTANCE, Host, altered, package

CLIENTS = 16
SWAPS, PERIOD = 1000, 0.2


def packages(bench, suffix=""):
    """The versions to swap to, in turn; the host starts with 0.1.0."""
    return [package(bench, f"{BENCH_PLUGIN} 0.2.0{suffix}"), package(bench, f"{BENCH_PLUGIN} 0.1.0{suffix}" if suffix else BENCH_PLUGIN)]


def quarter_of_saturation(host, folder):
    closed = client.h2load(host.port, INLINE, CLIENTS, 3, folder)
    return closed.succeeded / 3 / 4


class Swapping:
    """Swaps every PERIOD seconds in a thread until told to stop, or SWAPS are done."""

    def __init__(self, host, packages, count=None, after=None):
        self.host, self.packages, self.count, self.after = host, packages, count, after or {}
        self.done, self.failure, self.stopping = 0, None, threading.Event()
        self.thread = threading.Thread(target=self.work)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def work(self):
        due = time.monotonic()
        while not self.stopping.wait(max(0, due - time.monotonic())) and self.done != self.count:
            try:
                self.host.swap(BENCH_PLUGIN, self.packages[self.done % 2])
            except Failed as reason:
                self.failure = f"swap {self.done + 1}: {reason}"
                return
            self.done += 1
            self.after.get(self.done, lambda: None)()
            due += PERIOD


def thousand_swaps(bench):
    folder = bench.fresh_folder()
    with Host(bench, [BENCH_PLUGIN], COMPARABLE) as host:
        rate = quarter_of_saturation(host, folder)
        early, log = [], folder / "h2load.tsv"
        before = len(mapped_code(host.pid))
        seconds = int(SWAPS * PERIOD) + 10
        load = subprocess.Popen(client.h2load_command(host.port, INLINE, CLIENTS, seconds, log, rate), stdout=subprocess.PIPE, text=True)
        try:
            with client.Watcher(host.port, INLINE, INSTANCE) as watcher:
                with Swapping(host, packages(bench), SWAPS, {50: lambda: early.append(resident_mib(host.pid))}) as swapping:
                    swapping.thread.join()
            said, _ = load.communicate(timeout=seconds + 60)
        finally:
            load.kill()
        if swapping.failure:
            raise Failed(swapping.failure)
        result = client.h2load_result(said, log)
        time.sleep(2)
        late, after = resident_mib(host.pid), len(mapped_code(host.pid))
    wrong = f"; {watcher.wrong[0]}" if watcher.wrong else ""
    zero = (Bound(0),)
    yield Figure("1000 swaps, failed requests", "", [Sample(result.failed)], zero, f"{result.succeeded} sent at {rate:.0f}/s")
    yield Figure("1000 swaps, wrong answers", "", [Sample(len(watcher.wrong))], zero, f"{watcher.asked} looked at, {len(watcher.first_seen)} instances seen{wrong}")
    yield Figure("1000 swaps, RSS over that after 50", "MiB", [Sample(late - early[0])], (Bound(2),), f"{early[0]:.1f} to {late:.1f} MiB")
    yield Figure("1000 swaps, old versions mapped", "", [Sample(max(0, after - before))], zero)


def latency(bench):
    folder, samples = bench.fresh_folder(), {50: [], 99: []}
    with Host(bench, [BENCH_PLUGIN], COMPARABLE) as host:
        rate = quarter_of_saturation(host, folder)

        def seconds_of_load():
            load = client.h2load(host.port, INLINE, CLIENTS, 10, folder, rate)
            if load.failed:
                raise Failed(f"{load.failed} requests failed")
            return load.percentile

        for _ in range(AT_LEAST):
            quiet = seconds_of_load()
            with Swapping(host, packages(bench)) as swapping:
                swapped = seconds_of_load()
            if swapping.failure:
                raise Failed(swapping.failure)
            for p, found in samples.items():
                found.append(Sample(swapped[p], quiet[p]))
    yield Figure("p50 with swaps", "ms", samples[50], (Bound(1.1, "ratio"),))
    yield Figure("p99 with swaps", "ms", samples[99], (Bound(2, "ratio"), Bound(5)))


def swap_time(host, watcher, folder):
    """Milliseconds from the request at the control socket to the first answer by the new instance."""
    before, began = watcher.newest(), time.monotonic()
    host.swap(BENCH_PLUGIN, folder)
    while (newest := watcher.newest()) == before:
        if time.monotonic() > began + 10:
            raise Failed("the swap succeeded, but no answer of the new instance came within 10 s")
        time.sleep(0.0002)
    return Sample((watcher.first_seen[newest] - began) * 1e3)


def swap_latency(bench):
    known = packages(bench, ", 3 MB")
    turn = itertools.cycle(range(2))
    with Host(bench, [BENCH_PLUGIN], COMPARABLE) as host:
        with client.Watcher(host.port, INLINE, INSTANCE, connections=1, pause=0.0002) as watcher:
            while not watcher.newest():
                time.sleep(0.01)
            for folder in known:
                swap_time(host, watcher, folder)  # its verdict is known from here on

            def to_known():
                return swap_time(host, watcher, known[next(turn)])

            def to_unknown():
                return swap_time(host, watcher, altered(known[next(turn)], bench.fresh_folder() / BENCH_PLUGIN))

            yield measure("swap, 3 MB, known hash", "ms", to_known, (Bound(15),), at_least=15)
            yield measure("swap, 3 MB, unknown hash", "ms", to_unknown, (Bound(30),), at_least=15)
        if watcher.wrong:
            raise Failed(f"a client saw: {watcher.wrong[0]}")


ROWS = [("swap.latency", swap_latency), ("swap.percentiles", latency), ("swap.thousand", thousand_swaps)]

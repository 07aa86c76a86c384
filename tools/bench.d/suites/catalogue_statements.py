"""What a statement costs through revenge.sql/1. The plugin benchcatalogue (tests/bench/catalogue) asks in its own thread, in
place, without HTTP in between: a slice through the service, a slice through the database's own C client with the same statement
prepared, in the same thread of the same process on the same file or server; the fastest of twelve slices counts. Both decode
every column of every row into the same structure and are compared. SQLite's client takes no mutex, which nobody else's thread
needs; libpq's reads and writes texts, as the service does.

readers: eight requests that read for a second, with a writer and without, in turns; a writer that commits 200 times a second is
what a scan is, one without a pause takes a processor for itself, of which there are few here. runaway: an endless statement with
100 ms to run, on the only connection there is; what counts is the time from the end of those to the answer, after which the same
connection answers the next one: the pool has opened no other."""

import contextlib
import re
import sys
import threading

import client
from figures import AT_LEAST, Bound, Figure, Sample, measure, measure_lines
from process import Failed
from servers import Host

READERS = 8
READ_MS = 500
RUN_MS = 100
QUIET = {"http.access_log": False, "log.level": "error", "workers.threads": READERS + 2}


@contextlib.contextmanager
def sqlite(bench, **settings):
    folder = bench.fresh_folder()
    file = folder / "bench.db"
    with Host(bench, ["database", "benchcatalogue"], {**QUIET, "plugins.database": {"file": str(file), **settings}}, folder) as host:
        yield host, f"sqlite={file}"


@contextlib.contextmanager
def postgresql(bench, **settings):
    sys.path.insert(0, str(bench.root / "tests" / "integration"))
    from postgresql import Postgresql

    try:
        server = Postgresql()
    except AssertionError as reason:
        raise Failed(str(reason).split("\n")[0]) from None
    with contextlib.closing(server):
        with Host(bench, ["database", "benchcatalogue"], {**QUIET, "plugins.database": {"url": server.url, **settings}}) as host:
            yield host, "postgresql=" + server.url.replace("&", "%26")


def asked(host, path):
    with client.Connection(host.port, timeout=300) as connection:
        answer = connection.get("/catalogue/" + path)
    if answer.status != 200:
        raise Failed(f"{path.split('?')[0]}: {answer.status} {answer.body.decode(errors='replace').strip()}")
    return answer.body.decode()


def statements(database, name, ratio):
    goals = {f"point query, {name}": (Bound(ratio, "ratio"),), f"page of 100 rows, {name}": ()}

    def row(bench):
        with database(bench) as (host, reference):
            return measure_lines(lambda count: asked(host, f"statements?count={count}&{reference}"), goals)

    return row


class Together:
    """Requests at the same time; `results` has the numbers each was answered, in their order."""

    def __init__(self, host, paths):
        self.failures, self.results = [], [None] * len(paths)
        threads = [threading.Thread(target=self.work, args=(host, *each)) for each in enumerate(paths)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def work(self, host, index, path):
        try:
            self.results[index] = tuple(map(int, asked(host, path).split()))
        except (Failed, OSError) as reason:
            self.failures.append(reason)


def readers(bench):
    busy, written = [], []
    with sqlite(bench, max_connections=READERS) as (host, _):

        def reads(*others):
            done = Together(host, [f"reads?ms={READ_MS}"] * READERS + list(others)).results
            busy.append(sum(counts[1] for counts in done))
            written.extend(counts[0] for counts in done[READERS:])
            return sum(counts[0] for counts in done[:READERS]) * 1000 / READ_MS

        def beside(pause_us):
            return lambda: Sample(reads(f"writes?ms={READ_MS}&pause_us={pause_us}"), reads())

        asked(host, "reads?ms=1")  # the table is filled from here on
        yield measure("8 readers beside a writer, SQLite", "1/s", beside(4500), (Bound(0.9, "ratio", at_least=True),),
                      note="reference: the same readers alone")
        calm = len(written)
        fast = measure("8 readers beside a writer without a pause", "1/s", beside(0), ())
        fast.note = f"commits a second: {sum(written[:calm]) / calm * 1000 / READ_MS:.0f} above, {sum(written[calm:]) / len(written[calm:]) * 1000 / READ_MS:.0f} here"
        yield fast
    yield Figure("busy answers to readers and writers, SQLite", "", [Sample(sum(busy))], (Bound(0),))


def counted(host, series):
    """Of each pool; the plugin brings them up to date once a second."""
    text = client.get(host.port, "/metrics").body.decode()
    return {pool: float(value) for pool, value in re.findall(rf'^revenge_plugin_database_{series}{{[^}}]*pool="(\w+)"[^}}]*}} (\S+)$', text, re.MULTILINE)}


def runaway(database, name):
    def row(bench):
        with database(bench, max_connections=1, min_connections=1) as (host, _):
            found = [tuple(map(float, asked(host, f"runaway?ms={RUN_MS}").split())) for _ in range(AT_LEAST)]
            host.wait_until(lambda: max(counted(host, "acquired_total").values(), default=0) >= 2 * AT_LEAST, "its metrics", pause=0.1)
            more = sum(opened - 1 for opened in counted(host, "opened_total").values())
        yield Figure(f"runaway query, answered late, {name}", "ms", [Sample(late) for late, _ in found], (Bound(50),),
                     f"the next statement took at most {max(following for _, following in found):.1f} ms")
        yield Figure(f"connections lost to a cancel, {name}", "", [Sample(more)], (Bound(0),))

    return row


ROWS = [
    ("statements.sqlite", statements(sqlite, "SQLite", 1.5)),
    ("statements.postgresql", statements(postgresql, "PostgreSQL", 1.2)),
    ("readers", readers),
    ("runaway.sqlite", runaway(sqlite, "SQLite")),
    ("runaway.postgresql", runaway(postgresql, "PostgreSQL")),
]

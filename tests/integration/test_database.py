"""The database plugin: the same facts on SQLite and on a real PostgreSQL, then what befalls only one of them. What its operator does is in
test_database_operator.py, what befalls a server in test_database_faults.py."""

import contextlib
import os
import pathlib
import sqlite3
import subprocess
import threading
import unittest

from host import BUILD
from ledger_host import DATABASE, LEDGER, LedgerTest, NEXT_DATABASE
from postgresql import Postgresql

SUITE = BUILD / "tests" / "database" / "database_suite"


def setUpModule():
    global server
    server = Postgresql()


def tearDownModule():
    server.close()


class Suite(unittest.TestCase):
    """Statements, transactions and migrations without a host between."""

    def run_on(self, database):
        done = subprocess.run([SUITE], capture_output=True, text=True, timeout=240,
                              env={**os.environ, "REVENGE_TEST_DATABASE": database})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-6000:])

    def test_on_sqlite(self):
        self.run_on("sqlite")

    def test_on_postgresql(self):
        server.sql("CREATE DATABASE suite")
        self.run_on(server.url.replace("/postgres?", "/suite?"))


class EveryDatabase:
    def start(self, **settings):
        raise NotImplementedError

    def test_every_form_of_a_statement(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        self.assertEqual(self.ask(host, "get?id=1"), "5")
        self.assertEqual(self.ask(host, "await?id=1"), "5")
        self.assertIn("exists: ", self.ask(host, "open?id=1", 409))
        self.assertIn("busy: this thread must not block", self.ask(host, "blocks-io", 503))
        self.assertEqual(self.ask(host, "book?id=1&amount=2"), "booked")
        self.assertEqual(self.ask(host, "book-await?id=1"), "booked")
        self.assertEqual(self.ask(host, "total"), "8|2")
        self.assertEqual(self.ask(host, "batch?id=1&count=250"), "250")
        self.assertEqual(self.ask(host, "bookings"), "252 in 3")
        self.assertEqual(host.stop(), 0, host.logged())

    def test_a_transaction_that_fails_leaves_nothing(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        self.assertIn("refused", self.ask(host, "book?id=9&amount=2", 422))
        self.assertEqual(self.ask(host, "total"), "5|0")

    def test_a_slow_statement_is_cancelled_in_its_time(self):
        host = self.start()
        self.assertIn("timed out", self.ask(host, "slow?ms=200", 504))
        for _ in range(20):
            self.ask(host, "total")

    def test_a_swap_under_load_loses_no_commit_and_fails_no_request(self):
        host = self.start()
        for id in range(8):
            self.ask(host, f"open?id={id}&amount=0")
        stop = threading.Event()
        answers, threads = self.load(host, [f"book?id={id}&amount=1" for id in range(8)] +
                                     [f"book-await?id={id}" for id in range(8)] + ["await?id=3", "total"], stop)
        try:
            for package in (NEXT_DATABASE, DATABASE, NEXT_DATABASE):
                before = len(answers)
                host.wait("load goes on", lambda: len(answers) > before + 20)
                swapped = host.swap("database", package)
                self.assertEqual(swapped.status, 200, swapped.body)
            before = len(answers)
            host.wait("load goes on", lambda: len(answers) > before + 20)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual([answer for answer in answers if answer[1] != 200], [])
        booked = sum(1 for path, _, _ in answers if path.startswith("book"))
        self.assertEqual(self.ask(host, "total"), f"{booked}|{booked}")
        host.wait("only the new one is mapped", lambda: host.mapped("database.so") == 1)
        self.assertEqual(host.stop(), 0, host.logged())
        self.assertNotIn("retired", host.logged())

    def test_an_open_transaction_ends_on_the_instance_that_began_it(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        held = threading.Thread(target=lambda: results.append(self.ask(host, "hold?id=1")))
        results = []
        held.start()
        host.wait("a transaction is open", lambda: self.busy(host) == 1)
        swap = threading.Thread(target=lambda: results.append(host.swap("database", NEXT_DATABASE).status))
        swap.start()
        host.wait("the next version serves", lambda: any(one["version"] == "0.2.0" and one["state"] in ("running", "degraded")
                                                         for one in host.plugin("database")["instances"]))
        self.ask(host, "hold?go=1")
        held.join()
        swap.join()
        self.assertEqual(sorted(map(str, results)), ["200", "committed"])
        self.assertEqual(self.ask(host, "get?id=1"), "6")

    def test_what_was_committed_survives_a_kill(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=0")
        stop = threading.Event()
        committed = []

        def book():
            while not stop.is_set():
                try:
                    if host.get("/ledger/book?id=1&amount=1").status == 200:
                        committed.append(1)
                except OSError:
                    return

        threads = [threading.Thread(target=book) for _ in range(3)]
        for thread in threads:
            thread.start()
        host.wait("some are booked", lambda: len(committed) > 30)
        host.process.kill()
        stop.set()
        for thread in threads:
            thread.join()
        host.process.wait()
        host.process.stdout.close()
        host.log.close()
        host.start()
        host.wait("it serves again", lambda: host.get("/ledger/total").status == 200)
        amount, bookings = map(int, self.ask(host, "total").split("|"))
        self.assertEqual(amount, bookings)
        self.assertGreaterEqual(amount, len(committed))
        self.assertLessEqual(amount, len(committed) + 3)


class OnSqlite(EveryDatabase, LedgerTest):
    def start(self, **settings):
        return self.begin(**settings)

    def data(self, host):
        [file] = list((host.root / "state").rglob("revenge.db"))
        return file

    def test_the_file_is_whole_and_readable_by_others(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        with sqlite3.connect(self.data(host)) as other:
            self.assertEqual(other.execute("SELECT amount FROM ledger_account").fetchall(), [(5,)])
            self.assertEqual(other.execute("PRAGMA journal_mode").fetchone(), ("wal",))
            self.assertEqual(other.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        other.close()

    def test_a_file_that_another_process_locks_is_waited_for_and_then_told(self):
        host = self.start(query_timeout_ms=1000)
        self.ask(host, "open?id=1&amount=5")
        other = sqlite3.connect(self.data(host), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        self.assertIn("busy", self.ask(host, "book?id=1&amount=1", 503))
        self.assertEqual(self.ask(host, "get?id=1"), "5")
        other.execute("COMMIT")
        other.close()
        self.assertEqual(self.ask(host, "book?id=1&amount=1"), "booked")

    def test_a_file_that_is_no_database_is_named(self):
        file = self.root / "bad.db"
        file.write_bytes(b"this is no database, but it is long enough to look like a page of one" * 100)
        host = self.running(plugins=(DATABASE, LEDGER), config=f"plugins: {{database: {{file: {file}}}}}\n")
        host.wait("it has failed", lambda: host.plugin("database")["state"] == "failed")
        self.assertIn(f"{file}: ", str(host.plugin("database")))
        self.assertIn("not a database", str(host.plugin("database")))
        host.wait("its consumer waits", lambda: host.plugin("ledger")["state"] == "waiting")

    def test_a_full_disk_stops_writes_and_not_reads(self):
        if os.geteuid() == 0:
            unshare = ["unshare", "-m", "--propagation", "private"]
        else:
            unshare = ["unshare", "-Urm", "--propagation", "private"]
        host = self.host(plugins=(DATABASE, LEDGER), options=[f"workers.threads={self.WORKERS}"])
        small = host.root / "small"
        small.mkdir()
        host.config.write_text(f"plugins: {{database: {{file: {small}/revenge.db}}}}\n")
        inner = host.command()
        script = f'mount -t tmpfs -o size=1m none {small}; exec "$@"'
        host.command = lambda: [*unshare, "sh", "-ec", script, "sh", *inner]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        host.wait("ledger runs", lambda: host.plugin("ledger")["state"] in ("running", "degraded"))
        self.ask(host, "open?id=1&amount=5")
        filler = pathlib.Path(f"/proc/{host.process.pid}/root{small}/filler")
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as fills:
            while True:
                fills.write(b"x" * 4096)
        host.wait("the disk is full", lambda: host.get("/ledger/batch?id=1&count=500").status != 200)
        self.assertEqual(self.ask(host, "get?id=1"), "5")
        host.wait("it says so", lambda: "takes no writes" in self.health(host)[1])
        filler.unlink()
        host.wait("all is well", lambda: self.health(host)[0] == "pass")
        self.assertEqual(self.ask(host, "book?id=1&amount=1"), "booked")


class OnPostgresql(EveryDatabase, LedgerTest):
    def start(self, **settings):
        server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.begin(url=server.url, **settings)

    def test_a_cancelled_statement_is_gone_from_the_server(self):
        host = self.start()
        self.assertIn("timed out", self.ask(host, "slow?ms=300", 504))
        host.wait("none runs", lambda: not [line for line in server.backends() if line.startswith("active") and "generate_series" in line])

    def test_connections_stay_below_the_limit(self):
        self.start().stop()
        host = self.begin(url=server.url + "&application_name=few", max_connections=3, min_connections=1)
        stop = threading.Event()
        answers, threads = self.load(host, ["slow?ms=30", "total"], stop, clients=6)
        most = before = 0
        try:
            while len(answers) < 60:
                now = len(server.backends(of="few"))
                # One that was closed is listed until its process has ended: by the next look it is gone.
                most = max(most, min(before, now))
                before = now
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        # The pool's three, and one of the health check, which stands apart.
        self.assertLessEqual(most, 4)
        self.assertEqual({status for _, status, _ in answers} - {200, 429, 504}, set())


    def test_many_cancels_open_no_connection_beyond_the_limit_and_hit_no_other_statement(self):
        """D10 and D9."""
        self.start().stop()
        host = self.begin(url=server.url + "&application_name=cancels", max_connections=10, min_connections=1)
        stop = threading.Event()
        answers, threads = self.load(host, ["slow?ms=20", "total"], stop, clients=8)
        most, cancels = 0, 6000 if os.environ.get("REVENGE_LONG") else 300
        try:
            while sum(path == "slow?ms=20" for path, _, _ in list(answers)) < cancels:
                most = max(most, len(server.backends(of="cancels")))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertLessEqual(most, 10 + 1)  # and one of the health check
        self.assertEqual({(path, status) for path, status, _ in answers} - {("slow?ms=20", 504), ("slow?ms=20", 429), ("total", 200)}, set(),
                         "429: the 20 ms passed before a connection was free")


if __name__ == "__main__":
    unittest.main()

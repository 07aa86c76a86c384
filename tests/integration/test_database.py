"""The database plugin: the same facts on SQLite and on a real PostgreSQL, then what befalls only one of them."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from host import BUILD, HostTest, PATIENCE
from postgresql import Postgresql

DATABASE = BUILD / "plugins" / "database"
NEXT_DATABASE = BUILD / "swap" / "0.2.0" / "database"
LEDGER = BUILD / "tests" / "packages" / "ledger"
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


class LedgerTest(HostTest):
    """A host with a ledger on a database."""

    WORKERS = 8

    def begin(self, url=None, file=None, options=(), before=None, **settings):
        """`before`: what a shell does first, in a mount namespace of the host's own."""
        if url is not None:
            settings["url"] = url
        config = "plugins:\n  database:\n" + "".join(f"    {key}: {value!r}\n" for key, value in settings.items()) if settings else None
        host = self.host(plugins=(DATABASE, LEDGER), config=config, options=[f"workers.threads={self.WORKERS}", *options])
        if before is not None:
            unshare = ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "--propagation", "private"]
            inner = host.command()
            host.command = lambda: [*unshare, "sh", "-ec", f'{before}; exec "$@"', "sh", *inner]
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and (host.process.kill(), host.end()))
        for id in ("database", "ledger"):
            host.wait(f"{id} runs", lambda id=id: host.plugin(id)["state"] in ("running", "degraded"))
        return host

    def ask(self, host, path, status=200):
        answer = host.get("/ledger/" + path, timeout=PATIENCE + 20)
        self.assertEqual(answer.status, status, f"{path}: {answer.body!r}\n{host.logged()[-3000:]}")
        return answer.body.decode().strip()

    def health(self, host):
        [check] = host.control("GET", "/v1/health").json["checks"]["plugin/database:database"]
        return check["status"], check.get("output", "")

    def busy(self, host):
        return sum(float(line.rsplit(" ", 1)[1]) for line in host.get("/metrics").body.decode().splitlines()
                   if line.startswith("revenge_plugin_database_connections_busy{"))

    def load(self, host, paths, seconds_or_event, clients=4):
        """Asks round and round until told; the answers' statuses and bodies by path."""
        answers, lock = [], threading.Lock()
        stop = seconds_or_event

        def work(at):
            while not stop.is_set():
                path = paths[at % len(paths)]
                at += 1
                answer = host.get("/ledger/" + path, timeout=PATIENCE + 20)
                with lock:
                    answers.append((path, answer.status, answer.body.decode()))

        threads = [threading.Thread(target=work, args=(i,)) for i in range(clients)]
        for thread in threads:
            thread.start()
        return answers, threads


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


class OperatorTest(LedgerTest):
    """What `revengectl db` does, on either database."""

    def db(self, host, *words, code=0):
        """The answer, or what the error says."""
        got, out, err = host.ctl("db", *words, "--json")
        self.assertEqual(got, code, f"{words}: {out}{err}\n{host.logged()[-3000:]}")
        answer = json.loads(out)
        return answer["error"]["message"] if code else answer

    def backup_health(self, host):
        [check] = host.control("GET", "/v1/health").json["checks"]["plugin/database:backups"]
        return check["status"], check.get("output", "")

    def folder(self, name="backups"):
        folder = self.root / name
        folder.mkdir()
        folder.chmod(0o777)
        return folder


class Operator:
    def test_status_says_where_it_is_how_large_and_what_of_it_is_backed_up(self):
        folder = self.folder()
        host = self.start(backup_folder=str(folder))
        self.ask(host, "open?id=1&amount=5")
        before = self.db(host, "status")
        self.assertEqual((before["dialect"], before["trouble"], before["takes_writes"]), (self.DIALECT, "", True))
        self.assertEqual(before["schemas"], [{"schema": "ledger", "version": 2, "due": 0, "wait_for_contract": 0}])
        self.assertGreater(before["size_bytes"], 4096)
        self.assertEqual((before["backups"]["folder"], before["backups"]["last"], before["backups"]["keep"]), (str(folder), None, 7))
        made = self.db(host, "backup")
        last = self.db(host, "status")["backups"]["last"]
        self.assertEqual((last["file"], last["size_bytes"]), (made["file"], pathlib.Path(made["file"]).stat().st_size))
        self.assertLess(abs(last["made_at"] - time.time()), PATIENCE + 60)
        people = host.ctl("db", "status")[1]
        self.assertRegex(people, rf"dialect +{self.DIALECT}\n")
        self.assertRegex(people, r"backups last made +20\d\d-")
        self.assertRegex(people, r"SCHEMA +VERSION +DUE +WAIT FOR CONTRACT\n +ledger +2 +0 +0\n")

    def test_a_backup_made_while_writes_run_brings_back_what_was_committed_then(self):
        folder = self.folder()
        host = self.start(backup_folder=str(folder))
        self.ask(host, "open?id=1&amount=0")
        stop = threading.Event()
        answers, threads = self.load(host, ["book?id=1&amount=1"], stop)
        try:
            host.wait("writes run", lambda: len(answers) > 20)
            made = self.db(host, "backup")
            before = len(answers)
            host.wait("writes go on", lambda: len(answers) > before + 20)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual({status for _, status, _ in answers}, {200})
        self.assertEqual([entry.name for entry in folder.iterdir()], [pathlib.Path(made["file"]).name])
        later = int(self.ask(host, "total").split("|")[0])
        restored = self.db(host, "restore", f"file={made['file']}", "confirm=yes")
        amount, bookings = map(int, self.ask(host, "total").split("|"))
        self.assertEqual(amount, bookings)
        self.assertGreaterEqual(amount, 20)
        self.assertLess(amount, later)
        self.assertEqual(self.ask(host, "book?id=1&amount=1"), "booked")
        # What was there before was kept, and comes back as well.
        self.db(host, "restore", f"file={restored['saved_before']}", "confirm=yes")
        self.assertEqual(self.ask(host, "total"), f"{later}|{later}")
        self.assertEqual(self.health(host)[0], "pass")

    def test_a_restore_while_readers_read_fails_none_of_them(self):
        # Readers wait while the restore has the connections, and a loaded machine takes its time for it.
        host = self.start(backup_folder=str(self.folder()), acquire_timeout_ms=30000)
        self.ask(host, "open?id=1&amount=5")
        made = self.db(host, "backup")
        self.ask(host, "book?id=1&amount=2")
        stop = threading.Event()
        answers, threads = self.load(host, ["get?id=1", "await?id=1"], stop)
        try:
            host.wait("they read", lambda: len(answers) > 20)
            self.db(host, "restore", f"file={made['file']}", "confirm=yes")
            before = len(answers)
            host.wait("they read on", lambda: len(answers) > before + 20)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual({status for _, status, _ in answers}, {200}, [one for one in answers if one[1] != 200][:3])
        self.assertEqual({body.strip() for _, _, body in answers}, {"7", "5"})
        self.assertEqual(self.ask(host, "get?id=1"), "5")

    def test_what_is_no_backup_is_refused_and_nothing_is_lost(self):
        folder = self.folder()
        host = self.start(backup_folder=str(folder))
        self.ask(host, "open?id=1&amount=5")
        made = pathlib.Path(self.db(host, "backup")["file"])
        self.ask(host, "book?id=1&amount=1")
        whole = made.read_bytes()
        cut = folder / "cut"
        cut.write_bytes(whole[: len(whole) * 2 // 3])
        noise = folder / "noise"
        noise.write_bytes(b"this is no database, but it is long enough to look like one" * 500)
        foreign = self.foreign(folder)
        for file, said in ((cut, str(cut)), (noise, str(noise)), (foreign, "none of this plugin|no database of this plugin"),
                           (folder / "nowhere", "no such file")):
            self.assertRegex(self.db(host, "restore", f"file={file}", "confirm=yes", code=4 if file.name == "nowhere" else 1), said)
        self.assertIn("say confirm=yes", self.db(host, "restore", f"file={made}", code=1))
        self.assertEqual(self.ask(host, "get?id=1"), "6")
        self.assertEqual(sorted(one.name for one in folder.glob("revenge-*")), [made.name])

    def test_a_backup_that_cannot_be_written_names_its_folder_and_leaves_nothing(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        missing = self.root / "missing"
        self.assertIn(f"{missing}: ", self.db(host, "backup", f"file={missing}/one", code=4))
        self.assertFalse(missing.exists())
        taken = self.folder("taken") / "one"
        taken.write_text("mine")
        self.assertIn(f"{taken}: is there already", self.db(host, "backup", f"file={taken}", code=1))
        self.assertEqual(taken.read_text(), "mine")
        self.assertIn("expected an absolute path", self.db(host, "backup", "file=one", code=1))
        self.assertEqual([one.name for one in taken.parent.iterdir()], ["one"])

    def test_a_full_folder_is_named_and_keeps_what_it_has(self):
        folder = self.folder()
        host = self.in_namespace(f"mount -t tmpfs -o size=256k none {folder}; chmod 777 {folder}", backup_folder=str(folder))
        seen = pathlib.Path(f"/proc/{host.process.pid}/root{folder}")
        self.ask(host, "open?id=1&amount=5")
        made = self.db(host, "backup")
        with contextlib.suppress(OSError), open(seen / "filler", "wb", buffering=0) as fills:
            while True:
                fills.write(b"x" * 4096)
        self.assertIn(str(folder), self.db(host, "backup", code=1))
        self.assertEqual(sorted(one.name for one in seen.iterdir()), ["filler", pathlib.Path(made["file"]).name])

    def test_backups_come_by_themselves_and_so_many_stay(self):
        folder = self.folder()
        (folder / "mine.db").write_text("not a backup")
        host = self.start(backup_folder=str(folder), backup_every_h=0.0001, backup_keep=2)
        seen = set()

        def more():
            seen.update(one.name for one in folder.glob("revenge-*") if not one.name.endswith(".part"))
            return len(seen) > 4

        host.wait("five were made", more)
        host.wait("two are left", lambda: len(list(folder.glob("revenge-*Z*[!t]"))) == 2)
        self.assertEqual((folder / "mine.db").read_text(), "not a backup")
        self.assertEqual(self.backup_health(host)[0], "pass")

    def test_one_that_is_due_and_fails_is_a_warning_and_the_last_good_one_stays(self):
        folder = self.folder()
        host = self.start(backup_folder=str(folder), backup_every_h=0.0001, backup_keep=1)
        host.wait("one was made", lambda: list(folder.glob("revenge-*Z" + self.ENDING)))
        away = self.root / "away"
        folder.rename(away)
        host.wait("it is told", lambda: self.backup_health(host)[0] == "warn" and str(folder) in self.backup_health(host)[1])
        host.wait_logged("a backup that was due")
        host.wait("its trouble is shown", lambda: str(folder) in self.db(host, "status")["backups"]["trouble"])
        self.assertEqual(len(list(away.glob("revenge-*Z" + self.ENDING))), 1)

    def test_contract_makes_the_version_permanent(self):
        host = self.start()
        self.assertEqual(self.db(host, "plan")["steps"], [])
        self.assertEqual(self.ask(host, "migrate?next=1"), "migrated")
        [waits] = self.db(host, "plan")["steps"]
        self.assertEqual((waits["version"], waits["name"], waits["state"]), (4, "no memo", "waits for contract"))
        self.assertEqual(self.ask(host, "migrate"), "migrated")  # the version before still works
        self.ask(host, "migrate?next=1")
        self.assertEqual(host.swap("database", NEXT_DATABASE).status, 200)
        dry = self.db(host, "contract", "--dry-run")
        self.assertEqual((dry["count"], dry["steps"][0]["state"]), (1, "would run"))
        self.assertIn("ledger_memo", self.tables())
        self.assertIn("asked for: ledger", self.db(host, "contract", "schema=leger", code=4))
        self.assertEqual(self.db(host, "contract", "schema=ledger")["count"], 1)
        self.assertNotIn("ledger_memo", self.tables())
        self.assertIn("which this version does not know", self.ask(host, "migrate", 422))
        self.assertEqual(self.db(host, "contract")["count"], 0)
        records = [json.loads(line) for line in host.ctl("audit", "--json")[1].splitlines()]
        self.assertEqual([(one["what"], one["after"]) for one in records if one["what"].startswith("run ") and one["outcome"] == "done"],
                         [("run database contract", '{"schema":"ledger"}'), ("run database contract", "{}")])

    def test_a_backup_of_before_a_migration_is_brought_to_what_runs_now(self):
        host = self.start(backup_folder=str(self.folder()))
        made = self.db(host, "backup")
        self.ask(host, "migrate?next=1")
        self.drop("ledger_memo")
        self.db(host, "restore", f"file={made['file']}", "confirm=yes")
        self.assertIn("ledger_memo", self.tables())

    def test_check_and_optimize(self):
        host = self.start()
        self.ask(host, "open?id=1&amount=5")
        checked = self.db(host, "check")
        self.assertEqual(checked["whole"], True)
        self.assertIn("every ", checked["looked_at"])
        self.assertEqual(self.db(host, "optimize")["optimized"], True)


class OperatorOnSqlite(Operator, OperatorTest):
    DIALECT, ENDING = "sqlite", ".db"

    def start(self, **settings):
        self.at = self.begin(**settings)
        return self.at

    def in_namespace(self, script, **settings):
        self.at = self.begin(before=script, **settings)
        return self.at

    def data(self):
        [file] = list((self.at.root / "state").rglob("revenge.db"))
        return file

    def tables(self):
        with contextlib.closing(sqlite3.connect(self.data())) as other:
            return {name for (name,) in other.execute("SELECT name FROM sqlite_master")}

    def drop(self, table):
        with contextlib.closing(sqlite3.connect(self.data())) as other:
            other.execute(f"DROP TABLE {table}")
            other.commit()

    def foreign(self, folder):
        with contextlib.closing(sqlite3.connect(folder / "foreign.db")) as other:
            other.execute("CREATE TABLE films (id INTEGER)")
            other.commit()
        return folder / "foreign.db"

    def test_plan_writes_nothing(self):
        host = self.running(plugins=(DATABASE,))
        host.wait("it runs", lambda: host.plugin("database")["state"] == "running")
        self.at = host
        self.assertEqual(self.db(host, "plan"), {"done": 0, "steps": []})
        self.assertNotIn("revenge_migrations", self.tables())

    def test_a_page_that_is_broken_is_found_by_check_and_makes_no_backup(self):
        folder = self.folder()
        host = self.start(backup_folder=str(folder))
        self.ask(host, "open?id=1&amount=0")
        self.ask(host, "batch?id=1&count=2000")
        good = self.db(host, "backup")["file"]
        self.assertEqual(host.stop(), 0)
        size = self.data().stat().st_size
        with open(self.data(), "r+b") as file:
            file.seek(size - 4096 + 8)
            file.write(b"\xff" * 200)
        host.start()
        host.wait("it runs", lambda: host.plugin("database")["state"] in ("running", "degraded"))
        self.assertIn("it is damaged", self.db(host, "check", code=1))
        self.assertIn("it is damaged", self.db(host, "backup", code=1))
        self.assertEqual([str(one) for one in folder.iterdir()], [good])
        self.assertIn("save=no", self.db(host, "restore", f"file={good}", "confirm=yes", code=1))
        self.db(host, "restore", f"file={good}", "confirm=yes", "save=no")
        self.assertEqual(self.db(host, "check")["whole"], True)


class OperatorOnPostgresql(Operator, OperatorTest):
    DIALECT, ENDING = "postgresql", ".dump"

    def start(self, **settings):
        server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.begin(url=server.url, **settings)

    def in_namespace(self, script, **settings):
        server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.begin(before=script, url=server.url, **settings)

    def tables(self):
        return set(server.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").splitlines())

    def drop(self, table):
        server.sql(f"DROP TABLE {table}")

    def foreign(self, folder):
        server.sql("CREATE DATABASE foreign_one")
        self.addCleanup(server.sql, "DROP DATABASE foreign_one")
        server.sql("CREATE TABLE films (id INTEGER)", "foreign_one")
        server.run("pg_dump", "-Fc", "-h", server.root, "-p", server.port, "-U", "revenge", "-f", server.root / "foreign.dump", "foreign_one")
        return server.root / "foreign.dump"

    def test_without_pg_dump_the_error_names_it(self):
        host = self.begin(url=server.url, options=["process.path=/nowhere"])
        self.assertIn("pg_dump is not installed", self.db(host, "backup", code=1))

    def test_the_password_stands_on_no_command_line_and_in_no_answer(self):
        private = Postgresql()
        self.addCleanup(private.close)
        private.sql("ALTER USER revenge PASSWORD 'sesame'")
        (private.data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        private.sql("SELECT pg_reload_conf()")
        folder = self.folder()
        # A pg_dump that writes down how it was called, and is the real one otherwise.
        programs = self.folder("programs")
        spy = programs / "pg_dump"
        spy.write_text(f'#!/bin/sh\necho "$@" > {folder}/words\nexec /usr/bin/pg_dump "$@"\n')
        spy.chmod(0o755)
        host = self.begin(url=private.tcp_url.replace("revenge@", "revenge:sesame@"), backup_folder=str(folder),
                          options=[f"process.path={programs}:/usr/local/bin:/usr/bin:/bin"])
        made = self.db(host, "backup")
        self.assertTrue(pathlib.Path(made["file"]).exists())
        words = (folder / "words").read_text()
        self.assertIn("host='127.0.0.1'", words)
        for text in (words, json.dumps(self.db(host, "status")), host.logged()):
            self.assertNotIn("sesame", text)


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
        most = 0
        try:
            while len(answers) < 60:
                most = max(most, len(server.backends(of="few")))
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


class Faults(LedgerTest):
    """A PostgreSQL of its own for each."""

    def setUp(self):
        super().setUp()
        self.server = Postgresql()
        self.addCleanup(self.server.close)

    def start(self, **settings):
        host = self.begin(url=settings.pop("url", self.server.url), **settings)
        self.ask(host, "open?id=1&amount=5")
        return host

    def recovers(self, host):
        last = []

        def serves():
            last[:] = [host.get("/ledger/total", timeout=PATIENCE)]
            return last[0].status == 200

        try:
            host.wait("it serves again", serves)
        except AssertionError as late:
            raise AssertionError(f"{last[0].body!r}: {late}") from None
        self.assertEqual(self.ask(host, "book?id=1&amount=1"), "booked")

    def test_killed_and_back(self):
        host = self.start()
        self.server.kill()
        begun = time.monotonic()
        self.assertIn("unavailable", self.ask(host, "get?id=1", 503))
        self.assertLess(time.monotonic() - begun, 3)
        host.wait("it is told", lambda: self.health(host)[0] == "warn")
        self.server.start()
        self.recovers(host)
        host.wait("all is well", lambda: self.health(host)[0] == "pass")

    def test_away_when_the_host_starts(self):
        self.server.stop()
        host = self.running(plugins=(DATABASE, LEDGER), config=f"plugins: {{database: {{url: '{self.server.url}'}}}}\n",
                            options=[f"workers.threads={self.WORKERS}"])
        host.wait("database runs", lambda: host.plugin("database")["state"] in ("running", "degraded"))
        host.wait_logged("the database cannot be reached")
        self.server.start()
        host.wait("ledger runs", lambda: host.plugin("ledger")["state"] in ("running", "degraded") or host.operate("reload", "ledger").status == 200)
        host.wait("it serves", lambda: host.get("/ledger/total").status == 200)
        self.ask(host, "open?id=1&amount=5")

    def test_paused(self):
        host = self.start(query_timeout_ms=500, acquire_timeout_ms=500)
        self.server.signal_all(signal.SIGSTOP)
        try:
            answer = host.get("/ledger/get?id=1", timeout=PATIENCE)
            self.assertIn(answer.status, (503, 504, 429), answer.body)
        finally:
            self.server.signal_all(signal.SIGCONT)
        self.recovers(host)

    def test_cut_inside_a_transaction(self):
        host = self.start()
        answers = []
        held = threading.Thread(target=lambda: answers.append(host.get("/ledger/hold?id=1", timeout=PATIENCE)))
        held.start()
        host.wait("a transaction is open", lambda: any(line.startswith("idle in transaction") for line in self.server.backends()))
        self.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
        self.ask(host, "hold?go=1")
        held.join()
        self.assertNotEqual(answers[0].status, 200, answers[0].body)
        self.assertEqual(self.ask(host, "get?id=1"), "5")
        self.recovers(host)

    def test_all_connections_terminated_while_idle(self):
        host = self.start()
        ours = "SELECT pid FROM pg_stat_activity WHERE application_name = 'revenge'"
        before = set(self.server.sql(ours).splitlines())
        self.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'revenge'")
        host.wait("they have gone", lambda: not before & set(self.server.sql(ours).splitlines()))
        for _ in range(10):
            self.assertEqual(self.ask(host, "get?id=1"), "5")
        self.assertEqual(self.ask(host, "book?id=1&amount=1"), "booked")

    def test_read_only_and_writable_again(self):
        host = self.start()
        self.server.sql("ALTER SYSTEM SET default_transaction_read_only = on")
        self.server.sql("SELECT pg_reload_conf()")
        host.wait("writes are refused", lambda: host.get("/ledger/book?id=1&amount=1").status == 503)
        self.assertEqual(self.ask(host, "get?id=1").isdigit(), True)
        host.wait("it is told", lambda: self.health(host)[0] == "warn")
        self.server.run("psql", "-qAtX", "-h", self.server.root, "-p", self.server.port, "-U", "revenge", "-d", "postgres",
                        "-c", "SET default_transaction_read_only = off", "-c", "ALTER SYSTEM RESET default_transaction_read_only",
                        "-c", "SELECT pg_reload_conf()")
        # Each connection's process of the server learns of it in its own time.
        host.wait("writes are taken", lambda: host.get("/ledger/book?id=1&amount=1").status == 200)
        host.wait("all is well", lambda: self.health(host)[0] == "pass")

    def test_a_password_that_changed(self):
        self.server.sql("ALTER USER revenge PASSWORD 'first'")
        hba = self.server.data / "pg_hba.conf"
        hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        self.server.sql("SELECT pg_reload_conf()")
        url = self.server.tcp_url.replace("revenge@", "revenge:first@")
        host = self.start(url=url)
        self.server.sql("ALTER USER revenge PASSWORD 'second'")
        self.server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'revenge'")
        self.assertIn("password authentication failed", self.ask(host, "get?id=1", 503))
        self.assertNotIn("first", host.logged())
        host.config.write_text(f"plugins: {{database: {{url: '{url.replace('first', 'second')}'}}}}\n")
        reloaded = host.control("POST", "/v1/config/reload")
        self.assertEqual(reloaded.json["reloaded"], ["database"], reloaded.body)
        self.recovers(host)

    def test_another_port_after_failover(self):
        host = self.start(url=self.server.tcp_url)
        other = Postgresql()
        self.addCleanup(other.close)
        moved = f"postgresql://revenge@127.0.0.1:{self.server.port},127.0.0.1:{other.port}/postgres?target_session_attrs=read-write"
        host.config.write_text(f"plugins: {{database: {{url: '{moved}'}}}}\n")
        self.assertEqual(host.control("POST", "/v1/config/reload").json["reloaded"], ["database"])
        self.assertEqual(self.ask(host, "get?id=1"), "5")
        dump = self.server.run("pg_dump", "-h", self.server.root, "-p", self.server.port, "-U", "revenge", "postgres")
        restored = subprocess.run(other.as_user(["psql", "-qX", "-h", other.root, "-p", other.port, "-U", "revenge", "postgres"]),
                                  input=dump, text=True, capture_output=True, timeout=PATIENCE)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.server.stop()
        self.recovers(host)


if __name__ == "__main__":
    unittest.main()

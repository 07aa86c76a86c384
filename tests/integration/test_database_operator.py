"""What `revengectl db` does, on SQLite and on a real PostgreSQL: backups, restores, migrations, checks."""

import contextlib
import json
import pathlib
import sqlite3
import threading
import time
import unittest

from host import PATIENCE
from ledger_host import DATABASE, LedgerTest, NEXT_DATABASE
from postgresql import Postgresql


def setUpModule():
    global server
    server = Postgresql()


def tearDownModule():
    server.close()


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


if __name__ == "__main__":
    unittest.main()

"""What befalls a PostgreSQL while the database plugin uses it: killed, paused, cut, read-only, moved."""

import signal
import subprocess
import threading
import time
import unittest

from host import PATIENCE
from ledger_host import DATABASE, LEDGER, LedgerTest
from postgresql import Postgresql


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

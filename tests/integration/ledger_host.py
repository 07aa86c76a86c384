"""A running host with the ledger of tests/plugins/ledger on a database, and short verbs over its routes."""

import os
import threading

from host import BUILD, HostTest, PATIENCE

DATABASE = BUILD / "plugins" / "database"
NEXT_DATABASE = BUILD / "swap" / "0.2.0" / "database"
LEDGER = BUILD / "tests" / "packages" / "ledger"


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

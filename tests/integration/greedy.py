"""A host with a plugin that takes more than its share, and a neighbour that serves all the while."""

import http.client
import json
import threading

from host import BUILD, HostTest

GREEDY = BUILD / "tests" / "packages" / "greedy"
VITALS = BUILD / "tests" / "packages" / "vitals"


class Neighbour:
    """Asks the other plugin again and again, on connections of its own; what did not go well."""

    def __init__(self, host):
        self.host = host
        self.failures = []
        self.served = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.over.wait(0.005):
            try:
                answer = self.host.get("/cache")
                if answer.status != 200:
                    self.failures.append(answer.status)
            except (OSError, http.client.HTTPException) as failure:
                self.failures.append(repr(failure))
            self.served += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


class Repeated:
    """The same request again and again from several clients, whatever comes of it."""

    def __init__(self, host, path, clients=1):
        self.host = host
        self.path = path
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(clients)]

    def run(self):
        while not self.over.is_set():
            try:
                self.host.get(self.path)
            except (OSError, http.client.HTTPException):
                pass  # it may be cut off: that is what it is there for

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


class GreedyTest(HostTest):
    def with_greedy(self, *options, config=None):
        host = self.host(plugins=(GREEDY, VITALS), options=["workers.threads=4", "http.io_threads=2", *options], config=config)
        return self.begin(host)

    def begin(self, host):
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and (host.process.kill(), host.end()))
        for id in ("greedy", "vitals"):
            host.wait("it has settled", lambda: host.plugin(id)["state"] in ("running", "quarantined", "stuck"))
        return host

    def told(self, host, kind):
        lines = host.control("GET", "/v1/events?from=0").body.decode().splitlines()
        return [event for event in map(json.loads, lines) if event.get("kind") == kind]

    def rung(self, host):
        return host.plugin("greedy")["rung"]

    def why(self, host):
        code, text, _ = host.ctl("why", "greedy")
        self.assertEqual(code, 0)
        return text

    def quarantined(self, host):
        host.wait("it is quarantined", lambda: host.plugin("greedy")["state"] == "quarantined")

    def another_build(self, host):
        """The library with a byte behind its end: another hash, the same code."""
        package = host.plugins / "greedy"
        with open(package / "greedy.so", "ab") as library:
            library.write(b"\0")
        manifest = json.loads((package / "plugin.json").read_text())
        manifest.pop("sha256", None)
        (package / "plugin.json").write_text(json.dumps(manifest))

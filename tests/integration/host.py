"""A running host for a test: its own folders, a free port, a control socket, and short verbs over them."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.parse

BUILD = pathlib.Path(os.environ["REVENGE_BUILD"])
SANITIZED = bool(os.environ.get("REVENGE_SANITIZER"))
PATIENCE = 60  # seconds; a deadline, never a wait


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("control", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Host:
    def __init__(self, root, plugins, options=(), config=None, user=None):
        self.root = pathlib.Path(root)
        self.plugins = self.root / "plugins"
        self.plugins.mkdir(exist_ok=True)
        for package in plugins:
            shutil.copytree(package, self.plugins / package.name, dirs_exist_ok=True)
        self.config = self.root / "revenge.yaml"
        self.config.write_text(config or "")
        self.options = list(options)
        self.environment = {}
        self.more = []
        self.user = user
        self.process = None

    def command(self):
        words = ["setpriv", f"--reuid={self.user}", "--clear-groups"] if self.user else []
        words += [str(BUILD / "bin" / "revenge"), "--config", str(self.config), "--plugins", str(self.plugins)]
        words += self.more
        for kind in ("state", "cache", "run"):
            words += [f"--{kind}", str(self.root / kind)]
        words += ["--set", "http.port=0"]
        for option in self.options:
            words += ["--set", option]
        return words

    def start(self):
        self.log = open(self.root / "log", "ab")
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **self.environment})
        first = self.process.stdout.readline()
        if not first:
            raise AssertionError(f"the host did not start: {self.logged()}")
        self.address = first.split("http://")[1].split()[0]
        self.socket = self.root / "run" / "revenge.sock"
        return self

    def refuse(self):
        """Starts a host that must not start; its exit code and what it says."""
        done = subprocess.run(self.command(), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                              env={**os.environ, **self.environment})
        return done.returncode, done.stderr

    def logged(self):
        return (self.root / "log").read_text(errors="replace")

    def connect(self, timeout=PATIENCE):
        return http.client.HTTPConnection(self.address, timeout=timeout)

    def get(self, path, headers=None, method="GET", timeout=PATIENCE):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def control(self, method, path, body=None):
        connection = UnixConnection(self.socket, PATIENCE)
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def plugin(self, id):
        return self.control("GET", f"/v1/plugins/{id}").json

    def operate(self, verb, id):
        return self.control("POST", f"/v1/plugins/{id}/{verb}")

    def swap(self, id, package):
        return self.control("POST", f"/v1/plugins/{id}/swap?path=" + urllib.parse.quote(str(package)))

    def plan(self, *changes, **more):
        return self.control("POST", "/v1/plan", {"changes": changes, **more})

    def apply(self, *changes, **more):
        return self.control("POST", "/v1/apply", {"changes": changes, **more})

    def ctl(self, *words, text=None, cwd=None):
        """Exit code, standard output and standard error of revengectl."""
        command = [str(BUILD / "bin" / "revengectl"), "--socket", str(self.socket), *map(str, words)]
        done = subprocess.run(command, input=text or "", capture_output=True, text=True, timeout=PATIENCE + 130, cwd=cwd)
        return done.returncode, done.stdout, done.stderr

    @property
    def generation(self):
        return self.control("GET", "/v1/status").json["generation"]

    def wait(self, what, condition, instead=lambda: ""):
        """Until the condition holds; the operating system's clock bounds it, the state decides. `instead`: what is there where it
        does not come to hold."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.01)
        raise AssertionError(f"not within {PATIENCE} s: {what}, {instead()}\n{self.logged()}")

    def wait_logged(self, text):
        """Lines are written a moment after what they tell of."""
        self.wait(f"logged: {text}", lambda: text in self.logged())

    def mapped(self, name):
        """How many different files of that name are mapped."""
        maps = pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()
        return len({line.split()[-1] for line in maps.splitlines() if line.endswith("/" + name)})

    def metric(self, prefix):
        for line in self.get("/metrics").body.decode().splitlines():
            if line.startswith(prefix):
                return float(line.rsplit(" ", 1)[1])
        return None

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self):
        try:
            self.process.wait(PATIENCE + 30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the host did not stop\n{self.logged()}")
        finally:
            self.process.stdout.close()
            self.log.close()
        return self.process.returncode


STREAM = BUILD / "plugins" / "stream"
NEXT_STREAM = BUILD / "swap" / "0.2.0" / "stream"


def misbehaving(id):
    return BUILD / "misbehaving" / id


class HostTest(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="revenge-"))
        self.media = self.root / "media"
        self.media.mkdir()
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def host(self, plugins=(STREAM,), options=(), config=None):
        folders = json.dumps([str(self.media)])
        self.hosts = getattr(self, "hosts", 0) + 1
        root = self.root / f"host{self.hosts}"
        root.mkdir()
        host = Host(root, plugins, [f"plugins.stream.folders={folders}", *options], config)
        return host

    def running(self, *arguments, **named):
        host = self.host(*arguments, **named).start()

        def cleanup():
            if host.process.poll() is None:
                host.process.kill()
                host.end()

        self.addCleanup(cleanup)
        return host

    def film(self, name, size=1000, seed=1):
        content = bytes((seed * 131 + i * 7 + i // 251) % 256 for i in range(min(size, 65536)))
        content = (content * (size // max(len(content), 1) + 1))[:size]
        (self.media / name).write_bytes(content)
        return content

    def library(self, host, count):
        """The listing once the scan has seen `count` files."""
        host.wait(f"{count} files listed", lambda: host.get("/stream").json["total"] == count)
        return {item["name"]: item for item in host.get("/stream").json["items"]}

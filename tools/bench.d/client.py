"""Load, and eyes: wrk for closed loops, h2load for open ones, and a client of ours that looks at every answer."""

import re
import socket
import threading
import time
from dataclasses import dataclass

from process import Failed, run


@dataclass(frozen=True)
class Answer:
    status: int
    fields: tuple  # ((name in lower case, value), ...), in order
    body: bytes

    def field(self, name):
        return next((value for found, value in self.fields if found == name), None)


class Connection:
    """One keep-alive connection that asks and reads whole answers with a Content-Length."""

    def __init__(self, port, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def more(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise ConnectionError("closed before the answer's end")
        return piece

    def get(self, path):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        while b"\r\n\r\n" not in self.held:
            self.held += self.more()
        head, rest = self.held.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        fields = tuple((name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
        answer = Answer(int(lines[0].split()[1]), fields, b"")
        length = int(answer.field("content-length") or 0)
        pieces, have = [rest], len(rest)
        while have < length:
            pieces.append(self.more())
            have += len(pieces[-1])
        whole = b"".join(pieces)
        self.held = whole[length:]
        return Answer(answer.status, fields, whole[:length])


def get(port, path):
    with Connection(port) as connection:
        return connection.get(path)


def wrk(port, path, connections, seconds):
    """Requests done. Every answer must be 2xx and no socket may fail."""
    said = run("wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--timeout", "10s", f"http://127.0.0.1:{port}{path}")
    trouble = re.search(r"(Socket errors: .*|Non-2xx or 3xx responses: .*)", said)
    if trouble:
        raise Failed(f"wrk on {path}: {trouble[1]}")
    return int(re.search(r"(\d+) requests in", said)[1])


@dataclass(frozen=True)
class Load:
    succeeded: int
    failed: int
    percentile: dict  # 50, 99 -> milliseconds


def h2load_command(port, path, clients, seconds, log, rate=None):
    command = ["h2load", "--h1", f"-c{clients}", "-t1", "-m1", f"-D{seconds}", f"--log-file={log}"]
    if rate:
        command.append(f"--rps={max(1, round(rate / clients))}")
    return [*command, f"http://127.0.0.1:{port}{path}"]


def h2load_result(said, log):
    counted = re.search(r"requests: (\d+) total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", said)
    if not counted:
        raise Failed(f"h2load said nothing to count: {said.strip().splitlines()[-1] if said.strip() else ''}")
    _, done, succeeded, failed, errored, timeouts = map(int, counted.groups())
    with open(log) as lines:
        rows = [line.split("\t") for line in lines]
    bad = sum(1 for row in rows if not row[1].startswith("2"))
    taken = sorted(int(row[2]) / 1000 for row in rows)
    if not taken:
        raise Failed("h2load finished no request")
    at = {p: taken[min(len(taken) - 1, len(taken) * p // 100)] for p in (50, 99)}
    return Load(succeeded, max(bad, failed + errored + timeouts), at)


def h2load(port, path, clients, seconds, folder, rate=None):
    log = folder / "h2load.tsv"
    log.unlink(missing_ok=True)
    return h2load_result(run(*h2load_command(port, path, clients, seconds, log, rate)), log)


class Watcher:
    """Asks at a steady pace on a few connections and writes down whatever should not be: a failed request, another
    body, an instance older than one that connection has seen. `path` always answers the same; `instance_path` a number
    that rises with each instance."""

    def __init__(self, port, path, instance_path, connections=4, pause=0.005):
        self.port, self.path, self.instance_path, self.pause = port, path, instance_path, pause
        self.expected = get(port, path).body
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.asked, self.wrong = 0, []
        self.first_seen = {}  # instance -> when
        self.threads = [threading.Thread(target=self.watch) for _ in range(connections)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def newest(self):
        with self.lock:
            return max(self.first_seen, default=0)

    def watch(self):
        while not self.stopping.is_set():
            try:
                with Connection(self.port) as connection:
                    self.watch_one(connection)
            except OSError as reason:
                self.note(f"socket: {reason}")
                self.stopping.wait(0.05)

    def watch_one(self, connection):
        seen = 0
        while not self.stopping.wait(self.pause):
            answer = self.ask(connection, self.path)
            if answer.status == 200 and answer.body != self.expected:
                self.note(f"body {answer.body[:40]!r}")
            answer = self.ask(connection, self.instance_path)
            if answer.status == 200:
                instance = int(answer.body)
                with self.lock:
                    self.first_seen.setdefault(instance, time.monotonic())
                if instance < seen:
                    self.note(f"went back from instance {seen} to {instance}")
                seen = max(seen, instance)

    def ask(self, connection, path):
        answer = connection.get(path)
        with self.lock:
            self.asked += 1
        if answer.status != 200:
            self.note(f"status {answer.status} for {path}")
        return answer

    def note(self, text):
        with self.lock:
            self.wrong.append(text)

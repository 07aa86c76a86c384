"""What clients cost that only hold a connection: 500 that rest behind an answer, and 500 that have asked for a film of 64 MiB and
read nothing of it. Memory is VmRSS over that before, by connection; unsent bytes are the kernel's (tx_queue of /proc/net/tcp),
of the connection with the most. Another eight read fast for a while, which has the kernel's buffers grow, and then nothing."""

import contextlib
import json
import resource
import socket
import time

import client
from figures import Bound, Figure, Sample
from process import Failed, resident_mib
from servers import Host

CLIENTS = 500
FILM = 64 << 20
SMALL = 32 << 10  # the receiving buffer of a slow client: what it holds is not unsent


def connect(port, receiving=SMALL):
    connection = socket.socket()
    if receiving:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receiving)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", port))
    return connection


def head_of(connection):
    """Reads one small piece, which holds a head."""
    said = connection.recv(512)
    if b" 200 " not in said:
        raise Failed(f"the host answers {said!r}")


def unsent(port):
    """Of every established connection of that local port, the bytes that the other side has not taken."""
    with open("/proc/net/tcp") as listed:
        rows = [line.split() for line in listed][1:]
    return [int(row[4].split(":")[0], 16) for row in rows if row[3] == "01" and int(row[1].split(":")[1], 16) == port]


def settled(port):
    """What stands unsent once it grows no more."""
    before = -1
    for _ in range(200):
        now = sum(unsent(port))
        if now == before:
            return unsent(port)
        before = now
        time.sleep(0.1)
    raise Failed("what is unsent does not settle")


@contextlib.contextmanager
def host_with_film(bench):
    media = bench.fresh_folder()
    with open(media / "film.mp4", "wb") as film:
        film.truncate(FILM)
    settings = {"http.access_log": False, "http.body_timeout_s": 600, "http.idle_timeout_s": 600, "plugins.stream.folders": [str(media)]}
    with Host(bench, ["stream"], settings) as host:
        with client.Connection(host.port) as connection:
            until = time.monotonic() + 10
            while not (items := json.loads(connection.get("/stream").body)["items"]) and time.monotonic() < until:
                time.sleep(0.05)
            for _ in range(1000):
                connection.get("/stream")
        yield host, f"/stream/{items[0]['id']}"


def ask(connection, path):
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    head_of(connection)


def stalled(host, film):
    """What stands unsent for clients that stop behind a third of the film."""
    with contextlib.ExitStack() as held:
        for _ in range(8):
            connection, left = held.enter_context(connect(host.port, None)), FILM // 3
            ask(connection, film)
            while left > 0:
                left -= len(connection.recv(min(left, 1 << 20)))
        return settled(host.port)


def connections(bench):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    idle, slow, most, after = [], [], [], []
    for _ in range(3):
        with host_with_film(bench) as (host, film), contextlib.ExitStack() as held:
            for path, samples in (("/health/live", idle), (film, slow)):
                before = resident_mib(host.pid)
                for _ in range(CLIENTS):
                    connection = held.enter_context(connect(host.port))
                    ask(connection, path)
                left = settled(host.port)
                samples.append(Sample((resident_mib(host.pid) - before) * 1024 / CLIENTS))
            most.append(Sample(max(left) / 1024))
        with host_with_film(bench) as (host, film):
            after.append(Sample(max(stalled(host, film)) / 1024))
    yield Figure(f"memory of a connection that rests, of {CLIENTS}", "KiB", idle, (Bound(12),))
    yield Figure(f"memory of a client that reads nothing, of {CLIENTS}", "KiB", slow, (Bound(12),))
    yield Figure("unsent of a client that reads nothing, the most", "KiB", most, (Bound(256),))
    yield Figure("unsent of a client that stops reading, the most", "KiB", after, (Bound(256),))


ROWS = [("connections", connections)]

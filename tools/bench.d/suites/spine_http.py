"""CPU time of a small GET and of a file, against nginx on the same machine in the same minute."""

import hashlib
import json
import time

import client
from figures import Bound, Sample, measure
from process import Failed, cpu_seconds
from servers import BENCH_PLUGIN, COMPARABLE, INLINE, WORKER, Host, Nginx, difference, same_answer

SECONDS = 3  # a side of a pair; 10 ms steps of the CPU clock are then 0.3 %
CONNECTIONS = 64
MIB = 1 << 20


def cpu_per_request(port, pid, path, connections=CONNECTIONS):
    """Microseconds of CPU, all threads of the server, for one request."""
    before = cpu_seconds(pid)
    done = client.wrk(port, path, connections, SECONDS)
    return (cpu_seconds(pid) - before) / done * 1e6


def small_get(path, limit):
    def row(bench):
        with Host(bench, [BENCH_PLUGIN], COMPARABLE) as host:
            ours = client.get(host.port, path)
            with Nginx(bench, same_answer(ours)) as nginx:
                theirs = client.get(nginx.port, "/same")
                if (ours.status, ours.body) != (theirs.status, theirs.body):
                    raise Failed(f"nginx answers {theirs.status} {theirs.body!r}, the host {ours.status} {ours.body!r}")
                for server, route in ((host, path), (nginx, "/same")):
                    client.wrk(server.port, route, CONNECTIONS, 1)

                def pair():
                    return Sample(cpu_per_request(host.port, host.pid, path), cpu_per_request(nginx.port, nginx.pid, "/same"))

                yield measure(f"CPU per GET, {path.rsplit('/', 1)[1]}", "us", pair, (Bound(limit, "ratio"),), note=difference(ours, theirs))

    return row


def stream_path(host):
    """Where the plugin `stream` serves the one file there is, once it has found it."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        items = json.loads(client.get(host.port, "/stream").body)["items"]
        if items:
            return f"/stream/{items[0]['id']}"
        time.sleep(0.05)
    raise Failed("GET /stream lists no file within 10 s")


def bodies_are(expected, port, path, connections=16, rounds=8):
    """A pass of its own, so that hashing costs the measured runs nothing."""
    opened = [client.Connection(port) for _ in range(connections)]
    try:
        for _ in range(rounds):
            for connection in opened:
                answer = connection.get(path)
                if answer.status != 200 or hashlib.sha256(answer.body).hexdigest() != expected:
                    raise Failed(f"{path} on port {port}: {answer.status} with another body")
    finally:
        for connection in opened:
            connection.socket.close()


def file_get(bench):
    media = bench.fresh_folder()
    media.chmod(0o755)
    content = hashlib.shake_256(b"a file that does not compress").digest(MIB)
    (media / "film.mp4").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    with Host(bench, ["stream"], {**COMPARABLE, "plugins.stream.folders": [str(media)]}) as host:
        path = stream_path(host)
        with Nginx(bench, f"    location /film.mp4 {{ root {media}; }}\n") as nginx:
            sides = ((host, path), (nginx, "/film.mp4"))
            for server, route in sides:
                bodies_are(expected, server.port, route)

            def gib_per_cpu_second(server, route):
                return MIB / cpu_per_request(server.port, server.pid, route, connections=16) * 1e6 / (1 << 30)

            def pair():
                return Sample(*(gib_per_cpu_second(server, route) for server, route in sides))

            yield measure("1 MiB file, bytes per CPU second", "GiB/s", pair, (Bound(0.95, "ratio", at_least=True),))
            for server, route in sides:
                bodies_are(expected, server.port, route, rounds=1)


ROWS = [("http.inline", small_get(INLINE, 1.2)), ("http.worker", small_get(WORKER, 1.7)), ("http.file", file_get)]

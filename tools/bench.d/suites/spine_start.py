"""How fast the host is ready, and how much memory it keeps."""

import time

import client
from figures import Bound, Figure, Sample
from process import resident_mib
from servers import COMPARABLE, Host


def settings(bench):
    media = bench.fresh_folder()
    (media / "film.mp4").write_bytes(b"\0" * 4096)
    return {"http.access_log": COMPARABLE["http.access_log"], "plugins.stream.folders": [str(media)]}


def start(bench):
    folder, configured, samples = bench.fresh_folder(), settings(bench), []
    with Host(bench, ["stream"], configured, folder):
        pass  # the verdict on the plugin's hash is known from here on
    for _ in range(30):
        began = time.monotonic()
        with Host(bench, ["stream"], configured, folder):
            samples.append(Sample((time.monotonic() - began) * 1e3))
    yield Figure("exec to ready", "ms", samples, (Bound(60),))


def idle_memory(bench):
    samples = []
    for _ in range(3):
        with Host(bench, ["stream"], settings(bench)) as host:
            with client.Connection(host.port) as connection:
                for _ in range(1000):
                    connection.get("/stream")
            time.sleep(10)
            samples.append(Sample(resident_mib(host.pid)))
    yield Figure("VmRSS, idle after 1000 requests", "MiB", samples, (Bound(28),))


ROWS = [("start", start), ("memory", idle_memory)]

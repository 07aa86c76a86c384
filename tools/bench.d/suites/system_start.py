"""The start of a tree of plugins: 50 nodes, five deep, each requiring one of the level beneath (tests/plugins/tree).

Ours is the time from exec to ready, less that of the same host without plugins. The reference (tests/bench/start) does
for the same 50 libraries, one after the other in one thread, what nobody can leave out: copy, sha256, dlopen, entry,
create, start. It reads no manifest, looks at no ELF header, gives no call a thread and a deadline, and publishes nothing.
The nodes are 14 kB and do nothing in start, so that the first figure is the price of those things alone; with libraries
of the size of a real one (`stream`) copying and hashing weigh as much as they do in use."""

import json
import shutil
import time

import client
from figures import Bound, Sample, measure
from process import Failed, run
from servers import Host, altered, package

NODES = [f"bench-{number}" for number in range(50)]
SETTINGS = {"http.access_log": False}
GOAL = (Bound(1.3, "ratio"),)


def tree(bench, more=0):
    """A folder for a host with all nodes, each library larger by so many bytes."""
    folder = bench.fresh_folder()
    for node in NODES:
        altered(package(bench, node), folder / "plugins" / node, more)
    return folder


def exec_to_ready(bench, plugins, folder):
    began = time.monotonic()
    with Host(bench, plugins, SETTINGS, folder) as host:
        taken = (time.monotonic() - began) * 1e3
        top = client.get(host.port, "/tree/bench-49") if plugins else None
        if top and (top.status != 200 or json.loads(top.body)["nodes"] != 5):
            raise Failed(f"the host is ready, but the top of the tree answers {top.status} {top.body!r}")
    return taken


def in_a_loop(bench, folder):
    libraries = [folder / "plugins" / node / f"{node}.so" for node in NODES]
    own = bench.fresh_folder()
    said = run(bench.program("tests", "bench", "start", "bench_start"), own, *libraries)
    shutil.rmtree(own)
    return json.loads(said)["ms"]


def start(bench):
    size = package(bench, "stream").joinpath("stream.so").stat().st_size
    empty, small, large = bench.fresh_folder(), tree(bench), tree(bench, size)

    def pair(folder):
        return Sample(exec_to_ready(bench, NODES, folder) - exec_to_ready(bench, [], empty), in_a_loop(bench, folder))

    def unknown():
        shutil.rmtree(small / "state", ignore_errors=True)  # with it goes what is known of each hash
        return pair(small)

    exec_to_ready(bench, [], empty)
    yield measure("start of 50 plugins, unknown hashes", "ms", unknown, (), note="each is tried in a child process first")
    yield measure("start of 50 plugins", "ms", lambda: pair(small), GOAL, note="14 kB each")
    exec_to_ready(bench, NODES, large)
    yield measure("start of 50 plugins of real size", "ms", lambda: pair(large), GOAL, note="as large as stream.so")


ROWS = [("tree.start", start)]

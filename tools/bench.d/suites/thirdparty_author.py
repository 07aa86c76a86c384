"""The author's side: from the save of a file to the answer of the new version, by `revenge dev`, the compiler's time apart."""

import os
import re
import time

from client import get
from figures import Bound, Figure, Sample
from process import Child, Failed, run

SAVES = 7


def installed(bench):
    folder = bench.fresh_folder()
    prefix = folder / "prefix"
    run("cmake", "--install", bench.build, "--component", "sdk", "--prefix", prefix)
    run(prefix / "bin" / "revenge", "new", "hello", cwd=folder)
    return prefix, folder / "hello"


class Dev(Child):
    """`revenge dev` with a host of its own; what it says is its log."""

    def __init__(self, prefix, folder, log):
        super().__init__(["env", f"--chdir={folder}", "REVENGE_HTTP__PORT=0", prefix / "bin" / "revenge", "dev", "--host"], log)

    def said(self, pattern):
        return re.findall(pattern, self.log.read_text(errors="replace"))

    def serving(self):
        return len(self.said(r"hello \S+ serving"))


def saved(dev, port, source, text, mark, number):
    source.write_text(text.replace('", "', f'"{mark} "'))
    began = time.monotonic()
    expected = f"Hello{mark} ada".encode()
    dev.wait_until(lambda: get(port, "/hello/ada").body.startswith(expected), "a save", within=60)
    took = time.monotonic() - began
    dev.wait_until(lambda: dev.serving() > number, "its line", within=10)
    return Sample(took - float(dev.said(r"built (\d+\.\d) s")[-1]))


def save_to_served(bench):
    prefix, folder = installed(bench)
    run("cmake", "--preset", "dev", cwd=folder, env={name: value for name, value in os.environ.items() if name != "CMAKE_PREFIX_PATH"})
    source = folder / "greeter.cpp"
    text = source.read_text()
    if '", "' not in text:
        raise Failed("the template greets in another way than this row expects")
    with Dev(prefix, folder, bench.fresh_folder()) as dev:
        dev.wait_until(lambda: dev.serving() == 1, "the first build", within=300)
        port = int(dev.said(r"http://[\d.]+:(\d+)")[0])
        samples = [saved(dev, port, source, text, mark, number + 1) for number, mark in enumerate(";:!?/=%"[:SAVES])]
    yield Figure("save to served, compile apart", "s", samples, (Bound(1),), "the compiler's time is told in tenths of a second")


ROWS = [("save", save_to_served)]

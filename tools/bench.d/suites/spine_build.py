"""How long people wait for the compiler, without a cache, on a copy of the checkout."""

import os
import shutil
import subprocess
import time

from figures import Bound, Figure, Sample
from process import Failed, run


def copy_of_checkout(bench):
    copy = bench.fresh_folder() / "checkout"
    listed = subprocess.run(["git", "-C", bench.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=True).stdout
    for name in listed.decode(errors="surrogateescape").split("\0"):
        if name and (bench.root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(bench.root / name, copy / name)
    return copy


def timed(*command, folder):
    began = time.monotonic()
    run(*command, cwd=folder, env={**os.environ, "CCACHE_DISABLE": "1"}, timeout=3600)
    return Sample(time.monotonic() - began)


def clean(checkout, tests):
    shutil.rmtree(checkout / "build", ignore_errors=True)
    switch = "ON" if tests else "OFF"
    configure = timed("cmake", "--preset", "release", f"-DREVENGE_TESTS={switch}", f"-DREVENGE_BENCH={switch}", folder=checkout)
    return Sample(configure.value + timed("ninja", "-C", "build/release", folder=checkout).value)


def edited(checkout, source):
    with open(checkout / source, "a") as out:
        out.write("\n")
    return timed("ninja", "-C", "build/release", folder=checkout)


def build(bench):
    checkout = copy_of_checkout(bench)
    sources = sorted((checkout / "plugins").glob("*/plugin.cpp"))
    if not sources:
        raise Failed("no plugin to edit below plugins/")
    yield Figure("clean release build", "s", [clean(checkout, tests=False)], (Bound(240),))
    yield Figure("one plugin after an edit", "s", [edited(checkout, sources[0]) for _ in range(7)], (Bound(10),), sources[0].parent.name)
    yield Figure("nothing to do", "s", [timed("ninja", "-C", "build/release", folder=checkout) for _ in range(7)], (Bound(2),))
    yield Figure("clean release build with tests", "s", [clean(checkout, tests=True)], (Bound(360),))


ROWS = [("build", build)]

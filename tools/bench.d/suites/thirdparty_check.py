"""`revenge check` on what is shipped: how long an author waits for it, with nothing else to do for the machine."""

import json
import subprocess

from figures import Bound, Figure, Sample
from process import Failed

TIMES = 5
GOAL = 20


def checked(program, package):
    done = subprocess.run([program, "--json", package], capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{package.name} is not clean: exit code {done.returncode}, {done.stderr or done.stdout[:400]}")
    return json.loads(done.stdout)


def check(bench):
    program = bench.program("bin", "revenge-check")
    packages = sorted(path.parent for path in (bench.build / "plugins").glob("*/plugin.json"))
    if not packages:
        raise Failed("no plugin below plugins/ is built")
    for package in packages:
        reports = [checked(program, package) for _ in range(TIMES)]
        samples = [Sample(report["seconds"]) for report in reports]
        slowest = max(reports[-1]["rows"], key=lambda row: row["seconds"])
        yield Figure(f"check of {package.name}", "s", samples, (Bound(GOAL),),
                     f"of {len(reports[-1]['rows'])} rows the longest is {slowest['id']}, {slowest['seconds']:.1f} s")


ROWS = [("check", check)]

"""The zoo of misbehaving plugins: whether each is survived as its catalogue says. The tests are the measure: this runs and counts
them."""

import os
import re
import subprocess
import sys

from figures import Bound, Figure, Sample
from process import Failed

AT_LEAST = 60


def catalogue(bench):
    """The members that there are."""
    folder = str(bench.root / "tests" / "zoo")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import members

    return members


def survived(bench):
    members = catalogue(bench)
    groups = [f"test_zoo.{group.capitalize()}" for group in members.GROUPS]
    done = subprocess.run([sys.executable, "-m", "unittest", "-v", *groups], cwd=bench.root / "tests" / "integration",
                          capture_output=True, text=True, timeout=1800, stdin=subprocess.DEVNULL,
                          env={**os.environ, "REVENGE_BUILD": str(bench.build), "REVENGE_SANITIZER": "", "PYTHONDONTWRITEBYTECODE": "1"})
    there = len(members.every())
    as_said = len(re.findall(r"^test_\w+ \(.*\) \.\.\. ok$", done.stderr, re.M))
    if there < AT_LEAST:
        raise Failed(f"the zoo has {there} members, expected at least {AT_LEAST}")
    missed = re.findall(r"^(?:FAIL|ERROR): test_(\w+)", done.stderr, re.M)
    yield Figure("misbehaviours survived as specified", f"of {there}", [Sample(as_said)], (Bound(there, at_least=True),),
                 f"not: {', '.join(missed)}" if missed else "each beside a plugin that answers throughout")


ROWS = [("zoo", survived)]

"""Plugins that take the host down, again and again, a member of the zoo at random each time: whether the next start knows whose
fault it was, and how long it takes."""

import json
import random
import socket
import time

import client
from figures import Bound, Figure, Sample
from process import Failed, run
from servers import COMPARABLE, Host
from suites.thirdparty_zoo import catalogue

CYCLES = 200
NEIGHBOUR = "stream"
# As many as it takes: a quarantine would end the row.
SETTINGS = {"http.access_log": COMPARABLE["http.access_log"], "crashes.limit": 100, "crashes.window_s": 1}


def started(bench, folder):
    began = time.monotonic()
    host = Host(bench, [NEIGHBOUR], SETTINGS, folder)
    return host, (time.monotonic() - began) * 1e3


def quietly(deed, *words):
    """What is asked of a host that ends meanwhile."""
    try:
        deed(*words)
    except (OSError, Failed):
        pass


def control(host, *words):
    run(host.control, "--socket", host.socket, *words, timeout=60)


def listens(path):
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def provoke(bench, host, member):
    host.wait_until(lambda: listens(host.socket), "the control socket")  # opened a moment after the other one
    quietly(host.swap, member.id, bench.program(*member.built.split("/")))
    for word, *_ in member.deeds:
        if word in ("get", "get-dead"):
            quietly(client.get, host.port, f"/zoo/{member.id}")
        elif word == "disable-dead":
            quietly(control, host, "disable", member.id)


def crash(bench, host, member):
    provoke(bench, host, member)
    try:
        host.process.wait(20)
    except Exception:
        raise Failed(f"the host lives on with '{member.name}': {host.last_words()}") from None


def forget(folder):
    """The member goes with the crash: what is measured is the start of the same plugins as without one."""
    (folder / "state" / "desired").unlink(missing_ok=True)


def cycles(bench):
    deadly = [member for member in catalogue(bench).every() if member.dies]
    folder, chance = bench.fresh_folder(), random.Random(7)
    plain = []
    for _ in range(15):
        host, took = started(bench, folder)
        plain.append(took)
        host.stop()
    reference = sorted(plain)[len(plain) // 2]
    samples, right, wrong = [], 0, set()
    host, _ = started(bench, folder)
    for _ in range(CYCLES):
        member = chance.choice(deadly)
        crash(bench, host, member)
        forget(folder)
        host, took = started(bench, folder)
        samples.append(Sample(took, reference))
        last = json.loads((folder / "state" / "crashes" / "history.json").read_text())["crashes"][-1]
        if last["plugin"] == (member.id if member.blames else ""):
            right += 1
        else:
            wrong.add(member.name)
    host.stop()
    unknown = ", ".join(sorted(member.name for member in deadly if not member.blames))
    yield Figure("the right culprit", f"of {CYCLES}", [Sample(right)], (Bound(CYCLES, at_least=True),),
                 f"wrong: {', '.join(sorted(wrong))}" if wrong else f"{len(deadly)} members; nobody is to blame for {unknown}")
    yield Figure("start after a crash", "ms", samples, (Bound(2, "ratio"),), "the median start without one")


ROWS = [("crashes", cycles)]

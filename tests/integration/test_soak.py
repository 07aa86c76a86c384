"""A tree of twelve plugins of three kinds under calls through all of them, while swaps, rollbacks, sets, switching off
and on, refused configurations and misbehaving versions come at random. REVENGE_SEED repeats a run; REVENGE_LONG takes
ten minutes."""

import collections
import contextlib
import os
import pathlib
import random
import re
import threading
import time
import unittest

from host import SANITIZED, HostTest
from soak_clients import Scanner, Trader, Walker, Watcher, Writer
from soak_model import OFF, Model
from soak_tree import BENEATH, MISBEHAVING, STORE_KINDS, TREE, VERSIONS, package
from store_pair import query, store

SECONDS = float(os.environ.get("REVENGE_SOAK_S", 600 if os.environ.get("REVENGE_LONG") else 30))


class Soak(HostTest):
    FILL = 300  # KiB, and keys

    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("REVENGE_SEED") or random.SystemRandom().getrandbits(32))
        print(f"REVENGE_SEED={seed}", flush=True)
        self.random = random.Random(seed)
        self.wrong = []
        self.ending = threading.Event()
        self.clients = []
        self.done = collections.Counter()
        self.told = collections.deque(maxlen=8)  # what was done last
        self.lock = threading.Lock()
        self.least = self.most = 0  # visits the store must and may have counted since it began anew
        self.anew_from = self.anew_until = 0.0
        self.asleep = {}  # id -> what it serves when it is on again
        self.wanted = set()  # of those, switched on and waiting for what they need

    def visited(self, begin, end, least, most):
        with self.lock:
            self.least += least if begin > self.anew_until else 0
            self.most += most if end > self.anew_from else 0

    def begin(self):
        self.host = self.running(
            plugins=[package(id, "1.0.0") for id in BENEATH],
            options=["workers.threads=24", f"plugins.store.fill_kib={self.FILL}", "log.level=warning"])
        for id in BENEATH:
            self.host.wait(f"{id} runs", lambda id=id: self.host.plugin(id)["state"] == "running")
        self.model = Model(BENEATH, {id: ("1.0.0", 1) for id in BENEATH})
        self.previous = {}  # id -> what it served before the last swap, and from which folder
        self.folder = {id: self.host.plugins / id for id in BENEATH}
        makers = [lambda: Walker(self), lambda: Walker(self), lambda: Writer(self, "reader"),
                  lambda: Writer(self, "reader-c"), lambda: Trader(self), lambda: Scanner(self), lambda: Watcher(self)]
        for make in makers:
            self.clients.append(make())

    # What is thrown at it. Each says what it did, and checks what the host said.

    def change(self, changes, act, expect=None):
        """`changes`: id -> (version, weight) or OFF once it came true. `act` answers the host's answer. `expect`: True,
        False, or None when both are right."""
        generation = self.host.generation
        self.model.begin(changes)
        answer = act()
        came_true = answer.status == 200
        self.told.append(f"{changes}: {answer.status} {answer.body[:300].decode()}")
        self.model.end(changes if came_true else ())
        if expect is not None and came_true != expect:
            self.wrong.append(f"{changes}: {answer.status} {answer.body!r}")
        if not came_true and self.steady and self.host.generation != generation:
            self.wrong.append(f"{changes} refused ({answer.body!r}), and another generation runs")
        return came_true

    @property
    def steady(self):
        """Everything is on: nothing comes or goes by itself."""
        return all(self.model.now(id) is not OFF for id in BENEATH)

    def sure(self, id):
        """A good change of it succeeds: it and all beneath it are on. Else either may be right."""
        return True if all(self.model.now(each) is not OFF for each in self.model.closure(id)) else None

    def wish(self, id):
        """A good change of one plugin, for a set: what it makes of it, its folder, and the words of the plan."""
        version = "1.0.0" if id == "reader-c" else self.random.choice(VERSIONS)
        folder = package(id, version)
        if id == "store":
            folder = store(self.random.choice(STORE_KINDS) + version)
        weight = self.model.now(id)[1]
        words = {"plugin": id, "swap": str(folder)}
        if id in TREE and self.random.random() < 0.5:
            weight = self.random.randint(1, 9)
            words["config"] = {"weight": weight}
        return (version, weight), folder, words

    def on(self):
        return [id for id in BENEATH if self.model.now(id) is not OFF]

    def swap(self):
        id = self.random.choice(self.on())
        self.apply({id: self.wish(id)})

    def apply(self, wishes):
        """`wishes`: id -> what wish() answers."""
        before = {id: (self.model.now(id), self.folder[id]) for id in wishes}
        sure = all(self.sure(id) for id in wishes) or None
        changes = {id: serves for id, (serves, _, _) in wishes.items()}
        if not self.change(changes, lambda: self.host.apply(*(words for _, _, words in wishes.values())), sure):
            return
        for id, (_, folder, _) in wishes.items():
            if folder != self.folder[id]:
                self.previous[id], self.folder[id] = before[id], folder

    def set_of_several(self):
        ids = self.random.sample(self.on(), min(len(self.on()), self.random.randint(2, 5)))
        self.apply({id: self.wish(id) for id in ids})

    def set_with_one_that_fails(self):
        nodes = [id for id in self.on() if id in TREE]
        ids = self.random.sample(nodes, min(len(nodes), 3))
        if not ids:
            return
        words = [self.wish(id)[2] for id in ids]
        words[-1]["config"] = {"weight": 0}
        self.change({id: ("none", 0) for id in ids}, lambda: self.host.apply(*words), False)

    def rollback(self):
        id = self.random.choice(self.on())
        if id not in self.previous:
            self.change({id: ("none", 0)}, lambda: self.host.operate("rollback", id), False)
            return
        before = self.model.now(id), self.folder[id]
        if self.change({id: self.previous[id][0]}, lambda: self.host.operate("rollback", id), self.sure(id)):
            self.folder[id] = self.previous[id][1]
            self.previous[id] = before

    def reload(self):
        id = self.random.choice(self.on())
        self.change({id: self.model.now(id)}, lambda: self.host.operate("reload", id), self.sure(id))

    def refused_configuration(self):
        id = self.random.choice(list(TREE))
        words = {"plugin": id, "reload": True, "config": self.random.choice([{"weight": 99}, {"wait": 1}, {"weight": "x"}])}
        self.change({id: ("none", 0)}, lambda: self.host.apply(words), False)

    def misbehaving_version(self):
        if self.model.now("store") is OFF:
            return
        folder = self.random.choice(STORE_KINDS) + self.random.choice(MISBEHAVING)
        self.change({"store": ("none", 0)}, lambda: self.host.swap("store", store(folder)), False)

    def stale_or_only_looked_at(self):
        id = self.random.choice(self.on())
        serves, _, words = self.wish(id)
        if self.random.random() < 0.5:
            generation = self.host.generation
            self.host.plan(words)
            if self.steady and self.host.generation != generation:
                self.wrong.append("a plan made a generation")
        else:
            self.change({id: ("none", 0)}, lambda: self.host.apply(words, generation=self.host.generation + 1), False)

    def switch_off(self):
        id = self.random.choice(self.on())
        was = self.model.now(id)
        if self.change({id: OFF}, lambda: self.host.operate("disable", id), True):
            self.asleep[id] = was

    def switch_on(self):
        """And with it whoever waited for it."""
        off = [id for id in self.asleep if id not in self.wanted]
        if not off:
            return
        id = self.random.choice(off)
        self.wanted.add(id)
        awake = set(self.on())
        waking = {each for each in self.wanted if self.model.closure(each) <= awake | self.wanted}
        if "store" in waking:
            with self.lock:
                self.anew_from, self.most = time.monotonic(), 0
        self.model.begin({each: self.asleep[each] for each in waking})
        answer = self.host.operate("enable", id)
        waits = id not in waking and answer.status == 503 and f"plugin '{id}' waits" in answer.body.decode()
        if answer.status != 200 and not waits:
            self.wrong.append(f"enable {id}: {answer.status} {answer.body!r}")
        for each in sorted(waking):
            self.host.wait(f"{each} runs", lambda each=each: self.host.plugin(each)["state"] == "running")
        self.model.end(waking)
        self.wanted -= waking
        for each in waking:
            del self.asleep[each]
        if "store" in waking:
            with self.lock:
                self.anew_until, self.least = time.monotonic(), 0

    OPERATIONS = {swap: 8, set_of_several: 6, set_with_one_that_fails: 2, rollback: 4, reload: 3, refused_configuration: 2,
                  misbehaving_version: 3, stale_or_only_looked_at: 2, switch_off: 2, switch_on: 3}

    def operate(self):
        if len(self.on()) < 9:
            return self.switch_on()
        operation = self.random.choices(list(self.OPERATIONS), list(self.OPERATIONS.values()))[0]
        operation(self)
        self.done[operation.__name__] += 1
        if not self.steady:
            return
        shown = {plugin["id"]: (plugin["version"], plugin["state"]) for plugin in self.host.control("GET", "/v1/plugins").json["plugins"]}
        for id in BENEATH:
            if shown[id] != (self.model.now(id)[0], "running"):
                self.wrong.append(f"after {operation.__name__}: {id} is shown as {shown[id]}, not {self.model.now(id)}")

        return None

    # What must be as it was.

    def settle(self):
        """Everything on and in its first version, and nothing left of the others."""
        while self.asleep:
            self.switch_on()
        for id in BENEATH:
            folder = package(id, "1.0.0")
            words = {"plugin": id, "swap": str(folder), "config": self.config(id)}
            self.apply({id: (("1.0.0", 1), folder, words)})
        for id in BENEATH:
            self.host.wait(f"one {id}", lambda id=id: len(self.host.plugin(id)["instances"]) == 1)
            library = f"{id}.so"
            self.host.wait(f"one {library} mapped", lambda library=library: self.host.mapped(library) == 1)

    def config(self, id):
        return {"weight": 1} if id in TREE else {"fill_kib": self.FILL} if id == "store" else {}

    def descriptors(self):
        """The watcher's connections come and go: the least of some looks."""
        return min(len(list(pathlib.Path(f"/proc/{self.host.process.pid}/fd").iterdir())) for _ in range(20))

    def kinds(self):
        """What the descriptors are, and how many of each."""
        kinds = collections.Counter()
        for each in pathlib.Path(f"/proc/{self.host.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                kinds[re.sub(r"\d{3,}|run-\w+/\d+", "N", os.readlink(each))] += 1
        return kinds

    def resources(self):
        process = pathlib.Path("/proc") / str(self.host.process.pid)
        status = (process / "status").read_text()
        plugins = self.host.control("GET", "/v1/plugins").json["plugins"]
        registrations = {plugin["id"]: plugin["instances"][0]["registrations"] for plugin in plugins}
        for counts in registrations.values():
            del counts["jobs done"]
        return {"descriptors": self.descriptors(),
                "threads": int(re.search(r"Threads:\s*(\d+)", status)[1]),
                "maps": len((process / "maps").read_text().splitlines()),
                "registrations": registrations,
                "loads": max(plugin["instances"][0]["load"] for plugin in plugins),
                "resident": int(re.search(r"VmRSS:\s*(\d+)", status)[1])}

    def test_nothing_fails_that_the_policies_do_not_allow_and_nothing_leaks(self):
        self.begin()
        for client in self.clients:
            client.start()
        try:
            self.settle()
            until = time.monotonic() + SECONDS
            warm = None
            while time.monotonic() < until and not self.wrong:
                self.operate()
                if warm is None and time.monotonic() > until - 0.7 * SECONDS:
                    self.settle()
                    warm = self.resources()
                    kinds = self.kinds()
            if not self.wrong:
                self.settle()
                self.host.wait("no more descriptors", lambda: self.descriptors() <= warm["descriptors"],
                               lambda: f"{self.kinds() - kinds} more than {warm['descriptors']}")
                after = self.resources()
        finally:
            self.ending.set()
            for client in self.clients:
                client.join()
        self.maxDiff = None
        self.assertEqual(self.wrong[:5], [], "\n".join([str(dict(self.done)), *self.told]) + self.host.logged()[-3000:])
        print(dict(self.done), sum((client.answered for client in self.clients), collections.Counter()), after["resident"] - warm["resident"], after["loads"], flush=True)
        for client in self.clients:
            if isinstance(client, Writer):
                self.assertEqual(self.host.get(query("/reader/get", key=client.key)).body.decode(), str(client.value), client.key)
        counted = int(self.host.get(query("/reader/get", key="visits")).body)
        self.assertGreaterEqual(counted, self.least)
        self.assertLessEqual(counted, self.most)
        for kind in ("threads", "registrations") + (() if SANITIZED else ("maps",)):  # a sanitizer maps as it likes
            self.assertEqual(after[kind], warm[kind], kind)
        if not SANITIZED:  # what late calls of each load may still ask for stays: less than 1 KiB
            grown, loads = after["resident"] - warm["resident"], after["loads"] - warm["loads"]
            # Beside it the allocator's own, for each thread that came to need an arena: as much after few loads as after many.
            self.assertLess(grown, 8 * 1024 + loads, f"KiB more in memory after {loads} loads")
        self.assertEqual(self.host.stop(), 0, self.host.logged())


if __name__ == "__main__":
    unittest.main()

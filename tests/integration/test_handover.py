"""Swaps of a plugin with state: nothing written is lost, nobody is refused, and a step that fails leaves the old one
serving with everything."""

import hashlib
import json
import shutil
import threading
import time
import unittest

from host import SANITIZED
from store_pair import NEXT_READER, PairTest, READER, READER_C, query, store

TURNS = 5 if SANITIZED else 20
PHASES = ("create", "restore", "start", "health")


STRICT = {"type": "object", "properties": {"fill_kib": {"type": "integer", "minimum": 2}}}


def edited(folder, **changes):
    manifest = json.loads((folder / "plugin.json").read_text())
    (folder / "plugin.json").write_text(json.dumps({**manifest, **changes}))


def altered(library, manifest):
    edited(manifest.parent, sha256=hashlib.sha256(library.read_bytes()).hexdigest())
    with open(library, "ab") as file:
        file.write(b"x")


class Writers:
    """Add 1 to counters of their own, as fast as they are answered, and keep what each answer said."""

    def __init__(self, host, routes=("/reader/add", "/reader/add", "/reader-c/add")):
        self.host = host
        self.refused = []
        self.counted = [0] * len(routes)
        self.longest = 0.0
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=item) for item in enumerate(routes)]
        for thread in self.threads:
            thread.start()

    def run(self, index, route):
        connection = self.host.connect()
        try:
            while not self.ending.is_set():
                began = time.monotonic()
                connection.request("GET", query(route, key=f"writer{index}", by=1))
                response = connection.getresponse()
                body = response.read()
                self.longest = max(self.longest, time.monotonic() - began)
                if response.status != 200:
                    self.refused.append((response.status, body))
                    continue
                self.counted[index] += 1
                if int(body) != self.counted[index]:
                    self.refused.append((index, "expected", self.counted[index], "got", body))
                    self.counted[index] = int(body)
        except Exception as failure:  # a broken connection is a refused write
            self.refused.append(repr(failure))
        finally:
            connection.close()

    def go_on(self):
        """Until each has been answered some more."""
        seen = list(self.counted)
        self.host.wait("writers go on", lambda: self.refused or all(n > s + 2 for n, s in zip(self.counted, seen)))

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        return sum(self.counted)


class HandoverTest(PairTest):
    KIND = ""  # of packages: overlap

    def package(self, name):
        return store(self.KIND + name)

    def started(self, folder="1.0.0", **named):
        return self.pair(self.KIND + folder, readers=(READER, READER_C), **named)

    def counters(self, host, count=3):
        return [int(self.ask(host, "/reader/get", key=f"writer{index}")) for index in range(count)]

    def settled(self, host):
        host.wait("one store is mapped", lambda: host.mapped("store.so") == 1)
        host.wait("one instance", lambda: len(host.plugin("store")["instances"]) == 1)


class Succeeds:
    """For both modes."""

    def test_no_write_is_refused_or_lost_while_versions_alternate(self):
        host = self.started()
        writers = Writers(host)
        for turn in range(TURNS):
            answer = host.swap("store", self.package("2.0.0" if turn % 2 == 0 else "1.0.0"))
            self.assertEqual(answer.status, 200, answer.body)
            writers.go_on()
        writers.end()
        self.assertEqual(writers.refused, [])
        self.assertEqual(self.counters(host), writers.counted)
        self.settled(host)
        self.assertEqual(host.stop(), 0)

    def test_all_of_the_state_moves(self):
        host = self.started(options=["plugins.store.fill_kib=64"])
        token = self.ask(host, "/reader/subscribe", prefix="n")
        self.ask(host, "/reader/loader", prefix="l/")
        self.ask(host, "/reader/add", key="n", by=7)
        before = self.info(host)
        self.assertEqual(host.swap("store", self.package("2.0.0")).status, 200)
        self.assertEqual(self.info(host), before | {"version": "2.0.0"})
        self.assertEqual(self.ask(host, "/reader/add", key="n", by=1), "8")
        self.assertEqual(self.ask(host, "/reader/events"), "n=7\nn=8\n")
        self.assertEqual(self.ask(host, "/reader/get", key="l/1"), "loaded:l/1")
        self.ask(host, "/reader/unsubscribe", token=token)
        self.assertEqual(self.info(host)["subscriptions"], 0)

    def test_the_way_back_keeps_what_was_written_since(self):
        host = self.started()
        self.ask(host, "/reader/add", key="n", by=1)
        self.assertEqual(host.swap("store", self.package("2.0.0")).status, 200)
        self.ask(host, "/reader/add", key="n", by=1)
        self.assertEqual(host.operate("rollback", "store").json["to"], "1.0.0")
        self.assertEqual(self.ask(host, "/reader/add", key="n", by=1), "3")

    def test_a_subscriber_that_is_called_by_the_store_it_called_holds_nothing_up(self):
        host = self.started()
        self.ask(host, "/reader/subscribe", prefix="writer")
        writers = Writers(host)
        for version in ("2.0.0", "1.0.0", "2.0.0"):
            self.assertEqual(host.swap("store", self.package(version)).status, 200)
            writers.go_on()
        total = writers.end()
        self.assertEqual(writers.refused, [])
        self.assertEqual(len(self.ask(host, "/reader/events").splitlines()), total)

    def test_a_consumer_that_changes_with_its_provider_loses_no_write(self):
        host = self.started()
        writers = Writers(host)
        for turn in range(TURNS):
            number = turn % 2
            answer = host.apply({"plugin": "store", "swap": str(self.package(("2.0.0", "1.0.0")[number]))},
                                {"plugin": "reader", "swap": str((NEXT_READER, READER)[number])})
            self.assertEqual(answer.status, 200, answer.body)
            writers.go_on()
        writers.end()
        self.assertEqual(writers.refused, [])
        self.assertEqual(self.counters(host), writers.counted)
        self.settled(host)


class Fails:
    """For both modes: the swap fails, and nobody noticed."""

    def fails_and_nobody_noticed(self, host, package, *words):
        self.ask(host, "/reader/subscribe", prefix="n")
        self.ask(host, "/reader/add", key="n", by=1)
        writers = Writers(host)
        for _ in range(2):
            answer = host.swap("store", package)
            self.assertGreaterEqual(answer.status, 400, answer.body)
            for word in words:
                self.assertIn(word, answer.json["error"]["message"])
            writers.go_on()
        writers.end()
        self.assertEqual(writers.refused, [])
        self.assertEqual(self.counters(host), writers.counted)
        self.assertEqual(self.info(host)["version"], "1.0.0")
        self.assertFalse(self.info(host)["sealed"])
        self.assertEqual(self.ask(host, "/reader/add", key="n", by=1), "2")
        self.assertEqual(self.ask(host, "/reader/events"), "n=1\nn=2\n")
        view = host.plugin("store")
        self.assertEqual((view["version"], view["state"]), ("1.0.0", "running"))
        self.assertEqual(host.swap("store", self.package("2.0.0")).status, 200)
        self.assertEqual(self.ask(host, "/reader/add", key="n", by=1), "3")
        self.settled(host)
        self.assertEqual(host.stop(), 0)

    def test_in_every_phase_of_the_new_one(self):
        for phase in PHASES:
            with self.subTest(phase=phase):
                self.fails_and_nobody_noticed(self.started(), self.package(f"fails-{phase}"), f"{phase}()")

    def test_in_the_publication(self):
        self.fails_and_nobody_noticed(self.started(), self.package("fails-publish"), "registered it twice")

    def test_in_what_the_host_does_before_it_loads(self):
        for name, words, spoil in (("no such folder", "", shutil.rmtree),
                                   ("manifest", "plugin.json", lambda folder: (folder / "plugin.json").write_text("{")),
                                   ("library", "sha256", lambda folder: altered(folder / "store.so", folder / "plugin.json")),
                                   ("not an ELF file", "store.so", lambda folder: (folder / "store.so").write_text("x" * 5000)),
                                   ("identity", "rebuild", lambda folder: edited(folder, version="2.0.1")),
                                   ("configuration", "fill_kib", lambda folder: edited(folder, config=STRICT)),
                                   ("state", "", lambda folder: edited(folder, swap={"mode": "overlap", "state": "none"}))):
            with self.subTest(name):
                folder = self.root / "spoiled" / name / "store"
                shutil.copytree(self.package("2.0.0"), folder)
                spoil(folder)
                self.fails_and_nobody_noticed(self.started(options=["plugins.store.fill_kib=1"]), folder, words)

    def test_without_a_place_for_the_private_copy(self):
        host = self.started()
        private = next((host.root / "cache").rglob("run-*"))
        away = private.rename(private.with_name("away"))
        answer = host.swap("store", self.package("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.assertEqual(self.info(host)["version"], "1.0.0")
        away.rename(private)
        self.assertEqual(host.swap("store", self.package("2.0.0")).status, 200)

    def test_in_the_save_of_the_old_one(self):
        self.fails_and_nobody_noticed_in_save(self.started("fails-save"))

    def fails_and_nobody_noticed_in_save(self, host):
        writers = Writers(host)
        answer = host.swap("store", self.package("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.assertIn("save()", answer.json["error"]["message"])
        writers.go_on()
        writers.end()
        self.assertEqual(writers.refused, [])
        self.assertEqual(self.counters(host), writers.counted)
        self.assertEqual(host.plugin("store")["state"], "running")
        self.assertEqual(host.stop(), 0)


class Overlap(Succeeds, Fails, HandoverTest):
    def test_a_version_that_does_not_read_the_state_is_refused_both_ways(self):
        host = self.started()
        self.fails_and_nobody_noticed(host, store("incompatible"), "3.0.0 does not read the state of 1.0.0")
        host = self.pair("incompatible", readers=(READER, READER_C))
        answer = host.swap("store", store("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.assertEqual(self.info(host)["version"], "3.0.0")
        self.assertEqual(self.ask(host, "/reader/add", key="n", by=1), "1")

    def test_a_save_beyond_the_bound_is_a_failed_swap(self):
        host = self.started("slow-save")
        writers = Writers(host)
        answer = host.swap("store", store("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        writers.go_on()
        writers.end()
        self.assertEqual(self.counters(host), writers.counted)
        self.assertEqual(self.info(host)["version"], "1.0.0")
        host.wait("it is open again", lambda: not self.info(host)["sealed"])
        self.ask(host, "/reader/add", key="n", by=1)

    def test_a_call_inside_beyond_the_bound_is_a_failed_swap(self):
        host = self.started()
        held = self.later(host, "/reader/hold", ms=3500)
        host.wait("a lease is held", lambda: self.info(host)["leases"] == 1)
        answer = host.swap("store", store("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.assertEqual(self.info(host)["version"], "1.0.0")
        self.ask(host, "/reader/add", key="n", by=1)
        self.assertEqual(held().status, 200)
        self.assertEqual(host.swap("store", store("2.0.0")).status, 200)
        self.assertEqual(self.ask(host, "/reader/get", key="n"), "1")

    def test_a_lease_alone_holds_no_handover_up(self):
        host = self.started()
        transaction = self.later(host, "/reader/transaction", a="1", b="2", hold_ms=800)
        host.wait("a lease is held", lambda: self.info(host)["leases"] == 1)
        self.assertEqual(host.swap("store", store("2.0.0")).status, 200)
        self.assertEqual(self.info(host)["version"], "2.0.0")
        self.assertEqual(transaction().status, 503)
        self.settled(host)


class Exclusive(Succeeds, Fails, HandoverTest):
    KIND = "exclusive-"

    def test_what_comes_while_it_is_held_is_answered_by_the_new_one(self):
        host = self.started("slow-save")
        writers = Writers(host)
        began = time.monotonic()
        self.assertEqual(host.swap("store", self.package("2.0.0")).status, 200)
        self.assertGreater(time.monotonic() - began, 1)
        writers.go_on()
        writers.end()
        self.assertEqual(writers.refused, [])
        self.assertGreater(writers.longest, 0.5)
        self.assertEqual(self.counters(host), writers.counted)

    def test_a_lease_that_does_not_end_is_a_failed_swap(self):
        host = self.started()
        transaction = self.later(host, "/reader/transaction", a="1", b="2", hold_ms=9000)
        host.wait("a lease is held", lambda: self.info(host)["leases"] == 1)
        answer = host.swap("store", self.package("2.0.0"))
        self.assertGreaterEqual(answer.status, 400, answer.body)
        self.assertEqual(self.info(host)["version"], "1.0.0")
        self.ask(host, "/reader/add", key="n", by=1)
        self.assertEqual(transaction().status, 200)
        self.assertEqual(self.ask(host, "/reader/get", key="a"), "1")


if __name__ == "__main__":
    unittest.main()

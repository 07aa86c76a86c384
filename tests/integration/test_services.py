"""A provider and its consumers on the real host: every form a service has, and what is left of it when one side goes."""

import json
import shutil
import threading
import unittest

from store_pair import HASTY_READER, NEXT_READER, OPTIONAL_READER, PairTest, READER, READER_C, query, store


class EveryForm(PairTest):
    def test_plain_calls_reach_the_store_and_their_failures_come_back(self):
        host = self.pair()
        self.assertEqual(self.ask(host, "/reader/put", key="a", value="1"), "ok")
        self.assertEqual(self.ask(host, "/reader/get", key="a"), "1")
        self.assertEqual(self.ask(host, "/reader/add", key="a", by=41), "42")
        self.assertIn("no key 'none'", self.ask(host, "/reader/get", 404, key="none"))
        self.assertIn("expected a text", self.ask(host, "/reader/put", 400, key="", value="1"))
        self.assertEqual(host.get("/reader/get?key=a").headers["x-reader"], "reader/1.0.0")

    def test_a_reader_uses_the_store_in_its_start(self):
        host = self.pair()
        self.assertEqual(self.ask(host, "/reader/get", key="reader/started"), "1.0.0")

    def test_counters_of_many_clients_add_up(self):
        host = self.pair()

        def count():
            for _ in range(50):
                self.ask(host, "/reader/add", key="n", by=1)

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.ask(host, "/reader/get", key="n"), "200")

    def test_a_transaction_is_committed_whole_or_not_at_all(self):
        host = self.pair()
        self.assertEqual(self.ask(host, "/reader/transaction", a="1", b="2", rollback="1"), "a=1\nb=2\n")
        self.ask(host, "/reader/get", 404, key="a")
        self.ask(host, "/reader/transaction", a="3", b="4")
        self.assertEqual(self.ask(host, "/reader/get", key="a"), "3")
        self.assertEqual(self.ask(host, "/reader/get", key="b"), "4")

    def test_a_call_may_stay_inside_the_store(self):
        host = self.pair()
        held = self.later(host, "/reader/hold", ms=200)
        host.wait("a lease is held", lambda: self.info(host)["leases"] == 1)
        self.ask(host, "/reader/put", key="a", value="1")
        self.assertEqual(held().status, 200)
        self.assertEqual(self.info(host)["leases"], 0)

    def test_a_subscriber_hears_changes_until_it_unsubscribes(self):
        host = self.pair()
        token = self.ask(host, "/reader/subscribe", prefix="a")
        for key in ("a1", "b", "a2"):
            self.ask(host, "/reader/put", key=key, value="x")
        self.assertEqual(self.ask(host, "/reader/events"), "a1=x\na2=x\n")
        self.ask(host, "/reader/unsubscribe", token=token)
        self.ask(host, "/reader/unsubscribe", 404, token=token)
        self.ask(host, "/reader/put", key="a3", value="x")
        self.assertEqual(self.ask(host, "/reader/events"), "a1=x\na2=x\n")

    def test_a_loader_is_asked_for_what_is_missing(self):
        host = self.pair()
        self.ask(host, "/reader/loader", prefix="l/")
        self.assertEqual(self.ask(host, "/reader/get", key="l/1"), "loaded:l/1")
        self.ask(host, "/reader/get", 404, key="m/1")
        self.ask(host, "/reader/put", key="l/1", value="own")
        self.assertEqual(self.ask(host, "/reader/get", key="l/1"), "own")

    def test_a_scan_streams_every_key_once_in_order(self):
        host = self.pair(options=["plugins.store.fill_kib=300"])
        lines = self.ask(host, "/reader/scan", **{"from": "fill/", "to": "fill0"}).splitlines()
        keys = [line.split("=")[0] for line in lines]
        self.assertEqual(keys, sorted(f"fill/{i}" for i in range(300)))
        self.assertTrue(all(len(line.split("=")[1]) == 1024 for line in lines))

    def test_each_form_of_waiting_ends_when_the_key_comes(self):
        host = self.pair(readers=(READER, READER_C))
        forms = ("/reader/wait", "/reader/wait-callback", "/reader-c/wait")
        waiting = [self.later(host, form, key="k") for form in forms]
        waiting.append(self.later(host, "/reader/wait-blocking", key="k", timeout_ms=20000))
        self.ask(host, "/reader/put", key="other", value="x")
        self.ask(host, "/reader/put", key="k", value="here")
        for answer in waiting:
            self.assertEqual((answer().status, answer().body), (200, b"here"))
        for form in forms:  # in place
            self.assertEqual(self.ask(host, form, key="k"), "here")

    def test_a_wait_that_is_cancelled_says_so(self):
        host = self.pair()
        for _ in range(20):
            self.assertEqual(self.ask(host, "/reader/cancel"), "-10")

    def test_a_wait_ends_at_its_deadline(self):
        host = self.pair()
        for timeout in (0, 1, 30):
            self.ask(host, "/reader/wait-blocking", 504, key="never", timeout_ms=timeout)

    def test_a_reader_in_c_uses_the_tables_alone(self):
        host = self.pair(readers=(READER_C,))
        self.ask(host, "/reader-c/put", key="a", value="1")
        self.assertEqual(self.ask(host, "/reader-c/get", key="a"), "1")
        self.ask(host, "/reader-c/get", 404, key="none")
        self.ask(host, "/reader-c/subscribe", prefix="")
        self.assertEqual(self.ask(host, "/reader-c/add", key="a", by=-3), "-2")
        self.ask(host, "/reader-c/transaction", a="1", b="2", rollback="1")
        self.ask(host, "/reader-c/transaction", a="3", b="4")
        self.assertEqual(self.ask(host, "/reader-c/events"), "a=-2\na=3\nb=4\n")
        self.assertEqual(host.stop(), 0)


    def test_callbacks_and_waits_that_have_ended_leave_nothing_behind(self):
        host = self.pair()
        self.assertEqual(self.ask(host, "/reader/churn", times=10000), "0")
        self.assertEqual(self.info(host)["accepted"], 0)
        waiting = self.later(host, "/reader/wait", key="k")
        host.wait("one waits", lambda: self.info(host)["accepted"] == 1)
        self.ask(host, "/reader/put", key="k", value="1")
        self.assertEqual(waiting().body, b"1")
        self.assertEqual(self.info(host)["accepted"], 0)


class Starved(PairTest):
    WORKERS = 2

    def test_a_blocking_wait_ends_at_its_deadline_although_it_holds_the_only_worker(self):
        host = self.pair()
        self.ask(host, "/reader/wait-blocking", 504, key="never", timeout_ms=50)

    def test_a_blocking_scan_ends_although_it_holds_the_only_worker(self):
        host = self.pair(options=["plugins.store.fill_kib=300"])
        self.assertEqual(len(self.ask(host, "/reader/scan", **{"from": "fill/", "to": "fill0"}).splitlines()), 300)


class OneSideLeaves(PairTest):
    def test_the_callbacks_of_a_reader_that_left_are_gone_and_forgotten(self):
        host = self.pair(readers=(READER, READER_C))
        self.ask(host, "/reader/subscribe", prefix="")
        self.ask(host, "/reader/loader", prefix="")
        self.assertEqual(self.ask(host, "/reader-c/get", key="x"), "loaded:x")
        self.assertEqual(host.operate("disable", "reader").status, 200)
        host.wait("unmapped", lambda: host.mapped("reader.so") == 0)
        self.ask(host, "/reader-c/get", 404, key="x")
        self.ask(host, "/reader-c/put", key="x", value="1")
        self.assertEqual(self.info(host)["subscriptions"], 0)
        self.assertEqual(host.stop(), 0)

    def test_a_reader_that_is_replaced_uses_the_same_store(self):
        host = self.pair()
        self.ask(host, "/reader/add", key="n", by=5)
        self.assertEqual(host.swap("reader", NEXT_READER).status, 200)
        answer = host.get("/reader/add?key=n&by=1")
        self.assertEqual((answer.body, answer.headers["x-reader"]), (b"6", "reader/2.0.0"))
        self.assertEqual(self.ask(host, "/reader/get", key="reader/started"), "2.0.0")
        host.wait("the old one is unmapped", lambda: host.mapped("reader.so") == 1)

    def test_what_waits_for_a_store_that_is_replaced_is_gone(self):
        host = self.pair(readers=(READER, READER_C))
        self.ask(host, "/reader/subscribe", prefix="")
        waiting = [self.later(host, form, key="k") for form in ("/reader/wait", "/reader/wait-callback", "/reader-c/wait")]
        self.waits(host, 3)
        self.assertEqual(host.swap("store", store("2.0.0")).status, 200)
        for answer in waiting:
            self.assertEqual(answer().status, 410)
        self.ask(host, "/reader/put", key="k", value="1")
        self.assertEqual(self.ask(host, "/reader/events"), "k=1\n")

    def test_a_reader_that_leaves_first_answers_whoever_waits(self):
        host = self.pair(readers=(READER, READER_C))
        waiting = self.later(host, "/reader/wait", key="k")
        self.waits(host, 1)
        self.assertEqual(host.operate("disable", "reader").status, 200)
        self.assertEqual(host.mapped("reader.so"), 1)
        self.ask(host, "/reader-c/put", key="k", value="1")
        self.assertEqual(waiting().body, b"1")
        host.wait("unmapped", lambda: host.mapped("reader.so") == 0)
        self.assertEqual(host.stop(), 0)

    def test_a_reader_that_is_replaced_gives_up_its_waits_when_its_drain_is_over(self):
        host = self.pair(readers=(HASTY_READER,))
        waiting = [self.later(host, form, key="never") for form in ("/reader/wait", "/reader/wait-callback")]
        waiting.append(self.later(host, "/reader/wait-blocking", key="never", timeout_ms=60000))
        self.waits(host, 3)
        self.assertEqual(host.swap("reader", NEXT_READER).status, 200)
        for answer in waiting:
            self.assertEqual(answer().status, 503, answer().body)
        host.wait("the old one is unmapped", lambda: host.mapped("reader.so") == 1)
        self.assertEqual(self.info(host)["waiting"], 0)
        self.assertEqual(host.stop(), 0)
        self.assertNotIn("retired", host.logged())
        self.assertNotIn("stuck", host.logged())

    def test_a_reader_that_is_replaced_may_end_its_waits_within_its_drain(self):
        host = self.pair()
        waiting = self.later(host, "/reader/wait", key="k")
        self.waits(host, 1)
        self.assertEqual(host.swap("reader", NEXT_READER).status, 200)
        self.ask(host, "/reader/put", key="k", value="1")
        self.assertEqual(waiting().body, b"1")
        host.wait("the old one is unmapped", lambda: host.mapped("reader.so") == 1)

    def test_a_thread_that_waits_holds_no_reader_that_stops(self):
        host = self.pair()
        self.ask(host, "/reader/wait-thread")
        self.waits(host, 1)
        self.assertEqual(host.operate("disable", "reader").status, 200)
        host.wait("unmapped", lambda: host.mapped("reader.so") == 0)
        self.assertEqual(self.info(host)["waiting"], 0)
        self.assertEqual(host.stop(), 0)

    def test_a_host_that_stops_gives_up_the_waits_of_its_plugins(self):
        host = self.pair(options=["host.shutdown_s=2"])
        client = host.connect()
        self.addCleanup(client.close)
        client.request("GET", "/reader/wait?key=never")
        self.waits(host, 1)
        host.stop()
        stuck = [line for line in host.logged().splitlines() if "did not stop" in line]
        self.assertEqual(len(stuck), 1, stuck)
        self.assertIn("http: drain connections", stuck[0])  # the client's own, which never went away

    def waits(self, host, count):
        host.wait(f"{count} wait", lambda: self.info(host)["waiting"] == count)


class StoreAway(PairTest):
    """However it went away, the reader answers the same."""

    def disable(self, host):
        self.assertEqual(host.operate("disable", "store").status, 200)

    def fail_to_start(self, host):
        self.disable(host)
        shutil.rmtree(host.plugins / "store")
        shutil.copytree(store("fails-start"), host.plugins / "store")
        self.assertNotEqual(host.operate("enable", "store").status, 200)
        self.assertEqual(host.plugin("store")["state"], "failed")

    def refuse_its_configuration(self, host):
        self.disable(host)
        manifest = host.plugins / "store" / "plugin.json"
        package = json.loads(manifest.read_text())
        package["config"]["properties"]["fill_kib"]["maximum"] = 0
        manifest.write_text(json.dumps(package))
        self.assertNotEqual(host.operate("enable", "store").status, 200)
        self.assertEqual(host.plugin("store")["state"], "refused")

    def come_back(self, host):
        shutil.rmtree(host.plugins / "store")
        shutil.copytree(store("1.0.0"), host.plugins / "store")
        self.assertEqual(host.operate("enable", "store").status, 200)

    def last(self, host, key, status=200):
        answer = host.get(query("/reader/get-last", key=key))
        self.assertEqual(answer.status, status, answer.body)
        return answer.body.decode(), answer.headers.get("x-stale")

    def test_a_consumer_refuses_bypasses_or_answers_the_last_good(self):
        for goes_away in (self.disable, self.fail_to_start, self.refuse_its_configuration):
            with self.subTest(goes_away.__name__):
                host = self.pair(readers=(OPTIONAL_READER,), options=["plugins.store.fill_kib=1"])
                self.ask(host, "/reader/put", key="a", value="1")
                self.assertEqual(self.ask(host, "/reader/get-or", key="a", otherwise="none"), "1")
                self.assertEqual(self.last(host, "a"), ("1", "no"))
                self.ask(host, "/reader/get-or", 404, key="b", otherwise="none")
                goes_away(host)
                self.ask(host, "/reader/get", 503, key="a")
                self.assertEqual(self.ask(host, "/reader/get-or", key="a", otherwise="none"), "none")
                self.assertEqual(self.last(host, "a"), ("1", "yes"))
                self.last(host, "b", 503)
                self.come_back(host)
                self.ask(host, "/reader/get-or", 404, key="a", otherwise="none")
                self.last(host, "a", 404)
                self.ask(host, "/reader/put", key="a", value="2")
                self.assertEqual(self.last(host, "a"), ("2", "no"))
                self.assertEqual(host.stop(), 0)

    def test_a_consumer_that_starts_beside_a_store_that_fails_goes_on_without(self):
        host = self.running(plugins=(store("fails-start"), OPTIONAL_READER))
        host.wait("the reader runs", lambda: host.plugin("reader")["state"] == "running")
        self.assertEqual(self.ask(host, "/reader/get-or", key="a", otherwise="none"), "none")
        self.last(host, "a", 503)


class LeasesStay(PairTest):
    def test_a_transaction_stays_with_its_issuer_which_refuses_to_commit_what_would_be_lost(self):
        host = self.pair()
        transaction = self.later(host, "/reader/transaction", a="1", b="2", hold_ms=500)
        host.wait("a lease is held", lambda: self.info(host)["leases"] == 1)
        self.assertEqual(host.swap("store", store("2.0.0")).status, 200)
        answer = transaction()
        self.assertEqual(answer.status, 503, answer.body)
        self.assertIn(b"another one goes on", answer.body)
        self.ask(host, "/reader/get", 404, key="a")
        self.ask(host, "/reader/transaction", a="3", b="4")
        host.wait("the old one is unmapped", lambda: host.mapped("store.so") == 1)

    def test_a_scan_ends_in_the_store_it_began_in(self):
        host = self.pair(options=["plugins.store.fill_kib=20000"])
        connection = host.connect()
        self.addCleanup(connection.close)
        connection.request("GET", "/reader/scan?from=fill/&to=fill0")
        response = connection.getresponse()
        first = response.read(10000)
        self.assertEqual(host.swap("store", store("2.0.0")).status, 200)
        self.ask(host, "/reader/put", key="fill/99999", value="late")
        body = first + response.read()
        self.assertEqual(body.count(b"\n"), 20000)
        self.assertNotIn(b"late", body)
        host.wait("the old one is unmapped", lambda: host.mapped("store.so") == 1)


if __name__ == "__main__":
    unittest.main()

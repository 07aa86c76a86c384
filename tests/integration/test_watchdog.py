"""Callbacks that do not return in time: who, what, where, the stack, and what follows."""

import http.client
import threading
import unittest

from greedy import GreedyTest, Neighbour

SOON = ["watchdog.io_after_ms=200", "watchdog.worker_after_ms=300"]


class Reports(GreedyTest):
    def incident(self, host, count=1):
        host.wait("it is reported", lambda: len(self.told(host, "plugin.overran")) >= count)
        return self.told(host, "plugin.overran")[-1]

    def test_one_that_holds_an_IO_thread_is_named_with_its_function_and_the_neighbour_serves(self):
        host = self.with_greedy(*SOON)
        with Neighbour(host) as neighbour:
            self.assertEqual(host.get("/greedy/inline/2000").body, b"on the loop")
            event = self.incident(host)
        self.assertEqual(neighbour.failures, [])
        self.assertGreater(neighbour.served, 5)
        self.assertEqual(event["plugin"], "greedy")
        self.assertEqual(event["attributes"]["version"], "0.1.0")
        self.assertEqual(event["attributes"]["doing"], "/greedy/inline/{ms}")
        self.assertIn("the I/O thread io-", event["attributes"]["where"])
        self.assertGreaterEqual(int(event["attributes"]["lasting_ms"]), 200)
        self.assertRegex(event["attributes"]["stack"],
                         r"Greedy::holdTheLoop\(int\) greedy\.so\+0x[0-9a-f]+ \(build [0-9a-f]{8}\)")
        self.assertIn("another thread does its work", event["text"])
        host.wait_logged("a callback did not return in time")
        host.wait("it is counted", lambda: host.metric('revenge_stalls_total{plugin="greedy"}') == 1)

    def test_one_that_holds_a_worker_is_too(self):
        host = self.with_greedy(*SOON)
        self.assertEqual(host.get("/greedy/worker/2000").status, 200)
        event = self.incident(host)
        self.assertEqual((event["plugin"], event["attributes"]["doing"]), ("greedy", "/greedy/worker/{ms}"))
        self.assertIn("a worker of greedy 0.1.0", event["attributes"]["where"])
        self.assertIn("holdAWorker", event["attributes"]["stack"])

    def test_one_that_burns_the_processor_is_found_in_the_act(self):
        host = self.with_greedy(*SOON)
        self.assertEqual(host.get("/greedy/burn/2000").status, 200)
        self.assertIn("Greedy::burn(int)", self.incident(host)["attributes"]["stack"])

    def test_a_lifecycle_call_that_misses_its_deadline_is_too(self):
        host = self.with_greedy(config="plugins:\n  greedy: {health_ms: 4000}\n")
        event = self.incident(host)
        self.assertIn("health", event["attributes"]["doing"])
        self.assertIn("Greedy::rest(int)", event["attributes"]["stack"])
        self.assertEqual(host.plugin("greedy")["state"], "stuck")

    def test_why_shows_the_last_of_them_with_their_frames(self):
        host = self.with_greedy(*SOON)
        host.get("/greedy/worker/2000")
        self.incident(host)
        host.wait("it is kept", lambda: "it did not return" in self.why(host))
        text = self.why(host)
        self.assertIn("it did not return in time: '/greedy/worker/{ms}' has held a worker of greedy 0.1.0", text)
        self.assertRegex(text, r"holdAWorker\(int\) greedy\.so\+0x")
        host.wait("its rung", lambda: "its budget of stalls: warn: 1 stall" in self.why(host))

    def test_what_returns_in_time_is_never_reported(self):
        host = self.with_greedy("watchdog.io_after_ms=2000", "watchdog.worker_after_ms=2000")
        for path in ("/greedy/inline/100", "/greedy/worker/100", "/greedy/burn/100"):
            self.assertEqual(host.get(path).status, 200)
        self.assertEqual((self.told(host, "plugin.overran"), self.rung(host)), ([], "fine"))

    def test_how_long_is_too_long_can_be_changed_while_it_runs(self):
        host = self.with_greedy("watchdog.io_after_ms=200", config="watchdog: {worker_after_ms: 60000}\n")
        host.get("/greedy/worker/500")
        self.assertEqual(self.told(host, "plugin.overran"), [])
        host.config.write_text("watchdog: {worker_after_ms: 200}\n")
        host.wait_logged("configuration applied")
        host.get("/greedy/worker/2000")
        self.incident(host)


class Consequences(GreedyTest):
    def stall(self, host, path="/greedy/worker/1000"):
        before = len(self.told(host, "plugin.overran"))
        host.get(path)
        host.wait("it is reported", lambda: len(self.told(host, "plugin.overran")) > before)

    def test_the_first_degrades_more_throttle_and_it_passes_with_time(self):
        host = self.with_greedy(*SOON, "watchdog.throttle_after=2", "watchdog.window_s=6")
        self.stall(host)
        host.wait("it is called degraded", lambda: self.rung(host) == "warn")
        [check] = host.control("GET", "/v1/health").json["checks"]["plugin/greedy:keeps its budget"]
        self.assertIn("stalls: warn: 1 stall", check["output"])
        self.assertEqual(host.get("/health/ready").json["status"], "warn")
        self.stall(host)
        host.wait("it is throttled", lambda: self.rung(host) == "throttle")
        host.wait("it is let near no I/O thread", lambda: host.get("/greedy/inline/1").body == b"on a worker")
        host.wait("they grow old", lambda: self.told(host, "plugin.budget")[-1]["attributes"]["to"] == "fine")
        host.wait("it is trusted again", lambda: host.get("/greedy/inline/1").body == b"on the loop")
        self.assertEqual([event["attributes"]["to"] for event in self.told(host, "plugin.budget")],
                         ["warn", "throttle", "warn", "fine"])
        host.wait("all is well", lambda: host.get("/health/ready").json["status"] == "pass")

    def test_too_many_stop_it_until_it_is_released(self):
        host = self.with_greedy(*SOON, "watchdog.throttle_after=0", "watchdog.quarantine_after=2")
        with Neighbour(host) as neighbour:
            self.stall(host)
            self.stall(host)
            self.quarantined(host)
            self.assertEqual(host.get("/greedy/alive").status, 503)
        self.assertEqual(neighbour.failures, [])
        shown = host.plugin("greedy")
        self.assertTrue(shown["wanted"], "what is wanted stays wanted")
        self.assertIn("its budget of stalls: quarantine: 2 stalls, allowed: 1 stall", shown["note"])
        self.assertIn("revengectl release greedy", self.why(host))
        self.assertEqual(host.operate("enable", "greedy").status, 403)
        self.assertEqual(host.stop(), 0)

        self.begin(host)
        self.assertEqual(host.plugin("greedy")["state"], "quarantined", "it outlives a restart")
        self.assertIn("2 stalls", host.plugin("greedy")["note"])
        self.assertEqual(host.ctl("release", "greedy")[0], 0)
        self.assertEqual(host.get("/greedy/alive").body, b"yes")
        self.assertEqual(self.rung(host), "fine")
        self.assertEqual(host.stop(), 0)

    def test_one_that_does_not_come_back_at_all_is_left_out_too(self):
        host = self.with_greedy(*SOON, "watchdog.quarantine_after=1", "host.shutdown_s=2")
        client = threading.Thread(target=self.asks_in_vain, args=(host, "/greedy/worker/3600000"))
        client.start()
        with Neighbour(host) as neighbour:
            self.quarantined(host)
            [old] = host.plugin("greedy")["instances"]
            self.assertEqual(old["state"], "draining", "its call is still inside")
            self.assertEqual(host.ctl("release", "greedy")[0], 0)
            self.assertEqual(host.get("/greedy/alive").body, b"yes")
        self.assertEqual(neighbour.failures, [])
        self.assertIn(host.stop(), (0, 1))
        client.join()

    def asks_in_vain(self, host, path):
        try:
            host.get(path)
        except (OSError, http.client.HTTPException):
            pass  # the host stops meanwhile

    def test_another_build_of_it_is_tried_by_itself(self):
        host = self.with_greedy(*SOON, "watchdog.throttle_after=0", "watchdog.quarantine_after=1")
        self.stall(host)
        self.quarantined(host)
        self.another_build(host)
        self.assertEqual(host.operate("reload", "greedy").status, 200)
        self.assertEqual(host.get("/greedy/alive").body, b"yes")
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

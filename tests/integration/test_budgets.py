"""What a plugin may use, and the ladder of what follows when it uses more."""

import threading
import unittest

from greedy import GreedyTest, Neighbour, Repeated

SHORT = ["budgets.window_s=1", "watchdog.worker_after_ms=60000", "watchdog.io_after_ms=60000"]
TOO_MUCH = {
    "cpu": (0.1, "/greedy/burn/200"),
    "callbacks": (0.2, "/greedy/worker/300"),
    "requests": (5, "/greedy/alive"),
    "errors": (0.5, "/greedy/fail"),
    "bytes": (10000, "/greedy/send/100000"),
    "log_lines": (20, "/greedy/log/100"),
}


class Budgets(GreedyTest):
    def moves(self, host, resource):
        told = [event["attributes"] for event in self.told(host, "plugin.budget")]
        return [move["to"] for move in told if move["resource"] == resource]

    def test_each_resource_is_measured_and_its_budget_told(self):
        for resource, (allowed, path) in TOO_MUCH.items():
            with self.subTest(resource):
                host = self.with_greedy(*SHORT, f"budgets.plugins.greedy.{resource}={allowed}", "budgets.highest=warn")
                with Neighbour(host) as neighbour, Repeated(host, path, clients=2):
                    host.wait("it is warned", lambda: self.rung(host) == "warn")
                    [budget] = host.plugin("greedy")["budgets"]
                    self.assertEqual((budget["resource"], budget["allowed"]), (resource, allowed))
                    self.assertGreater(budget["used"], allowed)
                    self.assertIn(f"its budget of {resource}: warn: ", self.why(host))
                self.assertEqual(neighbour.failures, [])
                self.assertEqual(host.plugin("vitals")["rung"], "fine", "each has its own")
                host.wait("it keeps its budget again", lambda: self.moves(host, resource)[-1] == "fine")
                self.assertEqual(self.moves(host, resource)[:2], ["warn", "fine"])
                self.assertEqual(self.rung(host), "fine")
                self.assertEqual(host.stop(), 0)

    def test_threads_and_registrations_are_counted_as_they_are(self):
        host = self.with_greedy(*SHORT, "budgets.plugins.greedy.threads=3", "budgets.plugins.greedy.registrations=2",
                                "budgets.highest=warn")
        host.wait("its routes are too many", lambda: self.moves(host, "registrations") == ["warn"])
        self.assertEqual(self.moves(host, "threads"), [])
        host.get("/greedy/threads/5")
        host.wait("so are its threads", lambda: self.moves(host, "threads") == ["warn"])
        host.wait("as its metric says", lambda: host.metric('revenge_budget_rung{plugin="greedy",resource="threads"}') == 1)

    def test_it_climbs_rung_by_rung_and_comes_down_again(self):
        host = self.with_greedy(*SHORT, "budgets.plugins.greedy.log_lines=20", "budgets.throttle_after=2")
        with Neighbour(host) as neighbour, Repeated(host, "/greedy/log/100", clients=2):
            host.wait("it is throttled", lambda: self.rung(host) == "throttle")
            self.assertIn("throttle", host.ctl("top", "--once")[1])
            self.assertIn("budget", host.ctl("show", "greedy")[1])
        self.assertEqual(neighbour.failures, [])
        host.wait("it comes down", lambda: self.moves(host, "log_lines")[-1] == "fine")
        self.assertEqual(self.moves(host, "log_lines"), ["warn", "throttle", "warn", "fine"])
        self.assertEqual(host.plugin("greedy")["state"], "running")

    def test_throttled_it_has_one_worker_a_short_queue_and_few_lines(self):
        host = self.with_greedy(*SHORT, "budgets.plugins.greedy.log_lines=20", "budgets.throttle_after=1",
                                "budgets.throttled_log_lines=5")
        with Repeated(host, "/greedy/log/100"):
            host.wait("it is throttled", lambda: self.rung(host) == "throttle")
            answers = []
            clients = [threading.Thread(target=lambda: answers.append(host.get("/greedy/worker/500"))) for _ in range(30)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
        refused = [answer for answer in answers if answer.status == 503]
        self.assertGreaterEqual(len(refused), 10, "of 30 at once some eight may wait")
        self.assertTrue(all("retry-after" in answer.headers for answer in refused))
        self.assertGreater(len(answers), len(refused), "what it can do it does")
        self.assertGreater(host.metric('revenge_log_suppressed_lines_total{plugin="greedy"}'), 50)

    def test_the_highest_rung_stops_it_where_the_operator_lets_it(self):
        host = self.with_greedy(*SHORT, "budgets.plugins.greedy.requests=5", "budgets.highest=quarantine",
                                "budgets.quarantine_after=3")
        with Neighbour(host) as neighbour, Repeated(host, "/greedy/alive"):
            self.quarantined(host)
        self.assertEqual(neighbour.failures, [])
        self.assertRegex(host.plugin("greedy")["note"],
                         r"its budget of requests: quarantine: [\d.]+ requests a second, allowed: 5 ")
        self.assertEqual(host.stop(), 0)
        self.begin(host)
        self.assertEqual(host.plugin("greedy")["state"], "quarantined")
        self.assertEqual(host.ctl("release", "greedy")[0], 0)
        self.assertEqual(host.get("/greedy/alive").body, b"yes")
        self.assertEqual(host.stop(), 0)

    def test_budgets_can_be_changed_while_it_runs(self):
        host = self.with_greedy(*SHORT, config="budgets: {default: {registrations: 2}}\n")
        host.wait("beyond it", lambda: self.rung(host) != "fine")
        host.config.write_text("budgets: {default: {registrations: 0}}\n")
        host.wait("no limit", lambda: self.rung(host) == "fine")

    def test_without_limits_nobody_is_accused(self):
        host = self.with_greedy(*SHORT)
        with Repeated(host, "/greedy/burn/100", clients=2):
            host.wait("windows pass", lambda: (host.metric('revenge_cpu_seconds_total{plugin="greedy"}') or 0) > 2)
        self.assertEqual(self.rung(host), "fine")
        self.assertEqual(self.told(host, "plugin.budget"), [])


if __name__ == "__main__":
    unittest.main()

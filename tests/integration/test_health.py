"""What a running host answers its probes while things it needs are down, hung or being stopped."""

import threading
import time
import unittest

from host import BUILD, HostTest

VITALS = BUILD / "tests" / "packages" / "vitals"
CRITICAL = "plugins:\n  vitals:\n    critical: true\n"


class Health(HostTest):
    def serving(self, config=None):
        host = self.running(plugins=(VITALS,), config=config)
        host.wait("it is ready", lambda: self.probes(host) == [(200, "pass")] * 3)
        return host

    def probes(self, host):
        answers = [host.get(f"/health/{probe}") for probe in ("live", "startup", "ready")]
        return [(answer.status, answer.json["status"]) for answer in answers]

    def database(self, host, mode):
        self.assertEqual(host.get(f"/database/{mode}", method="POST").status, 200)

    def check(self, host):
        return host.control("GET", "/v1/health").json["checks"]["plugin/vitals:database"][0]

    def test_H1_with_the_database_down_it_warns_and_serves_from_the_cache(self):
        host = self.serving()
        self.database(host, "down")
        host.wait("it warns", lambda: self.probes(host) == [(200, "pass"), (200, "pass"), (200, "warn")])
        self.assertEqual(host.get("/cache").body, b"cached")
        self.assertEqual((self.check(host)["status"], self.check(host)["output"]), ("warn", "connection refused"))
        self.assertEqual(host.ctl("health")[0], 0)
        self.database(host, "up")
        host.wait("all is well", lambda: self.probes(host) == [(200, "pass")] * 3)

    def test_H1_when_it_is_critical_the_host_is_not_ready_but_live(self):
        host = self.serving(CRITICAL)
        self.database(host, "down")
        host.wait("not ready", lambda: self.probes(host) == [(200, "pass"), (200, "pass"), (503, "fail")])
        self.assertEqual(host.get("/cache").status, 200)
        code, text, _ = host.ctl("health")
        self.assertEqual(code, 1)
        self.assertIn("connection refused", text)

    def test_H2_a_check_that_hangs_keeps_nobody_waiting(self):
        host = self.serving(CRITICAL)
        self.database(host, "hung")
        host.wait("it counts as failed", lambda: host.get("/health/ready").status == 503)
        self.assertEqual(self.check(host)["output"], "no answer within 200 ms")
        before = time.monotonic()
        for _ in range(50):
            self.assertEqual(host.get("/health/ready").status, 503)
        self.assertLess(time.monotonic() - before, 5)
        self.database(host, "up")
        host.wait("it recovers", lambda: host.get("/health/ready").status == 200)

    def test_H3_while_it_stops_it_is_live_to_the_end_and_not_ready_from_the_first(self):
        host = self.serving()
        connection = host.connect()
        connection.request("GET", "/health/live")
        self.assertEqual(connection.getresponse().read(), b'{"status":"pass"}')
        seen = []

        def watch():
            while host.process.poll() is None:
                try:
                    seen.append((host.control("GET", "/v1/health").json["live"], host.control("GET", "/v1/health").json["ready"]))
                except (OSError, ValueError, KeyError):
                    return
                except Exception:  # the socket has gone in the middle of an answer
                    return

        watcher = threading.Thread(target=watch)
        watcher.start()
        host.wait("it is watched", lambda: seen)
        self.assertEqual(host.stop(), 0)
        watcher.join()
        self.assertEqual({live for live, _ in seen}, {"pass"})
        ready = [state for _, state in seen]
        if "fail" in ready:
            self.assertEqual(set(ready[ready.index("fail"):]), {"fail"})

    def test_everybody_gets_the_verdict_and_the_control_socket_the_reasons(self):
        host = self.serving()
        answer = host.get("/health/ready")
        self.assertEqual((answer.headers["content-type"], answer.json), ("application/health+json", {"status": "pass"}))
        detail = host.control("GET", "/v1/health").json
        self.assertEqual((detail["live"], detail["startup"], detail["ready"]), ("pass",) * 3)
        self.assertIn("age_s", self.check(host))
        self.assertEqual(host.ctl("health", "--json")[0], 0)

    def test_a_swap_of_a_plugin_with_a_critical_check_is_never_not_ready(self):
        host = self.serving(CRITICAL + "    answer_ms: 150\n")
        for _ in range(5):
            self.assertEqual(host.operate("reload", "vitals").status, 200)
            self.assertEqual(host.get("/health/ready").status, 200, "the new instance's check is still to answer")


if __name__ == "__main__":
    unittest.main()

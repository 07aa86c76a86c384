"""A real backend that is slow, hangs, dies, refuses and answers 500, directly and behind nginx, while callers come at a steady rate through
a plugin that asks it. With policies it is left alone while it is ill, callers are told at once, and it is used again soon; without
them every caller waits for it."""

import json
import os
import time
import unittest

import illness
from ailing_backend import AilingBackend
from host import BUILD, PATIENCE, HostTest
from nginx_front import NginxFront
from open_loop import OpenLoop

RESILIENCE = BUILD / "plugins" / "resilience"
RELAY = BUILD / "tests" / "packages" / "relay"
RATE = 50  # calls a second
ILL_S = 10 if os.environ.get("REVENGE_LONG") else 1.2
IN_A_ROW = 20  # calls that are ok, and it is well

TIMEOUT_S = 10  # of a call without policies
ATTEMPT_S, OPEN_S = 0.3, 0.4
FAILURES, AT_ONCE, IN_LINE = 5, 8, 8
BUSY_S = 3  # what a loaded machine may add
PIPELINE = ["timeout", {"retry": {"max_attempts": 2, "backoff": {"initial_ms": 20}}},
            {"breaker": {"failures": FAILURES, "open_wait_s": OPEN_S}},
            {"bulkhead": {"max_concurrent": AT_ONCE, "queue_size": IN_LINE, "max_wait_ms": 100}},
            {"attempt_timeout": {"limit_s": ATTEMPT_S}}]
# Nothing but policies is to bound what reaches the backend.
UNBOUNDED = [f"http_client.{limit}=2000" for limit in ("max_connections", "max_connections_per_origin", "max_requests", "max_waiting")]


class Chaos(HostTest):
    def setUp(self):
        super().setUp()
        self.backend = AilingBackend()
        self.addCleanup(self.backend.close)

    def start(self, plugins, config=None):
        host = self.running(plugins=plugins, config=json.dumps(config or {}),
                            options=[f"http_client.request_timeout_s={TIMEOUT_S}", "http.access_log=false", *UNBOUNDED])
        for package in plugins:
            host.wait(f"{package.name} runs", lambda id=package.name: host.plugin(id)["state"] == "running")
        return host

    def nginx(self):
        front = NginxFront(self.backend.port)
        self.addCleanup(front.close)
        return front

    def suffered(self, host, url, ways, is_noticed=lambda calls: True):
        """What callers had of each way to be ill, and all calls."""
        with OpenLoop(host.address, illness.relay_path(url), RATE, PATIENCE) as loop:

            def is_over(begin):
                return time.monotonic() > begin + ILL_S and is_noticed([call for call in list(loop.calls) if call.begin > begin])

            def is_well(back):
                last = list(loop.calls)[-IN_A_ROW:]
                return len(last) == IN_A_ROW and all(call.is_ok and call.begin > back for call in last)

            is_well_at_first = time.monotonic()
            illness.wait("all is well", lambda: is_well(is_well_at_first))
            illnesses = [illness.suffer(self.backend, way, is_over, is_well) for way in ways]
        return {one.way: (one, illness.told(loop.calls, one)) for one in illnesses}, loop.calls

    def counted(self, host):
        """How much a series of the plugin resilience has counted, of the policies and with the labels that are named."""
        lines = [line for line in host.get("/metrics").body.decode().splitlines() if line.startswith("revenge_plugin_resilience_")]

        def count(series, *labels):
            return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                       if line.startswith(f"revenge_plugin_resilience_{series}{{") and all(f'="{label}"' in line for label in labels))

        return count

    def with_policies(self, url):
        host = self.start([RELAY, RESILIENCE], {"plugins": {"resilience": {"pipelines": {"relay": PIPELINE}}}})
        suffered, calls = self.suffered(host, url, illness.WAYS, lambda calls: any(call.is_rejected for call in calls))
        for way, (one, told) in suffered.items():
            with self.subTest(way=way):
                print(f"{way}: {told}", flush=True)
                self.assertEqual(told.unanswered, 0)
                self.assertEqual(told.calls, told.ok + told.failed + told.rejected)
                self.assertLess(told.detected, ATTEMPT_S + BUSY_S)
                trials = (one.back - one.begin) / OPEN_S + 1
                under_way = AT_ONCE  # when it fell ill
                most = under_way + AT_ONCE + IN_LINE + FAILURES + trials
                self.assertLessEqual(told.attempts, most)
                self.assertLessEqual(one.read, most)
                self.assertLess(told.median, BUSY_S / 2)
                self.assertLess(told.p99, 2 * ATTEMPT_S + BUSY_S)
                self.assertLess(told.recovered, OPEN_S + ATTEMPT_S + BUSY_S)
        self.agree(host, calls)
        self.assertEqual(host.stop(), 0, host.logged())

    def agree(self, host, calls):
        """The callers, the plugin between and the metrics have counted the same, and nothing is held any more."""
        attempts = sum(call.attempts for call in calls)
        self.assertEqual(int(host.get("/relay/attempts").body), attempts)
        self.assertEqual([call for call in calls if call.status is None], [])
        self.assertEqual(len(calls), sum(call.is_ok for call in calls) + sum(call.has_failed for call in calls) +
                         sum(call.is_rejected for call in calls))

        def told():
            count = self.counted(host)
            made = count("calls_total", "relay.breaker", "success") + count("calls_total", "relay.breaker", "failure")
            refused = count("rejected_total", "circuit_open") + count("rejected_total", "bulkhead_full")
            return {"attempts": made, "calls": made + refused - count("retries_total"),
                    "held": count("in_flight") + count("queued"), "lost": count("abandoned_total") + count("stray_releases_total"),
                    "under way": host.metric('revenge_http_client_requests_in_flight{plugin="relay"}')}

        wanted = {"attempts": attempts, "calls": len(calls), "held": 0, "lost": 0, "under way": 0}
        host.wait(f"the metrics say {wanted}", lambda: told() == wanted, lambda: f"they say {told()}")
        # An answer that came behind its attempt's time is one for the caller and a failure for the policies.
        self.assertLessEqual(self.counted(host)("calls_total", "relay.breaker", "success"), sum(call.is_ok for call in calls))

    def test_with_policies_each_illness_is_noticed_and_left_alone_and_soon_over(self):
        self.with_policies(self.backend.url)

    def test_the_same_behind_nginx(self):
        self.with_policies(self.nginx().url)

    def test_without_policies_every_caller_waits_and_every_call_is_made(self):
        host = self.start([RELAY])
        suffered, calls = self.suffered(host, self.backend.url, ["hangs", "errors"])
        for way, (_, told) in suffered.items():
            self.assertEqual((way, told.rejected, told.unanswered, told.attempts), (way, 0, 0, told.calls))
        self.assertGreater(suffered["hangs"][1].median, ILL_S / 4)
        one, told = suffered["errors"]
        self.assertLess(told.ok, told.calls / 2)  # some began before its end and were made behind it
        self.assertGreaterEqual(one.read, told.calls / 2)
        self.assertEqual(int(host.get("/relay/attempts").body), len(calls))


if __name__ == "__main__":
    unittest.main()

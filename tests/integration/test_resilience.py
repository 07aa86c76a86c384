"""Policies for calls, on the running host: a plugin calls under a pipeline of another; breakers open and stay open over swaps,
permits come back, the operator steps in, and without the plugin calls are made plainly."""

import json
import threading
import unittest

from host import BUILD, HostTest, SANITIZED

RESILIENCE = BUILD / "plugins" / "resilience"
NEXT = BUILD / "swap" / "0.2.0" / "resilience"
CALLER = BUILD / "tests" / "packages" / "resilient"
TURNS = 4 if SANITIZED else 10

CONFIG = json.dumps({"plugins": {"resilience": {"pipelines": {
    "p": [{"breaker": {"open_wait_s": 300}}, {"bulkhead": {"max_concurrent": 4}}],
    "slow": [{"breaker": {"failures": 1000}}, {"bulkhead": {"max_concurrent": 2, "queue_size": 100}}],
    "again": ["timeout", {"retry": {"backoff": {"initial_ms": 1}}}]}}}})


class Resilience(HostTest):
    def start(self, plugins=(RESILIENCE, CALLER)):
        host = self.running(plugins=plugins, config=CONFIG, options=["workers.threads=8"])
        for package in plugins:
            host.wait(f"{package.name} runs", lambda id=package.name: host.plugin(id)["state"] == "running")
        return host

    def call(self, host, does="good", pipeline="p"):
        return host.get(f"/call?pipeline={pipeline}&does={does}")

    def count(self, host):
        return int(host.get("/count").body)

    def policies(self, host):
        answer = host.control("POST", "/v1/plugins/resilience/commands/list")
        self.assertEqual(answer.status, 200, answer.body)
        return {policy["name"]: policy for policy in answer.json["policies"]}

    def run_command(self, host, name, **arguments):
        answer = host.control("POST", f"/v1/plugins/resilience/commands/{name}", arguments)
        self.assertEqual(answer.status, 200, answer.body)

    def test_a_breaker_opens_and_spares_the_other_side(self):
        host = self.start()
        self.assertEqual(self.call(host).body, b"good")
        for _ in range(5):
            self.assertGreaterEqual(self.call(host, "fail").status, 500)
        made = self.count(host)
        answer = self.call(host)
        self.assertEqual(answer.status, 503, answer.body)
        self.assertEqual(self.count(host), made)
        self.assertEqual(self.policies(host)["p.breaker"]["state"], "open")
        host.wait("it is in the metrics",
                  lambda: host.metric('revenge_plugin_resilience_state{plugin="resilience",policy="p.breaker"}') == 1)
        code, out, _ = host.ctl("events", "--json")
        self.assertEqual(code, 0)
        self.assertIn("resilience.changed", out)

    def test_a_failure_is_tried_again(self):
        host = self.start()
        self.assertGreaterEqual(self.call(host, "fail", "again").status, 500)
        self.assertEqual(self.count(host), 3)

    def test_the_operator_steps_in(self):
        host = self.start()
        self.run_command(host, "force-open", policy="p.breaker", reason="moving house")
        self.assertEqual(self.call(host).status, 503)
        self.assertEqual(self.policies(host)["p.breaker"]["reason"], "moving house")
        self.run_command(host, "release", policy="p.breaker")
        self.assertEqual(self.call(host).body, b"good")
        code, out, _ = host.ctl("audit", "--json")
        self.assertEqual(code, 0)
        self.assertIn("moving house", out)

    def test_revengectl_knows_the_commands_by_the_plugins_id(self):
        host = self.start()
        code, out, err = host.ctl("resilience", "force-open", "policy=p.breaker", "reason=moving house")
        self.assertEqual(code, 0, err)
        self.assertEqual(self.call(host).status, 503)
        code, out, err = host.ctl("resilience", "list", "--json")
        self.assertEqual(code, 0, err)
        self.assertIn({"name": "p", "layers": ["p.breaker", "p.bulkhead"]}, json.loads(out)["pipelines"])
        self.assertRegex(host.ctl("resilience", "list")[1], r"(?m)^ *p +p\.breaker, p\.bulkhead *$")
        code, out, err = host.ctl("complete", "--", "--socket", host.socket, "resilience", "re")
        self.assertEqual([line.split("\t")[0] for line in out.splitlines()], ["release", "reset"])

    def test_health_names_what_lets_nothing_through(self):
        host = self.start()

        def said():
            return json.dumps(host.control("GET", "/v1/health").json["checks"]["plugin/resilience:policies"])

        self.run_command(host, "isolate", policy="slow.bulkhead", reason="moving house")
        for _ in range(5):
            self.call(host, "fail")
        host.wait("health says so", lambda: "p.breaker: open, slow.bulkhead: isolated (moving house)" in said())
        self.run_command(host, "release", policy="slow.bulkhead")
        self.run_command(host, "reset", policy="p.breaker")
        host.wait("health says nothing any more", lambda: "p.breaker" not in said())

    def test_swaps_under_load_keep_an_open_breaker_open_and_lose_no_permit(self):
        host = self.start()
        for _ in range(5):
            self.call(host, "fail")
        ending = threading.Event()
        refused = []
        served = [0] * 6

        def load(index):
            while not ending.is_set():
                answer = self.call(host, "slow", "slow")
                if answer.status == 200:
                    served[index] += 1
                else:
                    refused.append((answer.status, answer.body))

        threads = [threading.Thread(target=load, args=(index,)) for index in range(len(served))]
        for thread in threads:
            thread.start()
        try:
            for turn in range(TURNS):
                answer = host.swap("resilience", NEXT) if turn % 2 == 0 else host.operate("rollback", "resilience")
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(self.policies(host)["p.breaker"]["state"], "open")
                self.assertEqual(self.call(host).status, 503)
                seen = list(served)
                host.wait("calls go on", lambda: refused or all(now > then for now, then in zip(served, seen)))
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        self.assertEqual(refused, [])
        host.wait("every permit is back", lambda: self.policies(host)["slow.bulkhead"]["in_flight"] == 0)
        self.assertEqual(self.policies(host)["slow.bulkhead"]["queued"], 0)
        host.wait("the old ones are gone", lambda: len(host.plugin("resilience")["instances"]) == 1)
        self.assertEqual(host.stop(), 0)

    def test_without_it_calls_are_made_plainly_and_health_says_so(self):
        host = self.start(plugins=(CALLER,))
        for _ in range(6):
            self.assertGreaterEqual(self.call(host, "fail").status, 500)
        self.assertEqual(self.count(host), 6)
        self.assertEqual(self.call(host).body, b"good")
        host.wait("health says so", lambda: "calls are made without policies" in json.dumps(
            host.control("GET", "/v1/health").json["checks"]["plugin/resilient:resilience"]))

    def test_disabled_and_enabled_it_is_missed_and_found(self):
        host = self.start()
        self.assertEqual(self.call(host).body, b"good")
        self.assertEqual(host.operate("disable", "resilience").status, 200)
        self.assertEqual(self.call(host).body, b"good")
        self.assertEqual(host.operate("enable", "resilience").status, 200)
        for _ in range(5):
            self.call(host, "fail")
        self.assertEqual(self.call(host).status, 503)


if __name__ == "__main__":
    unittest.main()

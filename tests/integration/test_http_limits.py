"""Limits on requests, on the running host: who gets how much, who goes before whom, what is refused and how; and what a swap, a
missing provider and four times the load do to it."""

import json
import pathlib
import re
import shlex
import subprocess
import threading
import unittest

from host import BUILD, HostTest, SANITIZED

LIMITS = BUILD / "plugins" / "http-limits"
RESILIENCE = BUILD / "plugins" / "resilience"
HOLDER = BUILD / "tests" / "packages" / "holder"
NEXT_LIMITS = BUILD / "swap" / "0.2.0" / "http-limits"
NEXT_RESILIENCE = BUILD / "swap" / "0.2.0" / "resilience"
OPEN_LOOP = BUILD / "tests" / "open_loop" / "open_loop"
TURNS = 4 if SANITIZED else 8
SECONDS = 4
LAG_MS = 100  # a client that falls behind so far measures the machine
WORKERS = 4  # half of the threads: the share of one plugin
FIVE_A_MINUTE = {"clients": [{"keyed_rate": {"permits": 5, "per_s": 60, "burst": 5}}]}


def open_loop(host, *words, seconds=SECONDS, deadline_ms=1000, seed=7):
    port = host.address.rsplit(":", 1)[1]
    done = subprocess.run([OPEN_LOOP, port, str(seconds), str(deadline_ms), str(seed), *words],
                          capture_output=True, text=True, timeout=60 + 2 * seconds, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class HttpLimits(HostTest):
    def start(self, limits, pipelines=None, plugins=(LIMITS, RESILIENCE, HOLDER), more=None):
        config = {"plugins": {"http-limits": limits}, **(more or {})}
        if pipelines:
            config["plugins"]["resilience"] = {"pipelines": pipelines}
        host = self.running(plugins=plugins, config=json.dumps(config), options=["workers.threads=8", "config.watch=false"])
        for package in plugins:
            host.wait(f"{package.name} runs", lambda id=package.name: host.plugin(id)["state"] == "running")
        return host

    def reconfigure(self, host, limits, pipelines):
        host.config.write_text(json.dumps({"plugins": {"http-limits": limits, "resilience": {"pipelines": pipelines}}}))
        code, out, err = host.ctl("config", "reload")
        self.assertEqual(code, 0, out + err)

    def command(self, host, name, **arguments):
        answer = host.control("POST", f"/v1/plugins/http-limits/commands/{name}", arguments)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def in_flight(self, host, policy):
        listed = host.control("POST", "/v1/plugins/resilience/commands/list").json["policies"]
        return next(each["in_flight"] for each in listed if each["name"] == policy)

    def statuses(self, host, count, headers=None, path="/browse/1?ms=0"):
        return [host.get(path, headers).status for _ in range(count)]

    def test_who_has_used_up_its_quota_is_told_so(self):
        host = self.start({"rules": [{"name": "browse", "pattern": "/browse/*", "pipeline": "clients", "window_s": 60}]}, FIVE_A_MINUTE)
        first = host.get("/browse/1?ms=0")
        self.assertEqual(first.status, 200)
        self.assertEqual(first.headers["ratelimit-policy"], '"browse";q=5;w=60')
        self.assertRegex(first.headers["ratelimit"], '^"browse";r=4;t=[0-9]+$')
        self.assertEqual(self.statuses(host, 4), [200] * 4)
        refused = host.get("/browse/1?ms=0")
        self.assertEqual(refused.status, 429)
        self.assertEqual(refused.json["code"], "rate_limited")
        self.assertEqual(refused.json["details"]["rule"], "browse")
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)
        self.assertTrue(refused.headers["ratelimit"].startswith('"browse";r=0;'))
        self.assertEqual(host.get("/play/1?ms=0").status, 200, "no rule is for it")
        host.wait("it is in the metrics", lambda: host.metric(
            'revenge_plugin_http_limits_requests_total{plugin="http-limits",class="browsing",outcome="rate_limited"}') == 1)

    def test_each_user_key_and_network_has_a_quota_of_its_own(self):
        host = self.start({"fallback": {"pipeline": "clients"}, "trust": {"proxies": ["127.0.0.1"], "field": "x-forwarded-for"},
                           "api_key": {"header": "X-Api-Key", "known": ["k1", "k2"]}},
                          FIVE_A_MINUTE, more={"http": {"identity": {"header": "X-Forwarded-User", "trusted_proxies": ["127.0.0.1"]}}})
        used_up = [200] * 5 + [429]
        for headers in ({"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}, {"X-Forwarded-For": "2001:db8:1:2::1"},
                        {"X-Forwarded-For": "2001:db8:1:3::1"}, {"X-Forwarded-User": "ada"}, {"X-Forwarded-User": "bob"},
                        {"X-Api-Key": "k1"}, {"X-Api-Key": "k2"}):
            self.assertEqual(self.statuses(host, 6, headers), used_up, headers)
        self.assertEqual(self.statuses(host, 1, {"X-Forwarded-For": "2001:db8:1:2:ffff::9"}), [429], "the same /64")
        self.assertEqual(self.statuses(host, 1, {"X-Forwarded-For": "10.9.9.9, 203.0.113.7"}), [429], "what the client wrote itself")
        self.assertEqual(self.statuses(host, 1, {"X-Api-Key": "made up", "X-Forwarded-For": "203.0.113.8"}), [429])
        said = self.command(host, "explain", path="/browse/1", address="127.0.0.1", forwarded="2001:db8:1:2:ffff::9")
        self.assertEqual((said["rule"], said["key"]), ("default", "addr:2001:db8:1:2::/64"))

    def test_from_a_stranger_no_forwarding_field_is_believed(self):
        host = self.start({"fallback": {"pipeline": "clients"}, "trust": {"proxies": ["10.0.0.0/8"], "field": "x-forwarded-for"}},
                          FIVE_A_MINUTE)
        self.assertEqual([host.get("/browse/1?ms=0", {"X-Forwarded-For": f"203.0.113.{n}"}).status for n in range(6)], [200] * 5 + [429])

    def test_playback_goes_before_browsing(self):
        host = self.start({"rules": [{"name": "play", "pattern": "/play/*", "class": "playback", "pipeline": "places"}],
                           "fallback": {"pipeline": "places"}},
                          {"places": [{"bulkhead": {"max_concurrent": 1, "queue_size": 10, "max_wait_ms": 30000, "order": "priority"}}]})
        ended = []

        def ask(path):
            ended.append((path, host.get(path).status))

        threads = []
        for path, waiting in (("/browse/first?ms=700", 0), ("/browse/second?ms=200", 1), ("/play/third?ms=0", 2)):
            threads.append(threading.Thread(target=ask, args=(path,)))
            threads[-1].start()
            host.wait(f"{path} is there", lambda waiting=waiting: self.in_flight(host, "places.bulkhead") == 1
                      and self.command(host, "list")["waiting"] == waiting)
        for thread in threads:
            thread.join()
        self.assertEqual([status for _, status in ended], [200] * 3)
        self.assertEqual(ended[-1][0], "/browse/second?ms=200", "who came last went before")
        host.wait("every place is free", lambda: self.in_flight(host, "places.bulkhead") == 0)

    def test_who_waits_for_a_place_until_its_deadline_is_504(self):
        host = self.start({"rules": [{"name": "browse", "pattern": "/browse/*", "pipeline": "places", "deadline_s": 0.3}],
                           "fallback": {"pipeline": "places"}},
                          {"places": [{"bulkhead": {"max_concurrent": 1, "queue_size": 10, "max_wait_ms": 30000}}]})
        holds = threading.Thread(target=host.get, args=("/play/1?ms=1500",))
        holds.start()
        host.wait("the place is taken", lambda: self.in_flight(host, "places.bulkhead") == 1)
        self.assertEqual(host.get("/browse/1?ms=0").status, 504)
        holds.join()
        self.assertEqual(host.get("/browse/1?ms=0").status, 200)

    def test_what_takes_longer_than_its_deadline_is_504(self):
        host = self.start({"rules": [{"name": "browse", "pattern": "/browse/*", "deadline_s": 0.2}]})
        self.assertEqual(host.get("/browse/1?ms=1500").status, 504)
        self.assertEqual(host.get("/play/1?ms=300").status, 200)

    def test_bodies_and_heads_over_their_limits(self):
        host = self.start({"rules": [{"name": "up", "pattern": "/upload", "max_body_bytes": 10, "max_headers": 20}]})

        def upload(pieces, chunked=True, headers=None):
            connection = host.connect()
            try:
                connection.request("POST", "/upload", body=iter(pieces) if chunked else b"".join(pieces), encode_chunked=chunked,
                                   headers={**(headers or {}), **({"Transfer-Encoding": "chunked"} if chunked else {})})
                return connection.getresponse().status
            finally:
                connection.close()

        for chunked in (True, False):
            self.assertEqual(upload([b"01234", b"56789"], chunked), 200)
            self.assertEqual(upload([b"01234", b"56789", b"a"], chunked), 413)
        self.assertEqual(upload([b"1"], headers={f"x-{n}": "1" for n in range(30)}), 431)

    def test_a_dry_run_refuses_nobody_and_counts(self):
        host = self.start({"dry_run": True, "fallback": {"pipeline": "clients"}}, FIVE_A_MINUTE)
        self.assertEqual(self.statuses(host, 8), [200] * 8)
        host.wait("it is in the metrics", lambda: host.metric(
            'revenge_plugin_http_limits_would_refuse_total{plugin="http-limits",class="browsing",refusal="rate_limited"}') == 3)

    def test_who_is_exempt_has_no_quota(self):
        host = self.start({"fallback": {"pipeline": "clients"}, "exempt": {"addresses": ["127.0.0.1"]}}, FIVE_A_MINUTE)
        self.assertEqual(self.statuses(host, 8), [200] * 8)

    def test_a_new_configuration_holds_at_once_and_a_wrong_one_never(self):
        host = self.start({"fallback": {"pipeline": "clients"}}, FIVE_A_MINUTE)
        self.assertEqual(self.statuses(host, 6), [200] * 5 + [429])
        self.reconfigure(host, {"fallback": {"pipeline": "clients"}, "exempt": {"addresses": ["127.0.0.1"]}}, FIVE_A_MINUTE)
        self.assertEqual(self.statuses(host, 2), [200] * 2)
        host.config.write_text(json.dumps({"plugins": {"http-limits": {"trust": {"proxies": ["10.0.0.1/8"]}}}}))
        code, out, err = host.ctl("config", "reload")
        self.assertNotEqual(code, 0)
        self.assertIn("trust.proxies[0]", out + err + host.logged())
        self.assertEqual(self.statuses(host, 2), [200] * 2)

    def test_without_resilience_requests_go_on_and_health_says_so(self):
        host = self.start({"fallback": {"pipeline": "clients"}}, plugins=(LIMITS, HOLDER))
        self.assertEqual(self.statuses(host, 8), [200] * 8)
        host.wait("health says so", lambda: "requests go on without the limits" in json.dumps(
            host.control("GET", "/v1/health").json["checks"]["plugin/http-limits:limits"]))

    def test_resilience_may_come_and_go(self):
        host = self.start({"fallback": {"pipeline": "clients"}}, FIVE_A_MINUTE)
        self.assertEqual(self.statuses(host, 6), [200] * 5 + [429])
        self.assertEqual(host.operate("disable", "resilience").status, 200)
        self.assertEqual(self.statuses(host, 3), [200] * 3)
        self.assertEqual(host.operate("enable", "resilience").status, 200)
        self.assertEqual(self.statuses(host, 6), [200] * 5 + [429])

    def test_swaps_under_load_lose_no_request_and_no_permit(self):
        host = self.start({"fallback": {"pipeline": "places"}, "shed": {"enabled": False}},
                          {"places": [{"bulkhead": {"max_concurrent": 3, "queue_size": 100, "max_wait_ms": 30000}}]})
        ending = threading.Event()
        refused = []
        served = [0] * 6

        def load(index):
            while not ending.is_set():
                answer = host.get("/browse/1?ms=10")
                if answer.status == 200:
                    served[index] += 1
                else:
                    refused.append((answer.status, answer.body))

        threads = [threading.Thread(target=load, args=(index,)) for index in range(len(served))]
        for thread in threads:
            thread.start()
        try:
            for turn in range(TURNS):
                id, package = (("http-limits", NEXT_LIMITS), ("resilience", NEXT_RESILIENCE))[turn // 2 % 2]
                answer = host.swap(id, package) if turn % 2 == 0 else host.operate("rollback", id)
                self.assertEqual(answer.status, 200, answer.body)
                seen = list(served)
                host.wait("requests go on", lambda: refused or all(now > then for now, then in zip(served, seen)))
        finally:
            ending.set()
            for thread in threads:
                thread.join()
        self.assertEqual(refused, [])
        host.wait("every permit is back", lambda: self.in_flight(host, "places.bulkhead") == 0)
        for id in ("http-limits", "resilience"):
            host.wait(f"the old {id} are gone", lambda id=id: len(host.plugin(id)["instances"]) == 1)
        self.assertEqual(host.stop(), 0)

    def test_what_the_operator_guide_says_is_so(self):
        guide = (pathlib.Path(__file__).parents[2] / "docs" / "operator-guide.md").read_text()
        section = guide.split("## Limits on requests")[1].split("\n## ")[0]
        host = self.running(plugins=(LIMITS, RESILIENCE, HOLDER), config=re.search(r"```yaml\n(.*?)```", section, re.DOTALL)[1])
        host.wait("it runs", lambda: host.plugin("http-limits")["state"] == "running")
        commands = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1].splitlines()
        said = [host.ctl(*shlex.split(command)[1:]) for command in commands]
        self.assertEqual([code for code, _, _ in said], [0] * len(commands), said)
        self.assertIn("addr:203.0.113.7", said[0][1])
        self.assertIn("scan", said[1][1])
        self.assertEqual(self.statuses(host, 3), [200] * 3)

    # A worker that is held for 5 ms uses no core, so what a machine is busy with otherwise takes little from this.
    @unittest.skipIf(SANITIZED, "instrumented code on a busy machine says nothing of load")
    def test_at_four_times_the_load_playback_loses_nothing_and_the_workers_stay_busy(self):
        host = self.start({"rules": [{"name": "play", "pattern": "/play/*", "class": "playback", "deadline_s": 1},
                                     {"name": "browse", "pattern": "/browse/*", "deadline_s": 1}]}, more={"http": {"access_log": False}})
        for _ in range(5):
            whole = open_loop(host, f"/browse/1?ms=5*{2 * WORKERS}", seconds=2)[0]
            most = whole["in_time"] / whole["seconds"]
            play, browse = open_loop(host, f"/play/1?ms=5={most / 4}", f"/browse/1?ms=5={most * 15 / 4}")
            if play["lag_ms"] < LAG_MS:
                break
        else:
            self.fail("the client itself did not get a core for long, five times of five: nothing can be said of the host")
        said = {"most": most, "play": play, "browse": browse}
        self.assertGreater(browse["refused"], browse["sent"] / 2, said)
        self.assertEqual((play["refused"], play["late"], play["failed"]), (0, 0, 0), said)
        self.assertEqual(play["in_time"], play["sent"], said)
        answered = (play["in_time"] + browse["in_time"]) / SECONDS
        self.assertGreaterEqual(answered, 0.85 * most, said)
        code, out, _ = host.ctl("events", "--json")
        self.assertEqual(code, 0)
        self.assertIn("http-limits.shedding", out)


if __name__ == "__main__":
    unittest.main()

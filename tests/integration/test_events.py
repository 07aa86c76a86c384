"""Events between plugins, from the host to plugins and from plugins to operators, through the built host."""

import json
import unittest

from host import BUILD, HostTest

HERALD = BUILD / "events" / "herald"
LISTENER = BUILD / "events" / "0.1.0" / "listener"
NEXT_LISTENER = BUILD / "events" / "0.2.0" / "listener"


class Events(HostTest):
    def with_listener(self, **config):
        self.heard_in = self.root / "heard"
        host = self.host(plugins=[HERALD, LISTENER])
        host.config.write_text(json.dumps({"plugins": {"listener": {"file": str(self.heard_in), **config}}}))
        return host

    def started(self, host):
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and host.stop())
        return host

    def heard(self):
        if not self.heard_in.exists():
            return []
        return [line.split() for line in self.heard_in.read_text().splitlines() if line.count(" ") == 3]

    def publish(self, host, kind, count=1, query=""):
        return host.get(f"/herald/{kind}/{count}{query}", method="POST")

    def test_what_one_plugin_publishes_another_is_told_in_order(self):
        host = self.started(self.with_listener())
        self.assertEqual(self.publish(host, "news.local", 50).status, 200)
        self.assertEqual(self.publish(host, "other.things").status, 200)
        host.wait("50 events", lambda: len(self.heard()) == 50)
        self.assertEqual([line[2] for line in self.heard()], [str(n) for n in range(1, 51)])
        self.assertEqual({line[1] for line in self.heard()}, {"news.local"})

    def test_a_slow_subscriber_delays_nobody_and_is_told_how_many_it_missed(self):
        host = self.started(self.with_listener(delay_ms=200, capacity=3))
        self.assertEqual(self.publish(host, "news.local", 200).status, 200)
        host.wait("the last event", lambda: self.heard() and self.heard()[-1][2] == "200")
        heard = self.heard()
        self.assertLess(len(heard), 50)
        self.assertEqual(len(heard) + sum(int(line[3]) for line in heard), 200)

    def test_a_flag_that_changed_is_an_event(self):
        host = self.with_listener()
        flags = "bucketing: 1\nflags:\n  switch: {{owner: tests, remove_when: never, default: {}}}\n"
        (host.root / "flags.yaml").write_text(flags.format("on"))
        self.started(host)
        (host.root / "flags.yaml").write_text(flags.format("off"))
        host.operate("reload", "herald")
        host.wait("the flag's event", lambda: ["0.1.0", "flag.changed", "switch", "0"] in self.heard())

    def test_no_event_goes_round_for_ever(self):
        host = self.started(self.with_listener())
        self.publish(host, "echo.ping")
        host.wait("as many echoes as hops may be", lambda: host.get("/herald/echoes").body == b"9")
        self.publish(host, "news.local")
        host.wait("a later event", lambda: len(self.heard()) == 1)
        self.assertEqual(host.get("/herald/echoes").body, b"9")

    def test_in_a_swap_each_event_is_told_once_by_one_version_or_the_other(self):
        host = self.started(self.with_listener(delay_ms=5))
        self.publish(host, "news.local", 100)
        host.wait("some events", lambda: len(self.heard()) >= 3)
        self.assertEqual(host.swap("listener", NEXT_LISTENER).status, 200)
        self.publish(host, "news.late", 5)
        host.wait("all events", lambda: len(self.heard()) >= 105)
        heard = self.heard()
        self.assertEqual([(line[1], line[2]) for line in heard],
                         [("news.local", str(n)) for n in range(1, 101)]
                         + [("news.late", str(n)) for n in range(1, 6)])
        self.assertEqual({line[0] for line in heard}, {"0.1.0", "0.2.0"})
        self.assertEqual({line[3] for line in heard}, {"0"})

    def test_a_subscriber_that_left_is_told_nothing_and_unloads(self):
        host = self.started(self.with_listener())
        self.assertEqual(host.operate("disable", "listener").status, 200)
        host.wait("it is unloaded", lambda: host.mapped("listener.so") == 0)
        self.assertEqual(self.publish(host, "news.local", 10).status, 200)
        self.assertEqual(self.heard(), [])

    def test_operators_see_what_plugins_publish_and_still_what_the_host_did_before(self):
        host = self.started(self.with_listener())
        self.publish(host, "noise.made", 2000)
        self.publish(host, "news.local", 1, "?payload=%7B%22a%22%3A1%7D")
        code, out, _ = host.ctl("events", "--json")
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(code, 0)
        self.assertEqual(events[-1]["kind"], "news.local")
        self.assertEqual(events[-1]["source"], "herald")
        self.assertEqual(events[-1]["payload"], {"a": 1})
        self.assertTrue(any(event.get("kind") == "plugin.state" for event in events))

    def test_what_is_no_event_is_refused_with_the_reason(self):
        host = self.started(self.with_listener())
        for kind, query, reason in (("plugin.state", "", "only the host publishes"), ("word", "", "at least two"),
                                    ("a.b", "?payload=%7B", "payload")):
            with self.subTest(kind=kind):
                answer = self.publish(host, kind, 1, query)
                self.assertEqual(answer.status, 409)
                self.assertIn(reason, answer.body.decode())


if __name__ == "__main__":
    unittest.main()

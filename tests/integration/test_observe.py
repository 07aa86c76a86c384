"""What the log and the traces of a running host say of a request, whoever does its work."""

import json
import unittest

from host import BUILD, HostTest
from otlp_receiver import Receiver, attributes

PACKAGES = BUILD / "tests" / "packages"
HELLO = PACKAGES / "hello"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Lines(HostTest):
    def lines(self, host, request):
        lines = [json.loads(line) for line in host.logged().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("request") == request]

    def test_of_a_plugin_and_of_the_host_name_request_and_trace(self):
        host = self.running(plugins=(HELLO,), options=["log.level=debug", "log.format=json", "http.access_log=true"])
        host.wait("running", lambda: host.plugin("hello")["state"] == "running")
        sampled = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "sampled"}
        self.assertEqual(host.get("/hello/ada", sampled).status, 200)
        self.assertEqual(host.get("/hello/bob", {"Traceparent": sampled["Traceparent"][:-1] + "0", "X-Request-Id": "other"}).status, 200)
        self.assertEqual(host.stop(), 0)
        told = {line.get("plugin", line.get("component")): line for line in self.lines(host, "sampled")}
        self.assertEqual((told["hello"]["message"], told["hello"]["trace_id"]), ("greeted", TRACE))
        self.assertEqual(told["http"]["trace_id"], TRACE)
        others = self.lines(host, "other")
        self.assertEqual(sorted(line["message"] for line in others), ["greeted", "request"])
        self.assertFalse([line for line in others if "trace_id" in line])


class Spans(HostTest):
    def test_T5_calls_of_other_plugins_are_beneath_the_request_also_when_an_answer_resumed_it(self):
        receiver = Receiver()
        self.addCleanup(receiver.close)
        host = self.running(plugins=(PACKAGES / "context-caller", PACKAGES / "context-called", BUILD / "plugins" / "telemetry-otlp"),
                            config=f"plugins:\n  telemetry-otlp: {{endpoint: 'http://127.0.0.1:{receiver.port}', traces_delay_ms: 50}}\n")
        for id in ("context-caller", "telemetry-otlp"):
            host.wait("it runs", lambda: host.plugin(id)["state"] == "running")
        self.assertEqual(host.get("/context", {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}).status, 200)

        def named(name):
            return [span for span in receiver.spans() if span.name == name]

        host.wait("the spans", lambda: named("GET /context") and len(named("test.called/1")) == 2)
        [server], [handler] = named("GET /context"), named("context-caller /context")
        self.assertEqual({span.trace_id.hex() for span in receiver.spans()}, {TRACE})
        self.assertEqual(handler.parent_span_id, server.span_id)
        calls = named("test.called/1")  # the one that is answered later, and the one that follows it
        self.assertEqual([span.parent_span_id for span in calls], [handler.span_id] * 2)
        self.assertEqual([attributes(span)["revenge.provider"] for span in calls], ["context-called"] * 2)
        self.assertNotEqual(calls[0].span_id, calls[1].span_id)
        self.assertEqual(receiver.errors, [])


if __name__ == "__main__":
    unittest.main()

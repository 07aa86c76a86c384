"""The exporter in the real host, against a receiver that is up, down, slow, busy, or never answers."""

import threading
import time
import unittest

from host import BUILD, PATIENCE, HostTest
from otlp_receiver import Receiver, attributes

HELLO = BUILD / "tests" / "packages" / "hello"
OTLP = BUILD / "plugins" / "telemetry-otlp"
NEXT = BUILD / "swap" / "0.2.0" / "telemetry-otlp"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DROPPED = "revenge_plugin_telemetry_otlp_dropped_total"


class Exporting(HostTest):
    def receiver(self, port=0):
        receiver = Receiver(port)
        self.addCleanup(receiver.close)
        return receiver

    def exporting(self, receiver, options=(), head="", **settings):
        settings = {"traces_delay_ms": 50, "logs_delay_ms": 50, "metrics_delay_ms": 100, **settings}
        lines = [f"    {key}: {value}" for key, value in settings.items()]
        config = head + "\n".join(["plugins:", "  telemetry-otlp:", f"    endpoint: http://127.0.0.1:{receiver.port}", *lines, ""])
        host = self.running(plugins=(HELLO, OTLP), config=config, options=list(options))
        for id in ("hello", "telemetry-otlp"):
            host.wait(f"{id} runs", lambda: host.plugin(id)["state"] in ("running", "degraded"))
        return host

    def dropped(self, host, signal, reason):
        labels = [f'signal="{signal}"', f'reason="{reason}"']
        for line in host.get("/metrics").body.decode().splitlines():
            if line.startswith(DROPPED + "{") and all(label in line for label in labels):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def counted(self, host, name, signal):
        for line in host.get("/metrics").body.decode().splitlines():
            if line.startswith(f"revenge_plugin_telemetry_otlp_{name}_total{{") and f'signal="{signal}"' in line:
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def spans_named(self, receiver, name):
        return [span for span in receiver.spans() if span.name == name]

    def test_a_request_is_one_trace(self):
        for encoding, compression in (("protobuf", "gzip"), ("json", "none")):
            with self.subTest(encoding=encoding):
                receiver = self.receiver()
                host = self.exporting(receiver, encoding=encoding, compression=compression)
                headers = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-03", "Tracestate": "rojo=1"}
                self.assertEqual(host.get("/hello/ada?name=x&api_key=tiger", headers).status, 200)
                host.wait("the spans", lambda: self.spans_named(receiver, "GET /hello/{name}"))
                server = self.spans_named(receiver, "GET /hello/{name}")[0]
                self.assertEqual((server.trace_id.hex(), server.parent_span_id.hex()), (TRACE, "00f067aa0ba902b7"))
                self.assertEqual((server.kind, server.status.code, server.trace_state), (2, 0, "rojo=1"))
                told = attributes(server)
                self.assertEqual((told["http.request.method"], told["http.route"]), ("GET", "/hello/{name}"))
                self.assertEqual(told["url.query"], "name=x&api_key=REDACTED")
                self.assertEqual((told["http.response.status_code"], told["url.path"]), (200, "/hello/ada"))
                self.assertNotIn("error.type", told)
                host.wait("the handler's span", lambda: self.spans_named(receiver, "hello /hello/{name}"))
                handler = self.spans_named(receiver, "hello /hello/{name}")[0]
                self.assertEqual((handler.trace_id, handler.parent_span_id), (server.trace_id, server.span_id))
                self.assertEqual(receiver.errors, [])
                self.assertEqual(host.stop(), 0)

    def test_metrics_and_logs_arrive(self):
        receiver = self.receiver()
        host = self.exporting(receiver, options=["log.level=debug", "http.access_log=true"])
        headers = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        host.get("/hello/ada", headers)
        host.wait("the plugin's line", lambda: any(r.body.string_value == "greeted" for r in receiver.records()))
        greeted = next(r for r in receiver.records() if r.body.string_value == "greeted")
        self.assertEqual(greeted.trace_id.hex(), TRACE)
        host.wait("metrics", lambda: "revenge_plugin_telemetry_otlp_sent_total" in receiver.metrics())
        self.assertTrue(receiver.metrics()["revenge_plugin_telemetry_otlp_sent_total"].sum.is_monotonic)
        self.assertEqual(receiver.errors, [])

    def test_nothing_is_traced_by_a_ratio_of_0_until_it_is_raised_live(self):
        receiver = self.receiver()
        host = self.exporting(receiver, head="tracing: {sample_ratio: 0}\n")
        self.assertEqual(host.get("/hello/ada").status, 200)
        host.wait("metrics", lambda: receiver.of("metrics"))
        self.assertEqual(receiver.spans(), [])
        host.config.write_text(host.config.read_text().replace("sample_ratio: 0", "sample_ratio: 1"))
        host.wait("a trace", lambda: host.get("/hello/bob") and self.spans_named(receiver, "GET /hello/{name}"))

    def test_O1_a_busy_receiver_gets_the_same_batch_when_it_said(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: (429, {"Retry-After": "1"}, None) if signal == "traces" and number == 1 else (200, {}, None)
        host = self.exporting(receiver)
        host.get("/hello/ada")
        host.wait("the retry", lambda: len(receiver.of("traces")) >= 2)
        first, second = receiver.of("traces")[:2]
        self.assertEqual(first, second)
        host.wait("counted", lambda: self.counted(host, "retries", "traces") >= 1)
        self.assertEqual(sum(self.dropped(host, "traces", reason) for reason in ("refused", "retries", "queue")), 0)

    def test_O3_what_is_refused_is_tried_once_and_counted(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: (400 if signal == "traces" else 200, {}, None)
        host = self.exporting(receiver)
        host.get("/hello/ada")
        host.wait("dropped", lambda: self.dropped(host, "traces", "refused") >= 1)
        first = receiver.of("traces")[0]
        self.assertEqual(receiver.of("traces").count(first), 1)

    def test_O4_partial_success_is_counted_and_not_sent_again(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: (200, {}, (1, "one too many") if signal == "traces" else None)
        host = self.exporting(receiver)
        host.get("/hello/ada")
        host.wait("rejected", lambda: self.counted(host, "rejected", "traces") >= 1)
        self.assertEqual(self.counted(host, "retries", "traces"), 0)
        host.wait("the message", lambda: "one too many" in host.logged())

    def latency(self, host, count=200):
        took = []
        for _ in range(count):
            begun = time.monotonic()
            self.assertEqual(host.get("/hello/ada").status, 200)
            took.append(time.monotonic() - begun)
        return sorted(took)[count // 2]

    def test_O5_a_receiver_that_never_answers_slows_no_request(self):
        receiver = self.receiver()
        host = self.exporting(receiver, timeout_s=1, queue_size=64, batch_size=32)
        before = self.latency(host)
        receiver.behave = lambda signal, number: (None, {}, None)
        during = self.latency(host)
        self.assertLess(during, 4 * before + 0.002)
        host.wait("loss is counted", lambda: self.dropped(host, "traces", "queue") + self.dropped(host, "traces", "retries") > 0)
        receiver.behave = lambda signal, number: (200, {}, None)
        receiver.release.set()
        seen = len(receiver.of("traces"))
        sent = self.counted(host, "sent", "traces")
        host.wait("it is used again", lambda: host.get("/hello/ada") and len(receiver.of("traces")) > seen
                  and self.counted(host, "sent", "traces") > sent)

    def test_O6_a_receiver_that_was_away_is_used_again(self):
        receiver = self.receiver()
        port = receiver.port
        host = self.exporting(receiver)
        host.wait("metrics", lambda: receiver.of("metrics"))
        receiver.close()
        host.get("/hello/ada")
        host.wait("trouble is shown", lambda: host.plugin("telemetry-otlp")["state"] == "degraded")
        back = self.receiver(port)
        host.wait("it resumes", lambda: host.get("/hello/bob") and self.spans_named(back, "GET /hello/{name}"))
        self.assertEqual(back.errors, [])

    def test_O7_is_replaced_under_load_and_unmapped(self):
        receiver = self.receiver()
        host = self.exporting(receiver)
        stop = threading.Event()
        answered = []

        def load():
            connection = host.connect()
            while not stop.is_set():
                connection.request("GET", "/hello/ada")
                response = connection.getresponse()
                response.read()
                answered.append(response.status)

        clients = [threading.Thread(target=load) for _ in range(2)]
        for client in clients:
            client.start()
        begun = time.monotonic()
        self.assertEqual(host.swap("telemetry-otlp", NEXT).status, 200)
        host.wait("0.2.0", lambda: host.plugin("telemetry-otlp")["version"] == "0.2.0")
        host.wait("the old one is unmapped", lambda: host.mapped("telemetry-otlp.so") == 1)
        took = time.monotonic() - begun
        stop.set()
        for client in clients:
            client.join()
        self.assertEqual(set(answered), {200})
        self.assertLess(took, PATIENCE)
        # Each request's span has arrived or is counted as lost, also those that the old version had.
        def arrived():
            lost = sum(self.dropped(host, "traces", r) for r in ("queue", "refused", "retries", "stopped"))
            return len(self.spans_named(receiver, "GET /hello/{name}")) + lost >= len(answered)
        host.wait("all spans are accounted for", arrived)
        self.assertEqual(len({span.span_id for span in receiver.spans()}), len(receiver.spans()), "none came twice")
        self.assertEqual(host.stop(), 0)

    def test_what_is_left_is_sent_at_the_end_of_the_host(self):
        receiver = self.receiver()
        host = self.exporting(receiver, traces_delay_ms=3600000)
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(receiver.spans(), [])
        self.assertEqual(host.stop(), 0)
        self.assertTrue(self.spans_named(receiver, "GET /hello/{name}"))

    def test_headers_go_out_and_are_never_shown(self):
        receiver = self.receiver()
        host = self.exporting(receiver, headers="{authorization: Bearer sesame}")
        host.wait("a request", lambda: receiver.requests)
        self.assertEqual(receiver.requests[0][2].get("Authorization", receiver.requests[0][2].get("authorization")), "Bearer sesame")
        self.assertNotIn("sesame", host.logged())


if __name__ == "__main__":
    unittest.main()

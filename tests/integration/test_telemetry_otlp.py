"""The exporter in the real host, against a receiver that is up, down, slow, busy, or never answers. Whatever it sends in any of
these must be OTLP by the published definitions."""

import itertools
import json
import re
import threading
import time
import unittest

from host import BUILD, PATIENCE, HostTest
from otlp_receiver import Receiver, attributes, items_of, spans_of

HELLO = BUILD / "tests" / "packages" / "hello"
OTLP = BUILD / "plugins" / "telemetry-otlp"
NEXT = BUILD / "swap" / "0.2.0" / "telemetry-otlp"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
DRAIN = 15  # seconds: the manifest's


SIGNALS = ("traces", "metrics", "logs")
NEVER = 3600000  # ms


def on_traces(answer, otherwise=(200, {}, None)):
    return lambda signal, number: answer if signal == "traces" else otherwise


class Exporting(HostTest):
    def receiver(self, port=0):
        receiver = Receiver(port)
        self.addCleanup(lambda: self.assertEqual(receiver.errors, []))
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

    def counted(self, host, name, signal, reason=None):
        """Of a counter of the exporter, summed over the reasons if none is given."""
        labels = [f'signal="{signal}"'] + ([f'reason="{reason}"'] if reason else [])
        return sum(float(line.rsplit(" ", 1)[1]) for line in host.get("/metrics").body.decode().splitlines()
                   if line.startswith(f"revenge_plugin_telemetry_otlp_{name}_total{{") and all(label in line for label in labels))

    def dropped(self, host, signal, reason=None):
        return self.counted(host, "dropped", signal, reason)

    def spans_named(self, receiver, name):
        return [span for span in receiver.spans() if span.name == name]

    def holds(self, host, receiver, signal, each, name, reason=None):
        """Whether a counter has `each` of every request so far; the last may be on its way."""
        before = len(receiver.of(signal))
        counted = self.counted(host, name, signal, reason)
        sums = list(itertools.accumulate(each(message) for message in receiver.of(signal)))
        return before > 0 and counted in sums[max(before - 2, 0):]

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
                self.assertEqual(host.stop(), 0)

    def test_without_an_endpoint_it_is_quiet_and_nothing_is_traced(self):
        host = self.running(plugins=(HELLO, OTLP))
        host.wait("it runs", lambda: host.plugin("telemetry-otlp")["state"] == "running")
        for _ in range(20):
            self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertNotIn("trace_id=", host.logged())
        self.assertEqual(host.get("/health/ready").json, {"status": "pass"})
        receiver = self.receiver()
        host.config.write_text(f"plugins: {{telemetry-otlp: {{endpoint: 'http://127.0.0.1:{receiver.port}', traces_delay_ms: 50}}}}\n")
        self.assertEqual(host.control("POST", "/v1/config/reload").status, 200)
        host.get("/hello/ada")
        host.wait("it is traced from then on", lambda: host.get("/hello/ada") and self.spans_named(receiver, "GET /hello/{name}"))
        self.assertEqual(host.stop(), 0)
        self.assertNotIn("dropped", host.logged())

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

    def test_nothing_is_traced_by_a_ratio_of_0_until_it_is_raised_live(self):
        receiver = self.receiver()
        host = self.exporting(receiver, head="tracing: {sample_ratio: 0}\n")
        self.assertEqual(host.get("/hello/ada").status, 200)
        host.wait("metrics", lambda: receiver.of("metrics"))
        self.assertEqual(receiver.spans(), [])
        host.config.write_text(host.config.read_text().replace("sample_ratio: 0", "sample_ratio: 1"))
        host.wait("a trace", lambda: host.get("/hello/bob") and self.spans_named(receiver, "GET /hello/{name}"))

    def test_O1_a_busy_receiver_gets_the_same_batch_after_the_seconds_it_said_and_nothing_before(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding=encoding):
                receiver = self.receiver()
                receiver.behave = lambda signal, number: (429, {"Retry-After": "2"}, None) if number == 1 else (200, {}, None)
                host = self.exporting(receiver, encoding=encoding)
                host.get("/hello/ada")
                for signal in SIGNALS:
                    host.wait(f"{signal} once more", lambda: len(receiver.requests_of(signal)) >= 2)
                    first, second = receiver.requests_of(signal)[:2]
                    self.assertEqual(first.message, second.message)
                    self.assertGreaterEqual(second.at - first.at, 2)  # without it, 1.2 s at most
                    host.wait("sent", lambda: self.counted(host, "sent", signal) >= items_of(second.message))
                    self.assertEqual((self.counted(host, "retries", signal), self.dropped(host, signal)), (1, 0))
                host.wait("the span", lambda: self.spans_named(receiver, "GET /hello/{name}"))
                host.stop()

    def test_O2_bare_502_503_504_are_tried_five_times_ever_later_then_dropped_and_counted(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: \
            ((502, 503, 504)[number % 3] if signal == "traces" and number <= 5 else 200, {}, None)
        host = self.exporting(receiver)
        host.get("/hello/lost")
        host.wait("the batch is dropped", lambda: self.dropped(host, "traces", "retries") > 0)
        tries = receiver.requests_of("traces")[:5]
        self.assertEqual([one.message for one in tries], [tries[0].message] * 5)
        pauses = [after.at - before.at for before, after in zip(tries, tries[1:])]
        for number, pause in enumerate(pauses):
            self.assertGreaterEqual(pause, 0.8 * 1.5**number)
        self.assertEqual(self.dropped(host, "traces"), items_of(tries[0].message))
        self.assertEqual(self.counted(host, "retries", "traces"), 4)
        host.wait("it is said", lambda: re.search(r"dropped: answered 50[234]: as the test wants", host.logged()))
        host.wait("what came meanwhile", lambda: len(receiver.requests_of("traces")) > 5)
        lost = {span.span_id for span in spans_of(tries[0].message)}
        self.assertFalse(lost & {span.span_id for message in receiver.of("traces")[5:] for span in spans_of(message)})

    def test_O2_a_receiver_that_was_unavailable_twice_gets_the_same_batch_and_nothing_is_lost(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: (503 if number <= 2 else 200, {}, None)
        host = self.exporting(receiver)
        host.get("/hello/ada")
        for signal in SIGNALS:
            host.wait(f"{signal}, a third time", lambda: len(receiver.requests_of(signal)) >= 3)
            tries = receiver.of(signal)[:3]
            self.assertEqual(tries, [tries[0]] * 3)
            host.wait("sent", lambda: self.counted(host, "sent", signal) >= items_of(tries[0]))
            self.assertEqual((self.counted(host, "retries", signal), self.dropped(host, signal)), (2, 0))

    def test_O3_what_is_answered_400_401_404_413_or_500_is_tried_once_and_each_item_counted_as_dropped(self):
        for status in (400, 401, 404, 413, 500):
            with self.subTest(status=status):
                receiver = self.receiver()
                receiver.behave = lambda signal, number: (status, {}, None)
                host = self.exporting(receiver)
                host.get("/hello/ada")
                for signal in SIGNALS:
                    host.wait(f"each of {signal} counts", lambda: self.holds(host, receiver, signal, items_of, "dropped", "refused"))
                    self.assertEqual((self.counted(host, "retries", signal), self.counted(host, "sent", signal)), (0, 0))
                host.wait("it is said", lambda: f"dropped: answered {status}: as the test wants" in host.logged())
                spans = receiver.spans()
                self.assertEqual(len({span.span_id for span in spans}), len(spans), "none came twice")
                host.stop()

    def test_O4_rejected_items_are_counted_never_sent_again_and_the_message_is_logged_once(self):
        for encoding in ("protobuf", "json"):
            with self.subTest(encoding=encoding):
                receiver = self.receiver()
                receiver.behave = on_traces((200, {}, (3, "three too many")))
                host = self.exporting(receiver, encoding=encoding, batch_size=4, traces_delay_ms=NEVER)
                while len(receiver.of("traces")) < 3:  # each request of the host makes a span or two
                    self.assertEqual(host.get("/hello/ada").status, 200)
                host.wait("three of each four", lambda: self.holds(host, receiver, "traces", lambda _: 3, "rejected"))
                host.wait("one of each four", lambda: self.holds(host, receiver, "traces", lambda _: 1, "sent"))
                self.assertEqual((self.counted(host, "retries", "traces"), self.dropped(host, "traces")), (0, 0))
                self.assertEqual({items_of(message) for message in receiver.of("traces")}, {4})
                spans = receiver.spans()
                self.assertEqual(len({span.span_id for span in spans}), len(spans), "none came twice")
                self.assertEqual(host.logged().count("the receiver left out 3 items: three too many"), 1)
                host.stop()

    def test_O4_a_message_without_rejected_items_is_a_warning_and_all_is_sent(self):
        receiver = self.receiver()
        receiver.behave = lambda signal, number: (200, {}, (0, "use the new endpoint"))
        host = self.exporting(receiver)
        host.get("/hello/ada")
        for signal in SIGNALS:
            host.wait(f"{signal} sent", lambda: self.counted(host, "sent", signal) > 0)
            self.assertEqual((self.counted(host, "rejected", signal), self.counted(host, "retries", signal)), (0, 0))
        host.wait("the warning", lambda: "the receiver warns: use the new endpoint" in host.logged())

    def latency(self, host, count, name):
        took = []
        for _ in range(count):
            begun = time.monotonic()
            self.assertEqual(host.get(f"/hello/{name}").status, 200)
            took.append(time.monotonic() - begun)
        return sorted(took)[count // 2]

    def ids_of(self, receiver, path):
        return {span.span_id for span in self.spans_named(receiver, "GET /hello/{name}") if attributes(span)["url.path"] == path}

    def test_O5_a_receiver_that_never_answers_slows_no_request_costs_a_bounded_queue_and_is_used_again(self):
        receiver = self.receiver()
        queue, batch, requests = 512, 64, 800
        host = self.exporting(receiver, timeout_s=1, queue_size=queue, batch_size=batch)
        before = self.latency(host, queue // 4, "before")  # each is two spans
        host.wait("all is sent", lambda: len(self.ids_of(receiver, "/hello/before")) == queue // 4)
        receiver.behave = on_traces((None, {}, None))
        host.wait("a request hangs", lambda: host.get("/hello/hung") and receiver.requests_of("traces")[-1].status is None)
        during = self.latency(host, requests, "during")
        self.assertLess(during, 4 * before + 0.002)
        host.wait("it timed out", lambda: self.counted(host, "retries", "traces") > 0)
        receiver.behave = on_traces((200, {}, None))
        receiver.release.set()
        host.wait("loss is counted", lambda: self.dropped(host, "traces", "queue") >= 2 * requests - queue - batch)
        host.wait("it is used again", lambda: host.get("/hello/after") and self.ids_of(receiver, "/hello/after"))
        self.assertLessEqual(len(self.ids_of(receiver, "/hello/during")), queue + batch)
        host.wait("health is well", lambda: host.plugin("telemetry-otlp")["state"] == "running")

    def test_O6_a_receiver_that_was_away_is_used_again_without_a_restart(self):
        receiver = self.receiver()
        port = receiver.port
        host = self.exporting(receiver)
        host.wait("metrics", lambda: receiver.of("metrics"))
        receiver.close()
        self.assertEqual(host.get("/hello/ada").status, 200)
        host.wait("trouble is shown", lambda: host.plugin("telemetry-otlp")["state"] == "degraded")
        self.assertEqual(host.get("/hello/ada").status, 200)
        back = self.receiver(port)
        host.wait("it resumes", lambda: host.get("/hello/bob") and self.ids_of(back, "/hello/bob"))
        host.wait("metrics too", lambda: back.of("metrics"))
        host.wait("health is well", lambda: host.plugin("telemetry-otlp")["state"] == "running")

    def test_O7_is_replaced_under_load_unmapped_and_each_span_arrives_once_or_counts_as_lost(self):
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
            connection.close()

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
        self.assertLess(took, DRAIN)
        # Each request's span has arrived or is counted as lost, also those that the old version had.
        def arrived():
            return len(self.spans_named(receiver, "GET /hello/{name}")) + self.dropped(host, "traces") >= len(answered)
        host.wait("all spans are accounted for", arrived)
        self.assertEqual(len({span.span_id for span in receiver.spans()}), len(receiver.spans()), "none came twice")
        self.assertEqual(host.stop(), 0)

    def test_O7_is_replaced_while_the_receiver_never_answers_and_the_batch_on_its_way_counts_as_lost(self):
        receiver = self.receiver()
        receiver.behave = on_traces((None, {}, None))
        host = self.exporting(receiver, timeout_s=60, batch_size=4, traces_delay_ms=NEVER)
        host.wait("a request hangs", lambda: host.get("/hello/ada") and receiver.of("traces"))
        begun = time.monotonic()
        self.assertEqual(host.swap("telemetry-otlp", NEXT).status, 200)
        host.wait("the old one is unmapped", lambda: host.mapped("telemetry-otlp.so") == 1)
        self.assertLess(time.monotonic() - begun, DRAIN + PATIENCE / 4)
        self.assertEqual(self.dropped(host, "traces", "stopped"), items_of(receiver.of("traces")[0]))
        lost = {span.span_id for span in spans_of(receiver.of("traces")[0])}
        receiver.behave = on_traces((200, {}, None))
        receiver.release.set()
        host.wait("the new one sends", lambda: host.get("/hello/bob") and self.counted(host, "sent", "traces") > 0)
        arrived = {span.span_id for request in receiver.requests_of("traces") if request.status == 200
                   for span in spans_of(request.message)}
        self.assertFalse(lost & arrived)

    def test_O8_json_of_a_server_span_has_hex_ids_kind_2_decimal_times_and_lower_camel_case(self):
        receiver = self.receiver()
        host = self.exporting(receiver, encoding="json", compression="none")
        host.get("/hello/ada", {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})
        host.wait("the span", lambda: self.spans_named(receiver, "GET /hello/{name}"))
        sent = [span for request in receiver.requests_of("traces") for resource in json.loads(request.body)["resourceSpans"]
                for scope in resource["scopeSpans"] for span in scope["spans"] if span["name"] == "GET /hello/{name}"][0]
        self.assertEqual((sent["traceId"], sent["parentSpanId"], sent["kind"]), (TRACE, "00f067aa0ba902b7", 2))
        self.assertRegex(sent["spanId"], "^[0-9a-f]{16}$")
        for time in ("startTimeUnixNano", "endTimeUnixNano"):
            self.assertIsInstance(sent[time], str)
            self.assertRegex(sent[time], "^[0-9]{19}$")
        read = self.spans_named(receiver, "GET /hello/{name}")[0]
        self.assertEqual((read.span_id.hex(), read.end_time_unix_nano), (sent["spanId"], int(sent["endTimeUnixNano"])))
        for request in receiver.requests:
            self.assertEqual(request.headers["content-type"], "application/json")

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
        self.assertEqual(receiver.requests[0].headers["authorization"], "Bearer sesame")
        self.assertNotIn("sesame", host.logged())


if __name__ == "__main__":
    unittest.main()

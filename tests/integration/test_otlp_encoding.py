"""What the exporter writes, read by OpenTelemetry's own definitions with the distribution's protobuf, in both encodings; and
that reading by them refuses what is not OTLP."""

import json
import math
import subprocess
import unittest

from host import BUILD
from otlp_receiver import Invalid, attributes, json_format, parse

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
MOMENT = 1_700_000_000_123_456_789


def sample(signal, encoding):
    program = BUILD / "tests" / "otlp" / "otlp_sample"
    return subprocess.run([program, signal, encoding], check=True, stdout=subprocess.PIPE).stdout


class Encoding(unittest.TestCase):
    def both(self, signal):
        """The message, which must be the same from both."""
        read = [parse(signal, encoding, sample(signal, encoding)) for encoding in ("protobuf", "json")]
        self.assertEqual(read[0], read[1])
        return read[0]

    def test_traces(self):
        resource = self.both("traces").resource_spans[0]
        self.assertEqual(attributes(resource.resource), {"service.name": "revenge", "host.name": "den"})
        host, stream = resource.scope_spans
        self.assertEqual((host.scope.name, stream.scope.name), ("revenge", "stream"))
        server, root = host.spans
        self.assertEqual((server.trace_id.hex(), server.span_id.hex(), server.parent_span_id.hex()),
                         (TRACE, "00f067aa0ba902b7", "0000000000000007"))
        self.assertEqual((server.kind, server.status.code, server.status.message), (2, 2, "broken"))
        self.assertEqual((server.start_time_unix_nano, server.end_time_unix_nano), (MOMENT, MOMENT + 5_000_000))
        self.assertEqual((server.name, server.trace_state, server.flags), ("GET /films/{id}", "rojo=1,congo=2", 3))
        self.assertEqual((server.dropped_attributes_count, server.dropped_events_count), (2, 1))
        self.assertEqual((server.events[0].name, attributes(server.events[0])), ("first frame", {"frame": 1}))
        told = attributes(server)
        self.assertEqual(told["text"], 'a "quoted"\nä')
        self.assertEqual(told["bad"], "x\ufffd\ufffd\ufffd\ufffdy")
        self.assertEqual((told["yes"], told["integer"], told["number"]), (True, -9_007_199_254_740_993, 0.1))
        self.assertTrue(math.isinf(told["infinite"]))
        self.assertEqual((root.kind, root.status.code, root.parent_span_id), (3, 1, b""))
        self.assertEqual(stream.spans[0].parent_span_id, server.span_id)

    def test_O8_json_of_a_server_span_has_hex_ids_kind_2_decimal_times_and_lower_camel_case(self):
        body = sample("traces", "json")
        self.assertEqual(parse("traces", "json", body).resource_spans[0].scope_spans[0].spans[0].kind, 2)
        span = json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        self.assertEqual((span["traceId"], span["spanId"], span["parentSpanId"]), (TRACE, "00f067aa0ba902b7", "0000000000000007"))
        self.assertEqual((span["kind"], span["status"]["code"]), (2, 2))
        self.assertEqual((span["startTimeUnixNano"], span["endTimeUnixNano"]), (str(MOMENT), str(MOMENT + 5_000_000)))
        self.assertEqual((span["traceState"], span["droppedAttributesCount"]), ("rojo=1,congo=2", 2))
        values = {pair["key"]: pair["value"] for pair in span["attributes"]}
        self.assertEqual(values["integer"], {"intValue": "-9007199254740993"})
        self.assertEqual(values["infinite"], {"doubleValue": "Infinity"})

    def test_logs(self):
        stream, host = self.both("logs").resource_logs[0].scope_logs
        record = stream.log_records[0]
        self.assertEqual((record.time_unix_nano, record.severity_number, record.severity_text), (MOMENT, 13, "WARN"))
        self.assertEqual(record.body.string_value, 'cannot "serve"')
        self.assertEqual((record.trace_id.hex(), record.span_id.hex()), (TRACE, "00f067aa0ba902b7"))
        self.assertEqual((host.log_records[0].trace_id, host.log_records[0].severity_number), (b"", 9))

    def test_metrics(self):
        counter, gauge, histogram = self.both("metrics").resource_metrics[0].scope_metrics[0].metrics
        self.assertEqual((counter.name, counter.description), ("requests_total", "Requests."))
        self.assertTrue(counter.sum.is_monotonic)
        self.assertEqual(counter.sum.aggregation_temporality, 2)
        point = counter.sum.data_points[0]
        self.assertEqual((point.as_double, attributes(point)), (3, {"method": "GET"}))
        self.assertEqual((point.start_time_unix_nano, point.time_unix_nano), (MOMENT - 60_000_000_000, MOMENT))
        self.assertEqual(point.exemplars[0].trace_id.hex(), TRACE)
        self.assertEqual((gauge.unit, gauge.gauge.data_points[0].as_double), ("By", -1.5))
        self.assertEqual((histogram.unit, histogram.histogram.aggregation_temporality), ("s", 2))
        point = histogram.histogram.data_points[0]
        self.assertEqual((point.count, point.sum), (2**64 - 1, 7.005))
        self.assertEqual(list(point.bucket_counts), [1, 0, 2**64 - 2])
        self.assertEqual(list(point.explicit_bounds), [0.005, 0.01])
        self.assertEqual((point.exemplars[0].as_double, point.exemplars[0].span_id.hex()), (0.25, "00f067aa0ba902b7"))


class Judgement(unittest.TestCase):
    """One thing made wrong in what is right."""

    def refused(self, signal, change, expected):
        message = parse(signal, "protobuf", sample(signal, "protobuf"))
        change(getattr(message, f"resource_{'spans' if signal == 'traces' else signal}")[0])
        with self.assertRaisesRegex(Invalid, expected):
            parse(signal, "protobuf", message.SerializeToString())

    def test_unknown_fields_are_refused_at_any_depth(self):
        body = sample("traces", "protobuf")
        with self.assertRaisesRegex(Invalid, "do not have"):
            parse("traces", "protobuf", body + b"\xf8\x07\x01")  # field 127, a varint
        self.refused("traces", lambda all: all.scope_spans[0].spans[0].status.MergeFromString(b"\xf8\x07\x01"), "do not have")

    def test_values_that_an_enumeration_lacks_are_refused(self):
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "kind", 9), "kind: 9")
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0].status, "code", 3), "code: 3")
        self.refused("logs", lambda all: setattr(all.scope_logs[0].log_records[0], "severity_number", 25), "severity_number: 25")

    def test_ids_of_another_length_or_all_zero_are_refused(self):
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "trace_id", bytes(15) + b"x" * 2), "trace_id")
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "span_id", bytes(8)), "span_id")
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "parent_span_id", b"1234567"), "parent_span_id")
        self.refused("logs", lambda all: setattr(all.scope_logs[0].log_records[0], "span_id", b"123456789"), "span_id")

    def test_times_that_make_no_sense_are_refused(self):
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "end_time_unix_nano", MOMENT - 1), "times of a span")
        self.refused("traces", lambda all: setattr(all.scope_spans[0].spans[0], "start_time_unix_nano", 17), "times of a span")
        self.refused("logs", lambda all: setattr(all.scope_logs[0].log_records[0], "observed_time_unix_nano", 0), "times of a record")

        def later(all):
            all.scope_metrics[0].metrics[0].sum.data_points[0].start_time_unix_nano = MOMENT + 1
        self.refused("metrics", later, "times of a point")

    def test_buckets_that_do_not_fit_their_bounds_or_their_count_are_refused(self):
        def histogram(all):
            return all.scope_metrics[0].metrics[2].histogram.data_points[0]
        self.refused("metrics", lambda all: histogram(all).bucket_counts.append(0), "4 buckets for 2 bounds")
        self.refused("metrics", lambda all: setattr(histogram(all), "count", 5), "for a count of 5")
        self.refused("metrics", lambda all: histogram(all).explicit_bounds.reverse(), "bounds")

    def test_what_is_not_cumulative_is_refused(self):
        for metric in (0, 2):
            def delta(all):
                one = all.scope_metrics[0].metrics[metric]
                getattr(one, one.WhichOneof("data")).aggregation_temporality = 1
            self.refused("metrics", delta, "not cumulative")

    def test_attributes_told_twice_are_refused(self):
        self.refused("traces", lambda all: all.scope_spans[0].spans[0].attributes.add(key="text").value.SetInParent(), "attributes")

    def test_json_that_is_not_otlps_is_refused(self):
        body = sample("traces", "json").decode()
        parse("traces", "json", body)
        base64_id = "S/kvNXezTaajzpKdDg5HNg=="
        for right, wrong in ((TRACE, base64_id), (f'"{MOMENT}"', str(MOMENT)), ('"kind":2', '"kind":"SPAN_KIND_SERVER"'),
                             ('"kind":2', '"kind":7'), ('"-9007199254740993"', "-9007199254740993"), ('"traceState"', '"trace_state"'),
                             ('"traceState"', '"TraceState"'), ('"traceState"', '"traceStates"'), ('"Infinity"', "Infinity"),
                             ('"traceState"', '"name":"again","traceState"')):
            with self.subTest(wrong=wrong):
                self.assertIn(right, body)
                with self.assertRaises((Invalid, json_format.ParseError)):
                    parse("traces", "json", body.replace(right, wrong, 1))


if __name__ == "__main__":
    unittest.main()

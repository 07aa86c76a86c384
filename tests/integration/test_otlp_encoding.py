"""What the exporter writes, read by the published definitions with the distribution's protobuf, in both encodings."""

import json
import math
import subprocess
import unittest

from host import BUILD
from otlp_receiver import attributes, parse

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

    def test_O8_json_of_a_server_span(self):
        span = json.loads(sample("traces", "json"))["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
        self.assertEqual((span["traceId"], span["spanId"]), (TRACE, "00f067aa0ba902b7"))
        self.assertEqual(span["kind"], 2)
        self.assertEqual(span["startTimeUnixNano"], str(MOMENT))
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


if __name__ == "__main__":
    unittest.main()

"""A receiver of OTLP/HTTP on loopback that reads by the published definitions (tests/otlp), and behaves as a test tells it."""

import base64
import dataclasses
import gzip
import http.server
import json
import socket
import sys
import threading
import time

from host import BUILD

sys.path.insert(0, str(BUILD / "tests" / "otlp"))  # made by protoc in the build, of tests/otlp
sys.path.append("/usr/lib/python3/dist-packages")  # the distribution's protobuf, also for another interpreter
from google.protobuf import json_format  # noqa: E402
import otlp_pb2 as otlp  # noqa: E402

REQUESTS = {
    "traces": (otlp.ExportTraceServiceRequest, otlp.ExportTraceServiceResponse, "rejected_spans"),
    "metrics": (otlp.ExportMetricsServiceRequest, otlp.ExportMetricsServiceResponse, "rejected_data_points"),
    "logs": (otlp.ExportLogsServiceRequest, otlp.ExportLogsServiceResponse, "rejected_log_records"),
}
CONTENT_TYPES = {"application/x-protobuf": "protobuf", "application/json": "json"}
IDS = {"trace_id": 16, "span_id": 8, "parent_span_id": 8}
JSON_IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
JSON_ENUMS = ("kind", "code", "severityNumber", "aggregationTemporality")
JSON_64_BITS = ("startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano", "intValue", "asInt", "count")
CUMULATIVE = 2
EARLIEST = 1_600_000_000_000_000_000  # ns since 1970: September 2020


class Invalid(ValueError):
    """Not OTLP."""


def require(holds, what):
    if not holds:
        raise Invalid(what)


def once_each(pairs):
    require(len({name for name, _ in pairs}) == len(pairs), f"a name twice: {[name for name, _ in pairs]}")
    return dict(pairs)


def no_number(text):
    raise Invalid(f"{text} is no JSON")


def as_protobuf_json(value):
    """OTLP's JSON as protobuf's: ids are hex there and base64 here. Whatever is not OTLP's JSON raises."""
    if isinstance(value, list):
        return [as_protobuf_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        require("_" not in key and key[:1].islower(), f"{key}: not lowerCamelCase")
        if key in JSON_IDS:
            require(isinstance(item, str) and len(item) == JSON_IDS[key], f"{key}: expected {JSON_IDS[key]} hex digits, got {item!r}")
            item = base64.b64encode(bytes.fromhex(item)).decode()
        if key in JSON_64_BITS or key == "bucketCounts":
            for number in item if key == "bucketCounts" else [item]:
                require(isinstance(number, str) and number.lstrip("-").isdigit(), f"{key}: expected a decimal string, got {number!r}")
        if key in JSON_ENUMS:
            require(type(item) is int, f"{key}: expected an integer, got {item!r}")
        out[key] = as_protobuf_json(item)
    return out


def messages_in(message):
    """A message and all those within it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type:
            for inner in value if field.label == field.LABEL_REPEATED else [value]:
                yield from messages_in(inner)


def check_definition(message):
    """Fields and values of enumerations that the definitions have."""
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    require(known.ByteSize() == message.ByteSize(), "fields that the definitions do not have")
    for one in messages_in(message):
        for field, value in one.ListFields():
            if field.enum_type:
                require(value in field.enum_type.values_by_number, f"{field.full_name}: {value} is no value of it")


def check_rules(one):
    """What the comments of the definitions ask of a message, as far as this project sends it."""
    name = one.DESCRIPTOR.name
    for field, size in IDS.items():
        if field in one.DESCRIPTOR.fields_by_name and (value := getattr(one, field)):
            require(len(value) == size and any(value), f"{name}.{field}: {value.hex()}")
    for field in ("attributes", "filtered_attributes"):
        if field in one.DESCRIPTOR.fields_by_name:
            keys = [pair.key for pair in getattr(one, field)]
            require(all(keys) and len(set(keys)) == len(keys), f"{name}.{field}: {keys}")
    if name == "Span":
        require(one.trace_id and one.span_id and one.name, f"a span without an id or a name: {one}")
        require(EARLIEST < one.start_time_unix_nano <= one.end_time_unix_nano <= latest(), f"times of a span: {one}")
        require(one.kind != 0, f"a span without a kind: {one}")
        require(all(EARLIEST < event.time_unix_nano <= latest() for event in one.events), f"times of events: {one}")
    if name == "LogRecord":
        require(EARLIEST < one.time_unix_nano <= one.observed_time_unix_nano <= latest(), f"times of a record: {one}")
        require(one.severity_number != 0, f"a record without a severity: {one}")
        require(bool(one.trace_id) >= bool(one.span_id), f"a span without a trace: {one}")
    if name == "Metric":
        require(one.name and one.WhichOneof("data"), f"a metric without a name or data: {one}")
        data = getattr(one, one.WhichOneof("data"))
        require(data.data_points, f"{one.name}: no data points")
        series = [tuple(sorted((pair.key, str(pair.value)) for pair in point.attributes)) for point in data.data_points]
        require(len(set(series)) == len(series), f"{one.name}: a series twice")
        if one.WhichOneof("data") != "gauge":
            require(data.aggregation_temporality == CUMULATIVE, f"{one.name}: not cumulative")
            require(all(point.start_time_unix_nano for point in data.data_points), f"{one.name}: cumulative since when?")
    if name in ("NumberDataPoint", "HistogramDataPoint"):
        require(EARLIEST < one.time_unix_nano <= latest() and one.start_time_unix_nano <= one.time_unix_nano, f"times of a point: {one}")
        require(one.start_time_unix_nano == 0 or one.start_time_unix_nano > EARLIEST, f"the start of a point: {one}")
    if name == "NumberDataPoint":
        require(one.WhichOneof("value"), f"a point without a value: {one}")
    if name == "HistogramDataPoint":
        bounds = list(one.explicit_bounds)
        require(len(one.bucket_counts) == len(bounds) + 1, f"{len(one.bucket_counts)} buckets for {len(bounds)} bounds")
        require(bounds == sorted(set(bounds)), f"bounds: {bounds}")
        require(sum(one.bucket_counts) == one.count, f"buckets of {sum(one.bucket_counts)} for a count of {one.count}")
    if name == "Exemplar":
        require(one.WhichOneof("value") and EARLIEST < one.time_unix_nano <= latest(), f"an exemplar: {one}")
    if name in ("ResourceSpans", "ResourceMetrics", "ResourceLogs"):
        require(any(pair.key == "service.name" for pair in one.resource.attributes), "a resource without service.name")


def latest():
    return time.time_ns() + 1_000_000_000


def parse(signal, encoding, body):
    """The message of a request; raises on whatever is not OTLP."""
    message = REQUESTS[signal][0]()
    if encoding == "json":
        value = json.loads(body, object_pairs_hook=once_each, parse_constant=no_number)
        json_format.Parse(json.dumps(as_protobuf_json(value)), message, ignore_unknown_fields=False)
    else:
        message.ParseFromString(body)
    check_definition(message)
    for one in messages_in(message):
        check_rules(one)
    return message


@dataclasses.dataclass
class Request:
    signal: str
    message: object  # None: not OTLP
    body: bytes  # unzipped
    headers: dict  # by names in lower case
    at: float  # of the monotonic clock
    status: int | None = None  # answered


class Receiver:
    def __init__(self, port=0):
        self.lock = threading.Condition()
        self.requests = []
        self.errors = []
        self.connections = set()
        self.behave = lambda signal, number: (200, {}, None)  # status (None: never an answer), header fields, partial success
        self.release = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                receiver.connections.add(self.connection)

            def finish(self):
                receiver.connections.discard(self.connection)
                super().finish()

            def do_POST(self):
                receiver.received(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_):
                if not isinstance(sys.exc_info()[1], OSError):  # such as a host that ends
                    receiver.errors.append(repr(sys.exc_info()[1]))

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def received(self, handler):
        at = time.monotonic()
        length = int(handler.headers["Content-Length"])
        body = handler.rfile.read(length)
        if len(body) < length:  # the host, or this receiver, ended meanwhile
            handler.close_connection = True
            return
        kind = handler.headers["Content-Type"]
        signal = handler.path.removeprefix("/v1/")
        message = None
        try:
            require(signal in REQUESTS and kind in CONTENT_TYPES, f"{kind} at that path")
            coding = handler.headers.get("Content-Encoding", "none")
            require(coding in ("gzip", "none"), f"Content-Encoding: {coding}")
            body = gzip.decompress(body) if coding == "gzip" else body
            message = parse(signal, CONTENT_TYPES[kind], body)
        except Exception as error:  # the test looks at it
            self.errors.append(f"{handler.path}: {error}")
        request = Request(signal, message, body, {name.lower(): value for name, value in handler.headers.items()}, at)
        with self.lock:
            self.requests.append(request)
            number = sum(1 for one in self.requests if one.signal == signal)
            status, headers, partial = self.behave(signal, number)
            request.status = status
            self.lock.notify_all()
        if status is None:
            self.release.wait()
            handler.close_connection = True
            return
        answer = REQUESTS[signal][1]() if status == 200 else otlp.RpcStatus(code=14, message="as the test wants")
        if partial:
            setattr(answer.partial_success, REQUESTS[signal][2], partial[0])
            answer.partial_success.error_message = partial[1]
        data = json_format.MessageToJson(answer).encode() if kind == "application/json" else answer.SerializeToString()
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name, value)
        try:
            handler.end_headers()
            handler.wfile.write(data)
        except OSError:
            handler.close_connection = True

    def requests_of(self, signal):
        with self.lock:
            return [request for request in self.requests if request.signal == signal and request.message is not None]

    def of(self, signal):
        return [request.message for request in self.requests_of(signal)]

    def spans(self):
        return [span for message in self.of("traces") for span in spans_of(message)]

    def records(self):
        return [record for message in self.of("logs") for resource in message.resource_logs
                for scope in resource.scope_logs for record in scope.log_records]

    def metrics(self):
        return {metric.name: metric for message in self.of("metrics") for resource in message.resource_metrics
                for scope in resource.scope_metrics for metric in scope.metrics}

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has gone by itself


def spans_of(message):
    return [span for resource in message.resource_spans for scope in resource.scope_spans for span in scope.spans]


def items_of(message):
    """How many items a request has: spans, log records or data points."""
    return sum(1 for one in messages_in(message)
               if one.DESCRIPTOR.name in ("Span", "LogRecord", "NumberDataPoint", "HistogramDataPoint"))


def attributes(item):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in item.attributes}

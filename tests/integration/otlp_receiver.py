"""A receiver of OTLP/HTTP on loopback that reads by the published definitions, and behaves as a test tells it."""

import base64
import gzip
import http.server
import json
import socket
import sys
import threading

from host import BUILD

sys.path.insert(0, str(BUILD / "tests" / "otlp"))
sys.path.append("/usr/lib/python3/dist-packages")  # the distribution's protobuf, also for another interpreter
import otlp_pb2  # noqa: E402  made by protoc in the build
from google.protobuf import json_format  # noqa: E402

REQUESTS = {
    "traces": (otlp_pb2.ExportTraceServiceRequest, otlp_pb2.ExportTraceServiceResponse, "rejected_spans"),
    "metrics": (otlp_pb2.ExportMetricsServiceRequest, otlp_pb2.ExportMetricsServiceResponse, "rejected_data_points"),
    "logs": (otlp_pb2.ExportLogsServiceRequest, otlp_pb2.ExportLogsServiceResponse, "rejected_log_records"),
}
IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


def as_protobuf_json(value):
    """OTLP's JSON as protobuf's: ids are hex there and base64 here. Whatever is not OTLP's JSON raises."""
    if isinstance(value, list):
        return [as_protobuf_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        if "_" in key:
            raise ValueError(f"{key}: not lowerCamelCase")
        if key in IDS:
            if len(item) != IDS[key]:
                raise ValueError(f"{key}: {item}")
            item = base64.b64encode(bytes.fromhex(item)).decode()
        if key.endswith("UnixNano") and not (isinstance(item, str) and item.isdigit()):
            raise ValueError(f"{key}: expected a decimal string, got {item!r}")
        if key in ("kind", "code", "severityNumber", "aggregationTemporality") and not isinstance(item, int):
            raise ValueError(f"{key}: expected an integer, got {item!r}")
        out[key] = as_protobuf_json(item)
    return out


def parse(signal, encoding, body):
    message = REQUESTS[signal][0]()
    if encoding == "json":
        return json_format.ParseDict(as_protobuf_json(json.loads(body)), message)
    message.ParseFromString(body)
    if message.SerializeToString(deterministic=True) and any(unknown(message)):
        raise ValueError("fields that the definitions do not have")
    return message


def unknown(message):
    """Whether a message or one within it has fields of unknown numbers."""
    copy = type(message)()
    copy.CopyFrom(message)
    copy.DiscardUnknownFields()
    yield copy.ByteSize() != message.ByteSize()


class Receiver:
    def __init__(self, port=0):
        self.lock = threading.Condition()
        self.requests = []  # (signal, message, headers)
        self.errors = []
        self.connections = set()
        self.behave = lambda signal, number: (200, {}, None)
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

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def received(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        signal = handler.path.rsplit("/", 1)[1]
        kind = handler.headers["Content-Type"]
        try:
            if handler.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            message = parse(signal, "json" if kind == "application/json" else "protobuf", body)
        except Exception as error:  # the test looks at it
            self.errors.append(f"{handler.path}: {error}")
            message = None
        with self.lock:
            self.requests.append((signal, message, dict(handler.headers)))
            number = sum(1 for one in self.requests if one[0] == signal)
            self.lock.notify_all()
        status, headers, partial = self.behave(signal, number)
        if status is None:  # accepts and never answers
            self.release.wait()
            handler.close_connection = True
            return
        answer = REQUESTS[signal][1]() if status == 200 else otlp_pb2.RpcStatus(code=14, message="as the test wants")
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

    def of(self, signal):
        with self.lock:
            return [message for name, message, _ in self.requests if name == signal and message is not None]

    def spans(self):
        return [span for message in self.of("traces") for resource in message.resource_spans
                for scope in resource.scope_spans for span in scope.spans]

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


def attributes(item):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in item.attributes}

"""Plugins that go out, in the built host: every form of use, swaps under outgoing load, leaving with requests under way."""

import http.server
import threading
import time
import unittest
import urllib.parse

from host import BUILD, PATIENCE, HostTest

OUTBOUND = BUILD / "tests" / "packages" / "outbound"
OUTBOUND_C = BUILD / "tests" / "packages" / "outbound-c"


class Upstream(http.server.ThreadingHTTPServer):
    """Answers /echo with its query, /size/N with N bytes, a POST with what it got, /hang not before release()."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.released = threading.Event()
        self.hanging = 0
        self.heads = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, target):
        return f"http://127.0.0.1:{self.server_port}{target}"

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.heads.append(dict(self.headers))
        if self.path.startswith("/hang"):
            self.server.hanging += 1
            self.server.released.wait(PATIENCE)
        size = int(self.path[6:]) if self.path.startswith("/size/") else None
        self.answer(b"s" * size if size is not None else self.path.encode())

    def do_POST(self):
        length = 0
        while (line := self.rfile.readline().strip()) != b"0":
            length += len(self.rfile.read(int(line, 16)))
            self.rfile.readline()
        self.rfile.readline()
        self.answer(str(length).encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def log_message(self, *_):
        pass


class HttpClient(HostTest):
    def setUp(self):
        super().setUp()
        self.upstream = Upstream()
        self.addCleanup(self.upstream.close)

    def out(self, host, way, url, **more):
        return host.get(f"/out/{way}?" + urllib.parse.urlencode({"url": url, **more}))

    def test_every_form_of_use_brings_the_response(self):
        host = self.running(plugins=[OUTBOUND, OUTBOUND_C])
        for way in ("wait", "await", "told"):
            answer = self.out(host, way, self.upstream.url(f"/echo?{way}"))
            self.assertEqual((answer.status, answer.body.decode()), (200, f"/echo?{way}"))
        self.assertEqual(self.out(host, "stream", self.upstream.url("/size/5000000")).body, b"5000000")
        self.assertEqual(self.out(host, "upload", self.upstream.url("/")).body, str(64 * 32768).encode())
        answer = host.get("/c/out?" + urllib.parse.urlencode({"url": self.upstream.url("/echo?c")}))
        self.assertEqual((answer.status, answer.body), (200, b"/echo?c"))
        self.assertEqual(host.metric('revenge_http_client_requests_total{class="2xx",plugin="outbound"}'), 5)
        self.assertEqual(host.metric('revenge_http_client_connections_opened_total{plugin="outbound"}'), 1)

    def test_what_goes_wrong_names_host_port_cause_and_remedy(self):
        host = self.running(plugins=[OUTBOUND, OUTBOUND_C])
        with Upstream() as gone:
            url = gone.url("/")
            gone.close()
        said = f"http://127.0.0.1:{gone.server_port}: connection to 127.0.0.1 refused; does the service run, and listen on that port?"
        self.assertEqual(self.out(host, "await", url).body.decode(), said)
        self.assertEqual(host.get("/c/out?" + urllib.parse.urlencode({"url": url})).body.decode(), said)
        self.assertEqual(self.out(host, "wait", "ftp://x/").body.decode(), "URL 'ftp://x/': expected http:// or https://")

    def test_T4_the_trace_of_a_request_goes_out_under_a_new_parent_with_its_flags(self):
        host = self.running(plugins=[OUTBOUND])
        sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02"
        target = "/out/await?" + urllib.parse.urlencode({"url": self.upstream.url("/echo")})
        host.get(target, headers={"traceparent": sent})
        version, trace, parent, flags = self.upstream.heads[-1]["traceparent"].split("-")
        self.assertEqual((version, trace, flags), ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "02"))
        self.assertNotEqual(parent, "00f067aa0ba902b7")

    def test_a_deadline_of_the_request_is_one_of_what_it_asks_for(self):
        host = self.running(plugins=[OUTBOUND], options=["http.request_timeout_s=1"])
        # 504 by the host, or 502 by the plugin when it is told first.
        self.assertIn(self.out(host, "await", self.upstream.url("/hang")).status, (502, 504))
        host.wait("the request out has ended too",
                  lambda: host.metric('revenge_http_client_errors_total{plugin="outbound",reason="timed_out"}') == 1)

    def test_a_plugin_has_its_limits_and_is_told_which(self):
        host = self.running(plugins=[OUTBOUND], options=["http_client.max_requests=2"])
        for _ in range(2):
            self.assertEqual(self.out(host, "leave", self.upstream.url("/hang")).body, b"begun")
        answer = self.out(host, "await", self.upstream.url("/echo"))
        self.assertEqual(answer.status, 502)
        self.assertIn("(http_client.max_requests)", answer.body.decode())

    def test_swaps_under_outgoing_load_lose_nothing_and_unload(self):
        host = self.running(plugins=[OUTBOUND])
        failed, done, over = [], [0], threading.Event()

        def load(way):
            while not over.is_set():
                answer = self.out(host, way, self.upstream.url(f"/echo?{way}"))
                done[0] += 1
                if answer.status != 200 or answer.body.decode() != f"/echo?{way}":
                    failed.append((answer.status, answer.body))

        threads = [threading.Thread(target=load, args=(way,)) for way in ("wait", "await", "told")]
        for thread in threads:
            thread.start()
        for _ in range(10):
            before = done[0]
            self.assertEqual(host.swap("outbound", OUTBOUND).status, 200)
            host.wait("requests went out through the new one", lambda: done[0] > before + 5)
        over.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        host.wait("the old ones are gone", lambda: host.mapped("outbound.so") == 1)

    def test_what_an_instance_leaves_behind_is_cancelled_at_the_deadline_of_its_drain(self):
        host = self.running(plugins=[OUTBOUND])
        self.assertEqual(self.out(host, "leave", self.upstream.url("/hang")).body, b"begun")
        host.wait("it is under way", lambda: self.upstream.hanging == 1)
        begun = time.monotonic()
        self.assertEqual(host.swap("outbound", OUTBOUND).status, 200)
        self.assertIn("1 requests to other servers", str(host.plugin("outbound")))
        host.wait("the old one is gone", lambda: host.mapped("outbound.so") == 1)
        self.assertGreater(time.monotonic() - begun, 1.5)  # drain_s is 2
        host.wait_logged("left one: this instance is being stopped")
        self.assertEqual(host.metric('revenge_http_client_requests_in_flight{plugin="outbound"}'), 0)

    def test_the_host_stops_with_requests_under_way(self):
        host = self.running(plugins=[OUTBOUND])
        self.out(host, "leave", self.upstream.url("/hang"))
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import client  # noqa: E402
from process import Failed  # noqa: E402
from servers import INSTANCE_FIELD  # noqa: E402

H2LOAD = "requests: 100 total, 100 started, {done} done, {done} succeeded, {failed} failed, {failed} errored, 0 timeout\n"


class Server:
    """Answers what `answer()` says: (status, body, instance)."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, body, instance = answer()
                self.send_response(status)
                self.send_header(INSTANCE_FIELD, str(instance))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def watch(answers):
    """What the watcher noted when the server gave these answers in turn, the last one for ever."""
    given, gone_through = iter(answers), threading.Event()
    last = [answers[0]]

    def answer():
        last[0] = next(given, None) or (gone_through.set(), last[0])[1]
        return last[0]

    server = Server(answer)
    with client.Watcher(server.port, "/", INSTANCE_FIELD, connections=1, pause=0.0001) as watcher:
        gone_through.wait(10)
    server.server.shutdown()
    server.server.server_close()
    return watcher.wrong


class WatcherTest(unittest.TestCase):
    def test_accepts_versions_that_rise(self):
        self.assertEqual(watch([(200, b"ok", 1), (200, b"ok", 1), (200, b"ok", 2), (200, b"ok", 3)]), [])

    def test_notes_a_version_that_goes_back(self):
        self.assertEqual(watch([(200, b"ok", 1), (200, b"ok", 2), (200, b"ok", 1), (200, b"ok", 3)]), ["version went back from 2 to 1"])

    def test_notes_a_failure_and_another_body(self):
        self.assertEqual(watch([(200, b"ok", 1), (503, b"ok", 1), (200, b"no", 1), (200, b"ok", 1)]), ["status 503", "body b'no'"])


class H2loadTest(unittest.TestCase):
    def result(self, said, rows):
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as log:
            log.write("".join(f"{i}\t{status}\t{taken}\n" for i, (status, taken) in enumerate(rows)))
            log.flush()
            return client.h2load_result(said, log.name)

    def test_reads_percentiles_from_the_log(self):
        load = self.result(H2LOAD.format(done=100, failed=0), [(200, 1000 * (i + 1)) for i in range(100)])
        self.assertEqual((load.succeeded, load.failed, load.percentile), (100, 0, {50: 51, 99: 100}))

    def test_counts_what_is_not_2xx(self):
        self.assertEqual(self.result(H2LOAD.format(done=100, failed=0), [(200, 1), (503, 1), (-1, 1)]).failed, 2)

    def test_refuses_a_run_without_answers(self):
        with self.assertRaises(Failed):
            self.result(H2LOAD.format(done=0, failed=100), [])


if __name__ == "__main__":
    unittest.main()

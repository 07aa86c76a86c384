import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import client  # noqa: E402
from process import Failed  # noqa: E402

H2LOAD = "requests: 100 total, 100 started, {done} done, {done} succeeded, {failed} failed, {failed} errored, 0 timeout\n"


class Server:
    """Answers / with `ok` and /instance with what `answer()` says: (status, body)."""

    def __init__(self, answer, body=lambda: (200, b"ok")):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, content = answer() if self.path == "/instance" else body()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def in_turn(answers, done=None):
    """Gives the answers one by one and the last one for ever."""
    left = list(answers)

    def give():
        if len(left) > 1:
            return left.pop(0)
        if done:
            done.set()
        return left[0]

    return give


def watch(instances, bodies=((200, b"ok"),)):
    """What the watcher noted when the server gave these answers in turn."""
    both = [threading.Event(), threading.Event()]
    server = Server(in_turn(instances, both[0]), in_turn(bodies, both[1]))
    with client.Watcher(server.port, "/", "/instance", connections=1, pause=0.0001) as watcher:
        for event in both:
            event.wait(10)
    server.server.shutdown()
    server.server.server_close()
    return watcher


class WatcherTest(unittest.TestCase):
    def test_accepts_instances_that_rise(self):
        watcher = watch([(200, b"1"), (200, b"1"), (200, b"2"), (200, b"3")])
        self.assertEqual(watcher.wrong, [])
        self.assertLessEqual({1, 2}, set(watcher.first_seen))

    def test_notes_an_instance_that_goes_back(self):
        self.assertEqual(watch([(200, b"1"), (200, b"2"), (200, b"1"), (200, b"3")]).wrong, ["went back from instance 2 to 1"])

    def test_notes_a_failure_and_another_body(self):
        ok = (200, b"ok")
        self.assertEqual(watch([(200, b"1")], [ok, ok, (503, b"ok"), (200, b"no"), ok]).wrong, ["status 503 for /", "body b'no'"])


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

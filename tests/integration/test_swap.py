"""Replacing the streaming plugin of a running host: what clients see, what stays behind."""

import hashlib
import threading
import time
import unittest

from host import HostTest, NEXT_STREAM, STREAM


class Clients:
    """Keep asking for the same files and check every answer."""

    def __init__(self, host, expected, count=4):
        self.host = host
        self.expected = expected  # id -> bytes
        self.failures = []
        self.answers = 0
        self.versions = set()
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]
        for thread in self.threads:
            thread.start()

    def run(self):
        connection = self.host.connect()
        try:
            while not self.ending.is_set():
                for id, content in self.expected.items():
                    connection.request("GET", f"/stream/{id}")
                    response = connection.getresponse()
                    body = response.read()
                    self.versions.add(response.getheader("revenge-plugin"))
                    self.answers += 1
                    if response.status != 200 or body != content:
                        self.failures.append((response.status, len(body)))
        except Exception as failure:  # a broken connection is a failed request
            self.failures.append(repr(failure))
        finally:
            connection.close()

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()


class Swap(HostTest):
    def test_no_request_fails_while_versions_alternate(self):
        films = {f"film{i}.mp4": self.film(f"film{i}.mp4", 100_000 + i, i) for i in range(3)}
        host = self.running()
        library = self.library(host, 3)
        clients = Clients(host, {library[name]["id"]: content for name, content in films.items()})
        for turn in range(20):
            answer = host.swap("stream", NEXT_STREAM if turn % 2 == 0 else STREAM)
            self.assertEqual(answer.status, 200, answer.body)
            seen = clients.answers
            host.wait("clients go on", lambda: clients.answers > seen + 8 or clients.failures)
        clients.end()
        self.assertEqual(clients.failures, [])
        self.assertEqual(clients.versions, {"stream/0.1.0", "stream/0.2.0"})
        host.wait("old versions unmapped", lambda: host.mapped("stream.so") == 1)
        host.wait("one instance", lambda: len(host.plugin("stream")["instances"]) == 1)
        self.assertEqual(host.stop(), 0)

    def test_a_film_that_plays_across_a_swap_is_whole(self):
        content = self.film("long.mkv", 8_000_000)
        host = self.running()
        id = self.library(host, 1)["long.mkv"]["id"]
        connection = host.connect()
        connection.request("GET", f"/stream/{id}")
        response = connection.getresponse()
        digest = hashlib.sha256(response.read(100_000))
        self.assertEqual(host.swap("stream", NEXT_STREAM).status, 200)
        host.wait("the old version left although its file still plays", lambda: host.mapped("stream.so") == 1)
        digest.update(response.read())
        connection.close()
        self.assertEqual(digest.hexdigest(), hashlib.sha256(content).hexdigest())

    def test_metrics_continue_over_a_swap(self):
        self.film("a.mp4")
        host = self.running()
        id = self.library(host, 1)["a.mp4"]["id"]
        host.get(f"/stream/{id}")
        name = "revenge_plugin_stream_sessions_total"
        host.wait("the session is counted", lambda: (host.metric(name) or 0) >= 1)
        before = host.metric(name)
        self.assertEqual(host.swap("stream", NEXT_STREAM).status, 200)
        self.assertGreaterEqual(host.metric(name), before)

    def test_rollback_returns_and_is_remembered_over_a_restart(self):
        host = self.running()
        self.assertEqual(host.swap("stream", NEXT_STREAM).json["to"], "0.2.0")
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("stream")["version"], "0.2.0")
        self.assertEqual(host.plugin("stream")["rollback"], "0.1.0")
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.1.0")
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.1.0")
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("stream")["version"], "0.1.0")
        self.assertEqual(host.stop(), 0)

    def test_disabled_stays_disabled_over_a_restart_and_says_how_to_return(self):
        host = self.running()
        self.assertEqual(host.operate("disable", "stream").status, 200)
        answer = host.get("/stream")
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(host.stop(), 0)
        host.start()
        view = host.plugin("stream")
        self.assertEqual((view["state"], view["wanted"]), ("disabled", False))
        self.assertIn("revengectl enable stream", view["note"])
        self.assertEqual(host.operate("enable", "stream").status, 200)
        self.assertEqual(host.get("/stream").status, 200)
        self.assertEqual(host.stop(), 0)

    def test_a_refused_version_leaves_the_old_one_serving(self):
        host = self.running()
        broken = self.root / "broken"
        broken.mkdir()
        (broken / "plugin.json").write_text("{")
        answer = host.swap("stream", broken)
        self.assertEqual(answer.status, 403 if answer.json["error"]["code"] == "refused" else 422)
        self.assertIn("plugin.json:1", answer.json["error"]["message"])
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.1.0")
        self.assertEqual(host.plugin("stream")["state"], "running")

    def test_a_missing_folder_and_an_unknown_plugin_are_named(self):
        host = self.running()
        self.assertIn("/nowhere", host.swap("stream", "/nowhere").json["error"]["message"])
        answer = host.swap("strem", NEXT_STREAM)
        self.assertEqual(answer.status, 404)
        self.assertIn("installed: stream", answer.json["error"]["message"])

    def test_reload_applies_a_changed_configuration_to_the_running_instance(self):
        host = self.running(options=[])
        host.options = []
        self.film("a.mp4")
        load = host.plugin("stream")["instances"][0]["load"]
        self.assertEqual(host.operate("reload", "stream").status, 200)
        self.assertEqual(host.plugin("stream")["instances"][0]["load"], load)


if __name__ == "__main__":
    unittest.main()

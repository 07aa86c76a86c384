"""The control plane from outside: tail, TCP with tokens, and what scripts rely on."""

import json
import os
import signal
import socket
import subprocess
import unittest

from host import BUILD, PATIENCE, STREAM, HostTest

CTL = str(BUILD / "bin" / "revengectl")
HERALD = BUILD / "events" / "herald"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tail(HostTest):
    def tail(self, host, *filters):
        words = [CTL, "--socket", str(host.socket), "--json", "tail", *filters]
        tail = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        return tail

    def until(self, tail, condition, act):
        """Acts until a line that the condition holds for has come; the lines so far."""
        seen = []
        for _ in range(200):
            act()
            line = json.loads(tail.stdout.readline())
            seen.append(line)
            if condition(line):
                return seen
        self.fail(f"never came: {seen[-3:]}")

    def test_events_and_log_come_together(self):
        host = self.running(plugins=[HERALD, STREAM])
        tail = self.tail(host)
        host.wait("it follows", lambda: host.get("/herald/a.b/1", method="POST").status == 200)
        kinds = set()

        def both(line):
            kinds.update(line)
            return {"event", "log"} <= kinds

        self.until(tail, both, lambda: host.get("/herald/a.b/1", method="POST"))

    def test_a_filter_by_request_shows_what_was_done_for_it_alone(self):
        host = self.running(plugins=[HERALD])
        tail = self.tail(host, "--request", "mine-1")

        def act():
            host.get("/herald/other.thing/1", method="POST")
            host.get("/herald/news.local/1", method="POST", headers={"X-Request-Id": "mine-1"})

        for line in self.until(tail, lambda line: "event" in line, act):
            self.assertEqual(line["event" if "event" in line else "log"]["request"], "mine-1")

    def test_a_kind_leaves_the_log_out(self):
        host = self.running(plugins=[HERALD])
        tail = self.tail(host, "--kind", "news.")

        def act():
            host.get("/herald/other.thing/1", method="POST")
            host.get("/herald/news.local/1", method="POST")

        [line] = self.until(tail, lambda line: True, act)
        self.assertEqual(line["event"]["kind"], "news.local")

    def test_a_wrong_level_is_refused(self):
        host = self.running(plugins=[HERALD])
        code, _, err = host.ctl("tail", "--level", "loud")
        self.assertEqual(code, 1)
        self.assertIn("expected trace", err)


class Tcp(HostTest):
    def with_tokens(self):
        self.port = free_port()
        tokens = {}
        for name, role in (("wall", "look"), ("ci", "steer")):
            path = self.root / name
            path.write_text(name * 10 + "\n")
            tokens[name] = {"file": str(path), "role": role}
        return self.running(config=json.dumps(
            {"control": {"listen": f"127.0.0.1:{self.port}", "tokens": tokens}}))

    def ask(self, *words, token=None, url=None):
        command = [CTL, "--host", url or f"http://127.0.0.1:{self.port}"]
        if token:
            command += ["--token-file", str(self.root / token)]
        done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def test_a_token_looks_or_steers_and_without_one_nothing_is_answered(self):
        host = self.with_tokens()
        self.assertEqual(self.ask("list")[0], 8)
        (self.root / "wrong").write_text("x" * 20)
        self.assertEqual(self.ask("list", token="wrong")[0], 8)
        self.assertEqual(self.ask("list", token="wall")[0], 0)
        self.assertEqual(self.ask("disable", "stream", token="wall")[0], 8)
        self.assertEqual(self.ask("disable", "stream", token="ci")[0], 0)
        _, out, _ = host.ctl("audit", "--json")
        records = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([(record["who"]["name"], record["outcome"]) for record in records],
                         [("nobody known", "denied"), ("token wall", "denied"), ("token ci", "done")])
        secrets = "ci" * 10, "wall" * 10
        for secret in secrets:
            self.assertNotIn(secret, out + host.logged())

    def test_the_unix_socket_asks_for_no_token_meanwhile(self):
        host = self.with_tokens()
        self.assertEqual(host.ctl("list")[0], 0)

    def test_what_would_be_unsafe_or_useless_does_not_start(self):
        (self.root / "short").write_text("abc")
        (self.root / "good").write_text("g" * 32)
        good = {"a": {"file": str(self.root / "good")}}
        for listen, tokens, reason in (
                ("0.0.0.0:8097", good, "not of the loopback"),
                ("127.0.0.1", good, "an address and a port"),
                ("127.0.0.1:0", {}, "names no token"),
                ("127.0.0.1:0", {"a": {"file": str(self.root / "short")}}, "16"),
                ("127.0.0.1:0", {"a": {"file": str(self.root / "nowhere")}}, "cannot be read"),
                ("127.0.0.1:0", {**good, "b": {"file": str(self.root / "good")}}, "the same token as a")):
            with self.subTest(reason=reason):
                host = self.host(config=json.dumps({"control": {"listen": listen, "tokens": tokens}}))
                code, err = host.refuse()
                self.assertEqual(code, 2)
                self.assertIn(reason, err)

    def test_a_wrong_url_is_a_wrong_command_line(self):
        self.port = 1
        for url in ("https://127.0.0.1:1", "http://127.0.0.1", "http://user@127.0.0.1:1"):
            self.assertEqual(self.ask("list", url=url)[0], 2, url)


class Scripts(HostTest):
    # Every command, in a way that is done and in one that fails; those that change the plugin come last.
    GOOD = [["list"], ["show", "stream"], ["why", "stream"], ["graph"], ["graph", "--dot"], ["events"], ["status"],
            ["version"], ["disable", "stream"], ["enable", "stream"],
            ["reload", "stream"], ["audit"], ["stop"]]
    BAD = [["show", "nobody"], ["why", "nobody"], ["enable", "nobody"], ["disable", "nobody"], ["reload", "nobody"],
           ["swap", "stream", "/nowhere"], ["rollback", "stream"], ["tail", "--level", "loud"],
           ["plan", "/nowhere"], ["apply", "/nowhere"], ["nonsense"], ["list", "--from", "x"], ["show"]]

    def parsed(self, host, words):
        code, out, err = host.ctl(*words, "--json")
        self.assertTrue(out, f"{words}: nothing on standard output")
        for line in out.splitlines():
            with self.subTest(words=words):
                json.loads(line)
        return code, out, err

    def test_C2_every_command_with_json_prints_json_and_nothing_else(self):
        host = self.running()
        for words in self.GOOD:
            code, _, err = self.parsed(host, words)
            self.assertEqual((code, err), (0, ""), words)
        self.assertEqual(host.end(), 0)
        host = self.running()
        for words in self.BAD:
            code, out, err = self.parsed(host, words)
            self.assertNotEqual(code, 0, words)
            self.assertIn("error", json.loads(out.splitlines()[-1]), words)
            self.assertTrue(err.startswith("revengectl: "), words)

    def test_C1_a_failed_swap_is_no_success_and_one_error_in_json(self):
        host = self.running()
        code, out, err = host.ctl("--json", "swap", "stream", self.root)
        self.assertNotEqual(code, 0)
        self.assertIn("message", json.loads(out)["error"])
        self.assertTrue(err)

    def test_C5_five_reasons_have_five_codes(self):
        host = self.running()
        codes = {"unknown plugin": host.ctl("show", "nobody")[0]}
        silent = socket.socket(socket.AF_UNIX)
        self.addCleanup(silent.close)
        silent.bind(str(self.root / "silent.sock"))
        silent.listen(1)
        ask = lambda *words: subprocess.run([CTL, *map(str, words)], capture_output=True, timeout=PATIENCE).returncode
        codes["timed out"] = ask("--socket", self.root / "silent.sock", "--timeout", "0.3", "list")
        codes["not running"] = ask("--socket", self.root / "nowhere.sock", "list")
        other = socket.socket(socket.AF_UNIX)
        self.addCleanup(other.close)
        other.bind(str(self.root / "other.sock"))
        other.listen(1)
        with subprocess.Popen([CTL, "--socket", str(self.root / "other.sock"), "list"], stderr=subprocess.DEVNULL) as asks:
            peer, _ = other.accept()
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            peer.close()
            codes["other version"] = asks.wait(PATIENCE)
        self.assertEqual(codes, {"unknown plugin": 4, "timed out": 6, "not running": 3, "other version": 9})

    def test_a_hung_host_is_a_timeout_and_answers_again(self):
        host = self.running()
        os.kill(host.process.pid, signal.SIGSTOP)
        try:
            code, _, err = host.ctl("--timeout", "0.5", "status")
        finally:
            os.kill(host.process.pid, signal.SIGCONT)
        self.assertEqual(code, 6)
        self.assertIn("did not answer within", err)
        self.assertEqual(host.ctl("status")[0], 0)

    def test_no_colour_reaches_what_is_no_terminal(self):
        host = self.running()
        self.assertNotIn("\x1b", host.ctl("list")[1])


if __name__ == "__main__":
    unittest.main()

"""The control plane from outside: tail, TCP with tokens, and what scripts rely on."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import threading
import unittest

from host import BUILD, PATIENCE, STREAM, HostTest

CTL = str(BUILD / "bin" / "revengectl")
HERALD = BUILD / "events" / "herald"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def acting(act):
    """Acts every few milliseconds: who has begun to listen is not known from outside."""
    enough = threading.Event()

    def again():
        while not enough.wait(0.02):
            act()

    actor = threading.Thread(target=again)
    actor.start()
    try:
        yield
    finally:
        enough.set()
        actor.join()


class Tail(HostTest):
    def tail(self, host, *filters):
        words = [CTL, "--socket", str(host.socket), "--json", "tail", *filters]
        tail = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self.addCleanup(tail.stdout.close)
        self.addCleanup(tail.wait)
        self.addCleanup(tail.kill)
        return tail

    def until(self, tail, condition, act):
        """Acts again and again until a line that the condition holds for has come; the lines so far."""
        seen = []
        with acting(act):
            for line in tail.stdout:
                seen.append(json.loads(line))
                if condition(seen[-1]):
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
                ("127.0.0.1:0", {}, "nobody could be let in"),
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
        for url in ("ftp://127.0.0.1:1", "https://127.0.0.1:1/path", "http://127.0.0.1", "http://user@127.0.0.1:1"):
            self.assertEqual(self.ask("list", url=url)[0], 2, url)


class Tls(HostTest):
    """Certificates by the openssl command: a CA for both sides, a stranger's, and whom they vouch for."""

    def openssl(self, *words):
        subprocess.run(["openssl", *map(str, words)], cwd=self.keys, check=True, capture_output=True, timeout=PATIENCE)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                     "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")

    def certificate(self, name, by="ca", subject=None, names="DNS:localhost,IP:127.0.0.1"):
        (self.keys / "names").write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject or f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial",
                     "-days", "30", "-extfile", "names", "-out", f"{name}.new")
        (self.keys / f"{name}.new").rename(self.keys / f"{name}.pem")

    def setUp(self):
        super().setUp()
        self.keys = self.root / "keys"
        self.keys.mkdir()
        self.authority("ca")
        self.authority("stranger")
        self.certificate("host")
        self.port = free_port()

    def control(self, address="127.0.0.1", client_ca=True, **more):
        tls = {"certificate": str(self.keys / "host.pem"), "key": str(self.keys / "host.key")}
        if client_ca:
            tls["client_ca"] = str(self.keys / "ca.pem")
        return json.dumps({"control": {"listen": f"{address}:{self.port}", "tls": tls, **more}})

    def ask(self, *words, certificate=None, ca="ca", token=None, name="localhost"):
        command = [CTL, "--host", f"https://{name}:{self.port}", "--ca-file", str(self.keys / f"{ca}.pem")]
        if certificate:
            command += ["--cert-file", str(self.keys / f"{certificate}.pem"), "--key-file", str(self.keys / f"{certificate}.key")]
        if token:
            command += ["--token-file", str(token)]
        done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def test_a_certificate_steers_and_the_audit_log_names_it(self):
        self.certificate("alice", subject="/O=Films/CN=alice")
        self.certificate("mallory", by="stranger")
        host = self.running(config=self.control())
        self.assertEqual(self.ask("list", certificate="alice")[0], 0)
        self.assertEqual(self.ask("disable", "stream", certificate="alice")[0], 0)
        _, out, _ = host.ctl("audit", "--json")
        [record] = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((record["who"]["name"], record["outcome"]), ("certificate CN=alice,O=Films", "done"))
        code, _, err = self.ask("list")
        self.assertEqual(code, 8, err)
        self.assertIn("does it ask for a client certificate?", err)
        code, _, err = self.ask("list", certificate="mallory")
        self.assertEqual(code, 8, err)
        self.assertEqual(host.ctl("list")[0], 0)

    def test_only_those_named_are_let_in_each_to_its_own(self):
        for name in ("alice", "wall", "bob"):
            self.certificate(name)
        host = self.running(config=self.control(certificates={"CN=alice": "steer", "CN=wall": "look"}))
        self.assertEqual(self.ask("list", certificate="wall")[0], 0)
        self.assertEqual(self.ask("disable", "stream", certificate="wall")[0], 8)
        self.assertEqual(self.ask("disable", "stream", certificate="alice")[0], 0)
        self.assertEqual(self.ask("list", certificate="bob")[0], 8)
        self.assertEqual(host.plugin("stream")["state"], "disabled")

    def test_a_token_goes_over_tls_to_any_address(self):
        token = self.root / "token"
        token.write_text("t" * 20)
        self.running(config=self.control("0.0.0.0", client_ca=False, tokens={"ci": {"file": str(token), "role": "steer"}}))
        self.assertEqual(self.ask("list")[0], 8)
        self.assertEqual(self.ask("disable", "stream", token=token)[0], 0)

    def test_a_host_that_cannot_be_verified_is_not_asked(self):
        self.certificate("alice")
        self.running(config=self.control())
        code, _, err = self.ask("list", certificate="alice", ca="stranger")
        self.assertEqual(code, 3)
        self.assertIn("signed by an unknown CA", err)
        clear = subprocess.run([CTL, "--host", f"http://localhost:{self.port}", "list"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertNotEqual(clear.returncode, 0)

    def test_a_renewed_certificate_is_shown_to_the_next_client(self):
        self.certificate("alice")
        host = self.running(config=self.control())
        self.assertEqual(self.ask("list", certificate="alice", name="127.0.0.1")[0], 0)
        self.certificate("host", names="DNS:localhost")
        code, _, err = self.ask("list", certificate="alice", name="127.0.0.1")
        self.assertIn("for another name than '127.0.0.1'", err)
        self.assertEqual(self.ask("list", certificate="alice")[0], 0)
        (self.keys / "host.pem").write_text("half of one")
        self.assertEqual(self.ask("list", certificate="alice")[0], 0)
        host.wait("it is said", lambda: "certificate not renewed; the one before goes on" in host.logged())

    def test_what_does_not_end_is_followed_and_an_end_is_seen(self):
        self.certificate("alice")
        host = self.running(plugins=[HERALD, STREAM], config=self.control())
        words = [CTL, "--host", f"https://localhost:{self.port}", "--ca-file", str(self.keys / "ca.pem"),
                 "--cert-file", str(self.keys / "alice.pem"), "--key-file", str(self.keys / "alice.key"), "--json", "tail", "--kind", "news."]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:
            self.addCleanup(tail.kill)
            with acting(lambda: host.get("/herald/news.local/1", method="POST")):
                line = tail.stdout.readline()
            self.assertEqual(json.loads(line)["event"]["kind"], "news.local")
            self.assertEqual(host.stop(), 0, host.logged())
            self.assertEqual(tail.wait(PATIENCE), 1)

    def test_who_connects_and_says_nothing_is_given_up(self):
        self.certificate("alice")
        host = self.running(config=self.control())
        before = host.metric("revenge_http_connections")
        silent = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(50)]
        for each in silent:
            self.addCleanup(each.close)
        garbage = socket.create_connection(("127.0.0.1", self.port))
        self.addCleanup(garbage.close)
        garbage.sendall(b"GET / HTTP/1.1\r\n\r\n")
        garbage.settimeout(PATIENCE)
        while garbage.recv(4096):
            pass
        self.assertEqual(self.ask("list", certificate="alice")[0], 0)
        host.wait("all are given up", lambda: host.metric("revenge_http_connections") == before)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_half_of_what_tls_needs_does_not_start(self):
        (self.keys / "garbage.pem").write_text("this is no PEM\n")
        good = {"certificate": str(self.keys / "host.pem"), "key": str(self.keys / "host.key")}
        ca = {"client_ca": str(self.keys / "ca.pem")}
        for tls, more, reason in (
                ({"certificate": good["certificate"], **ca}, {}, "control.tls.key: expected a file"),
                (ca, {}, "control.tls.certificate: expected a file"),
                (good, {}, "nobody could be let in"),
                ({**good, **ca, "key": str(self.keys / "ca.key")}, {}, "not the key of the certificate"),
                ({**good, "client_ca": str(self.keys / "garbage.pem")}, {}, "not a CA certificate in PEM"),
                ({**good, **ca, "certificate": "/nowhere"}, {}, "/nowhere: certificate: No such file"),
                (good, {"certificates": {"CN=a": "look"}}, "nobody shows one while control.tls.client_ca is empty"),
                ({**good, **ca}, {"certificates": {"CN=a": "own"}}, 'control.certificates."CN=a": expected')):
            with self.subTest(reason=reason):
                host = self.host(config=json.dumps({"control": {"listen": "127.0.0.1:0", "tls": tls, **more}}))
                code, err = host.refuse()
                self.assertEqual(code, 2)
                self.assertIn(reason, err)


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

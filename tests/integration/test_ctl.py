"""Every command of revengectl, as it goes well and as it fails, against the real host and against one that is no use."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
import unittest

from host import BUILD, HostTest, NEXT_STREAM, PATIENCE, STREAM, misbehaving

CTL = str(BUILD / "bin" / "revengectl")
PACKAGE = BUILD / "tests" / "packages" / "hello"
OK, FAILED, USAGE, UNREACHABLE, NOT_FOUND, BUSY, TIMED_OUT, STALE, DENIED, OTHER_VERSION, CANNOT = range(11)

# Command -> (words and exit code where it goes well, words and exit code where it fails). Against a host with `stream`; a
# failure is what the host says, or that there is none (socket "nowhere"). A new command without a row fails the test.
ROWS = {
    "list": (["list"], OK, ["list", "--socket", "nowhere"], UNREACHABLE),
    "show": (["show", "stream"], OK, ["show", "nosuch"], NOT_FOUND),
    "enable": (["enable", "stream"], OK, ["enable", "nosuch"], NOT_FOUND),
    "disable": (["disable", "stream"], OK, ["disable", "nosuch"], NOT_FOUND),
    "reload": (["reload", "stream"], OK, ["reload", "stream", "--generation", "999"], STALE),
    "swap": (["swap", "stream", NEXT_STREAM], OK, ["swap", "stream", "/nowhere"], NOT_FOUND),
    "rollback": (["rollback", "stream"], OK, ["rollback", "nosuch"], NOT_FOUND),
    "plan": (["plan", "plan.yaml"], FAILED, ["plan", "wrong.yaml"], NOT_FOUND),
    "run": (["run", "stream"], OK, ["run", "nosuch"], NOT_FOUND),
    "apply": (["apply", "plan.yaml"], OK, ["apply", "stale.yaml"], STALE),
    "why": (["why", "stream"], OK, ["why", "nosuch"], NOT_FOUND),
    "graph": (["graph"], OK, ["graph", "--socket", "nowhere"], UNREACHABLE),
    "config get": (["config", "get", "http.port"], OK, ["config", "get", "http.prot"], NOT_FOUND),
    "config set": (["config", "set", "log.level", "debug"], OK, ["config", "set", "log.level", "loud"], FAILED),
    "config unset": (["config", "unset", "log.level"], OK, ["config", "unset", "http.prot"], NOT_FOUND),
    "config diff": (["config", "diff"], OK, ["config", "diff", "wrong.yaml"], CANNOT),
    "config validate": (["config", "validate", "revenge.yaml"], OK, ["config", "validate", "wrong.yaml"], FAILED),
    "config explain": (["config", "explain", "http.port"], OK, ["config", "explain", "http.prot"], NOT_FOUND),
    "config history": (["config", "history"], OK, ["config", "history", "--socket", "nowhere"], UNREACHABLE),
    "config rollback": (["config", "rollback", "1"], OK, ["config", "rollback", "999"], NOT_FOUND),
    "config reload": (["config", "reload"], OK, ["config", "reload", "--generation", "999"], STALE),
    "flags": (["flags"], OK, ["flags", "--socket", "nowhere"], UNREACHABLE),
    "flags show": (["flags", "show", "new-player"], OK, ["flags", "show", "nosuch"], NOT_FOUND),
    "flags set": (["flags", "set", "new-player", "on"], OK, ["flags", "set", "new-player", "on", "--generation", "999"], STALE),
    "flags rollout": (["flags", "rollout", "new-player", "--percentage", "10"], OK,
                      ["flags", "rollout", "new-player", "--percentage", "101"], FAILED),
    "flags explain": (["flags", "explain", "new-player", "--user", "bob"], OK, ["flags", "explain", "nosuch"], NOT_FOUND),
    "flags kill": (["flags", "kill", "new-player"], OK, ["flags", "kill", "nosuch"], NOT_FOUND),
    "log level": (["log", "level"], OK, ["log", "level", "http", "loud"], FAILED),
    "install": (["install", PACKAGE], OK, ["install", "nowhere.revenge"], USAGE),
    "versions": (["versions"], OK, ["versions", "--socket", "nowhere"], UNREACHABLE),
    "remove": (["remove", "hello"], OK, ["remove", "nosuch"], NOT_FOUND),
    "top": (["top"], OK, ["top", "--socket", "nowhere"], UNREACHABLE),
    "health": (["health"], OK, ["health", "--socket", "nowhere"], UNREACHABLE),
    "audit": (["audit"], OK, ["audit", "--socket", "nowhere"], UNREACHABLE),
    "events": (["events"], OK, ["events", "--socket", "nowhere"], UNREACHABLE),
    "status": (["status"], OK, ["status", "--socket", "nowhere"], UNREACHABLE),
    "doctor": (["doctor"], OK, ["doctor", "--config", "wrong.yaml"], FAILED),
    "version": (["version"], OK, ["version", "surplus"], USAGE),
    "completion": (["completion", "bash"], OK, ["completion", "tcsh"], USAGE),
    "stop": (["stop"], OK, ["stop", "--socket", "nowhere"], UNREACHABLE),
}
# Goes on until it is interrupted; test_control shows it both ways.
ENDLESS = {"tail"}
# Of a plugin that is not here, or of a host that crashed: test_database_operator and test_crashes show them both ways.
ELSEWHERE = {f"db {name}" for name in ("status", "plan", "contract", "backup", "restore", "check", "optimize")} | {"release"}
# Whose good row another one makes possible.
ORDER = ["list", "show", "install", "versions", "remove", "swap", "rollback", "disable", "enable", "reload", "config set", "config unset", "flags set",
         "flags show"]


def commands():
    text = subprocess.run([CTL, "--help"], capture_output=True, text=True, check=True).stdout
    listed = text.split("Commands:\n")[1].split("\n\n")[0]
    return [re.match(r"  ((?:[a-z]+ ?)+?)(?= [A-Z\[]|  | [a-z]+[|=])", line).group(1).strip() for line in listed.splitlines()]


class Ctl(HostTest):
    def run_ctl(self, host, words, *before, timeout=PATIENCE + 60):
        ran = subprocess.run([*before, CTL, *map(str, words)], capture_output=True, text=True, timeout=timeout, cwd=host.root,
                             env={**os.environ, "REVENGE_SOCKET": str(host.root / "run" / "revenge.sock")})
        return ran.returncode, ran.stdout, ran.stderr

    def test_C1_C2_every_command_both_ways_is_json_and_nothing_else(self):
        host = self.running()
        (host.root / "plan.yaml").write_text("changes: [{plugin: stream, reload: true}]\n")
        (host.root / "wrong.yaml").write_text("changes: [{plugin: stream, swap: nowhere}]\n")
        (host.root / "stale.yaml").write_text("generation: 999\nchanges: [{plugin: stream, reload: true}]\n")
        known = commands()
        self.assertEqual(set(known) - ENDLESS - ELSEWHERE, set(ROWS))
        for name in ORDER + [name for name in ROWS if name not in ORDER and name != "stop"] + ["stop"]:
            good, code, bad, failure = ROWS[name]
            for words, expected in ((bad, failure), (good, code)):
                with self.subTest(" ".join(map(str, words))):
                    ended, out, err = self.run_ctl(host, [*words, "--json"])
                    self.assertEqual(ended, expected, out + err)
                    lines = out.splitlines() if name in ("events", "audit") else [out] if out else []
                    for line in lines:
                        self.assertIsInstance(json.loads(line), dict)
                    if words is bad and name != "doctor":
                        self.assertTrue(err.startswith("revengectl: "), err)
                    else:
                        self.assertTrue(out)
                        self.assertEqual(err, "")
        self.assertEqual(host.end(), 0)

    def test_a_plugin_and_a_command_of_it_need_no_run(self):
        host = self.running()
        for words in (["stream", "nosuch"], ["nosuch", "list"]):
            self.assertEqual(self.run_ctl(host, words), self.run_ctl(host, ["run", *words]))
            self.assertEqual(self.run_ctl(host, words)[0], NOT_FOUND)
        # One word alone is a command that is missing, and a group of commands is no plugin.
        self.assertEqual(self.run_ctl(host, ["stream"])[0], USAGE)
        self.assertEqual(self.run_ctl(host, ["config", "nosuch"])[0], USAGE)

    def test_C5_five_reasons_five_codes(self):
        host = self.host(plugins=(STREAM, misbehaving("hangs-in-start")))
        self.assertEqual(self.run_ctl(host, ["list"])[0], UNREACHABLE)
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        self.assertEqual(self.run_ctl(host, ["show", "nosuch"])[0], NOT_FOUND)
        os.chmod(self.root, 0o755)
        os.chmod(host.root, 0o755)
        os.chmod(host.root / "run", 0o755)
        os.chmod(host.socket, 0o666)
        nobody = ("setpriv", "--reuid=65534", "--clear-groups") if os.geteuid() == 0 else ("unshare", "-U")
        code, _, said = self.run_ctl(host, ["disable", "stream"], *nobody)
        self.assertEqual(code, DENIED, said)
        host.process.send_signal(signal.SIGSTOP)
        code, _, said = self.run_ctl(host, ["list", "--timeout", "1"])
        host.process.send_signal(signal.SIGCONT)
        self.assertEqual(code, TIMED_OUT)
        self.assertIn("did not answer within 1 s", said)

    def test_two_operators_at_once_one_is_done_the_other_is_told(self):
        host = self.running()
        generation = host.generation
        ended = []

        def swap():
            ended.append(self.run_ctl(host, ["swap", "stream", NEXT_STREAM, "--generation", generation, "--json"]))

        operators = [threading.Thread(target=swap) for _ in range(2)]
        for operator in operators:
            operator.start()
        for operator in operators:
            operator.join()
        codes = sorted(code for code, _, _ in ended)
        self.assertEqual(codes[0], OK, ended)
        self.assertIn(codes[1], (BUSY, STALE), ended)
        self.assertEqual((host.plugin("stream")["version"], host.generation), ("0.2.0", generation + 1))

    def at_once(self, host, commands):
        """Runs each by an operator of its own, all together; how each ended."""
        ended = []
        operators = [threading.Thread(target=lambda words=words: ended.append(self.run_ctl(host, words))) for words in commands]
        for operator in operators:
            operator.start()
        for operator in operators:
            operator.join()
        return ended

    def test_of_operators_who_decided_on_the_same_generation_one_changes_a_value(self):
        host = self.running()
        (host.root / "flags.yaml").write_text("bucketing: 1\nflags:\n  theme: {owner: tests, remove_when: never, default: off}\n")
        host.wait("the flags are there", lambda: self.run_ctl(host, ["flags", "show", "theme"])[0] == OK)
        flags = host.control("GET", "/v1/flags").json["generation"]
        for what, commands in (
                ("config", [["config", "set", "http.max_connections", 100 + n, "--generation", host.generation] for n in range(4)]),
                ("flags", [["flags", "rollout", "theme", "--percentage", 10 + n, "--generation", flags] for n in range(4)])):
            with self.subTest(what):
                ended = self.at_once(host, commands)
                codes = sorted(code for code, _, _ in ended)
                self.assertEqual(codes[0], OK, ended)
                self.assertLessEqual(set(codes[1:]), {BUSY, STALE}, ended)
        records = [json.loads(line) for line in self.run_ctl(host, ["audit", "--json"])[1].splitlines()]
        self.assertEqual(sorted((record["what"], record["outcome"]) for record in records),
                         [("config set http.max_connections", "done")] + [("config set http.max_connections", "refused")] * 3 +
                         [("flags rollout theme", "done")] + [("flags rollout theme", "refused")] * 3)

    def slow(self, id, options=(), **seconds):
        """A host whose plugin `id` is given that long before it is given up."""
        host = self.host(plugins=(STREAM, misbehaving(id)), options=options)
        manifest = host.plugins / id / "plugin.json"
        told = json.loads(manifest.read_text())
        told["timeouts"].update(seconds)
        manifest.write_text(json.dumps(told))
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and (host.process.kill(), host.end()))
        return host

    def test_a_host_that_is_starting_answers_and_says_what_it_waits_for(self):
        host = self.slow("hangs-in-start", start_s=60)
        for words, code, says in ((["list"], OK, "hangs-in-start"), (["status"], OK, "not ready"), (["health"], FAILED, "starting"),
                                  (["swap", "stream", NEXT_STREAM], OK, "serving 0.2.0"),
                                  (["config", "set", "log.level", "debug"], OK, "log.level")):
            with self.subTest(words[0]):
                ended, out, err = self.run_ctl(host, words)
                self.assertEqual(ended, code, out + err)
                self.assertIn(says, out)
        for words in (["enable"], ["disable"], ["reload"], ["swap", "/nowhere"]):
            code, _, err = self.run_ctl(host, [words[0], "hangs-in-start", *words[1:]])
            self.assertEqual(code, BUSY, err)
            self.assertIn("is busy with start; try again when it has ended", err)
        health = host.control("GET", "/v1/health").json
        self.assertEqual((health["live"], health["startup"], health["ready"]), ("pass", "fail", "fail"))

    def test_a_host_whose_plugin_hangs_in_its_start_stops_within_its_own_time(self):
        host = self.slow("hangs-in-start", options=["host.shutdown_s=2"], start_s=600)
        self.assertEqual(self.run_ctl(host, ["stop"])[0], OK)
        self.assertEqual(host.end(), 1)
        self.assertIn("plugin 'hangs-in-start': start() did not return before the host stopped", host.logged())

    def test_H3_a_host_that_is_stopping_answers_to_the_end_and_changes_nothing_more(self):
        host = self.slow("hangs-in-stop", stop_s=4)
        with subprocess.Popen([CTL, "--socket", str(host.socket), "events", "--follow"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as follower:
            self.addCleanup(follower.kill)
            self.assertEqual(self.run_ctl(host, ["stop"])[0], OK)
            host.wait("its plugin is asked to stop",
                      lambda: not any(i["state"] == "running" for i in host.plugin("hangs-in-stop")["instances"]))
            self.assertEqual(self.run_ctl(host, ["list"])[0], OK)
            self.assertIn("not ready", self.run_ctl(host, ["status"])[1])
            health = host.control("GET", "/v1/health").json
            self.assertEqual((health["live"], health["ready"]), ("pass", "fail"))
            for words in (["swap", "stream", NEXT_STREAM], ["enable", "stream"], ["reload", "stream"]):
                code, _, err = self.run_ctl(host, words)
                self.assertNotEqual(code, OK, words)
                self.assertIn("stopping", err)
            self.assertEqual(self.run_ctl(host, ["stop"])[0], OK)
            self.assertEqual(host.end(), 1)  # it hung
            self.assertIn(follower.wait(PATIENCE), (OK, FAILED))
        self.assertEqual(self.run_ctl(host, ["list"])[0], UNREACHABLE)

    def test_a_host_that_does_not_know_a_route_is_of_another_version(self):
        host = self.running()
        path = str(self.root / "older.sock")
        older = socket.socket(socket.AF_UNIX)
        self.addCleanup(older.close)
        older.bind(path)
        older.listen(1)
        older.settimeout(PATIENCE)

        def serve(count):
            """Passes each request on to the host as one for a route that it does not have."""
            for _ in range(count):
                asks, _ = older.accept()
                answers = socket.socket(socket.AF_UNIX)
                answers.connect(str(host.socket))
                with asks, answers:
                    answers.sendall(asks.recv(65536).replace(b" /v1/", b" /v9/", 1))
                    while part := answers.recv(65536):
                        asks.sendall(part)

        commands = (["list"], ["flags"], ["disable", "stream"], ["audit"], ["top"])
        server = threading.Thread(target=serve, args=(2 * len(commands),))
        server.start()
        for words in commands:
            for more in ([], ["--json"]):
                code, out, err = self.run_ctl(host, [*words, *more, "--socket", path])
                self.assertEqual(code, OTHER_VERSION, f"{words} {out} {err}")
                self.assertIn("it is of another version than revengectl", err)
                self.assertEqual(json.loads(out)["error"]["code"] if more else out, "other_version" if more else "")
        server.join()
        self.assertEqual(host.plugin("stream")["state"], "running")

    def held(self):
        """A host with a request that no plugin answers, until it times out."""
        host = self.running(plugins=(misbehaving("never-answers"),), options=["http.request_timeout_s=2"])
        connection = host.connect()
        self.addCleanup(connection.close)
        connection.request("GET", "/misbehaving/never-answers")
        host.wait("inside", lambda: host.plugin("never-answers")["instances"][0]["inside"])
        return host

    def test_what_drains_is_followed_until_it_has_ended(self):
        host = self.held()
        code, out, err = self.run_ctl(host, ["disable", "never-answers", "--wait"])
        self.assertEqual((code, err), (OK, ""))
        self.assertRegex(out, r"draining 1\.0\.0: .+, deadline \d+ s   \(Ctrl-C leaves it draining\)\n(.*\n)*  1\.0\.0 has ended\n$")
        host.wait("it is gone", lambda: not host.plugin("never-answers")["instances"])

    def test_in_json_the_report_comes_when_it_has_drained(self):
        host = self.held()
        code, out, err = self.run_ctl(host, ["disable", "never-answers", "--wait", "--json"])
        self.assertEqual((code, err), (OK, ""))
        self.assertEqual(json.loads(out)["from"], "1.0.0")
        host.wait("it is gone", lambda: not host.plugin("never-answers")["instances"])

    def test_a_dry_run_changes_nothing(self):
        host = self.running()
        before = host.generation
        for words, code in ((["swap", "stream", NEXT_STREAM], FAILED), (["disable", "stream"], FAILED),
                            (["swap", "stream", "/nowhere"], NOT_FOUND), (["rollback", "stream"], NOT_FOUND), (["enable", "stream"], CANNOT)):
            ended, _, err = self.run_ctl(host, [*words, "--dry-run"])
            self.assertEqual(ended, code, f"{words} {err}")
        self.assertEqual((host.generation, host.plugin("stream")["state"]), (before, "running"))


if __name__ == "__main__":
    unittest.main()

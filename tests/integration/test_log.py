"""The log of a running host: where lines go, what they hold, and what an operator may change meanwhile."""

import json
import os
import signal
import subprocess
import unittest

from host import BUILD, PATIENCE, HostTest

PACKAGES = BUILD / "tests" / "packages"
CALLER, CALLED = PACKAGES / "context-caller", PACKAGES / "context-called"
CTL = BUILD / "bin" / "revengectl"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Log(HostTest):
    def talking(self, *options):
        host = self.running(plugins=(CALLER, CALLED), options=["log.format=json", *options])
        host.wait("running", lambda: host.plugin("context-caller").get("state") == "running")
        return host

    @staticmethod
    def parsed(text):
        return [json.loads(line) for line in text.splitlines()]  # each line is one object, or this fails

    def ctl(self, host, *words):
        return subprocess.run([CTL, "--socket", host.socket, *words], capture_output=True, text=True, timeout=PATIENCE)

    def test_T5_a_request_is_named_wherever_its_work_goes(self):
        host = self.talking()
        self.assertEqual(host.get("/context", {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "r-5"}).status, 200)
        self.assertEqual(host.stop(), 0)
        lines = [line for line in self.parsed(host.logged()) if line.get("request") == "r-5"]
        told = {line["message"]: line for line in lines}
        self.assertEqual(sorted(told), ["answer", "called", "handler", "job", "later", "request", "resumed"])
        self.assertEqual({line["trace_id"] for line in lines}, {TRACE})
        plugins = {message: line.get("plugin") for message, line in told.items()}
        self.assertEqual(plugins, {"handler": "context-caller", "job": "context-caller", "later": "context-called",
                                   "resumed": "context-caller", "called": "context-called", "answer": "context-caller", "request": None})
        self.assertRegex(told["job"]["source"], r"^context/caller\.cpp:\d+$")

    def test_L5_no_secret_is_written_wherever_it_stands(self):
        host = self.talking("http.access_log=true")
        self.assertEqual(host.get("/context/secret?api_key=hunter2&page=3").status, 200)
        self.assertEqual(host.stop(), 0)
        self.assertNotIn("hunter2", host.logged())
        told = {line["message"]: line.get("attributes", {}) for line in self.parsed(host.logged())}
        self.assertEqual(told["bound"]["Access_Token"], "[redacted]")
        self.assertEqual(told["grouped"]["login"], {"user": "ada", "password": "[redacted]"})
        self.assertEqual(told["nested"]["request_"], {"cookie": "[redacted]", "size": 3})
        self.assertEqual(told["nested"]["level_"], "mine")
        self.assertEqual(told["request"]["query"], "api_key=[redacted]&page=3")

    def test_L6_no_line_is_lost_or_doubled_when_the_file_is_moved(self):
        file = self.root / "host.log"
        host = self.talking(f"log.file={file}", "log.stderr=false", "http.access_log=true")
        moved = []
        for turn in range(5):
            for number in range(200):
                self.assertEqual(host.get("/context/lines/0", {"X-Request-Id": f"{turn}-{number}"}).status, 200)
                if number == 100:
                    moved.append(file.with_suffix(f".{turn}"))
                    os.rename(file, moved[-1])
                    host.process.send_signal(signal.SIGHUP)
                    host.wait("opened again", file.exists)
        self.assertEqual(host.stop(), 0)
        lines = [line for part in (*moved, file) for line in self.parsed(part.read_text())]
        requests = [line["request"] for line in lines if line["message"] == "request"]
        self.assertEqual(sorted(requests), sorted(f"{turn}-{number}" for turn in range(5) for number in range(200)))

    def test_the_old_file_goes_on_when_there_can_be_no_new_one(self):
        file = self.root / "host.log"
        host = self.talking(f"log.file={file}", "log.stderr=false")
        os.rename(file, file.with_suffix(".old"))
        file.mkdir()
        host.process.send_signal(signal.SIGHUP)
        host.wait("told", lambda: "cannot be opened again" in file.with_suffix(".old").read_text())
        self.assertEqual(host.stop(), 0)
        self.assertEqual(self.parsed(file.with_suffix(".old").read_text())[-1]["message"], "stopped")

    def test_levels_change_while_it_runs_and_back(self):
        host = self.talking()

        def logged():
            self.assertEqual(host.get("/context/lines/1").status, 200)
            return self.ctl(host, "log", "level")

        host.get("/context/lines/1")
        host.wait("logged", lambda: host.logged().count('"numbered"') == 1)
        said = self.ctl(host, "log", "level", "context-caller", "error")
        self.assertEqual((said.returncode, said.stdout), (0, "  plugin/context-caller: info -> error (until the host ends, or default)\n"))
        self.assertRegex(logged().stdout, r"plugin/context-caller +error +operator")
        self.assertEqual(self.ctl(host, "log", "level", "plugin/context-caller", "default").stdout, "  plugin/context-caller: error -> info\n")
        logged()
        self.assertEqual(self.ctl(host, "log", "level", "nobody", "debug").returncode, 4)
        wrong = self.ctl(host, "log", "level", "http", "loud")
        self.assertEqual((wrong.returncode, "expected trace, debug" in wrong.stderr), (1, True))
        self.assertEqual(json.loads(self.ctl(host, "--json", "log", "level").stdout)["default"], {"name": "default", "level": "info", "from": "configuration"})
        self.assertEqual(host.stop(), 0)
        self.assertEqual(host.logged().count('"numbered"'), 2)

    def test_levels_and_names_of_secrets_follow_the_configuration(self):
        host = self.talking()
        host.config.write_text("log:\n  levels: {plugin/context-caller: error}\n  redact: [user]\n")
        self.assertEqual(host.control("POST", "/v1/config/reload").status, 200)
        levels = {row["name"]: row for row in host.control("GET", "/v1/log/levels").json["components"]}
        self.assertEqual((levels["plugin/context-caller"]["level"], levels["plugin/context-caller"]["from"]), ("error", "configuration"))
        host.get("/context/lines/3")
        host.config.write_text("log:\n  redact: [user]\n")
        self.assertEqual(host.control("POST", "/v1/config/reload").status, 200)
        host.get("/context/secret")
        self.assertEqual(host.stop(), 0)
        told = {line["message"]: line.get("attributes", {}) for line in self.parsed(host.logged())}
        self.assertNotIn("numbered", told)
        self.assertEqual(told["grouped"]["login"], {"user": "[redacted]", "password": "hunter2"})

    def test_repeated_lines_are_thinned_and_counted(self):
        host = self.talking("log.sample.first=5", "log.sample.then_every=0", "log.sample.tick_ms=100")
        host.get("/context/lines/50")
        host.wait("told", lambda: "repeated lines were left out" in host.logged())
        self.assertEqual(host.stop(), 0)
        told = self.parsed(host.logged())
        left_out = [line["attributes"]["left_out"] for line in told if line["message"] == "repeated lines were left out" and line["attributes"]["repeated"] == "numbered"]
        self.assertEqual(sum(line["message"] == "numbered" for line in told) + sum(left_out), 50)


if __name__ == "__main__":
    unittest.main()

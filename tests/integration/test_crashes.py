"""A plugin takes the host down; the next start knows whose fault it was."""

import http.client
import json
import re
import shutil
import signal
import threading
import unittest

from host import BUILD, SANITIZED, HostTest, misbehaving

CRASHER = BUILD / "tests" / "packages" / "crasher"
VITALS = BUILD / "tests" / "packages" / "vitals"
SIGNALS = {"fault": "SIGSEGV", "abort": "SIGABRT", "terminate": "SIGABRT", "overflow": "SIGSEGV", "divide": "SIGFPE"}


class Crashes(HostTest):
    def crashing(self, where="nowhere", how="fault", beside=(VITALS,), **named):
        return self.host(plugins=(CRASHER, *beside), config=f"plugins:\n  crasher: {{where: {where}, how: {how}}}\n", **named)

    def lives(self, host):
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and host.process.kill())
        return host

    def quietly(self, deed, *words):
        try:
            deed(*words)
        except (AssertionError, OSError, http.client.HTTPException):
            pass  # it went while it was asked

    def dies_of(self, host, deed):
        self.quietly(deed)
        return host.end()

    def dies(self, host, deed=None):
        """Starts it, or lets it do the deed; the code it ends with."""

        def life():
            self.lives(host)
            if deed:
                deed()

        return self.dies_of(host, life)

    def ask_to_crash(self, host, how="fault"):
        return self.dies(host, lambda: host.get(f"/crash/{how}", timeout=20))

    def history(self, host):
        return json.loads((host.root / "state" / "crashes" / "history.json").read_text())

    def test_each_way_to_end_it_in_a_handler_is_attributed(self):
        for how, name in SIGNALS.items():
            with self.subTest(how):
                host = self.crashing()
                code = self.ask_to_crash(host, how)
                if not SANITIZED:
                    self.assertEqual(code, -getattr(signal, name))
                self.lives(host)
                last = self.history(host)["crashes"][-1]
                self.assertEqual((last["plugin"], last["version"]), ("crasher", "0.1.0"))
                self.assertIn(f"{name}", last["what"])
                self.assertIn("in '/crash/{how}' of plugin crasher 0.1.0, crasher.so+0x", last["what"])
                if how == "terminate":
                    self.assertIn("the reel is torn", last["what"])
                self.assertIn("the last run crashed: " + last["what"][:30], host.logged())
                self.assertEqual(host.get("/alive").body, b"yes", "once is no reason to lock it out")
                self.assertEqual(host.stop(), 0)

    def test_each_callback_is_attributed(self):
        for where in ("create", "start", "health", "timer", "thread"):
            with self.subTest(where):
                host = self.crashing(where)
                self.dies(host)
                host.config.write_text("")
                self.lives(host)
                last = self.history(host)["crashes"][-1]
                self.assertEqual(last["plugin"], "crasher")
                self.assertRegex(last["what"], f"{'reel' if where == 'thread' else where}")
                self.assertEqual(host.stop(), 0)

    def test_exit_and_death_without_a_word_in_a_step_are_attributed_too(self):
        for how in ("exit", "_exit", "kill"):
            with self.subTest(how):
                host = self.crashing("start", how, beside=())  # of two that start at once either may have done it
                self.dies(host)
                host.config.write_text("")
                self.lives(host)
                last = self.history(host)["crashes"][-1]
                self.assertEqual(last["plugin"], "crasher")
                self.assertIn("start", last["what"])
                self.assertEqual(host.stop(), 0)

    def test_exit_in_a_handler_is_attributed_however_it_is_spelled(self):
        for how in ("exit", "_exit"):
            with self.subTest(how):
                host = self.crashing()
                self.assertEqual(self.ask_to_crash(host, how), 3)
                self.lives(host)
                last = self.history(host)["crashes"][-1]
                self.assertEqual((last["plugin"], last["version"]), ("crasher", "0.1.0"))
                self.assertIn("in '/crash/{how}' of plugin crasher", last["what"])
                self.assertEqual(host.stop(), 0)

    def test_of_two_that_were_starting_neither_is_blamed_and_both_are_named(self):
        package = shutil.copytree(misbehaving("hangs-in-start"), self.root / "patient" / "hangs-in-start")
        manifest = json.loads((package / "plugin.json").read_text())
        (package / "plugin.json").write_text(json.dumps({**manifest, "timeouts": {"start_s": 600}}))
        host = self.crashing("start", "kill", beside=(package,))
        (host.root / "state").mkdir()
        (host.root / "state" / "desired").write_text("crasher\toff\t-\t-\nhangs-in-start\toff\t-\t-\n")
        self.lives(host)
        enabling = threading.Thread(target=lambda: self.quietly(host.operate, "enable", "hangs-in-start"))
        enabling.start()
        steps = host.root / "state" / "crashes" / "steps"
        host.wait("it is in start()", lambda: re.search(rb"hangs-in-start\0.*?\0start\0", steps.read_bytes(), re.DOTALL))
        self.dies_of(host, lambda: host.operate("enable", "crasher"))
        enabling.join()
        host.config.write_text("")
        self.lives(host)
        last = self.history(host)["crashes"][-1]
        self.assertEqual(last["plugin"], "")
        self.assertIn("crasher in 'start'", last["what"])
        self.assertIn("hangs-in-start in 'start'", last["what"])
        host.process.kill()
        host.end()

    def test_after_three_crashes_it_is_quarantined_and_the_others_serve(self):
        host = self.crashing("start")
        for _ in range(3):
            self.dies(host)
        self.lives(host)
        host.wait("it is left out", lambda: host.plugin("crasher")["state"] == "quarantined")
        shown = host.plugin("crasher")
        self.assertIn("revengectl release crasher", shown["note"])
        self.assertEqual(host.plugin("vitals")["state"], "running")
        self.assertEqual(host.get("/cache").body, b"cached")
        host.wait("it is degraded", lambda: host.get("/health/ready").json["status"] == "warn")
        code, text, _ = host.ctl("why", "crasher")
        self.assertEqual(code, 0)
        self.assertEqual(text.count("the host crashed in it: SIGSEGV"), 3)
        self.assertRegex(text, r"(endProcess|Crasher::)\S*.* crasher\.so\+0x[0-9a-f]+ \(build [0-9a-f]{8}\)", "with functions by name")
        self.assertIn("revengectl release crasher", text)
        self.assertEqual(host.stop(), 0)
        self.lives(host)
        self.assertEqual(host.plugin("crasher")["state"], "quarantined", "it outlives an orderly restart")
        self.assertEqual(host.stop(), 0)

    def test_released_it_starts_again(self):
        host = self.crashing("start")
        for _ in range(3):
            self.dies(host)
        host.config.write_text("")
        self.lives(host)
        self.assertEqual(host.plugin("crasher")["state"], "quarantined")
        self.assertEqual(host.operate("enable", "crasher").status, 403)
        code, text, _ = host.ctl("release", "crasher", "--json")
        self.assertEqual((code, json.loads(text)["to"]), (0, "0.1.0"))
        self.assertEqual(host.get("/alive").body, b"yes")
        code, _, error = host.ctl("release", "crasher")
        self.assertNotEqual(code, 0)
        self.assertIn("not in quarantine", error)
        self.assertEqual(host.ctl("release", "nobody")[0], host.ctl("show", "nobody")[0])
        self.assertEqual(host.stop(), 0)

    def test_another_build_of_it_is_tried_by_itself(self):
        host = self.crashing("start")
        for _ in range(3):
            self.dies(host)
        host.config.write_text("")
        package = host.plugins / "crasher"
        with open(package / "crasher.so", "ab") as library:
            library.write(b"\0")
        manifest = json.loads((package / "plugin.json").read_text())
        manifest.pop("sha256", None)
        (package / "plugin.json").write_text(json.dumps(manifest))
        self.lives(host)
        self.assertEqual(host.plugin("crasher")["state"], "running")
        self.assertEqual(host.stop(), 0)

    def test_deaths_nobody_is_to_blame_for_lead_to_the_last_good_plugins_then_to_none(self):
        host = self.crashing()
        host.options += ["crashes.good_after_s=1"]
        good = host.root / "state" / "crashes" / "last-good.json"
        shutil.rmtree(host.plugins / "crasher")
        self.lives(host)
        host.wait("the plugins count as good", lambda: good.exists() and "vitals" in good.read_text())
        self.assertNotIn("crasher", good.read_text())
        shutil.copytree(CRASHER, host.plugins / "crasher")
        self.assertEqual(host.stop(), 0)
        host.options[-1] = "crashes.good_after_s=3600"

        def killed():
            self.dies(host, lambda: host.process.kill())

        for _ in range(3):
            killed()
        self.lives(host)
        self.assertEqual(host.plugin("vitals")["state"], "running")
        crasher = host.plugin("crasher")
        self.assertEqual((crasher["state"], crasher["wanted"]), ("disabled", True), "what is wanted stays wanted")
        self.assertIn("last known to be good", crasher["note"])
        self.assertIn("last known to be good", json.dumps(host.control("GET", "/v1/health").json))
        self.assertEqual(host.operate("enable", "crasher").status, 200, "the operator decides")
        host.process.kill()
        host.end()
        for _ in range(2):
            killed()
        self.lives(host)
        self.assertEqual({one["state"] for one in host.control("GET", "/v1/plugins").json["plugins"]}, {"disabled"})
        self.assertIn("safe mode", host.logged())
        self.assertEqual(host.ctl("list")[0], 0)
        self.assertIn("crasher", host.ctl("doctor")[1])
        self.assertEqual(host.ctl("enable", "vitals")[0], 0)
        self.assertEqual(host.get("/cache").body, b"cached")
        self.assertEqual(host.stop(), 0)
        self.lives(host)
        self.assertEqual(host.plugin("crasher")["state"], "running", "an orderly restart tries what is wanted")
        self.assertEqual(host.stop(), 0)

    def test_safe_mode_can_be_asked_for(self):
        host = self.crashing("start")
        host.command_before = host.command
        host.command = lambda: host.command_before() + ["--safe-mode"]
        self.lives(host)
        self.assertEqual({one["state"] for one in host.control("GET", "/v1/plugins").json["plugins"]}, {"disabled"})
        self.assertIn("safe mode", host.plugin("crasher")["note"])
        self.assertEqual(host.stop(), 0)
        self.assertEqual(host.plugins.joinpath("crasher").exists(), True)

    def test_an_orderly_end_and_a_refused_start_are_no_crash(self):
        host = self.crashing()
        self.lives(host)
        self.assertEqual(host.stop(), 0)
        host.config.write_text("http: {port: nonsense}\n")
        self.assertEqual(host.refuse()[0], 2)
        host.config.write_text("")
        self.lives(host)
        self.assertNotIn("crashed", host.logged())
        self.assertEqual(host.stop(), 0)

    def test_a_damaged_history_is_put_aside_and_keeps_nobody_from_starting(self):
        host = self.crashing()
        self.ask_to_crash(host)
        (host.root / "state" / "crashes" / "history.json").write_text("{")
        (host.root / "state" / "crashes" / "boot").write_text("\0\0")
        (host.root / "state" / "crashes" / "steps").write_text("x")
        self.lives(host)
        self.assertIn("history.json.damaged", host.logged())
        self.assertTrue((host.root / "state" / "crashes" / "history.json.damaged").exists())
        self.assertEqual(host.stop(), 0)

    def test_a_folder_that_cannot_be_written_keeps_nobody_from_starting(self):
        host = self.crashing()
        (host.root / "state").mkdir()
        (host.root / "state" / "crashes").write_text("no folder")
        self.lives(host)
        host.wait("it serves", lambda: host.get("/alive").body == b"yes")
        self.assertIn("state/crashes/steps: Not a directory; should this run crash, the next will not know why", host.logged())
        self.assertNotEqual(host.ctl("release", "crasher")[0], 0)
        self.assertEqual(host.stop(), 0)

    def test_the_record_can_be_read_by_people(self):
        host = self.crashing()
        self.ask_to_crash(host)
        self.lives(host)
        records = list((host.root / "state" / "crashes" / "records").iterdir())
        self.assertEqual(len(records), 1)
        text = records[0].read_text()
        for line in ("crash signal", "signal 11 SEGV", "address 0x10", "inside crasher 0.1.0", "doing /crash/{how}", "end"):
            self.assertIn(line, text)
        self.assertTrue(re.search(r"^frame [0-9a-f]{40} 0x[0-9a-f]+ crasher .*crasher\.so$", text, re.M), text)
        self.assertEqual(host.stop(), 0)

    def test_with_a_limit_of_zero_nothing_follows(self):
        host = self.crashing("start", options=["crashes.limit=0"])
        for _ in range(4):
            self.dies(host)
        host.config.write_text("")
        self.lives(host)
        self.assertEqual(host.plugin("crasher")["state"], "running")
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

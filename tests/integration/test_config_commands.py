"""What the operator asks and changes with `revengectl config`: nothing is lost, nothing half done, no secret told."""

import json
import os
import shutil
import subprocess
import unittest

from host import BUILD, NEXT_STREAM, STREAM, misbehaving
from test_config import FIXED, LIVE, PICKY, ConfigTest, section

MAIN = """# who wrote this
http:
  port: 0   # any
log: {level: info}
"""


class Commands(ConfigTest):
    def host(self, plugins=(STREAM,), options=(), config=MAIN):
        return super().host(plugins, ["config.watch=false", *options], config)

    def asked(self, host, *words, code=0, **more):
        got, out, err = host.ctl("config", *words, "--json", **more)
        self.assertEqual(got, code, (words, out, err))
        return json.loads(out) if out else None

    def value(self, host, key):
        entries = self.asked(host, "get", key)["values"]
        self.assertEqual([entry["key"] for entry in entries], [key])
        return entries[0]["value"]

    def local(self, host):
        return host.root / "revenge.local.yaml"

    def test_set_writes_the_local_layer_and_takes_it(self):
        host = self.running()
        self.local(host).write_text("# mine\nlog:\n  level: warning  # quiet\n")
        self.asked(host, "reload")
        before = host.generation
        outcome = self.asked(host, "set", "log.level", "debug")
        self.assertEqual(self.local(host).read_text(), "# mine\nlog:\n  level: debug  # quiet\n")
        self.assertEqual((outcome["generation"], outcome["changed"]), (before + 1, ["log.level"]))
        self.assertEqual((outcome["differences"][0]["before"], outcome["differences"][0]["after"]), ("warning", "debug"))
        self.assertEqual(self.value(host, "log.level"), "debug")
        self.asked(host, "set", "plugins.stream.max_sessions", "7")
        host.wait("the level is in force", lambda: "DEBUG" in host.logged())
        self.assertEqual(self.local(host).read_text(),
                         "# mine\nlog:\n  level: debug  # quiet\nplugins:\n  stream:\n    max_sessions: 7\n")
        self.assertEqual(self.asked(host, "unset", "plugins.stream.max_sessions")["configured"], ["stream"])
        self.assertEqual(self.local(host).read_text(), "# mine\nlog:\n  level: debug  # quiet\n")
        self.assertEqual(self.value(host, "plugins.stream.max_sessions"), 1000)
        self.assertEqual([name for name in os.listdir(host.root) if name.endswith(".new")], [])

    def test_what_is_refused_changes_nothing(self):
        host = self.running(plugins=(STREAM, misbehaving(PICKY)), config=MAIN + section(PICKY)[1:-2].replace('"plugins"', "plugins") + "\n")
        self.asked(host, "set", "log.level", "warning")
        before = self.local(host).read_bytes(), host.generation, self.asked(host, "get")
        for words, reason in ((("http.port", "80a"), 'http.port: expected an integer from 0 to 65535, got "80a"'),
                              (("http.prot", "80"), "http.prot: unknown key; did you mean port?"),
                              (("plugins.stream.max_sesions", "8"), "unknown key; did you mean max_sessions?"),
                              (("plugins.stream.max_sessions", "many"), 'expected an integer from 1 to 10000, got "many"'),
                              ((f"plugins.{PICKY}.change", "5"), "prepare()"),
                              (("log", "5"), "log: expected an object"),
                              (("log..level", "info"), "expected a key such as http.port")):
            code, out, err = host.ctl("config", "set", *words)
            self.assertEqual((code, out), (1, ""), words)
            self.assertIn(reason, err)
        self.assertEqual((self.local(host).read_bytes(), host.generation, self.asked(host, "get")), before)
        self.assertEqual([name for name in os.listdir(host.root) if name.endswith(".new")], [])
        self.assertIn("prepare()", self.asked(host, "history")["refused"]["reasons"][0])
        self.assertEqual(host.metric("revenge_config_last_success "), 1)

    def test_C4_a_change_decided_on_another_generation_is_stale(self):
        host = self.running()
        decided = host.generation
        self.asked(host, "set", "log.level", "debug")
        for words in (("set", "log.level", "error"), ("unset", "log.level"), ("rollback", "1"), ("reload",)):
            self.asked(host, *words, "--generation", decided, code=7)
        self.assertEqual(self.value(host, "log.level"), "debug")
        self.asked(host, "set", "log.level", "error", "--generation", decided + 1)

    def test_C3_diff_says_what_the_files_would_change(self):
        host = self.running(config=MAIN)
        self.assertEqual(self.asked(host, "diff")["differences"], [])
        host.config.write_text(MAIN.replace("info", "error"))
        found = self.asked(host, "diff", code=1)["differences"]
        self.assertEqual([(each["key"], each["before"], each["after"], each["effect"]) for each in found],
                         [("log.level", "info", "error", "live")])
        self.assertTrue(found[0]["origin"].endswith("revenge.yaml:4"), found)
        host.config.write_text("http: {prot: 80}\n")
        self.assertIn("did you mean port?", self.asked(host, "diff", code=10)["error"]["message"])
        self.assertEqual(self.value(host, "log.level"), "info")
        draft = self.root / "draft.yaml"
        draft.write_text("plugins: {stream: {hidden: true}}\n")
        self.assertEqual([each["key"] for each in self.asked(host, "diff", draft, code=1)["differences"]],
                         ["plugins.stream.hidden"])

    def test_validate_tells_every_mistake_with_its_place(self):
        host = self.running()
        before = host.generation
        draft = self.root / "draft.yaml"
        draft.write_text("http: {prot: 80, port: 80a}\nplugins:\n  stream: {max_sessions: x}\n")
        verdict = self.asked(host, "validate", draft, code=1)
        self.assertEqual(verdict["problems"], [
            f"{draft}:1: http.prot: unknown key; did you mean port?",
            f'{draft}:1: http.port: expected an integer from 0 to 65535, got "80a"',
            f'{draft}:3: plugins.stream.max_sessions: expected an integer from 1 to 10000, got "x"'])
        draft.write_text("http: {port: 80}\nplugins: {absent: {x: 1}}\n")
        verdict = self.asked(host, "validate", draft)
        self.assertIn("plugins.absent: plugin not installed", verdict["warnings"][0])
        self.asked(host, "validate", "/no/such/file", code=2)
        self.assertEqual(host.generation, before)

    def test_explain_shows_every_layer_and_which_one_wins(self):
        host = self.host(options=["http.idle_timeout_s=5"])
        host.environment = {"REVENGE_HTTP__IDLE_TIMEOUT_S": "7"}
        self.local(host).write_text("http: {idle_timeout_s: 9, max_connections: 5}\n")
        host.config.write_text("http:\n  idle_timeout_s: 11\n")
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        told = self.asked(host, "explain", "http.idle_timeout_s")
        self.assertEqual([(layer["layer"], layer["value"], layer["wins"]) for layer in told["layers"]],
                         [("default", 60, False), ("file", 11, False), ("local", 9, False), ("environment", 7, False),
                          ("option", 5, True)])
        self.assertEqual([layer["origin"].split("/")[-1] for layer in told["layers"][1:]],
                         ["revenge.yaml:2", "revenge.local.yaml:1", "REVENGE_HTTP__IDLE_TIMEOUT_S", "--set http.idle_timeout_s"])
        self.assertEqual((told["effect"], told["waits"], told["type"]), ("host restart", "", "an integer from 1 to 86400"))
        _, out, _ = host.ctl("config", "explain", "http.idle_timeout_s")
        self.assertIn("environment and command line are read once", out)
        # What stands above is said when it makes a change pointless; what waits, too.
        outcome = self.asked(host, "set", "http.idle_timeout_s", "8")
        self.assertIn("--set http.idle_timeout_s stands above the local file", outcome["warnings"][0])
        self.asked(host, "set", "http.max_connections", "6")
        self.assertEqual(self.asked(host, "explain", "http.max_connections")["waits"], "5")
        self.assertEqual(self.asked(host, "explain", "plugins.stream.max_sessions")["effect"], "live")
        self.asked(host, "explain", "http.prot", code=4)

    def test_dry_runs_do_nothing(self):
        host = self.running()
        self.asked(host, "set", "log.level", "debug")
        before = self.local(host).read_bytes(), host.generation, self.asked(host, "history")
        for words, changed in ((("set", "log.level", "error"), ["log.level"]), (("unset", "log.level"), ["log.level"]),
                               (("rollback", "1"), ["log.level"]), (("set", "http.max_connections", "9"), ["http.max_connections"])):
            outcome = self.asked(host, *words, "--dry-run")
            self.assertEqual((outcome["dry_run"], outcome["changed"], outcome["files"]), (True, changed, []))
        self.asked(host, "set", "log.level", "loud", "--dry-run", code=1)
        self.assertEqual((self.local(host).read_bytes(), host.generation, self.asked(host, "history")), before)

    def test_A9_no_command_shows_a_secret(self):
        host = self.host(plugins=(STREAM, misbehaving(LIVE)), config=section(LIVE))
        secret = host.root / "secret"
        secret.write_text("Sesame1")
        host.environment = {"REVENGE_PLUGINS__ANSWERS_NOTHING__REPORT_FILE": str(secret)}
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        secret.write_text("Sesame2")
        key = f"plugins.{LIVE}.report"
        told = [host.ctl("config", "diff"), host.ctl("config", "diff", "--json"), host.ctl("config", "reload")]
        self.assertIn(f"{key}  changed", told[0][1])
        told += [host.ctl("config", "get"), host.ctl("config", "get", key, "--json"), host.ctl("config", "explain", key),
                 host.ctl("config", "explain", f"plugins.{LIVE}", "--json"), host.ctl("config", "history", "--json"),
                 host.ctl("config", "set", key, "Sesame3"), host.ctl("config", "set", key, "Sesame4", "--json"),
                 host.ctl("config", "set", key, "Sesame6", "--generation", "999"), host.ctl("config", "rollback", "1"), host.ctl("events", "--json"),
                 host.ctl("audit"), host.ctl("audit", "--json")]
        self.assertNotIn("Sesame", str(told) + host.logged())
        kept = (host.root / "state" / "audit.jsonl").read_text()
        self.assertIn(f'"what":"config set {key}"', kept)
        self.assertIn('"outcome":"refused"', kept)
        self.assertNotIn("Sesame", kept)
        self.assertIn("(secret)", told[5][1])
        self.assertIn(key, self.asked(host, "history")["kept"][0]["changed"] + self.asked(host, "history")["kept"][1]["changed"] + [key])
        # Written by the host it is its owner's alone.
        self.asked(host, "set", key, "Sesame5")
        self.assertEqual(self.local(host).stat().st_mode & 0o777, 0o600)
        self.assertEqual((host.root / "state" / "config-history.json").stat().st_mode & 0o777, 0o600)

    def test_only_who_may_steer_may_change(self):
        host = self.running()
        if os.geteuid() != 0:
            return
        os.chmod(host.root, 0o755), os.chmod(self.root, 0o755), os.chmod(host.socket, 0o666), os.chmod(host.root / "run", 0o755)
        command = ["setpriv", "--reuid=65534", "--clear-groups"]
        for words, code in ((("get",), 0), (("diff",), 0), (("set", "log.level", "debug"), 8), (("rollback", "1"), 8)):
            done = subprocess.run([*command, str(BUILD / "bin" / "revengectl"), "--socket", str(host.socket), "config", *words],
                                  capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, code, (words, done.stderr))

    def test_a_local_file_that_cannot_be_written_keeps_all_as_it_was(self):
        host = self.running()
        before = host.generation
        (host.root / ".revenge.local.yaml.new").mkdir()
        _, _, err = host.ctl("config", "set", "log.level", "debug")
        self.assertIn("revenge.local.yaml: cannot be written: Is a directory", err)
        self.assertEqual((host.generation, self.value(host, "log.level")), (before, "info"))
        self.assertFalse(self.local(host).exists())


class Versions(ConfigTest):
    def host(self, plugins=(STREAM,), options=(), config=MAIN):
        return super().host(plugins, ["config.watch=false", *options], config)

    def test_a_key_that_only_another_version_knows_is_kept(self):
        """0.2.0 knows a key that 0.1.0 does not."""
        package = self.root / "next" / "stream"
        shutil.copytree(NEXT_STREAM, package)
        manifest = json.loads((package / "plugin.json").read_text())
        manifest["config"]["properties"]["trick_interval_s"] = {"type": "integer", "default": 10, "description": "Seconds."}
        (package / "plugin.json").write_text(json.dumps(manifest))
        host = self.running()
        key = "plugins.stream.trick_interval_s"
        code, _, err = host.ctl("config", "set", key, "5")
        self.assertEqual(code, 1)
        self.assertIn("unknown key", err)
        self.assertEqual(host.swap("stream", package).status, 200)
        self.assertEqual(host.ctl("config", "set", key, "5")[0], 0)
        code, out, err = host.ctl("rollback", "stream")
        self.assertEqual(code, 0, err)
        # 0.1.0 runs, without it; the file keeps it for the way forward.
        self.assertEqual(host.plugin("stream")["version"], "0.1.0")
        verdict = json.loads(host.ctl("config", "validate", "-", "--json")[1])
        self.assertEqual((verdict["valid"], len(verdict["warnings"])), (True, 1), verdict)
        self.assertIn(f"revenge.local.yaml:4: {key}: only another version of stream knows it; kept", verdict["warnings"][0])
        self.assertEqual(host.ctl("config", "set", "plugins.stream.max_sessions", "8")[0], 0)
        self.assertEqual(host.plugin("stream")["state"], "running")
        self.assertEqual(host.ctl("config", "set", "plugins.stream.trick_intervall_s", "8")[0], 1)
        # It survives a restart of the host.
        self.assertEqual(host.stop(), 0, host.logged())
        host.start()
        host.wait("it runs", lambda: host.plugin("stream")["state"] == "running")
        self.assertEqual(host.operate("rollback", "stream").status, 200)
        self.assertIn("5", host.ctl("config", "get", key)[1])

    def test_the_reference_says_as_the_running_plugin_when_a_change_takes_effect(self):
        host = self.running()
        said = subprocess.run([str(BUILD / "bin" / "revenge"), "--print-config-reference", str(host.plugins)],
                              capture_output=True, text=True, timeout=60, check=True, stdin=subprocess.DEVNULL).stdout
        rows = [line.split(" | ") for line in said.splitlines() if line.startswith("| `")]
        words = {"live": "at once", "plugin anew": "at once, by a new instance", "host restart": "at the next start"}
        for row in rows:
            key = row[0].strip("| `")
            told = json.loads(host.ctl("config", "explain", key, "--json")[1])
            self.assertEqual((words[told["effect"]] if key != "plugins" else row[3], told["type"]), (row[3], row[2]), key)
        self.assertGreater(len(rows), 25)


class History(ConfigTest):
    def host(self, plugins=(STREAM,), options=(), config=MAIN):
        return super().host(plugins, ["config.watch=false", *options], config)

    def again(self, host):
        self.assertEqual(host.stop(), 0, host.logged())
        host.start()

    def history(self, host):
        return json.loads(host.ctl("config", "history", "--json")[1])

    def set(self, host, key, value):
        code, _, err = host.ctl("config", "set", key, value)
        self.assertEqual(code, 0, err)

    def test_A11_contents_of_6_are_back_as_10_over_a_restart(self):
        host = self.running()
        texts = {1: host.config.read_text()}
        for number in range(2, 10):
            host.config.write_text(f"{MAIN}# {number}\nworkers: {{queue: {number}}}\n")
            texts[number] = host.config.read_text()
            self.assertEqual(self.reload(host).json["number"], number)
        (host.root / "revenge.d").mkdir()
        self.again(host)
        self.assertEqual(self.history(host)["number"], 9)
        code, out, err = host.ctl("config", "rollback", "6", "--json")
        self.assertEqual(code, 0, err)
        self.assertEqual((json.loads(out)["number"], json.loads(out)["changed"]), (10, ["workers.queue"]))
        self.assertEqual(host.config.read_text(), texts[6])
        self.assertEqual(json.loads(host.ctl("config", "diff", "--json")[1]), {"differences": []})
        self.assertEqual(host.metric("revenge_config_generation "), 10)
        self.again(host)
        self.assertEqual((self.history(host)["number"], host.config.read_text()), (10, texts[6]))
        # And forward again.
        self.assertEqual(host.ctl("config", "rollback", "9")[0], 0)
        self.assertEqual(host.config.read_text(), texts[9])

    def test_rollback_takes_drop_ins_and_the_local_file_with_it(self):
        host = self.running()
        self.set(host, "log.level", "debug")
        drop_ins = host.root / "revenge.d"
        drop_ins.mkdir()
        (drop_ins / "10.yaml").write_text("workers: {queue: 3}\n")
        self.assertEqual(self.reload(host).json["number"], 3)
        self.assertEqual(host.ctl("config", "rollback", "1")[0], 0)
        self.assertEqual(list(drop_ins.iterdir()), [])
        self.assertFalse((host.root / "revenge.local.yaml").exists())
        self.assertEqual(host.ctl("config", "rollback", "3")[0], 0)
        self.assertEqual((drop_ins / "10.yaml").read_text(), "workers: {queue: 3}\n")
        self.assertIn("level: debug", (host.root / "revenge.local.yaml").read_text())
        code, _, err = host.ctl("config", "rollback", "99")
        self.assertEqual(code, 4)
        self.assertIn("no configuration 99 is kept", err)

    def test_somebodys_unfinished_edit_is_kept_beside(self):
        host = self.running()
        self.set(host, "log.level", "debug")
        host.config.write_text("http: {prot: 80}\n")
        code, out, err = host.ctl("config", "rollback", "1")
        self.assertEqual(code, 0, err)
        self.assertIn("revenge.yaml.replaced: what stood on disk and was not in force", out)
        self.assertEqual((host.root / "revenge.yaml.replaced").read_text(), "http: {prot: 80}\n")
        self.assertEqual(host.config.read_text(), MAIN)

    def test_twenty_are_kept_and_the_refused_one_is_shown(self):
        host = self.running()
        for number in range(2, 24):
            host.config.write_text(f"{MAIN}workers: {{queue: {number}}}\n")
            self.reload(host)
        host.config.write_text("http: {prot: 80}\n")
        self.assertEqual(self.reload(host).status, 422)
        history = self.history(host)
        self.assertEqual([kept["number"] for kept in history["kept"]], list(range(23, 3, -1)))
        self.assertIn("did you mean port?", history["refused"]["reasons"][0])
        self.assertIn("refused", host.ctl("config", "history")[1])
        host.config.write_text(MAIN)
        self.reload(host)
        self.assertIsNone(self.history(host)["refused"])

    def test_a_damaged_or_unwritable_history_costs_a_warning(self):
        host = self.running()
        self.set(host, "log.level", "debug")
        self.assertEqual(host.stop(), 0)
        file = host.root / "state" / "config-history.json"
        file.write_text(file.read_text()[:-20])
        host.start()
        host.wait_logged("config-history.json.damaged")
        self.assertEqual(self.history(host)["number"], 1)
        # A disk that takes nothing more.
        (file.parent / ".config-history.json.new").mkdir()
        self.set(host, "log.level", "info")
        host.wait_logged("the history of configurations may not survive a restart")
        self.assertEqual(host.get("/health/ready").status, 200)
        self.assertIn("cannot be written", host.control("GET", "/v1/health").body.decode())
        self.assertIn("cannot be written", self.history(host)["trouble"])
        self.assertEqual(host.stop(), 0, host.logged())


if __name__ == "__main__":
    unittest.main()

"""A configuration that changes under a running host: every way a file is saved, all of it or nothing, and who is told."""

import json
import os
import subprocess
import threading
import unittest

from host import HostTest, PATIENCE, STREAM, misbehaving

LIVE = "answers-nothing"  # takes a configuration live
PICKY = "throws-in-prepare"  # refuses every one
FIXED = "calls-in-destroy"  # takes none live: is started anew


def section(*plugins, change=0, **more):
    """A file that gives each plugin that value, and the rest as it is."""
    return json.dumps({**more, "plugins": {id: {"change": change} for id in plugins}}) + "\n"


# What a shell cannot do: exchange two names, write through a mapping.
IN_PYTHON = "python3 -c '{}'"
EXCHANGE = """
import ctypes
assert ctypes.CDLL(None).renameat2(-100, b"n", -100, b"revenge.yaml", 2) == 0
"""
MAPPED = """
import mmap, os
next = os.environ["NEXT"].encode()
with open("revenge.yaml", "r+b") as file:
    os.ftruncate(file.fileno(), len(next))
    with mmap.mmap(file.fileno(), 0) as mapped:
        mapped[:] = next
"""


class ConfigTest(HostTest):
    def with_plugins(self, *ids, config=None):
        return self.running(plugins=(STREAM, *map(misbehaving, ids)), config=config or section(*ids))

    def reload(self, host, **query):
        return host.control("POST", "/v1/config/reload" + ("?all=1" if query.get("all") else ""))

    def events(self, host, kind):
        lines = host.control("GET", "/v1/events?from=0").body.decode().splitlines()
        return [event for event in map(json.loads, lines) if event.get("kind") == kind]

    def loads(self, host):
        return {plugin["id"]: plugin["instances"][0]["load"] for plugin in host.control("GET", "/v1/plugins").json["plugins"]}

    def applied(self, host):
        return len(self.events(host, "config.applied"))

    def await_applied(self, host, count):
        host.wait(f"{count} configurations applied", lambda: self.applied(host) >= count)
        self.assertEqual(self.applied(host), count)

    def refused(self, host):
        return [event["text"] for event in self.events(host, "config.refused")]


class TwoPhases(ConfigTest):
    """Only what the test asks for is read: a watch would sometimes be there first."""

    def host(self, plugins=(STREAM,), options=(), config=None):
        return super().host(plugins, ["config.watch=false", *options], config)

    def test_A1_one_that_refuses_keeps_all_on_the_old(self):
        host = self.with_plugins(LIVE, PICKY, FIXED)
        before = host.generation, self.loads(host)
        host.config.write_text(section(LIVE, PICKY, FIXED, change=1, log={"level": "debug"}))
        answer = self.reload(host)
        self.assertEqual(answer.status, 500, answer.body)
        self.assertIn(f"plugin '{PICKY}': prepare()", answer.json["error"]["message"])
        self.assertEqual((host.generation, self.loads(host)), before)
        self.assertNotIn(" debug ", host.logged().lower())
        self.assertEqual(host.metric("revenge_config_last_success "), 0)
        self.assertGreaterEqual(host.metric("revenge_config_refused_total "), 1)
        # What is in force is what was: put back, it is no change.
        host.config.write_text(section(LIVE, PICKY, FIXED))
        answer = self.reload(host)
        self.assertEqual((answer.status, answer.json["changed"], host.generation), (200, [], before[0]), answer.body)
        # Without the one that refuses the others take it, in one generation.
        host.config.write_text(section(LIVE, FIXED, change=1, log={"level": "debug"}))
        answer = self.reload(host)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["generation"], before[0] + 1)
        self.assertEqual((answer.json["configured"], answer.json["reloaded"]), ([LIVE], [FIXED]))
        self.assertEqual(answer.json["restart"], [])
        self.assertEqual(host.generation, before[0] + 1)
        after = self.loads(host)
        self.assertEqual((after[LIVE], after[PICKY]), (before[1][LIVE], before[1][PICKY]))
        self.assertNotEqual(after[FIXED], before[1][FIXED])
        self.assertEqual(host.metric("revenge_config_last_success "), 1)
        host.wait("the level is in force", lambda: " debug " in host.logged().lower())
        self.assertEqual(host.stop(), 0, host.logged())

    def test_one_that_cannot_start_with_it_keeps_all_on_the_old(self):
        host = self.with_plugins(LIVE, FIXED)
        before = host.generation, self.loads(host)
        host.config.write_text(section(LIVE, change=1) [:-3] + ', "' + FIXED + '": {"change": "x"}}}\n')
        answer = self.reload(host)
        self.assertEqual(answer.status, 422, answer.body)
        self.assertIn(f'revenge.yaml:1: plugins.{FIXED}.change: expected an integer, got "x"', answer.json["error"]["message"])
        self.assertEqual((host.generation, self.loads(host)), before)

    def test_A2_the_same_again_calls_nobody_and_forced_calls_all(self):
        host = self.with_plugins(LIVE, PICKY)
        before = host.generation
        answer = self.reload(host)
        self.assertEqual((answer.status, answer.json["changed"], answer.json["configured"]), (200, [], []))
        self.assertEqual(host.generation, before)
        # A comment and another order are the same.
        host.config.write_text("# a comment\n" + section(PICKY, LIVE))
        self.assertEqual((self.reload(host).status, host.generation), (200, before))
        answer = self.reload(host, all=True)
        self.assertEqual(answer.status, 500)
        self.assertIn(PICKY, answer.json["error"]["message"])

    def test_A3_only_whose_section_changed_is_called(self):
        film = self.film("film.mkv", 4 << 20)
        host = self.with_plugins(LIVE, PICKY)
        item = self.library(host, 1)["film.mkv"]
        connection = host.connect()
        self.addCleanup(connection.close)
        connection.request("GET", f"/stream/{item['id']}")
        answer = connection.getresponse()
        begun = answer.read(1000)
        before = self.loads(host)
        host.config.write_text(section(PICKY).replace("}}}", '}, "' + LIVE + '": {"change": 1}}}'))
        applied = self.reload(host)
        self.assertEqual((applied.status, applied.json["configured"]), (200, [LIVE]), applied.body)
        self.assertEqual(applied.json["changed"], [f"plugins.{LIVE}.change"])
        self.assertEqual(self.loads(host), before)
        self.assertEqual(begun + answer.read(), film)
        # The connection outlives it.
        connection.request("GET", "/stream")
        self.assertEqual(connection.getresponse().status, 200)

    def test_a_key_that_waits_for_the_next_start_is_named(self):
        host = self.with_plugins(LIVE)
        before = host.generation
        host.config.write_text(section(LIVE, http={"max_connections": 5}, log={"level": "warning"}))
        answer = self.reload(host).json
        self.assertEqual((sorted(answer["changed"]), answer["restart"]),
                         (["http.max_connections", "log.level"], ["http.max_connections"]))
        self.assertEqual(host.generation, before + 1)

    def test_a_plugin_refused_for_its_section_starts_when_that_is_mended(self):
        host = self.running(plugins=(STREAM, misbehaving(LIVE)), config='{"plugins": {"answers-nothing": {"chang": 1}}}\n')
        self.assertEqual(host.plugin(LIVE)["state"], "refused")
        host.config.write_text(section(LIVE, change=1))
        self.assertEqual(self.reload(host).status, 200)
        host.wait("it runs", lambda: host.plugin(LIVE)["state"] == "running")

    def test_A9_a_change_of_a_secret_is_told_without_it(self):
        host = self.host(plugins=(misbehaving(LIVE),), config=section(LIVE))
        secret = host.root / "secret"
        secret.write_text("Sesame1")
        host.environment = {"REVENGE_PLUGINS__ANSWERS_NOTHING__REPORT_FILE": str(secret)}
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        secret.write_text("Sesame2")
        self.assertEqual(self.reload(host).status, 200)
        event = self.events(host, "config.applied")[0]
        self.assertEqual(event["attributes"]["changed"], f"plugins.{LIVE}.report")
        self.assertNotIn("Sesame", json.dumps(event) + host.logged())


class Saved(ConfigTest):
    def setUp(self):
        super().setUp()
        self.at = 0

    def begin(self, **more):
        host = self.with_plugins(LIVE, **more)
        # What was written while the host started is seen, and is no change.
        self.assertEqual(self.applied(host), 0)
        return host

    def content(self):
        self.at += 1
        return section(LIVE, change=self.at)

    def shell(self, host, script):
        subprocess.run(["sh", "-ec", script], cwd=host.root, check=True, timeout=PATIENCE,
                       env={**os.environ, "NEXT": self.content(), "AT": str(self.at)})

    def takes(self, host, script):
        before = self.applied(host)
        self.shell(host, script)
        self.await_applied(host, before + 1)
        self.assertEqual(self.refused(host), [])

    def test_W1_every_way_to_save(self):
        host = self.begin()
        for script in ('sed -i "s/\\"change\\": [0-9]*/\\"change\\": $AT/" revenge.yaml',
                       'printf %s "$NEXT" > revenge.yaml',
                       'printf %s "$NEXT" > n; cp n revenge.yaml',
                       'printf %s "$NEXT" > n; mv n revenge.yaml',
                       'printf %s "$NEXT" > n; ln -f n revenge.yaml; rm n',
                       'rm revenge.yaml; printf %s "$NEXT" > revenge.yaml',
                       'mv revenge.yaml revenge.yaml~; printf %s "$NEXT" > revenge.yaml; rm revenge.yaml~',
                       'printf %s "$NEXT" > n; rm revenge.yaml; ln n revenge.yaml; rm n',
                       'printf %s "$NEXT" > .revenge.yaml.swp; rm .revenge.yaml.swp; printf %s "$NEXT" > revenge.yaml; chmod 600 revenge.yaml',
                       'printf "\\n# appended\\nlog: {level: %s}\\n" $([ $((AT % 2)) = 0 ] && echo info || echo debug) > n;'
                       ' printf "plugins: {answers-nothing: {change: $AT}}" > revenge.yaml; cat n >> revenge.yaml; rm n',
                       'printf %s "$NEXT" > n; ' + IN_PYTHON.format(EXCHANGE),
                       IN_PYTHON.format(MAPPED),
                       'printf %s "$NEXT" > revenge.local.yaml',
                       'mkdir -p revenge.d; printf %s "$NEXT" > revenge.d/1.yaml'):
            with self.subTest(script):
                self.takes(host, script)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_W2_a_slow_truncating_writer(self):
        host = self.begin()
        self.takes(host, ': > revenge.yaml; sleep 0.3; printf %s "$NEXT" > revenge.yaml')

    def test_W3_a_config_map(self):
        host = self.host(plugins=(misbehaving(LIVE),))
        host.config.unlink()
        self.shell(host, 'mkdir ..0; printf %s "$NEXT" > ..0/revenge.yaml; ln -s ..0 ..data; ln -s ..data/revenge.yaml revenge.yaml')
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        for _ in range(2):
            self.takes(host, 'mkdir ..$AT; printf %s "$NEXT" > ..$AT/revenge.yaml; ln -s ..$AT ..data_tmp; mv -T ..data_tmp ..data')

    def test_W4_removed_then_created_then_edited(self):
        host = self.begin()
        host.config.unlink()
        host.wait("it is missed", lambda: self.refused(host))
        self.assertIn("No such file", self.refused(host)[0])
        for count in (1, 2):
            host.config.write_text(self.content())
            self.await_applied(host, count)
        self.assertEqual(len(self.refused(host)), 1)

    def test_W5_an_overlay_whose_layer_changes_without_an_event(self):
        host = self.mounted("""mkdir low up work merged; cp revenge.yaml low/; mount -t overlay overlay
                               -o lowerdir=low,upperdir=up,workdir=work merged""", "merged/revenge.yaml")
        self.from_outside(host, "low/revenge.yaml")

    def test_W6_a_single_file_bound_over_and_written_in_place(self):
        host = self.mounted("touch bound.yaml; mount --bind revenge.yaml bound.yaml", "bound.yaml")
        self.from_outside(host, "revenge.yaml")

    def mounted(self, mounts, config):
        """A host in a mount namespace of its own. Root needs no user namespace for that, which a chroot would refuse; any
        other user needs one."""
        unshare = "-m" if os.geteuid() == 0 else "-Urm"
        host = self.host(plugins=(misbehaving(LIVE),), config=section(LIVE))
        words = [config if word == str(host.config) else word for word in host.command()]
        script = "set -e; " + " ".join(mounts.split()) + '; exec "$@"'
        host.command = lambda: ["unshare", unshare, "--propagation", "private", "sh", "-c", f"cd {host.root}; {script}", "sh", *words]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        return host

    def from_outside(self, host, file):
        with open(host.root / file, "r+") as at:
            at.write(self.content())
        self.await_applied(host, 1)

    def test_W8_a_thousand_saves_are_one_reload(self):
        host = self.begin()
        before = host.generation
        for change in range(1, 1001):
            host.config.write_text(section(LIVE, change=change))
        self.await_applied(host, 1)
        self.assertEqual(host.generation, before + 1)

    def test_W9_a_busy_writer_does_not_starve_it(self):
        host = self.begin()
        stop = threading.Event()

        def write():
            while not stop.wait(0.2):
                host.config.write_text(self.content())

        writer = threading.Thread(target=write)
        writer.start()
        try:
            host.wait("a reload while it writes", lambda: self.applied(host) > 0)
        finally:
            stop.set()
            writer.join()

    def test_W10_touch_chmod_and_equal_bytes_change_nothing(self):
        host = self.begin()
        before = host.generation
        same = host.config.read_text()
        self.shell(host, "touch revenge.yaml; chmod 600 revenge.yaml; cp revenge.yaml n; mv n revenge.yaml")
        # The next change is one later than all of that.
        (host.root / "revenge.local.yaml").write_text("log: {level: debug}\n")
        self.await_applied(host, 1)
        self.assertEqual(self.events(host, "config.applied")[0]["attributes"]["changed"], "log.level")
        self.assertEqual((host.generation, host.config.read_text()), (before + 1, same))

    def test_broken_files_are_told_once_and_the_host_goes_on(self):
        host = self.begin()
        before = host.generation
        host.config.write_text("http: {prot: 80}\n")
        host.wait("it is told", lambda: self.refused(host))
        self.assertIn("revenge.yaml:1: http.prot: unknown key; did you mean port?", self.refused(host)[0])
        self.assertEqual(host.get("/stream").status, 200)
        self.assertEqual(host.generation, before)
        host.config.write_text(self.content())
        self.await_applied(host, 1)
        self.assertEqual(len(self.refused(host)), 1)


if __name__ == "__main__":
    unittest.main()

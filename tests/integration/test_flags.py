"""Flags through the built host: what the file says reaches a plugin, live, and a mistake in it changes nothing."""

import threading
import unittest

from host import BUILD, HostTest

FLAGGED = BUILD / "tests" / "packages" / "flagged"
HELLO = BUILD / "tests" / "packages" / "hello"

FLAGS = """bucketing: 1
flags:
  switch: {owner: tests, remove_when: never, default: on}
  theme:
    type: string
    variants: [{name: dark, value: night}, {name: light, value: day}]
    default: dark
    rules:
      - if: [{attribute: key, equals: ada}, {attribute: client, semver: ">= 2.0.0"}]
        serve: light
"""


class Flags(HostTest):
    def with_flags(self, text):
        host = self.host(plugins=[FLAGGED, HELLO])
        (host.root / "flags.yaml").write_text(text)
        return host

    def started(self, text):
        host = self.with_flags(text).start()
        self.addCleanup(lambda: host.process.poll() is None and host.stop())
        return host

    def says(self, host, user="bob"):
        return host.get(f"/flagged/{user}").body.decode()

    def change(self, host, text, by="flagged"):
        (host.root / "flags.yaml").write_text(text)
        return host.operate("reload", by)

    def test_a_host_without_a_flags_file_leaves_the_plugins_defaults(self):
        host = self.running(plugins=[FLAGGED])
        self.assertEqual(self.says(host), "off plain  9 7 0")

    def test_the_file_beside_the_configuration_counts(self):
        host = self.started(FLAGS)
        self.assertEqual(self.says(host), "on night dark 2 7 0")
        self.assertEqual(self.says(host, "ada"), "on day light 3 7 0")

    def test_a_reload_changes_flags_and_tells_who_watches(self):
        host = self.started(FLAGS)
        self.assertEqual(self.says(host), "on night dark 2 7 0")
        changed = FLAGS.replace("default: on", "default: off") + (
            "  limit: {type: integer, default: x, variants: [{name: x, value: 40}]}\n")
        self.assertEqual(self.change(host, changed).status, 200)
        host.wait("the watch has run", lambda: self.says(host).endswith(" 1"))
        self.assertEqual(self.says(host), "off night dark 2 40 1")
        # Nothing that "switch" depends on: nobody is told.
        self.change(host, changed.replace("value: 40", "value: 41"))
        self.assertEqual(self.says(host), "off night dark 2 41 1")

    def test_a_mistake_keeps_the_old_flags_and_says_where(self):
        host = self.started(FLAGS)
        answer = self.change(host, FLAGS.replace("default: on", "defualt: on"))
        self.assertGreaterEqual(answer.status, 400)
        self.assertIn("flags.yaml:3: flags.switch.defualt: unknown key; did you mean default?", answer.body.decode())
        self.assertEqual(self.says(host), "on night dark 2 7 0")

    def test_a_host_does_not_start_with_a_mistake_in_its_flags(self):
        code, said = self.with_flags("bucketing: 2\n").refuse()
        self.assertEqual(code, 2)
        self.assertIn("flags.yaml:1: bucketing: expected 1, got 2", said)

    def test_what_is_served_is_counted(self):
        host = self.started(FLAGS)
        for _ in range(3):
            self.says(host)
        self.assertEqual(host.metric('revenge_flag_served_total{flag="switch",variant="on"}'), 3)
        self.assertEqual(host.metric('revenge_flag_served_total{flag="theme",variant="dark"}'), 3)

    def test_a_save_of_the_file_is_taken_by_itself(self):
        host = self.started(FLAGS)
        self.assertEqual(self.says(host), "on night dark 2 7 0")
        (host.root / "flags.yaml").write_text(FLAGS.replace("default: on", "default: off"))
        host.wait("the file is taken", lambda: self.says(host) == "off night dark 2 7 1")
        code, said, _ = host.ctl("flags", "show", "switch")
        self.assertEqual(code, 0)
        self.assertIn("changed by     an edit of the file ", said)

    def test_a_save_with_a_mistake_is_told_and_changes_nothing(self):
        host = self.started(FLAGS)
        (host.root / "flags.yaml").write_text(FLAGS.replace("remove_when: never", "percentage: ten"))
        host.wait("the refusal", lambda: "flags.refused" in host.control("GET", "/v1/events").body.decode())
        host.wait_logged('flags.yaml:3: flags.switch.percentage: expected')
        self.assertEqual(host.metric("revenge_flags_last_success"), 0)
        self.assertEqual(self.says(host), "on night dark 2 7 0")
        # An edit does not bury the mistake under it.
        code, _, said = host.ctl("flags", "set", "switch", "off")
        self.assertEqual(code, 1)
        self.assertIn("flags.yaml:3: flags.switch.percentage", said)
        (host.root / "flags.yaml").write_text(FLAGS)
        host.wait("all is well", lambda: host.metric("revenge_flags_last_success") == 1)

    def test_an_edit_keeps_the_file_as_people_wrote_it(self):
        host = self.started("# ours\n" + FLAGS)
        self.assertEqual(host.ctl("flags", "set", "switch", "off", "--dry-run")[1],
                         "  switch: on -> off\n  nothing was changed: --generation 1\n")
        self.assertEqual((host.root / "flags.yaml").read_text(), "# ours\n" + FLAGS)
        self.assertEqual(host.ctl("flags", "set", "switch", "off")[1], "  switch: on -> off\n")
        self.assertEqual((host.root / "flags.yaml").read_text(), "# ours\n" + FLAGS.replace("default: on", "default: off"))
        self.assertEqual(self.says(host)[:3], "off")
        # Decided on what has changed since: refused, and nothing done.
        code, _, said = host.ctl("flags", "set", "switch", "on", "--generation", "1")
        self.assertEqual(code, 7)
        self.assertIn("decided on generation 1 of the flags, but 2 is in force", said)
        self.assertEqual(self.says(host)[:3], "off")
        self.assertEqual(host.ctl("flags", "kill", "theme")[1], "  theme: 1 rule, dark -> killed; everybody gets its off variant\n")
        self.assertEqual(self.says(host, "ada").split()[1], "night")

    def test_explain_says_what_decided(self):
        host = self.started(FLAGS)
        code, said, _ = host.ctl("flags", "explain", "theme", "--user", "ada", "--attr", "client:=2.1.0")
        self.assertEqual(code, 0)
        self.assertIn("theme: 'light'", said)
        self.assertIn("reason         TARGETING_MATCH", said)
        self.assertIn("rule           0", said)
        self.assertIn("theme: 'dark'", host.ctl("flags", "explain", "theme", "--user", "bob")[1])
        code, _, said = host.ctl("flags", "explain", "nothing")
        self.assertEqual(code, 4)
        self.assertIn("no flag 'nothing' in ", said)

    def test_F17_readers_go_on_while_the_file_is_swapped(self):
        host = self.started(FLAGS)
        done, wrong = threading.Event(), []

        def read():
            connection = host.connect()
            while not done.is_set():
                connection.request("GET", "/flagged/bob")
                said = connection.getresponse().read().decode().split()
                if said[0] not in ("on", "off") or said[1:4] != ["night", "dark", "2"]:
                    wrong.append(said)
            connection.close()

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for n in range(200):
            variant = "off" if n % 2 == 0 else "on"
            self.assertEqual(host.control("POST", f"/v1/flags/switch/set?variant={variant}").status, 200)
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(self.says(host)[:3], "on ")
        # The watch may have looked between two of them, and published what was there.
        self.assertGreaterEqual(host.control("GET", "/v1/flags").json["generation"], 201)

    def test_an_overdue_flag_is_warned_of(self):
        host = self.started(FLAGS.replace("remove_when: never", "remove_when: '2020-01-01: it is gone'"))
        host.wait_logged("flag is overdue for removal flag=switch owner=tests")
        self.assertIn("(overdue)", host.ctl("flags")[1])

    def test_a_plugin_with_watched_flags_unloads(self):
        host = self.started(FLAGS)
        self.assertEqual(host.operate("disable", "flagged").status, 200)
        host.wait("it is unmapped", lambda: host.mapped("flagged.so") == 0)
        self.assertEqual(self.change(host, FLAGS.replace("default: on", "default: off"), by="hello").status, 200)
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

"""Flags through the built host: what the file says reaches a plugin, live, and a mistake in it changes nothing."""

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

    def test_a_plugin_with_watched_flags_unloads(self):
        host = self.started(FLAGS)
        self.assertEqual(host.operate("disable", "flagged").status, 200)
        host.wait("it is unmapped", lambda: host.mapped("flagged.so") == 0)
        self.assertEqual(self.change(host, FLAGS.replace("default: on", "default: off"), by="hello").status, 200)
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

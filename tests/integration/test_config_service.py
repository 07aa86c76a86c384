"""The host under a service manager: what it says by $NOTIFY_SOCKET, and what SIGHUP does."""

import pathlib
import re
import signal
import socket
import time
import unittest

from host import PATIENCE, STREAM
from test_config import ConfigTest

FLAGS = "bucketing: 1\nflags:\n  new-player: {enabled: %s}\n"


class Service(ConfigTest):
    def managed(self, config="log: {level: info}\n"):
        host = self.host(options=["config.watch=false"], config=config)
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.root / "notify"))
        self.manager.settimeout(PATIENCE)
        host.environment = {"NOTIFY_SOCKET": str(self.root / "notify")}
        host.start()

        def cleanup():
            if host.process.poll() is None:
                host.process.kill()
                host.end()

        self.addCleanup(cleanup)
        return host

    def said(self):
        return dict(line.split("=", 1) for line in self.manager.recv(4096).decode().splitlines())

    def hang_up(self, host):
        """What is said of one SIGHUP: the datagram of its beginning and that of its end."""
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        host.process.send_signal(signal.SIGHUP)
        begun = self.said()
        self.assertEqual(begun.keys(), {"RELOADING", "MONOTONIC_USEC"})
        self.assertTrue(before <= int(begun["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        return self.said()

    def test_A10_ready_reloading_and_ready_again_whatever_came_of_it(self):
        host = self.managed()
        self.assertEqual(self.said(), {"READY": "1", "STATUS": f"serving http://{host.address}"})
        host.config.write_text("log: {level: debug}\n")
        self.assertEqual(self.hang_up(host), {"READY": "1", "STATUS": "configuration 2"})
        self.assertEqual(host.ctl("config", "get", "log.level")[1].split()[1], '"debug"')
        host.config.write_text("http: {prot: 80}\n")
        answer = self.hang_up(host)
        self.assertEqual(answer["READY"], "1")
        self.assertRegex(answer["STATUS"], "refused.*revenge.yaml:1: http.prot: unknown key; did you mean port\\?")
        self.assertEqual(host.get("/stream").status, 200)
        self.assertEqual(host.ctl("config", "get", "log.level")[1].split()[1], '"debug"')
        host.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.said(), {"STOPPING": "1", "STATUS": "stopping"})
        self.assertEqual(host.end(), 0)

    def test_a_hangup_reloads_flags_too_and_a_mistake_in_them_is_no_mistake_in_the_configuration(self):
        host = self.managed()
        self.said()
        (host.root / "flags.yaml").write_text("flags: 5\n")
        host.config.write_text("log: {level: debug}\n")
        answer = self.hang_up(host)
        self.assertIn("flags.yaml:1", answer["STATUS"])
        self.assertEqual(host.ctl("config", "get", "log.level")[1].split()[1], '"debug"')

    def test_many_hangups_are_answered(self):
        host = self.managed()
        self.said()
        for at in range(20):
            host.config.write_text(f"log: {{level: {'debug' if at % 2 else 'info'}}}\n")
            host.process.send_signal(signal.SIGHUP)
        # Of those that came together one counts; the last content is in force.
        last = self.said()
        while last.get("STATUS") is None or host.ctl("config", "diff")[0] != 0:
            last = self.said()
        self.assertEqual(host.stop(), 0)

    def test_the_unit_is_notified(self):
        unit = (pathlib.Path(__file__).parents[2] / "config" / "revenge.service").read_text()
        self.assertEqual(re.findall(r"^Type=(.*)$", unit, re.MULTILINE), ["notify-reload"])


if __name__ == "__main__":
    unittest.main()

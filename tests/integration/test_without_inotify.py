"""No inotify instance is left: these run alone, since nobody else of this user gets one meanwhile."""

import sys
import unittest

from host import misbehaving
from test_config import LIVE, ConfigTest, section
from test_doctor import DoctorTest

TAKES_ALL_INOTIFY = """
import ctypes, os, sys
while ctypes.CDLL(None).inotify_init() >= 0:
    pass
os.execv(sys.argv[1], sys.argv[1:])
"""


class Watching(ConfigTest):
    def test_W11_it_polls_and_says_so(self):
        host = self.host(plugins=(misbehaving(LIVE),), config=section(LIVE))
        command = host.command()
        host.command = lambda: [sys.executable, "-c", TAKES_ALL_INOTIFY, *command]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        host.wait("health says so", lambda: "max_user_instances" in host.control("GET", "/v1/health").body.decode())
        self.assertEqual(host.get("/health/ready").status, 200)
        host.config.write_text(section(LIVE, change=1))
        self.await_applied(host, 1)


class Doctor(DoctorTest):
    def test_W11_names_the_sysctl(self):
        found = self.examine(self.host(), sys.executable, "-c", TAKES_ALL_INOTIFY)
        self.only(found, "watching the configuration", "warning", "fs.inotify.max_user_instances")


if __name__ == "__main__":
    unittest.main()

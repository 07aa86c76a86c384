"""Children of plugins, in the built host: every form of use, what is left when the host is killed, and leaving with children."""

import os
import pathlib
import signal
import unittest
import urllib.parse

from host import BUILD, PATIENCE, HostTest

FORKER = BUILD / "tests" / "packages" / "forker"

# Says the numbers of its family: itself, one in its group, one that has left by a double fork into its own session.
FAMILY = "echo $$; sleep 1000 & echo $!; (setsid sh -c 'echo $$; echo; exec sleep 1000' &); "


def processes():
    """Everybody who is not a zombie: pid -> (parent, name)."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(errors="replace")
        except OSError:
            continue
        name, rest = stat[stat.index("(") + 1 : stat.rindex(")")], stat[stat.rindex(")") + 1 :].split()
        if rest[0] not in "ZX":
            found[int(entry.name)] = (int(rest[1]), name)
    return found


def below(root):
    everybody = processes()
    found = set()
    while True:
        more = {pid for pid, (parent, _) in everybody.items() if pid not in found and (parent == root or parent in found)}
        if not more:
            return found
        found |= more


class Process(HostTest):
    def run_script(self, host, way, script, **query):
        connection = host.connect()
        try:
            connection.request("POST", f"/run/{way}?" + urllib.parse.urlencode(query), body=script)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def family(self, host, rest="while :; do sleep 1000; done"):
        status, said = self.run_script(host, "leave", FAMILY + rest)
        self.assertEqual(status, 200, said)
        family = {int(word) for word in said.split()}
        self.assertEqual(len(family), 3, said)
        self.assertLessEqual(family, set(processes()))
        return family

    def assert_gone(self, host, pids):
        host.wait("nobody of the family lives", lambda: not pids & set(processes()))

    def test_every_form_of_use_tells_how_a_child_ended(self):
        host = self.running(plugins=[FORKER])
        for way in ("wait", "await"):
            self.assertEqual(self.run_script(host, way, "echo out; exit 3"), (200, "0 3 0\nout\n"))
            self.assertEqual(self.run_script(host, way, "kill -9 $$"), (200, "1 0 9\n"))
        self.assertEqual(self.run_script(host, "stream", "head -c 5000000 /dev/zero; echo err >&2"),
                         (200, "5000000\n0 0 0\nerr\n"))
        self.assertEqual(self.run_script(host, "echo", ""), (200, f"{16 * 32768}\n0 0 0\n"))
        self.assertEqual(self.run_script(host, "await", "exec sleep 1000", timeout_ms=100), (200, "2 0 15\n"))
        self.assertEqual(self.run_script(host, "await", "", program="no-such-program"),
                         (502, "no-such-program: not in PATH=/usr/local/bin:/usr/bin:/bin: No such file or directory"))
        self.assertEqual(host.metric('revenge_children_ended_total{how="exited",plugin="forker"}'), 4)
        self.assertEqual(host.metric('revenge_children_ended_total{how="timed_out",plugin="forker"}'), 1)
        self.assertEqual(host.metric('revenge_children_not_started_total{plugin="forker"}'), 1)

    def test_a_child_has_a_small_environment_of_its_own(self):
        host = self.running(plugins=[FORKER], options=["process.path=/usr/bin:/bin"])
        status, said = self.run_script(host, "wait", "exec env")
        self.assertEqual(status, 200)
        variables = dict(line.split("=", 1) for line in said.splitlines()[1:])
        folder = variables.pop("TMPDIR")
        self.assertTrue(pathlib.Path(folder).is_dir() and folder.endswith("/forker"), folder)
        variables.pop("PWD", None)  # of the shell
        self.assertEqual({k: v for k, v in variables.items() if k not in ("_", "SHLVL", "OLDPWD")},
                         {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})

    def test_the_deadline_of_a_request_is_one_of_its_child(self):
        host = self.running(plugins=[FORKER], options=["http.request_timeout_s=1"])
        self.run_script(host, "await", "exec sleep 1000")
        host.wait("the child has ended too",
                  lambda: host.metric('revenge_children_ended_total{how="timed_out",plugin="forker"}') == 1)

    def test_nobody_outlives_a_host_that_is_killed(self):
        host = self.running(plugins=[FORKER])
        family = self.family(host, "trap '' TERM; while :; do sleep 1000; done")

        def strangers():
            named = processes()  # one that was just forked has its parent's name for a moment
            return {p for p in below(host.process.pid) - family if named.get(p, (0, ""))[1] != "sleep"}

        host.wait("the warden is two processes", lambda: len(strangers()) == 2)
        everybody = below(host.process.pid)
        self.assertLessEqual(family, everybody)
        host.process.kill()
        host.end()
        self.assert_gone(host, everybody)

    def test_nobody_outlives_a_host_that_stops(self):
        host = self.running(plugins=[FORKER])
        self.family(host, "trap '' TERM; while :; do sleep 1000; done")
        everybody = below(host.process.pid)
        self.assertEqual(host.stop(), 0, host.logged())
        self.assertFalse(everybody & set(processes()))

    def test_an_instance_that_leaves_ends_its_children_before_it_is_destroyed(self):
        host = self.running(plugins=[FORKER])
        family = self.family(host, "trap '' TERM; while :; do sleep 1000; done")
        answer = host.operate("disable", "forker")
        self.assertEqual(answer.status, 200, answer.body)
        host.wait_logged("destroyed")
        self.assertFalse(family & set(processes()))
        log = host.logged()
        # Cancelled, and killed since it did not want to go.
        self.assertIn("left one ended: 3 0 9", log)
        self.assertIn("late one: ", log)
        self.assertLess(log.index("left one ended"), log.index("destroyed"))
        self.assertLess(log.index("late one: "), log.index("destroyed"))
        self.assertNotIn("late one: 0 0 0", log)
        self.assertEqual(host.metric('revenge_children_running{plugin="forker"}'), 0)

    def test_a_lost_warden_is_told_of_and_replaced(self):
        host = self.running(plugins=[FORKER])
        family = self.family(host)
        wardens = [p for p in below(host.process.pid) if processes().get(p, (0, ""))[1] == "revenge-warden"]
        self.assertEqual(len(wardens), 2)
        for warden in wardens:
            os.kill(warden, signal.SIGSTOP)
        os.kill(wardens[0], signal.SIGKILL)
        for warden in wardens[1:]:
            os.kill(warden, signal.SIGCONT)
        host.wait_logged("the warden has died")
        self.assertEqual(self.run_script(host, "wait", "echo again"), (200, "0 0 0\nagain\n"))
        self.assert_gone(host, family)


if __name__ == "__main__":
    unittest.main()

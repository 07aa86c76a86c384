"""A configuration that changes while clients are served: nobody is cut off, nothing piles up."""

import os
import pathlib
import re
import subprocess
import threading
import time
import unittest

from host import PATIENCE, SANITIZED, STREAM, misbehaving
from test_config import ConfigTest, LIVE, section

ENDLESS = "streams-for-ever"  # and takes no configuration live


class Load(ConfigTest):
    def host(self, plugins=(STREAM,), options=(), config=None):
        return super().host(plugins, ["config.watch=false", *options], config)

    def endless(self, host):
        """A client of the endless stream, once its first bytes are there."""
        connection = host.connect()
        self.addCleanup(connection.close)
        connection.request("GET", f"/misbehaving/{ENDLESS}")
        answer = connection.getresponse()
        self.assertEqual(answer.readline(), b"begun\n")
        return connection, answer

    def old(self, host):
        return [one for one in host.plugin(ENDLESS)["instances"] if one["state"] != "running"]

    def change(self, host, number):
        host.config.write_text(section(ENDLESS, change=number))
        return self.reload(host)

    def resident_kib(self, host):
        status = pathlib.Path(f"/proc/{host.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def test_A4_it_answers_at_the_publish_and_the_drain_is_shown(self):
        host = self.with_plugins(ENDLESS)
        self.endless(host)
        began = time.monotonic()
        answer = self.change(host, 1)
        # The stream has no end: whoever waited for it would not be here.
        self.assertEqual((answer.status, answer.json["reloaded"]), (200, [ENDLESS]), answer.body)
        self.assertLess(time.monotonic() - began, PATIENCE)
        old = self.old(host)
        self.assertEqual([(one["inside"], one["state"] in ("draining", "retired")) for one in old], [(1, True)], old)
        code, out, _ = host.ctl("list")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"load \d+ .*(draining|retired)")
        # The new one serves, the client of the old one reads on.
        self.endless(host)

    def test_A5_a_client_that_never_ends_holds_one_generation_and_no_memory(self):
        host = self.with_plugins(ENDLESS)
        connection, _ = self.endless(host)
        sizes = {}
        for number in range(1, 51):
            answer = self.change(host, number)
            self.assertEqual(answer.status, 200, answer.body)
            host.wait("only what the client holds is left", lambda: len(self.old(host)) == 1)
            sizes[number] = self.resident_kib(host)
        if not SANITIZED:
            self.assertLess(sizes[50] - sizes[10], 4096, sizes)
        connection.close()
        host.wait("the last one is gone too", lambda: not self.old(host))

    def test_A5_many_clients_that_never_end_are_bounded(self):
        host = self.running(plugins=(misbehaving(ENDLESS),), options=["host.max_retired=3"], config=section(ENDLESS))
        clients = []
        for number in range(1, 4):
            clients.append(self.endless(host)[0])
            self.assertEqual(self.change(host, number).status, 200)
        clients.append(self.endless(host)[0])
        before = host.generation
        answer = self.change(host, 4)
        self.assertIn("host.max_retired", answer.json["error"]["message"])
        self.assertEqual((host.generation, len(self.old(host))), (before, 3))
        for client in clients:
            client.close()
        host.wait("room again", lambda: not self.old(host))
        self.assertEqual(self.change(host, 5).status, 200)

    def test_a_hundred_reloads_under_load_fail_no_request(self):
        self.film("film.mkv")
        host = self.with_plugins(LIVE, ENDLESS)
        self.library(host, 1)
        seconds = 30 if SANITIZED else 8
        load = subprocess.Popen(["wrk", "-t1", "-c8", f"-d{seconds}s", f"http://{host.address}/stream"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(load.kill)
        done, began = 0, time.monotonic()
        while done < 100:
            done += 1
            host.config.write_text(section(LIVE, ENDLESS, change=done, log={"level": ("info", "warning")[done % 2]}))
            answer = self.reload(host)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(answer.json["number"], done + 1)
            host.wait("the old one is gone", lambda: not self.old(host))
        said, _ = load.communicate(timeout=seconds + PATIENCE)
        self.assertLess(time.monotonic() - began, seconds + PATIENCE)
        self.assertRegex(said, r"\d+ requests in")
        self.assertNotIn("Non-2xx", said)
        self.assertNotIn("Socket errors", said)
        self.assertGreater(int(re.search(r"(\d+) requests in", said)[1]), 100)


class Noise(ConfigTest):
    def test_W7_twenty_thousand_events_of_other_files_hide_nothing(self):
        host = self.with_plugins(LIVE)
        other = host.root / "other"
        for number in range(10_000):
            other.touch()
            other.unlink()
            if number == 5_000:
                host.config.write_text(section(LIVE, change=1))
        self.await_applied(host, 1)

    def test_W6_a_file_mounted_by_itself_and_replaced_outside_is_said(self):
        host = self.host(plugins=(misbehaving(LIVE),), config=section(LIVE))
        (host.root / "bound.yaml").touch()
        command = [str(host.root / "bound.yaml") if word == str(host.config) else word for word in host.command()]
        script = f'set -e; cd {host.root}; mount --bind revenge.yaml bound.yaml; exec "$@"'
        host.command = lambda: ["unshare", "-m" if os.geteuid() == 0 else "-Urm", "--propagation", "private", "sh", "-c", script, "sh", *command]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.kill)
        self.assertEqual(host.get("/health/ready").status, 200)
        [mounts] = host.control("GET", "/v1/health").json["checks"]["config:mounts"]
        self.assertEqual(mounts["status"], "warn")
        self.assertRegex(mounts["output"], r"bound\.yaml: mounted by itself.*mount its folder")
        host.wait_logged("mount its folder")
        # Outside a new file takes its place; inside the old one goes on. A change of another file is the later event.
        next_file = host.root / "next.yaml"
        next_file.write_text(section(LIVE, change=1))
        next_file.rename(host.config)
        (host.root / "bound.local.yaml").write_text("log: {level: debug}\n")
        self.await_applied(host, 1)
        self.assertEqual(self.events(host, "config.applied")[0]["attributes"]["changed"], "log.level")


if __name__ == "__main__":
    unittest.main()

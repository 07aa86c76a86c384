"""Who changed what: each way to change something leaves one record, whatever came of it."""

import json
import os
import subprocess
import unittest

from host import BUILD, NEXT_STREAM, PATIENCE, STREAM, HostTest


class Audit(HostTest):
    def records(self, host):
        code, out, _ = host.ctl("audit", "--json")
        self.assertEqual(code, 0)
        return [json.loads(line) for line in out.splitlines()]

    def test_a_change_says_who_what_before_and_after(self):
        host = self.running()
        self.assertEqual(host.swap("stream", NEXT_STREAM).status, 200)
        [record] = self.records(host)
        self.assertEqual((record["what"], record["before"], record["after"], record["outcome"]),
                         ("swap stream", "stream 0.1.0", "stream 0.2.0", "done"))
        self.assertEqual(record["who"]["uid"], os.geteuid())
        self.assertGreater(record["who"]["pid"], 0)

    def test_what_was_refused_and_what_failed_is_recorded_with_the_reason(self):
        host = self.running()
        host.swap("stream", self.root / "nowhere")
        host.operate("rollback", "stream")
        host.operate("enable", "nobody")
        records = self.records(host)
        self.assertEqual([record["what"] for record in records],
                         ["swap stream", "rollback stream", "enable nobody"])
        for record in records:
            self.assertIn(record["outcome"], ("refused", "failed"))
            self.assertTrue(record["reason"])

    def test_a_failed_swap_with_progress_is_no_success(self):
        host = self.running()
        code, _, _ = host.ctl("swap", "stream", self.root / "nowhere")
        self.assertEqual(code, 4)
        self.assertEqual(self.records(host)[-1]["outcome"], "refused")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_whoever_may_not_is_recorded_too(self):
        host = self.running()
        os.chmod(host.root, 0o755)
        for path in (self.root, host.root / "run"):
            os.chmod(path, 0o755)
        os.chmod(host.socket, 0o666)
        words = ["setpriv", "--reuid=65534", "--clear-groups", str(BUILD / "bin" / "revengectl"), "--socket",
                 str(host.socket), "disable", "stream"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 8, done.stderr)
        record = self.records(host)[-1]
        self.assertEqual((record["outcome"], record["who"]["uid"]), ("denied", 65534))

    def test_records_survive_a_restart_and_go_on_counting(self):
        host = self.running()
        host.operate("disable", "stream")
        self.assertEqual(host.stop(), 0)
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and host.stop())
        host.operate("enable", "stream")
        self.assertEqual([record["number"] for record in self.records(host)], [1, 2])

    def test_following_tells_what_is_kept_and_what_comes(self):
        host = self.running()
        host.operate("disable", "stream")
        words = [str(BUILD / "bin" / "revengectl"), "--socket", str(host.socket), "--json", "audit", "--follow"]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as follower:
            self.assertEqual(json.loads(follower.stdout.readline())["what"], "disable stream")
            host.operate("enable", "stream")
            self.assertEqual(json.loads(follower.stdout.readline())["what"], "enable stream")
            follower.terminate()

    def test_nothing_looked_at_is_recorded(self):
        host = self.running()
        for words in (["list"], ["status"], ["show", "stream"], ["events"]):
            self.assertEqual(host.ctl(*words)[0], 0)
        self.assertEqual(self.records(host), [])


if __name__ == "__main__":
    unittest.main()

"""Commands of plugins over the control plane and revengectl: what they answer, who may run them, what of them is recorded, and
how they end when their plugin is swapped, misbehaves, or takes too long."""

import json
import os
import subprocess
import threading
import unittest

from host import BUILD, HostTest, PATIENCE, UnixConnection

COMMANDER = BUILD / "tests" / "packages" / "commander"
NEXT_COMMANDER = BUILD / "tests" / "packages" / "next" / "commander"


class CommanderTest(HostTest):
    def start(self, **named):
        host = self.running(plugins=[COMMANDER], **named)
        host.wait("it runs", lambda: host.plugin("commander")["state"] == "running")
        return host

    def run_command(self, host, name, arguments=None, query=""):
        answer = host.control("POST", f"/v1/plugins/commander/commands/{name}{query}", arguments)
        return answer.status, answer.json

    def refused(self, host, name, arguments=None, query="", status=422):
        """The message of the error."""
        got, answer = self.run_command(host, name, arguments, query)
        self.assertEqual(got, status, answer)
        return answer["error"]["code"], answer["error"]["message"]

    def waiting(self, host, **arguments):
        """A thread in which the command `wait` runs, what it will have answered, and the file it waits for."""
        answers = []
        file = self.root / "go"
        thread = threading.Thread(target=lambda: answers.append(self.run_command(host, "wait", {"file": str(file)})))
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(file.touch)
        host.wait("the command runs", lambda: host.get("/waiting").body == b"1")
        return thread, answers, file

    def audited(self, host):
        code, out, _ = host.ctl("audit", "--json")
        self.assertEqual(code, 0)
        return [json.loads(line) for line in out.splitlines()]


class Commands(CommanderTest):
    def test_the_list_tells_what_each_takes_and_who_may(self):
        host = self.start()
        answer = host.control("GET", "/v1/plugins/commander/commands").json
        self.assertEqual(answer["plugin"], "commander")
        self.assertEqual([one["name"] for one in answer["commands"]],
                         ["babble", "count", "greet", "late", "refuse", "set", "throw", "wait"])
        greet = answer["commands"][2]
        self.assertEqual((greet["role"], greet["effect"], greet["timeout_s"]), ("look", "looks", 30))
        self.assertEqual(greet["arguments"]["properties"]["times"]["default"], 1)
        self.assertEqual((answer["commands"][1]["role"], answer["commands"][1]["effect"]), ("steer", "changes or tells"))

    def test_arguments_are_checked_and_filled_in_before_it_runs(self):
        host = self.start()
        self.assertEqual(self.run_command(host, "greet", {"whom": "Ada"}), (200, {"greeting": "Hello Ada", "times": 1}))
        self.assertEqual(self.run_command(host, "greet", {"whom": "Ada", "times": 3})[1]["times"], 3)
        self.assertEqual(self.refused(host, "greet"), ("invalid", "command 'greet' of 'commander': missing key whom; expected a string"))
        self.assertIn("did you mean times?", self.refused(host, "greet", {"whom": "Ada", "time": 3})[1])
        self.assertIn("times: expected an integer from 1 to 9, got 10", self.refused(host, "greet", {"whom": "A", "times": 10})[1])
        self.assertIn("expected an object", self.refused(host, "greet", [1])[1])
        connection = UnixConnection(host.socket, PATIENCE)
        self.addCleanup(connection.close)
        connection.request("POST", "/v1/plugins/commander/commands/greet", body="{")
        answer = connection.getresponse()
        self.assertEqual((answer.status, json.load(answer)["error"]["code"]), (422, "invalid"))

    def test_what_is_not_there_is_told_with_what_is(self):
        host = self.start()
        self.assertEqual(self.refused(host, "greeet", status=404),
                         ("not_found", "plugin 'commander' has no command 'greeet'; it has: babble, count, greet, late, refuse, "
                                       "set, throw, wait"))
        answer = host.control("POST", "/v1/plugins/comander/commands/greet")
        self.assertEqual((answer.status, answer.json["error"]["message"]), (404, "no plugin 'comander'; installed: commander"))
        self.assertEqual(host.operate("disable", "commander").status, 200)
        self.assertIn("plugin 'commander' does not serve", self.refused(host, "greet", {"whom": "Ada"}, status=503)[1])
        self.assertEqual(host.operate("enable", "commander").status, 200)
        self.assertEqual(self.run_command(host, "greet", {"whom": "Ada"})[0], 200)

    def test_clients_of_the_public_port_reach_none(self):
        host = self.start()
        for method, path in (("GET", "/v1/plugins/commander/commands"), ("POST", "/v1/plugins/commander/commands/greet")):
            self.assertEqual(host.get(path, method=method).status, 404)

    def test_a_change_is_recorded_and_a_dry_run_is_none(self):
        host = self.start()
        self.assertEqual(self.run_command(host, "count", query="?dry_run=1"), (200, {"count": 1}))
        self.assertEqual(self.run_command(host, "count", {}), (200, {"count": 1}))
        self.assertIn("it cannot be run dry", self.refused(host, "set", query="?dry_run=1")[1])
        self.run_command(host, "greet", {"whom": "Ada"})
        self.refused(host, "set", {"surplus": 1})
        self.assertEqual([(record["what"], record["after"], record["outcome"]) for record in self.audited(host)],
                         [("run commander count", "{}", "done"), ("run commander set", '{"surplus": 1}', "refused")])

    def test_a_plugin_that_misbehaves_is_told_and_goes_on(self):
        host = self.start()
        self.assertEqual(self.refused(host, "throw", status=500), ("failed", "command 'throw' of 'commander': thrown by a command"))
        self.assertEqual(self.refused(host, "refuse", status=403), ("refused", "command 'refuse' of 'commander': not today"))
        self.assertIn("it answered no JSON object", self.refused(host, "babble", status=500)[1])
        self.assertEqual(self.run_command(host, "greet", {"whom": "Ada"})[0], 200)

    def test_one_that_takes_too_long_is_told_so_and_sees_it(self):
        host = self.start()
        code, message = self.refused(host, "late", {"file": str(self.root / "never")}, status=504)
        self.assertEqual(code, "timed_out")
        host.wait("it has ended", lambda: host.get("/waiting").body == b"0")

    def test_one_whose_caller_leaves_sees_it(self):
        host = self.start()
        connection = UnixConnection(host.socket, PATIENCE)
        connection.request("POST", "/v1/plugins/commander/commands/wait", body=json.dumps({"file": str(self.root / "never")}))
        host.wait("it runs", lambda: host.get("/waiting").body == b"1")
        connection.close()
        host.wait("it has ended", lambda: host.get("/waiting").body == b"0")

    def test_one_that_runs_ends_on_the_version_it_began_on(self):
        host = self.start()
        thread, answers, file = self.waiting(host)
        self.assertEqual(host.swap("commander", NEXT_COMMANDER).status, 200)
        old = host.plugin("commander")["instances"][1]
        self.assertEqual((old["version"], old["state"]), ("0.1.0", "draining"))
        file.touch()
        thread.join()
        self.assertEqual(answers, [(200, {"version": "0.1.0"})])
        self.assertEqual(self.run_command(host, "wait", {"file": str(file)}), (200, {"version": "0.2.0"}))
        host.wait("only the new one is mapped", lambda: host.mapped("commander.so") == 1)

    def test_one_that_runs_at_the_deadline_of_the_drain_is_cancelled(self):
        host = self.start()
        thread, answers, _ = self.waiting(host)
        self.assertEqual(host.swap("commander", NEXT_COMMANDER).status, 200)
        thread.join()
        [(status, answer)] = answers
        self.assertEqual((status, answer["error"]["code"]), (500, "cancelled"), answer)
        host.wait("only the new one is mapped", lambda: host.mapped("commander.so") == 1)

    def test_one_that_runs_does_not_keep_the_host_from_stopping(self):
        host = self.start()
        self.waiting(host)
        self.assertEqual(host.stop(), 0, host.logged())

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_who_may_look_runs_only_what_looks(self):
        host = self.start()
        os.chmod(host.root, 0o755)
        for path in (self.root, host.root / "run"):
            os.chmod(path, 0o755)
        os.chmod(host.socket, 0o666)

        def as_nobody(*words):
            command = ["setpriv", "--reuid=65534", "--clear-groups", str(BUILD / "bin" / "revengectl"), "--socket",
                       str(host.socket), "run", "commander", *words]
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)

        self.assertEqual(as_nobody("greet", "whom=Ada").returncode, 0)
        denied = as_nobody("count")
        self.assertEqual(denied.returncode, 8, denied.stderr)
        record = self.audited(host)[-1]
        self.assertEqual((record["outcome"], record["who"]["uid"]), ("denied", 65534))
        self.assertEqual(self.run_command(host, "count", {}), (200, {"count": 1}))


class ByHand(CommanderTest):
    """The same through revengectl."""

    def test_people_read_a_list_and_lines(self):
        host = self.start()
        code, out, _ = host.ctl("run", "commander")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"greet +\(looks\) +Greets somebody\.\n    whom=  Who is greeted\.\n    times=  How often\.")
        code, out, err = host.ctl("run", "commander", "greet", "whom=Ada", "times=2")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"greeting +Hello Ada\n +times +2\n")
        code, out, _ = host.ctl("run", "commander", "greet", "whom=Ada", "--json")
        self.assertEqual((code, json.loads(out)["times"]), (0, 1))
        self.assertEqual(host.ctl("run", "commander", "count", "--dry-run")[0], 0)

    def test_what_goes_wrong_has_an_exit_code_of_its_own(self):
        host = self.start()
        for words, code, said in ((["commander", "greeet"], 4, "it has: babble, count, greet"),
                                  (["nobody", "greet"], 4, "no plugin 'nobody'"),
                                  (["commander", "greet", "whom"], 2, "expected KEY=VALUE, got 'whom'"),
                                  (["commander", "greet", "whom=A", "times=x"], 1, "times: expected an integer"),
                                  (["commander", "throw"], 1, "thrown by a command"),
                                  (["commander", "late", "file=/never"], 6, "command 'late' of 'commander': ")):
            got, _, err = host.ctl("run", *words)
            self.assertEqual(got, code, err)
            self.assertIn(said, err)

    def test_the_names_of_commands_are_completed(self):
        host = self.start()
        done = subprocess.run([BUILD / "bin" / "revengectl", "complete", "run", "commander", "g"], capture_output=True, text=True,
                              timeout=PATIENCE, env={**os.environ, "REVENGE_SOCKET": str(host.socket)})
        self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["greet"])


if __name__ == "__main__":
    unittest.main()

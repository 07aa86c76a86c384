"""A plugin that no plugin folder has, taken from its own folder through the control plane."""

import json
import shutil
import unittest

from host import BUILD, HostTest, STREAM

HELLO = BUILD / "tests" / "packages" / "hello"


class Newcomer(HostTest):
    def elsewhere(self):
        folder = self.root / "elsewhere" / "hello"
        shutil.copytree(HELLO, folder)
        return folder

    def known(self, host):
        return [plugin["id"] for plugin in host.control("GET", "/v1/plugins").json["plugins"]]

    def test_a_swap_from_its_folder_starts_it_and_a_restart_remembers_it(self):
        host = self.running()
        folder = self.elsewhere()
        self.assertEqual(host.get("/hello/ada").status, 404)
        answer = host.swap("hello", folder)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual((answer.json["from"], host.plugin("hello")["state"]), ("", "running"))
        self.assertEqual(host.plugin("hello")["folder"], str(folder))
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.operate("rollback", "hello").status, 404)
        self.assertEqual(host.stop(), 0)
        host.start()
        host.wait("it is back", lambda: host.get("/hello/ada").status == 200)
        self.assertEqual(host.operate("disable", "hello").status, 200)
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("hello")["state"], "disabled")
        self.assertEqual(host.operate("enable", "hello").status, 200)
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.stop(), 0)

    def test_one_that_fails_leaves_nothing_behind(self):
        host = self.running()
        folder = self.elsewhere()
        generation = host.generation
        (folder / "hello.so").write_bytes(b"no library")
        answer = host.swap("hello", folder)
        self.assertEqual(answer.status, 403, answer.body)
        self.assertIn("sha256", answer.json["error"]["message"])
        self.assertEqual(self.known(host), ["stream"])
        self.assertEqual(host.control("GET", "/v1/plugins/hello").status, 404)
        self.assertEqual(host.operate("enable", "hello").status, 404)
        self.assertEqual((host.generation, host.get("/hello/ada").status), (generation, 404))
        self.assertFalse((host.root / "state" / "desired").exists())
        shutil.copytree(HELLO, folder, dirs_exist_ok=True)
        self.assertEqual(host.swap("hello", folder).status, 200)
        self.assertEqual(host.stop(), 0)

    def test_a_folder_of_another_plugin_is_none_of_it(self):
        host = self.running()
        folder = self.elsewhere()
        answer = host.swap("helo", folder)
        self.assertEqual(answer.status, 404)
        message = answer.json["error"]["message"]
        self.assertIn("no plugin 'helo'; installed: stream", message)
        self.assertIn('expected "helo", the name of the plugin\'s folder, got "hello"', message)
        self.assertEqual(self.known(host), ["stream"])
        self.assertEqual(host.swap("hello", self.root / "nowhere").status, 404)
        self.assertEqual(host.stop(), 0)

    def test_a_plan_shows_it_and_takes_nothing_and_apply_does(self):
        host = self.running()
        folder = self.elsewhere()
        change = {"plugin": "hello", "swap": str(folder)}
        outlook = host.plan(change).json
        self.assertTrue(outlook["feasible"], outlook)
        self.assertEqual((outlook["changes"][0]["from"], outlook["changes"][0]["to"]), ("", "0.1.0"))
        self.assertEqual(self.known(host), ["stream"])
        answer = host.apply(change, generation=outlook["generation"])
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.known(host), ["hello", "stream"])
        self.assertEqual(host.get("/hello/ada").status, 200)
        self.assertEqual(host.stop(), 0)

    def test_one_that_was_switched_off_before_it_was_taken_away_runs_when_it_is_swapped_in(self):
        host = self.running(plugins=(STREAM, HELLO))
        self.assertEqual(host.operate("disable", "hello").status, 200)
        self.assertEqual(host.stop(), 0)
        shutil.rmtree(host.plugins / "hello")
        host.start()
        self.assertEqual(self.known(host), ["stream"])
        self.assertEqual(host.swap("hello", self.elsewhere()).status, 200)
        self.assertTrue(host.plugin("hello")["wanted"])
        self.assertEqual(host.stop(), 0)

    def test_a_build_number_belongs_to_the_package_alone(self):
        host = self.running(plugins=(STREAM, HELLO))
        folder = self.elsewhere()
        manifest = json.loads((folder / "plugin.json").read_text())
        manifest["version"] += "+3"
        (folder / "plugin.json").write_text(json.dumps(manifest))
        answer = host.swap("hello", folder)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["to"], manifest["version"])
        self.assertEqual(host.plugin("hello")["version"], manifest["version"])
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()

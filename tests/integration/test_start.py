"""What the operator mistyped or the machine refuses: one line that names file, key, value and remedy, exit code 2."""

import os
import pathlib
import socket
import stat
import unittest

from host import Host, HostTest, STREAM, misbehaving


class RefusesToStart(HostTest):
    def refuses(self, *parts, config=None, options=(), host=None):
        code, said = (host or self.host(config=config, options=options)).refuse()
        self.assertEqual(code, 2, said)
        for part in parts:
            self.assertIn(part, said)
        return said

    def test_broken_yaml_names_file_and_line(self):
        self.refuses("revenge.yaml:", "broken YAML", config="http:\n  port: [80\n")

    def test_wrong_type_names_key_expected_and_got(self):
        self.refuses('revenge.yaml:2: http.io_threads: expected an integer from 0 to 256, got "80a"',
                     config="http:\n  io_threads: 80a\n")

    def test_unknown_key_suggests_the_right_one(self):
        self.refuses("revenge.yaml:2", "http.io_thread", "did you mean io_threads", config="http:\n  io_thread: 2\n")

    def test_duplicate_key_is_refused_with_its_line(self):
        self.refuses("revenge.yaml:3", "http", "first in line 1", config="http:\n  port: 1\nhttp:\n  port: 2\n")

    def test_a_wrong_variable_names_itself_key_expected_and_got(self):
        host = self.host()
        host.environment = {"REVENGE_HTTP__IO_THREADS": "abc"}
        self.refuses('REVENGE_HTTP__IO_THREADS: http.io_threads: expected an integer from 0 to 256, got "abc"', host=host)

    def test_ten_mebibytes_of_configuration_are_refused(self):
        self.refuses("revenge.yaml", config="log: {level: \"" + "a" * (10 << 20) + "\"}\n")

    def test_missing_configuration_file_is_named(self):
        host = self.host()
        host.config.unlink()
        self.refuses("revenge.yaml", host=host)

    def test_port_in_use_names_address_and_remedy(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        self.refuses("127.0.0.1", str(port), "already in use", "choose another", options=[f"http.port={port}"])

    def test_unwritable_folder_names_the_key(self):
        os.chmod(self.root, 0o755)
        locked = self.root / "locked"
        locked.mkdir(mode=0o555)
        host = self.host(options=[f"host.state_dir={locked}"])
        if os.geteuid() == 0:
            host.user = 65534
            os.chmod(host.config, 0o644)
            os.chmod(host.root, 0o755)
            for folder in ("cache", "run"):
                (host.root / folder).mkdir()
                os.chown(host.root / folder, 65534, 65534)
        self.refuses("host.state_dir", str(locked), host=host)

    def test_unknown_option_points_to_help(self):
        host = self.host()
        command = host.command()
        host.command = lambda: command + ["--prot", "1"]
        self.refuses("--prot", "--help", host=host)


class StartsAllTheSame(HostTest):
    def test_layers_beside_the_file_and_variables_reach_a_plugin(self):
        host = self.host(plugins=(misbehaving("answers-nothing"),))
        (host.root / "revenge.local.yaml").write_text("log: {level: debug}\n")
        (host.root / "revenge.d").mkdir()
        (host.root / "revenge.d" / "1.yaml").write_text("plugins: {answers-nothing: {change: x}}\n")
        host.environment = {"REVENGE_PLUGINS__ANSWERS_NOTHING__CHANGE": "1"}
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.terminate)
        self.assertEqual(host.plugin("answers-nothing")["state"], "running")
        host.wait("the local layer's level is in force", lambda: " debug " in host.logged().lower())

    def test_missing_plugin_folder_is_reported_and_the_rest_serves(self):
        host = self.host()
        command = host.command()
        host.command = lambda: command + ["--plugins", str(self.root / "nowhere")]
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.terminate)
        self.assertEqual(host.plugin("stream")["state"], "running")
        host.wait("the folder is named", lambda: str(self.root / "nowhere") in host.logged())

    def test_bad_section_costs_only_its_plugin(self):
        host = self.host(config="plugins:\n  stream:\n    rescan: 5\n").start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.terminate)
        view = host.plugin("stream")
        self.assertEqual(view["state"], "refused")
        self.assertIn("revenge.yaml:3", view["note"])
        self.assertIn("did you mean rescan_s", view["note"])
        self.assertEqual(host.get("/health/ready").status, 200)

    def test_wrong_sha256_is_refused_by_name(self):
        host = self.host()
        manifest = host.plugins / "stream" / "plugin.json"
        text = manifest.read_text()
        at = text.index('"sha256"') + len('"sha256": "')
        manifest.write_text(text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:])
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.terminate)
        view = host.plugin("stream")
        self.assertEqual(view["state"], "refused")
        self.assertIn("sha256", view["note"])

    def test_truncated_library_is_refused_and_the_host_lives(self):
        host = self.host()
        library = host.plugins / "stream" / "stream.so"
        manifest = host.plugins / "stream" / "plugin.json"
        manifest.write_text("\n".join(line for line in manifest.read_text().splitlines() if '"sha256"' not in line).replace(",\n}", "\n}"))
        with open(library, "r+b") as file:
            file.truncate(library.stat().st_size // 3)
        host.start()
        self.addCleanup(host.end)
        self.addCleanup(host.process.terminate)
        self.assertEqual(host.plugin("stream")["state"], "refused")
        self.assertEqual(host.get("/health/live").status, 200)


if __name__ == "__main__":
    unittest.main()

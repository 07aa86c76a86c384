"""What revengectl doctor says of an installation, with and without a host that runs."""

import json
import os
import signal
import socket
import subprocess
import unittest

from host import BUILD, HostTest, PATIENCE, STREAM

MOUNTS = "-m" if os.geteuid() == 0 else "-Urm"  # root needs no user namespace, which a chroot refuses


class DoctorTest(HostTest):
    def examine(self, host, *before, config=None, code=None):
        """The findings by what was looked at, of the installation as `host` would start with it."""
        ran = subprocess.run([*before, str(BUILD / "bin" / "revenge"), "--doctor", *host.command()[1:]],
                             capture_output=True, text=True, timeout=PATIENCE, cwd=host.root)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return self.by_check(ran.stdout)

    def by_check(self, text):
        found = {}
        for finding in json.loads(text)["findings"]:
            self.assertEqual(bool(finding["remedy"]), finding["grade"] != "ok", finding)
            found.setdefault(finding["check"], []).append(finding)
        return found

    def only(self, found, check, grade, *parts):
        self.assertEqual([finding["grade"] for finding in found[check]], [grade], found[check])
        for part in parts:
            self.assertIn(part, json.dumps(found[check][0]))

    def ctl(self, host, *words):
        ran = subprocess.run([str(BUILD / "bin" / "revengectl"), "doctor", *words], capture_output=True, text=True,
                             timeout=PATIENCE * 2, cwd=host.root,
                             env={**os.environ, "REVENGE_SOCKET": str(host.root / "run" / "revenge.sock")})
        return ran.returncode, ran.stdout, ran.stderr


class Doctor(DoctorTest):
    def test_a_sound_installation_has_no_problem(self):
        host = self.host()
        found = self.examine(host)
        self.only(found, "package stream", "ok", "0.1.0")
        self.assertNotIn("problem", json.dumps(found))
        self.only(found, "control socket", "ok", "no host runs")

    def test_a_running_host_answers_itself(self):
        host = self.running()
        code, out, err = host.ctl("doctor")
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("runs", out)
        self.assertIn("replaced instances", out)

    def test_configuration_manifest_library_and_folder_are_named_with_file(self):
        host = self.host(config="http: {prot: 80}\n")
        self.only(self.examine(host), "configuration", "problem", "revenge.yaml:1", "did you mean")
        host = self.host(config="plugins: {stream: {rescan: 5}}\n")
        self.only(self.examine(host), "package stream", "problem", "revenge.yaml:1", "rescan_s")
        host = self.host()
        library = host.plugins / "stream" / "stream.so"
        library.write_bytes(library.read_bytes()[:1000])
        self.only(self.examine(host), "package stream", "problem", "stream.so")
        (host.plugins / "stream" / "plugin.json").write_text("{")
        self.only(self.examine(host), "package stream", "problem", "plugin.json")

    def test_a_folder_that_cannot_be_written_is_a_problem(self):
        host = self.host()
        (host.root / "state").write_text("no folder")
        self.only(self.examine(host), "host.state_dir", "problem", "is no folder")
        (host.root / "state").unlink()
        for folder in (self.root, host.root):
            os.chmod(folder, 0o755)
        nobody = ("setpriv", "--reuid=65534", "--clear-groups") if os.geteuid() == 0 else ()
        os.chmod(host.root, 0o555)
        self.only(self.examine(host, *nobody), "host.state_dir", "problem", "not writable", "host.state_dir")
        os.chmod(host.root, 0o755)

    def test_a_port_in_use_names_who_has_it(self):
        taken = socket.socket()
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        host = self.host(options=[f"http.port={taken.getsockname()[1]}"])
        self.only(self.examine(host), "http.port", "problem", str(os.getpid()))

    def test_few_open_files_are_a_warning(self):
        found = self.examine(self.host(), "prlimit", "--nofile=512:512")
        self.only(found, "open files", "warning", "512", "LimitNOFILE")

    def test_W6_names_the_mount_and_the_remedy(self):
        host = self.host(config="log: {level: info}\n")
        script = f'cd {host.root}; cp revenge.yaml other.yaml; mount --bind other.yaml revenge.yaml; exec "$@"'
        found = self.examine(host, "unshare", MOUNTS, "--propagation", "private", "sh", "-ec", script, "sh")
        self.only(found, "mounts", "warning", str(host.config), "mount the directory", str(host.root))

    def test_a_cache_without_exec_loads_no_plugin(self):
        host = self.host()
        script = f'cd {host.root}; mkdir cache; mount -t tmpfs -o noexec none cache; exec "$@"'
        found = self.examine(host, "unshare", MOUNTS, "--propagation", "private", "sh", "-ec", script, "sh")
        self.only(found, "host.cache_dir", "problem", "noexec", "host.cache_dir")

    def test_a_host_that_hangs_is_a_problem_and_the_rest_is_examined_all_the_same(self):
        host = self.running()
        host.process.send_signal(signal.SIGSTOP)
        try:
            code, out, err = self.ctl(host, "--timeout", "1", "--json")
        finally:
            host.process.send_signal(signal.SIGCONT)
        self.assertEqual((code, err), (1, ""))
        found = self.by_check(out)
        self.only(found, "host", "problem", "did not answer within 1 s")
        self.assertIn("membarrier", found)

    def test_a_host_that_was_killed_leaves_a_stale_socket(self):
        host = self.running()
        host.process.kill()
        host.end()
        self.only(self.examine(host), "control socket", "warning", "stale")

    def test_the_files_of_a_running_host_are_examined_as_they_are_now(self):
        host = self.running(options=["config.watch=false"])
        host.config.write_text("http: {prot: 80}\n")
        code, out, _ = host.ctl("doctor", "--json")
        self.assertEqual(code, 1)
        self.only(self.by_check(out), "configuration", "problem", "what was in force before stays")


if __name__ == "__main__":
    unittest.main()

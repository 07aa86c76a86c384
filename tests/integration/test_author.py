"""The author's side, from an installed SDK alone: a new plugin, its tests, and `revenge dev` against a running host."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from host import BUILD, Host, SANITIZED

PATIENCE = 240  # seconds, of which compilers may need most; a deadline, never a wait
SEPARATOR = re.compile(r'greeting_ \+ ".*?" \+')


class Dev:
    """`revenge dev`, and the lines that it says."""

    def __init__(self, prefix, folder, *options, environment=None):
        self.process = subprocess.Popen([str(prefix / "bin" / "revenge"), "dev", *map(str, options)], cwd=folder, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env={**os.environ, **(environment or {})})
        self.lines = []
        self.seen = 0  # lines that were asked for already
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.lines.append(None)
            self.news.notify_all()

    def expect(self, pattern):
        """The next line that matches; those before it are passed over."""
        deadline = time.monotonic() + PATIENCE
        with self.news:
            while True:
                while self.seen < len(self.lines):
                    line = self.lines[self.seen]
                    self.seen += 1
                    found = re.search(pattern, line) if line is not None else None
                    if found:
                        return found
                    if line is None:
                        raise AssertionError(f"it ended without '{pattern}':\n{self.said()}")
                if not self.news.wait(deadline - time.monotonic()):
                    raise AssertionError(f"not within {PATIENCE} s: '{pattern}'\n{self.said()}")

    def said(self):
        return "\n".join(line for line in self.lines if line is not None)

    def end(self, number=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.reader.join()
        self.process.stdout.close()
        return code


class Asking:
    """Asks without a pause; every answer that is no 200 is kept."""

    def __init__(self, host, path):
        self.host, self.path = host, path
        self.answers = 0
        self.failures = []
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        connection = self.host.connect()
        while not self.ending.is_set():
            try:
                connection.request("GET", self.path)
                response = connection.getresponse()
                body = response.read()
                if response.status != 200:
                    self.failures.append((response.status, body))
                self.answers += 1
            except Exception as failure:  # a broken connection is a failed request
                self.failures.append(repr(failure))
                break
        connection.close()

    def end(self):
        self.ending.set()
        self.thread.join()
        return self.failures


@unittest.skipIf(SANITIZED, "a plugin built outside the tree has no sanitizer's runtime to go with")
class Author(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="revenge-author-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        cls.prefix = cls.home / "prefix"
        cls.call("cmake", "--install", BUILD, "--component", "sdk", "--prefix", cls.prefix, cwd=cls.home)
        cls.revenge = cls.prefix / "bin" / "revenge"
        cls.call(cls.revenge, "new", "hello", cwd=cls.home)
        cls.folder = cls.home / "hello"
        cls.call("cmake", "--preset", "dev", cwd=cls.folder)
        cls.tested = cls.call("ctest", "--preset", "dev", cwd=cls.folder)
        cls.sources = {path.name: path.read_text() for path in cls.folder.iterdir() if path.is_file()}

    @staticmethod
    def call(*words, cwd):
        environment = {name: value for name, value in os.environ.items() if name != "CMAKE_PREFIX_PATH"}
        done = subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, timeout=PATIENCE * 2, env=environment)
        if done.returncode != 0:
            raise AssertionError(f"{words}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="revenge-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        for name, text in self.sources.items():
            if (self.folder / name).read_text() != text:
                (self.folder / name).write_text(text)

    def host(self, plugins=()):
        host = Host(self.root, plugins)
        self.started(host)
        return host

    def started(self, host):
        host.start()

        def end():
            if host.process.poll() is None:
                host.process.kill()
                host.end()

        self.addCleanup(end)

    def dev(self, *options, **more):
        dev = Dev(self.prefix, self.folder, *options, **more)
        self.addCleanup(dev.end, signal.SIGKILL)
        return dev

    def serving(self, host):
        dev = self.dev("--socket", host.socket)
        dev.expect(r"hello 0\.1\.0\+\d+ serving")
        return dev

    def patiently(self, what, condition, said):
        deadline = time.monotonic() + PATIENCE / 2
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"not in time: {what}\n{said()}")
            time.sleep(0.02)

    def separated(self, by):
        return SEPARATOR.sub(f'greeting_ + "{by}" +', self.sources["greeter.cpp"])

    def greeting(self, host):
        return host.get("/hello/ada").body.decode().split("ada")[0]

    def test_A1_the_three_commands_build_and_test_a_plugin(self):
        self.assertIn("100% tests passed", self.tested)
        self.assertTrue((self.folder / "build" / "plugins" / "hello" / "hello.so").exists())

    def test_A1_what_is_wrong_is_named(self):
        for words, code, text in ((["new", "hello"], 1, "'hello' exists and is not empty"),
                                  (["new", "Hello"], 2, "'Hello': a plugin's name has lower-case letters"),
                                  (["new"], 2, "expected: revenge new NAME"), (["new", "--x"], 2, "'--x': unknown option"),
                                  (["dev"], 1, "plugin.json: there is none"), (["dev", "--sokcet", "x"], 2, "'--sokcet': unknown option"),
                                  (["dev", "--set", "a=1"], 2, "it goes with --host"), (["nwe"], 2, "no such program; there are: check, dev, new, pack")):
            done = subprocess.run([str(self.revenge), *words], cwd=self.home, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, code, words)
            self.assertIn(text, done.stderr)

    def test_A2_every_way_of_saving_is_served_and_no_request_fails(self):
        host = self.host()
        dev = self.serving(host)
        dev.expect(r"info +hello +greeting")
        self.assertEqual(self.greeting(host), "Hello, ")
        asking = Asking(host, "/hello/ada")
        source = self.folder / "greeter.cpp"

        def in_place():
            source.write_text(self.separated("; "))

        def renamed():
            other = self.folder / "greeter.cpp.tmp"
            other.write_text(self.separated(": "))
            os.replace(other, source)

        def vim():
            (self.folder / "4913").touch()
            (self.folder / "4913").unlink()
            os.rename(source, self.folder / "greeter.cpp~")
            source.write_text(self.separated("! "))
            (self.folder / "greeter.cpp~").unlink()

        def unknown_temporary():
            other = self.folder / "sedAb12cd"
            other.write_text(self.separated(" - "))
            os.replace(other, source)

        number = None
        for save, expected in ((in_place, "Hello; "), (renamed, "Hello: "), (vim, "Hello! "), (unknown_temporary, "Hello - ")):
            save()
            line = dev.expect(r"^  greeter\.cpp changed · built \d+\.\d s · hello 0\.1\.0\+(\d+) serving after \d+ ms$")
            self.assertEqual(self.greeting(host), expected)
            self.assertTrue(number is None or int(line[1]) == number + 1)
            number = int(line[1])
            self.assertEqual(host.plugin("hello")["version"], f"0.1.0+{number}")
            dev.expect(rf'greeting version="0\.1\.0\+{number}"')
        self.assertEqual(asking.end(), [])
        self.assertGreater(asking.answers, 0)
        self.assertIn('"version": "0.1.0"', (self.folder / "plugin.json").read_text())
        self.assertEqual(dev.end(), 0)
        self.assertEqual(self.greeting(host), "Hello - ", "the last good version stays")
        self.assertIn("without it: revengectl disable hello --socket", dev.said())
        self.assertEqual(host.stop(), 0, host.logged())

    def test_A2_an_error_is_shown_and_the_old_version_serves_until_a_fix(self):
        host = self.host()
        dev = self.serving(host)
        asking = Asking(host, "/hello/ada")
        source = self.folder / "greeter.cpp"
        source.write_text(self.separated("; ") + 'int wrong = "text";\n')
        dev.expect(r"greeter\.cpp:\d+:\d+: error: invalid conversion")
        dev.expect(r"^  greeter\.cpp changed · build failed after \d+\.\d s · hello 0\.1\.0\+\d+ goes on serving$")
        self.assertEqual(self.greeting(host), "Hello, ")
        source.write_text(self.separated("; "))
        dev.expect(r"greeter\.cpp changed · built .* serving")
        self.assertEqual(self.greeting(host), "Hello; ")
        (self.folder / "CMakeLists.txt").write_text(self.sources["CMakeLists.txt"] + "no_such_command()\n")
        dev.expect("Unknown CMake command")
        dev.expect(r"CMakeLists\.txt changed · build failed .* goes on serving")
        (self.folder / "CMakeLists.txt").write_text(self.sources["CMakeLists.txt"])
        dev.expect(r"CMakeLists\.txt changed · built .* the package is the same")
        self.assertEqual(asking.end(), [])
        self.assertEqual(dev.end(), 0)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_A2_plugin_json_counts_and_what_the_host_refuses_is_told_with_its_reason(self):
        shutil.copytree(self.folder / "build" / "plugins" / "hello", self.root / "installed" / "hello")
        host = self.host([self.root / "installed" / "hello"])
        dev = self.serving(host)
        manifest = self.folder / "plugin.json"
        manifest.write_text(self.sources["plugin.json"].replace('"0.1.0"', '"0.2.0"'))
        dev.expect(r"plugin\.json changed · built .* · hello 0\.2\.0\+\d+ serving")
        self.assertRegex(host.plugin("hello")["version"], r"^0\.2\.0\+\d+$")
        manifest.write_text(self.sources["plugin.json"].replace('"abi": 1', '"abi": 1, "nonsense": 2'))
        dev.expect(r"plugin\.json changed · built .* · hello 0\.1\.0\+\d+ refused · hello 0\.2\.0\+\d+ goes on serving")
        dev.expect(r"plugin\.json:\d+: nonsense")
        self.assertRegex(host.plugin("hello")["version"], r"^0\.2\.0\+\d+$")
        self.assertEqual(dev.end(), 0)
        back = re.search(r"back to 0\.1\.0: revengectl (.*)", dev.said())[1]
        subprocess.run([str(self.prefix / "bin" / "revengectl"), *back.split()], check=True, capture_output=True, timeout=PATIENCE)
        self.assertEqual(host.plugin("hello")["version"], "0.1.0")
        self.assertEqual(host.stop(), 0, host.logged())

    def test_A2_a_host_that_is_killed_is_told_of_and_served_again(self):
        host = self.host()
        dev = self.serving(host)
        host.process.kill()
        host.end()
        dev.expect(r"the host at .* has gone")
        (self.folder / "greeter.cpp").write_text(self.separated("; "))
        dev.expect(r"greeter\.cpp changed · built .* waits for a host")
        self.started(host)
        dev.expect(r"the host at .* is there")
        dev.expect(r"hello 0\.1\.0\+\d+ serving")
        self.assertEqual(self.greeting(host), "Hello; ")
        version = host.plugin("hello")["version"]
        host.process.kill()
        host.end()
        dev.expect(r"the host at .* has gone")
        self.started(host)
        dev.expect(r"the host at .* is there")
        host.wait("it runs what it ran", lambda: host.plugin("hello").get("state") == "running")
        self.assertEqual(host.plugin("hello")["version"], version)
        self.assertEqual(dev.end(), 0)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_A2_a_host_of_its_own_comes_and_goes_with_it(self):
        dev = self.dev("--host", "--set", "http.port=0")
        address = dev.expect(r"http://([\d.:]+)")[1]
        dev.expect(r"hello 0\.1\.0\+\d+ serving")
        done = subprocess.run(["curl", "-sf", f"http://{address}/hello/ada"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertTrue(done.stdout.startswith("Hello, ada"), done)
        self.assertEqual(dev.end(), 0)
        self.assertNotEqual(subprocess.run(["curl", "-sf", f"http://{address}/hello/ada"], capture_output=True, timeout=PATIENCE).returncode, 0)

    def test_A2_a_plugin_that_ends_its_host_is_no_more_than_a_bad_build(self):
        dev = self.dev("--host", "--set", "http.port=0")
        dev.expect(r"hello 0\.1\.0\+\d+ serving")
        source = self.folder / "greeter.cpp"
        source.write_text("#include <cstdlib>\n" + self.sources["greeter.cpp"].replace("since_(clock_()) {}", "since_(clock_()) { std::abort(); }"))
        dev.expect(r"the host has ended with code 134")
        source.write_text(self.separated("; "))
        address = dev.expect(r"http://([\d.:]+)")[1]
        dev.expect(r"hello 0\.1\.0\+\d+ serving")
        done = subprocess.run(["curl", "-sf", f"http://{address}/hello/ada"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertTrue(done.stdout.startswith("Hello; ada"), done)
        self.assertEqual(dev.end(), 0)

    def test_A4_a_debugger_stops_in_the_copy_that_is_mapped(self):
        self.call("cmake", "--build", "--preset", "dev", cwd=self.folder)  # of the sources as they are now
        host = Host(self.root, [self.folder / "build" / "plugins" / "hello"])
        script = ["set breakpoint pending on", "handle all nostop noprint pass", "break hello::Greeter::greet", "run",
                  "backtrace", "info sharedlibrary hello", "delete", "continue"]
        # Before the program is read: symbols are looked for in its files alone.
        command = ["gdb", "-nx", "-q", "-batch", "-iex", "set debuginfod enabled off", *(word for line in script for word in ("-ex", line)),
                   "--args", *host.command()]
        # Of a session of its own: a terminal that it shared would stop it when it takes and gives it.
        with open(self.root / "said", "w") as output:
            gdb = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        self.addCleanup(gdb.wait)
        self.addCleanup(gdb.kill)

        def said():
            return (self.root / "said").read_text(errors="replace")

        begun = re.compile(r"^revenge \S+ +http://(\S+)", re.MULTILINE)
        self.patiently("the host serves under gdb", lambda: begun.search(said()) or gdb.poll() is not None, said)
        self.assertIsNone(gdb.poll(), said())
        host.address = begun.search(said())[1]
        self.assertTrue(host.get("/hello/ada").body.startswith(b"Hello, ada"))
        subprocess.run([str(self.prefix / "bin" / "revengectl"), "--socket", str(self.root / "run" / "revenge.sock"), "stop"], check=True,
                       capture_output=True, timeout=PATIENCE)
        gdb.wait(PATIENCE)
        self.assertRegex(said(), r'hit Breakpoint 1, hello::Greeter::greet.* \(this=.*0x[0-9a-f]+, name=.*"ada".*\) at .*:\d+')
        self.assertRegex(said(), r"#1 .*plugin\.cpp:\d+")
        self.assertRegex(said(), r"Yes +/.*/cache/loaded/run-.*/hello\.so")


if __name__ == "__main__":
    unittest.main()

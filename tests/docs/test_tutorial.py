"""docs/tutorial.md does what it says: each command, in its order, from an SDK that it installs."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import shutil
import unittest

import pages

sys.path.insert(0, str(pages.ROOT / "tests" / "integration"))
from host import BUILD, SANITIZED  # noqa: E402
from test_author import Dev, PATIENCE  # noqa: E402

BLOCK = re.compile(r"<!-- ([a-z-]+) -->\n```sh\n(.*?)```", re.DOTALL)
SAYS = {"save": r"greeter\.cpp changed · built \d+\.\d s · hello 0\.1\.0\+2 serving",
        "fail": r"greeter\.cpp changed · build failed after \d+\.\d s · hello 0\.1\.0\+2 goes on serving",
        "save-same": r"greeter\.cpp changed · built \d+\.\d s · (the package is the same|hello 0\.1\.0\+3 serving)"}


@unittest.skipIf(SANITIZED, "a plugin built outside the tree has no sanitizer's runtime to go with")
class Tutorial(unittest.TestCase):
    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="revenge-tutorial-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.folder = self.home
        self.environment = {**os.environ, "HOME": str(self.home)}
        (self.home / "build").mkdir()
        (self.home / "build" / "release").symlink_to(BUILD.resolve())

    def run_line(self, line, address):
        command, _, expected = line.partition("#")
        command = command.strip().replace("127.0.0.1:8096", address or "")
        if command.startswith("export PATH="):
            words = command.removeprefix("export PATH=").replace("$HOME", str(self.home))
            self.environment["PATH"] = words.replace("$PATH", self.environment["PATH"])
            return
        if command.startswith("cd "):
            self.folder = self.folder / command.removeprefix("cd ")
            return
        done = subprocess.run(command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=PATIENCE * 2)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
        if expected:
            pattern = re.sub(r"\d+", r"\\d+", re.escape(expected.strip()))
            self.assertRegex(done.stdout, rf"^{pattern}$")

    def test_every_command_does_what_is_said(self):
        text = pages.page("docs/tutorial.md")
        self.assertEqual(len(BLOCK.findall(text)), text.count("```sh"), "a block that no test runs")
        dev, address, kinds = None, None, []
        for kind, block in BLOCK.findall(text):
            kinds.append(kind)
            if kind == "background":
                self.assertEqual(block.split()[:2], ["revenge", "dev"])
                dev = Dev(self.home / "revenge", self.folder, *block.split()[2:], environment={**self.environment, "REVENGE_HTTP__PORT": "0"})
                self.addCleanup(dev.end, signal.SIGKILL)
                address = dev.expect(r"http://([\d.:]+)")[1]
                dev.expect(r"hello 0\.1\.0\+1 serving")
                continue
            for line in block.splitlines():
                self.run_line(line, address)
            if kind in SAYS:
                dev.expect(SAYS[kind])
        self.assertEqual(kinds, ["run", "run", "background", "run", "save", "run", "fail", "save-same", "run"])
        self.assertEqual(dev.end(), 0)


if __name__ == "__main__":
    unittest.main()

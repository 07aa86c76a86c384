"""A small checkout to plant violations in, and a check run on it as a person would."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

CHECKS = Path(__file__).resolve().parents[1]


class PlantedTest(unittest.TestCase):
    check = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "checkout"
        self.cache = Path(folder.name) / "cache"
        subprocess.run(["git", "init", "-q", self.root], check=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run_check(self, *options):
        """(exit code, lines)"""
        run = subprocess.run([sys.executable, CHECKS / f"{self.check}.py", "--root", self.root, *map(str, options)], text=True,
                             capture_output=True, env={"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(self.cache)})
        self.assertNotIn("Traceback", run.stderr)
        return run.returncode, (run.stdout + run.stderr).splitlines()

    def assert_passes(self, *options):
        self.assertEqual(self.run_check(*options), (0, []))

    def assert_finds(self, *texts, options=()):
        """Exactly one finding for each text, in the order of files and lines."""
        code, lines = self.run_check(*options)
        self.assertEqual(code, 1, lines)
        self.assertEqual(len(lines), len(texts), lines)
        for text, line in zip(texts, lines):
            self.assertIn(text, line)

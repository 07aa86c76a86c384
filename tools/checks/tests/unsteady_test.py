#!/usr/bin/env python3
"""What failed beside others and runs once more, by tools/steps.sh and a ctest that fails as it is told."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

STEPS = pathlib.Path(__file__).parents[2] / "steps.sh"
CTEST = """#!/usr/bin/env bash
printf '%s\\n' "$*" >>"$ROOT/calls"
[[ $* != *--rerun-failed* ]] || exit "$AGAIN"
[[ -n $FAILED ]] || exit 0
mkdir -p "$ROOT/build/release/Testing/Temporary"
number=0
for name in $FAILED; do printf '%d:%s\\n' $((++number)) "$name"; done >"$ROOT/build/release/Testing/Temporary/LastTestsFailed.log"
exit 8
"""
SCRIPT = """set -euo pipefail
source "$ROOT/tools/steps.sh"
run_tests release --parallel 2
printf 'unsteady: %s\\n' "${unsteady[@]}"
"""


class Unsteady(unittest.TestCase):
    def run_tests(self, *failed, again=0):
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (root / "tools").mkdir()
        shutil.copy(STEPS, root / "tools")
        (root / "ctest").write_text(CTEST)
        (root / "ctest").chmod(0o755)
        environment = {**os.environ, "ROOT": str(root), "FAILED": " ".join(failed), "AGAIN": str(again),
                       "PATH": f"{root}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", SCRIPT], env=environment, capture_output=True, text=True)
        return done.returncode, len((root / "calls").read_text().splitlines()), done.stdout

    def test_what_passes_runs_once(self):
        self.assertEqual(self.run_tests()[:2], (0, 1))

    def test_an_integration_test_that_fails_runs_once_more_and_is_named(self):
        code, calls, said = self.run_tests("integration.test_a", "integration.test_b")
        self.assertEqual((code, calls), (0, 2))
        self.assertIn("unsteady: release integration.test_a\nunsteady: release integration.test_b\n", said)

    def test_what_fails_again_fails(self):
        self.assertEqual(self.run_tests("integration.test_a", again=8)[:2], (1, 2))

    def test_other_tests_have_one_run(self):
        self.assertEqual(self.run_tests("integration.test_a", "Breaker.Opens")[:2], (1, 1))

    def test_three_have_one_run(self):
        self.assertEqual(self.run_tests("integration.a", "integration.b", "integration.c")[:2], (1, 1))


if __name__ == "__main__":
    unittest.main()

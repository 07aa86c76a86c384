#!/usr/bin/env python3
"""The table of cases in the README names tests that exist, and every test that is named after a case stands in it."""

import pathlib
import re
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
ROW = re.compile(r"^\| ([A-F]\d+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"TEST(?:_F|_P)?\((\w+),\s*(\w+)\)")
CASE = re.compile(r"(?:^|_)([A-F]\d+)(?=_)")


def named():
    """Each case, and the tests of the README's row."""
    rows = ROW.findall((FOLDER.parent / "README.md").read_text())
    return {case: set(re.findall(r"`([\w.]+)`", tests)) for case, tests in rows}


def written():
    """The same by the names of the tests."""
    cases = {}
    for file in FOLDER.rglob("*_test.cpp"):
        for suite, name in TEST.findall(file.read_text()):
            for case in CASE.findall(name):
                cases.setdefault(case, set()).add(f"{suite}.{name}")
    return cases


class Cases(unittest.TestCase):
    def test_the_table_is_what_the_tests_show(self):
        self.assertGreater(len(named()), 70)
        self.assertEqual(named(), written())


if __name__ == "__main__":
    unittest.main()

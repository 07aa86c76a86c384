"""Each member of the zoo (tests/zoo/members.py) ends as the catalogue says, one message says why, and its neighbour serves
throughout."""

import dataclasses
import pathlib
import sys
import unittest

from host import HostTest, SANITIZED
from zoo_trial import Trial

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "zoo"))
import members  # noqa: E402


class ZooTest(HostTest):
    def started(self, host):
        """Starts it, and sees to its end."""
        host.start()

        def cleanup():
            if host.process.poll() is None:
                host.process.kill()
                host.end()

        self.addCleanup(cleanup)

    def repeated(self, member, times):
        return dataclasses.replace(member, lines=times)


def case(member):
    def test(self):
        Trial(self, member).run()
    return test


for group, of_group in members.members().items():
    cases = {"test_" + member.name.replace("-", "_"): case(member) for member in of_group if not (SANITIZED and member.sanitizer)}
    globals()[group.capitalize()] = type(group.capitalize(), (ZooTest,), cases)


class Catalogue(unittest.TestCase):
    def test_it_has_at_least_sixty_members_each_with_a_name_of_its_own(self):
        names = [member.name for member in members.every()]
        self.assertGreaterEqual(len(names), 60)
        self.assertEqual(len(set(names)), len(names))

    def test_each_says_what_people_are_told_and_who_finds_it(self):
        for member in members.every():
            with self.subTest(member.name):
                self.assertTrue(bool(member.words) != bool(member.quiet) or member.lines == 0, "a message, or why there is none")
                self.assertTrue(bool(member.row) != bool(member.no_row), "a row, or why there is none")


if __name__ == "__main__":
    unittest.main()

"""The SDKs that plugins were built with: nobody has edited them, and freezing twice makes the same bytes."""

import hashlib
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
ARCHIVES = sorted(HERE.glob("sdk-*.tar.gz"))


class FrozenSdk(unittest.TestCase):
    def test_each_has_the_hash_that_was_written_down(self):
        self.assertTrue(ARCHIVES)
        for archive in ARCHIVES:
            hash, name = (HERE / f"{archive.name}.sha256").read_text().split()
            self.assertEqual((name, hash), (archive.name, hashlib.sha256(archive.read_bytes()).hexdigest()))

    def test_each_names_neither_time_nor_owner_nor_the_folder_it_was_made_in(self):
        for archive in ARCHIVES:
            with tarfile.open(archive) as content:
                members = content.getmembers()
                self.assertEqual([member.name for member in members], sorted(member.name for member in members))
                self.assertEqual({(member.mtime, member.uid, member.gid, member.uname) for member in members}, {(0, 0, 0, "")})
                for member in filter(tarfile.TarInfo.isfile, members):
                    self.assertNotIn(str(ROOT).encode(), content.extractfile(member).read(), member.name)

    def freeze(self, folder, *options):
        return subprocess.run([ROOT / "tools" / "freeze-sdk", *options], capture_output=True, text=True,
                              env={**os.environ, "REVENGE_FROZEN": str(folder)})

    def test_freezing_twice_makes_the_same_bytes_and_never_by_accident(self):
        with tempfile.TemporaryDirectory() as folder:
            first = self.freeze(folder)
            self.assertEqual(first.returncode, 0, first.stderr)
            (archive,) = pathlib.Path(folder).glob("*.tar.gz")
            before = archive.read_bytes()
            again = self.freeze(folder)
            self.assertNotEqual(again.returncode, 0)
            self.assertIn("plugins were built with it", again.stderr)
            self.assertEqual(self.freeze(folder, "--replace").returncode, 0)
            self.assertEqual(archive.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()

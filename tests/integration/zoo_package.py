"""A member of the zoo as a folder: its built package as it is, or a copy of it that was spoilt as the catalogue says."""

import json
import os
import shutil
import socket

from host import BUILD


class Folder:
    """A package while it is spoilt. Each method is a word of the catalogue's `change`."""

    def __init__(self, path, id):
        self.path = path
        self.id = id

    @property
    def manifest(self):
        return self.path / "plugin.json"

    @property
    def library(self):
        return self.path / f"{self.id}.so"

    def elsewhere(self):
        """A file beside the package, with what the library holds."""
        other = self.path.parent.parent / f"{self.id}.elsewhere"
        other.write_bytes(self.library.read_bytes())
        return other

    def manifest_set(self, changed):
        held = json.loads(self.manifest.read_text())
        held.update(changed)
        self.manifest.write_text(json.dumps({key: value for key, value in held.items() if value is not None}))

    def manifest_is(self, content):
        self.manifest.write_bytes(content)

    def manifest_cut(self, length):
        self.manifest.write_bytes(self.manifest.read_bytes()[:length])

    def manifest_replace(self, old, new):
        held = self.manifest.read_bytes()
        assert old in held, held
        self.manifest.write_bytes(held.replace(old, new, 1))

    def manifest_sparse(self, size):
        with open(self.manifest, "ab") as file:
            file.truncate(size)

    def manifest_symlink(self):
        other = self.path.parent.parent / f"{self.id}.json"
        self.manifest.rename(other)
        self.manifest.symlink_to(other)

    def manifest_pipe(self):
        self.manifest.unlink()
        os.mkfifo(self.manifest)

    def library_absent(self):
        self.library.unlink()

    def library_folder(self):
        self.library.unlink()
        self.library.mkdir()

    def library_symlink(self):
        other = self.elsewhere()
        self.library.unlink()
        self.library.symlink_to(other)

    def library_hardlink(self):
        other = self.elsewhere()
        self.library.unlink()
        self.library.hardlink_to(other)

    def library_pipe(self):
        self.library.unlink()
        os.mkfifo(self.library)

    def library_socket(self):
        self.library.unlink()
        here = os.getcwd()
        os.chdir(self.path)  # the name of a socket may not be long
        try:
            with socket.socket(socket.AF_UNIX) as bound:
                bound.bind(self.library.name)
        finally:
            os.chdir(here)

    def library_is(self, content):
        self.library.write_bytes(content)

    def library_program(self):
        shutil.copyfile(BUILD / "bin" / "revengectl", self.library)

    def library_patch(self, offset, content):
        held = bytearray(self.library.read_bytes())
        held[offset:offset + len(content)] = content
        self.library.write_bytes(held)

    def library_replace(self, old, new):
        held = self.library.read_bytes()
        assert old in held, old
        self.library.write_bytes(held.replace(old, new))

    def library_cut(self, length):
        self.library.write_bytes(self.library.read_bytes()[:length])

    def data_symlink(self):
        (self.path / "data.txt").symlink_to("/etc/passwd")

    def data_hash(self):
        (self.path / "data.txt").write_text("rows")
        self.manifest_set({"files": {"data.txt": "0" * 64}})

    def data_unnamed(self):
        (self.path / "more.txt").write_text("more")
        self.manifest_set({"files": {}})

    def files(self, count):
        for number in range(count):
            (self.path / f"{number}.txt").touch()

    def folders(self, depth):
        (self.path / "/".join(["deeper"] * depth)).mkdir(parents=True)

    def second_folder(self):
        shutil.copytree(self.path, self.path.parent.parent / "more" / self.id)


def place(package, id, change, folder):
    """Puts the package below `folder`, under the name of its id."""
    built = BUILD / package
    path = folder / id
    shutil.copytree(built, path)
    if (path / f"{built.name}.so").exists() and built.name != id:
        (path / f"{built.name}.so").rename(path / f"{id}.so")
    made = Folder(path, id)
    for word, *arguments in change:
        getattr(made, word.replace("-", "_"))(*arguments)
    return made

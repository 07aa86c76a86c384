"""What the files of a package can be, beside what plugin.json says."""

from members import Member

LINK = "package.files"


def package(name, does, change, *words, row="package.files", **more):
    return Member(name, does, "refused", words, package="zoo/good", change=(("manifest-set", {"id": name}), change), row=row,
                  **more)


MEMBERS = [
    package("library-absent", "its library is not there", ("library-absent",), "holds no file"),
    package("library-folder", "its library is a folder", ("library-folder",), "no file"),
    package("library-symlink", "its library is a symbolic link out of the folder", ("library-symlink",), "a symbolic link"),
    package("library-hardlink", "its library has a second name elsewhere", ("library-hardlink",), "2 hard links"),
    package("library-pipe", "its library is a pipe", ("library-pipe",), "a pipe"),
    package("library-socket", "its library is a socket", ("library-socket",), "a socket"),
    package("manifest-symlink", "plugin.json is a symbolic link", ("manifest-symlink",), "a symbolic link", row="manifest.valid"),
    package("manifest-pipe", "plugin.json is a pipe", ("manifest-pipe",), "a pipe", row="manifest.valid"),
    package("data-symlink", "a further file is a symbolic link to /etc/passwd", ("data-symlink",), "a symbolic link"),
    package("files-endless", "it has 5000 files", ("files", 5000), "more than 4096 files"),
    package("folders-deep", "its folders are 40 deep", ("folders", 40), "16 folders deep"),
    package("hash-wrong", "its manifest names another sha256 than its library has", ("manifest-set", {"sha256": "0" * 64}), "0" * 64),
    package("hash-of-file-wrong", "its manifest names another sha256 than a further file has", ("data-hash",), "has", "data.txt"),
    package("file-unnamed", "a file is there that its manifest does not name", ("data-unnamed",), "more.txt"),
    package("file-missing", "a file that its manifest names is missing",
            ("manifest-set", {"files": {"lost.txt": "0" * 64}}), "lost.txt"),
    Member("unsigned", "it is not signed, where the operator trusts only what is", "refused", ("not signed",), package="zoo/good",
           plugin="good", options=("trust.keys=[RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3]", "trust.require=installed"),
           load="elsewhere", no_row="a signature is for the operator to ask for"),
    Member("two-folders", "two plugin folders have its id", "running", ("shadowed",), plugin="good", package="zoo/good",
           load="start", change=(("second-folder",),), no_row="a matter of where packages lie"),
    Member("overwritten", "its library is overwritten and cut while it is loaded", "running", plugin="good", package="zoo/good",
           deeds=(("cut-library",), ("serves",)), quiet="nothing happens: what is mapped is a private copy",
           no_row="a matter of what befalls a package"),
    Member("removed", "its folder is removed while it is loaded", "running", plugin="good", package="zoo/good",
           deeds=(("remove-package",), ("serves",)), quiet="nothing happens: what is mapped is a private copy",
           no_row="a matter of what befalls a package"),
]

"""What a library can be instead of one, or ask of the loader: told from its bytes, before any of its code runs."""

from members import Member


def bytes_(name, does, change, *words, **more):
    package = more.pop("package", "zoo/good")
    return Member(name, does, "refused", words, package=package, change=(("manifest-set", {"id": name}), change),
                  row="load.probe", **more)


def built(name, does, *words, state="refused", row="", **more):
    return Member(name, does, state, words, row=row, **more)


MEMBERS = [
    bytes_("library-empty", "its library has no bytes", ("library-is", b""), "not a shared"),
    bytes_("library-text", "its library is a text", ("library-is", b"#!/bin/sh\nexit 1\n"), "not a shared"),
    bytes_("library-program", "its library is a program", ("library-program",), "program"),
    bytes_("library-object", "its library is an object file", ("library-patch", 16, b"\x01"), "object file"),
    bytes_("library-core", "its library is a core dump", ("library-patch", 16, b"\x04"), "core"),
    bytes_("library-32-bit", "its library is one of 32 bits", ("library-patch", 4, b"\x01"), "32-bit"),
    bytes_("library-big-endian", "its library is big-endian", ("library-patch", 5, b"\x02"), "big-endian"),
    bytes_("library-aarch64", "its library is for another machine", ("library-patch", 18, b"\xb7\x00"), "aarch64", "x86_64"),
    bytes_("library-of-other-system", "its library is for another operating system", ("library-patch", 7, b"\x09"), "OS ABI 9"),
    bytes_("library-headers-wild", "its program headers lie behind the end", ("library-patch", 32, b"\xff\xff\xff\xff\x00\x00\x00\x00"),
           "program header"),
    bytes_("glibc-newer", "it needs a C library that is newer than the host's", ("library-replace", b"GLIBC_2.2.5", b"GLIBC_9.2.5"),
           "GLIBC_9.2.5", package="zoo/route-twice"),
    Member("library-cut", "its library ends early, at 17 lengths in turn", "refused", ("library-cut.so",), package="zoo/good",
           change=(("manifest-set", {"id": "library-cut"}), ("library-lengths", 17)), row="load.probe"),
    built("no-entry", "it does not export the entry", "does not export revenge_plugin_entry", row="symbols.entry"),
    built("entry-data", "its entry is a number", "is data", row="symbols.entry"),
    built("undefined", "it needs a function that nobody has", "nobody_has_this", row="load.probe"),
    built("needs-bundled", "it needs a library that it brings along", "not on the list of allowed libraries", row="elf.libraries"),
    built("rpath", "it carries an RPATH", "RPATH or RUNPATH '/opt/elsewhere'", row="elf.search-paths"),
    built("runpath", "it carries a RUNPATH", "RPATH or RUNPATH '/opt/elsewhere'", row="elf.search-paths"),
    built("audit", "it asks the loader to call another library (DT_AUDIT)", "DT_AUDIT '/opt/elsewhere/audit.so'", row="elf.search-paths"),
    built("filter", "its symbols are to come from another library (DT_FILTER)", "DT_FILTER 'elsewhere.so'", row="elf.search-paths"),
    built("nodlopen", "it may not be opened", "NOOPEN", row="elf.mapping"),
    built("execstack", "it wants an executable stack", "executable stack", row="elf.mapping"),
    built("textrel", "it has text relocations", "text relocations", row="elf.mapping"),
    built("nodelete", "it may not be unmapped", "NODELETE", state="retired", row="elf.mapping", deeds=(("disable",),), lines=2),
    built("static-tls", "it takes static thread-local storage", "STATIC_TLS", state="retired", row="elf.mapping", deeds=(("disable",),), lines=2),
    built("unique", "it has a GNU unique symbol", "GNU unique symbol", state="retired", row="symbols.unique", deeds=(("disable",),), lines=2),
    built("exports", "it exports its inner functions", "exports 2 symbols beside", state="running", row="symbols.only-entry"),
    built("ifunc", "its code runs while the loader relocates it", "IFUNC", state="running", row="elf.mapping",
          sanitizer="clang's linking leaves nothing of it to the loader"),
]

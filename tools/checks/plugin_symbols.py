#!/usr/bin/env python3
"""Every built plugin exports the one entry symbol and nothing else, and no GNU_UNIQUE symbol, which would keep glibc
from ever unmapping it."""

import subprocess
import sys
from pathlib import Path

import tree
from tree import Problem

ENTRY = "revenge_plugin_entry"


def exported(library):
    """(name, type letter of nm) of each dynamic symbol the library defines; 'u' is GNU_UNIQUE."""
    run = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", library], capture_output=True, text=True)
    if run.returncode:
        raise ValueError(run.stderr.strip().split("\n")[0] or "nm failed")
    return [(words[0].split("@")[0], words[1]) for words in (line.split() for line in run.stdout.splitlines()) if len(words) > 1]


def find_problems(sources, arguments):
    build = Path(arguments.build) if arguments.build else sources.root / "build" / "release"
    libraries = sorted((build / "plugins").glob("*/*.so"))
    if not libraries and not arguments.build:
        sys.exit(f"plugin_symbols: no plugin is built below {build}/plugins; tools/test builds them")
    problems = []
    for library in libraries:
        name = str(library.relative_to(build))
        try:
            symbols = exported(library)
        except ValueError as reason:
            problems.append(Problem(name, 0, str(reason)))
            continue
        if ENTRY not in (symbol for symbol, _ in symbols):
            problems.append(Problem(name, 0, f"does not export {ENTRY}"))
        for symbol, kind in symbols:
            if kind == "u":
                problems.append(Problem(name, 0, f"GNU_UNIQUE symbol {symbol}: glibc would never unmap the plugin; build it by revenge_add_plugin()"))
            elif symbol != ENTRY:
                problems.append(Problem(name, 0, f"exports {symbol}; a plugin exports {ENTRY} alone"))
    return problems


if __name__ == "__main__":
    tree.main(find_problems, __doc__, build={"help": "the build folder (default: build/release)"})

#!/usr/bin/env python3
"""Every C and C++ source is formatted as .clang-format says. Remedy: clang-format-19 -i FILE."""

import re
import subprocess

import tree
from tree import Problem

COMMAND = "clang-format-19"
FINDING = re.compile(r"^(?P<file>[^:\n]+):(?P<line>\d+):\d+: error: ", re.MULTILINE)


def find_problems(sources, _arguments):
    tree.version_of(COMMAND)
    names = sources.sources()
    handfuls = [names[start:start + 20] for start in range(0, len(names), 20)]

    def ask(handful):
        run = subprocess.run([COMMAND, "--dry-run", "-Werror", *handful], cwd=sources.root, capture_output=True, text=True)
        first = {}
        for hit in FINDING.finditer(run.stderr):
            first.setdefault(hit["file"], int(hit["line"]))
        if run.returncode and not first:
            return [Problem(".clang-format", 0, run.stderr.strip().split("\n")[0])]
        return [Problem(name, line, f"not formatted; {COMMAND} -i {name}") for name, line in first.items()]

    return tree.in_parallel(ask, handfuls)


if __name__ == "__main__":
    tree.main(find_problems, __doc__)

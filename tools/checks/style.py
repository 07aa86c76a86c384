#!/usr/bin/env python3
"""Rules of style a machine can hold: names that say nothing, work that was to be done before landing, paths of one
machine."""

import re
from pathlib import Path

import tree
from tree import Problem

NAMELESS = re.compile(r"(^|[_-])(utils?|helpers?|common|managers?|misc)($|[_.-])")
PATTERNS = (
    # Written so that this file does not find itself.
    (re.compile(r"TODO\(no[w]\)"), "to be done before it lands"),
    (re.compile(r"(?<![\w./~])/(work|home|root|Users)/[\w.]"), "a path of one machine; make it relative, or an argument"),
    (re.compile(r"(?<![\w./~])/tmp/[a-z]/[\w.]"), "a path of one machine; make it relative, or an argument"),
)


def find_problems(sources, _arguments):
    problems = []
    for name in sources.files():
        if NAMELESS.search(Path(name).name.lower()):
            problems.append(Problem(name, 0, "the name does not say what it is for; name it by its role"))
        if "\0" in sources.text(name):
            continue
        for number, line in enumerate(sources.text(name).split("\n"), 1):
            for pattern, text in PATTERNS:
                if pattern.search(line):
                    problems.append(Problem(name, number, f"{text}: {line.strip()[:80]}"))
    return problems


if __name__ == "__main__":
    tree.main(find_problems, __doc__)

#!/usr/bin/env python3
"""Every public header compiles alone: those of the boundary as C11 and as C++, the others as C++23. A header that
was seen to pass is asked again only when it, or one it includes, changes."""

import subprocess

import tree
from tree import Problem

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
C11 = ["gcc", "-std=c11", "-x", "c", *WARNINGS]
CXX_OLDEST = ["g++", "-std=c++11", "-x", "c++", *WARNINGS]  # a plugin's author may be behind us
CXX23 = ["g++", "-std=c++23", "-x", "c++", *WARNINGS]


def commands(name):
    if name.startswith("sdk/include/revenge/abi/"):
        return [C11, CXX_OLDEST]
    return [CXX23]


def find_problems(sources, _arguments):
    verdicts = tree.Verdicts("headers", tree.version_of("g++"), tree.version_of("gcc"))

    def compile_alone(name):
        include = name.removeprefix("sdk/include/").removeprefix("host/")
        problems = []
        for command in commands(name):
            key = verdicts.key(sources, name, *command)
            if verdicts.passed(key):
                continue
            # Through a line on stdin: compiled as a file, a header is a main file and #pragma once a warning.
            run = subprocess.run([*command, "-I", "sdk/include", "-I", "host", "-"], cwd=sources.root, text=True,
                                 input=f"#include <{include}>\nint not_empty;\n", capture_output=True)
            if run.returncode == 0:
                verdicts.remember(key)
                continue
            first = next((line for line in run.stderr.splitlines() if "error:" in line), run.stderr.strip()[:200])
            problems.append(Problem(name, 0, f"does not compile alone as {command[1].removeprefix('-std=')}: {first}"))
        return problems

    return tree.in_parallel(compile_alone, sources.sources("sdk/include", "host", suffixes=tree.HEADERS))


if __name__ == "__main__":
    tree.main(find_problems, __doc__)

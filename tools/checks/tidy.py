#!/usr/bin/env python3
"""clang-tidy with the checks of .clang-tidy, all of them errors. Looks at the sources that differ from the main
branch, or at all of them with --all; a source that was seen to pass is asked again only when it, or a header it
includes, changes."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

import tree
from tree import Problem

COMMAND = "clang-tidy-19"
FOLDERS = ("host", "plugins", "sdk", "tools")  # not tests: a test that trips over its own optional fails, as it should
UNKNOWN_TO_CLANG = ("-fno-gnu-unique",)
FOR_CLANG = ("-Wno-deprecated-declarations",)  # libstdc++ 12's stable_sort, see BuildFlags.cmake
FINDING = re.compile(r"^(?P<file>/[^:\n]+):(?P<line>\d+):\d+: (?:error|warning): (?P<text>.*)$", re.MULTILINE)


def compile_commands(sources, build):
    """source -> its entry with a command that clang reads; of the sources in FOLDERS."""
    path = os.path.join(build, "compile_commands.json")
    if not os.path.exists(path):
        sys.exit(f"tidy: {path} is missing; tools/test makes it")
    with open(path) as text:
        entries = json.load(text)
    commands = {}
    for entry in entries:
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), sources.root)
        if name.split("/")[0] in FOLDERS and "/tests/" not in name and name in sources.known():
            words = [word for word in shlex.split(entry["command"]) if word not in UNKNOWN_TO_CLANG]
            commands.setdefault(name, {**entry, "command": shlex.join([*words, *FOR_CLANG])})
    return commands


def changed(sources):
    """Files that differ from where this branch left main, committed or not."""
    def git(*words):
        return subprocess.run(["git", "-C", sources.root, *words], capture_output=True, text=True).stdout.split("\n")

    base = next(filter(None, (git("merge-base", "HEAD", branch)[0] for branch in ("origin/main", "main"))), "HEAD")
    return set(git("diff", "--name-only", base)) | set(git("ls-files", "--others", "--exclude-standard"))


def find_problems(sources, arguments):
    build = arguments.build or str(sources.root / "build" / "release")
    commands = compile_commands(sources, build)
    verdicts = tree.Verdicts("tidy", tree.version_of(COMMAND), sources.text(".clang-tidy"))
    if not (arguments.all or os.environ.get("CI")):
        differing = changed(sources)
        commands = {name: c for name, c in commands.items() if differing.intersection(sources.closure(name))}

    readable = tempfile.TemporaryDirectory()
    with open(os.path.join(readable.name, "compile_commands.json"), "w") as out:
        json.dump(list(commands.values()), out)

    def ask(name):
        # The flags, not the folders of this checkout, decide; so the memory holds for every checkout.
        flags = [word for word in shlex.split(commands[name]["command"]) if word.startswith(("-D", "-W", "-f", "-O", "-std="))]
        key = verdicts.key(sources, name, *flags)
        if verdicts.passed(key):
            return []
        # From the root: which headers count, clang-tidy reads from the .clang-tidy above its working folder.
        run = subprocess.run([COMMAND, "-p", readable.name, "--quiet", str(sources.root / name)],
                             cwd=sources.root, capture_output=True, text=True)
        if run.returncode == 0:
            verdicts.remember(key)
            return []
        found = [Problem(os.path.relpath(hit["file"], sources.root), int(hit["line"]), hit["text"])
                 for hit in FINDING.finditer(run.stdout)]
        return found or [Problem(name, 0, (run.stderr.strip() or f"{COMMAND} failed").split("\n")[-1])]

    with readable:
        return tree.in_parallel(ask, sorted(commands))


if __name__ == "__main__":
    tree.main(find_problems, __doc__,
              all={"action": "store_true", "help": "every source, not only what differs from main (CI: always)"},
              build={"help": "the build folder with compile_commands.json (default: build/release)"})

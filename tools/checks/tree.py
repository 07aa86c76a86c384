"""The tree of sources as the checks see it: which files there are, what they include, and how a finding is told."""

import argparse
import hashlib
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SOURCES = (".h", ".hpp", ".c", ".cpp")
HEADERS = (".h", ".hpp")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    file: str  # relative to the root
    line: int  # 0: the file as a whole
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass(frozen=True)
class Include:
    line: int
    quoted: bool
    name: str


class Tree:
    """A git checkout. Files that git ignores do not exist here; files not yet added do."""

    def __init__(self, root):
        self.root = Path(root).resolve()

    @lru_cache(maxsize=None)
    def files(self):
        listed = subprocess.run(
            ["git", "-C", self.root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode(errors="surrogateescape")
        return tuple(sorted(name for name in listed.split("\0") if name and (self.root / name).is_file()))

    def sources(self, *folders, suffixes=SOURCES):
        prefixes = tuple(folder + "/" for folder in folders)
        return [name for name in self.files() if name.endswith(suffixes) and (not folders or name.startswith(prefixes))]

    @lru_cache(maxsize=None)
    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    @lru_cache(maxsize=None)
    def includes(self, name):
        text = self.text(name)
        return tuple(Include(text.count("\n", 0, hit.start()) + 1, hit[1] == '"', hit[2]) for hit in INCLUDE.finditer(text))

    def resolve(self, name, include):
        """The file of this tree that an include of `name` means, or None for one of the system."""
        parent = os.path.dirname(name)
        for folder in (parent, "host", "sdk/include", "tests", plugin_folder(name)):
            candidate = os.path.normpath(os.path.join(folder, include.name)) if folder is not None else None
            if candidate in self.known():
                return candidate
        return None

    @lru_cache(maxsize=None)
    def known(self):
        return frozenset(self.files())

    def closure(self, name):
        """`name` and every file of this tree it includes, however deep."""
        seen, open_names = set(), [name]
        while open_names:
            current = open_names.pop()
            if current not in seen:
                seen.add(current)
                open_names += filter(None, (self.resolve(current, include) for include in self.includes(current)))
        return sorted(seen)


def plugin_folder(name):
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] == "plugins" and len(parts) > 2 else None


class Verdicts:
    """Remembers what passed, by the hash of everything the answer depends on, so that a second run asks only
    about what changed. Entries nobody asked for in 30 days go."""

    def __init__(self, check, *ingredients):
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.folder = Path(base) / "revenge" / "checks" / check
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ingredients = "\0".join(map(str, ingredients))
        for entry in self.folder.iterdir():
            if entry.stat().st_mtime < time.time() - 30 * 86400:
                entry.unlink(missing_ok=True)

    def key(self, tree, name, *extra):
        digest = hashlib.sha256("\0".join((self.ingredients, *extra)).encode())
        for part in tree.closure(name):
            digest.update(f"\0{part}\0{tree.text(part)}".encode(errors="surrogateescape"))
        return digest.hexdigest()

    def passed(self, key):
        entry = self.folder / key
        if entry.exists():
            os.utime(entry)
            return True
        return False

    def remember(self, key):
        (self.folder / key).touch()


def version_of(command):
    """The first line of COMMAND --version; ends the check when the command is missing."""
    try:
        return subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except FileNotFoundError:
        sys.exit(f"{Path(sys.argv[0]).name}: {command} is missing; tools/setup build test installs it")


def in_parallel(function, items):
    with ThreadPoolExecutor(int(os.environ.get("REVENGE_JOBS", 0)) or os.cpu_count()) as pool:
        return [problem for problems in pool.map(function, items) for problem in problems]


def main(find_problems, description, **options):
    """The command line all checks share: finds the problems, prints a line for each, exits 1 when there is one."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2], help="the checkout to look at")
    for name, settings in options.items():
        parser.add_argument("--" + name, **settings)
    arguments = parser.parse_args()
    problems = sorted(set(find_problems(Tree(arguments.root), arguments)), key=lambda p: (p.file, p.line, p.text))
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)

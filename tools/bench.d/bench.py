"""tools/bench: runs the rows of one suite and reports them."""

import argparse
import importlib
import pkgutil
import re
import sys
import tempfile
from pathlib import Path

import report
import suites
from figures import Unmeasured
from process import Failed

ROOT = Path(__file__).resolve().parents[2]


class Bench:
    """What a row is given: where the checkout and its release build are, and a folder that ends with the run."""

    def __init__(self, folder):
        self.root, self.build, self.folder = ROOT, ROOT / "build" / "release", folder

    def fresh_folder(self):
        return Path(tempfile.mkdtemp(dir=self.folder))

    def program(self, *parts):
        path = self.build.joinpath(*parts)
        if not path.exists():
            raise Failed(f"{path.relative_to(self.root)} is not built")
        return path


def main():
    names = sorted(found.name for found in pkgutil.iter_modules(suites.__path__))
    parser = argparse.ArgumentParser(prog="tools/bench")
    parser.add_argument("suite", nargs="?", default="spine", choices=names)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default="", metavar="REGEX", help="rows whose name matches")
    parser.add_argument("--list", action="store_true", help="names the rows and ends")
    arguments = parser.parse_args()

    rows = [(name, row) for name, row in importlib.import_module(f"suites.{arguments.suite}").ROWS if re.search(arguments.only, name)]
    if arguments.list:
        print("\n".join(name for name, _ in rows))
        return 0
    if not rows:
        sys.exit(f"bench: no row of '{arguments.suite}' matches '{arguments.only}'; tools/bench {arguments.suite} --list names them")
    telling = report.Programs() if arguments.json else report.People()
    telling.begin()
    verdicts = set()
    with tempfile.TemporaryDirectory(prefix="revenge-bench-") as folder:
        bench = Bench(folder)
        for name, row in rows:
            report.progress(name)
            try:
                figures = list(row(bench))
            except (Failed, OSError) as reason:
                figures = [Unmeasured(name, str(reason))]
            report.progress_done()
            for figure in figures:
                telling.show(figure)
                verdicts.add(figure.met if isinstance(figure, Unmeasured) else figure.verdict())
    return 2 if "not measured" in verdicts else 1 if "no" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
